import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import NotFound, SpecError
from core.spec import (
    load_spec,
    load_specs,
    normalised_intent,
    parse_spec,
    render_spec,
    spec_from_draft,
)
from tests.core.spec_samples import DESK, LEVERAGE, PRICE, draft, leverage, read


def from_draft(**changes):
    return spec_from_draft(draft(**changes), stack="desk", vocabulary=DESK)


def test_the_front_matter_becomes_the_contract_and_the_prose_the_intent():
    spec = leverage()
    contract = spec.contract
    assert spec.id == "desk.leverage_manager"
    assert spec.description == (
        "From 1 at confidence 0.5 rise linearly to max_leverage at confidence 1"
    )
    assert spec.intent.startswith("From 1 at")
    assert contract.parameters == ("confidence", "volatility", "max_leverage")
    assert contract.inputs["volatility"] == {
        "x-unit": "ratio",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
        "description": "ATR / close",
    }
    assert contract.safer == {"leverage": "lower"}
    assert "safer" not in contract.outputs["leverage"]
    assert contract.fallback == {"leverage": 1.0}
    assert (spec.gate_strength, spec.samples) == (0.5, 4)


def test_integers_where_numbers_are_due_are_read_as_floats():
    example = leverage().contract.examples[0]
    assert example.inputs == {"confidence": 0.9, "volatility": 0, "max_leverage": 5}
    assert {type(value) for value in example.inputs.values()} == {float}


def test_layout_and_comments_do_not_change_the_digest_and_the_law_does():
    spec = leverage()
    spaced = LEVERAGE.replace("role: risk   ", "role:    risk").replace("\n", "\r\n")
    assert read("\ufeff" + spaced).digest == spec.digest
    assert read(spec.text).digest == spec.digest
    assert read(LEVERAGE.replace("maximum: 50}", "maximum: 40}")).digest != spec.digest
    assert read(LEVERAGE.replace("use 1.", "use one.")).digest != spec.digest


def test_the_canonical_text_reads_back_to_an_equal_spec():
    spec = leverage()
    assert read(spec.text) == spec
    assert read(read(spec.text).text).text == spec.text


NAMES = st.text(string.ascii_lowercase, min_size=1, max_size=8).map("v_{}".format)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=30)
NUMBERS = st.floats(-1e9, 1e9).map(lambda value: value + 0.0)
SCHEMAS = st.one_of(
    st.sampled_from(["ratio", "price", "count", "flag"]).map(lambda u: {"unit": u}),
    st.tuples(NUMBERS, NUMBERS).map(
        lambda ends: {"type": "number", "minimum": min(ends), "maximum": max(ends)}
    ),
    st.lists(TEXT, min_size=1, max_size=3, unique=True).map(
        lambda words: {"type": "string", "enum": words}
    ),
    TEXT.map(lambda text: {"unit": "text", "description": text}),
)


@st.composite
def drafts(draw):
    names = draw(st.lists(NAMES, min_size=3, max_size=6, unique=True))
    inputs = {name: draw(SCHEMAS) for name in names[:-2]}
    return draft(
        inputs=inputs,
        outputs={names[-2]: draw(SCHEMAS)},
        state={names[-1]: {"unit": "text", "initial": draw(TEXT)}},
        invariants=[f"{names[0]} == {names[0]}"],
        gate_strength=draw(st.floats(0, 1)),
        intent=draw(TEXT.filter(str.strip)),
    )


@given(drafts())
def test_a_draft_survives_rendering_and_parsing(one):
    text = render_spec(one)
    spec = parse_spec(text, stack="desk", vocabulary=DESK)
    assert spec.intent == one["intent"].strip()
    assert spec.contract.parameters[:-1] == tuple(one["inputs"])
    for name, schema in one["inputs"].items():
        for key, value in schema.items():
            kept = spec.contract.inputs[name]["x-unit" if key == "unit" else key]
            assert kept == value
    state = next(iter(one["state"]))
    assert spec.contract.initial_state() == {state: one["state"][state]["initial"]}
    assert spec.gate_strength == one["gate_strength"]
    assert render_spec({**one, "intent": spec.intent}) == spec.text
    assert parse_spec(spec.text, stack="desk", vocabulary=DESK) == spec


def refusal(text):
    try:
        read(text)
    except SpecError as error:
        return error
    return None


@given(TEXT)
def test_any_text_is_a_spec_or_a_spec_error(text):
    for whole in (text, f"---\n{text}\n---\nDo it.", f"{LEVERAGE}{text}"):
        error = refusal(whole)
        assert error is None or (error.where and error.remedy)


WORDS = st.sampled_from(
    [
        "unit",
        "type",
        "minimum",
        "maximum",
        "enum",
        "const",
        "items",
        "properties",
        "required",
        "pattern",
        "ratio",
        "price",
        "number",
        "integer",
        "string",
        "array",
        "object",
        "null",
        "additionalProperties",
        "in",
        "out",
        "a",
        "b",
        "total",
        "initial",
        "name",
        "inputs",
        "output",
        "safer",
        "lower",
        "ask_model",
        "a<=b",
    ]
)
JUNK = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(), WORDS, TEXT),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(WORDS | TEXT, inner, max_size=4)
    ),
    max_leaves=8,
)
WHOLE = draft(
    assumes=["a <= b"],
    invariants=["total >= a"],
    examples=[{"in": {"a": 0, "b": 1}, "out": {"total": 1}}],
    state={},
    capabilities=["ask_model"],
    fallback={"total": 2},
    series=False,
    samples=4,
    gate_strength=0.5,
)


