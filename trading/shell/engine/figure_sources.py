"""How the figures of an account follow from the rows of its markets, as source.

While nothing is bought or sold and the UTC day lasts, most figures stand still, and the
others follow from prices. A figure that follows in no such way has no source here.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from trading.shell.engine.account import AccountView, Holder
from trading.shell.engine.figures import (
    NEVER_BARS,
    NEVER_SECONDS,
    SHARED_FIGURES,
    SYMBOL_FIGURES,
)
from trading.shell.venue.orders import is_futures

OPEN, HIGH, LOW, CLOSE = range(1, 5)

Figure = Callable[[AccountView, int], Any]
"""What a figure is when a stretch begins with the candle that opens at a second."""

OwnFigure = Callable[[AccountView, Holder], Any]
Put = Callable[[Figure], str]
"""Gives a figure a place that is fixed for a stretch; the source that reads it."""

Template = tuple[str, tuple[OwnFigure, ...]]
"""Source over `row`, the symbol's, and what the account says in its places."""

EITHER: Mapping[str, Template] = {
    "least_notional": (
        "max({0}, {1} * row[4])",
        (
            lambda view, one: float(_market(view, one).least_cost),
            lambda view, one: float(_market(view, one).minimum),
        ),
    ),
    "closed_trade": ("False", ()),
    "closed_result": ("0.0", ()),
    "closed_hour": ("0", ()),
    "bars_since_trade": (
        "({0} if {1} is None else max(0, (row[0] - {1}) // {2}))",
        (
            lambda *_: NEVER_BARS,
            lambda _, one: one.last.closed_at if one.last else None,
            lambda view, _: view.step,
        ),
    ),
    "seconds_since_loss": (
        "({0} if {1} is None else max(0, row[0] + {2} - {1}))",
        (
            lambda *_: NEVER_SECONDS,
            lambda view, _: view.last_loss,
            lambda view, _: view.step,
        ),
    ),
}
"""Figures of a symbol that differ from candle to candle."""

FLAT: Mapping[str, Template] = {
    **EITHER,
    "entry_price": ("row[4]", ()),
    "stop_price": ("row[4]", ()),
    "highest_since_entry": ("row[2]", ()),
    "lowest_since_entry": ("row[3]", ()),
}
"""The same of one that is not held."""

HELD: Mapping[str, Template] = {
    **EITHER,
    "bars_held": (
        "(row[0] - {0}) // {1}",
        (lambda _, one: one.entry_bar, lambda view, _: view.step),
    ),
    "stop_price": ("({0} or row[4])", (lambda _, one: one.stop,)),
    "highest_since_entry": ("seen_high", ()),
    "lowest_since_entry": ("seen_low", ()),
}
"""The same of one that is held."""

STEADY = frozenset(
    (
        *("position", "entry_price", "entry_regime", "market", "bars_held"),
        *("symbol_trades_today", "taker_fee", "maker_fee", "slippage", "spread"),
        *("most_leverage", "funding_rate"),
    )
)
"""Figures of a symbol that stand still."""

BY_DAY: Mapping[str, Callable[[AccountView, str, int], Any]] = {
    "taker_fee": lambda view, symbol, time: view.rates.taker(symbol, time),
    "maker_fee": lambda view, symbol, time: view.rates.maker(symbol, time),
    "symbol_trades_today": lambda view, symbol, time: view.state.symbol_trades_today(
        symbol, time + view.step
    ),
}
"""Figures of a symbol that the day gives."""

DAILY = frozenset((*BY_DAY, "trades_today", "day_result"))
"""Figures that another day changes, though nothing is bought or sold."""


