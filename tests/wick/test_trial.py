"""What a survivor must pass, where each falls, and what is said when none is sure."""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256

import pytest

from core.body import parse_body
from core.sandbox import Sandbox
from core.spec import Spec
from core.store import Recording
from tests.core.gate_samples import LEVERAGE, LEVERAGE_BODY, VOCABULARY, read
from tests.wick.evidence_samples import leverage_of, lived, recording
from wick.clones import LAST_GOOD, MODEL, SEARCH, Clone
from wick.difference import FAILING_VERSION, LAST_GOOD_VERSION
from wick.evidence import evidence_for, subject_of
from wick.subject import Survivor
from wick.trial import try_clones
from wick.verdict import AMBIGUOUS, NONE, REPAIRED, Verdict

SPEC = read(LEVERAGE)
# `1 + 10 *` has become `1 - 10 *`: it divides by zero at a volatility of 0.1.
BROKEN = LEVERAGE_BODY.replace("(1 + 10 *", "(1 - 10 *")
FAILING = {"confidence": 0.8, "volatility": 0.1, "max_leverage": 9.0}
LIVED = [lived(number) for number in range(1, 61)]
# Right wherever a recording or an example looks, which is where the volatility is 0.
NARROW = [one for one in LIVED if one.inputs["volatility"] == 0]
GUARDED = BROKEN.replace("raw =", "if volatility == 0.1:\n    volatility = 0.2\nraw =")


def clone(*bodies: str, rung: str = SEARCH, size: int = 1, spec: Spec = SPEC) -> Clone:
    return Clone(
        rung,
        tuple(
            Survivor(subject_of(spec, body).source, ("an edit",), size)
            for body in bodies
        ),
    )


def tried(
    sandbox: Sandbox,
    *clones: Clone,
    recordings: Sequence[Recording] = LIVED,
    failing: str = BROKEN,
    last_good: str = "",
    refused: Sequence[str] = (),
) -> Verdict:
    found = evidence_for(SPEC, recordings, [FAILING], version=2, trusted={1})
    return try_clones(
        SPEC,
        clones,
        found,
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        failing=failing,
        last_good=last_good,
        recordings=recordings,
        refused=refused,
    )


def falls(verdict: Verdict) -> list[str]:
    return [one.at for one in verdict.falls]


def test_a_right_repair_is_proven_with_a_certificate_and_its_strength(
    sandbox: Sandbox,
) -> None:
    found = tried(sandbox, clone(LEVERAGE_BODY), last_good=LEVERAGE_BODY)
    assert (found.kind, found.needs_person, found.falls) == (REPAIRED, "", ())
    assert found.body == parse_body(LEVERAGE_BODY).text
    assert found.certificate is not None
    assert found.certificate.holds_for(SPEC, parse_body(LEVERAGE_BODY).hash)
    assert found.strength is not None
    assert found.strength > SPEC.gate_strength
    assert found.held_back > 0
    assert found.fresh > 100


def test_it_says_which_outputs_change_and_against_whom(sandbox: Sandbox) -> None:
    found = tried(sandbox, clone(LEVERAGE_BODY), last_good=LEVERAGE_BODY)
    broken, good = found.versus(FAILING_VERSION), found.versus(LAST_GOOD_VERSION)
    assert broken is not None
    assert good is not None
    assert (good.recorded_changed, good.drawn_changed) == (0, 0)
    right = leverage_of(*broken.shown[0].inputs.values())
    assert broken.shown[0].after.value["leverage"] == pytest.approx(right)
    assert broken.recorded == 60
    assert broken.recorded_changed > 0


def test_without_clones_or_survivors_there_is_no_repair(sandbox: Sandbox) -> None:
    assert tried(sandbox).kind == NONE
    assert tried(sandbox, Clone(MODEL, note="no key")).why == "no clone found a body"


def test_what_only_fits_what_was_shown_falls_at_the_cases_held_back(
    sandbox: Sandbox,
) -> None:
    known = evidence_for(SPEC, LIVED, [FAILING], version=2, trusted={1})
    secret = next(
        case.kwargs["confidence"]
        for case in known.held_back
        if 1 < case.expected["leverage"] < case.kwargs["max_leverage"]
        and all(apart(case.kwargs, other.kwargs) for other in known.visible)
    )
    trick = f"if {secret - 0.001} < confidence < {secret + 0.001}:\n"
    body = f'{trick}    return {{"leverage": max_leverage}}\n{LEVERAGE_BODY}'
    (fallen,) = tried(sandbox, clone(body)).falls
    assert fallen.at == "held back"
    # What is said of it may reach a model: no value of the case.
    assert not {str(secret), repr(known.held_back[0].kwargs)} & set(fallen.why.split())