@given(st.sampled_from(sorted(WHOLE)), JUNK, st.booleans())
@settings(max_examples=200)
def test_junk_anywhere_in_a_draft_is_a_spec_or_a_spec_error(key, junk, inside):
    one = {**WHOLE, key: junk}
    if inside and isinstance(WHOLE[key], dict) and WHOLE[key]:
        one[key] = {**WHOLE[key], next(iter(WHOLE[key])): junk}
    elif inside and isinstance(WHOLE[key], list):
        one[key] = [junk]
    error = refusal(render_spec(one))
    assert error is None or (error.where and error.remedy and error.message)


def test_yaml_here_is_the_core_schema_of_1_2():
    spec = from_draft(inputs={"a": {"type": "string", "enum": ["yes", "on", "1e3"]}})
    assert spec.contract.inputs["a"]["enum"] == ["yes", "on", "1e3"]
    text = render_spec(draft()).replace("maximum: 2", "maximum: 1e3")
    assert read(text).contract.outputs["total"]["maximum"] == 1000


def test_a_unit_may_be_named_alone_narrowed_or_made_nullable():
    inputs = {
        "a": "ratio",
        "b": {"unit": "ratio", "maximum": 0.5},
        "c": {"unit": "price", "type": ["number", "null"]},
        "d": {"unit": "prices", "minItems": 2},
    }
    found = from_draft(inputs=inputs).contract.inputs
    assert (found["a"]["maximum"], found["b"]["maximum"]) == (1, 0.5)
    assert found["c"]["type"] == ["number", "null"]
    assert found["d"]["items"] == PRICE
    assert found["d"]["minItems"] == 2


def test_objects_are_closed_and_their_units_resolved():
    fields = {"low": {"unit": "price"}, "tag": {"unit": "text"}}
    found = from_draft(inputs={"bar": {"type": "object", "properties": fields}})
    bar = found.contract.inputs["bar"]
    assert bar["required"] == ["low", "tag"]
    assert bar["additionalProperties"] is False
    assert bar["properties"]["low"]["maximum"] == 1e7


def test_previous_state_left_out_of_an_example_is_the_initial_value():
    example = {"in": {"a": 0, "b": 1}, "out": {"total": 1, "step": 1}}
    state = {"step": {"unit": "count", "initial": 0}}
    spec = from_draft(state=state, examples=[example])
    assert spec.contract.examples[0].inputs == {"a": 0, "b": 1, "previous_step": 0}


def test_a_series_module_takes_and_gives_lists_of_one_length():
    spec = from_draft(
        inputs={"xs": "prices", "ys": "prices", "n": "count"},
        outputs={"zs": "numbers"},
        series=True,
    )
    assert spec.contract.assumes == ("len(xs) == len(ys)",)
    assert spec.contract.invariants == ("len(xs) == len(zs)",)


def test_proceed_and_reason_are_allowed_as_outputs_of_their_type():
    outputs = {"proceed": {"unit": "flag"}, "reason": {"unit": "text"}}
    assert from_draft(outputs=outputs).contract.results == ("proceed", "reason")


def test_a_role_states_the_safe_direction_where_the_spec_does_not():
    outputs = {"notional": {"unit": "number"}}
    assert from_draft(role="size", outputs=outputs).contract.safer == {
        "notional": "lower"
    }
    outputs = {"notional": {"unit": "number", "safer": "equal"}}
    assert from_draft(role="size", outputs=outputs).contract.safer == {
        "notional": "equal"
    }


def test_a_capability_is_named_from_the_vocabulary_or_declared():
    declared = {"name": "read_news", "inputs": {"topic": "text"}, "output": "numbers"}
    spec = from_draft(capabilities=["ask_model", declared])
    asked, news = spec.contract.capabilities.values()
    assert asked.output["type"] == ["string", "null"]
    assert news.output["type"] == ["array", "null"]
    assert list(news.inputs) == ["topic"]


def test_a_folder_of_specs_is_loaded_by_name(tmp_path):
    folder = tmp_path / "desk"
    folder.mkdir()
    (folder / "leverage_manager.md").write_text(LEVERAGE)
    (folder / "adder.md").write_text(render_spec(draft()))
    (folder / "notes.txt").write_text("not a spec")
    specs = load_specs(folder, DESK)
    assert [spec.id for spec in specs] == ["desk.adder", "desk.leverage_manager"]
    assert specs[0].path == folder / "adder.md"


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path):
    with pytest.raises(NotFound):
        load_spec(tmp_path / "none.md", DESK)
    (tmp_path / "bad.md").write_bytes(b"---\xff\n")
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path / "bad.md", DESK)
    assert caught.value.where.endswith("bad.md:1")


def test_a_file_whose_name_is_not_the_specs_is_refused(tmp_path):
    (tmp_path / "other.md").write_text(LEVERAGE)
    with pytest.raises(SpecError) as caught:
        load_spec(tmp_path / "other.md", DESK)
    assert caught.value.where.endswith("other.md:2")
    assert "leverage_manager.md" in caught.value.remedy


def test_intents_that_differ_in_layout_alone_are_one():
    assert normalised_intent("Buy, when  RSI < 30!") == normalised_intent(
        "buy when\nrsi < 30."
    )
    assert normalised_intent("a > 1.5") != normalised_intent("a > 15")
    assert normalised_intent("a > 1") != normalised_intent("a < 1")
    assert normalised_intent("a > .5") != normalised_intent("a > 5")
    assert normalised_intent("(a + b) * c") != normalised_intent("a + (b * c)")
    assert normalised_intent("a != 1") != normalised_intent("a = 1")


@given(st.text())
def test_normalising_an_intent_twice_changes_nothing(text):
    once = normalised_intent(text)
    assert normalised_intent(once) == once
