"""A function as the edit families see it: places, names in scope, kinds, constants."""

from __future__ import annotations

import ast
import builtins
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from wick.search.observe import Observation, Visit, stored
from wick.search.text import Place, Text

_MOST_VISITS = 14
_UNSEEN = 0.3
_LONGEST_VALUE = 90


@dataclass
class View:
    """What is known of one function: its text, what it was seen to do, whom it may call.

    `failing` are the cases that fail, `helpers` the functions its file offers,
    `expected` the scalars its failing cases want, `results` whole results of a module.
    """

    text: Text
    observation: Observation = field(default_factory=Observation)
    suspicion: Mapping[int, float] = field(default_factory=dict)
    failing: frozenset[int] = frozenset()
    helpers: tuple[str, ...] = ()
    module: bool = False
    expected: tuple[Any, ...] = ()
    raised: tuple[str, ...] = ()
    globals: frozenset[str] = frozenset()
    results: tuple[str, ...] = ()

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        """The names of the function's parameters."""
        given = self.text.function.args
        plain = (*given.posonlyargs, *given.args, *given.kwonlyargs)
        return tuple(one.arg for one in plain)

    @cached_property
    def bound(self) -> dict[str, int]:
        """Each local with the first line that binds it; parameters at line 1."""
        found = dict.fromkeys(self.parameters, 1)
        for place in self.text.places:
            for name in sorted(_binds(place.node)):
                found.setdefault(name, place.line)
        return found

    @cached_property
    def unset(self) -> tuple[str, ...]:
        """The names it reads and nothing sets, or that are only ever added to."""
        found = dict.fromkeys(
            node.id
            for node in ast.walk(self.text.function)
            if isinstance(node, ast.Name) and not hasattr(builtins, node.id)
        )
        known = {*self.parameters, *_plainly_set(self.text.function), *self.globals}
        return tuple(name for name in found if name not in known)

    @cached_property
    def wanted(self) -> tuple[str, ...]:
        """The values that two failing cases or more want, as Python writes them."""
        counted = Counter(map(repr, self.expected))
        return tuple(
            text
            for text, count in counted.most_common()
            if count > 1 and len(text) <= _LONGEST_VALUE
        )

    @cached_property
    def numbers(self) -> list[str]:
        """The numbers its text holds, as text, smallest first."""
        found: set[float] = {
            node.value
            for node in ast.walk(self.text.function)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, int | float)
            and not isinstance(node.value, bool)
        }
        return [repr(number) for number in sorted(found)]

    @cached_property
    def strings(self) -> list[str]:
        """The texts it holds, as Python writes them, shortest first."""
        found = {
            node.value
            for node in self.text.expressions
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        return [repr(text) for text in sorted(found, key=lambda one: (len(one), one))]

    def score(self, line: int) -> float:
        """How suspicious a line is, 0 to 1; a line that never ran a little."""
        return self.suspicion.get(line, _UNSEEN)

    def names(self, line: int, node: ast.AST | None = None) -> list[str]:
        """The names in scope at a line, parameters first, and inside comprehensions."""
        visits = self.observation.visits.get(line)
        if visits:
            known = set(visits[-1].names)
            found = [name for name in self.bound if name in known]
        else:
            found = [name for name, at in self.bound.items() if at < line]
        return found + [name for name in self._inner(node) if name not in found]

    def kinds(self, line: int, name: str) -> frozenset[str]:
        """The types a name was seen to hold when a line was reached."""
        return self.observation.kinds(line, name)

    def alike(self, line: int, name: str, other: str) -> bool:
        """Whether two names may stand for each other: as far as it is known, yes."""
        mine, theirs = self.kinds(line, name), self.kinds(line, other)
        if not mine or not theirs:
            return True
        return bool(_widened(mine) & _widened(theirs))

    def visits(self, line: int) -> list[Visit]:
        """Some arrivals at a line, those of failing cases first, no two the same."""
        seen: dict[str, Visit] = {}
        for visit in self.observation.visits.get(line, ()):
            seen.setdefault(f"{visit.case in self.failing}{visit.names!r}", visit)
        ordered = sorted(seen.values(), key=lambda one: one.case not in self.failing)
        return _spread(ordered)

    def line_of(self, node: ast.AST) -> int:
        """The line of the statement a node stands in, as it was observed."""
        return getattr(self.text.statement(node), "lineno", 1)

    def in_loop(self, place: Place) -> bool:
        """Whether `continue` and `break` may stand there."""
        node: ast.AST | None = place.owner
        while node is not None and not isinstance(node, ast.FunctionDef):
            if isinstance(node, ast.For | ast.While):
                return True
            node = self.text.parents.get(node)
        return False

    def _inner(self, node: ast.AST | None) -> Iterator[str]:
        while node is not None and not isinstance(node, ast.stmt):
            for comprehension in getattr(node, "generators", ()):
                yield from sorted(stored(comprehension.target))
            if isinstance(node, ast.Lambda):
                yield from (one.arg for one in node.args.args)
            node = self.text.parents.get(node)


def _spread(visits: list[Visit]) -> list[Visit]:
    """At most so many, evenly over what there is."""
    count = len(visits)
    if count <= _MOST_VISITS:
        return visits
    return [visits[n * count // _MOST_VISITS] for n in range(_MOST_VISITS)]


def _widened(kinds: frozenset[str]) -> frozenset[str]:
    """Numbers stand for each other, and so do rows of values."""
    if kinds & {"int", "float", "bool"}:
        kinds |= {"int", "float", "bool"}
    if kinds & {"list", "tuple"}:
        kinds |= {"list", "tuple"}
    return kinds


def _plainly_set(function: ast.FunctionDef) -> frozenset[str]:
    """The names that something gives a value, an addition aside."""
    added = {
        id(node.target)
        for node in ast.walk(function)
        if isinstance(node, ast.AugAssign)
    }
    return frozenset(
        node.id
        for node in ast.walk(function)
        if isinstance(node, ast.Name)
        and isinstance(node.ctx, ast.Store)
        and id(node) not in added
    )


def _binds(node: ast.stmt) -> frozenset[str]:
    if isinstance(node, ast.For):
        return stored(node.target)
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return frozenset().union(*map(stored, targets))
    if isinstance(node, ast.With):
        return frozenset().union(
            *(stored(one.optional_vars) for one in node.items if one.optional_vars)
        )
    return frozenset()
