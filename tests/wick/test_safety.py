"""A module that guards money swaps by itself only where no input made it less safe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sandbox import Sandbox
from core.spec import Spec
from core.vocabulary import load_vocabulary
from tests.core.gate_samples import (
    LEVERAGE,
    LEVERAGE_BODY,
    TREND,
    VOCABULARY,
    read,
)
from tests.core.stack_samples import spec as desk_spec
from tests.wick.evidence_samples import lived
from wick.safety import EQUAL, compare, directions, is_guarded, safety_of
from wick.subject import Ran

SPEC = read(LEVERAGE)  # `leverage` is safer lower; the fallback is 1
ROW = {"confidence": 0.9, "volatility": 0.0, "max_leverage": 5.0}
FAILED = Ran(False, error="ValueError")


def gives(leverage: float) -> Ran:
    return Ran(True, {"leverage": leverage})


def safe(after: Ran, before: Ran | None = None, spec: Spec = SPEC) -> bool:
    return compare(spec, [ROW], [after], None if before is None else [before]).safe


def exit_spec() -> Spec:
    from core.spec import spec_from_draft

    words = load_vocabulary("trading.shell.vocabulary")
    outputs = {name: {"unit": "flag"} for name in ("exit_long", "exit_short")}
    draft = {
        "name": "leave",
        "role": "exit",
        "inputs": {"close": {"unit": "price"}},
        "outputs": {**outputs, "reason": {"unit": "text"}},
        "intent": "Leave.",
    }
    return spec_from_draft(draft, stack="t", vocabulary=words)


@given(st.floats(1, 50), st.floats(1, 50))
def test_only_the_safe_side_is_safe(old: float, new: float) -> None:
    assert safe(gives(new), gives(old)) == (new <= old + 1e-9 * max(new, old, 1))


def test_the_first_input_that_is_less_safe_is_the_counterexample() -> None:
    rows = [ROW, {**ROW, "volatility": 0.5}, {**ROW, "volatility": 0.7}]
    after = [gives(2.0), gives(3.0), gives(4.0)]
    found = compare(SPEC, rows, after, [gives(2.0)] * 3)
    assert not found.safe
    assert found.counterexample is not None
    assert found.counterexample.inputs == rows[1]
    assert "from 2.0 to 3.0" in found.why


def test_where_the_last_good_version_fails_the_fallback_is_the_measure() -> None:
    assert safe(gives(1.0), FAILED)
    assert not safe(gives(1.5), FAILED)
    assert not safe(gives(1.5))


def test_a_repair_that_falls_back_is_not_less_safe() -> None:
    assert safe(FAILED, gives(1.0))


def test_without_anything_to_compare_with_nothing_is_proven() -> None:
    bare = read(LEVERAGE.replace("fallback: {leverage: 1.0}\n", ""))
    assert not safe(gives(1.0), spec=bare)
    assert not compare(SPEC, [], []).safe


def test_a_module_without_a_safe_side_is_not_guarded() -> None:
    found = compare(read(TREND), [{}], [FAILED])
    assert (found.guarded, found.safe) == (False, True)


def test_in_a_guarded_role_what_declares_no_safe_side_must_not_change() -> None:
    spec = exit_spec()
    assert is_guarded(spec)
    assert directions(spec) == {"exit_long": EQUAL, "exit_short": EQUAL}
    same = Ran(True, {"exit_long": True, "exit_short": False, "reason": "a"})
    other = Ran(True, {"exit_long": True, "exit_short": True, "reason": "a"})
    words = Ran(True, {"exit_long": True, "exit_short": False, "reason": "b"})
    row = [{"close": 1.0}]
    assert compare(spec, row, [words], [same]).safe
    assert not compare(spec, row, [other], [same]).safe


def test_the_state_that_a_fallback_keeps_is_the_previous_one() -> None:
    spec = desk_spec(
        "guard",
        {"close": "number"},
        {"limit": {"unit": "number", "safer": "lower"}},
        state={"seen": {"type": "integer", "minimum": 0, "maximum": 9, "initial": 0}},
        fallback={"limit": 0},
    )
    row = {"close": 1.0, "previous_seen": 4}
    after = Ran(True, {"limit": 0.0, "seen": 5})
    assert compare(spec, [row], [after]).safe


@pytest.mark.parametrize(
    "change, expected",
    [
        (("10 * volatility", "20 * volatility"), True),
        (("10 * volatility", "9 * volatility"), False),
        (("max(1.0, raw)", "max(raw, 1.0)"), True),
    ],
)
def test_it_is_tried_on_recorded_and_on_drawn_inputs(
    sandbox: Sandbox, change: tuple[str, str], expected: bool
) -> None:
    recordings = [lived(number) for number in range(1, 21)]
    found = safety_of(
        SPEC,
        LEVERAGE_BODY.replace(*change),
        LEVERAGE_BODY,
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        recordings=recordings,
        failing=[ROW],
    )
    assert found.safe == expected
    assert not expected or found.tried > 200
