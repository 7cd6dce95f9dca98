"""Every way a spec can be broken, and where, what and how it is told."""

import pytest

from core.errors import SpecError
from core.spec import render_spec
from core.spec.front_matter import MAX_CHARACTERS
from tests.core.spec_samples import draft, read

UNIT = {"unit": "ratio"}
OUT = {"total": {"type": "number", "minimum": 0, "maximum": 2}}


def refusal(text):
    with pytest.raises(SpecError) as caught:
        read(text)
    assert caught.value.remedy
    assert caught.value.exit_code == 5
    return caught.value


def changed(**changes):
    return refusal(render_spec(draft(**changes)))


def number(**keys):
    return {"a": {"type": "number", **keys}}


def nested(*sizes):
    made = {"unit": "ratio"}
    for size in reversed(sizes):
        made = {"type": "array", "minItems": size, "maxItems": size, "items": made}
    return {"a": made}


DRAFTS = [
    ({"inputs": nested(500, 500, 100)}, "inputs.a.items", "values in all", "maxItems"),
    ({"inputs": nested(10**9)}, "inputs.a", "values in all", "maxItems"),
    (
        {"inputs": {"a": {"type": "string", "minLength": 10**9}}},
        "inputs.a",
        "characters",
        "minLength",
    ),
    # unknown and missing keys, names, roles
    ({"inptus": {}}, "inptus", "not a key", "did you mean 'inputs'?"),
    ({"name": None}, "", "'name' is missing", "add 'name:'"),
    ({"outputs": None}, "", "'outputs' is missing", "add"),
    ({"name": "Adder"}, "name", "lowercase", "leverage_manager"),
    ({"name": 7}, "name", "not text", "leverage_manager"),
    ({"name": "../evil"}, "name", "lowercase", ""),
    ({"role": "functoin"}, "role", "does not declare", "did you mean 'function'?"),
    ({"role": ["risk"]}, "role", "does not declare", ""),
    ({"intent": ""}, "intent", "empty", "say"),
    ({"intent": "x" * 30_000}, "intent", "longer", "split"),
    # names of values
    ({"inputs": {"class": UNIT}}, "inputs.class", "keyword", "another"),
    ({"inputs": {"max": UNIT}}, "inputs.max", "already uses", "another"),
    ({"inputs": {"math": UNIT}}, "inputs.math", "already uses", "another"),
    ({"inputs": {"a__b": UNIT}}, "inputs.a__b", "double underscore", "another"),
    ({"inputs": {"_a": UNIT}}, "inputs._a", "lowercase", "another"),
    ({"inputs": {"previous_a": UNIT}}, "inputs.previous_a", "state", "state: {a"),
    ({"outputs": {"previous_a": UNIT}}, "outputs.previous_a", "state", "state: {a"),
    ({"inputs": {"proceed": {"unit": "flag"}}}, "inputs.proceed", "reserved", ""),
    ({"state": {"reason": {"unit": "text", "initial": ""}}}, "state.reason", "res", ""),
    ({"outputs": {"proceed": {"unit": "ratio"}}}, "outputs.proceed", "boolean", ""),
    ({"outputs": {"reason": {"unit": "flag"}}}, "outputs.reason", "string", ""),
    ({"outputs": {"a": UNIT}}, "outputs.a", "in inputs and in outputs", "rename"),
    (
        {"state": {"total": {"unit": "count", "initial": 0}}},
        "state.total",
        "in outputs and in state",
        "rename",
    ),
    (
        {"inputs": {"ask_model": UNIT}, "capabilities": ["ask_model"]},
        "capabilities",
        "in inputs and in capabilities",
        "rename",
    ),
    ({"inputs": {f"i{k}": UNIT for k in range(17)}}, "inputs", "17 names", "split"),
    ({"outputs": {}}, "outputs", "returns something", "name an output"),
    ({"inputs": ["a"]}, "inputs", "not a mapping", "write inputs"),
    # schemas
    ({"inputs": {"a": {"unit": "ratoi"}}}, "inputs.a.unit", "unknown unit", "'ratio'"),
    ({"inputs": {"a": {"unit": ["x"]}}}, "inputs.a.unit", "unknown unit", ""),
    ({"inputs": {"a": {}}}, "inputs.a", "neither a unit nor a type", "write"),
    ({"inputs": {"a": None}}, "inputs.a", "not a schema", "write"),
    ({"inputs": {"a": 5}}, "inputs.a", "not a schema", "write"),
    ({"inputs": number()}, "inputs.a", "neither unit nor bounds", "unit: ratio"),
    ({"inputs": {"a": {"type": "integer"}}}, "inputs.a", "neither unit nor", "name a"),
    ({"inputs": number(minimum=0)}, "inputs.a", "no upper bound", "name a unit"),
    ({"inputs": number(maximum=0)}, "inputs.a", "no lower bound", "name a unit"),
    ({"inputs": number(minimum=2, maximum=1)}, "inputs.a", "no value", "in order"),
    (
        {"inputs": number(exclusiveMinimum=1, maximum=1)},
        "inputs.a",
        "no value",
        "in order",
    ),
    ({"inputs": number(minimum=0, maximum=1e300)}, "inputs.a", "beyond", "narrow"),
    (
        {"inputs": number(minimum=0, maximum=float("inf"))},
        "inputs.a.maximum",
        "JSON Schema",
        "mend",
    ),
    (
        {"inputs": number(minimum=0, maximum=float("nan"))},
        "inputs.a.maximum",
        "JSON Schema",
        "mend",
    ),
    ({"inputs": number(minimum="0", maximum=1)}, "inputs.a.minimum", "JSON Schema", ""),
    ({"inputs": number(minimun=0, maximum=1)}, "inputs.a.minimun", "not a key", "imum"),
    ({"inputs": {"a": {"type": "numbr"}}}, "inputs.a.type", "unknown type", "'number'"),
    (
        {"inputs": {"a": {"type": ["number", "string"]}}},
        "inputs.a.type",
        "one type",
        "",
    ),
    ({"inputs": {"a": {"type": "null"}}}, "inputs.a.type", "one type", "choose"),
    ({"inputs": {"a": {"type": 7}}}, "inputs.a.type", "unknown type 7", "use one of"),
    ({"inputs": {"a": {"$ref": "http://x/y"}}}, "inputs.a", "neither", ""),
    (
        {"inputs": {"a": {"type": "string", "$ref": "http://x"}}},
        "inputs.a.$ref",
        "not a key",
        "",
    ),
    (
        {"inputs": {"a": {"type": "string", "pattern": "("}}},
        "inputs.a.pattern",
        "JSON Schema",
        "mend",
    ),
    ({"inputs": {"a": {"type": "array"}}}, "inputs.a", "no items", "items"),
    (
        {"inputs": {"a": {"type": "array", "items": {"type": "number"}}}},
        "inputs.a.items",
        "neither unit nor bounds",
        "name a unit",
    ),
    ({"inputs": {"a": {"type": "object"}}}, "inputs.a", "no properties", "name"),
    (
        {"inputs": {"a": {"type": "object", "properties": {"x": {"unit": "pric"}}}}},
        "inputs.a.properties.x.unit",
        "unknown unit",
        "did you mean 'price'?",
    ),
    (
        {
            "inputs": {
                "a": {"type": "object", "properties": {"x": UNIT}, "required": []}
            }
        },
        "inputs.a",
        "required",
        "null",
    ),
    (
        {"inputs": {"a": {"unit": "ratio", "maximum": 5}}},
        "inputs.a.maximum",
        "wider than unit 'ratio'",
        "narrow",
    ),
    (
        {"inputs": {"a": {"unit": "ratio", "type": "string"}}},
        "inputs.a",
        "another type",
        "drop",
    ),
    (
        {"inputs": {"a": {"type": "string", "enum": ["x", 1]}}},
        "inputs.a",
        "lists 1",
        "drop",
    ),
    # safer
    ({"inputs": {"a": {**UNIT, "safer": "lower"}}}, "inputs.a.safer", "no", "output"),
    ({"outputs": {"t": {**UNIT, "safer": "down"}}}, "outputs.t.safer", "'down'", "low"),
    (
        {"outputs": {"t": {"unit": "text", "safer": "lower"}}},
        "outputs.t.safer",
        "no order",
        "equal",
    ),
    ({"safer": {"nothing": "lower"}}, "safer", "not a key", ""),
    (
        {"role": "size", "outputs": {"notional": {"unit": "flag"}}},
        "outputs.notional",
        "number is due",
        "size",
    ),
    # rules
    ({"assumes": ["a <= c"]}, "assumes[0]", "unknown name 'c'", "use one of"),
    ({"assumes": ["total > 0"]}, "assumes[0]", "unknown name 'total'", ""),
    ({"invariants": ["a <=", "b"]}, "invariants[0]", "not a Python expression", ""),
    (
        {"invariants": ["total >= a", "open('x')"]},
        "invariants[1]",
        "calls open",
        "functions are",
    ),
    ({"invariants": "total > 0"}, "invariants", "not a list", "write invariants"),
    ({"assumes": [{"a": 1}]}, "assumes[0]", "not a rule", ""),
    # examples and fallback
    ({"examples": [{"in": {"a": 1}}]}, "examples[0]", "no example", "write {in"),
    (
        {"examples": [{"in": {"a": 1, "b": 2}, "out": {"total": 1}}]},
        "examples[0].in.b",
        "= 2.0 breaks the inputs' schema",
        "contract",
    ),
    (
        {"examples": [{"in": {"a": 1}, "out": {"total": 1}}]},
        "examples[0].in.b",
        "missing",
        "give 'b'",
    ),
    (
        {"examples": [{"in": {"a": 1, "b": 0}, "out": {"total": "1"}}]},
        "examples[0].out.total",
        "is a str",
        "finite number",
    ),
    (
        {"examples": [{"in": {"a": 1, "b": 0}, "out": {"totl": 1}}]},
        "examples[0].out.total",
        "missing",
        "",
    ),
    (
        {
            "assumes": ["a <= b"],
            "examples": [{"in": {"a": 1, "b": 0}, "out": {"total": 1}}],
        },
        "examples[0].in",
        "breaks the rule 'a <= b'",
        "mend",
    ),
    (
        {
            "invariants": ["total >= a"],
            "examples": [{"in": {"a": 1, "b": 0}, "out": {"total": 0}}],
        },
        "examples[0].out",
        "breaks the rule 'total >= a'",
        "mend",
    ),
    ({"fallback": {"total": 9}}, "fallback.total", "greater than the maximum", ""),
    ({"fallback": {}}, "fallback.total", "missing", "give 'total'"),
    ({"fallback": {"other": 1}}, "fallback.total", "missing", ""),
    ({"fallback": 1}, "fallback", "no mapping", "write fallback"),
    (
        {
            "invariants": ["total >= a"],
            "examples": [{"in": {"a": 1, "b": 0}, "out": {"total": 1}}],
            "fallback": {"total": 0},
        },
        "fallback",
        "breaks the rule 'total >= a'",
        "keeps every invariant",
    ),
    # state, capabilities, the rest
    ({"state": {"s": UNIT}}, "state.s", "no initial value", "initial"),
    ({"state": {"s": {"initial": 0}}}, "state.s", "no unit or type", "add one"),
    (
        {"state": {"s": {"unit": "count", "initial": 1.5}}},
        "state.s.initial",
        "true integer",
        "",
    ),
    ({"capabilities": ["ask_modle"]}, "capabilities[0]", "unknown", "'ask_model'"),
    ({"capabilities": ["ask_model"] * 2}, "capabilities[1]", "twice", "keep one"),
    ({"capabilities": {"x": 1}}, "capabilities", "not a list", "write"),
    (
        {"capabilities": [{"name": "x"}]},
        "capabilities[0]",
        "no name or output",
        "write",
    ),
    (
        {"capabilities": [{"name": "print", "output": "text"}]},
        "capabilities[0].name",
        "already uses",
        "another",
    ),
    (
        {"capabilities": [{"name": "x", "output": {"type": "number"}}]},
        "capabilities[0].output",
        "neither unit nor bounds",
        "",
    ),
    ({"series": "yes"}, "series", "not true or false", "write"),
    ({"series": True}, "series", "no list", "lists"),
    ({"gate_strength": 2}, "gate_strength", "not a share", "0 to 1"),
    ({"gate_strength": True}, "gate_strength", "not a share", "0 to 1"),
    ({"samples": 0}, "samples", "not a number of tries", "1 to 32"),
    ({"samples": 2.5}, "samples", "not a number of tries", "1 to 32"),
]


