"""Candles on which nothing can happen and nothing is asked, passed over in one go.

The modules still decide on every one of them; only what the shell does around them is
done once a stretch. Such a candle fires no order, owes no funding, ends no day, brings
equity near no limit, and its decision asks for nothing. Every other is the engine's.
While nothing is held or ordered a day may end: its mark is written then, and that is all.
"""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from operator import itemgetter
from typing import Any

from core.stack.fused import Ask, Course, SymbolAsk
from trading.shell.engine.engine import Engine
from trading.shell.engine.figure_sources import HIGH, LOW, OPEN, Figure, Sources
from trading.shell.engine.timeline import READY, VALUES, Present, Step

UNTIL, POOR, RICH, BOUNDS = range(4)
"""Places in what is fixed for a stretch: until when, equity between which figures; then
floor and ceiling of each symbol, then figures."""


@dataclass(frozen=True)
class Way:
    """A course and the figures that are fixed for a stretch of it; `daily` are those of
    a day only."""

    course: Course
    figures: tuple[Figure, ...]
    daily: bool


class Glider:
    """Passes over candles for an engine that records nothing."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._ways: dict[tuple[Sequence[str], Sequence[str]], Way | None] = {}

    def along(self, steps: Sequence[Step], at: int, equity: list[float]) -> int:
        """The place of the first step from `at` on that is the engine's.

        What equity was at the close of each that was passed is put into `equity`.
        """
        time, present = steps[at]
        fixed = self._bounds(present)
        if fixed is None:
            return at
        engine, symbols = self._engine, [symbol for symbol, _ in present]
        view = engine.broker.books.view
        way = self._way(symbols, tuple(view.state.holdings))
        if way is None:
            return at
        idle = not (way.daily or view.state.holdings or view.state.working)
        if idle and not engine.reckons:
            fixed[UNTIL] = inf
        fixed += [figure(view, time) for figure in way.figures]
        ended: dict[tuple[int, str], int] = {}
        run, before = engine.decider.run, len(equity)
        end = run.glide(way.course, steps, at, len(steps), fixed, ended, equity)
        if end > at:
            if len(equity) == before:  # nothing is held: it stands still
                equity += [view.equity] * (end - at)
            self._passed(steps, at, end)
            self._mark_days(steps, at, end)
            engine.tally.scans += (end - at) * len(symbols)
            for (number, reason), times in ended.items():
                engine.tally.stopped(engine.decider.gates[number][0], reason, times)
        return end

    def _bounds(self, present: Present) -> list[Any] | None:
        """Between what the stretch stays; None where the next candle is the engine's."""
        engine = self._engine
        calm, view = engine.guard.lull(), engine.broker.books.view
        if calm is None or engine.played is None:
            return None
        until, bounds = float(calm.until - view.step), []
        for symbol, _ in present:
            quiet = engine.played.lull(symbol)
            if quiet is None or view.holders[symbol].news:
                return None
            until = min(until, quiet.until)
            bounds += [quiet.floor, quiet.ceiling]
        return [until, calm.low, calm.high, *bounds]

    def _way(self, symbols: Sequence[str], held: tuple[str, ...]) -> Way | None:
        """How to pass over candles of these symbols while those are held."""
        key = (tuple(symbols), held)
        if key not in self._ways:
            known = set(held) <= set(symbols)
            self._ways[key] = _Planner(self._engine, *key).way() if known else None
        return self._ways[key]

    def _passed(self, steps: Sequence[Step], at: int, end: int) -> None:
        """Leave account, law and venue as the last candle would have."""
        engine, (time, present) = self._engine, steps[end - 1]
        view, played = engine.broker.books.view, engine.played
        for place, (symbol, row) in enumerate(present):
            one = view.holders[symbol]
            if one.quantity:
                rows = [step[1][place][1] for step in steps[at:end]]
                one.highest = max(one.highest, *(row[HIGH] for row in rows))
                one.lowest = min(one.lowest, *(row[LOW] for row in rows))
            one.see(time, *row[HIGH : HIGH + 3])
            one.decided = time + view.step
            if played is not None and played.busy(symbol):
                played.begin(symbol, time, row[OPEN])
        if view.state.holdings:
            engine.guard.calm(time + view.step)

    def _mark_days(self, steps: Sequence[Step], at: int, end: int) -> None:
        """Look at the account as the first candle of each day that was passed would have."""
        guard, step = self._engine.guard, self._engine.broker.books.view.step
        while True:
            at = bisect_left(steps, guard.day_ends - step, at, end, key=itemgetter(0))
            if at == end:
                return
            guard.look(steps[at][0] + step)


class _Planner:
    """Works out how a stack's values follow from rows; None where they do not."""

    def __init__(
        self, engine: Engine, symbols: tuple[str, ...], held: tuple[str, ...]
    ) -> None:
        self._decider, self._symbols, self._held = engine.decider, symbols, held
        self._first = BOUNDS + 2 * len(symbols)
        self._figures: list[Figure] = []
        view = engine.broker.books.view
        self._sources = Sources(view, symbols, held, self._put)

    def way(self) -> Way | None:
        """The course of an account that holds what it holds."""
        run, sources = self._decider.run, self._sources
        shared = {name: sources.shared(name) for name in run.portfolio_names}
        asks = [self._ask(number, one) for number, one in enumerate(self._symbols)]
        known = [one for one in asks if one is not None]
        if len(known) < len(asks):
            return None
        running = [sources.running(symbol) for symbol in self._held]
        ask = Ask(
            symbols=tuple(known),
            shared=shared,
            value=sources.value,
            running={name: each for some in running for name, each in some.items()},
            holds=tuple(self._holds()),
            gates=tuple(
                (proceed, reason) for _, proceed, reason in self._decider.gates
            ),
        )
        return Way(Course(ask), tuple(self._figures), sources.daily)

    def _ask(self, number: int, symbol: str) -> SymbolAsk | None:
        decider, held = self._decider, symbol in self._held
        series = {n: VALUES + at for at, n in enumerate(decider.names.series)}
        own = _all(
            lambda name: (
                f"row_{number}[{series[name]}]"
                if name in series
                else self._sources.own(symbol, name)
            ),
            decider.run.symbol_names,
        )
        if own is None:
            return None
        asks = (*decider.entries, *(decider.exits if held else ()))
        stays = self._sources.tighter(symbol) if held and decider.trails else ""
        return SymbolAsk(
            symbol, own, asks, dict.fromkeys(decider.trails if held else (), stays)
        )

    def _holds(self) -> list[str]:
        """What keeps a step quiet, the likeliest to fail last."""
        numbers = range(len(self._symbols))
        tests = [f"row_{n}[{READY}]" for n in numbers]
        tests.append(f"row_0[0] < fixed[{UNTIL}]")
        if self._held:
            tests.append(f"fixed[{POOR}] < value < fixed[{RICH}]")
        for n in numbers:
            floor, ceiling = BOUNDS + 2 * n, BOUNDS + 2 * n + 1
            tests.append(f"row_{n}[{LOW}] > fixed[{floor}]")
            tests.append(f"row_{n}[{HIGH}] < fixed[{ceiling}]")
        return tests

    def _put(self, figure: Figure) -> str:
        """A place for what a figure is at the beginning of a stretch."""
        self._figures.append(figure)
        return f"fixed[{self._first + len(self._figures) - 1}]"


def _all(
    source: Callable[[str], str | None], names: Sequence[str]
) -> dict[str, str] | None:
    """The source of every name; None where one has none."""
    found = {name: source(name) for name in names}
    known = {name: text for name, text in found.items() if text is not None}
    return known if len(known) == len(found) else None
