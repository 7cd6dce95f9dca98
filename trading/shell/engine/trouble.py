"""The trouble phase: the stack asked what to do about a failure. It answers; we act."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.stack import StackRun
from core.stack.tick import Decision
from trading.shell.fetch import LOCKED_OUT

PHASE = "trouble"
HOUR = 3600
LOCKOUT = 900.0
"""Seconds that Kraken locks out for; who asks meanwhile is locked out for longer."""
MOST = 1000  # failures of a module that are counted
NEUTRAL: Mapping[str, Any] = {
    "error_class": "none",
    "attempt": 0,
    "idempotent": False,
    "seconds_since_first": 0.0,
    "failed_role": "none",
    "failures_in_hour": 0,
    "clones_running": 0,
    "budget_left": 0.0,
}
FAMILIES: tuple[tuple[str, str], ...] = (
    ("rate limit", "rate_limit"),
    (LOCKED_OUT, "lockout"),
    ("invalid nonce", "nonce"),
    ("insufficient", "funds"),
    ("permission denied", "permission"),
    ("invalid key", "permission"),
    ("invalid signature", "permission"),
    ("eservice", "busy"),
    ("unavailable", "busy"),
    ("busy", "busy"),
    ("invalid argument", "invalid_order"),
    ("eorder", "invalid_order"),
    ("timed out", "timeout"),
    ("timeout", "timeout"),
    ("no answer", "timeout"),
    ("no connection", "network"),
    ("cannot be reached", "network"),
    ("network", "network"),
)
"""Words of Kraken's errors and of the network's, and the class they mean; first match."""


def error_class(message: str) -> str:
    """The class of an error as the stack knows it."""
    text = message.lower()
    return next((name for words, name in FAMILIES if words in text), "unknown")


class Launch(NamedTuple):
    """Whether Wick is started, with how many clones, and why; `failures` are those of
    the last hour, `versions` those of the modules that said so."""

    launch: bool
    clones: int
    reason: str
    failures: int
    versions: Mapping[str, int]


@dataclass
class Troubles:
    """Asks the phase `trouble`; a stack without one gets the answers given here."""

    run: StackRun
    wait: float = 30.0
    _failed: dict[str, deque[int]] = field(default_factory=dict)

    @property
    def wanted(self) -> bool:
        """Whether the stack has such a phase."""
        return any(p.name == PHASE and p.modules for p in self.run.stack.wiring.phases)

    def retry_after(self, message: str, attempt: int, since_first: float) -> float:
        """Seconds to wait before candles are asked for again: always again, they only
        read; never sooner than a second, nor while a lockout lasts."""
        kind = error_class(message)
        least = LOCKOUT if kind == "lockout" else 1.0
        decision = self._asked(
            error_class=kind,
            attempt=attempt,
            idempotent=True,
            seconds_since_first=float(since_first),
        )
        made = decision.values if decision else {}
        asked = made.get("wait_seconds") if made.get("retry") else None
        number = isinstance(asked, int | float) and not isinstance(asked, bool)
        return max(least, float(asked) if number and asked is not None else self.wait)

    def launch(
        self,
        module: str,
        role: str,
        now: int,
        budget: float,
        *,
        failures: int = 1,
        clones_running: int = 0,
    ) -> Launch:
        """Whether Wick should be started for a module that failed, and why.

        A stack that cannot say (it has no such module, or that one failed) has Wick
        started: what it cannot judge must not stay broken.
        """
        recent = self._failed.setdefault(module, deque(maxlen=MOST))
        recent.extend([now] * failures)
        while recent and recent[0] <= now - HOUR:
            recent.popleft()
        decision = self._asked(
            failed_role=role,
            failures_in_hour=len(recent),
            clones_running=clones_running,
            budget_left=budget,
        )
        if decision is None or not isinstance(decision.values.get("launch"), bool):
            return Launch(True, 1, "no module says otherwise", len(recent), {})
        if decision.faults:
            why = f"{', '.join(decision.faults)} failed and cannot say"
            return Launch(True, 1, why, len(recent), decision.versions)
        made = decision.values
        return Launch(
            made["launch"],
            int(made.get("clone_count", made["launch"])),
            str(made.get("launch_reason", "")),
            len(recent),
            decision.versions,
        )

    def _asked(self, **values: Any) -> Decision | None:
        """What the phase answers; None where there is none."""
        if not self.wanted:
            return None
        wanted = self.run.stack.starts_for("portfolio", asked=PHASE)
        given = {**NEUTRAL, **values}
        return self.run.ask(PHASE, {name: given[name] for name in wanted}).portfolio
