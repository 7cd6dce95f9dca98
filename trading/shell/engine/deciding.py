"""The stack asked at a candle: rows in, what each symbol decided out.

Most candles ask for nothing. What would ask is looked for in a few places of a tick's
cells; a whole decision is built for the rest only.
"""

from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from core.stack.fused import GONE, FusedRun, FusedTick
from trading.shell import series
from trading.shell.engine.account import AccountView
from trading.shell.engine.chain import Chains
from trading.shell.engine.columns import Column, Columns
from trading.shell.engine.figures import shared_figures, symbol_figures
from trading.shell.engine.tape import Asking, EmptyTape
from trading.shell.engine.timeline import VALUES, Row

Values = Mapping[str, Any]
ENTRY_WORDS = ("intents", "enter_long", "enter_short")
EXIT_WORDS = ("exit_now", "time_exit", "exit_long", "exit_short")
TRAILS = (
    "trailing_stop",
    "long_trailing_stop_price",
    "short_trailing_stop_price",
)


class Names(NamedTuple):
    """What a stack reads: series of the candles, figures of a symbol, shared ones."""

    series: tuple[str, ...]
    figures: tuple[str, ...]


def names_of(names: Collection[str]) -> Names:
    """Sort a symbol's starting names by where they come from; DataError for an unknown."""
    kinds = {name: series.require(name).family.kind for name in names}
    own = [name for name, kind in kinds.items() if kind == "account"]
    return Names(tuple(sorted(set(names) - set(own))), tuple(sorted(own)))


class Decider:
    """A stack run, fed from rows and the account's figures.

    `asking` is told which candle is at hand, where modules may ask a model.
    """

    def __init__(
        self, run: FusedRun, view: AccountView, asking: Asking | None = None
    ) -> None:
        self.run, self._view, self._asking = run, view, asking or Asking(EmptyTape())
        self.names = names_of(run.symbol_names)
        self._figures = symbol_figures(self.names.figures)
        self._order = _reordered(run.symbol_names, self.names)
        self._shared = shared_figures(run.portfolio_names)
        self.entries = _slots(run, ENTRY_WORDS)
        self.exits = _slots(run, EXIT_WORDS)
        self.trails = _slots(run, TRAILS)
        self.gates = _gates(run)
        self.chains = Chains(run)

    def prevalidate(self, markets: Sequence[Columns]) -> None:
        """Check the series of all markets once, so that no tick has to."""
        for place, name in enumerate(self.names.series):
            self.run.prevalidate(name, *(_usable(one, place) for one in markets))

    def tick(self, time: int, present: Sequence[tuple[str, Row]]) -> FusedTick:
        """The stack's word on the candles that opened at `time` and have closed."""
        self._asking.at = time
        view, figures, order = self._view, self._figures, self._order
        rows: dict[str, tuple[Any, ...]] = {}
        for symbol, row in present:
            one = view.holders[symbol]
            own = [figure(view, one) for figure in figures]
            rows[symbol] = order((*row[VALUES:], *own))
        now = time + view.step
        shared = [figure(view, now) for figure in self._shared]
        return self.run.tick_rows(rows, shared)

    def asks(self, tick: FusedTick, symbol: str) -> bool:
        """Whether a tick asks for anything that its symbol could do."""
        cell = tick.cells[symbol]
        for slot in self.entries:
            value = cell[slot]
            if value is not GONE and value:
                return True
        one = self._view.holders[symbol]
        if not one.quantity:
            return False
        for slot in self.exits:
            value = cell[slot]
            if value is not GONE and value:
                return True
        return any(
            one.is_tighter(cell[slot]) for slot in self.trails if cell[slot] is not GONE
        )

    def ended(self, tick: FusedTick, symbol: str) -> tuple[str, str] | None:
        """The module that ended a symbol's decision, and its reason."""
        cell = tick.cells[symbol]
        for module, proceed, reason in self.gates:
            if cell[proceed] is False:
                return module, str(cell[reason]) if reason is not None else ""
        return None


def outputs(tick: FusedTick, symbol: str) -> Values:
    """Everything that was made for a symbol, the portfolio's values included."""
    own, whole = tick.decision(symbol).values, tick.portfolio
    return {**whole.values, **own} if whole else own


def _reordered(wanted: Sequence[str], names: Names) -> Any:
    """From series and figures in their own order to the order a run wants."""
    places = {name: at for at, name in enumerate((*names.series, *names.figures))}
    order = [places[name] for name in wanted]
    if not order:
        return lambda _: ()
    return itemgetter(*order) if len(order) > 1 else lambda row: (row[order[0]],)


def _slots(run: FusedRun, names: Sequence[str]) -> list[int]:
    found = map(run.find, names)
    return [slot for slot in found if slot is not None]


def _gates(run: FusedRun) -> list[tuple[str, int, int | None]]:
    """Every module that may end a symbol's phase, in the order they run."""
    wiring = run.stack.wiring
    modules = [m for p in wiring.phases if p.each == "symbol" for m in p.modules]
    found = [(m, run.find(f"{m}.proceed"), run.find(f"{m}.reason")) for m in modules]
    return [(m, proceed, reason) for m, proceed, reason in found if proceed is not None]


def _usable(market: Columns, place: int) -> Column:
    """A column's values where every value of a row exists."""
    column, ready = market.values[place], market.ready
    first = int(ready.argmax())
    return column[first:] if ready[first:].all() else column[ready]
