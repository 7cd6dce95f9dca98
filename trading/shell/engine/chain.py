"""The chain of module calls behind a decision: who read what, and what each made of it.

A fast tick keeps no trace, yet its cells hold every value; modules are pure, so what
they read and made is the whole of what they did. Where each value of a chain stands is
worked out once for all ticks in which the same names have one.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, NamedTuple

from core.names import STATE_PREFIX
from core.stack import Stack
from core.stack.fused import FusedRun, FusedTick
from core.stack.tick import PORTFOLIO
from core.stack.wiring import PhasePlan
from trading.shell.engine.links import INPUTS, OUTPUTS, Chain, Plan, planned

MISSING = object()
CELL, WHOLE, ROWS, STATE, OWN = range(5)


class Source(NamedTuple):
    """Where a value of a chain is taken from.

    `at` is a place in the symbol's cell or in the portfolio's, the phase and name of
    rows, the scope and name of a state, or the stack's own value itself.
    """

    kind: int
    at: Any


Link = dict[str, Any]
Seen = Mapping[str, Mapping[str, Source]]
"""What is there by scope and name."""


@dataclass(frozen=True)
class Pattern:
    """How the chains of ticks with the same names are made; `stack` is theirs."""

    stack: Stack
    plan: Plan
    cell: Callable[[Sequence[Any]], tuple[Any, ...]]
    whole: Callable[[Sequence[Any]], tuple[Any, ...]]
    others: tuple[Source, ...]

    def chain(self, tick: FusedTick, symbol: str) -> Chain:
        """The chain of one of them."""
        cell, whole = self.cell(tick.cells[symbol]), self.whole(tick.whole)
        through: dict[str, list[str]] = {}
        others = [self._value(tick, one, through) for one in self.others]
        return Chain(self.plan, (*cell, *whole, *others))

    def _value(
        self, tick: FusedTick, source: Source, through: dict[str, list[str]]
    ) -> Any:
        """What neither cell of a tick holds; `through` are the symbols that came to a
        phase, by its name, as far as they are known."""
        if source.kind == STATE:
            scope, name = source.at
            return tick.before(scope).get(name)
        if source.kind == ROWS:
            phase, name = source.at
            if phase not in through:
                through[phase] = _through(self.stack, tick, phase)
            return _rows(tick, through[phase], name)
        own = self.stack.file.own.get(source.at)
        return own.value if own else None


class Chains:
    """Every module that ran for a symbol, in order: phase, version, inputs, outputs."""

    def __init__(self, run: FusedRun) -> None:
        self._run = run
        self._known: dict[Hashable, Pattern] = {}

    def of(self, tick: FusedTick, symbol: str) -> Chain:
        """The chain of calls behind what a tick decided for a symbol."""
        key = symbol, tick.shape(symbol)
        pattern = self._known.get(key)
        if pattern is None:
            pattern = self._known[key] = _pattern(self._run.stack, tick, symbol)
        return pattern.chain(tick, symbol)


def _pattern(stack: Stack, tick: FusedTick, symbol: str) -> Pattern:
    seen = {
        symbol: {n: Source(CELL, at) for n, at in tick.places(symbol).items()},
        PORTFOLIO: {n: Source(WHOLE, at) for n, at in tick.places(PORTFOLIO).items()},
    }
    links = list(_links(stack, tick, symbol, seen))
    plan, sources = planned(links)
    places = {kind: [s.at for s in sources if s.kind == kind] for kind in (CELL, WHOLE)}
    return Pattern(
        stack,
        plan,
        _picker(places[CELL]),
        _picker(places[WHOLE]),
        tuple(one for one in sources if one.kind not in places),
    )


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cell: tuple(cell[at] for at in places)


def _links(stack: Stack, tick: FusedTick, symbol: str, seen: Seen) -> Iterator[Link]:
    for phase in stack.wiring.phases:
        if phase.asked:
            continue
        scope = symbol if phase.each == "symbol" else PORTFOLIO
        for module in phase.modules:
            link = _link(stack, tick, phase, module, scope, seen)
            if link is not None:
                yield {"phase": phase.name, "module": module, "symbol": scope, **link}


def _link(
    stack: Stack,
    tick: FusedTick,
    phase: PhasePlan,
    module: str,
    scope: str,
    seen: Seen,
) -> Link | None:
    """What a module read and made; None where it did not run."""
    entry = stack.entries[module]
    contract = entry.spec.contract
    places = {name: _place(module, name) for name in contract.results}
    if not seen[scope].keys() >= set(places.values()):
        return None
    made = {name: seen[scope][place] for name, place in places.items()}
    rows = () if scope else tick.rows_read(phase.name)
    read = {
        name: Source(ROWS, (phase.name, name))
        if name in rows
        else _read(scope, name, seen)
        for name in contract.parameters
    }
    return {"version": entry.version, INPUTS: read, OUTPUTS: made}


def _place(module: str, name: str) -> str:
    """The name under which a tick holds what a module gives."""
    return f"{module}.{name}" if name in ("proceed", "reason") else name


def _read(scope: str, name: str, seen: Seen) -> Source:
    """An input from the symbol's own values, else what is the same for all symbols."""
    if name.startswith(STATE_PREFIX):
        return Source(STATE, (scope, name.removeprefix(STATE_PREFIX)))
    for place in (scope, PORTFOLIO):
        if name in seen[place]:
            return seen[place][name]
    return Source(OWN, name)


def _through(stack: Stack, tick: FusedTick, phase: str) -> list[str]:
    """The symbols that came to a phase, in order."""
    plan = next(one for one in stack.wiring.phases if one.name == phase)
    return [s for s in sorted(tick.cells) if _came_through(stack, tick, plan, s)]


def _rows(tick: FusedTick, through: Sequence[str], name: str) -> list[dict[str, Any]]:
    """What a portfolio's module read of the symbols: a row each."""
    return [
        {"symbol": symbol, name: value}
        for symbol in through
        if (value := tick.get(symbol, name, MISSING)) is not MISSING
    ]


def _came_through(stack: Stack, tick: FusedTick, phase: PhasePlan, symbol: str) -> bool:
    """Whether no gate ended, for a symbol, what the phase needs, or what that needs."""
    if not phase.needs:
        return True
    needed = next(p for p in stack.wiring.phases if p.name == phase.needs)
    scope = symbol if needed.each == "symbol" else PORTFOLIO
    ended = any(tick.get(scope, f"{one}.proceed") is False for one in needed.modules)
    return not ended and _came_through(stack, tick, needed, symbol)
