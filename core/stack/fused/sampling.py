"""Which ticks are ordinary ones, and whether the fast tick decides what they did."""

from __future__ import annotations

from core.errors import StackError
from core.stack.tick import Decision, Tick

_FIRST, _EVERY = 50, 997


def next_sample(number: int) -> int:
    """The first ordinary tick after this one: each of the first 50, then rarely."""
    return number + 1 if number < _FIRST else number + _EVERY - number % _EVERY


def refuse_difference(fast: Tick, ordinary: Tick, where: str) -> None:
    """Raise StackError if the two ticks decide differently."""
    if told := _difference(fast, ordinary):
        raise StackError(
            told,
            field="tick",
            value=ordinary.number,
            where=where,
            remedy="run it without the fast tick; its makers should know",
        )


def _difference(fast: Tick, ordinary: Tick) -> str:
    """What the two say differently of one symbol, to the type of a value; "" if nothing."""
    for ours, theirs in zip(_decisions(fast), _decisions(ordinary), strict=True):
        one, other = _shown(ours), _shown(theirs)
        if one != other:
            who = ours.symbol or "the portfolio"
            return f"the fast tick differs for {who}: {one} is not {other}"
    return ""


def _decisions(tick: Tick) -> list[Decision]:
    return [*tick.values(), *([tick.portfolio] if tick.portfolio else [])]


def _shown(decision: Decision) -> str:
    """Everything a decision says of its values, so that 1 and 1.0 differ."""
    each = decision.values, decision.state, decision.skipped
    names = " ".join(repr(sorted(values.items())) for values in each)
    ended = decision.symbol, decision.proceed, decision.ended_by, decision.reason
    return f"{ended} {names}"
