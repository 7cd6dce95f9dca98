"""A body: at most ten lines that go under a module's `def`, in one canonical form.

Canonical means formatted at 88 columns, without comments, docstring or blank lines: a
comment could switch the formatter or the type checker off, and the spec's prose says
what the body is for. Two texts with one canonical form have one hash.
"""

import ast
import hashlib
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import libcst as cst

from core import allowed
from core.body.broken import RuleBroken
from core.body.rules import BODY_RULES
from core.body.tree import SCAFFOLD, Allowed, Tree, allowed_for, scaffold
from core.errors import BodyRefused
from core.findings import Finding
from core.formatting import canonical_format

if TYPE_CHECKING:
    from core.spec import Spec

__all__ = [
    "ALLOWED_BUILTINS",
    "BODY_RULES",
    "Body",
    "body_rules_text",
    "check_body",
    "function_source",
    "parse_body",
    "source_with",
    "uses_math",
]

ALLOWED_BUILTINS = allowed.BUILTINS
# Ten lines of 88 columns are 880; the rest is room for remarks.
MAX_CHARACTERS = 4_000
# Levels of syntax tree. Deeper texts can overrun the stack of a recursive parser.
MAX_DEPTH = 64


@dataclass(frozen=True, slots=True)
class Body:
    """Canonical text without indentation, its sha256 (hex) and its line count."""

    text: str
    hash: str
    lines: int


@lru_cache(maxsize=4096)
def parse_body(text: str) -> Body:
    """The canonical body of `text`; `BodyRefused` when it is not statements.

    `text` holds what goes under the `def` line, at any common indentation.
    """
    bare = _without_remarks(_parsed(_plain_text(text)))
    return _as_body(canonical_format(bare.code))


def check_body(spec: "Spec", body_text: str) -> list[Finding]:
    """Every body rule that `body_text` breaks, in the order of `BODY_RULES`."""
    try:
        body = parse_body(body_text)
    except BodyRefused as refused:
        return [Finding("form", refused.message, refused.remedy, line=_line(refused))]
    return check_canonical(body, allowed_for(spec))


def check_canonical(body: Body, names: Allowed) -> list[Finding]:
    """The rules broken by a body that is canonical already."""
    tree = Tree(body.text)
    return [
        _finding(broken, rule.sentence)
        for rule in BODY_RULES
        for broken in rule.check(tree, names)
    ]


def body_rules_text(spec: "Spec") -> str:
    """The rules as a numbered list for a prompt, with the names this spec gives."""
    names = allowed_for(spec)
    rules = [f"{n}. {rule.sentence}" for n, rule in enumerate(BODY_RULES, 1)]
    return "\n".join([*rules, "", *_names_text(names)])


def function_source(spec: "Spec", body: "Body | str") -> str:
    """Signature and indented body, after `import math` where the body uses it."""
    from core.spec import signature

    parsed = body if isinstance(body, Body) else parse_body(body)
    return source_with(signature(spec), parsed)


def source_with(signature_line: str, body: Body) -> str:
    """What Monty and the native engine compile: a signature over a body."""
    head = "import math\n\n\n" if uses_math(body) else ""
    return f"{head}{signature_line}\n{textwrap.indent(body.text, '    ')}"


def uses_math(body: Body) -> bool:
    """True when the body reads a name of the `math` module."""
    return "math." in body.text and any(
        isinstance(node.value, cst.Name) and node.value.value == "math"
        for node in Tree(body.text).all(cst.Attribute)
    )


def _plain_text(text: str) -> str:
    """`text` with Unix newlines, no common indentation and no blank edges."""
    if "\x00" in text or len(text) > MAX_CHARACTERS:
        fault = "a NUL byte" if "\x00" in text else f"{len(text)} characters"
        raise _refused(f"the body holds {fault}", f"give at most {MAX_CHARACTERS}")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    plain = textwrap.dedent(lines.expandtabs(4)).strip("\n").rstrip()
    if not plain.strip():
        raise _refused("the body is empty", "give at least one return statement")
    return plain


def _parsed(plain: str) -> cst.Module:
    """The body under a `def`; a text that is not one block of statements is refused."""
    source = scaffold(plain)
    _refuse_depth(_syntax(source))
    try:
        module = cst.parse_module(source)
    except cst.ParserSyntaxError as error:
        raise _no_python(error.message, error.raw_line) from error
    if len(module.body) != 1:
        raise _refused("the body leaves its function", "indent every line alike")
    return module


def _syntax(source: str) -> ast.Module:
    """CPython's own parse: unlike libcst's it survives any nesting."""
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise _no_python(error.msg, error.lineno or 2) from error
    except (MemoryError, RecursionError, ValueError) as error:
        raise _refused("the body nests too deeply", "split the expression") from error


def _refuse_depth(tree: ast.Module) -> None:
    level: list[ast.AST] = [tree]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
    raise _refused("the body nests too deeply", "split the expression")


def _no_python(message: str, line: int) -> BodyRefused:
    return _refused(
        f"the body does not parse: {message.splitlines()[0]}",
        "give complete Python 3.11 statements, no prose and no fences",
        line=max(1, line - 1),
    )


class _RemarkRemover(cst.CSTTransformer):
    """Drops comments and blank lines; libcst names its hooks after its nodes."""

    def leave_EmptyLine(self, *_: cst.CSTNode) -> cst.RemovalSentinel:  # noqa: N802
        return cst.RemoveFromParent()

    def leave_TrailingWhitespace(  # noqa: N802
        self, *_: cst.CSTNode
    ) -> cst.TrailingWhitespace:
        return cst.TrailingWhitespace()


def _without_remarks(module: cst.Module) -> cst.Module:
    """The same statements without comments, blank lines and docstring."""
    bare = module.visit(_RemarkRemover())
    function = bare.body[0]
    if not isinstance(function, cst.FunctionDef):
        raise _refused("the body is not statements", "give statements, not a function")
    kept = list(function.body.body)
    if function.get_docstring(clean=False) is not None:
        kept = kept[1:]
    if not kept:
        raise _refused("the body only has remarks", "give at least one statement")
    block = function.body.with_changes(body=kept)
    return bare.with_changes(body=[function.with_changes(body=block)])


def _as_body(formatted: str) -> Body:
    # The formatter may leave a blank line (after a nested def, say); none counts.
    rows = [row for row in formatted.splitlines() if row.strip()]
    if not rows or rows[0] != SCAFFOLD:
        raise _refused("the body leaves its function", "indent every line alike")
    text = textwrap.dedent("\n".join(rows[1:])) + "\n"
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return Body(text=text, hash=digest, lines=len(rows) - 1)


def _finding(broken: RuleBroken, sentence: str) -> Finding:
    return Finding("form", broken.message, broken.remedy or sentence, line=broken.line)


def _names_text(names: Allowed) -> list[str]:
    """What this body may name, and what it must return."""
    lines = [
        f"Parameters: {', '.join(names.parameters) or 'none'}.",
        f"Return a dict with exactly: {', '.join(names.results)}.",
    ]
    if names.capabilities:
        lines.append(f"Capabilities: {', '.join(sorted(names.capabilities))}.")
    return lines


def _refused(message: str, remedy: str, line: int | None = None) -> BodyRefused:
    where = f"line {line}" if line else ""
    return BodyRefused(message, field="body", remedy=remedy, where=where)


def _line(refused: BodyRefused) -> int | None:
    return int(refused.where.removeprefix("line ")) if refused.where else None
