"""Limits that join a stack become gates, each said in a sentence that reads back as it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.llm.offline.rules import (
    Rule,
    contradictions,
    plain_rule,
    read_rules,
    reader_for,
)
from core.llm.offline.rules.evaluation import evaluate
from core.llm.offline.rules.tree import Truth
from tests.trading.shell.rule_trees import trees
from trading.shell.vocabulary import VOCABULARY
from trading.shell.vocabulary.assembly import Said
from trading.shell.vocabulary.limits import limit_rules
from trading.shell.vocabulary.meanings import Only
from trading.shell.vocabulary.reader import TradingReader


def gates(text: str, *, standing: bool = True) -> list[Rule]:
    reading = read_rules(text, VOCABULARY, standing=standing)
    assert not reading.problems, reading.problems
    return list(reading.rules)


def proceeds(rule: Rule, **values: float) -> bool:
    plain = plain_rule(rule, VOCABULARY)
    return bool(evaluate(plain.named["allowed"], values))


@pytest.mark.parametrize(
    ("sentence", "name", "intent"),
    [
        ("also skip Sundays", "skip_on_sunday", "Never trade on Sunday."),
        ("Only trade on weekdays.", "skip_on_weekends", "Never trade on weekends."),
        (
            "no new entries within an hour after a loss",
            "skip_within_1_hour_after_a_loss",
            "Never trade within 1 hour after a loss.",
        ),
        (
            "wait 90 minutes after a losing trade",
            "skip_within_90_minutes_after_a_loss",
            "Never trade within 90 minutes after a loss.",
        ),
        (
            "never buy when RSI is above 80",
            "skip_rsi_14_is_above_80",
            "Never trade when RSI 14 is above 80.",
        ),
    ],
)
def test_a_limit_is_a_gate_with_a_name_of_its_own(
    sentence: str, name: str, intent: str
):
    (rule,) = gates(sentence)
    assert (rule.name, rule.role, rule.intent) == (name, "gate", intent)
    assert set(rule.outputs) == {"proceed", "reason"}
    assert rule.fallback is not None
    assert rule.fallback["proceed"] is False


@given(st.integers(1, 10), st.sampled_from(["minute", "hour", "day"]))
def test_a_pause_lasts_as_long_as_was_said(count: int, unit: str):
    seconds = count * {"minute": 60, "hour": 3600, "day": 86_400}[unit]
    (rule,) = gates(f"no entries for {count} {unit}s after a loss")
    assert not proceeds(rule, seconds_since_loss=seconds - 1)
    assert proceeds(rule, seconds_since_loss=seconds)
    assert gates(rule.intent) == [rule]


def test_two_days_are_either_of_them():
    (rule,) = gates("also skip Sundays and Wednesdays")
    assert [d for d in range(7) if not proceeds(rule, weekday=d)] == [2, 6]


def test_without_a_stack_to_join_a_limit_needs_an_entry():
    assert read_rules("Skip Sundays.", VOCABULARY).problems
    assert read_rules("No entries for an hour after a loss.", VOCABULARY).problems
    (entry,) = gates("Buy when RSI is below 30. Skip Sundays.", standing=False)
    assert entry.role == "entry"


@pytest.mark.parametrize("start", ["", "Buy when ADX is above 20. "])
@pytest.mark.parametrize(
    ("sentence", "quote", "why"),
    [
        (
            "Never buy when RSI is above 120.",
            "RSI 14 is above 120",
            "RSI 14 is never above 100",
        ),
        (
            "No entries when RSI crosses below -5.",
            "RSI 14 crosses below -5",
            "RSI 14 is never below 0",
        ),
        (
            "Never buy when RSI is above 70 and RSI is below 30.",
            "RSI 14 is above 70 and RSI 14 is below 30",
            "contradict each other",
        ),
        (
            "Only trade when RSI is above 120.",
            "RSI 14 is above 120",
            "RSI 14 is never above 100",
        ),
        (
            "Only trade when RSI is above 70. Never buy when RSI is above 60.",
            "RSI 14 is above 70 and RSI 14 is at most 60",
            "contradict each other",
        ),
    ],
)
def test_a_limit_that_can_never_hold_is_told_as_a_rule_that_cannot(
    start: str, sentence: str, quote: str, why: str
):
    reading = read_rules(start + sentence, VOCABULARY, standing=not start)
    assert not reading.problems
    told = [(p.quote, p.why) for p in contradictions(reading, VOCABULARY)]
    assert any(quote in said and why in reason for said, reason in told), told


@pytest.mark.parametrize(
    "sentence",
    [
        "Never buy when RSI is above 99.",
        "No trades on weekends.",
        "Only trade between 8:00 and 16:00 UTC.",
        "No entries when price is up more than 2 % over 10 bars.",
        "Wait an hour after a loss.",
    ],
)
def test_a_limit_that_can_hold_contradicts_nothing(sentence: str):
    reading = read_rules(sentence, VOCABULARY, standing=True)
    assert not list(contradictions(reading, VOCABULARY))


HOT = "no entries when ATR is more than 3 % of price"


@pytest.mark.parametrize("start", ["", "Buy when ADX is above 20. "])
@pytest.mark.parametrize(
    ("limit", "also", "second"),
    [
        (HOT, "between 13:00 and 15:00 UTC", "no entries between 13:00 and 15:00 UTC"),
        ("skip Sundays", "after 20:00 UTC", "no entries after 20:00 UTC"),
        ("never buy when RSI is above 70", "on Mondays", "no entries on Mondays"),
        ("don't trade on Friday", "when ATR > 40", "no entries when ATR > 40"),
    ],
)
def test_a_limit_with_and_not_is_refused_with_a_sentence_for_each_reading(
    start: str, limit: str, also: str, second: str
):
    for joint in (" and", ", and", " but", ","):
        text = f"{limit}{joint} not {also}"
        (problem,) = read_rules(start + text, VOCABULARY, standing=not start).problems
        assert problem.quote == text
        assert f"'{limit}' and '{second}' as two sentences" in problem.remedy
    either = gates(f"{limit}. {second}.")
    (unless,) = gates(f"{limit} unless {also.removeprefix('when ')}")
    assert len(either) == 2
    assert f"'{limit} unless {also.removeprefix('when ')}'" in problem.remedy
    assert gates(unless.intent) == [unless]


@pytest.mark.parametrize(
    ("sentence", "count"),
    [
        ("never buy when RSI is above 70 and ADX is not above 20", 1),
        ("never buy when RSI is above 70 and not less than 80", 1),
        ("never buy when RSI is above 70 and not (on Monday)", 1),
        ("never buy when RSI is above 70 and not between 80 and 90", 1),
        ("never buy when not on Monday and not on Friday", 1),
        ("no entries when it is not Sunday", 1),
        ("no entries whenever not on Sunday", 1),
        ("no entries when RSI is above 70 and it is not Sunday", 1),
        ("no entries when RSI is above 70 or not on Sunday", 1),
        ("no entries when RSI is above 70 while not on Sunday", 1),
        ("no entries when RSI is above 70 except on Sundays", 1),
        ("skip Sundays and do not trade after 20:00 UTC", 2),
        ("only trade when RSI is below 70 and not on Sunday", 1),
    ],
)
def test_a_not_that_has_one_meaning_is_no_doubt(sentence: str, count: int):
    assert len(gates(sentence)) == count


@given(trees)
def test_a_gate_s_own_sentence_is_never_in_doubt(tree: Truth):
    reader = reader_for(VOCABULARY, standing=True)
    assert isinstance(reader, TradingReader)
    (rule,) = limit_rules(Said([Only(tree)], reader))
    assert len(gates(rule.intent)) == 1


BOTH_SIDES = "a limit on buying is taken for entries of both sides, short ones too"


@pytest.mark.parametrize(
    ("sentence", "of_longs"),
    [
        ("never buy when RSI is above 70", True),
        ("never go long when RSI is above 70", True),
        ("only buy when RSI is at most 70", True),
        ("never trade when RSI is above 70", False),
        ("no entries when RSI is above 70", False),
    ],
)
def test_a_limit_said_of_longs_is_noted_to_hold_for_shorts(
    sentence: str, of_longs: bool
):
    longs, shorts = "Buy when ADX is above 20. ", "Short when ADX is below 20. "
    joining = read_rules(sentence, VOCABULARY, standing=True)
    assert [rule.intent for rule in joining.rules] == [
        "Never trade when RSI 14 is above 70."
    ]
    assert (BOTH_SIDES in joining.notes) == of_longs
    both = read_rules(longs + shorts + sentence, VOCABULARY)
    assert all("RSI 14 is at most 70" in rule.intent for rule in both.rules)
    assert (BOTH_SIDES in both.notes) == of_longs
    assert BOTH_SIDES not in read_rules(longs + sentence, VOCABULARY).notes
