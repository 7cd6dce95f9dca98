"""A module as a box: its name, role and place, what it is given, what it makes."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

from trading.shell.reporting.graph.model import Node

WIDTH = 144.0
PAD = 5.0
HEAD, LINE, CHIP = 17.0, 12.0, 13.0  # heights of the parts of a box, px
LETTER = 0.602  # width of a monospaced letter, a share of its size
SMALL = 8.6
GREY = "#6b7280"
TOLD = "» "  # before what a module makes for the shell and the record


class Group(NamedTuple):
    """What some roles have in common: a name and the colours of their boxes."""

    name: str
    strong: str
    light: str
    roles: tuple[str, ...]


GROUPS = (
    Group("scan", "#0f766e", "#d5f2ec", ("scan", "rank")),
    Group("exit", "#a16207", "#fdf0c8", ("exit", "stop")),
    Group("evidence", "#1d4ed8", "#dde8ff", ("evidence", "condition", "function")),
    Group("signal", "#6d28d9", "#eae2fe", ("signal", "entry")),
    Group("gate", "#b91c1c", "#fde2e2", ("gate",)),
    Group(
        "size and risk",
        "#c2410c",
        "#fee7d6",
        ("bracket", "target", "leverage", "size", "allocation"),
    ),
    Group("orders", "#15803d", "#dcf5e1", ("order", "risk")),
    Group("account and trouble", "#475569", "#e6eaef", ("account", "trouble")),
)
OTHER = Group("other", "#374151", "#eceef1", ())
CHIPS = {
    "given": ("#ffffff", "#cbd5e1", "#334155"),
    "parameter": ("#fff7d6", "#e3c55a", "#6b4e00"),
    "memory": ("#f6e8ff", "#c9a2ec", "#5b21b6"),
    "asks": ("#e7fbff", "#7cc7d8", "#155e75"),
}
"""Fill, line and text colour of a chip, by what it holds."""


def group_of(role: str) -> Group:
    """The group of a role."""
    return next((group for group in GROUPS if role in group.roles), OTHER)


def height(node: Node) -> float:
    """How high the node's box is, px."""
    chips, makes = len(_chip_lines(node)), len(_made_lines(node))
    return HEAD + LINE + chips * CHIP + makes * LINE + 6


def box(node: Node, x: float, y: float) -> Iterator[str]:
    """The box with its left upper corner at (x, y)."""
    group = group_of(node.role)
    yield f'<g class="box"><title>{escape(_title(node))}</title>'
    yield (
        f'<rect x="{x:g}" y="{y:g}" width="{WIDTH:g}" height="{height(node):g}" rx="5" '
        f'fill="{group.light}" stroke="{group.strong}"/>'
    )
    yield (
        f'<path d="M{x:g} {y + HEAD:g}v{5 - HEAD:g}q0 -5 5 -5h{WIDTH - 10:g}'
        f'q5 0 5 5v{HEAD - 5:g}z" fill="{group.strong}"/>'
    )
    yield _name(node.name, x, y)
    yield from _role(node, x, y + HEAD + 9, group)
    top = y + HEAD + LINE
    yield from _chips(node, x, top)
    top += len(_chip_lines(node)) * CHIP
    for at, line in enumerate(_made_lines(node)):
        ink = group.strong if line.startswith(TOLD) else "#111827"
        style = f'font-size="{SMALL}" font-weight="700" fill="{ink}"'
        yield text(x + PAD, top + 9.5 + at * LINE, line, style)
    yield "</g>"


def text(x: float, y: float, said: str, style: str) -> str:
    """A line of text that begins at (x, y)."""
    return f'<text x="{x:g}" y="{y:g}" {style}>{escape(said)}</text>'


def wide(said: str, size: float = SMALL) -> float:
    """How wide a text is, px."""
    return len(said) * size * LETTER


def _name(name: str, x: float, y: float) -> str:
    size = min(10.5, (WIDTH - 6) / (LETTER * len(name)))
    style = f'text-anchor="middle" font-size="{size:.3g}" font-weight="700" fill="#fff"'
    return text(x + WIDTH / 2, y + 12, name, style)


def _role(node: Node, x: float, y: float, group: Group) -> Iterator[str]:
    ends = " · can end it" if node.ends else ""
    style = f'font-size="{SMALL}" fill="{group.strong}"'
    yield text(x + PAD, y, f"{node.role}{ends}", f'{style} font-style="italic"')
    yield text(x + WIDTH - PAD, y, str(node.place), f'{style} text-anchor="end"')


def _chips(node: Node, x: float, y: float) -> Iterator[str]:
    for at, line in enumerate(_chip_lines(node)):
        left = x + PAD
        for kind, name in line:
            fill, edge, ink = CHIPS[kind]
            width = wide(name) + 6
            top = y + at * CHIP
            yield (
                f'<rect x="{left:g}" y="{top + 1:g}" width="{width:.4g}" height="11" '
                f'rx="3" fill="{fill}" stroke="{edge}" stroke-width=".7"/>'
            )
            yield text(left + 3, top + 9.3, name, f'font-size="{SMALL}" fill="{ink}"')
            left += width + 3


def _chip_lines(node: Node) -> list[list[tuple[str, str]]]:
    chips = [
        *(("given", name) for name in node.given),
        *(("parameter", name) for name in node.parameters),
        *(("memory", name) for name in node.state),
        *(("asks", f"{name}()") for name in node.asks),
    ]
    lines: list[list[tuple[str, str]]] = []
    left = 0.0
    for kind, name in chips:
        width = wide(name) + 9
        if not lines or left + width > WIDTH - 2 * PAD + 3:
            lines.append([])
            left = 0.0
        lines[-1].append((kind, name))
        left += width
    return lines


def _made_lines(node: Node) -> list[str]:
    """What a module makes, an arrow before it, in lines that fit."""
    read = [name for name in node.makes if name not in node.told]
    room = WIDTH - 2 * PAD
    return [*wrapped("→ ", read, room), *wrapped(TOLD, node.told, room, TOLD)]


def wrapped(
    before: str, names: Sequence[str], room: float, again: str = "  "
) -> list[str]:
    """Names with commas between, in lines of `room` px that begin so, and so again."""
    lines: list[str] = []
    for at, name in enumerate(names):
        said = name + ("," if at < len(names) - 1 else "")
        if lines and wide(f"{lines[-1]} {said}") <= room:
            lines[-1] += f" {said}"
        else:
            lines.append(f"{before if not lines else again}{said}")
    return lines


def _title(node: Node) -> str:
    """What a pointer over the box shows."""
    parts = [f"{node.name} ({node.role}): {node.says}."]
    for word, names in (
        ("given", node.given),
        ("parameters", node.parameters),
        ("remembers", node.state),
        ("may ask", node.asks),
        ("makes", node.makes),
    ):
        if names:
            parts.append(f"{word}: {', '.join(names)}")
    return "\n".join(parts)
