"""A table of known answers is refused; a rule with constants of its own is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gate import GATE_VERSION, Certificate, run_gate
from core.gate.lookup import Known, asked_constants, keys, recalled, remembered
from core.sandbox import Sandbox
from core.spec import Spec
from tests.core.gate_samples import LEVERAGE, LEVERAGE_BODY, VOCABULARY, Lived, read

TIERS = """---
name: tiers
role: function
inputs:
  amount: {type: number, minimum: 0, maximum: 100000}
  month: {type: integer, minimum: 1, maximum: 12}
  word: {type: string, maxLength: 20}
outputs:
  fee: {type: number, minimum: 0, maximum: 1000}
examples:
  - {in: {amount: 12.25, month: 4, word: alpha}, out: {fee: 37.5}}
  - {in: {amount: 99.75, month: 6, word: gamma}, out: {fee: 81.25}}
  - {in: {amount: 700, month: 9, word: delta}, out: {fee: 55}}
---
The fee of an amount; it is 17.5 when the amount is exactly 333.25, and nothing for
the word omega.
"""
SPEC = read(TIERS)
LAW = [Known(one.inputs, one.out) for one in SPEC.contract.examples]


def judged(spec: Spec, body: str, sandbox: Sandbox, *lived: Lived) -> Certificate:
    return run_gate(
        spec, body, sandbox=sandbox, vocabulary=VOCABULARY, recordings=lived, draws=40
    )


TABLES = (
    'if amount == 12.25:\n    return {"fee": 37.5}\n'
    'if amount == 99.75:\n    return {"fee": 81.25}\nreturn {"fee": 0.0}\n',
    'fees = {12.25: 37.5, 99.75: 81.25}\nreturn {"fee": fees[amount]}\n',
    'if abs(amount - 12.25) < 0.01:\n    return {"fee": 37.5}\n'
    'return {"fee": 81.25 if abs(99.75 - amount) < 1e-6 else 0.0}\n',
    'if word == "alpha":\n    return {"fee": 37.5}\n'
    'return {"fee": 81.25 if word == "gamma" else 55.0}\n',
    'if amount == 700:\n    return {"fee": 55.0}\n'
    'return {"fee": 81.25 if amount in (99.75,) else 37.5}\n',
)


@pytest.mark.parametrize("body", TABLES)
def test_a_table_of_the_examples_is_seen(body: str) -> None:
    assert len(remembered(SPEC, body, LAW)) >= 2


RULES = (
    'return {"fee": 37.5 if amount < 99.75 else 81.25}\n',
    'if amount == 333.25:\n    return {"fee": 17.5}\nreturn {"fee": amount / 100}\n',
    'days = {4: 30, 6: 30, 9: 30}\nreturn {"fee": float(days[month])}\n',
    'if word == "omega":\n    return {"fee": 0.0}\nreturn {"fee": 1.0}\n',
    'return {"fee": 0.0 if amount == 0 or month == 1 else 2.0}\n',
    'if len(word) == 5 or amount % 7 == 3:\n    return {"fee": 1.0}\nreturn {"fee": 2.0}\n',
)


@pytest.mark.parametrize("body", RULES)
def test_a_rule_with_constants_is_no_table(body: str) -> None:
    assert len(remembered(SPEC, body, LAW)) < 2


NUMBERS = st.integers(3, 10_000)


@given(st.dictionaries(NUMBERS, NUMBERS, min_size=1, max_size=6), st.booleans())
def test_every_key_of_a_table_is_asked_for_however_it_is_written(
    table: dict[int, int], alone: bool
) -> None:
    tests = "".join(f"    if x == {g}:\n        return {w}\n" for g, w in table.items())
    cases = "".join(f"    case {g}:\n      return {w}\n" for g, w in table.items())
    for body in (f"    return {table!r}[x]", tests, f"   match x:\n{cases}"):
        asked = asked_constants(f"def f(x):\n{body}", alone=alone)
        assert recalled(asked, [keys([float(g)]) for g in table]) == list(table)


def test_a_part_of_a_computation_does_not_stand_alone() -> None:
    text = "def f(x, y):\n    return x % 7 == 35 - y or (x, y) == (4, 5)"
    assert list(asked_constants(text).values()) == [7, 35, (4, 5), 4, 5]
    assert list(asked_constants(text, alone=True).values()) == [(4, 5), 4, 5]


@given(NUMBERS)
def test_an_order_asks_for_no_value(value: int) -> None:
    assert not asked_constants(f"def f(x):\n    return {value} if x < {value} else x")


def test_the_gate_refuses_a_table_of_recorded_results(sandbox: Sandbox) -> None:
    lived = [
        Lived(
            {"confidence": c, "volatility": 0.0, "max_leverage": 5.0},
            {"leverage": most},
        )
        for c, most in ((0.8125, 3.5), (0.6875, 2.5))
    ]
    table = (
        'if confidence == 0.8125:\n    return {"leverage": 3.5}\n'
        'if confidence == 0.6875:\n    return {"leverage": 2.5}\n'
        'return {"leverage": min(max_leverage, 4.2) if confidence > 0.5 else 1.0}\n'
    )
    spec = read(LEVERAGE)
    found = judged(spec, table, sandbox, *lived)
    assert not found.passed
    assert [check.name for check in found.checks][-1] == "examples"
    assert "0.8125" in found.refusals[0].message
    assert judged(spec, LEVERAGE_BODY, sandbox, *lived).passed


def test_a_certificate_of_the_gate_without_this_check_says_nothing(
    sandbox: Sandbox,
) -> None:
    spec = read(LEVERAGE)
    now = judged(spec, LEVERAGE_BODY, sandbox)
    before = Certificate.from_dict({**now.as_dict(), "gate_version": GATE_VERSION - 1})
    assert now.holds_for(spec, now.body_hash)
    assert not before.holds_for(spec, now.body_hash)