class Sources:
    """The sources of figures while `held` are held, in the order the ledger has them.

    `symbols` are those that have a candle, in the order of a step's rows. `daily` says
    whether a figure was asked for that another day changes.
    """

    def __init__(
        self, view: AccountView, symbols: Sequence[str], held: Sequence[str], put: Put
    ) -> None:
        self._view, self._put, self.daily = view, put, False
        self._number = {symbol: number for number, symbol in enumerate(symbols)}
        self._held = {symbol: put(_of(symbol, _quantity)) for symbol in held}
        self.value = self._equity(held) if held else ""
        self._by_price: Mapping[str, Callable[[], str]] = {
            "equity": lambda: "value",
            "exposure": self._exposure,
            "open_risk": self._open_risk,
            "drawdown": self._drawdown,
            "day_result": self._day_result,
        }

    def own(self, symbol: str, name: str) -> str | None:
        """One symbol's figure; None for one that follows neither from rows nor from
        how a stretch begins."""
        self.daily |= name in DAILY
        held = symbol in self._held
        if template := (HELD if held else FLAT).get(name):
            return self._filled(symbol, *template)
        if name not in STEADY or (name == "funding_rate" and is_futures(symbol)):
            return None
        return self._put(partial(_own_at_open, symbol, name))

    def shared(self, name: str) -> str:
        """A figure of the whole account."""
        self.daily |= name in DAILY
        follows = self._by_price.get(name) if self._held else None
        return follows() if follows else self._put(_shared(name))

    def running(self, symbol: str) -> dict[str, tuple[str, str]]:
        """The highest and lowest price since a held symbol's entry, bar by bar."""
        number = self._number[symbol]
        high, low = f"seen_high_{number}", f"seen_low_{number}"
        return {
            high: (
                self._put(_of(symbol, lambda _, one: one.highest)),
                f"max({high}, row_{number}[{HIGH}])",
            ),
            low: (
                self._put(_of(symbol, lambda _, one: one.lowest)),
                f"min({low}, row_{number}[{LOW}])",
            ),
        }

    def tighter(self, symbol: str) -> str:
        """A test over `made`: as a stop it would lose no less than the one there is."""
        stop = self._put(_of(symbol, lambda _, one: one.stop))
        beyond = f"made <= {stop} if {self._held[symbol]} > 0 else made >= {stop}"
        return f"type(made) in (float, int) and {stop} is not None and ({beyond})"

    def _filled(self, symbol: str, text: str, about: Sequence[OwnFigure]) -> str:
        number = self._number[symbol]
        places = [self._put(_of(symbol, each)) for each in about]
        source = text.format(*places).replace("row[", f"row_{number}[")
        return f"{source}_{number}" if source.startswith("seen_") else source

    def _close(self, symbol: str) -> str:
        return f"row_{self._number[symbol]}[{CLOSE}]"

    def _equity(self, held: Sequence[str]) -> str:
        """As `AccountView.measure` reckons it, in the same order."""
        parts = [self._put(lambda view, _: float(view.state.cash))]
        for symbol in held:
            worth = f"{self._held[symbol]} * {self._close(symbol)}"
            if is_futures(symbol):
                worth += f" - {self._put(_of(symbol, lambda _, one: one.cost))}"
            parts.append(f"({worth})")
        return " + ".join(parts)

    def _in_order(self) -> list[str]:
        """What is held, in the order in which the account knows its symbols."""
        return [symbol for symbol in self._view.holders if symbol in self._held]

    def _exposure(self) -> str:
        worth = (f"abs({self._held[s]}) * {self._close(s)}" for s in self._in_order())
        return f"({' + '.join(['0', *worth])})"

    def _open_risk(self) -> str:
        lost = " + ".join(["0", *map(self._lost, self._in_order())])
        return f"(min(1.0, ({lost}) / value) if value > 0 else 1.0)"

    def _lost(self, symbol: str) -> str:
        stop = self._put(_of(symbol, lambda _, one: one.stop))
        quantity, close = self._held[symbol], self._close(symbol)
        unguarded = f"abs({quantity}) * {close} if {stop} is None"
        return f"max(0.0, {unguarded} else {quantity} * ({close} - {stop}))"

    def _drawdown(self) -> str:
        known = self._put(lambda view, _: float(view.state.peak_equity))
        peak = f"max({known}, value)"
        below = f"min(1.0, max(0.0, 1 - value / {peak}))"
        return f"({below} if {peak} > 0 else 0.0)"

    def _day_result(self) -> str:
        start = self._put(
            lambda view, time: float(view.state.day_start_equity(time + view.step))
        )
        return f"(100 * (value / {start} - 1) if {start} > 0 else 0.0)"


def _market(view: AccountView, one: Holder) -> Any:
    return view.rates.rules.instruments[one.symbol]


def _quantity(_: AccountView, one: Holder) -> float:
    return one.quantity


def _of(symbol: str, figure: OwnFigure) -> Figure:
    return lambda view, _: figure(view, view.holders[symbol])


def _shared(name: str) -> Figure:
    return lambda view, time: SHARED_FIGURES[name](view, time + view.step)


def _own_at_open(symbol: str, name: str, view: AccountView, time: int) -> Any:
    """A figure that is the same for all candles of a day that open from `time` on."""
    if name in BY_DAY:
        return BY_DAY[name](view, symbol, time)
    return SYMBOL_FIGURES[name](view, view.holders[symbol])
