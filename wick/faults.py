"""Realistic faults: what a tired person gets wrong in ten lines, one at a time.

Each changes the text in one place and leaves every other line as it stands. They are
kept apart from the gate's mutants and from the search's edits, so that neither is
tested on what it was made of.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain


class Kind(StrEnum):
    """What went wrong, in words that a command line takes."""

    OFF_BY_ONE = "off-by-one"
    COMPARISON = "flipped-comparison"
    SWAPPED = "swapped-arguments"
    GUARD = "dropped-guard"
    CONSTANT = "wrong-constant"
    VARIABLE = "wrong-variable"
    OPERATOR = "wrong-operator"
    STATEMENT = "missing-statement"


@dataclass(frozen=True, slots=True)
class Fault:
    """A body with one fault: its text, what is wrong in words, and on which line."""

    kind: Kind
    words: str
    line: int
    text: str


Node = ast.expr | ast.stmt
# A node of the body and the text that stands there instead; "" takes a statement out.
Change = tuple[Kind, Node, str]

_COMPARED = {
    ast.Lt: (">", "<="),
    ast.LtE: (">=", "<"),
    ast.Gt: ("<", ">="),
    ast.GtE: ("<=", ">"),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
}
_SIGNS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.FloorDiv: "/",
}
_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
_ANY_ORDER = frozenset({"min", "max", "sum", "print"})


def faults(body: str, parameters: Sequence[str]) -> list[Fault]:
    """Every fault of a body that parses and is another program, by line and kind.

    Whether it keeps the form of a body, and whether anything shows it, is not asked.
    """
    tree = ast.parse(body)
    names = _assigned(tree) | dict.fromkeys(parameters, 0)
    found = {_meaning(one.text): one for one in _all(tree, body, names)}
    kept = [one for same, one in found.items() if same not in ("", ast.dump(tree))]
    return sorted(kept, key=lambda each: (each.line, each.kind, each.words))


def _all(tree: ast.Module, body: str, names: Mapping[str, int]) -> Iterator[Fault]:
    return (_faulty(body, change) for change in _changes(tree, names))


def _changes(tree: ast.Module, names: Mapping[str, int]) -> Iterator[Change]:
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from _flipped(node)
        elif isinstance(node, ast.Call):
            yield from chain(_swapped_call(node), _unclamped(node), _longer(node))
        elif isinstance(node, ast.BinOp):
            yield from chain(_swapped_operands(node), _other_sign(node))
        elif isinstance(node, ast.Constant):
            yield from _constants(node)
        elif isinstance(node, ast.Subscript):
            yield from _next_place(node)
        elif isinstance(node, ast.Name) and id(node) not in called:
            yield from _renamed(node, names)
        elif isinstance(node, ast.IfExp | ast.BoolOp):
            yield from _unguarded(node)
        for field in ("body", "orelse"):
            yield from _dropped(getattr(node, field, None))


def _flipped(node: ast.Compare) -> Iterator[Change]:
    if len(node.ops) == 1:
        left, right = ast.unparse(node.left), ast.unparse(node.comparators[0])
        for sign in _COMPARED.get(type(node.ops[0]), ()):
            yield Kind.COMPARISON, node, f"{left} {sign} {right}"


def _swapped_call(node: ast.Call) -> Iterator[Change]:
    function, given = ast.unparse(node.func), list(map(ast.unparse, node.args))
    if function in _ANY_ORDER or node.keywords:
        return
    for n in range(len(given) - 1):
        swapped = [*given[:n], given[n + 1], given[n], *given[n + 2 :]]
        yield Kind.SWAPPED, node, f"{function}({', '.join(swapped)})"


def _unclamped(node: ast.Call) -> Iterator[Change]:
    """`max(1.0, raw)` keeps a value in bounds; without it, it does not."""
    if ast.unparse(node.func) in ("min", "max") and len(node.args) > 1:
        for kept in node.args:
            if not isinstance(kept, ast.Constant):
                yield Kind.GUARD, node, ast.unparse(kept)


def _longer(node: ast.Call) -> Iterator[Change]:
    if ast.unparse(node.func) == "len":
        for step in ("+ 1", "- 1"):
            yield Kind.OFF_BY_ONE, node, f"{ast.unparse(node)} {step}"
    if ast.unparse(node.func) == "range" and node.args:
        *first, last = map(ast.unparse, node.args)
        for step in ("+ 1", "- 1"):
            yield (
                Kind.OFF_BY_ONE,
                node,
                f"range({', '.join([*first, f'{last} {step}'])})",
            )


def _swapped_operands(node: ast.BinOp) -> Iterator[Change]:
    if isinstance(node.op, _ORDERED):
        swapped = ast.BinOp(node.right, node.op, node.left)
        yield Kind.SWAPPED, node, ast.unparse(swapped)


def _other_sign(node: ast.BinOp) -> Iterator[Change]:
    if sign := _SIGNS.get(type(node.op)):
        wrong = ast.parse(f"a {sign} b", mode="eval").body
        assert isinstance(wrong, ast.BinOp)  # noqa: S101  for the type checker
        made = ast.BinOp(node.left, wrong.op, node.right)
        yield Kind.OPERATOR, node, ast.unparse(made)


def _constants(node: ast.Constant) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield Kind.CONSTANT, node, str(not value)
    elif isinstance(value, int):
        yield from ((Kind.OFF_BY_ONE, node, str(value + step)) for step in (1, -1))
    if isinstance(value, int | float) and value and not isinstance(value, bool):
        for wrong in (value * 10, value / 10, -value):
            yield Kind.CONSTANT, node, repr(wrong)


def _next_place(node: ast.Subscript) -> Iterator[Change]:
    """`rows[n]` becomes `rows[n + 1]`; a plain number is a constant, changed above."""
    place = node.slice
    if isinstance(place, ast.Name | ast.BinOp):
        yield Kind.OFF_BY_ONE, place, f"{ast.unparse(place)} + 1"


def _renamed(node: ast.Name, names: Mapping[str, int]) -> Iterator[Change]:
    """Another name that has a value by then."""
    if isinstance(node.ctx, ast.Load) and node.id in names:
        for other, line in names.items():
            if line < node.lineno:
                yield Kind.VARIABLE, node, other


def _unguarded(node: ast.IfExp | ast.BoolOp) -> Iterator[Change]:
    parts = [node.body] if isinstance(node, ast.IfExp) else node.values
    for kept in parts:
        yield Kind.GUARD, node, ast.unparse(kept)


def _dropped(block: object) -> Iterator[Change]:
    """One statement of a block is missing; never the only one, nor the last."""
    statements = block if isinstance(block, list) else []
    for statement in statements[:-1]:
        guard = isinstance(statement, ast.If) and not statement.orelse
        yield Kind.GUARD if guard else Kind.STATEMENT, statement, ""


def _assigned(tree: ast.Module) -> dict[str, int]:
    """Each name that a statement binds, with the line on which it first does."""
    inner = {
        id(node)
        for each in ast.walk(tree)
        if isinstance(each, ast.comprehension)
        for node in ast.walk(each.target)
    }
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Name) or id(node) in inner:
            continue
        if isinstance(node.ctx, ast.Store):
            found[node.id] = min(node.lineno, found.get(node.id, node.lineno))
    return found


def _faulty(body: str, change: Change) -> Fault:
    kind, node, text = change
    was = _first(ast.get_source_segment(body, node) or "")
    if not text:
        return Fault(kind, f"`{was}` is missing", node.lineno, _without(body, node))
    return Fault(
        kind, f"`{was}` became `{text}`", node.lineno, _replaced(body, node, text)
    )


def _meaning(text: str) -> str:
    """Equal for texts that are one program; "" for a text that is none."""
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return ""


def _replaced(body: str, node: Node, text: str) -> str:
    """The text in the node's place, in brackets only where it needs them."""
    bare, bracketed = _spliced(body, node, text), _spliced(body, node, f"({text})")
    return bare if _meaning(bare) == _meaning(bracketed) else bracketed


def _spliced(body: str, node: Node, text: str) -> str:
    rows = [row.encode() for row in body.splitlines()]
    first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
    before, after = rows[first][: node.col_offset], rows[last][node.end_col_offset :]
    rows[first : last + 1] = [before + text.encode() + after]
    return b"\n".join(rows).decode() + "\n"


def _without(body: str, node: Node) -> str:
    rows = body.splitlines()
    del rows[node.lineno - 1 : node.end_lineno]
    return "\n".join(rows) + "\n"


def _first(text: str) -> str:
    """A statement's first line, for a sentence."""
    return text.partition("\n")[0]
