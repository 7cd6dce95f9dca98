"""Requests in traders' own words: each output means one thing, or says why it cannot."""

from typing import Any

import pytest

from core.llm.offline.rules import Reading, contradictions, plain_rule, read_rules
from core.llm.offline.rules.evaluation import evaluate
from tests.trading.shell.spoken import NO_TITLES, REFUSALS, REQUESTS
from tests.trading.shell.test_vocabulary_rules import rows
from trading.shell.vocabulary import VOCABULARY


def meanings(reading: Reading) -> dict[str, Any]:
    plain = [plain_rule(rule, VOCABULARY) for rule in reading.rules]
    return {name: tree for each in plain for name, tree in each.outputs.items()}


@pytest.mark.parametrize(
    ("request_", "meant", "note"), REQUESTS, ids=[r for r, *_ in REQUESTS]
)
def test_a_request_means_its_expressions(
    request_: str, meant: dict[str, str], note: str
) -> None:
    reading = read_rules(request_, VOCABULARY)
    assert not reading.problems
    assert any(note in each for each in reading.notes) or not note
    trees = meanings(reading)
    assert set(trees) == set(meant)
    for output, expression in meant.items():
        for row in rows(expression, 100):
            expected = eval(expression, {"min": min, "max": max}, row)
            assert evaluate(trees[output], row) == pytest.approx(expected)


@pytest.mark.parametrize("request_", [request for request, *_ in REQUESTS])
def test_each_rule_of_a_request_reads_back_as_itself(request_: str) -> None:
    for rule in read_rules(request_, VOCABULARY).rules:
        again = read_rules(rule.intent, VOCABULARY).rules
        assert (rule.outputs, rule.intent) in [(r.outputs, r.intent) for r in again]


@pytest.mark.parametrize(("request_", "quote", "remedy"), REFUSALS)
def test_what_cannot_be_a_rule_is_quoted_with_its_remedy(
    request_: str, quote: str, remedy: str
) -> None:
    problems = read_rules(request_, VOCABULARY).problems
    assert any(quote in each.quote and remedy in each.remedy for each in problems)
    assert all(not each.why.startswith("these words") for each in problems[1:])


@pytest.mark.parametrize("request_", NO_TITLES)
def test_a_title_that_says_what_to_do_is_not_dropped(request_: str) -> None:
    assert read_rules(request_, VOCABULARY).problems


@pytest.mark.parametrize(
    ("words", "held", "noted"),
    [
        ("three green candles in a row", "(close is above open) for 3 bars", False),
        ("two consecutive red candles", "(close is below open) for 2 bars", False),
        ("two red candles", "(close is below open) for 2 bars", True),
        ("the last 3 candles are red", "(close is below open) for 3 bars", False),
    ],
)
def test_candles_in_a_row_are_counted(words: str, held: str, noted: bool) -> None:
    for start in ("Buy when", "Buy after"):
        reading = read_rules(f"{start} {words}", VOCABULARY)
        assert [rule.intent for rule in reading.rules] == [f"Buy when {held}."]
        assert any("in a row" in note for note in reading.notes) == noted


def test_a_value_said_again_is_the_same_value_in_every_line() -> None:
    text = "Buy when RSI is below 30.\nSell when it is above 70 or it drops below 20."
    (_, leave) = read_rules(text, VOCABULARY).rules
    said = "Exit the long when RSI 14 is above 70 or RSI 14 crosses below 20."
    assert leave.intent == said


def test_what_a_request_means_can_hold() -> None:
    for request_, *_ in REQUESTS:
        reading = read_rules(request_, VOCABULARY)
        assert not list(contradictions(reading, VOCABULARY))


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        ("RSI is above 120", "RSI 14 is never above 100"),
        ("RSI crosses above 100", "RSI 14 is never above 100"),
        ("RSI is below -5 and ADX > 20", "RSI 14 is never below 0"),
        ("RSI is above 70 and RSI is below 30", "contradict each other"),
    ],
)
def test_a_figure_out_of_reach_is_told_from_a_contradiction(
    condition: str, why: str
) -> None:
    reading = read_rules(f"Buy when {condition}", VOCABULARY)
    (problem,) = contradictions(reading, VOCABULARY)
    assert why in problem.why


def test_a_word_that_is_no_slip_is_given_no_other_meaning() -> None:
    reading = read_rules("Buy when RSI < 30 and the moon is full", VOCABULARY)
    assert "did you mean" not in reading.problems[0].remedy
