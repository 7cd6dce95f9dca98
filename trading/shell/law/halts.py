"""Halts as data: what is seen becomes ledger events, and the events the halts in force.

A halt is written to the ledger (`Halted`) and is in force until an event ends it, so it
survives a restart; at the start the same `evaluate` looks again. Pure: no clock, no I/O.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.errors import RequestRefused
from trading.shell.law import Cause, Policy, Standing
from trading.shell.law.limits import Limits
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.events import RESUMED, Halted
from trading.shell.venue.orders import ZERO

LAW = "law"
"""Who ends a halt that ends by itself."""

Halts = Mapping[Cause, "Halt"]


@dataclass(frozen=True, slots=True)
class Halt:
    """A halt in force since `since` (UTC seconds), by the law or a person."""

    cause: Cause
    detail: str
    since: int
    by: str

    def __str__(self) -> str:
        return f"{self.cause}: {self.detail}" if self.detail else self.cause.value


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine sees at one moment; the defaults are a healthy account.

    `api_silent` is seconds without an answer of the exchange, `bars_late` bars since a
    candle should have come, `balance_gap` the venue's money less the ledger's.
    `failure` says what opened the circuit breaker, `violation` why the ledger is not sound,
    `kill_switch` what the kill switch says ("" where it is not there).
    """

    at: int
    standing: Standing | None = None
    api_silent: float = 0
    failure: str = ""
    balance_gap: Decimal = ZERO
    database: bool = True
    memory_mb: float = 0
    bars_late: float = 0
    violation: str = ""
    kill_switch: str = ""


def evaluate(limits: Limits, halts: Halts, seen: Seen) -> tuple[Halted, ...]:
    """The events to journal now: new halts, and the end of those that end themselves."""
    found = _found(limits, seen)
    new = [
        Halted(seen.at, cause.value, detail, LAW)
        for cause, detail in found.items()
        if cause not in halts
    ]
    over = [
        cause
        for cause, halt in halts.items()
        if cause not in found and _is_over(limits, halt, seen.at)
    ]
    ended = [_resumed(seen.at, LAW, over, "over")] if over else []
    return (*ended, *new)


def after(halts: Halts, event: Halted) -> dict[Cause, Halt]:
    """The halts in force once `event` has happened."""
    if event.cause == RESUMED:
        return {c: halt for c, halt in halts.items() if c not in event.ended}
    cause = Cause(event.cause)
    return {cause: Halt(cause, event.detail, event.at, event.by), **halts}


def halts_of(events: Iterable[Any]) -> dict[Cause, Halt]:
    """The halts in force after a ledger's events, oldest first."""
    halts: dict[Cause, Halt] = {}
    for event in events:
        if isinstance(event, Halted):
            halts = after(halts, event)
    return halts


def policy(limits: Limits, halts: Halts) -> Policy | None:
    """What the halts in force do together; None when there is none."""
    if not halts:
        return None
    flatten = any(limits.policy(cause) is Policy.FLATTEN for cause in halts)
    return Policy.FLATTEN if flatten else Policy.FREEZE


def told(halts: Halts) -> str:
    """The halts in one line; "" when there is none. For `Standing.halted`."""
    return "; ".join(map(str, halts.values()))


def halt_by_person(at: int, by: str, remark: str, *, flatten: bool = False) -> Halted:
    """A person halts trading, or has everything sold."""
    cause = Cause.FLATTEN if flatten else Cause.BY_PERSON
    return Halted(at, cause.value, remark, _named(by))


def resume(halts: Halts, at: int, by: str, remark: str) -> Halted:
    """A person resumes trading and says why. RequestRefused where that cannot be.

    The day's loss limit is not a person's to lift: it ends at midnight UTC. The peak and
    the losses in a row count anew after a resume from their own halt.
    """
    if not remark.strip():
        raise RequestRefused(
            "trading is resumed with a remark only",
            field="remark",
            remedy="say in a few words what was wrong and why it is over",
        )
    ending = [cause for cause in halts if cause is not Cause.DAILY_LOSS]
    if not ending:
        raise RequestRefused(
            "the day's loss limit holds until midnight UTC"
            if halts
            else "trading is not halted",
            field="halt",
            remedy="wait for the next day" if halts else "",
        )
    return _resumed(at, _named(by), ending, remark.strip())


def _resumed(at: int, by: str, causes: Iterable[Cause], remark: str) -> Halted:
    return Halted(at, RESUMED, f"{', '.join(causes)}: {remark}", by)


def _named(by: str) -> str:
    """A person's name; the law's own is nobody's."""
    name = by.strip()
    return name if name and name != LAW else "a person"


def _is_over(limits: Limits, halt: Halt, at: int) -> bool:
    if halt.cause is Cause.DAILY_LOSS:
        return at // DAY > halt.since // DAY
    return limits.ends_by_itself(halt.cause)


def _found(limits: Limits, seen: Seen) -> dict[Cause, str]:
    """Every cause there is to halt now, with its figures in words."""
    found = {
        Cause.API_LOST: _above(
            seen.api_silent, limits.api_seconds, "no answer of the exchange for {} s"
        ),
        Cause.STALE_DATA: _above(
            seen.bars_late, limits.stale_bars, "the last candle is {} bars old"
        ),
        Cause.MEMORY: _above(seen.memory_mb, limits.memory_mb, "{} MB are in use"),
        Cause.DATABASE_LOST: "" if seen.database else "the ledger cannot be written",
        Cause.CIRCUIT_BREAKER: seen.failure,
        Cause.UNEXPECTED_BALANCE: _gap(limits, seen.balance_gap),
        Cause.RISK_VIOLATION: seen.violation,
        Cause.KILL_SWITCH: seen.kill_switch,
        **(_losses(limits, seen.standing) if seen.standing else {}),
    }
    return {cause: detail for cause, detail in found.items() if detail}


def _above(value: float, limit: int, words: str) -> str:
    """The words where a value is above its limit, or is no number at all."""
    return "" if value <= limit else f"{words.format(f'{value:g}')}, {limit} allowed"


def _gap(limits: Limits, gap: Decimal) -> str:
    if gap.is_finite() and abs(gap) <= limits.balance_gap:
        return ""
    return f"the venue's money differs from the ledger's by {gap}"


def _losses(limits: Limits, standing: Standing) -> dict[Cause, str]:
    equity = standing.equity
    most = limits.losses_allowed(standing.trades)
    streak = standing.consecutive_losses
    return {
        Cause.DAILY_LOSS: _fallen(
            standing.day_start_equity, equity, limits.daily_loss_share, "today"
        ),
        Cause.DRAWDOWN: _fallen(
            standing.peak_equity,
            equity,
            limits.drawdown_share,
            "since the peak",
        ),
        Cause.CONSECUTIVE_LOSSES: ""
        if streak < most
        else f"{streak} losses in a row, {most} allowed",
    }


def _fallen(start: Decimal, equity: Decimal, share: Decimal, when: str) -> str:
    """Words where equity fell by `share` of `start`; an account without money has not."""
    if not (start.is_finite() and equity.is_finite()):
        return f"equity {equity} and {start} cannot be compared"
    if start <= 0 or start - equity < share * start:
        return ""
    return f"{(start - equity) / start:.2%} lost {when}, {share:.0%} allowed"
