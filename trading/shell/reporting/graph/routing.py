"""Lines between modules: down from a source, along the space between two rows, down again.

All lines of one source are one net. It runs in the channel below its source, and where it
goes further than one row, down one gap between columns. Nothing runs through a module.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trading.shell.reporting.graph.grid import COLUMNS, Grid
from trading.shell.reporting.graph.model import Edge, Graph

Span = tuple[float, float]
PORT = 14.0  # between two lines that enter a module, px
TRACK = 5.0  # between two lines beside each other, px
BESIDE = 10.5  # of a line through an empty cell, from the cell's middle, px
LOAD = 30.0  # px of detour that a line accepts to have a gap to itself


@dataclass(frozen=True)
class Columns:
    """The grid's columns in px: modules are `width` wide and `gap` apart."""

    left: float
    width: float
    gap: float

    def middle(self, column: int) -> float:
        """The middle of a column."""
        return self.left + column * (self.width + self.gap) + self.width / 2

    def between(self, gap: int) -> float:
        """The middle of the gap before a column; the last one is after all of them."""
        return self.left + gap * (self.width + self.gap) - self.gap / 2


@dataclass
class Net:
    """The lines of one source: `trunk` is the x of its way down, None where it has none.

    `tracks` says on which track it runs in a channel, the channel being the space above
    the row of that number.
    """

    source: str
    edges: Sequence[Edge]
    row: int
    start: float
    trunk: float | None = None
    ports: dict[str, float] = field(default_factory=dict)
    tracks: dict[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Routes:
    """Every net, and how many tracks each channel holds."""

    nets: tuple[Net, ...]
    channels: Mapping[int, int]


def routes(graph: Graph, grid: Grid, columns: Columns) -> Routes:
    """A way for each edge of the graph."""
    nets = list(_nets(graph, grid, columns))
    _trunks(nets, grid, columns)
    _ports(nets, grid, columns)
    return Routes(tuple(nets), _tracks(nets, grid))


def _nets(graph: Graph, grid: Grid, columns: Columns) -> Iterator[Net]:
    for node in graph.nodes:
        edges = [edge for edge in graph.edges if edge.source == node.name]
        if edges:
            row, column = grid.cells[node.name]
            yield Net(node.name, edges, row, columns.middle(column))


def _trunks(nets: Sequence[Net], grid: Grid, columns: Columns) -> None:
    """Give each net that goes further than one row its way down; the longest first."""
    taken: dict[float, list[Span]] = {}
    far = {net.source: _last(net, grid) for net in nets}
    for net in sorted(nets, key=lambda net: (net.row - far[net.source], net.source)):
        if far[net.source] == net.row + 1:
            continue
        span = (net.row + 1, far[net.source])
        ways = list(_ways(net, span, grid, columns))
        costs = {x: _cost(net, x, span, taken, grid, columns) for x in ways}
        net.trunk = min(ways, key=lambda x: (costs[x], x))
        taken.setdefault(net.trunk, []).append(span)


def _last(net: Net, grid: Grid) -> int:
    return max(grid.cells[edge.target][0] for edge in net.edges)


def _ways(net: Net, span: Span, grid: Grid, columns: Columns) -> Iterator[float]:
    """Every x at which nothing is in the way: gaps, and columns whose cells are empty."""
    tracks = max(1, int(columns.gap // TRACK) - 1)
    for gap in range(COLUMNS + 1):
        for track in range(tracks):
            yield columns.between(gap) + (track - (tracks - 1) / 2) * TRACK
    used = {cell for cell in grid.cells.values() if span[0] <= cell[0] < span[1]}
    for column in range(COLUMNS):
        if any(at == column for _, at in used):
            continue
        if columns.middle(column) == net.start:
            yield net.start
        for step in range(3):
            yield columns.middle(column) + BESIDE + step * PORT / 2
            yield columns.middle(column) - BESIDE - step * PORT / 2


def _cost(
    net: Net,
    x: float,
    span: Span,
    taken: Mapping[float, Sequence[Span]],
    grid: Grid,
    columns: Columns,
) -> float:
    """The length of what runs sideways if the net goes down at `x`, and who is near."""
    rows: dict[int, list[float]] = {net.row + 1: [net.start, x]}
    for edge in net.edges:
        row, column = grid.cells[edge.target]
        rows.setdefault(row, [x]).append(columns.middle(column))
    near = sum(
        LOAD * (1000 if other == x else (abs(other - x) < TRACK * 4) / 4)
        for other, spans in taken.items()
        for one in spans
        if one[0] <= span[1] and span[0] <= one[1]
    )
    return near + sum(max(xs) - min(xs) for xs in rows.values())


def _ports(nets: Sequence[Net], grid: Grid, columns: Columns) -> None:
    """Where lines enter each module, in the order they come from."""
    arriving: dict[str, list[tuple[float, Net]]] = {}
    for net in nets:
        for edge in net.edges:
            near = grid.cells[edge.target][0] == net.row + 1
            x = net.start if near or net.trunk is None else net.trunk
            arriving.setdefault(edge.target, []).append((x, net))
    for target, found in arriving.items():
        found.sort(key=lambda one: (one[0], one[1].source))
        middle = columns.middle(grid.cells[target][1])
        step = min(PORT, (columns.width - PORT) / max(1, len(found) - 1))
        shift = _shift([x for x, _ in found], middle, step)
        for at, (_, net) in enumerate(found):
            net.ports[target] = middle + (at - (len(found) - 1) / 2) * step + shift


def _shift(arrivals: Sequence[float], middle: float, step: float) -> float:
    """Keep the middle free for the line that comes straight down in it, if one does."""
    if len(arrivals) % 2:
        straight = arrivals[len(arrivals) // 2] == middle
        return 0.0 if straight else step / 2
    return 0.0


def _tracks(nets: Sequence[Net], grid: Grid) -> dict[int, int]:
    """Give each net its track in every channel it runs along; how many each holds."""
    channels: dict[int, list[tuple[Span, Net]]] = {}
    for net in nets:
        for channel, xs in runs(net, grid).items():
            if max(xs) - min(xs) > 0:
                channels.setdefault(channel, []).append(((min(xs), max(xs)), net))
    return {channel: _pack(channel, found) for channel, found in channels.items()}


def _pack(channel: int, found: Sequence[tuple[Span, Net]]) -> int:
    ends: list[list[Span]] = []
    for span, net in sorted(found, key=lambda one: (one[0][0] - one[0][1], one[0])):
        free = (
            at
            for at, spans in enumerate(ends)
            if all(span[1] + 3 < low or high + 3 < span[0] for low, high in spans)
        )
        track = next(free, len(ends))
        if track == len(ends):
            ends.append([])
        ends[track].append(span)
        net.tracks[channel] = track
    return len(ends)


def runs(net: Net, grid: Grid) -> dict[int, list[float]]:
    """The x that a net joins in each channel."""
    found: dict[int, list[float]] = {net.row + 1: [net.start]}
    if net.trunk is not None:
        found[net.row + 1].append(net.trunk)
    for edge in net.edges:
        row = grid.cells[edge.target][0]
        start = net.start if net.trunk is None else net.trunk
        found.setdefault(row, [start]).append(net.ports[edge.target])
    return found