def test_a_held_back_call_that_failed_judges_though_its_result_was_not_shown(
    sandbox: Sandbox,
) -> None:
    approved = [lived(number, kind="approved") for number in range(1, 61)]
    whole = evidence_for(SPEC, approved, [], version=2)
    secret = next(
        dict(case.kwargs)
        for case in whole.held_back
        if case.expected["leverage"] > 1.5 and is_held_back(approved, case.kwargs)
    )
    known = evidence_for(SPEC, approved, [secret], version=2)
    near = f"abs(confidence - {secret['confidence']}) < 0.004"
    body = f'if {near}:\n    return {{"leverage": 1.0}}\n{LEVERAGE_BODY}'
    found = try_clones(
        SPEC,
        [clone(body), clone(LEVERAGE_BODY, size=2)],
        known,
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        failing=BROKEN,
        recordings=approved,
    )
    assert (falls(found), found.kind) == (["held back"], REPAIRED)


def is_held_back(known: Sequence[Recording], inputs: Mapping[str, float]) -> bool:
    """Whether a recording of these inputs is held back for its digest."""
    (one,) = (r for r in known if r.inputs == inputs)
    return int(one.digest[:8], 16) % 3 == 0


def apart(secret: Mapping[str, float], shown: Mapping[str, float]) -> bool:
    return abs(secret["confidence"] - shown["confidence"]) > 0.005


def test_a_guard_that_asks_for_the_failing_input_is_a_lookup(sandbox: Sandbox) -> None:
    body = LEVERAGE_BODY.replace(
        "raw = 1",
        'if confidence == 0.8125:\n    return {"leverage": 5.0}\nraw = 1',
    )
    at = {**FAILING, "confidence": 0.8125}
    known = evidence_for(SPEC, LIVED, [at], version=2, trusted={1})
    found = try_clones(
        SPEC,
        [clone(body)],
        known,
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        failing=BROKEN,
        recordings=LIVED,
    )
    assert falls(found) == ["lookup table"]


def test_points_remembered_in_arithmetic_are_seen_by_how_it_behaves(
    sandbox: Sandbox,
) -> None:
    flat = 'return {"leverage": 1.0}\n'
    one, two = ({**FAILING, "confidence": c, "volatility": 0.0} for c in (0.7, 0.75))
    approved = [
        recording(row, {"leverage": 2.0}, kind="approved", at=n)
        for n, row in enumerate((one, two), 1)
    ]
    table = (
        "near = math.floor(1 - (confidence - 0.7) ** 2)\n"
        "near += math.floor(1 - (confidence - 0.75) ** 2)\n"
        'return {"leverage": min(max_leverage, 1.0 + near * (volatility < 0.05))}\n'
    )
    spec = read(
        LEVERAGE.replace(
            "  - {in: {confidence: 0.9, volatility: 0, max_leverage: 5}, out: {leverage: 4.2}}",
            "  - {in: {confidence: 0.1, volatility: 0, max_leverage: 5}, out: {leverage: 1}}",
        )
    )
    known = evidence_for(spec, approved, [], version=2)
    found = try_clones(
        spec,
        [clone(table, spec=spec)],
        known,
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        failing=flat,
        recordings=approved,
    )
    assert falls(found) == ["lookup table"]
    assert "2 known cases" in found.falls[0].why


def test_a_body_in_quarantine_is_not_tried_again(sandbox: Sandbox) -> None:
    digest = sha256(parse_body(LEVERAGE_BODY).text.encode()).hexdigest()
    found = tried(sandbox, clone(LEVERAGE_BODY), refused=[digest])
    assert falls(found) == ["quarantine"]


def test_what_breaks_the_contract_where_nobody_looked_falls(sandbox: Sandbox) -> None:
    unbounded = LEVERAGE_BODY.replace("min(max_leverage, max(1.0, raw))", "raw")
    odd = unbounded.replace("1 + 10 *", "1.001 - 0.001 *")
    found = tried(sandbox, clone(odd), recordings=NARROW)
    assert found.kind == NONE


def test_a_survivor_the_gate_refuses_has_no_say(sandbox: Sandbox) -> None:
    # Never reached, so that no input tells: only the types do.
    untyped = "spare = max_leverage if confidence <= 1 else 'a' - 1\n" + LEVERAGE_BODY
    longer = clone(LEVERAGE_BODY, rung=MODEL, size=2)
    found = tried(sandbox, clone(untyped), longer)
    assert falls(found) == ["gate: types"]
    assert (found.kind, found.rung) == (REPAIRED, MODEL)
    assert tried(sandbox, clone(untyped)).kind == NONE


