"""The walk through the phases of a plan, as one generated function."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.stack.fused.checks import defined
from core.stack.fused.layout import GONE, PASSED
from core.stack.tick import PORTFOLIO

if TYPE_CHECKING:
    from core.stack.fused.plan import Part, Plan
    from core.stack.fused.turns import Turns

Cell = list[Any]
Cells = dict[str, Cell]
States = Mapping[str, Mapping[str, Any]]
Drive = Callable[[Cells, Cell, States, "Turns"], None]
NO_STATE: Mapping[str, Any] = {}


def states_of(plan: Plan, symbols: Iterable[str], kept: States) -> States:
    """The state of each scope before the tick; empty where nothing is remembered."""
    states: dict[str, Mapping[str, Any]] = {}
    if plan.initial_row:
        for symbol in symbols:
            states[symbol] = plan.state_of("symbol", kept.get(symbol))
    if plan.initial_whole:
        states[PORTFOLIO] = plan.state_of("portfolio", kept.get(PORTFOLIO))
    return states


def driver(parts: Sequence[Part], fits: Callable[[Cell], bool] | None) -> Drive:
    """One function that runs every phase; what is made stands in the cells then.

    `fits` judges a symbol's row, if anything is to be judged.
    """
    lines = [
        "def drive(cells, whole, states, turns):",
        "    odd, slow = turns.odd, turns.slow",
    ]
    if fits is not None:
        lines += _LINES["row"]
    may_be_slow = fits is not None
    space: dict[str, Any] = {"fits": fits, "NONE": NO_STATE, "portfolio": _portfolio}
    for number, part in enumerate(parts):
        space |= {f"part_{number}": part, f"run_{number}": part.run}
        if part.symbol:
            lines += _symbols(part, number, may_be_slow=may_be_slow)
            may_be_slow = True
        else:
            lines.append(f"    portfolio(part_{number}, cells, whole, states, turns)")
    drive: Drive = defined("\n".join(lines), "drive", space)
    return drive


_LINES = {
    "row": [
        "    for symbol, cell in cells.items():",
        "        if not fits(cell):",
        "            turns.begin(symbol, (cell, whole), states.get(symbol, NONE))",
    ],
    "slow": [
        "        if slow and symbol in slow:",
        "            turns.go_on(symbol, (cell, whole), part_{0})",
        "            continue",
    ],
    "run": [
        "        state = states[symbol] if symbol in states else NONE",
        "        at = run_{0}(cell, whole, state, symbol, odd)",
        "        if at is not None:",
        "            turns.leave(symbol, (cell, whole), state, part_{0}, at)",
    ],
}


def _symbols(part: Part, number: int, *, may_be_slow: bool) -> list[str]:
    lines = ["    for symbol, cell in cells.items():"]
    if part.needs is not None:
        cell = "cell" if part.needs[0] else "whole"
        lines.append(f"        if {cell}[{part.needs[1]}] != {PASSED}: continue")
    kinds = ("slow", "run") if may_be_slow else ("run",)
    return lines + [line.format(number) for kind in kinds for line in _LINES[kind]]


def _portfolio(
    part: Part, cells: Cells, whole: Cell, states: States, turns: Turns
) -> None:
    through = _through(part, cells, whole)
    if through is None:
        return
    for name, place, source in part.rows:
        whole[place] = [
            {"symbol": symbol, name: cell[source]}
            for symbol, cell in through.items()
            if cell[source] is not GONE
        ]
    if PORTFOLIO in turns.slow:
        turns.go_on(PORTFOLIO, (whole, whole), part)
        return
    own = states.get(PORTFOLIO, NO_STATE)
    at = part.run(whole, whole, own, PORTFOLIO, turns.odd)
    if at is not None:
        turns.leave(PORTFOLIO, (whole, whole), own, part, at)


def _through(part: Part, cells: Cells, whole: Cell) -> Cells | None:
    """The symbols that the phase is about; None if it is not to run."""
    if part.needs is None:
        return cells
    by_symbol, place = part.needs
    if not by_symbol:
        return cells if whole[place] == PASSED else None
    return {s: cell for s, cell in cells.items() if cell[place] == PASSED} or None
