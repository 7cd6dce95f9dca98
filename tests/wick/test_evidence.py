"""What clones are shown and what is kept from them, and who may say what is right."""

import pickle
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.body import parse_body
from core.store import Recording, VersionRow
from tests.core.gate_samples import (
    ASK,
    LEVERAGE,
    LEVERAGE_BODY,
    SMOOTH,
    SMOOTH_BODY,
    TREND,
    TREND_BODY,
    read,
)
from tests.wick.evidence_samples import leverage_of, lived, recording
from wick.evidence import (
    HELD_BACK,
    SHOWN,
    ContractJudge,
    body_of,
    evidence_for,
    subject_of,
    trusted_versions,
)
from wick.subject import UNKNOWN, Case, Ran

SPEC = read(LEVERAGE)
FAILING = {"confidence": 0.8, "volatility": 0.1, "max_leverage": 9.0}
LIVED = [lived(number) for number in range(1, 61)]


def inputs_of(cases: tuple[Case, ...]) -> list[str]:
    return [repr(dict(case.kwargs)) for case in cases]


def test_the_failing_input_comes_first_and_the_contract_judges_it() -> None:
    found = evidence_for(SPEC, LIVED, [FAILING], version=2, trusted={1})
    assert found.failing == (0,)
    assert dict(found.visible[0].kwargs) == FAILING
    assert found.visible[0].expected is UNKNOWN


def test_the_examples_of_the_spec_are_shown() -> None:
    found = evidence_for(SPEC, LIVED, [FAILING], version=2, trusted={1})
    assert [c.label for c in found.visible].count("example 1") == 1


@given(st.integers(0, 60), st.integers(3, SHOWN))
def test_no_case_is_both_shown_and_held_back_and_none_is_lost(
    count: int, shown: int
) -> None:
    known = LIVED[:count]
    found = evidence_for(SPEC, known, [FAILING], version=2, trusted={1}, shown=shown)
    seen, held = inputs_of(found.visible), inputs_of(found.held_back)
    assert len(found.visible) <= shown
    assert not set(seen) & set(held)
    assert {repr(dict(r.inputs)) for r in known} <= {*seen, *held}


def test_about_a_third_is_held_back_and_more_recordings_never_show_it() -> None:
    few = evidence_for(SPEC, LIVED[:30], version=2, trusted={1}, shown=99)
    many = evidence_for(SPEC, LIVED, version=2, trusted={1}, shown=99)
    assert 10 <= len(many.held_back) <= 30
    assert set(inputs_of(few.held_back)) <= set(inputs_of(many.held_back))


def test_what_the_failing_version_gave_itself_proves_nothing() -> None:
    own = [lived(number, version=2) for number in range(1, 20)]
    found = evidence_for(SPEC, own, [FAILING], version=2, trusted={1, 2})
    assert found.known == 1
    assert found.thin
    assert "little evidence" in found.strength


def test_what_a_person_approved_binds_whoever_made_it() -> None:
    approved = [lived(n, version=2, kind="approved") for n in range(1, 20)]
    assert evidence_for(SPEC, approved, version=2).known == 20


def test_a_version_that_is_not_trusted_does_not_bind() -> None:
    assert evidence_for(SPEC, LIVED, version=2, trusted={3}).known == 1


APPROVED = [lived(n, kind="approved") for n in range(1, 20)]
HELD = inputs_of(evidence_for(SPEC, APPROVED, version=2, shown=99).held_back)
SECRET = [one for one in APPROVED if repr(dict(one.inputs)) in HELD]


def test_an_approved_call_that_fails_now_is_shown_with_what_it_must_give() -> None:
    for broken in [one for one in APPROVED if one not in SECRET]:
        found = evidence_for(SPEC, APPROVED, [broken.inputs], version=2)
        assert dict(found.visible[0].expected) == broken.outputs
        assert repr(dict(broken.inputs)) not in inputs_of(found.held_back)


