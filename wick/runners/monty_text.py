"""The Monty source around candidates: a harness, step counting, line marks."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence

from wick.subject import Case

_LOOP = re.compile(r"^( *)((?:for|while) .*:)$", re.MULTILINE)
_DEF = re.compile(r"^( *)(def .*:)$", re.MULTILINE)
_NAME = re.compile(r"^def (\w+)", re.MULTILINE)
_MARKED = r"\1\2\n\1    _wick_step()"
_CONSTANT = ast.Constant | ast.UnaryOp
_HARNESS_NAME = re.compile(
    r"\b(_wick_(copy|out|steps?|most|begun|lines?|try|watch|trace|given)|eval|exec)\b"
)

HARNESS = """
import copy as _wick_copy
_wick_out = []
_wick_steps = [0]
_wick_most = [{steps}]
_wick_begun = [0]
_wick_lines = []
def _wick_step():
    _wick_steps[0] += 1
    if _wick_steps[0] > _wick_most[0]:
        raise KeyboardInterrupt
def _wick_line(number):
    if number not in _wick_lines:
        _wick_lines.append(number)
def _wick_try(function):
    _wick_steps[0] = 0
    args, kwargs = _wick_copy.deepcopy(_wick_given)
    try:
        _wick_out.append((function(*args, **kwargs),))
    except Exception as error:
        _wick_out.append((type(error).__name__, str(error)))
    except KeyboardInterrupt:
        _wick_out.append(())
def _wick_watch(function):
    _wick_steps[0] = 0
    args, kwargs = _wick_copy.deepcopy(_wick_given)
    try:
        value = function(*args, **kwargs)
        _wick_out.append((value, args, kwargs))
    except Exception as error:
        _wick_out.append((type(error).__name__, str(error), args, kwargs))
    except KeyboardInterrupt:
        _wick_out.append(())
def _wick_trace(function):
    _wick_steps[0] = 0
    _wick_lines.clear()
    args, kwargs = _wick_copy.deepcopy(_wick_given)
    try:
        function(*args, **kwargs)
    except Exception:
        pass
    except KeyboardInterrupt:
        pass
    _wick_out.append(list(_wick_lines))
"""


def metered(source: str, name: str) -> str:
    """The source with a step counted in every loop, and in calls of itself."""
    if "for " in source or "while " in source:
        source = _LOOP.sub(_MARKED, source)
    if source.count(f"{name}(") > 1:
        source = _DEF.sub(_MARKED, source)
    return source


def metered_preamble(preamble: str) -> str:
    """What a file defines, its loops and functions counted; imports stay as written."""
    return _DEF.sub(_MARKED, _LOOP.sub(_MARKED, ast.unparse(ast.parse(preamble))))


def renewed(preamble: str) -> str:
    """The statements that give each candidate unshared globals: "" where none can tell."""
    kept = [ast.unparse(node) for node in ast.parse(preamble).body if _changes(node)]
    return "\n".join(kept)


def _changes(node: ast.stmt) -> bool:
    if isinstance(node, ast.ClassDef):
        return True
    if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        return False
    return not isinstance(node.value, _CONSTANT)


def reaches_harness(source: str) -> bool:
    """Whether it names what counts and collects: it could forge what others give."""
    return _HARNESS_NAME.search(source) is not None


def fed(
    sources: Sequence[str], name: str, call: str, before: str, most: int, feed: int
) -> str:
    """One feed: each candidate defined and called, then everything that came of it."""
    tail = f"\n{call}({name})"
    parts = [f"{before}{metered(source, name)}{tail}" for source in sources]
    return (
        f"_wick_out.clear()\n_wick_begun[0] = {feed}\n_wick_most[0] = {most}\n"
        + "\n".join(parts)
        + "\n(_wick_out, _wick_steps[0])"
    )


def marked(source: str) -> str:
    """The function with a call before each statement that says its line ran."""
    tree = ast.parse(source)
    function = tree.body[0]
    if isinstance(function, ast.FunctionDef):
        _mark(function)
    return ast.unparse(ast.fix_missing_locations(tree))


def _mark(node: ast.AST) -> None:
    for field in ("body", "orelse", "finalbody"):
        statements = getattr(node, field, None)
        if isinstance(statements, list):
            _mark_each(node, field, statements)
    for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        _mark(handler)


def _mark_each(node: ast.AST, field: str, statements: list[ast.stmt]) -> None:
    lines = [statement.lineno for statement in statements]
    for statement in statements:
        _mark(statement)
    pairs = zip(lines, statements, strict=True)
    setattr(node, field, [one for line, kept in pairs for one in (_call(line), kept)])


def _call(line: int) -> ast.stmt:
    return ast.parse(f"_wick_line({line})").body[0]


def asked(source: str) -> list[str]:
    """The imports in a function, and the builtins it reads, each a feed of its own."""
    nodes = list(ast.walk(ast.parse(source)))
    imports = [
        ast.unparse(n) for n in nodes if isinstance(n, ast.Import | ast.ImportFrom)
    ]
    bound = {n.id for n in nodes if isinstance(n, ast.Name) and not _read(n)}
    read = {n.id for n in nodes if isinstance(n, ast.Name) and _read(n)} - bound
    known = read - set(parameters_of(source))
    return [*imports, *sorted(name for name in known if hasattr(builtins, name))]


def _read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def parameters_of(source: str) -> tuple[str, ...]:
    """The names of a function's parameters, in order."""
    function = ast.parse(source).body[0]
    if not isinstance(function, ast.FunctionDef):
        return ()
    given = function.args
    return tuple(
        one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)
    )


def named(source: str) -> str:
    """The name of the function a source defines first."""
    found = _NAME.search(source)
    return found[1] if found else ""


def called_by(case: Case) -> str:
    """The harness's function that calls a candidate on a case."""
    return "_wick_try" if case.after is None else "_wick_watch"
