"""What is repaired, the cases it is judged by, and what came of running them.

Plain data that pickles: a clone may run in another process or on another machine.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple, Protocol


class Unknown(Enum):
    """The one value `UNKNOWN`: what a call must give is not known."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Case:
    """One call, and what must come of it.

    `args` and `kwargs` are what the function is given. `expected` is what it must
    return (`UNKNOWN`: any lawful value), `raises` the name of the exception it must
    raise instead, `after` what its arguments must be afterwards, by parameter.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    expected: Any = UNKNOWN
    raises: str = ""
    after: Mapping[str, Any] | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One function to repair.

    `source` is the function alone as `ast.unparse` writes it, decorators dropped;
    `preamble` is what else its file defines that it may use. A module's body has ten
    lines and few names: `module` says that it is one, `results` what it returns.
    """

    name: str
    source: str
    parameters: tuple[str, ...]
    preamble: str = ""
    module: bool = False
    results: tuple[str, ...] = ()


class Ran(NamedTuple):
    """What came of one call: a value, or the name of an error.

    `after` holds the arguments as the call left them, by parameter, where a case asks
    for them. `crashed`: it was stopped (time, steps, memory, a dead worker). `line` is
    the function's own, 1 = its `def`.
    """

    ok: bool
    value: Any = None
    error: str = ""
    message: str = ""
    line: int | None = None
    after: Mapping[str, Any] | None = None
    crashed: bool = False


class Judge(Protocol):
    """Says whether what came of a case is right; it pickles."""

    def __call__(self, case: Case, ran: Ran) -> bool:
        """Whether `ran` is what `case` wants."""


class Runner(Protocol):
    """Runs functions out of our reach: in Monty, or in an isolated CPython worker."""

    @property
    def name(self) -> str:
        """`monty` or `cpython`, as a report shows it."""

    def each(self, preamble: str, sources: Sequence[str], case: Case) -> list[Ran]:
        """Every source on one case. A source that never ends costs itself alone."""

    def rows(self, preamble: str, source: str, cases: Sequence[Case]) -> list[Ran]:
        """One source on every case."""

    def lines(self, subject: Subject, cases: Sequence[Case]) -> list[frozenset[int]]:
        """Which lines of the function ran in each case (1 = its `def`)."""

    def close(self) -> None:
        """Stop its workers."""


@dataclass(frozen=True, slots=True)
class Survivor:
    """A candidate that gives every visible case, and what was done to get it.

    `source` is a whole function as `Subject.source` is. `edits` says each change in
    words, `size` how many there are (a body written anew counts the lines it changes),
    `tried` how many candidates had been tried when it was found.
    """

    source: str
    edits: tuple[str, ...]
    size: int
    tried: int = 0
    seconds: float = 0.0

    @property
    def normal_form(self) -> str:
        """Equal for texts that only differ in layout, locals' names or redundant signs."""
        from wick.search.normal import normal_form

        return normal_form(self.source)


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one search may use: steps first, wall time as the last resort."""

    seconds: float = 20.0
    candidates: int = 400_000
    survivors: int = 24


def function_named(text: str, name: str) -> ast.FunctionDef:
    """The function `name` at the top level of a file; KeyError naming those there are."""
    tree = ast.parse(text)
    found = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    if name not in found:
        raise KeyError(", ".join(found) or "none")
    return found[name]
