"""What a body may be, as one list: the check and the prompt both come from it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import libcst as cst

from core import allowed
from core.body.broken import RuleBroken, broken_at
from core.body.expressions import (
    bounds,
    calls,
    comprehensions,
    defaults,
    expressions,
    formatted_strings,
    lambdas,
    rounding,
    sets,
)
from core.body.names import arguments, attributes, names, shadows
from core.body.tree import Allowed, Tree
from core.body.values import MAX_RANGE, MAX_STEPS
from core.formatting import COLUMNS

__all__ = ["BODY_RULES", "MAX_LINES", "BodyRule", "RuleBroken"]

MAX_LINES = 10
_INDENT = 4
_STATEMENTS = (
    cst.Assign,
    cst.AnnAssign,
    cst.AugAssign,
    cst.Break,
    cst.Continue,
    cst.For,
    cst.If,
    cst.Return,
)
_STATEMENT_WORDS = {
    cst.AnnAssign: "an annotation",
    cst.Assert: "assert",
    cst.ClassDef: "class",
    cst.Del: "del",
    cst.FunctionDef: "def",
    cst.Global: "global",
    cst.Import: "import",
    cst.ImportFrom: "import",
    cst.Match: "match",
    cst.Nonlocal: "nonlocal",
    cst.Pass: "pass",
    cst.Raise: "raise",
    cst.Try: "try",
    cst.TryStar: "try",
    cst.While: "while",
    cst.With: "with",
}


@dataclass(frozen=True, slots=True)
class BodyRule:
    """An id, the sentence a writer is told, and the check that enforces it."""

    id: str
    sentence: str
    check: Callable[[Tree, Allowed], Iterator[RuleBroken]]


def lines(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """At most ten lines."""
    if len(tree.rows) > MAX_LINES:
        yield RuleBroken(f"the body has {len(tree.rows)} lines", line=MAX_LINES + 1)


def columns(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """No line that the formatter could not bring under the limit."""
    for number, row in enumerate(tree.rows, 1):
        width = len(row) + _INDENT
        if width > COLUMNS:
            yield RuleBroken(f"this line is {width} columns wide", line=number)


def statements(tree: Tree, _: Allowed) -> Iterator[RuleBroken]:
    """Only the plain statements."""
    for node in tree.nodes:
        if not isinstance(node, cst.BaseSmallStatement | cst.BaseCompoundStatement):
            continue
        if _is_scaffold(tree, node) or isinstance(node, _STATEMENTS):
            continue
        if not _is_method_call(node):
            word = _STATEMENT_WORDS.get(type(node), "an expression on its own")
            yield broken_at(tree, node, f"{word} is not allowed")
    for node in tree.all(cst.Asynchronous):
        yield broken_at(tree, node, "async is not allowed")


def _is_scaffold(tree: Tree, node: cst.CSTNode) -> bool:
    return isinstance(node, cst.FunctionDef) and tree.line(node) == 0


def _is_method_call(node: cst.CSTNode) -> bool:
    """`xs.append(x)`: the one expression that does something on its own."""
    return (
        isinstance(node, cst.Expr)
        and isinstance(node.value, cst.Call)
        and isinstance(node.value.func, cst.Attribute)
    )


def returns(tree: Tree, names: Allowed) -> Iterator[RuleBroken]:
    """A dict with exactly the contract's outputs."""
    found = list(tree.all(cst.Return))
    if not found:
        yield RuleBroken("the body returns nothing", line=len(tree.rows))
    for node in found:
        if node.value is None:
            yield broken_at(tree, node, "a bare return gives None")
        elif isinstance(node.value, cst.Dict):
            yield from _returned_keys(tree, node, node.value, names)


def _returned_keys(
    tree: Tree, node: cst.CSTNode, value: cst.Dict, names: Allowed
) -> Iterator[RuleBroken]:
    keys = [_literal_key(element) for element in value.elements]
    if None in keys:
        return
    missing = [name for name in names.results if name not in keys]
    unknown = [str(key) for key in keys if key not in names.results]
    if missing:
        yield broken_at(tree, node, f"the outputs miss {', '.join(missing)}")
    if unknown:
        yield broken_at(tree, node, f"no output is called {', '.join(unknown)}")


def _literal_key(element: cst.BaseDictElement) -> str | None:
    key = element.key if isinstance(element, cst.DictElement) else None
    if not isinstance(key, cst.SimpleString):
        return None
    value = key.evaluated_value
    return value if isinstance(value, str) else None


BODY_RULES: tuple[BodyRule, ...] = (
    BodyRule(
        "lines",
        f"At most {MAX_LINES} lines after formatting at {COLUMNS} columns, the `def` "
        "line not counted.",
        lines,
    ),
    BodyRule("columns", f"No line is wider than {COLUMNS} columns.", columns),
    BodyRule(
        "statements",
        "One statement a line, and only these: assignment (also `+=` and its kind), "
        "if/elif/else, for, break, continue, return, and a method call such as "
        "`rows.append(row)`. No import, def, class, while, with, try, raise, assert, "
        "del, pass, match, global, async.",
        statements,
    ),
    BodyRule(
        "returns",
        "Every path returns a dict literal with exactly the outputs as keys.",
        returns,
    ),
    BodyRule(
        "expressions",
        "No walrus, yield, await, `<<`, `>>`, `@`, complex number, bytes or text over "
        "several lines; no `**` inside an exponent.",
        expressions,
    ),
    BodyRule(
        "comprehensions",
        "A comprehension has one `for` and none inside it.",
        comprehensions,
    ),
    BodyRule(
        "lambdas", "A lambda only as `key=` of sorted, min, max or sort.", lambdas
    ),
    BodyRule(
        "sets",
        "A set only right of `in` or `not in`: its order differs between runs.",
        sets,
    ),
    BodyRule(
        "strings",
        "Text is made with f-strings of plain values, with a format like `:.2f` at "
        "most; no `%` formatting, no `.format`.",
        formatted_strings,
    ),
    BodyRule(
        "bounds",
        f"No `range` or repetition of over {MAX_RANGE:_}, no loops of over "
        f"{MAX_STEPS:_} steps in all, no huge power.",
        bounds,
    ),
    BodyRule(
        "names",
        "Names are the parameters, your own locals, `math`, the declared capabilities "
        f"and these builtins: {', '.join(sorted(allowed.BUILTINS))}.",
        names,
    ),
    BodyRule(
        "shadows",
        "No local takes the name of a builtin, of `math` or of a capability, or has a "
        "double underscore.",
        shadows,
    ),
    BodyRule(
        "attributes",
        "Attributes are the functions and constants of `math` and these methods, "
        f"called: {', '.join(sorted(allowed.METHODS))}.",
        attributes,
    ),
    BodyRule(
        "calls",
        "Call only builtins, `math`, the methods above and the capabilities, these "
        "with keyword arguments.",
        calls,
    ),
    BodyRule(
        "rounding",
        "`round` takes one argument: the two engines round halves at a digit in "
        "different ways. To two digits write `math.floor(x * 100 + 0.5) / 100`.",
        rounding,
    ),
    BodyRule(
        "defaults",
        "No silent default for a missing field (`.get(k, 0.0)`, `pop(k, 0)`, "
        "`'k' in row`): read `row['k']`, and let a missing one raise.",
        defaults,
    ),
    BodyRule(
        "arguments",
        "Never change an argument: copy it first (`rows = list(rows)`).",
        arguments,
    ),
)