@pytest.mark.parametrize("broken", SECRET)
def test_of_a_held_back_call_that_fails_only_the_inputs_are_shown(
    broken: Recording,
) -> None:
    found = evidence_for(SPEC, APPROVED, [broken.inputs], version=2)
    assert dict(found.visible[0].kwargs) == broken.inputs
    assert found.visible[0].expected is UNKNOWN
    judged = [one for one in found.held_back if dict(one.kwargs) == broken.inputs]
    assert [dict(one.expected) for one in judged] == [broken.outputs]


def test_what_failed_and_is_held_back_judges_however_much_there_is() -> None:
    many = [
        recording(
            {"confidence": n / 2000, "volatility": 0.0, "max_leverage": 9.0},
            {"leverage": leverage_of(n / 2000, 0.0, 9.0)},
            kind="approved",
            at=n,
        )
        for n in range(1, 1901)
    ]
    last = next(one for one in reversed(many) if not int(one.digest[:8], 16) % 3)
    found = evidence_for(SPEC, many, [last.inputs], version=2)
    assert len(found.held_back) == HELD_BACK
    assert repr(dict(last.inputs)) in inputs_of(found.held_back)


def test_other_failures_of_the_version_are_shown_as_well() -> None:
    failed = recording(
        {**FAILING, "volatility": 0.3}, None, version=2, outcome="failed"
    )
    found = evidence_for(SPEC, [failed], [FAILING], version=2)
    assert found.failing == (0, 1)


def test_inputs_outside_the_contract_are_nobodys_fault() -> None:
    assert evidence_for(SPEC, (), [{**FAILING, "confidence": 7.0}]).failing == ()


def test_two_approvals_that_contradict_each_other_are_named() -> None:
    one = {"confidence": 0.9, "volatility": 0.0, "max_leverage": 5.0}
    approved = recording(one, {"leverage": 2.0}, kind="approved")
    found = evidence_for(SPEC, [approved])
    ((a, b),) = found.contradictions
    assert {a.label, b.label} == {"example 1", "approved 1"}


def test_a_module_that_asks_gets_no_cases_and_the_reason_is_said() -> None:
    found = evidence_for(read(ASK), (), [{"x": 0.5}])
    assert found.visible == ()
    assert "ask_model" in found.strength


def row(version: int, digest: str = SPEC.digest, state: str = "retired") -> VersionRow:
    texts = ("", "", "", digest, "offline", "search", None, "", Decimal(0), None)
    return VersionRow("t.m", version, *texts, "", "", state=state)


def test_only_versions_of_the_same_spec_that_ran_and_stood_are_trusted() -> None:
    rows = [row(1), row(2, digest="other"), row(3, state="undone"), row(4), row(5)]
    assert trusted_versions(rows, SPEC, refuted=[4]) == {1, 5}


def test_a_judge_travels_and_judges_as_before() -> None:
    judge = pickle.loads(pickle.dumps(ContractJudge(SPEC.contract)))
    case = Case(kwargs=FAILING)
    known = Case(kwargs=FAILING, expected={"leverage": 3.4})
    assert judge(case, Ran(True, {"leverage": 2.0}))
    assert not judge(case, Ran(True, {"leverage": 10.0}))  # above max_leverage
    assert not judge(case, Ran(True, {"leverage": "2"}))
    assert not judge(case, Ran(False, error="ValueError"))
    assert judge(known, Ran(True, {"leverage": 3.4 + 1e-12}))
    assert not judge(known, Ran(True, {"leverage": 3.5}))


def test_a_body_goes_there_and_back_unchanged() -> None:
    for text, body in (
        (LEVERAGE, LEVERAGE_BODY),
        (TREND, TREND_BODY),
        (SMOOTH, SMOOTH_BODY),
    ):
        spec = read(text)
        subject = subject_of(spec, body)
        assert subject.source.startswith(f"def {spec.name}(")
        assert body_of(subject.source, spec) == parse_body(body).text


def test_a_survivor_that_breaks_a_body_rule_has_no_body() -> None:
    many = "\n".join(f"    a{n} = {n}" for n in range(11))
    loop = "    while True:\n        pass"
    for rows in (many, loop, "    import os", "    return eval('1')"):
        assert body_of(f"def leverage_manager(confidence):\n{rows}", SPEC) is None
    assert body_of("x = 1", SPEC) is None
    assert body_of("def (", SPEC) is None
