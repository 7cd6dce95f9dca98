"""What JSON Schema does not say: plain Python types, and a violation in words.

To JSON Schema 1.0 is an integer and a tuple an array. At a module's door an integer
is a true `int`, a list a `list`, an object a `dict`, a number a `float` or an `int`.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

Schema = Mapping[str, Any]

_PLAIN: Mapping[str, tuple[type, ...]] = {
    "integer": (int,),
    "number": (float, int),
    "boolean": (bool,),
    "string": (str,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}
_WORDS = {
    "integer": "a true integer (int)",
    "number": "a finite number (float)",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


@dataclass(frozen=True, slots=True)
class Violation:
    """Which field, which value, which rule it breaks, and what to do."""

    field: str
    value: Any
    rule: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.field or 'the whole'} = {self.value!r}: {self.rule}"


def kinds(schema: Schema) -> tuple[str, ...]:
    """The types a schema admits, as a tuple."""
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def exact_check(schema: Schema) -> Callable[[Any], bool]:
    """A function that looks at the types only, for values the schema accepts."""
    space: dict[str, Any] = {}
    test = _exact(schema, "v", 0, space)
    return _define(f"def check(v): return {test}", space)


def quick_door(
    schema: Schema, judge: Callable[[Any], bool]
) -> Callable[[Any], bool] | None:
    """`judge` behind a shortcut that accepts plainly valid flat numbers and flags.

    The shortcut only ever says yes; whatever it does not know goes to `judge`, which
    holds the law. None where the schema has no shortcut.
    """
    fields = schema.get("properties", {})
    tests = [_quick(part, f"v[{name!r}]") for name, part in fields.items()]
    if not tests or None in tests:
        return None
    size = f"type(v) is dict and len(v) == {len(tests)}"
    each = " and ".join([size, *filter(None, tests)])
    source = (
        "def check(v):\n"
        f"    try:\n        if {each}: return True\n"
        "    except KeyError: return False\n"
        "    return judge(v)"
    )
    return _define(source, {"N": frozenset((float, int)), "judge": judge})


def _quick(schema: Schema, at: str) -> str | None:
    if set(schema) - {"type", "minimum", "maximum", "description", "x-unit"}:
        return None
    if schema.get("type") == "boolean":
        return f"type({at}) is bool"
    if schema.get("type") not in ("number", "integer"):
        return None
    plain = "in N" if schema["type"] == "number" else "is int"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None or high is None or float(low) != low or float(high) != high:
        return None
    if schema["type"] == "number":  # comparing floats with floats is the fast way
        low, high = float(low), float(high)
    return f"type(x := {at}) {plain} and {low!r} <= x <= {high!r}"


def _exact(schema: Schema, at: str, depth: int, space: dict[str, Any]) -> str:
    """Source of the test of the types at `at`; the sets it names go into `space`."""
    named = kinds(schema)
    tests = [_one_of(named, at, space)] if named else ["True"]
    item = f"e{depth}"
    if "array" in named and (items := schema.get("items")):
        tests.append(_exact_items(items, at, item, depth, space))
    if "object" in named:
        fields = schema.get("properties", {}).items()
        inner = (_exact(s, f"{at}[{k!r}]", depth, space) for k, s in fields)
        tests.extend(inner)
        if isinstance(extra := schema.get("additionalProperties"), Mapping):
            test = _exact(extra, item, depth + 1, space)
            tests.append(f"all({test} for {item} in {at}.values())")
    whole = " and ".join(tests)
    nullable = "null" in named and len(tests) > 1
    return f"({at} is None or {whole})" if nullable else f"({whole})"


def _exact_items(
    items: Schema, at: str, item: str, depth: int, space: dict[str, Any]
) -> str:
    named = kinds(items)
    if named and not {"array", "object"} & set(named):
        return f"{_types(named, space)} >= set(map(type, {at}))"
    return f"all({_exact(items, item, depth + 1, space)} for {item} in {at})"


def _one_of(named: tuple[str, ...], at: str, space: dict[str, Any]) -> str:
    return f"type({at}) in {_types(named, space)}"


def _types(named: tuple[str, ...], space: dict[str, Any]) -> str:
    """The name, in `space`, of the set of Python types that `named` admits."""
    name = "_".join(("T", *sorted(named)))
    space[name] = frozenset(kind for each in named for kind in _PLAIN[each])
    return name


def _define(source: str, space: dict[str, Any]) -> Callable[[Any], bool]:
    exec(source, space)  # noqa: S102
    check: Callable[[Any], bool] = space["check"]
    return check


def explain(schema: Schema, values: Any) -> Violation | None:
    """The first thing wrong with `values`, types first, or None."""
    found = _wrong_type(schema, values, "")
    if found:
        return found
    errors = jsonschema_rs.iter_errors(dict(schema), values)
    error = next(iter(errors), None)
    return _in_words(error, values) if error else None


def _wrong_type(schema: Schema, value: Any, path: str) -> Violation | None:
    named = kinds(schema)
    allowed = tuple(kind for name in named for kind in _PLAIN[name])
    if named and type(value) not in allowed:
        wanted = " or ".join(_WORDS[name] for name in named)
        rule = f"is a {type(value).__name__}, not {wanted}"
        return Violation(path, value, rule, f"give {wanted}")
    if type(value) is float and not math.isfinite(value):
        return Violation(path, value, "is not finite", "give a finite number")
    if type(value) is list:
        return _first(
            _wrong_type(schema.get("items", {}), part, f"{path}[{k}]")
            for k, part in enumerate(value)
        )
    if type(value) is dict:
        return _wrong_field(schema, value, path)
    return None


def _wrong_field(schema: Schema, value: dict[Any, Any], path: str) -> Violation | None:
    fields, extra = schema.get("properties", {}), schema.get("additionalProperties")
    for name in fields:
        if name not in value:
            return Violation(_join(path, name), None, "is missing", f"give '{name}'")
    for name in value:
        if not isinstance(name, str):
            return Violation(path, value, f"has the key {name!r}", "use text as keys")
        if name not in fields and extra is False:
            known = ", ".join(fields)
            at = _join(path, name)
            return Violation(
                at, value[name], "is not in the contract", f"known: {known}"
            )
    open_schema = extra if isinstance(extra, Mapping) else {}
    return _first(
        _wrong_type(fields.get(name, open_schema), part, _join(path, name))
        for name, part in value.items()
    )


def _in_words(error: jsonschema_rs.ValidationError, values: Any) -> Violation:
    path, value = "", values
    for step in error.instance_path:
        path = f"{path}[{step}]" if isinstance(step, int) else _join(path, step)
        value = value[step]
    rule = error.message.split("\n")[0]
    keyword = str(error.schema_path[-1]) if error.schema_path else ""
    return Violation(path, value, rule, f"keep to the contract's {keyword} of '{path}'")


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _first(found: Any) -> Violation | None:
    return next(filter(None, found), None)
