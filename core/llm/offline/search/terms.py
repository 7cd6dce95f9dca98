"""Typed expression trees: how a searched expression is evaluated and printed.

A term is data. It is evaluated by walking its own tree with the functions of
`operators`; no text is ever compiled or executed. Lists are tuples while searching.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.llm.offline.values import literal_text

Row = Mapping[str, Any]
Values = tuple[Any, ...]

NUMBERS = ("int", "float")
LISTS = ("ints", "floats", "strs")
ELEMENT = {"ints": "int", "floats": "float", "strs": "str"}
LIST_OF = {"int": "ints", "float": "floats", "str": "strs"}

# How tightly each form binds, as in Python's grammar.
CHOICE, OR, AND, NOT, COMPARE, ADD, TIMES, SIGN, POWER, ATOM = range(10)

FAULTS = (ArithmeticError, ValueError, TypeError, IndexError, AttributeError)


class Op(NamedTuple):
    """One way to build a term: what it does to values, and how it reads in Python."""

    name: str
    form: str
    apply: Callable[..., Any]
    level: int = ATOM
    needs: tuple[int, ...] = (CHOICE,)
    cost: int = 1
    commutes: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """An expression with its value on every row it was built for.

    `values` holds None where Python would raise. `used` is a bit per parameter.
    """

    kind: str
    size: int
    values: Values
    used: int
    op: Op | None = None
    args: tuple["Term", ...] = ()
    name: str = ""
    literal: Any = None
    path: tuple[str, ...] = field(default=())

    @property
    def constant(self) -> bool:
        """True when no parameter is read."""
        return not self.used

    def at(self, row: Row) -> Any:
        """The value on one row of parameters; raises what Python would raise."""
        if self.op is not None:
            return self.op.apply(*(arg.at(row) for arg in self.args))
        return self.literal if not self.name else _reach(row[self.name], self.path)

    def text(self, at_least: int = CHOICE) -> str:
        """Python source, in brackets when it binds less tightly than `at_least`."""
        text = self._bare()
        return f"({text})" if self.level < at_least else text

    @property
    def level(self) -> int:
        """How tightly the printed form binds."""
        if self.op is not None:
            return self.op.level
        negative = not self.name and type(self.literal) in (int, float)
        return SIGN if negative and self.literal < 0 else ATOM

    def _bare(self) -> str:
        if self.op is not None:
            parts = zip(self.args, self.op.needs, strict=True)
            return self.op.form.format(*(arg.text(need) for arg, need in parts))
        if self.name:
            return self.name + "".join(f'["{key}"]' for key in self.path)
        return literal_text(self.literal)

    def walk(self) -> Iterator["Term"]:
        """This term and everything inside it."""
        yield self
        for arg in self.args:
            yield from arg.walk()


def _reach(value: Any, path: Sequence[str]) -> Any:
    for key in path:
        value = value[key]
    return value


def apply_to(op: Op, columns: Sequence[Values]) -> Values:
    """The operator on whole columns; None wherever Python would raise."""
    try:
        return tuple(map(op.apply, *columns))
    except FAULTS:
        return tuple(_one(op, row) for row in zip(*columns, strict=True))


def _one(op: Op, row: Sequence[Any]) -> Any:
    if None in row:
        return None
    try:
        return op.apply(*row)
    except FAULTS:
        return None


def build(op: Op, kind: str, *args: Term) -> Term:
    """A new term from an operator and its arguments."""
    used = 0
    for arg in args:
        used |= arg.used
    size = op.cost + sum(arg.size for arg in args)
    columns = [arg.values for arg in args]
    return Term(kind, size, apply_to(op, columns), used, op, args)


def constant(value: Any, rows: int, size: int = 1) -> Term:
    """A literal, repeated on every row."""
    return Term(kind_of(value), size, (value,) * rows, 0, literal=value)


def kind_of(value: Any) -> str:
    """The search's type of a JSON value; "" for what it has no terms of, as objects."""
    if isinstance(value, tuple | list):
        kinds = {kind_of(item) for item in value}
        if kinds <= {"int"}:
            return "ints"
        if kinds <= set(NUMBERS):
            return "floats"
        return "" if "" in kinds else "strs"
    return {bool: "bool", int: "int", float: "float", str: "str"}.get(type(value), "")
