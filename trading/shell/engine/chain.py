"""The chain of module calls behind a decision: who read what, and what each made of it.

A fast tick keeps no trace, yet its cells hold every value; modules are pure, so what
they read and made is the whole of what they did.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from core.names import STATE_PREFIX
from core.stack.fused import FusedRun, FusedTick
from core.stack.tick import PORTFOLIO
from core.stack.wiring import PhasePlan
from trading.shell.engine.links import Chain

MISSING = object()
Link = dict[str, Any]
Seen = Mapping[str, Mapping[str, Any]]
"""What is there by scope and name."""


def chain_of(run: FusedRun, tick: FusedTick, symbol: str) -> Chain:
    """Every module that ran for a symbol, in order: phase, version, inputs, outputs."""
    seen = {scope: tick.there(scope) for scope in (symbol, PORTFOLIO)}
    return Chain(_links(run, tick, symbol, seen))


def _links(run: FusedRun, tick: FusedTick, symbol: str, seen: Seen) -> Iterator[Link]:
    for phase in run.stack.wiring.phases:
        if phase.asked:
            continue
        scope = symbol if phase.each == "symbol" else PORTFOLIO
        for module in phase.modules:
            link = _link(run, tick, phase, module, scope, seen)
            if link is not None:
                yield {"phase": phase.name, "module": module, "symbol": scope, **link}


def _link(
    run: FusedRun,
    tick: FusedTick,
    phase: PhasePlan,
    module: str,
    scope: str,
    seen: Seen,
) -> Link | None:
    """What a module read and made; None where it did not run."""
    entry = run.stack.entries[module]
    contract = entry.spec.contract
    places = {name: _place(module, name) for name in contract.results}
    if not seen[scope].keys() >= set(places.values()):
        return None
    made = {name: seen[scope][place] for name, place in places.items()}
    rows = {} if scope else _rows(run, tick, phase, module)
    read = {
        name: rows[name] if name in rows else _read(run, tick, scope, name, seen)
        for name in contract.parameters
    }
    return {"version": entry.version, "inputs": read, "outputs": made}


def _place(module: str, name: str) -> str:
    """The name under which a tick holds what a module gives."""
    return f"{module}.{name}" if name in ("proceed", "reason") else name


def _rows(
    run: FusedRun, tick: FusedTick, phase: PhasePlan, module: str
) -> dict[str, list[dict[str, Any]]]:
    """What a portfolio module read of the symbols: a row each, ordered by symbol."""
    read = run.stack.entries[module].spec.contract.parameters
    names = [name for name in tick.rows_read(phase.name) if name in read]
    through = [s for s in sorted(tick.cells) if _came_through(run, tick, phase, s)]
    return {
        name: [
            {"symbol": symbol, name: value}
            for symbol in through
            if (value := tick.get(symbol, name, MISSING)) is not MISSING
        ]
        for name in names
    }


def _came_through(
    run: FusedRun, tick: FusedTick, phase: PhasePlan, symbol: str
) -> bool:
    """Whether no gate ended, for a symbol, what the phase needs, or what that needs."""
    if not phase.needs:
        return True
    needed = next(p for p in run.stack.wiring.phases if p.name == phase.needs)
    scope = symbol if needed.each == "symbol" else PORTFOLIO
    ended = any(tick.get(scope, f"{one}.proceed") is False for one in needed.modules)
    return not ended and _came_through(run, tick, needed, symbol)


def _read(run: FusedRun, tick: FusedTick, scope: str, name: str, seen: Seen) -> Any:
    """An input from the symbol's own values, else what is the same for all symbols."""
    if name.startswith(STATE_PREFIX):
        return tick.before(scope).get(name.removeprefix(STATE_PREFIX))
    for place in (scope, PORTFOLIO):
        if name in seen[place]:
            return seen[place][name]
    own = run.stack.file.own.get(name)
    return own.value if own else None
