"""Faults: each is one small change to a body, realistic, and another program."""

import ast
from difflib import unified_diff

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.body import check_body, parse_body
from core.errors import RequestRefused
from core.gate.trial import Trial
from core.sandbox import Sandbox
from tests.core.gate_samples import (
    ASK,
    ASK_BODY,
    LEVERAGE,
    LEVERAGE_BODY,
    SMOOTH_BODY,
    TREND_BODY,
    VOCABULARY,
    Lived,
    read,
)
from wick.faults import Kind, faults
from wick.showing import DRAWN, LIVED, PROMISED, Broken, choose, showing

NAMES = ("confidence", "volatility", "max_leverage")
GUARDED = "if b == 0:\n    return {'q': 0.0}\nq = min(1.0, a / b)\nreturn {'q': q}\n"
LOOP = "t = 0\nfor n in range(len(xs)):\n    t += xs[n]\nreturn {'t': t if xs else 0}\n"
HALF = """---
name: half
role: function
inputs:
  a: {type: number, minimum: 0, maximum: 10}
outputs:
  b: {type: number, minimum: -20, maximum: 20}
---
Half of a.
"""
SEEN = Lived({"confidence": 1.0, "volatility": 0.0, "max_leverage": 5.0}, {})


def on_trial(
    sandbox: Sandbox,
    *recordings: Lived,
    text: str = LEVERAGE,
    body: str = LEVERAGE_BODY,
) -> Trial:
    made = parse_body(body)
    return Trial(read(text), made, sandbox, VOCABULARY, recordings, count=40)


def rewritten(before: str, after: str) -> list[str]:
    """The lines of `before` that are not in `after` any more."""
    rows = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [row[1:] for row in rows if row[:1] == "-" and row[:3] != "---"]


@pytest.mark.parametrize(
    "body, names",
    [
        (LEVERAGE_BODY, NAMES),
        (TREND_BODY, ("candles",)),
        (SMOOTH_BODY, ("values",)),
        (GUARDED, ("a", "b")),
        (LOOP, ("xs",)),
    ],
)
def test_a_fault_is_one_change_in_one_place_and_another_program(
    body: str, names: tuple[str, ...]
) -> None:
    found = faults(body, names)
    meanings = {ast.dump(ast.parse(fault.text)) for fault in found}
    assert len(meanings) == len(found) > 9
    assert ast.dump(ast.parse(body)) not in meanings
    for fault in found:
        lost = rewritten(body, fault.text)
        assert lost[0] == body.splitlines()[fault.line - 1]
        assert len(lost) == 1 or fault.words.endswith("is missing")


def test_every_kind_of_fault_is_made_somewhere() -> None:
    bodies = ((LEVERAGE_BODY, NAMES), (GUARDED, ("a", "b")), (LOOP, ("xs",)))
    made = {fault.kind for body, names in bodies for fault in faults(body, names)}
    assert made == set(Kind)


@pytest.mark.parametrize(
    "body, kind, wanted",
    [
        (GUARDED, Kind.GUARD, "q = min(1.0, a / b)\nreturn {'q': q}\n"),
        (GUARDED, Kind.GUARD, GUARDED.replace("min(1.0, a / b)", "a / b")),
        (GUARDED, Kind.COMPARISON, GUARDED.replace("==", "!=")),
        (GUARDED, Kind.SWAPPED, GUARDED.replace("a / b", "b / a")),
        (LOOP, Kind.OFF_BY_ONE, LOOP.replace("xs[n]", "xs[n + 1]")),
        (LOOP, Kind.OFF_BY_ONE, LOOP.replace("len(xs)", "len(xs) - 1")),
        (LOOP, Kind.STATEMENT, LOOP.removeprefix("t = 0\n")),
        (LOOP, Kind.GUARD, LOOP.replace("t if xs else 0", "t")),
        ("return {'q': (a - b) * 2}\n", Kind.OPERATOR, "return {'q': (a + b) * 2}\n"),
        ("return {'q': a * b * 2}\n", Kind.OPERATOR, "return {'q': a / b * 2}\n"),
        ("return {'é': a - 1}\n", Kind.SWAPPED, "return {'é': 1 - a}\n"),
        ("return {'q': a - (b - 1)}\n", Kind.SWAPPED, "return {'q': b - 1 - a}\n"),
    ],
)
def test_the_mistakes_people_make_are_among_them(
    body: str, kind: Kind, wanted: str
) -> None:
    found = [fault.text for fault in faults(body, ("a", "b")) if fault.kind == kind]
    assert wanted in found


