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


def exact_check(schema: Schema) -> Callable[[Any], bool] | None:
    """A function for the types JSON Schema cannot see in `schema`; None if none.

    Valid by the schema already: only integers and lists are left to look at.
    """
    test = _exact(schema, "v", 0)
    if not test:
        return None
    space: dict[str, Any] = {"I": {int}, "J": {int, type(None)}}
    exec(f"def exact(v): return {test}", space)  # noqa: S102
    check: Callable[[Any], bool] = space["exact"]
    return check


def _exact(schema: Schema, at: str, depth: int) -> str:
    """Source of the test of the value at `at`, or '' when nothing is to be tested."""
    named = kinds(schema)
    if "integer" in named and "number" not in named:
        test = f"type({at}) is int"
    elif "array" in named:
        test = _exact_array(schema, at, depth)
    elif "object" in named:
        test = _exact_object(schema, at, depth)
    else:
        return ""
    return f"({at} is None or {test})" if test and "null" in named else test


def _exact_array(schema: Schema, at: str, depth: int) -> str:
    items, name = schema.get("items", {}), f"e{depth}"
    plain = f"type({at}) is list"
    if set(kinds(items)) in ({"integer"}, {"integer", "null"}):
        allowed = "J" if "null" in kinds(items) else "I"
        return f"({plain} and set(map(type, {at})) <= {allowed})"
    inner = _exact(items, name, depth + 1)
    return f"({plain} and all({inner} for {name} in {at}))" if inner else plain


def _exact_object(schema: Schema, at: str, depth: int) -> str:
    fields = schema.get("properties", {})
    tests = [_exact(part, f"{at}[{name!r}]", depth) for name, part in fields.items()]
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping) and (inner := _exact(extra, f"e{depth}", depth + 1)):
        tests.append(f"all({inner} for e{depth} in {at}.values())")
    return " and ".join(filter(None, tests))


def explain(schema: Schema, values: Any) -> Violation | None:
    """The first thing wrong with `values`, types first, or None."""
    found = _wrong_type(schema, values, "")
    if found:
        return found
    errors = jsonschema_rs.iter_errors(dict(schema), values)
    error = next(iter(errors), None)
    return _in_words(error, schema, values) if error else None


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


def _in_words(
    error: jsonschema_rs.ValidationError, schema: Schema, values: Any
) -> Violation:
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
