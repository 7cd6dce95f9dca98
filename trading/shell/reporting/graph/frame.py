"""What stands around a drawn graph: title, legend, and a band with its name a phase."""

from collections.abc import Iterator, Sized

from core.stack.phases import PhasePlan
from trading.shell.reporting.graph.boxes import CHIPS, GREY, GROUPS, text, wide
from trading.shell.reporting.graph.grid import COLUMNS, Lane
from trading.shell.reporting.graph.model import Graph
from trading.shell.reporting.graph.routing import TRACK
from trading.shell.reporting.graph.sheet import CLEAR, LABEL, PAGE, PLACES, Sheet

BANDS = ("#f7f8fa", "#eff1f4")


def title(graph: Graph) -> Iterator[str]:
    """The stack's name, and what colours and marks mean."""
    count = f"{_many(graph.nodes, 'module')} · {_many(graph.edges, 'connection')}"
    yield text(8, 24, graph.stack, 'font-size="17" font-weight="700" fill="#111827"')
    yield text(20 + wide(graph.stack, 17), 24, count, f'font-size="11" fill="{GREY}"')
    x = 8.0
    roles = {node.role for node in graph.nodes}
    for group in GROUPS:
        if roles & set(group.roles):
            yield f'<rect x="{x:g}" y="36" width="11" height="11" rx="2" fill="{group.strong}"/>'
            yield text(x + 15, 45.5, group.name, 'font-size="10" fill="#1f2937"')
            x += 15 + wide(group.name, 10) + 16
    yield from _keys()


def _many(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'s' * (len(things) != 1)}"


def _keys() -> Iterator[str]:
    x = 8.0
    for kind, said in (
        ("given", "given by the shell"),
        ("parameter", "parameter"),
        ("memory", "remembered"),
        ("asks", "may be asked"),
    ):
        fill, edge, ink = CHIPS[kind]
        width = wide(said) + 8
        yield (
            f'<rect x="{x:g}" y="55" width="{width:.4g}" height="13" rx="3" '
            f'fill="{fill}" stroke="{edge}"/>'
        )
        yield text(x + 4, 64.5, said, f'font-size="8.6" fill="{ink}"')
        x += width + 8
    said = (
        "→ makes, for other modules · » makes, for the shell and the record · can end it: "
        "a false `proceed` ends the phase for the symbol · number: order of running"
    )
    yield text(x + 8, 64.5, said, f'font-size="8.6" fill="{GREY}"')


def bands(sheet: Sheet) -> Iterator[str]:
    """A band behind each lane, the phase's name at its left."""
    for at, lane in enumerate(sheet.grid.lanes):
        top, bottom = _edges_of(sheet, lane)
        left, right = _sides(lane)
        dash = ' stroke-dasharray="5 4"' if lane.phase.asked else ""
        yield (
            f'<rect x="{left:.5g}" y="{top:g}" width="{right - left:.5g}" '
            f'height="{bottom - top:g}" rx="6" fill="{BANDS[at % 2]}" '
            f'stroke="#d5d9e0"{dash}/>'
        )
        yield from _label(lane.phase, left + 8, top + 20)


def _edges_of(sheet: Sheet, lane: Lane) -> tuple[float, float]:
    lines = sheet.routes.channels.get(lane.top, 0) * TRACK
    top = sheet.tops[lane.top] - lines - 2 * CLEAR + 2
    tallest = [sheet.heights[row] for row in range(lane.top, lane.bottom + 1)]
    return top, sheet.tops[lane.bottom] + tallest[-1] + 5


def _sides(lane: Lane) -> tuple[float, float]:
    """Where a lane begins and ends; its label stands before its first column."""
    left = 4.0 if lane.left == 0 else PLACES.between(lane.left) - LABEL
    if lane.right == COLUMNS - 1:
        return left, PAGE - 4
    return left, PLACES.between(lane.right + 1)


def _label(phase: PhasePlan, x: float, y: float) -> Iterator[str]:
    yield text(x, y, phase.name, 'font-size="13" font-weight="700" fill="#111827"')
    each = "portfolio" if phase.each == "portfolio" else "each symbol"
    said = [each, *([f"after {phase.needs}"] if phase.needs else [])]
    if phase.asked:
        said.append("when asked")
    for at, line in enumerate(said):
        yield text(x, y + 13 + at * 11, line, f'font-size="9" fill="{GREY}"')
