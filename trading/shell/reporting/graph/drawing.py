"""The graph as one SVG that needs nothing else: 1280 px wide, phases from top to bottom."""

from collections.abc import Iterator
from html import escape

from core.counting import counted
from trading.shell.reporting.graph.boxes import WIDTH, box
from trading.shell.reporting.graph.frame import bands, title
from trading.shell.reporting.graph.lines import net_lines
from trading.shell.reporting.graph.model import Graph
from trading.shell.reporting.graph.sheet import PAGE, PLACES, Sheet, laid

STYLE = (
    "text{font-family:ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace}"
    ".w{fill:none;stroke-width:1.3;stroke-linejoin:round}"
    ".u{fill:none;stroke-width:4;stroke-linejoin:round}"
    ".net:hover .w{stroke-width:3}"
)


def drawn(graph: Graph) -> str:
    """The whole graph as an SVG document."""
    sheet = laid(graph)
    size = f"0 0 {PAGE:g} {sheet.height:g}"
    named = f"The stack {graph.stack}: {counted(len(graph.nodes), 'module')}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{size}" '
        f'width="{PAGE:g}" height="{sheet.height:g}" role="img">',
        f"<title>{escape(named)}</title><style>{STYLE}</style>",
        f'<rect width="{PAGE:g}" height="{sheet.height:g}" fill="#fff"/>',
        *title(graph),
        *bands(sheet),
        *(line for net in sheet.routes.nets for line in net_lines(sheet, net)),
        *_boxes(sheet),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _boxes(sheet: Sheet) -> Iterator[str]:
    for node in sheet.graph.nodes:
        row, column = sheet.grid.cells[node.name]
        yield from box(node, PLACES.middle(column) - WIDTH / 2, sheet.tops[row])
