"""The gate's pure parts: sameness, shrinking, dropped fields, mutants."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from core.gate.compare import same
from core.gate.fields import FieldPath, nested_fields, without
from core.gate.mutants import mutants, spread
from core.gate.mutation import gate_strength, mutation_report
from core.gate.shrink import simpler
from core.sandbox import Sandbox
from tests.core.gate_samples import (
    ASK,
    ASK_BODY,
    LEVERAGE,
    LEVERAGE_BODY,
    SMOOTH,
    SMOOTH_BODY,
    TREND,
    TREND_BODY,
    VOCABULARY,
    read,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)
TYPES = {"confidence": "number", "volatility": "number", "max_leverage": "number"}


@given(JSON)
def test_a_value_is_the_same_as_itself(value):
    assert same(value, value)


@given(JSON, JSON)
def test_sameness_has_no_direction(a, b):
    assert same(a, b) == same(b, a)


def test_numbers_are_the_same_within_a_billionth_and_flags_are_no_numbers():
    assert same(4.2, 4.2 + 1e-12)
    assert not same(4.2, 4.2 + 1e-6)
    assert same(1, 1.0)
    assert not same(True, 1)
    assert not same(None, 0)
    assert not same(10**400, 1.5)
    assert same((1, 2), [1, 2])
    assert not same({"a": 1}, {"a": 1, "b": 2})


@given(JSON)
def test_simpler_values_keep_their_type(value):
    assert all(isinstance(one, type(value)) for one in simpler(value))


@given(st.lists(st.fixed_dictionaries({"a": st.integers(), "b": st.integers()})))
def test_a_dropped_field_is_gone_and_nothing_else_is(rows):
    lacking = without({"rows": rows}, ("rows", "[]", "a"))
    assert lacking == {"rows": [{"b": row["b"]} for row in rows]}
    last = without({"rows": rows}, ("rows", "[]", "a"), last_only=True)
    assert last["rows"][:-1] == rows[:-1]
    assert not rows or "a" not in last["rows"][-1]


def test_nested_fields_are_found_at_every_depth():
    schema = {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"properties": {"b": {}}}}},
    }
    paths = nested_fields({"x": schema, "y": {"type": "number"}})
    assert list(map(str, paths)) == ["x.a", "x.a[].b"]
    assert FieldPath(("x", "a", "[]", "b")).in_list


def test_every_mutant_is_another_body_that_still_parses():
    found = mutants(LEVERAGE_BODY, TYPES)
    plain = ast.dump(ast.parse(f"def f():\n return 1\n{'x = 1'}"))
    assert len({mutant.text for mutant in found}) == len(found) > 20
    for mutant in found:
        tree = ast.parse(
            "def f():\n" + "\n".join(f"    {r}" for r in mutant.text.split("\n"))
        )
        assert ast.dump(tree) != plain
        assert 1 <= mutant.line <= 4


@given(st.integers(1, 80))
def test_a_spread_keeps_to_its_limit(limit: int):
    found = mutants(LEVERAGE_BODY, TYPES)
    assert len(spread(found, limit)) == min(limit, len(found))


def test_a_tighter_spec_has_a_stronger_gate(sandbox: Sandbox):
    options = {"sandbox": sandbox, "vocabulary": VOCABULARY}
    tight = gate_strength(read(LEVERAGE), LEVERAGE_BODY, **options)
    loose_text = LEVERAGE.replace("invariants:", "# ").replace("examples:", "# ")
    loose_text = loose_text.replace("  - {in:", "  # ")
    loose = gate_strength(read(loose_text), LEVERAGE_BODY, **options)
    assert 0 <= loose < tight <= 1


def test_strength_repeats_and_survivors_say_where_the_gate_is_blind(sandbox: Sandbox):
    for spec, body in (
        (TREND, TREND_BODY),
        (SMOOTH, SMOOTH_BODY),
        (ASK, ASK_BODY),
    ):
        first, second = (
            mutation_report(read(spec), body, sandbox=sandbox, vocabulary=VOCABULARY)
            for _ in range(2)
        )
        assert first.strength == second.strength
        assert first.survived == second.survived
        assert first.killed
        assert all(mutant.change for mutant in first.survived)
