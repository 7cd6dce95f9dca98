"""What is written of a candle: decisions, scans, and counts of what stopped entries."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from core.stack.tick import Decision
from trading.shell.engine.sizing import unsized
from trading.shell.engine.wants import Wants
from trading.shell.law.proposals import MOST
from trading.shell.ledger.events import Decided, Scanned

KEPT = (str, int, float, bool, type(None))


def decision_id(symbol: str, time: int) -> str:
    """A decision's name within its account: BTCUSD-20210519-1300."""
    day, _, clock = datetime.fromtimestamp(time, UTC).isoformat().partition("T")
    plain = symbol.partition(":")[0].replace("/", "")
    kind = "P" if ":" in symbol else ""
    return f"{plain}{kind}-{day.replace('-', '')}-{clock[:2]}{clock[3:5]}"


def action_of(wants: Wants) -> str:
    """In a word what a decision asks for."""
    if wants.entries:
        return "enter"
    if wants.exit:
        return "exit"
    return "amend" if wants.trail is not None else "none"


def decided_of(
    decision: Decision,
    values: Mapping[str, Any],
    time: int,
    wants: Wants,
    trace: Sequence[Mapping[str, Any]] = (),
) -> Decided:
    """A decision as the ledger keeps it; `trace` is the chain of calls behind it."""
    return Decided(
        id=decision_id(decision.symbol, time),
        symbol=decision.symbol,
        at=time,
        action=action_of(wants),
        proceed=decision.proceed,
        reason=_reason(decision, wants) or _unsized(decision, values, trace),
        ended_by=decision.ended_by,
        regime=regime_of(values),
        values=dict(values),
        versions=decision.versions,
        faults=decision.faults,
        trace=trace,
    )


def _reason(decision: Decision, wants: Wants) -> str:
    """Why it acts; else what kept it from acting."""
    if wants.exit:
        return wants.exit
    if wants.trail is not None and not wants.entries:
        level = wants.trail
        shown = f"{level:.7g}" if isinstance(level, float) else str(level)[:24]
        return f"the stop moves to {shown}"
    return decision.reason


def _unsized(
    decision: Decision, values: Mapping[str, Any], trace: Sequence[Mapping[str, Any]]
) -> str:
    """Why nothing is ordered though no gate said no and no module failed."""
    return "" if decision.faults or not decision.proceed else unsized(values, trace)


def scanned_of(decided: Decided, price: float) -> Scanned:
    """What the scan saw, signal or not."""
    signal = str(decided.values.get("signal", "none"))
    return Scanned(
        symbol=decided.symbol,
        at=decided.at,
        price=price,
        regime=decided.regime,
        signal=signal not in ("none", ""),
        action=decided.action,
        confidence=confidence_of(decided.values),
        values={k: v for k, v in decided.values.items() if isinstance(v, KEPT)},
    )


def regime_of(values: Mapping[str, Any]) -> str:
    """What the strategy thought the market was doing."""
    return str(values.get("regime", ""))


def confidence_of(values: Mapping[str, Any]) -> float | None:
    """The signal's confidence, where there was one."""
    found = values.get("confidence")
    if isinstance(found, int) and not isinstance(found, bool):
        return float(found) if abs(found) <= MOST else None
    return found if isinstance(found, float) else None


@dataclass
class Tally:
    """Counts of a session: what ended decisions, and what failed."""

    scans: int = 0
    ended: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    modules: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def stopped(self, module: str, reason: str, times: int = 1) -> None:
        """A decision was ended by a module, so many times."""
        self.ended[f"{module}: {reason}" if reason else module] += times
        self.modules[module]["stopped"] += times
