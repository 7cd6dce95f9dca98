"""One candle played through a market's orders.

The open comes first: what it is already beyond fires there. Inside the candle the order
of prices is unknown, so the worse one is taken: stops and the liquidation, then entries,
then the stops of those entries, then targets. A target does not count inside the candle
in which its own entry filled, unless that was at the open: its price may have been
there before. Of an entry that fills in parts it counts for the parts before.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from trading.shell.venue import Candle
from trading.shell.venue.execution import Execution
from trading.shell.venue.live import Book, Live
from trading.shell.venue.orders import ZERO, Position
from trading.shell.venue.perpetuals import liquidate


@dataclass(slots=True)
class Stretch:
    """Prices from `low` to `high` that come from `reference`, at a UTC second.

    `share` is what limit orders may take of the volume, None when it is unknown.
    `opened` is the open of the candle while it opens, None inside it: a limit order
    that meets the first open of its life there takes liquidity.
    """

    execution: Execution
    book: Book
    low: float
    high: float
    reference: float
    at: int
    share: Decimal | None
    opened: int | None = None


def play(execution: Execution, book: Book, bar: Candle, opened: int | None) -> None:
    """Play a candle, or a finer one; `opened` is the candle's time in its first part."""
    share = execution.rules.taken_of(bar.symbol, bar.volume)
    book.taken = ZERO
    at_open = Stretch(
        execution, book, bar.open, bar.open, bar.open, bar.time, share, opened
    )
    _run(at_open, targets=None)
    _run(
        Stretch(execution, book, bar.low, bar.high, bar.open, bar.time, share),
        targets={one: one.left for one in book.resting if _is_target(one)},
    )


def _run(stretch: Stretch, targets: Mapping[Live, Decimal] | None) -> None:
    """Everything that fires in a stretch; of `targets` those that count, and for how
    much, without them every one for all it is for.

    The book's floor and ceiling may be those from before the open: what fired there lies
    between them and the open, which the rest of the candle starts from.
    """
    book = stretch.book
    if stretch.low > book.floor and stretch.high < book.ceiling:
        return
    _adverse(stretch)
    if _enter(stretch):
        _adverse(stretch)
    for live in _reached(stretch, _is_target):
        if targets is None or live in targets:
            _fire(stretch, live, None if targets is None else targets[live])
    stretch.execution.leave(book, stretch.at)


def _adverse(stretch: Stretch) -> None:
    """Stops and the liquidation, the nearest first; beyond the open, liquidation."""
    while True:
        stops = _reached(stretch, lambda live: live.is_adverse)
        held = _liquidated(stretch, stops)
        if held is not None:
            level = stretch.book.liquidation or 0.0
            worse = max if held.quantity < 0 else min
            base = worse(level, stretch.reference)
            liquidate(stretch.execution, stretch.book, held, base, stretch.at)
        elif stops:
            _fire(stretch, stops[0])
        else:
            return


def _liquidated(stretch: Stretch, stops: list[Live]) -> Position | None:
    """The position, when its liquidation comes before the next stop."""
    held, level = stretch.book.position, stretch.book.liquidation
    if held is None or level is None:
        return None
    short = held.quantity < 0
    if not (stretch.high >= level if short else stretch.low <= level):
        return None
    if stops and stretch.low < stretch.high:
        nearest = stops[0].level
        return held if (nearest > level if short else nearest < level) else None
    return held


def _enter(stretch: Stretch) -> bool:
    """Entries, the nearest first; the price then comes from the last of them."""
    before = len(stretch.execution.events)
    for live in _reached(stretch, lambda live: not live.closes):
        base = live.base(stretch.reference)
        _fire(stretch, live)
        if live.filled:
            stretch.reference = base
    return len(stretch.execution.events) > before


def _is_target(live: Live) -> bool:
    return live.closes and not live.is_adverse


def _reached(stretch: Stretch, wanted: Callable[[Live], bool]) -> list[Live]:
    """The orders of a sort that the stretch fires, nearest to its reference first."""
    found = [
        live
        for live in stretch.book.resting
        if wanted(live) and live.is_reached(stretch.low, stretch.high)
    ]
    return sorted(found, key=lambda live: abs(live.level - stretch.reference))


def _fire(stretch: Stretch, live: Live, most: Decimal | None = None) -> None:
    if live.ended:
        return
    book, filled, share = stretch.book, live.filled, stretch.share
    if live.is_limit and share is not None:
        left = max(ZERO, share - book.taken)
        most = left if most is None else min(left, most)
    fresh = stretch.opened is not None and live.began in (None, stretch.opened)
    stretch.execution.execute(
        book,
        live,
        live.base(stretch.reference),
        stretch.at,
        maker=live.is_limit and not fresh,
        most=most,
    )
    if live.is_limit:
        book.taken += live.filled - filled
