"""Where each module of a graph stands: lanes of rows, seven columns wide.

In a phase a module stands below what it reads. A gate stands as high as that allows,
all else as low, beside what reads it. Columns are chosen so that lines are short.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import fmean

from core.stack.phases import PhasePlan
from trading.shell.reporting.graph.model import Graph, Node

COLUMNS = 7
Cell = tuple[int, int]
Cells = dict[str, Cell]


@dataclass(frozen=True)
class Lane:
    """A phase's part of the grid: rows `top` to `bottom`, from column `left` on."""

    phase: PhasePlan
    top: int
    bottom: int
    left: int
    right: int = COLUMNS - 1


@dataclass(frozen=True)
class Grid:
    """(row, column) of each module, and the lanes."""

    lanes: tuple[Lane, ...]
    cells: Mapping[str, Cell]
    rows: int


def grid_of(graph: Graph) -> Grid:
    """Every module of the graph in its cell."""
    lanes, cells, rows = _stacked(graph)
    fixed = {node.name for node in graph.nodes if _asked(graph, node)}
    _settle(graph, cells, fixed)
    return Grid(tuple(lanes), cells, rows)


def _asked(graph: Graph, node: Node) -> bool:
    return any(phase.asked for phase in graph.phases if phase.name == node.phase)


def _stacked(graph: Graph) -> tuple[list[Lane], Cells, int]:
    """Ticked phases one below the other, asked ones beside each other at the end."""
    lanes: list[Lane] = []
    cells: Cells = {}
    row = 0
    for phase in (phase for phase in graph.phases if not phase.asked):
        found = list(_rows(graph, phase))
        cells.update(_spread(found, row))
        lanes.append(Lane(phase, row, row + len(found) - 1, 0))
        row += len(found)
    for line in _beside([phase for phase in graph.phases if phase.asked]):
        row = _one_line(graph, line, row, lanes, cells)
    return lanes, cells, row


def _beside(phases: Sequence[PhasePlan]) -> list[list[PhasePlan]]:
    """Lines of phases that fit beside each other, a column between two for a label."""
    lines: list[list[PhasePlan]] = []
    for phase in phases:
        line = [*lines[-1], phase] if lines else []
        if line and sum(len(each.modules) + 1 for each in line) - 1 <= COLUMNS:
            lines[-1] = line
        else:
            lines.append([phase])
    return lines


def _one_line(
    graph: Graph, line: Sequence[PhasePlan], row: int, lanes: list[Lane], cells: Cells
) -> int:
    """Phases beside each other from `row` on; the row after them."""
    left, height = 0, 1
    for phase in line:
        found = list(_rows(graph, phase))
        height = max(height, len(found))
        width = max(map(len, found))
        last = COLUMNS - 1 if phase is line[-1] else left + width - 1
        lanes.append(Lane(phase, row, row + len(found) - 1, left, last))
        for at, names in enumerate(found):
            for column, name in enumerate(names):
                cells[name] = (row + at, left + column)
        left += width + 1
    return row + height


def _rows(graph: Graph, phase: PhasePlan) -> Iterator[list[str]]:
    """The phase's modules in rows, none wider than the grid."""
    levels = _levels(graph, phase)
    for level in range(max(levels.values()) + 1):
        names = [name for name in phase.modules if levels[name] == level]
        count = -(-len(names) // COLUMNS)
        size = -(-len(names) // count)
        yield from (names[at : at + size] for at in range(0, len(names), size))


def _levels(graph: Graph, phase: PhasePlan) -> dict[str, int]:
    """How far down each module of a phase stands."""
    high: dict[str, int] = {}
    for name in phase.modules:
        above = [high[e.source] for e in graph.into(name) if e.source in high]
        high[name] = max(above, default=-1) + 1
    ends = {node.name for node in graph.of(phase) if node.ends}
    levels: dict[str, int] = {}
    for name in reversed(phase.modules):
        readers = [e.target for e in graph.edges if e.source == name]
        below = [levels[each] - 1 for each in readers if each in levels]
        levels[name] = high[name] if name in ends else min(below, default=_most(high))
    return levels


def _most(high: Mapping[str, int]) -> int:
    return max(high.values())


def _spread(rows: Sequence[Sequence[str]], first: int) -> Cells:
    """Rows to begin with: evenly over the width."""
    return {
        name: (first + at, round((place + 0.5) * COLUMNS / len(names) - 0.5))
        for at, names in enumerate(rows)
        for place, name in enumerate(names)
    }


def _settle(graph: Graph, cells: Cells, fixed: Iterable[str]) -> None:
    """Move modules along their rows until lines get no shorter."""
    beside = _neighbours(graph)
    rows: dict[int, list[str]] = {}
    for name, (row, _) in cells.items():
        if name not in fixed:
            rows.setdefault(row, []).append(name)
    for _ in range(4):
        for row in (*sorted(rows), *sorted(rows, reverse=True)):
            _order(rows[row], row, cells, beside)
    while any(_swapped(names, cells, beside) for names in rows.values()):
        pass


def _neighbours(graph: Graph) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {node.name: [] for node in graph.nodes}
    for edge in graph.edges:
        found[edge.source].append(edge.target)
        found[edge.target].append(edge.source)
    return found


def _order(
    names: Sequence[str], row: int, cells: Cells, beside: Mapping[str, list[str]]
) -> None:
    """A row in the order of its barycentres, as near to them as the columns allow."""
    wanted = {name: _wanted(name, cells, beside) for name in names}
    line = sorted(names, key=lambda name: (wanted[name], name))
    best = min(
        combinations(range(COLUMNS), len(line)),
        key=lambda places: sum(
            abs(at - wanted[name]) for at, name in zip(places, line, strict=True)
        ),
    )
    cells.update(
        {name: (row, at) for name, at in zip(line, best, strict=True)},
    )


def _wanted(name: str, cells: Cells, beside: Mapping[str, list[str]]) -> float:
    """The mean column of a module's neighbours; its own where it has none."""
    return fmean([cells[each][1] for each in beside[name]] or [cells[name][1]])


def _swapped(
    names: Sequence[str], cells: Cells, beside: Mapping[str, list[str]]
) -> bool:
    """Whether moving a module of a row, or two past each other, made lines shorter."""
    for name in names:
        for column in range(COLUMNS):
            moved = _moved(name, column, names, cells)
            before = _length(moved, cells, beside)
            if _length(moved, {**cells, **moved}, beside) < before - 1e-9:
                cells.update(moved)
                return True
    return False


def _moved(name: str, column: int, names: Sequence[str], cells: Cells) -> Cells:
    """The cells of a module moved to a column, and of the one that stood there."""
    row, own = cells[name]
    there = {each: (row, own) for each in names if cells[each][1] == column}
    return {**there, name: (row, column)}


def _length(
    names: Iterable[str], cells: Cells, beside: Mapping[str, list[str]]
) -> float:
    """How long the lines of these modules are, far ones weighing more."""
    return sum(
        math.pow(abs(cells[name][1] - cells[each][1]), 1.2)
        for name in names
        for each in beside[name]
    )
