import math
import subprocess
import sys
from dataclasses import replace
from decimal import Decimal

import jsonschema_rs
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract import Contract, compile_contract
from core.errors import SpecError
from tests.core.spec_samples import DESK, contract_of, leverage

RATIO = {"type": "number", "minimum": 0, "maximum": 1}
COUNT = {"type": "integer", "minimum": 0, "maximum": 9}
ROW = {
    "type": "object",
    "properties": {"symbol": {"type": "string", "maxLength": 9}, "n": COUNT},
    "required": ["symbol", "n"],
    "additionalProperties": False,
}
WHOLE = Contract(
    inputs={
        "share": RATIO,
        "n": COUNT,
        "maybe": {**COUNT, "type": ["integer", "null"]},
        "flag": {"type": "boolean"},
        "xs": {"type": "array", "items": RATIO, "maxItems": 4},
        "rows": {"type": "array", "items": ROW, "maxItems": 3},
        "open": {"type": "object", "additionalProperties": COUNT, "maxProperties": 3},
    },
    outputs={"out": RATIO},
)
GOOD = {
    "share": 0.5,
    "n": 3,
    "maybe": None,
    "flag": True,
    "xs": [0.0, 1],
    "rows": [{"symbol": "BTC", "n": 1}],
    "open": {"a": 1},
}
FLAT = Contract(
    inputs={"a": RATIO, "b": {"type": "number", "exclusiveMinimum": 0, "maximum": 5}},
    outputs={"n": COUNT, "flag": {"type": "boolean"}},
)

WRONG = [
    ({"share": math.nan}, "share", "not finite"),
    ({"share": math.inf}, "share", "not finite"),
    ({"share": True}, "share", "is a bool"),
    ({"share": Decimal("0.5")}, "share", "is a Decimal"),
    ({"share": "0.5"}, "share", "is a str"),
    ({"share": None}, "share", "is a NoneType"),
    ({"share": 1.5}, "share", "greater than the maximum"),
    ({"share": 10**400}, "share", "greater than the maximum"),
    ({"n": 3.0}, "n", "not a true integer"),
    ({"n": True}, "n", "not a true integer"),
    ({"n": -1}, "n", "less than the minimum"),
    ({"maybe": 1.0}, "maybe", "or null"),
    ({"flag": 1}, "flag", "not true or false"),
    ({"xs": (0.5,)}, "xs", "not a list"),
    ({"xs": [0.5, math.nan]}, "xs[1]", "not finite"),
    ({"xs": [0.5] * 5}, "xs", "more than 4"),
    ({"rows": [{"symbol": "x", "n": 1.0}]}, "rows[0].n", "not a true integer"),
    ({"rows": [{"symbol": "x"}]}, "rows[0].n", "missing"),
    ({"rows": [{"symbol": "x", "n": 1, "z": 1}]}, "rows[0].z", "not in the contract"),
    ({"open": {"a": 1.0}}, "open.a", "not a true integer"),
    ({"open": {1: 1}}, "open", "has the key 1"),
    ({"extra": 1}, "extra", "not in the contract"),
]


@pytest.mark.parametrize(("change", "field", "rule"), WRONG)
def test_a_wrong_value_is_refused_and_explained_by_field_value_and_rule(
    change, field, rule
):
    doors, values = compile_contract(WHOLE), {**GOOD, **change}
    assert not doors.inputs_valid(values)
    found = doors.explain_inputs(values)
    assert found.field == field
    assert rule in found.rule
    assert found.remedy
    assert field in str(found)


def test_right_values_pass_and_need_no_explanation():
    doors = compile_contract(WHOLE)
    assert doors.inputs_valid(GOOD)
    assert doors.explain_inputs(GOOD) is None


@pytest.mark.parametrize("values", [None, [], 7, "x", [("a", 1)], object()])
def test_what_is_no_mapping_is_refused(values):
    doors = compile_contract(FLAT)
    assert not doors.inputs_valid(values)
    assert doors.explain_inputs(values).field == ""


