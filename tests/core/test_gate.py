"""The gate: what each check refuses, what it notes, and that a verdict repeats."""

import json
from dataclasses import replace

import pytest

from core.calls import CapabilityCall
from core.gate import GATE_CHECKS, PASSING_MEANS, Certificate, run_gate
from core.sandbox import Sandbox
from core.spec import Spec
from tests.core.gate_samples import (
    ASK,
    ASK_BODY,
    COUNTER,
    LEVERAGE,
    LEVERAGE_BODY,
    SMOOTH,
    SMOOTH_BODY,
    TREND,
    TREND_BODY,
    VOCABULARY,
    Lived,
    read,
)

PAIRS = [
    (LEVERAGE, LEVERAGE_BODY),
    (TREND, TREND_BODY),
    (SMOOTH, SMOOTH_BODY),
    (ASK, ASK_BODY),
    (
        COUNTER,
        "total = min(previous_total + step, 1000000)\n"
        'return {"big": total > 100, "total": total}',
    ),
]
LIVED = {"confidence": 0.9, "volatility": 0.0, "max_leverage": 5.0}


def gate(sandbox: Sandbox, spec: str | Spec, body: str, **options) -> Certificate:
    asked = read(spec) if isinstance(spec, str) else spec
    return run_gate(asked, body, sandbox=sandbox, vocabulary=VOCABULARY, **options)


def refused(certificate: Certificate, check: str) -> str:
    assert not certificate.passed
    assert certificate.checks[-1].name == check
    assert all(found.remedy for found in certificate.refusals)
    return " | ".join(map(str, certificate.refusals))


@pytest.mark.parametrize(("spec", "body"), PAIRS)
def test_a_right_body_passes_all_eight_checks(sandbox: Sandbox, spec: str, body: str):
    certificate = gate(sandbox, spec, body)
    assert certificate.passed, certificate.refusals
    assert tuple(check.name for check in certificate.checks) == GATE_CHECKS
    assert all(check.figure for check in certificate.checks)


@pytest.mark.parametrize(("spec", "body"), PAIRS)
def test_a_verdict_repeats(sandbox: Sandbox, spec: str, body: str):
    def verdict() -> object:
        found = gate(sandbox, spec, body, draws=60)
        return found.seed, [(c.name, c.figure, c.findings) for c in found.checks]

    assert verdict() == verdict()


def test_a_certificate_survives_json_and_says_what_passing_means(sandbox: Sandbox):
    certificate = gate(sandbox, TREND, TREND_BODY).with_strength(0.75)
    kept = json.loads(json.dumps(certificate.as_dict()))
    assert kept["means"] == PASSING_MEANS
    assert Certificate.from_dict(kept) == certificate


def test_each_check_is_told_as_it_ends_and_the_first_refusal_is_the_last(
    sandbox: Sandbox,
):
    told: list[str] = []
    wrong = LEVERAGE_BODY.replace("* 2", "* 3")
    certificate = gate(sandbox, LEVERAGE, wrong, on_check=lambda c: told.append(c.name))
    assert told == ["form", "types", "examples"]
    assert "not 4.2" in refused(certificate, "examples")


@pytest.mark.parametrize("text", ["", "return (", "import os\nreturn {}", "x" * 9_000])
def test_no_body_or_a_forbidden_one_is_refused_by_form(sandbox: Sandbox, text: str):
    assert refused(gate(sandbox, LEVERAGE, text), "form")


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('return {"up": 1.0, "mean": 1.0}', "bool"),
        ('return {"up": True, "mean": candles[0]["high"]}', 'Unknown key "high"'),
        ('if candles:\n    return {"up": True, "mean": 1.0}', "implicitly return"),
        ('return {"up": True, "mean": candles}', "float"),
        ('return {"up": True, "mean": "a" + 1}', "Operator"),
    ],
)
def test_wrong_types_are_refused_before_anything_runs(sandbox, body: str, said: str):
    assert said in refused(gate(sandbox, TREND, body), "types")


def test_a_named_dict_may_be_returned(sandbox: Sandbox):
    body = TREND_BODY.replace("return ", "out = ") + "return out\n"
    assert gate(sandbox, TREND, body).passed


def test_an_example_that_fails_shows_its_line_and_its_inputs(sandbox: Sandbox):
    body = 'y = 1\nreturn {"leverage": y / volatility}'
    certificate = gate(sandbox, LEVERAGE, body)
    assert "line 2: raises ZeroDivisionError" in refused(certificate, "examples")
    assert certificate.refusals[0].counterexample["volatility"] == 0


def test_an_approved_recording_must_be_equal(sandbox: Sandbox):
    kept = [Lived(LIVED, {"leverage": 4.0}, approved=True)]
    certificate = gate(sandbox, LEVERAGE, LEVERAGE_BODY, recordings=kept)
    assert "approved was {'leverage': 4.0}" in refused(certificate, "recordings")
    right = [Lived(LIVED, {"leverage": 4.2 + 1e-12}, approved=True)]
    assert gate(sandbox, LEVERAGE, LEVERAGE_BODY, recordings=right).passed


def test_observed_recordings_make_a_behaviour_diff(sandbox: Sandbox):
    kept = [
        Lived(LIVED, {"leverage": 4.0}),
        Lived(LIVED, {"leverage": 4.2}),
        Lived(LIVED, {"leverage": 1.0}, outcome="fallback"),
        Lived({"confidence": 7}, {"leverage": 1.0}),
    ]
    certificate = gate(sandbox, LEVERAGE, LEVERAGE_BODY, recordings=kept)
    check = certificate.checks[3]
    assert certificate.passed
    assert check.figure == "0 approved, 3 observed, 1 outside the contract now"
    assert "1 of 2 observed results change" in check.findings[0].message
    assert check.findings[0].severity == "note"