def test_survivors_that_no_case_tells_apart_are_ambiguous_and_the_question_is_asked(
    sandbox: Sandbox,
) -> None:
    other = LEVERAGE_BODY.replace("10 * volatility", "2 * volatility")
    found = tried(sandbox, clone(LEVERAGE_BODY, other), recordings=NARROW)
    assert found.kind == AMBIGUOUS
    assert found.groups == 2
    question = found.questions[0]
    assert len(question.answers) == 2
    right = leverage_of(*question.inputs.values())
    assert any(
        json.loads(a.told.replace("'", '"'))["leverage"] == pytest.approx(right)
        for a in question.answers
    )


def test_one_more_example_settles_it(sandbox: Sandbox) -> None:
    other = LEVERAGE_BODY.replace("10 * volatility", "2 * volatility")
    asked = tried(sandbox, clone(LEVERAGE_BODY, other), recordings=NARROW)
    row = dict(asked.questions[0].inputs)
    outputs = {"leverage": leverage_of(*row.values())}
    answer = recording(row, outputs, kind="approved", at=999)
    found = tried(sandbox, clone(LEVERAGE_BODY, other), recordings=[*NARROW, answer])
    assert found.kind == REPAIRED
    assert found.body == parse_body(LEVERAGE_BODY).text


def test_a_version_that_ran_before_wins_against_a_repair_that_was_found(
    sandbox: Sandbox,
) -> None:
    other = LEVERAGE_BODY.replace("10 * volatility", "2 * volatility")
    found = tried(
        sandbox, clone(other), clone(LEVERAGE_BODY, rung=LAST_GOOD), recordings=NARROW
    )
    assert (found.kind, found.rung, found.needs_person) == (REPAIRED, LAST_GOOD, "")


def test_little_evidence_needs_a_person(sandbox: Sandbox) -> None:
    found = tried(sandbox, clone(LEVERAGE_BODY), recordings=())
    assert found.kind == REPAIRED
    assert "little" in found.needs_person


def of_the_failing_version(volatility: float, outcome: str = "ok") -> list[Recording]:
    """25 calls that nobody approved and no other version made."""
    rows = [
        {"confidence": n / 50, "volatility": volatility, "max_leverage": 9.0}
        for n in range(25, 50)
    ]
    return [
        recording(
            row,
            {"leverage": leverage_of(*row.values())} if outcome == "ok" else None,
            version=2,
            outcome=outcome,
            at=n,
        )
        for n, row in enumerate(rows, 1)
    ]


def test_recordings_that_stay_as_they_were_stand_in_for_known_results(
    sandbox: Sandbox,
) -> None:
    lived_well = of_the_failing_version(0.0)
    found = tried(sandbox, clone(LEVERAGE_BODY), recordings=lived_well)
    assert (found.kind, found.needs_person) == (REPAIRED, "")
    broken = found.versus(FAILING_VERSION)
    assert broken is not None
    assert broken.kept >= 20


def test_recordings_that_all_failed_speak_for_no_repair(sandbox: Sandbox) -> None:
    lived_badly = of_the_failing_version(0.1, outcome="failed")[1:]
    found = tried(sandbox, clone(LEVERAGE_BODY), recordings=lived_badly)
    assert found.kind == REPAIRED
    assert "little" in found.needs_person
    broken = found.versus(FAILING_VERSION)
    assert broken is not None
    assert (broken.recorded, broken.broken, broken.kept) == (24, 0, 0)


def test_a_gate_below_the_strength_the_spec_wants_needs_a_person(
    sandbox: Sandbox,
) -> None:
    strict = read(LEVERAGE.replace("fallback:", "gate_strength: 1.0\nfallback:"))
    found = try_clones(
        strict,
        [clone(LEVERAGE_BODY)],
        evidence_for(strict, LIVED, [FAILING], version=2, trusted={1}),
        sandbox=sandbox,
        vocabulary=VOCABULARY,
        failing=BROKEN,
        recordings=LIVED,
    )
    assert found.kind == REPAIRED
    assert "100%" in found.needs_person


def test_a_verdict_is_plain_json_and_repeats(sandbox: Sandbox) -> None:
    one, two = (tried(sandbox, clone(LEVERAGE_BODY, GUARDED)) for _ in range(2))
    plain = json.loads(json.dumps(one.as_dict()))
    assert plain["kind"] == one.kind
    assert (one.body, one.falls, one.differences) == (
        two.body,
        two.falls,
        two.differences,
    )
