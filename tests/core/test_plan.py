"""A plan is whole or refused with every fault: schema, specs, names."""

from contextlib import suppress
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.plan import PLAN_SCHEMA, BadPlan, read_draft
from core.vocabulary import base_vocabulary
from trading.shell.vocabulary import VOCABULARY

ENTRY: dict[str, Any] = {
    "name": "long_entry",
    "role": "entry",
    "inputs": {"rsi_14": {"unit": "oscillator"}},
    "outputs": {"enter_long": {"unit": "flag"}},
    "intent": "Buy when RSI 14 is below 30.",
}
ADD: dict[str, Any] = {
    "name": "add",
    "role": "function",
    "inputs": {"a": {"unit": "number"}, "b": {"unit": "integer"}},
    "outputs": {"total": {"type": "number", "minimum": -1e10, "maximum": 1e10}},
    "intent": "Add a and b.",
}


def read(*specs: dict[str, Any], **more: Any) -> Any:
    data = {"specs": list(specs), "not_understood": [], **more}
    return read_draft(data, stack="demo", vocabulary=VOCABULARY)


def faults(*specs: dict[str, Any]) -> str:
    with pytest.raises(BadPlan) as caught:
        read(*specs)
    return " ".join(caught.value.faults)


def test_the_schema_is_a_valid_schema() -> None:
    jsonschema_rs.meta.validate(dict(PLAN_SCHEMA))


@pytest.mark.parametrize("own", [{"gate_strength": 0.0}, {"samples": 20}])
def test_an_architect_does_not_say_how_strictly_it_is_judged(
    own: dict[str, Any],
) -> None:
    assert next(iter(own)) in faults({**ENTRY, **own})


def test_wires_come_from_names() -> None:
    gate = {
        **ENTRY,
        "name": "oversold",
        "role": "condition",
        "outputs": {"oversold": {"unit": "flag"}},
    }
    entry = {
        **ENTRY,
        "inputs": {"oversold": {"unit": "flag"}},
        "intent": "Buy when oversold.",
    }
    wires = {(w.consumer, w.name, w.source) for w in read(entry, gate).wiring.wires}
    assert ("long_entry", "oversold", "oversold") in wires
    assert ("oversold", "rsi_14", "starting") in wires


def test_a_name_the_vocabulary_lacks_is_refused() -> None:
    bad = {**ENTRY, "inputs": {"moon_phase": {"unit": "ratio"}}}
    assert "moon_phase" in faults(bad)


def test_an_output_that_is_a_starting_value_is_refused() -> None:
    assert "'close', which is a starting value" in faults(
        {**ENTRY, "outputs": {"close": {"unit": "price"}}}
    )


def test_two_modules_that_make_one_name_are_refused() -> None:
    assert "enter_long" in faults(ENTRY, {**ENTRY, "name": "other_entry"})


def test_a_cycle_is_refused() -> None:
    flag = {"unit": "flag"}
    one = {
        **ENTRY,
        "name": "one",
        "inputs": {"b_flag": flag},
        "outputs": {"a_flag": flag},
    }
    two = {
        **ENTRY,
        "name": "two",
        "inputs": {"a_flag": flag},
        "outputs": {"b_flag": flag},
    }
    assert "one" in faults(one, two)


def test_every_broken_spec_is_named_at_once() -> None:
    text = faults(
        {**ENTRY, "role": "wizard"}, {**ADD, "inputs": {"a": {"type": "number"}}}
    )
    assert "long_entry" in text
    assert "add" in text


def test_a_function_s_own_inputs_become_starting_values_of_the_stack() -> None:
    assert dict(read(ADD).own) == {"a": "number", "b": "integer"}


def test_a_stack_without_a_vocabulary_of_its_own_can_hold_functions() -> None:
    data = {"specs": [ADD], "not_understood": []}
    draft = read_draft(data, stack="demo", vocabulary=base_vocabulary())
    assert [spec.id for spec in draft.specs] == ["demo.add"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(("specs", "name", "role", "x")), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(data=json_values)
def test_any_json_is_a_draft_or_a_bad_plan(data: Any) -> None:
    with suppress(BadPlan):
        read_draft(data, stack="demo", vocabulary=VOCABULARY)


@given(key=st.sampled_from(sorted(ENTRY)), value=json_values)
def test_a_spec_with_any_field_replaced_is_a_spec_or_a_bad_plan(
    key: str, value: Any
) -> None:
    with suppress(BadPlan):
        read({**ENTRY, key: value})
