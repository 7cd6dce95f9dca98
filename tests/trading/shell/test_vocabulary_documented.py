"""Every sentence that docs/rules.md quotes in full is understood, and changes the rules."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.llm.offline.rules import Reading, contradictions, read_rules
from trading.shell.vocabulary import VOCABULARY

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "rules.md"
TEXT = DOCUMENT.read_text(encoding="utf-8")
BUY = "Buy when RSI is below 30. "
STOP = "Stop loss 2 ATR below entry. "
MEASURED_BY_A_STOP = ("target", "size")


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]


def table(title: str) -> Iterator[tuple[str, str]]:
    """The first cell of each row, and each quotation without a gap in the second."""
    for label, said in re.findall(r"(?m)^\| ([^|]+?) \| (.+) \|$", section(title)):
        yield from ((label, q) for q in re.findall("`([^`]+)`", said) if "…" not in q)


def read(text: str) -> Reading:
    reading = read_rules(text, VOCABULARY)
    assert not reading.problems
    assert not list(contradictions(reading, VOCABULARY))
    return reading


STATEMENTS = [(label, q) for label, q in table("What to do") if q[:1].isupper()]
CONDITIONS = list(table("Conditions"))


def test_the_document_quotes_what_is_tested_here() -> None:
    assert len(STATEMENTS) >= 20
    assert len(CONDITIONS) >= 20


@pytest.mark.parametrize(("label", "sentence"), STATEMENTS)
def test_a_documented_statement_is_understood(label: str, sentence: str) -> None:
    before = BUY + (STOP if label in MEASURED_BY_A_STOP else "")
    reading = read(f"{before}{sentence}.")
    assert (reading.rules, reading.settings) != (read(before).rules, {})


@pytest.mark.parametrize(("label", "words"), CONDITIONS)
def test_a_documented_condition_is_understood(label: str, words: str) -> None:
    condition = f"open is above {words}" if label == "look back" else words
    (rule,) = read(f"Buy when {condition}.").rules
    assert set(rule.outputs) == {"enter_long"}


def test_the_documented_request_is_understood_as_a_whole() -> None:
    (request,) = re.findall(r'\./asza plan "(Buy[^"]+)"', TEXT)
    outputs = {name for rule in read(request).rules for name in rule.outputs}
    assert {"enter_long", "exit_long", "long_stop_price", "notional"} <= outputs


def test_the_documented_contradictions_are_refused() -> None:
    quoted = re.findall(r"`(RSI [^`]+)`", section("What is refused"))
    assert quoted
    for condition in quoted:
        reading = read_rules(f"Buy when {condition}.", VOCABULARY)
        assert reading.problems or list(contradictions(reading, VOCABULARY))
