"""What is derived from a spec as text: signature, type stubs, the prompt's account."""

import json
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from core.contract import Capability
from core.contract.exactness import kinds

if TYPE_CHECKING:
    from core.spec import Spec

Schema = Mapping[str, Any]

_PYTHON = {
    "number": "float",
    "integer": "int",
    "boolean": "bool",
    "string": "str",
    "null": "None",
}


def signature(spec: "Spec", *, typed: bool = False) -> str:
    """The `def` line of the module; capabilities are keyword parameters after `*`.

    Typed, objects and the result are named as in `type_stubs`; plain, they are
    `dict`, as in the file a person reads.
    """
    contract = spec.contract
    given = (
        f"{name}: {python_type(schema, _class_name(name) if typed else None)}"
        for name, schema in contract.parameter_schemas.items()
    )
    asked = (
        f"{c.name}: {_callable_type(c, typed)}" for c in contract.capabilities.values()
    )
    keyword = ["*", *asked] if contract.capabilities else []
    result = "Outputs" if typed else "dict"
    return f"def {spec.name}({', '.join([*given, *keyword])}) -> {result}:"


def type_stubs(spec: "Spec") -> str:
    """TypedDicts for objects, `Outputs`, and a Protocol for each capability."""
    contract = spec.contract
    blocks = ["from typing import Any, Protocol, TypedDict"]
    for name, schema in contract.parameter_schemas.items():
        blocks += _object_stubs(schema, _class_name(name))
    for name, schema in contract.result_schemas.items():
        blocks += _object_stubs(schema, _class_name(name))
    for capability in contract.capabilities.values():
        blocks += _capability_stubs(capability)
    fields = {
        k: python_type(s, _class_name(k)) for k, s in contract.result_schemas.items()
    }
    blocks.append(_typed_dict("Outputs", fields))
    return "\n\n\n".join(blocks) + "\n"


def python_type(schema: Schema, named: str | None = None) -> str:
    """The annotation of a schema; objects are `named`, or plain `dict`."""
    return " | ".join(_one_type(kind, schema, named) for kind in kinds(schema))


def _one_type(kind: str, schema: Schema, named: str | None) -> str:
    if kind == "array":
        return f"list[{python_type(schema.get('items', {}), named) or 'Any'}]"
    if kind != "object":
        return _PYTHON[kind]
    extra = schema.get("additionalProperties")
    if isinstance(extra, Mapping):
        return f"dict[str, {python_type(extra, named)}]"
    return named or "dict"


def _object_stubs(schema: Schema, named: str) -> list[str]:
    """TypedDicts for the objects in `schema`, the innermost first."""
    found: list[str] = []
    extra = schema.get("additionalProperties")
    for inner in (schema.get("items"), extra):
        if isinstance(inner, Mapping):
            found += _object_stubs(inner, named)
    fields = schema.get("properties")
    if fields:
        for name, part in fields.items():
            found += _object_stubs(part, named + _class_name(name))
        types = {k: python_type(s, named + _class_name(k)) for k, s in fields.items()}
        found.append(_typed_dict(named, types))
    return found


def _typed_dict(name: str, fields: Mapping[str, str]) -> str:
    if all(key.isidentifier() for key in fields):
        rows = "\n".join(f"    {key}: {kind}" for key, kind in fields.items())
        return f"class {name}(TypedDict):\n{rows}"
    inner = ", ".join(f"{key!r}: {kind}" for key, kind in fields.items())
    return f"{name} = TypedDict({name!r}, {{{inner}}})"


def _capability_stubs(capability: Capability) -> list[str]:
    named = _class_name(capability.name)
    found = _object_stubs(capability.output, f"{named}Answer")
    given = "".join(f", {k}: {python_type(s)}" for k, s in capability.inputs.items())
    answer = python_type(capability.output, f"{named}Answer")
    call = f"    def __call__(self{given}) -> {answer}: ..."
    return [*found, f"class {named}(Protocol):\n{call}"]


def _callable_type(capability: Capability, typed: bool) -> str:
    if typed:
        return _class_name(capability.name)
    return f"Callable[..., {python_type(capability.output)}]"


def _class_name(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def describe(spec: "Spec") -> str:
    """The contract in words, for a writer's prompt and for the documentation."""
    contract = spec.contract
    safer = contract.safer
    previous = f"state is given as previous_<name> and returned as <name>: {', '.join(contract.state)}"
    rows = [
        ("Intent", [spec.intent]),
        ("Signature", [signature(spec)]),
        ("Inputs", [_line(k, s) for k, s in contract.parameter_schemas.items()]),
        (
            "Returns a dict with exactly these keys",
            [_line(k, s, safer.get(k)) for k, s in contract.result_schemas.items()],
        ),
        ("State", [previous] if contract.state else []),
        ("Capabilities", [_asked(c) for c in contract.capabilities.values()]),
        ("You may assume", list(contract.assumes)),
        ("Always true of the result", list(contract.invariants)),
        ("Examples", [_shown(e.inputs, e.out) for e in contract.examples]),
    ]
    return "\n\n".join(f"{title}:\n{_bullets(lines)}" for title, lines in rows if lines)


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def _line(name: str, schema: Schema, safer: str | None = None) -> str:
    """``confidence: float, unit ratio, 0 to 1; what it is``."""
    parts = [python_type(schema)]
    if "x-unit" in schema:
        parts.append(f"unit {schema['x-unit']}")
    parts += filter(None, [range_text(schema), _listed(schema), _inner(schema)])
    if safer:
        parts.append(f"{safer} is safer" if safer != "equal" else "must stay equal")
    about = f"; {schema['description']}" if "description" in schema else ""
    return f"{name}: {', '.join(parts)}{about}"


def range_text(schema: Schema) -> str:
    """A number's range in words, exclusive ends said; '' when it has none."""
    low = schema.get("exclusiveMinimum", schema.get("minimum"))
    high = schema.get("exclusiveMaximum", schema.get("maximum"))
    if low is None or high is None:
        return ""
    above = "above " if "exclusiveMinimum" in schema else ""
    below = "below " if "exclusiveMaximum" in schema else ""
    return f"{above}{low:g} to {below}{high:g}"


def _listed(schema: Schema) -> str:
    if "const" in schema:
        return f"always {json.dumps(schema['const'])}"
    values = (json.dumps(value, ensure_ascii=False) for value in schema.get("enum", ()))
    return " or ".join(values)


def _inner(schema: Schema) -> str:
    """What lists and objects hold, in brackets."""
    if "items" in schema:
        most = f"at most {schema['maxItems']} of " if "maxItems" in schema else ""
        return f"{most}({_line('each', schema['items'])})"
    fields = schema.get("properties", {})
    return (
        f"with {{{'; '.join(_line(k, s) for k, s in fields.items())}}}"
        if fields
        else ""
    )


def _asked(capability: Capability) -> str:
    given = ", ".join(f"{k}: {python_type(s)}" for k, s in capability.inputs.items())
    answer = python_type(capability.output)
    about = f"; {capability.description}" if capability.description else ""
    return f"{capability.name}({given}) -> {answer}, null when it abstains{about}"


def _shown(inputs: Mapping[str, Any], out: Mapping[str, Any]) -> str:
    given = ", ".join(f"{k}={v!r}" for k, v in inputs.items())
    return f"({given}) gives {dict(out)!r}"
