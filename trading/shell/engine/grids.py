"""The grids of markets whose instrument is an assumption: kept with the account.

They are derived from a price at hand, which a later start sees no more; on another grid a
position could not be sold whole. Each is written down once, as a deposit of nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from trading.shell.ledger.events import Deposited, LedgerEvent
from trading.shell.venue import Instrument
from trading.shell.venue.orders import ZERO
from trading.shell.venue.rules import Rules

GRID = "grid"
Grid = tuple[Decimal, Decimal, Decimal]
"""Tick, lot and minimum."""


def with_kept_grids(rules: Rules, events: Iterable[LedgerEvent]) -> Rules:
    """The rules, with the grids an account began on."""
    kept = _kept(events)
    again = {
        symbol: _on(rules.instruments[symbol], kept[symbol])
        for symbol in rules.derived
        if symbol in kept
    }
    return replace(rules, instruments={**rules.instruments, **again})


def new_grids(
    rules: Rules, events: Iterable[LedgerEvent], at: int
) -> list[LedgerEvent]:
    """What is to be written down of the grids that are not yet."""
    kept = _kept(events)
    return [
        Deposited(ZERO, at, _remark(rules.instruments[symbol]))
        for symbol in rules.derived
        if symbol not in kept
    ]


def _remark(one: Instrument) -> str:
    return f"{GRID}: {one.symbol} {one.tick} {one.lot} {one.minimum}"


def _on(one: Instrument, grid: Grid) -> Instrument:
    tick, lot, minimum = grid
    return replace(one, tick=tick, lot=lot, minimum=minimum)


def _kept(events: Iterable[LedgerEvent]) -> dict[str, Grid]:
    found: dict[str, Grid] = {}
    for event in events:
        if isinstance(event, Deposited) and event.remark.startswith(f"{GRID}: "):
            _, symbol, tick, lot, minimum = event.remark.split(" ")
            found.setdefault(symbol, (Decimal(tick), Decimal(lot), Decimal(minimum)))
    return found
