"""What a function's names hold, line by line, in each case: seen by running it once.

The function is wrapped in one of its own name that returns what it saw, so any runner
will do. Values are copied as they are seen; what cannot be copied is not seen.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from wick.search.text import Text, blocks
from wick.subject import Case, Ran, Runner

MOST_SEEN = 300
_WRAPPER = """def {name}(*args, **kwargs):
    import copy
    _wick_seen = []
    def _wick_keep(line, names):
        if len(_wick_seen) >= {most}:
            raise KeyboardInterrupt
        _wick_seen.append((line, copy.deepcopy(names)))
{body}
    try:
        {call}
    except Exception:
        pass
    except KeyboardInterrupt:
        pass
    return _wick_seen"""


class Visit(NamedTuple):
    """One arrival at a line: in which case, and what the names held."""

    case: int
    names: Mapping[str, Any]


@dataclass(frozen=True)
class Observation:
    """`lines` run in each case, and each line's visits in the order they came."""

    lines: tuple[frozenset[int], ...] = ()
    visits: Mapping[int, list[Visit]] = field(default_factory=dict)

    def kinds(self, line: int, name: str) -> frozenset[str]:
        """The types a name was seen to hold at a line; empty: not known."""
        seen = self.visits.get(line, ())
        return frozenset(
            type(visit.names[name]).__name__ for visit in seen if name in visit.names
        )


def observed(
    preamble: str, source: str, cases: Sequence[Case], runner: Runner
) -> Observation:
    """Run the function once a case and say what was seen."""
    watched = _watched(source)
    visits: dict[int, list[Visit]] = defaultdict(list)
    lines: list[frozenset[int]] = []
    for number, case in enumerate(cases):
        seen = _seen(runner.each(preamble, [watched], _free(case))[0])
        lines.append(frozenset(line for line, _ in seen))
        for line, names in seen:
            visits[line].append(Visit(number, names))
    return Observation(tuple(lines), visits)


def _free(case: Case) -> Case:
    return Case(case.args, case.kwargs)


def _seen(ran: Ran) -> list[tuple[int, dict[str, Any]]]:
    return list(ran.value) if ran.ok and isinstance(ran.value, list) else []


def _watched(source: str) -> str:
    text = Text(source)
    given = _given(text.function)
    _mark(text.function, frozenset(given))
    ast.fix_missing_locations(text.tree)
    body = "\n".join(f"    {row}" for row in ast.unparse(text.tree).split("\n"))
    name = text.function.name
    call = f"{name}(*args, **kwargs)"
    if "yield" in source:
        call = f"list({call})"
    return _WRAPPER.format(name=name, most=MOST_SEEN, body=body, call=call)


def _given(function: ast.FunctionDef) -> list[str]:
    every = function.args
    plain = [*every.posonlyargs, *every.args, *every.kwonlyargs]
    return [one.arg for one in (*plain, every.vararg, every.kwarg) if one]


def _mark(node: ast.AST, bound: frozenset[str]) -> None:
    """Watch each statement, and a loop's test once more where its body ends."""
    inner = bound | stored(node.target) if isinstance(node, ast.For) else bound
    for block in list(blocks(node)):
        known = inner
        marked: list[ast.stmt] = []
        for statement in block:
            marked += [_kept(statement.lineno, known), statement]
            _mark_inside(statement, known)
            known = known | _surely_bound(statement)
        if isinstance(node, ast.While) and block is node.body:
            marked.append(_kept(node.lineno, bound))
        block[:] = marked
    for handler in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        _mark(handler, bound)


def _mark_inside(statement: ast.stmt, known: frozenset[str]) -> None:
    """A function inside is watched only in what it closes over."""
    if not isinstance(statement, ast.ClassDef | ast.FunctionDef):
        _mark(statement, known)


def _kept(line: int, names: frozenset[str]) -> ast.stmt:
    given = ", ".join(f"{name!r}: {name}" for name in sorted(names))
    return ast.parse(f"_wick_keep({line}, {{{given}}})").body[0]


def stored(node: ast.AST) -> frozenset[str]:
    """The names an assignment's target binds."""
    return frozenset(
        one.id
        for one in ast.walk(node)
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)
    )


def _surely_bound(statement: ast.stmt) -> frozenset[str]:
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.With):
        return stored(statement)
    if isinstance(statement, ast.If) and statement.orelse:
        return _bound_by(statement.body) & _bound_by(statement.orelse)
    return frozenset()


def _bound_by(block: list[ast.stmt]) -> frozenset[str]:
    found = [_surely_bound(statement) for statement in block]
    return frozenset().union(*found)
