"""Walk a stack over candles: what it would have decided, bar by bar.

At each bar's close the starting values go in and a decision comes out; it is acted on
at the next open, by the rules of `book.py`. A walk shows what a stack does. It has no
fees, slippage or funding, so it says nothing of what the stack would earn.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NamedTuple

from core.errors import DataError
from core.stack import Stack, StackRun
from core.stack.tick import Decision, Tick
from trading.shell.book import Book, Intent, Position, Trade, intent_of
from trading.shell.candles import Candles
from trading.shell.feed import Feed, account, feed, portfolio, timeline

CASH = 10_000.0
EVERY = 500  # bars between two calls of `on_progress`

ASSUMPTIONS = (
    "A decision at a bar's close is acted on at the next bar's open.",
    "A stop or target touched inside a bar fills at its price; one that the bar opens "
    "beyond fills at the open; when both are touched the stop counts.",
    "No fees, no slippage, no funding, no liquidation, any quantity: the equity line "
    "shows what the decisions do, not what they would earn.",
    "Without a size an entry takes an equal share of equity for each symbol, times "
    "leverage; all positions together never exceed equity times leverage (1 if none).",
    "An entry against an open position turns it round; bars without a value for every "
    "input are not decided on; missing bars are not invented.",
)

OnTick = Callable[[Mapping[str, Mapping[str, Any]], Mapping[str, Any]], Tick]
OnProgress = Callable[[int, int], None]
OnBar = Callable[[int], None]


class Decided(NamedTuple):
    """The decision for one symbol at the close of the bar opened at `time`."""

    time: int
    decision: Decision


class Failure(NamedTuple):
    """A module that failed at a bar; its fallback may have answered."""

    time: int
    symbol: str
    module: str
    remark: str


@dataclass(frozen=True, slots=True)
class ModuleShape:
    """A module as a walk's tables show it."""

    name: str
    role: str
    version: int
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Shape:
    """What a walk must know of a stack: what it reads and which modules it has."""

    stack: str
    names: frozenset[str]
    portfolio_names: frozenset[str] = frozenset()
    modules: tuple[ModuleShape, ...] = ()


@dataclass(frozen=True)
class Walk:
    """The outcome: every decision, trade and failure, and equity at each bar's close.

    `unready` counts bars after the warm-up that lacked a value; `cut` entries held
    down by the limit; `equity` is (time, money) a bar; `seconds` the walk's own time.
    """

    shape: Shape
    candles: tuple[Candles, ...]
    cash: float
    warm_up: int
    decisions: tuple[Decided, ...]
    trades: tuple[Trade, ...]
    open_positions: tuple[Position, ...]
    equity: tuple[tuple[int, float], ...]
    failures: tuple[Failure, ...]
    versions: Mapping[str, int]
    notes: tuple[str, ...]
    unready: int
    cut: int
    seconds: float

    @property
    def synthetic(self) -> bool:
        return any(one.synthetic for one in self.candles)

    @property
    def bars(self) -> int:
        """Bars of all symbols together."""
        return sum(map(len, self.candles))


def shape_of(stack: Stack) -> Shape:
    """The shape of a loaded stack."""
    order = [name for phase in stack.wiring.phases for name in phase.modules]
    return Shape(
        stack=stack.name,
        names=stack.starts_for("symbol"),
        portfolio_names=stack.starts_for("portfolio"),
        modules=tuple(_module_shape(stack, name) for name in order),
    )


def _module_shape(stack: Stack, name: str) -> ModuleShape:
    entry = stack.entries[name]
    outputs = tuple(entry.spec.contract.outputs)
    return ModuleShape(name, entry.spec.role, entry.version, outputs)


def walk(
    run: StackRun,
    candles: Sequence[Candles],
    *,
    cash: float = CASH,
    on_progress: OnProgress | None = None,
    on_bar: OnBar | None = None,
) -> Walk:
    """Walk `run` over `candles`, one market each, from `cash`.

    `on_bar` hears when each bar opened, before it is decided on.
    Raises DataError when the candles lack what the stack reads, and StackError or
    StoreError from the run itself; a module that fails is a row of `failures`.
    """
    return follow(
        run.tick,
        shape_of(run.stack),
        candles,
        cash=cash,
        on_progress=on_progress,
        on_bar=on_bar,
    )