def test_a_body_that_still_fails_on_a_recorded_failure_is_refused(sandbox: Sandbox):
    body = LEVERAGE_BODY.replace("(1 + 10 * volatility)", "(volatility + 0)")
    spec = replace(
        read(LEVERAGE), contract=replace(read(LEVERAGE).contract, examples=())
    )
    kept = [Lived(LIVED, None, outcome="failed")]
    said = refused(gate(sandbox, spec, body, recordings=kept), "recordings")
    assert "on a recorded input it raises ZeroDivisionError" in said


def test_recorded_answers_are_given_again(sandbox: Sandbox):
    asked = CapabilityCall("ask_model", {"question": "is 0.50 good?"}, "yes")
    kept = [Lived({"x": 0.5}, {"verdict": "yes"}, approved=True, calls=[asked])]
    assert gate(sandbox, ASK, ASK_BODY, recordings=kept).passed
    as_json = [replace(kept[0], calls=[list(asked)])]
    assert gate(sandbox, ASK, ASK_BODY, recordings=as_json).passed


def test_fuzz_breaks_what_examples_do_not_reach(sandbox):
    spec = read(LEVERAGE)
    bare = replace(spec, contract=replace(spec.contract, examples=()))
    body = LEVERAGE_BODY.replace("min(max_leverage, max(1.0, raw))", "raw * 1.2")
    said = refused(gate(sandbox, bare, body), "fuzz")
    assert "breaks the invariant 'leverage <= max_leverage'" in said or "50" in said


def test_a_counterexample_is_shrunk(sandbox: Sandbox):
    body = TREND_BODY.replace("len(closes)", "sum(c['volume'] for c in candles)")
    certificate = gate(sandbox, TREND, body)
    assert "ZeroDivisionError" in refused(certificate, "fuzz")
    assert certificate.refusals[0].line == 2
    assert certificate.refusals[0].counterexample == {
        "candles": [{"close": 1.0, "volume": 0.0}]
    }


def test_an_answer_of_none_and_a_failed_capability_are_tried(sandbox: Sandbox):
    careless = 'a = ask_model(question="?")\nreturn {"verdict": str(len(f"{a}"))}'
    assert gate(sandbox, ASK, careless).passed
    wrong = 'a = ask_model(question="?") or ""\nreturn {"verdict": a.split("|")[1]}'
    certificate = gate(sandbox, ASK, wrong)
    assert "IndexError" in refused(certificate, "fuzz")
    assert certificate.refusals[0].counterexample["capability_calls"]


@pytest.mark.parametrize(
    "body",
    [
        'same = candles\nsame.append({"close": 1.0, "volume": 0.0})\n'
        'return {"up": True, "mean": 1.0}',
        'for c in candles:\n    c["close"] = 2.0\nreturn {"up": True, "mean": 1.0}',
    ],
)
def test_changed_arguments_are_refused(sandbox: Sandbox, body: str):
    assert "changes its arguments" in refused(gate(sandbox, TREND, body), "purity")


def test_a_made_up_value_for_a_missing_field_is_refused(sandbox: Sandbox):
    body = (
        'closes = [{"close": 1.0, **candle}["close"] for candle in candles]\n'
        'return {"up": closes[-1] > 5, "mean": closes[0]}'
    )
    said = refused(gate(sandbox, TREND, body), "fabrication")
    assert "without the field candles[].close" in said


def test_a_field_that_is_never_read_is_a_note(sandbox: Sandbox):
    certificate = gate(sandbox, TREND, TREND_BODY)
    notes = [found.message for found in certificate.findings]
    assert certificate.passed
    assert any("candles[].volume was not read" in note for note in notes)
    assert not any("candles[].close" in note for note in notes)


@pytest.mark.parametrize(
    "body",
    [
        'top = max(values) if values else 0\nreturn {"smoothed": [v if top > 0 else 0.0 for v in values]}',
        'return {"smoothed": values[1:] + values[-1:]}',
        'return {"smoothed": [v / 2 for v in reversed(values)]}',
        'mean = sum(values) / len(values) if values else 0.0\nreturn {"smoothed": [v / 2 - mean / 2 for v in values]}',
        'end = len(values) - 1\nreturn {"smoothed": [values[max(0, n - 1)] / 2 + values[min(end, n + 1)] / 2 for n in range(len(values))]}',
        'out, known = [], 0.0\nfor value in reversed(values):\n    known = value if value > 0 else known\n    out.append(known)\nreturn {"smoothed": list(reversed(out))}',
    ],
    ids=["peak", "shift", "reversed", "mean", "centred", "backfilled"],
)
def test_a_series_that_looks_ahead_is_refused(sandbox: Sandbox, body: str):
    assert "depends on bars after" in refused(
        gate(sandbox, SMOOTH, body), "fabrication"
    )


def test_a_series_of_another_length_is_refused(sandbox: Sandbox):
    certificate = gate(sandbox, SMOOTH, 'return {"smoothed": values[:-1]}')
    assert "len(values) == len(smoothed)" in refused(certificate, "fuzz")


def test_an_input_that_is_never_named_is_a_note(sandbox: Sandbox):
    spec = read(LEVERAGE)
    bare = replace(spec, contract=replace(spec.contract, examples=()))
    certificate = gate(sandbox, bare, 'return {"leverage": 1.0}')
    assert certificate.passed
    assert "the input 'volatility' is never read" in str(certificate.findings[1])
