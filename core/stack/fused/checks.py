"""Schemas as Python tests: quick where a value is plain, the contract's door elsewhere.

A test only ever says yes of a value that the contract's own door accepts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from core.contract import bare, door
from core.contract.exactness import kinds
from core.stack.fused.lists import list_source

Schema = Mapping[str, Any]
Space = dict[str, Any]

_NAMES = {
    each.__name__: each
    for each in (type, len, float, int, str, bool, dict, list, Exception)
}
_LOW = {"minimum": "<=", "exclusiveMinimum": "<"}
_HIGH = {"maximum": "<=", "exclusiveMaximum": "<"}
_LENGTHS = {"minLength", "maxLength"}
_PLAIN = {
    "number": "(type({0}) is float or type({0}) is int)",
    "integer": "type({0}) is int",
    "boolean": "type({0}) is bool",
    "null": "{0} is None",
    "string": "type({0}) is str",
}


def test_of(schema: Schema, at: str, space: Space) -> str:
    """Source of a test of the value in the variable `at`; what it names is in `space`."""
    name = f"door_{_mark(_text(schema))}"
    if name not in space:
        space[name] = door(schema)
    quick = quick_test(schema, at, space)
    return f"({quick} or {name}({at}))" if quick else f"{name}({at})"


def quick_test(schema: Schema, at: str, space: Space) -> str:
    """A test that is true of plainly valid scalars and short flat lists only.

    "" if there is none.
    """
    law = bare(schema)
    named = kinds(law)
    if named == ("array",):
        return list_test(law, at, space)
    if not named or not set(named) <= set(_PLAIN):
        return ""
    if len(named) > 1 and {"enum", "const"} & set(law):
        return ""
    tests = [_kind_test(kind, law, at, space) for kind in named]
    if "" in tests or not _known(law, named):
        return ""
    return tests[0] if len(tests) == 1 else f"({' or '.join(tests)})"


def list_test(law: Schema, at: str, space: Space) -> str:
    """A call of a test of short lists; "" if the schema has no such test."""
    inner: Space = {}
    source = list_source(law, lambda part, name: quick_test(part, name, inner))
    if not source:
        return ""
    name = f"list_{_mark(_text(law))}"
    space[name] = defined(source, "fits", {**inner, "KeyError": KeyError})
    return f"{name}({at})"


def implies(made: Schema, wanted: Schema) -> bool:
    """Whether every value that `made` accepts is one that `wanted` accepts.

    False when that cannot be told from types, bounds, lengths and lists of text.
    """
    given, asked = bare(made), bare(wanted)
    if _text(given) == _text(asked):
        return True
    if not kinds(given) or not _widened(kinds(given)) <= _widened(kinds(asked)):
        return False
    return all(_kept(key, given, asked) for key in asked if key != "type")


def checker(schemas: list[Schema]) -> Callable[[Any], bool]:
    """One function that says whether a value fits every schema."""
    space: Space = {}
    tests = [test_of(schema, "v", space) for schema in schemas]
    source = f"def check(v): return {' and '.join(tests) or True}"
    check: Callable[[Any], bool] = defined(source, "check", space)
    return check


def is_span(schema: Schema) -> bool:
    """Whether it takes every number between two that it takes."""
    law = bare(schema)
    return kinds(law) == ("number",) and set(law) <= {"type", *_LOW, *_HIGH}


def defined(source: str, name: str, space: Mapping[str, Any]) -> Any:
    """The function that generated source defines; it can name `space` and types only."""
    scope = {"__builtins__": {}, **_NAMES, **space}
    exec(compile(source, f"<{name}>", "exec"), scope)  # noqa: S102
    return scope[name]


def _text(schema: Schema) -> str:
    return json.dumps(bare(schema), sort_keys=True)


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _known(law: Schema, named: tuple[str, ...]) -> bool:
    """Whether the tests of its kinds look at every key of the schema."""
    keys = {"type"}
    if {"number", "integer"} & set(named):
        keys |= {*_LOW, *_HIGH}
    if "string" in named:
        keys |= {"enum"} if "enum" in law else _LENGTHS
    return set(law) <= keys


def _kind_test(kind: str, law: Schema, at: str, space: Space) -> str:
    plain = _PLAIN[kind].format(at)
    if kind in ("number", "integer"):
        bounds = _bounds(kind, law, at)
        return f"({plain} and {bounds})" if bounds else ""
    if kind != "string":
        return plain
    if "enum" in law:
        return _one_of(law["enum"], plain, at, space)
    low, high = law.get("minLength", 0), law.get("maxLength")
    size = f"{low} <= len({at})" + ("" if high is None else f" <= {high}")
    # A lone surrogate is no text: what is not ASCII goes to the door.
    return f"({plain} and {at}.isascii() and {size})"


def _one_of(words: list[Any], plain: str, at: str, space: Space) -> str:
    if not all(type(word) is str for word in words):
        return ""
    name = f"words_{_mark(json.dumps(sorted(words)))}"
    space[name] = frozenset(words)
    return f"({plain} and {at} in {name})"


def _bounds(kind: str, law: Schema, at: str) -> str:
    """`low <= x <= high`; "" if a side is open or not exact as a float."""
    lows = [(law[key], sign) for key, sign in _LOW.items() if key in law]
    highs = [(law[key], sign) for key, sign in _HIGH.items() if key in law]
    ends = [*lows, *highs]
    if len(lows) != 1 or len(highs) != 1 or any(float(n) != n for n, _ in ends):
        return ""
    (low, above), (high, below) = ends
    if kind == "number":  # comparing floats with floats is the fast way
        low, high = float(low), float(high)
    return f"{low!r} {above} {at} {below} {high!r}"


def _widened(named: tuple[str, ...]) -> set[str]:
    return {*named, *(["integer"] if "number" in named else [])}


def _kept(key: str, given: Schema, asked: Schema) -> bool:
    """Whether what `given` accepts obeys this one key of `asked`."""
    limit = asked[key]
    if key in _LOW or key in _HIGH:
        return _inside(key, limit, given)
    if key == "maxLength":
        return bool(given.get("maxLength", limit + 1) <= limit)
    if key == "minLength":
        return bool(given.get("minLength", 0) >= limit)
    if key == "enum" and "enum" in given:
        words = [*given["enum"], *limit]
        return all(type(w) is str for w in words) and set(given["enum"]) <= set(limit)
    return False


def _inside(key: str, limit: float, given: Schema) -> bool:
    signs, turn = (_LOW, 1) if key in _LOW else (_HIGH, -1)
    strict = key.startswith("exclusive")
    return any(
        (given[each] - limit) * turn > 0
        or (given[each] == limit and (each.startswith("exclusive") or not strict))
        for each in signs
        if each in given
    )