def follow(
    tick: OnTick,
    shape: Shape,
    candles: Sequence[Candles],
    *,
    cash: float = CASH,
    on_progress: OnProgress | None = None,
    on_bar: OnBar | None = None,
) -> Walk:
    """`walk`, for anything that answers ticks with decisions."""
    _require_markets(candles, cash)
    started = perf_counter()
    feeds = [feed(one, shape.names) for one in candles]
    walker = _Walker(tick, shape, Book(cash), len(feeds))
    times = list(timeline(feeds))
    for number, (time, present) in enumerate(times):
        if on_progress and number % EVERY == 0:
            on_progress(number, len(times))
        if on_bar:
            on_bar(time)
        walker.bar(time, present)
    if on_progress:
        on_progress(len(times), len(times))
    return walker.outcome(tuple(candles), feeds, cash, perf_counter() - started)


def ticks(
    run: StackRun, candles: Sequence[Candles], *, cash: float = CASH
) -> Iterator[Tick]:
    """The ticks of a walk one by one, for who looks at the run between two of them."""
    made: list[Tick] = []

    def tick(
        starting: Mapping[str, Mapping[str, Any]], shared: Mapping[str, Any]
    ) -> Tick:
        made.append(run.tick(starting, shared))
        return made[-1]

    _require_markets(candles, cash)
    shape = shape_of(run.stack)
    feeds = [feed(one, shape.names) for one in candles]
    walker = _Walker(tick, shape, Book(cash), len(feeds))
    for time, present in timeline(feeds):
        walker.bar(time, present)
        yield from made
        made.clear()


def _require_markets(candles: Sequence[Candles], cash: float) -> None:
    if not candles:
        raise DataError("there are no candles to walk over", remedy="give a market")
    symbols = [one.symbol for one in candles]
    if len(set(symbols)) < len(symbols):
        raise DataError(
            f"two candles sets are one market: {', '.join(sorted(symbols))}",
            field="symbol",
            remedy="give each market once",
        )
    if not 0 < cash <= 1e9:
        raise DataError(
            f"a walk cannot start with {cash}",
            field="cash",
            value=cash,
            remedy="give more than 0 and at most 1,000,000,000",
        )


@dataclass
class _Walker:
    """The loop's state; what leaves it is the frozen `Walk`."""

    tick: OnTick
    shape: Shape
    book: Book
    markets: int
    pending: dict[str, Intent] = field(default_factory=dict)
    decisions: list[Decided] = field(default_factory=list)
    equity: list[tuple[int, float]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    unready: int = 0

    def bar(self, time: int, present: Sequence[tuple[Feed, int]]) -> None:
        """Fill what is pending, mark the close, then let the stack decide."""
        for one, row in present:
            intent = self.pending.pop(one.symbol, None)
            self.book.run_bar(one.symbol, one.bars[row], intent)
        equity = self.book.equity()
        self.equity.append((time, equity))
        self._count_unready(present)
        starting = {
            one.symbol: one.values(row) | account(self.book, one.symbol, one.bars[row])
            for one, row in present
            if one.ready[row]
        }
        if starting:
            self._decide(time, starting, equity)

    def _count_unready(self, present: Sequence[tuple[Feed, int]]) -> None:
        self.unready += sum(
            not one.ready[row] and row >= one.warm_up for one, row in present
        )

    def _decide(
        self, time: int, starting: Mapping[str, Mapping[str, Any]], equity: float
    ) -> None:
        shared = portfolio(self.shape.portfolio_names, self.book, equity)
        tick = self.tick(starting, shared)
        self.notes.extend(tick.notes)
        whole = tick.portfolio.values if tick.portfolio else {}
        whole_failed = tick.portfolio.failed if tick.portfolio else ()
        if tick.portfolio:
            self._faults(time, tick.portfolio)
        for symbol, decision in tick.items():
            self.decisions.append(Decided(time, decision))
            self._faults(time, decision)
            self.pending[symbol] = intent_of(
                {**whole, **decision.values} if whole else decision.values,
                time=time,
                # What failed may have been the stop: no position is opened without it.
                proceed=decision.proceed and not (decision.failed or whole_failed),
                share=equity / self.markets,
                equity=equity,
            )

    def _faults(self, time: int, decision: Decision) -> None:
        self.versions.update(decision.versions)
        for module, remark in decision.faults.items():
            self.failures.append(Failure(time, decision.symbol, module, remark))

    def outcome(
        self,
        candles: tuple[Candles, ...],
        feeds: Sequence[Feed],
        cash: float,
        seconds: float,
    ) -> Walk:
        """Everything gathered, frozen."""
        return Walk(
            shape=self.shape,
            candles=candles,
            cash=cash,
            warm_up=max(one.warm_up for one in feeds),
            decisions=tuple(self.decisions),
            trades=tuple(self.book.trades),
            open_positions=tuple(self.book.positions.values()),
            equity=tuple(self.equity),
            failures=tuple(self.failures),
            versions=self.versions,
            notes=tuple(self.notes),
            unready=self.unready,
            cut=self.book.cut,
            seconds=seconds,
        )