def test_a_wrong_variable_has_a_value_by_then() -> None:
    body = "c = a + 1\nd = [x for x in c]\nreturn {'q': d}\n"
    first = [
        f.text for f in faults(body, ("a",)) if f.kind == Kind.VARIABLE and f.line < 2
    ]
    assert first == []
    last = [
        f.words for f in faults(body, ("a",)) if f.kind == Kind.VARIABLE and f.line > 2
    ]
    assert last == ["`d` became `a`", "`d` became `c`"]


def test_one_seed_is_one_fault_that_keeps_the_form_and_shows(sandbox: Sandbox) -> None:
    trial = on_trial(sandbox, SEEN)
    chosen = [choose(trial, seed) for seed in (0, 0, 1, 2, 3, 4, 5)]
    assert chosen[0] == chosen[1]
    assert len({each.fault.text for each in chosen}) > 2
    for each in chosen:
        assert check_body(trial.spec, each.fault.text) == []
        assert each.shown.rank == LIVED
        assert fails_as_said(trial, each)


def fails_as_said(trial: Trial, broken: Broken) -> bool:
    faulty = on_trial(trial.sandbox, text=trial.spec.text, body=broken.fault.text)
    outcome = faulty.sandbox.call(faulty.source, faulty.spec.name, broken.shown.inputs)
    fault = faulty.fault(broken.shown.inputs, outcome)
    return fault is not None and fault.message.split(" (")[0] in broken.shown.happens


@given(st.integers())
def test_the_kind_that_is_asked_for_is_the_kind_that_is_made(
    sandbox: Sandbox, seed: int
) -> None:
    trial = on_trial(sandbox, text=HALF, body='return {"b": a / 2}')
    swapped = choose(trial, seed, Kind.SWAPPED)
    assert swapped.fault.words == "`a / 2` became `2 / a`"
    assert swapped.shown.rank == DRAWN
    assert swapped.shown.inputs["a"] < 0.1
    assert "ZeroDivisionError" in swapped.shown.happens or "maximum" in (
        swapped.shown.happens
    )


def test_a_silent_fault_shows_where_an_example_breaks(sandbox: Sandbox) -> None:
    trial = on_trial(sandbox)
    silent = [each for each in showing(trial) if each.shown.rank == PROMISED]
    assert any("not {'leverage': 4.2}" in each.shown.happens for each in silent)
    ranks = [each.shown.rank for each in showing(trial)]
    assert ranks == sorted(ranks)


def test_where_nothing_shows_nothing_is_broken(sandbox: Sandbox) -> None:
    spec = HALF.replace("-20, maximum: 20", "-1000000, maximum: 1000000")
    trial = on_trial(sandbox, text=spec, body='return {"b": a * 2}')
    assert showing(trial) == []
    with pytest.raises(RequestRefused) as refused:
        choose(trial, 0)
    assert (refused.value.field, refused.value.value) == ("module", "t.half")
    with pytest.raises(RequestRefused, match="no flipped-comparison that shows"):
        choose(trial, 0, Kind.COMPARISON)


def test_a_module_that_asks_is_broken_on_the_answers_of_then(sandbox: Sandbox) -> None:
    asked = [
        {"name": "ask_model", "inputs": {"question": "is 0.50 good?"}, "answer": "no"}
    ]
    told = Lived({"x": 0.5}, {"verdict": "no"}, approved=True, calls=asked)
    trial = on_trial(sandbox, told, text=ASK, body=ASK_BODY)
    assert "dropped-guard" in {each.fault.kind for each in showing(trial)}