def test_a_scalar_of_another_library_is_refused_with_its_type():
    value = pd.Series([0.5]).iloc[0]
    doors = compile_contract(FLAT)
    assert not doors.inputs_valid({"a": value, "b": 1.0})
    assert "float64" in doors.explain_inputs({"a": value, "b": 1.0}).rule


SCALARS = st.one_of(
    st.floats(),
    st.integers(-3, 12),
    st.booleans(),
    st.none(),
    st.sampled_from([0.0, 1.0, 5.0, 10**20, -0.0, 5e-324, "x", Decimal(1), [], {}]),
)


@given(st.dictionaries(st.sampled_from(["a", "b", "c"]), SCALARS))
def test_the_shortcut_of_flat_contracts_never_says_yes_against_the_schema(values):
    doors, schema = compile_contract(FLAT), FLAT.input_schema()
    plain = all(type(value) in (float, int) for value in values.values())
    try:
        expected = plain and jsonschema_rs.is_valid(schema, values)
    except ValueError:
        expected = False
    assert doors.inputs_valid(values) == expected
    assert (doors.explain_inputs(values) is None) == expected


@given(st.dictionaries(st.sampled_from(["n", "flag"]), SCALARS))
def test_a_door_and_its_explanation_always_agree(values):
    doors = compile_contract(FLAT)
    assert doors.outputs_valid(values) == (doors.explain_outputs(values) is None)


ANY = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["symbol", "n", "a"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GOOD, ANY)))
def test_doors_of_nested_contracts_agree_with_their_explanations(change):
    doors, values = compile_contract(WHOLE), {**GOOD, **change}
    assert doors.inputs_valid(values) == (doors.explain_inputs(values) is None)


def test_a_contract_is_compiled_once():
    assert compile_contract(leverage().contract) is compile_contract(
        leverage().contract
    )


def test_equal_contracts_have_equal_digests_and_changed_ones_do_not():
    contract = leverage().contract
    assert contract.digest == leverage().contract.digest
    assert replace(contract, invariants=()).digest != contract.digest
    assert replace(contract, fallback=None).digest != contract.digest
    assert len({contract, leverage().contract}) == 1


def test_state_is_given_as_previous_and_returned_by_its_name():
    state = {"step": {"unit": "count", "initial": 2}}
    contract = contract_of(state=state, invariants=["step >= previous_step"])
    assert contract.parameters == ("a", "b", "previous_step")
    assert contract.results == ("total", "step")
    assert contract.initial_state() == {"step": 2}
    doors = compile_contract(contract)
    inputs = {"a": 0.1, "b": 0.2, "previous_step": 3}
    assert doors.inputs_valid(inputs)
    assert doors.broken_invariant(inputs, {"total": 0.3, "step": 2})
    assert doors.broken_invariant(inputs, {"total": 0.3, "step": 3}) is None


def test_assumptions_are_told_from_the_inputs_alone():
    contract = contract_of(assumes=["a <= b"])
    doors = compile_contract(contract)
    assert doors.broken_assumption({"a": 1, "b": 0}) == "a <= b"
    assert doors.broken_assumption({"a": 0, "b": 0}) is None


def test_a_bad_rule_is_refused_when_the_contract_is_compiled():
    with pytest.raises(SpecError):
        compile_contract(replace(FLAT, assumes=("__import__('os')",)))


@pytest.mark.parametrize("unit", sorted(DESK.units))
def test_every_contract_is_valid_json_schema_2020_12(unit):
    contract = contract_of(inputs={"a": {"unit": unit}})
    for schema in (contract.input_schema(), contract.output_schema()):
        jsonschema_rs.meta.validate(schema)
        assert schema["additionalProperties"] is False
        assert schema["required"] == list(schema["properties"])


def test_the_contract_is_light_to_import():
    heavy = [
        "pandas",
        "hypothesis",
        "libcst",
        "psycopg",
        "jinja2",
        "openai",
        "anthropic",
        "ccxt",
    ]
    code = f"import sys, core.contract, core.spec; print([m for m in {heavy} if m in sys.modules])"
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"
