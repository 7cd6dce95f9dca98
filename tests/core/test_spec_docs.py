"""The spec reference is held to the code: its example, its tables, its error texts."""

import re
from pathlib import Path

import pytest

from core.errors import SpecError
from core.spec import KEYS, parse_spec
from core.vocabulary import base_units
from tests.core.spec_samples import DESK, leverage

TEXT = Path("docs/spec.md").read_text(encoding="utf-8")
SPEC = re.search(r"```markdown\n(.+?)```", TEXT, re.S)[1]
ERRORS = re.search(r"<!-- begin errors -->\n```text\n(.+?)```", TEXT, re.S)[1]
PLACE = Path("prompts/trading/leverage_manager.md")

# What is changed in the example, in the order the page shows the refusals.
EDITS = [
    (
        "max_leverage: {type: number, minimum: 1, maximum: 50}",
        "max_leverage: {type: number}",
    ),
    ("{unit: ratio}", "{unit: ratoi}"),
    ("fallback: {leverage: 1.0}", "fallback: {leverage: 0}"),
    ("out: {leverage: 4.2}", "out: {leverage: 5.5}"),
    ("leverage <= max_leverage", "leverage <= max_lever"),
    ("leverage <= max_leverage", "leverage ** 2 < 9"),
    ("assumes: []", "assume: []"),
    ("  volatility: ", "  confidence: "),
    ("role: risk", "role: [risk"),
    ("  confidence: ", "  previous_step: "),
    ("  leverage: {", "  confidence: {"),
]


def told(text):
    with pytest.raises(SpecError) as caught:
        parse_spec(text, stack="trading", vocabulary=DESK, path=PLACE)
    return f"{caught.value}\n    → {caught.value.remedy}\n"


def test_the_pages_example_is_a_spec():
    spec = parse_spec(SPEC, stack="desk", vocabulary=DESK)
    assert spec == leverage()
    assert spec.text == SPEC


def test_the_pages_refusals_are_the_ones_that_are_told():
    assert all(old in SPEC for old, _ in EDITS)
    assert "".join(told(SPEC.replace(old, new, 1)) for old, new in EDITS) == ERRORS


def test_the_page_names_every_key_and_every_base_unit():
    assert set(re.findall(r"^\| `(\w+)` \|", TEXT, re.M)) >= {*KEYS, *base_units()}
