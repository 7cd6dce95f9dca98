"""What a paper session says when it starts: where its account stands, what waits, and how
many candles are missing before anything is decided."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trading.shell.engine.columns import Columns
    from trading.shell.engine.paper import Paper
    from trading.shell.law.halts import Halt
    from trading.shell.ledger.state import LedgerState

DEPOSIT = "session.deposit"


def beginning(session: "Paper") -> Iterator[str]:
    """A line each: the account, the halts in force, the warm-up; none where none is due."""
    state = session.engine.broker.books.state
    yield _account(session, state)
    yield from _halts(session, state)
    yield from _warm_up(session, state)


def unheeded(
    session: "Paper", given: Mapping[str, Any], begin: int | None
) -> Iterator[str]:
    """What was typed and counts for a new account only, where this one is not new."""
    from trading.shell.candles import stamp

    state, name = session.engine.broker.books.state, session.account.name
    if not state.curve.at:
        return
    deposit = given.get(DEPOSIT)
    if deposit is not None and Decimal(str(deposit)) != state.deposits:
        yield (
            f"{DEPOSIT} counts for a new account only: account {name} was given "
            f"{state.deposits:,.2f} {session.account.quote} and keeps it; another "
            "--account begins anew"
        )
    if begin is not None and begin <= state.curve.at:
        yield (
            f"--from {stamp(begin)} counts for a new account only: account {name} goes on "
            "where it stands; another --account begins there"
        )


def _account(session: "Paper", state: "LedgerState") -> str:
    from trading.shell.candles import stamp

    name, quote = session.account.name, session.account.quote
    curve = state.curve
    if not curve.at:
        return f"account {name} is new: {state.deposits:,.2f} {quote} to begin with"
    held = len(state.holdings)
    positions = "1 position" if held == 1 else f"{held} positions"
    return (
        f"account {name} goes on after the candle of "
        f"{stamp(curve.at - session.rules.step)} UTC with {positions}, "
        f"equity {curve.equity:,.2f} {quote}"
    )


def _halts(session: "Paper", state: "LedgerState") -> Iterator[str]:
    from trading.shell.law import Cause, switch
    from trading.shell.law.halts import halts_of

    found = halts_of(state.halts.values())
    for halt in found.values():
        yield _halted(session, halt)
    mode = session.account.mode
    thrown = switch.kill_switch(session.home, mode)
    if thrown and Cause.KILL_SWITCH not in found:
        yield f"halted: kill_switch: {thrown}: entries wait"


def _halted(session: "Paper", halt: "Halt") -> str:
    from trading.shell.law import Policy

    flatten = session.limits.policy(halt.cause) is Policy.FLATTEN
    does = "all is sold, entries wait" if flatten else "entries wait"
    return f"halted: {halt}: {does}; {_ended(session, halt)}"


def _ended(session: "Paper", halt: "Halt") -> str:
    """How this halt ends."""
    from trading.shell.law import Cause

    if halt.cause is Cause.DAILY_LOSS:
        return "it ends at midnight UTC"
    if session.limits.ends_by_itself(halt.cause):
        return "it ends by itself when its cause is gone"
    return '`asza trade resume "why it is over"` ends it'


def _warm_up(session: "Paper", state: "LedgerState") -> Iterator[str]:
    needed = session.run.stack.warm_up()
    past = [_past(session, state, one) for one in session.feed.columns]
    known = min(past, default=0)
    if known < needed:
        yield (
            f"warming up: {known:,} of {needed:,} candles until every series has a value"
        )


def _past(session: "Paper", state: "LedgerState", market: "Columns") -> int:
    """The candles of a market that are known before the first that is traded."""
    from trading.shell.engine.feeds import PacedFeed

    times = market.bars[0]
    if not isinstance(session.feed, PacedFeed):
        return len(times)
    first = max(state.curve.at, session.feed.first)
    return sum(int(time) < first for time in times)
