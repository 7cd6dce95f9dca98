"""A graph laid out on a sheet: where each row and each line is, px."""

from collections.abc import Sequence
from dataclasses import dataclass

from trading.shell.reporting.graph.boxes import WIDTH, height
from trading.shell.reporting.graph.grid import COLUMNS, Grid, grid_of
from trading.shell.reporting.graph.model import Graph
from trading.shell.reporting.graph.routing import TRACK, Columns, Routes, routes

PAGE = 1280.0
LABEL = 88.0  # px for a phase's name, left of its modules
TOP = 74.0  # px for the title and the legend
GAP = (PAGE - LABEL - 6 - COLUMNS * WIDTH) / (COLUMNS + 1)
PLACES = Columns(LABEL + GAP, WIDTH, GAP)
CLEAR = 9.0  # px between a module and the nearest line along it


@dataclass(frozen=True)
class Sheet:
    """The graph laid out: `tops` is where each row of boxes begins, px."""

    graph: Graph
    grid: Grid
    routes: Routes
    tops: Sequence[float]
    heights: Sequence[float]

    @property
    def height(self) -> float:
        """All of it, px."""
        return self.tops[-1] + self.heights[-1] + CLEAR + 8

    def y(self, channel: int, track: int) -> float:
        """Where a track of the channel above row `channel` runs."""
        count = self.routes.channels.get(channel, 0)
        return self.tops[channel] - CLEAR - 3 - (count - 1 - track) * TRACK


def laid(graph: Graph) -> Sheet:
    """Every row and line of the graph in its place."""
    grid = grid_of(graph)
    found = routes(graph, grid, PLACES)
    tall = [0.0] * grid.rows
    for node in graph.nodes:
        row, _ = grid.cells[node.name]
        tall[row] = max(tall[row], height(node))
    first = {lane.top for lane in grid.lanes}
    tops: list[float] = []
    y = TOP
    for row in range(grid.rows):
        lines = found.channels.get(row, 0) * TRACK
        y += 2 * CLEAR + lines + (7 if row in first else 0)
        tops.append(y)
        y += tall[row]
    return Sheet(graph, grid, found, tops, tall)
