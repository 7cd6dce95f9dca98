"""Deterministic draws from a contract, and whether a term holds on all of them.

The gate fuzzes with its own draws; these are the search's, hostile enough (corners,
zeros, empty lists) that what passes here seldom fails there.
"""

import itertools
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.contract import Contract, compile_contract
from core.llm.offline.search.terms import Term
from core.llm.offline.values import freeze, sound, thaw

WORDS = ("", "a", "level", "Hello World", "noon", "x y z", "42", "UPPER")
LETTERS = "abcdefgh ABC123"


def draw_rows(contract: Contract, count: int = 64) -> list[dict[str, Any]]:
    """Inputs the contract admits, corners first; fewer when `assumes` is narrow."""
    source, rows = random.Random(contract.digest), []  # noqa: S311
    holds = compile_contract(contract).broken_assumption
    for index in range(count * 4):
        row = {
            name: _draw(schema, source, _manner(index, place), _seen(contract, name))
            for place, (name, schema) in enumerate(contract.parameter_schemas.items())
        }
        if index % 4 == 3:
            row = _levelled(contract, row, index // 4)
        if holds(row) is None:
            rows.append(row)
        if len(rows) == count:
            break
    return rows


def _levelled(contract: Contract, row: dict[str, Any], turn: int) -> dict[str, Any]:
    """The row with two of its numbers equal, each pair in turn: a difference of
    inputs is rarely zero otherwise."""
    schemas = contract.parameter_schemas
    plain = [n for n, s in schemas.items() if s.get("type") in ("integer", "number")]
    pairs = list(itertools.combinations(plain, 2))
    if not pairs:
        return row
    first, second = pairs[turn % len(pairs)]
    common = _inside(schemas[second], row[first])
    return {**row, first: _inside(schemas[first], common), second: common}


def _inside(schema: Mapping[str, Any], value: Any) -> Any:
    low, high = bounds(schema)
    kept = min(max(value, low), high)
    return int(kept) if schema["type"] == "integer" else float(kept)


def _manner(index: int, place: int) -> int:
    """Which corner to draw: one at a time, then pairs, then none (-1)."""
    corners = 5
    if index < corners * 6:
        return index % corners if index // corners in (place, 5) else -1
    return -1 if index % 2 else (index // 2 + 3 * place) % (corners + 2)


def _seen(contract: Contract, name: str) -> list[Any]:
    return [example.inputs[name] for example in contract.examples]


def _draw(
    schema: Mapping[str, Any],
    source: random.Random,
    corner: int,
    seen: Sequence[Any],
) -> Any:
    if "enum" in schema or "const" in schema:
        return source.choice(schema.get("enum") or [schema["const"]])
    kind = schema.get("type", "number")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind in ("integer", "number"):
        return _number(schema, source, corner, whole=kind == "integer")
    if kind == "boolean":
        return source.random() < 0.5
    if kind == "string":
        return _text(schema, source, corner, seen)
    if kind == "array":
        return _list(schema, source, corner, seen)
    parts = schema.get("properties", {})
    return {
        key: _draw(part, source, corner, [value[key] for value in seen if key in value])
        for key, part in parts.items()
    }


def bounds(schema: Mapping[str, Any]) -> tuple[float, float]:
    """The closed range of a numeric schema."""
    whole = schema.get("type") == "integer"
    nudge = 1 if whole else 1e-9
    low, high = schema.get("minimum", -1e9), schema.get("maximum", 1e9)
    if "exclusiveMinimum" in schema:
        above = schema["exclusiveMinimum"]
        low = max(low, above + max(nudge, abs(above) * 1e-9))
    if "exclusiveMaximum" in schema:
        below = schema["exclusiveMaximum"]
        high = min(high, below - max(nudge, abs(below) * 1e-9))
    return low, high


def _number(
    schema: Mapping[str, Any], source: random.Random, corner: int, *, whole: bool
) -> Any:
    low, high = bounds(schema)
    corners = (low, high, 0, 1, -1)
    if 0 <= corner < len(corners) and low <= corners[corner] <= high:
        value: float = corners[corner]
    elif source.random() < 0.6:
        near_low, near_high = max(low, -12), min(high, 12)
        low, high = (near_low, near_high) if near_low < near_high else (low, high)
        value = source.uniform(low, high)
    else:
        value = source.uniform(low, high)
    if whole:
        return min(max(round(value), int(low)), int(high))
    rounded = round(float(value), 2)
    return rounded if low <= rounded <= high else float(value)


def _text(
    schema: Mapping[str, Any], source: random.Random, corner: int, seen: Sequence[Any]
) -> str:
    most, least = schema.get("maxLength", 50), schema.get("minLength", 0)
    choices = [word for word in (*WORDS, *seen) if least <= len(word) <= most]
    if choices and corner < 3:
        return str(source.choice(choices))
    length = source.randint(least, max(least, min(most, 12)))
    return "".join(source.choice(LETTERS) for _ in range(length))


def _list(
    schema: Mapping[str, Any], source: random.Random, corner: int, seen: Sequence[Any]
) -> list[Any]:
    least, most = schema.get("minItems", 0), schema.get("maxItems", 8)
    length = least if corner == 0 else source.randint(least, max(least, min(most, 8)))
    items = [item for value in seen for item in value]
    part = schema.get("items", {})
    return [_draw(part, source, source.randint(-3, 6), items) for _ in range(length)]


def frozen(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows as terms see them: lists as tuples."""
    return [{name: _deep(value) for name, value in row.items()} for row in rows]


def _deep(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _deep(part) for key, part in value.items()}
    return freeze(value)


def failing_row(
    contract: Contract,
    terms: Mapping[str, Term],
    rows: Sequence[Mapping[str, Any]],
) -> Mapping[str, Any] | None:
    """The first row on which a body of these terms would fail its contract."""
    doors = compile_contract(contract)
    for row, given in zip(rows, frozen(rows), strict=True):
        results = _results(terms, given)
        if results is None or not doors.outputs_valid(results):
            return row
        if doors.broken_invariant(row, results) is not None:
            return row
    return None


def _results(
    terms: Mapping[str, Term], given: Mapping[str, Any]
) -> dict[str, Any] | None:
    try:
        values = {name: term.at(given) for name, term in terms.items()}
    except (ArithmeticError, ValueError, TypeError, LookupError):
        return None
    if not all(sound(value) for value in values.values()):
        return None
    return {name: thaw(value) for name, value in values.items()}


def simplest_first(
    rows: Sequence[Mapping[str, Any]],
) -> Iterator[Mapping[str, Any]]:
    """Rows in the order a person would rather read them."""
    return iter(sorted(rows, key=lambda row: (len(repr(row)), repr(row))))


def only(contract: Contract, name: str) -> Contract:
    """The contract with one result; rules about several are checked at the end."""
    single = len(contract.results) == 1
    return Contract(
        inputs=contract.parameter_schemas,
        outputs={name: contract.result_schemas[name]},
        assumes=contract.assumes,
        invariants=contract.invariants if single else (),
    )
