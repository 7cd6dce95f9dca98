"""What the bounds check tells of a body: where it may run, and what is refused."""

from dataclasses import replace

import pytest

from core.body import check_body, parse_body
from core.body.bounds import unbounded
from core.gate.report import GATE_VERSION, Certificate
from core.stack.load import runnable
from tests.core.gate_samples import (
    JUDGE,
    LEVERAGE,
    LEVERAGE_BODY,
    TREND,
    TREND_BODY,
    read,
)
from tests.core.stack_samples import entry, spec

SPEC = read(JUDGE)
BOUNDED = [
    "n = 0\nfor row in rows:\n    n += 1\nreturn {'out': x + n}",
    "n = 1\nfor i in range(20):\n    n *= i\nreturn {'out': x}",
    "a = []\nfor row in rows:\n    a.append(row['close'])\nreturn {'out': sum(a)}",
    "return {'out': sum([x * i for i in range(1, len(rows) + 1)])}",
    "return {'out': x ** 0.5 + x ** 2 + 2 ** 10}",
    "return {'out': len(rows) % 2 + x % 0.25}",
    "return {'out': float(len([0.0] * len(rows)))}",
]
UNBOUNDED = [
    "for i in range(*[10**15]):\n    x += i\nreturn {'out': x}",
    "a = [x]\nfor i in range(99):\n    a = a + a\nreturn {'out': x}",
    "a = [x]\nfor b in a:\n    a.append(b)\nreturn {'out': x}",
    "a = [x]\nb = a\nfor c in b:\n    a.append(c)\nreturn {'out': x}",
    "n = 3\nfor i in range(99):\n    n *= n\nreturn {'out': x}",
    "a = 'a'\nfor i in range(99):\n    a = a.replace('a', 'aa')\nreturn {'out': x}",
    "n = int(1 / x)\nfor i in range(n):\n    x += i\nreturn {'out': x}",
    "return {'out': float(len([0] * int(1 / x)))}",
    "return {'out': float(3 ** int(1 / x))}",
]


@pytest.mark.parametrize("body", BOUNDED)
def test_a_usual_body_is_bounded(body: str):
    assert unbounded(SPEC, parse_body(body)) is None


@pytest.mark.parametrize("body", UNBOUNDED)
def test_a_body_that_may_grow_is_not_bounded_but_no_breach_of_form(body: str):
    assert (unbounded(SPEC, parse_body(body)) or "").startswith("line ")
    assert check_body(SPEC, body) == []


def test_the_samples_are_bounded():
    assert unbounded(read(LEVERAGE), parse_body(LEVERAGE_BODY)) is None
    assert unbounded(read(TREND), parse_body(TREND_BODY)) is None


def test_only_a_certified_and_bounded_body_may_run_natively():
    made = spec("half", {"a": "number"}, {"b": "number"})
    assert runnable(entry(made, "return {'b': a / 2}")).certified
    slow = "n = [a]\nfor i in range(99):\n    n = n + n\nreturn {'b': a}"
    target = runnable(entry(made, slow))
    assert not target.certified
    assert "not provably bounded, line 3" in target.sandboxed


def test_a_certificate_holds_for_one_body_spec_contract_and_gate():
    made = spec("half", {"a": "number"}, {"b": "number"})
    whole = entry(made, "return {'b': a / 2}")
    proof = whole.certificate
    assert isinstance(proof, Certificate)
    assert proof.gate_version == GATE_VERSION
    wider = {"a": {"type": "number", "minimum": -7, "maximum": 7}}
    unit_changed = replace(made, contract=replace(made.contract, inputs=wider))
    assert unit_changed.digest == made.digest
    for wrong in (
        replace(whole, spec=unit_changed),
        replace(whole, certificate=replace(proof, gate_version=GATE_VERSION - 1)),
        replace(whole, certificate=replace(proof, spec_digest="0" * 12)),
        replace(whole, certificate=replace(proof, body_hash="0" * 64)),
    ):
        assert not runnable(wrong).certified
        assert "another body, spec, contract or gate" in runnable(wrong).sandboxed
