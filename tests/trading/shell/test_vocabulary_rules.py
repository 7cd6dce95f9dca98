"""Rule sentences mean what a trader means, and are said so that they read back."""

import random
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings

from core.body import parse_body
from core.llm.offline.rules import plain_rule, read_rules, reader_for
from core.llm.offline.rules.evaluation import evaluate
from core.llm.offline.rules.python import fits
from core.llm.offline.rules.rule import Rule
from core.llm.offline.rules.splitting import split
from core.llm.offline.rules.tree import Truth
from core.llm.offline.rules.wording import say
from tests.trading.shell.phrasings import CONDITIONS
from tests.trading.shell.rule_trees import trees
from trading.shell.vocabulary import EXAMPLES, VOCABULARY

WORDS = {"and", "or", "not", "abs", "min", "max"}
FLAG = {"enter_long": {"unit": "flag"}}


def entry(sentence: str) -> Rule:
    reading = read_rules(sentence, VOCABULARY)
    assert not reading.problems
    (rule,) = reading.rules
    return rule


def rows(expression: str, count: int = 200) -> list[dict[str, float]]:
    """Values on and beside every figure of an expression."""
    names = sorted(set(re.findall(r"[a-z][a-z_0-9]*", expression)) - WORDS)
    figures = re.findall(r"(?<![a-z_\d])\d+(?:\.\d+)?", expression)
    pool = [float(f) + step for f in figures for step in (-1, 0, 1)]
    pool += [0.0, 1.0, 98.0, 100.0, 102.0]
    chance = random.Random(expression)
    return [{name: chance.choice(pool) for name in names} for _ in range(count)]


@pytest.mark.parametrize(
    ("phrase", "meaning"), CONDITIONS, ids=[p for p, _ in CONDITIONS]
)
def test_a_phrase_means_its_expression(phrase: str, meaning: str) -> None:
    plain = plain_rule(entry(f"Buy when {phrase}"), VOCABULARY)
    for row in rows(meaning):
        expected = bool(eval(meaning, {"abs": abs}, row))
        assert bool(evaluate(plain.outputs["enter_long"], row)) == expected


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in CONDITIONS])
def test_a_phrase_said_back_reads_as_the_same_rule(phrase: str) -> None:
    rule = entry(f"Buy when {phrase}")
    assert entry(rule.intent).outputs == rule.outputs
    assert entry(rule.intent).intent == rule.intent


@pytest.mark.parametrize("phrase", [phrase for phrase, _ in CONDITIONS[:60:3]])
def test_case_and_line_breaks_change_nothing(phrase: str) -> None:
    rule = entry(f"Buy when {phrase}")
    assert entry(f"BUY WHEN {phrase.upper()}").outputs == rule.outputs
    assert entry(f"Buy when\n{phrase}.\n").outputs == rule.outputs


def body_value(rule: Rule, row: dict[str, float]) -> dict[str, object]:
    """What the rule's body returns when Python runs it."""
    lines = plain_rule(rule, VOCABULARY).body()
    source = "def body():\n" + "".join(f"    {line}\n" for line in lines)
    space: dict[str, object] = dict(row)
    exec(source, space)
    return space["body"]()  # type: ignore[operator]


@settings(max_examples=80)
@given(tree=trees)
def test_any_tree_said_as_a_sentence_parses_back_and_its_body_agrees(
    tree: Truth,
) -> None:
    reader = reader_for(VOCABULARY)
    rule = entry(f"Buy when {say(tree, reader)}.")
    made = Rule("long_entry", "entry", rule.intent, {"enter_long": tree}, FLAG)
    wanted = plain_rule(made, VOCABULARY)
    read = plain_rule(rule, VOCABULARY)
    chance = random.Random(rule.intent)
    names = {*wanted.inputs, *read.inputs}
    for _ in range(25):
        row = {name: chance.choice((-1.0, 0.0, 1.0, 20.0, 60.5)) for name in names}
        row |= {
            f"previous_{n}": chance.randint(0, s) for n, (_, s) in read.counters.items()
        }
        values = dict(row)
        for name, node in wanted.lets:
            values[name] = evaluate(node, values)
        expected = evaluate(wanted.outputs["enter_long"], values)
        assert body_value(rule, row)["enter_long"] == expected
        assert body_value(made, row)["enter_long"] == expected


@settings(max_examples=40)
@given(tree=trees)
def test_every_module_of_a_split_rule_fits_ten_lines(tree: Truth) -> None:
    reader = reader_for(VOCABULARY)
    intent = f"Buy when {say(tree, reader)}."
    rule = Rule("long_entry", "entry", intent, {"enter_long": tree}, FLAG)
    for part in split(rule, VOCABULARY):
        lines = plain_rule(part, VOCABULARY).body()
        assert fits(lines)


def test_the_formatter_leaves_a_body_as_it_was_written() -> None:
    held = "RSI < 30 and MACD has been above its signal line for 3 bars and ADX > 20"
    for phrase in (held, *(phrase for phrase, _ in CONDITIONS[::9])):
        rule = replace(entry(f"Buy when {phrase}"), name="long_entry_part_10")
        lines = plain_rule(rule, VOCABULARY).body()
        assert parse_body("\n".join(lines)).text.splitlines() == lines


@pytest.mark.parametrize("sentence", EXAMPLES[:2])
def test_the_vocabulary_s_own_examples_are_understood(sentence: str) -> None:
    assert not read_rules(sentence, VOCABULARY).problems
