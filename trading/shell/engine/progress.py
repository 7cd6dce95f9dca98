"""How far each market of an account was dealt with, from what is on record.

A market may lag behind the others when its process dies: its candles come later, and are
neither lost nor played twice. What proves that a candle of a market was played is its
scan, or an event of that candle. A candle without either changed nothing when it was
played, if it was, and changes nothing when it is played again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from trading.shell.engine.resuming import Stood
from trading.shell.ledger.curve import DAY
from trading.shell.ledger.events import (
    Amended,
    Filled,
    FundingPaid,
    Intended,
    LedgerEvent,
)

LONGEST = DAY // 2  # well within what a ledger lets time go back


@dataclass(frozen=True)
class Progress:
    """The newest candle of a market that was surely played, and the newest decided on.

    UTC seconds of an open; -1 where there was none.
    """

    played: int
    decided: int


def progress_of(
    symbols: Collection[str],
    events: Iterable[LedgerEvent],
    step: int,
    stood: Stood,
    decided: Mapping[str, int],
) -> dict[str, Progress]:
    """Each market's progress; one that was never scanned stands where the session does.

    `decided` has the newest scan of each market.
    """
    touched: dict[str, int] = {}
    for symbol, time in _touched(events, step):
        touched[symbol] = max(time, touched.get(symbol, -1))
    earliest = stood.after - LONGEST
    found = {}
    for symbol in symbols:
        if symbol not in decided:
            found[symbol] = Progress(stood.played, stood.after)
            continue
        scanned = min(decided[symbol], stood.played)
        played = max(scanned, touched.get(symbol, -1), earliest)
        found[symbol] = Progress(played, max(scanned, earliest))
    return found


def _touched(events: Iterable[LedgerEvent], step: int) -> Iterator[tuple[str, int]]:
    """The candles that events tell of, by symbol."""
    symbols: dict[str, str] = {}
    for event in events:
        if isinstance(event, Intended):
            symbols[event.intent.id] = event.intent.symbol
            yield event.intent.symbol, event.intent.decided_at
        elif isinstance(event, Filled):
            yield event.fill.symbol, event.fill.at - event.fill.at % step
        elif isinstance(event, FundingPaid):
            before = event.funding.at - 1  # it is paid at the end of a candle
            yield event.funding.symbol, before - before % step
        elif isinstance(event, Amended) and event.order in symbols:
            yield symbols[event.order], event.at - step