@pytest.mark.parametrize(("changes", "field", "why", "remedy"), DRAFTS)
def test_a_broken_draft_is_refused_with_field_reason_remedy_and_line(
    changes, field, why, remedy
):
    error = changed(**changes)
    assert error.field == field
    assert why in error.message
    assert remedy in error.remedy
    source, line = error.where.rsplit(":", 1)
    assert source == "spec"
    lines = render_spec(draft(**changes)).splitlines()
    assert 1 <= int(line) <= len(lines) + 1
    if field and field != "intent":
        top = field.split(".")[0].split("[")[0]
        start = next(k for k, row in enumerate(lines, 1) if row.startswith(f"{top}:"))
        assert int(line) >= start


YAML = [
    ("", 1, "does not begin"),
    ("name: x\n", 1, "does not begin"),
    ("---\nname: x\n", 3, "not closed"),
    ("---\n---\nDo it.", 2, "not a mapping"),
    ("---\n- a\n---\nDo it.", 2, "not a mapping"),
    ("---\nname: a\nname: b\n---\nDo it.", 3, "'name' twice"),
    ("---\nname: a\ninputs:\n  a: 1\n  a: 2\n---\nDo it.", 5, "'a' twice"),
    ("---\nname: a\ninputs: {a: 1, a: 2}\n---\nDo it.", 3, "'a' twice"),
    ("---\nname: [a\nrole: b\n---\nDo it.", 3, "not YAML"),
    ("---\nname: a\nrole: b: c\n---\nDo it.", 3, "not YAML"),
    ("---\nname: a\n\trole: b\n---\nDo it.", 3, "not YAML"),
    ("---\nname: a\nrole: 'b\n---\nDo it.", 3, "not YAML"),
    ("---\nname: a\n...\nrole: b\n---\nDo it.", 4, "not YAML"),
    ("---\nname: &x a\nrole: *x\n---\nDo it.", 3, "alias"),
    ("---\nname: a\nrole: !!python/object:os.system b\n---\nx", 3, "YAML tag"),
    ("---\nname: a\n7: b\n---\nDo it.", 3, "not text"),
    ("---\nname: a\n? [x]\n: b\n---\nDo it.", 3, "not text"),
    ("---\nname: a\nrole: \x00\n---\nDo it.", 3, "control character"),
    ("---\nname: a\n---\nDo \x1b[2J it.", 4, "control character"),
    ("---\nname: " + "[" * 5000 + "\n---\nx", 3, "not YAML"),
    ("---\nname: " + "[" * 500 + "]" * 500 + "\n---\nx", 2, "too deep"),
    ("---\nname: a\n---\n" + "x" * MAX_CHARACTERS, 1, "characters long"),
]


@pytest.mark.parametrize(("text", "line", "why"), YAML)
def test_broken_yaml_is_refused_with_its_line(text, line, why):
    error = refusal(text)
    assert why in error.message
    assert error.where == f"spec:{line}"


def test_aliases_cannot_blow_up():
    rows = "\n".join(f"k{n}: &k{n} [*k{n - 1}, *k{n - 1}]" for n in range(1, 30))
    assert "alias" in refusal(f"---\nk0: &k0 [1]\n{rows}\n---\nx").message


def test_what_yaml_cannot_write_is_refused():
    with pytest.raises(SpecError) as caught:
        render_spec(draft(inputs={"a": {"unit": object()}}))
    assert "cannot be written" in caught.value.message
