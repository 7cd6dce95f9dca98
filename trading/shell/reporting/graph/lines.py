"""The lines of a drawn graph, one group a source; a pointer on a line names what it carries."""

from collections.abc import Iterator, Sequence
from html import escape

from trading.shell.reporting.graph.boxes import group_of, height
from trading.shell.reporting.graph.frame import BANDS
from trading.shell.reporting.graph.routing import Net
from trading.shell.reporting.graph.sheet import Sheet

BEND = 3.5  # radius of a corner, px
Point = tuple[float, float]


def net_lines(sheet: Sheet, net: Net) -> Iterator[str]:
    """All lines of one source, white below so that crossings are seen."""
    role = next(n.role for n in sheet.graph.nodes if n.name == net.source)
    colour = group_of(role).strong
    ways = [(edge, way(sheet, net, edge.target)) for edge in net.edges]
    yield '<g class="net">'
    for _, points in ways:
        yield f'<path class="u" stroke="{BANDS[0]}" d="{_bent(points)}"/>'
    for edge, points in ways:
        said = f"{edge.source} → {edge.target}: {', '.join(edge.names)}"
        x, y = points[-1]
        yield (
            f'<g><title>{escape(said)}</title><path class="w" stroke="{colour}" '
            f'd="{_bent(points)}"/><path d="M{x:g} {y:g}l-3 -5.5h6z" '
            f'fill="{colour}"/></g>'
        )
    yield "</g>"


def way(sheet: Sheet, net: Net, target: str) -> list[Point]:
    """The corners of one line, from the source's lower edge to the target's upper one."""
    row, _ = sheet.grid.cells[target]
    source = next(n for n in sheet.graph.nodes if n.name == net.source)
    port = net.ports[target]
    points = [(net.start, sheet.tops[net.row] + height(source))]
    first = sheet.y(net.row + 1, net.tracks.get(net.row + 1, 0))
    if net.trunk is None or row == net.row + 1:
        points += [(net.start, first), (port, first)]
    else:
        last = sheet.y(row, net.tracks.get(row, 0))
        points += [(net.start, first), (net.trunk, first), (net.trunk, last)]
        points.append((port, last))
    return _plain([*points, (port, sheet.tops[row])])


def _plain(points: Sequence[Point]) -> list[Point]:
    """The same way without points that are no corners."""
    kept = [points[0]]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        straight = before[0] == here[0] == after[0] or before[1] == here[1] == after[1]
        if here != kept[-1] and not straight:
            kept.append(here)
    return [*kept, points[-1]]


def _bent(points: Sequence[Point]) -> str:
    """A path with round corners."""
    said = [f"M{points[0][0]:g} {points[0][1]:g}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        into, out = _towards(here, before), _towards(here, after)
        said.append(
            f"L{into[0]:g} {into[1]:g}Q{here[0]:g} {here[1]:g} {out[0]:g} {out[1]:g}"
        )
    said.append(f"L{points[-1][0]:g} {points[-1][1]:g}")
    return "".join(said)


def _towards(here: Point, there: Point) -> Point:
    """The point at most a bend's radius from `here` towards `there`."""
    across, down = there[0] - here[0], there[1] - here[1]
    length = abs(across) + abs(down)
    share = min(BEND, length / 2) / length if length else 0.0
    return here[0] + across * share, here[1] + down * share
