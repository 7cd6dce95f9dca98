"""What a search is given: parameters, example rows, one target, and hints."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.contract import Contract
from core.llm.offline.search.domain import draw_rows, frozen
from core.llm.offline.search.hints import (
    constants_for,
    hinted,
    numbers_in,
    stated_digits,
)
from core.llm.offline.search.terms import NUMBERS, Row, Term, Values, constant, kind_of
from core.llm.offline.values import freeze, same

PROBES = 6


def _any(term: Term) -> bool:
    """Accepts every term of the right values."""
    return bool(term.kind)


@dataclass(frozen=True, slots=True)
class Problem:
    """One output to explain by the parameters, on rows where both are known.

    `rows` are the example inputs, then probes: drawn inputs without a target that
    keep terms apart which the examples alone do not.
    """

    leaves: tuple[Term, ...]
    rows: tuple[Row, ...]
    target: Values
    kind: str
    constants: tuple[tuple[Any, int], ...]
    words: frozenset[str] = frozenset()
    digits: int | None = None
    names: tuple[str, ...] = ()
    stated: tuple[Any, ...] = ()
    accepts: Callable[[Term], bool] = field(default=_any)

    @property
    def count(self) -> int:
        """How many rows have a target."""
        return len(self.target)

    @property
    def everything(self) -> int:
        """The mask of all examples."""
        return (1 << self.count) - 1

    @property
    def rounds(self) -> bool:
        """True when the prose states rounding, so that terms match to rounding."""
        return self.digits is not None and self.kind in NUMBERS

    def gives(self, value: Any, wanted: Any) -> bool:
        """True when a value explains an example's output."""
        if value is None or not self.rounds:
            return value is not None and same(value, wanted)
        return bool(abs(value - wanted) <= 0.5001 * 10.0 ** -(self.digits or 0))

    def fits_kind(self, term: Term) -> bool:
        """A whole number may stand where a number is asked for; not the reverse."""
        numeric = term.kind == "int" or (self.rounds and self.digits == 0)
        numeric = numeric and self.kind in NUMBERS and term.kind in NUMBERS
        lists = self.kind == "floats" and term.kind == "ints"
        return term.kind == self.kind or numeric or lists

    def matches(self, term: Term) -> bool:
        """True when the term gives every example's output."""
        return self.fits_kind(term) and all(map(self.gives, term.values, self.target))

    def mask(self, term: Term) -> int:
        """A bit for each example the term gives."""
        bits = 0
        if not self.fits_kind(term):
            return bits
        for place, wanted in enumerate(self.target):
            if self.gives(term.values[place], wanted):
                bits |= 1 << place
        return bits

    def literal(self, value: Any, size: int = 1) -> Term:
        """A constant on this problem's rows."""
        return constant(value, len(self.rows), size)


def make_leaf(
    name: str, path: tuple[str, ...], place: int, rows: Sequence[Row]
) -> Term:
    """A parameter, or a field of one, as a term."""
    bare = Term("", 1, (), 1 << place, name=name, path=path)
    values = tuple(bare.at(row) for row in rows)
    return Term(_column_kind(values), 1, values, 1 << place, name=name, path=path)


def _column_kind(values: Values) -> str:
    kinds = {kind_of(value) for value in values}
    if len(kinds) == 1:
        return kinds.pop()
    if kinds <= set(NUMBERS):
        return "float"
    empty = {kind_of(v) for v in values if v != ()}
    if empty <= {"ints", "floats"}:
        return "floats" if "floats" in empty else "ints"
    return "strs" if empty == {"strs"} else ""


def problems(contract: Contract, prose: str) -> dict[str, Problem]:
    """One problem for each result that every example gives."""
    drawn = draw_rows(contract)
    given = frozen([example.inputs for example in contract.examples])
    rows = (*given, *frozen(drawn[: probes_for(len(given))]))
    leaves = tuple(
        _typed(contract, leaf)
        for place, name in enumerate(contract.parameters)
        for leaf in _leaves(contract, name, place, rows)
    )
    return {
        name: Problem(
            leaves=tuple(leaf for leaf in leaves if leaf.kind),
            rows=rows,
            target=(target := _target(contract, name)),
            kind=_result_kind(contract.result_schemas[name], target),
            constants=constants_for(prose, target),
            words=hinted(prose),
            digits=stated_digits(prose),
            names=contract.parameters,
            stated=tuple(numbers_in(prose)),
        )
        for name in contract.results
    }


def probes_for(examples: int) -> int:
    """Few examples need more probes to tell terms apart."""
    return max(2, PROBES - examples)


def _leaves(
    contract: Contract, name: str, place: int, rows: Sequence[Row]
) -> list[Term]:
    schema = contract.parameter_schemas[name]
    parts = schema.get("properties", {})
    if schema.get("type") == "object":
        return [make_leaf(name, (key,), place, rows) for key in parts]
    return [make_leaf(name, (), place, rows)]


def _typed(contract: Contract, leaf: Term) -> Term:
    """The leaf with the kind its contract states, whatever the examples show."""
    schema = contract.parameter_schemas[leaf.name]
    for key in leaf.path:
        schema = schema["properties"][key]
    kind = _schema_kind(schema)
    if not kind or kind == leaf.kind:
        return leaf
    return Term(kind, 1, leaf.values, leaf.used, name=leaf.name, path=leaf.path)


def _schema_kind(schema: Mapping[str, Any]) -> str:
    plain = {"integer": "int", "number": "float", "boolean": "bool", "string": "str"}
    kind = schema.get("type")
    if kind == "array":
        inner = plain.get(str(schema.get("items", {}).get("type")), "")
        return {"int": "ints", "float": "floats", "str": "strs"}.get(inner, "")
    return plain.get(str(kind), "")


def _target(contract: Contract, name: str) -> Values:
    return tuple(freeze(example.out[name]) for example in contract.examples)


def _result_kind(schema: Mapping[str, Any], target: Values) -> str:
    return _schema_kind(schema) or _column_kind(target)
