"""Every shape an answer comes in is one body or a reason, and nothing else happens."""

from __future__ import annotations

import ast
import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.answers import json_in, reduce_answer
from core.body import parse_body
from core.errors import BodyRefused
from core.spec import parse_spec
from core.vocabulary import base_vocabulary

CORPUS = Path(__file__).parent.parent / "corpus" / "messy_answers"
EXPECTED = tomllib.loads((CORPUS / "expected.toml").read_text(encoding="utf-8"))
SPEC = parse_spec(
    """---
name: leverage_manager
role: function
inputs:
  confidence: {unit: ratio}
  volatility: {unit: ratio}
  max_leverage: {type: number, minimum: 1, maximum: 50}
outputs:
  leverage: {type: number, minimum: 1, maximum: 50}
---
From 1 at confidence 0.5 rise linearly to max_leverage at confidence 1.
""",
    stack="trading",
    vocabulary=base_vocabulary(),
)
BODY = 'return {"leverage": 1.0}\n'


def answer(name: str) -> str:
    return (CORPUS / f"{name}.txt").read_bytes().decode()


def test_the_corpus_and_its_expectations_name_the_same_answers() -> None:
    files = {path.stem for path in CORPUS.glob("*.txt")}
    assert files == {*EXPECTED["bodies"], *EXPECTED["refused"]}
    assert len(files) >= 90


@pytest.mark.parametrize("name", EXPECTED["bodies"])
def test_a_messy_answer_is_reduced_to_its_body(name: str) -> None:
    expected = EXPECTED["bodies"][name]
    body = answer("plain") if expected == "plain" else f"{expected.rstrip()}\n"
    assert reduce_answer(answer(name), SPEC) == body


@pytest.mark.parametrize("name", EXPECTED["refused"])
def test_an_answer_without_one_body_is_refused_with_its_reason(name: str) -> None:
    with pytest.raises(BodyRefused) as caught:
        reduce_answer(answer(name), SPEC)
    assert EXPECTED["refused"][name] in caught.value.message
    assert caught.value.remedy


@pytest.mark.parametrize(
    "text", ["x = 1\n" * 170_000, "return " + "1+" * 500_000 + "1"]
)
def test_a_megabyte_is_refused_by_its_length(text: str) -> None:
    with pytest.raises(BodyRefused, match="characters"):
        reduce_answer(text, SPEC)


@pytest.mark.parametrize(
    ("stop", "reason"),
    [
        ("length", "cut off by the limit on its length"),
        ("filter", "cut off by the provider's content filter"),
        ("refusal", "the model declined"),
    ],
)
def test_why_the_model_stopped_outweighs_what_it_wrote(stop: str, reason: str) -> None:
    with pytest.raises(BodyRefused, match=reason):
        reduce_answer(BODY, SPEC, stop=stop)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_a_body_or_a_refusal(text: str) -> None:
    try:
        body = reduce_answer(text, SPEC)
    except BodyRefused:
        return
    assert ast.parse(body)
    assert body == parse_body(body).text


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damage_to_an_answer_is_survived(data: st.DataObject) -> None:
    names = sorted([*EXPECTED["bodies"], *EXPECTED["refused"]])
    text = answer(data.draw(st.sampled_from(names)))[:3_000]
    at = data.draw(st.integers(0, len(text)))
    noise = data.draw(st.sampled_from(["```", "\n", '"', "{", "return 1", "\x00", "#"]))
    with suppress(BodyRefused):
        reduce_answer(text[:at] + noise + text[at:], SPEC)


PROSE = st.lists(
    st.text("abcdefghijklm ,", min_size=1, max_size=60).map(lambda t: f"So {t}."),
    max_size=4,
).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(PROSE, PROSE)
def test_prose_around_a_fence_changes_nothing(before: str, after: str) -> None:
    text = f"{before}\n```python\n{BODY}```\n{after}"
    assert reduce_answer(text, SPEC) == BODY


@pytest.mark.parametrize(
    "text",
    [
        '{"specs": []}',
        '```json\n{"specs": []}\n```',
        'Here is the plan:\n{"specs": []}\nGood luck.',
        '\ufeff<think>hm</think>\r\n{"specs": []}',
    ],
)
def test_a_plan_is_found_in_what_surrounds_it(text: str) -> None:
    assert json_in(text) == {"specs": []}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I cannot plan this.", "no JSON"),
        ('{"specs": [', "broken or was cut off"),
        ("[1, 2]", "no JSON"),
        ("", "empty"),
    ],
)
def test_an_answer_without_a_plan_says_why(text: str, reason: str) -> None:
    with pytest.raises(BodyRefused, match=reason):
        json_in(text)
