"""Signatures: one kind of failure, one signature, whatever the values were."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract import Contract, compile_contract
from core.sandbox import Sandbox
from tests.core.stack_samples import target
from tests.wick.lived import ASKING, QUOTIENT, SERIES, lived, silent
from wick.signature import (
    KINDS,
    Signature,
    alike,
    read_signature,
    signature_of,
    signature_of_outcome,
    signature_of_remark,
)

FAILURES: list[tuple[Contract, str, dict[str, Any], str]] = [
    (
        QUOTIENT,
        "c = a\nreturn {'q': c / b}",
        {"a": 1.0, "b": 0.0},
        "exception ZeroDivisionError line 2",
    ),
    (QUOTIENT, "return {'q': 1e300}", {"a": 1.0, "b": 1.0}, "output q"),
    (QUOTIENT, "return 3", {"a": 1.0, "b": 1.0}, "output whole"),
    (QUOTIENT, "return {}", {"a": 1.0, "b": 1.0}, "output q"),
    (
        QUOTIENT,
        "return {'q': a + 1}",
        {"a": 9.0, "b": 2.0},
        "invariant q <= a or b <= 1",
    ),
    (QUOTIENT, "return {'q': a}", {"a": 1.0, "b": 2.0}, "assumption a >= b"),
    (QUOTIENT, "return {'q': a}", {"a": 1.0}, "inputs b"),
    (QUOTIENT, "return {'q': a}", {"a": float("nan"), "b": 0.0}, "inputs a"),
    (
        SERIES,
        "return {'q': 0.0}",
        {"rows": [{"close": 1.0}, {"close": "dear"}]},
        "inputs rows.close",
    ),
    (QUOTIENT, "while True: a = a + 1", {"a": 1.0, "b": 1.0}, "timeout"),
    (
        QUOTIENT,
        "return {'q': len([[0] * 1000 for n in range(10**6)])}",
        {"a": 1.0, "b": 1.0},
        "memory",
    ),
]


@pytest.mark.parametrize("contract, body, inputs, signature", FAILURES)
def test_a_failed_call_says_what_kind_it_was(
    sandbox: Sandbox, contract: Contract, body: str, inputs: Any, signature: str
) -> None:
    (failed,) = lived(sandbox, contract, body, [inputs])
    assert str(signature_of(failed)) == signature


def test_a_capability_that_gave_no_answer_is_told_from_the_bodys_own_error(
    sandbox: Sandbox,
) -> None:
    body = "return {'q': ask()}"
    (asked,) = lived(sandbox, ASKING, body, [{"a": 1.0}], ask=silent)
    assert str(signature_of(asked)) == "capability ask"
    kept_as_json = asked._replace(calls=[list(call) for call in asked.calls])
    assert signature_of(kept_as_json) == signature_of(asked)
    body = "ask()\nreturn {'q': a / 0}"
    (own,) = lived(sandbox, ASKING, body, [{"a": 1.0}], ask=lambda: 1.0)
    assert str(signature_of(own)) == "exception ZeroDivisionError line 2"


@pytest.mark.parametrize(
    "contract, body, inputs",
    [one[:3] for one in FAILURES if one[3].split()[0] in ("exception", "invariant")],
)
def test_a_replay_has_the_signature_of_the_run(
    sandbox: Sandbox, contract: Contract, body: str, inputs: Any
) -> None:
    (failed,) = lived(sandbox, contract, body, [inputs])
    made = target(contract, body)
    again = sandbox.call(made.source, made.name, inputs)
    doors = compile_contract(contract)
    assert signature_of_outcome(doors, inputs, again) == signature_of(failed)
    (no_line,) = sandbox.batch(made.source, made.name, [inputs])
    batched = signature_of_outcome(doors, inputs, no_line)
    assert batched is not None
    assert alike(batched, signature_of(failed))


def test_a_run_that_keeps_the_contract_has_no_signature(sandbox: Sandbox) -> None:
    made = target(QUOTIENT, "return {'q': a - b}")
    inputs = {"a": 3.0, "b": 1.0}
    well = sandbox.call(made.source, made.name, inputs)
    assert signature_of_outcome(compile_contract(QUOTIENT), inputs, well) is None


@given(st.text(max_size=30), st.text(max_size=30))
def test_the_values_of_a_message_are_no_part_of_the_signature(a: str, b: str) -> None:
    one, other = (f"KeyError: {text!r} (line 4)" for text in (a, b))
    assert signature_of_remark(one) == signature_of_remark(other)
    assert signature_of_remark(one).line == 4


@given(
    st.sampled_from(KINDS[1:]).flatmap(
        lambda kind: st.builds(Signature, st.just(kind), st.text().map(str.strip))
    )
    | st.builds(
        Signature,
        st.just("exception"),
        st.from_regex(r"[A-Z][a-zA-Z]{0,20}Error", fullmatch=True),
        st.none() | st.integers(1, 60),
    )
)
def test_a_signature_is_read_back_from_its_text(signature: Signature) -> None:
    assert read_signature(str(signature)) == signature
