"""The offline writer's rules: logic of conditions, examples, bodies that pass the gate."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import RequestRefused
from core.gate import run_gate
from core.gate.mutation import gate_strength
from core.llm import Exchange, PlanTask, WriteTask
from core.llm.offline import OfflineWriter
from core.llm.offline.architect import plan_offline
from core.llm.offline.rules import body_from_intent
from core.llm.offline.rules.evaluation import evaluate
from core.llm.offline.rules.logic import satisfiable
from core.llm.offline.rules.python import python_of
from core.llm.offline.rules.tree import (
    All,
    Compare,
    Either,
    Flag,
    Name,
    Not,
    Num,
    Truth,
)
from core.llm.offline.rules.words import words_of
from core.plan import read_draft
from core.sandbox import Sandbox
from core.spec import Spec, spec_from_draft
from trading.shell.vocabulary import VOCABULARY

REQUESTS = (
    "Buy BTC when EMA 9 crosses above EMA 21, RSI 14 is below 70 and volume is above 1.2 "
    "times its 20-bar average. Sell when EMA 9 crosses below EMA 21 or RSI 14 is above "
    "80. Stop loss 2 ATR, take profit 3 ATR. Risk 1 % of equity per trade.",
    "Go long when EMA 20 crosses above EMA 50 and go short when EMA 20 crosses below EMA "
    "50. Stop loss 2%. Take profit at 2R. Risk 1% per trade, at most $5000. Leverage 2x.",
    "Buy when EMA 50 has been above EMA 200 for 5 bars and RSI < 40 on weekdays. Exit "
    "after 10 bars. Trailing stop 3 ATR. Stop at the lowest low of the last 10 bars. "
    "Target at the upper Bollinger band. Invest $100. Leverage from 1 to 5 with volatility.",
    "Buy when RSI(14) < 30 and RSI(7) < 25 and ADX > 20 and close > EMA 50 and close > "
    "EMA 200 and volume > 1.5 times its 20-bar average and MACD crosses above its signal "
    "and stochastic < 20 and price is within 3% of the lower Bollinger band and on "
    "weekdays and between 8:00 and 16:00 UTC. Use 10% of equity.",
    "Buy 0.5 BTC when RSI is below 30. Stop at 50000. Take profit at a price of 99.5.",
    "Short 2000 XRP when RSI is above 70. Sell when RSI is below 30.",
    "Buy BTC/EUR when RSI is below 30. Use 20 coins times leverage, at most 500 EUR. "
    "Leverage 3x. Stop loss 50 EUR below entry.",
)


def specs_of(request: str) -> tuple[Spec, ...]:
    task = PlanTask(request, "demo", VOCABULARY)
    data = plan_offline(task)
    assert data["not_understood"] == []
    return read_draft(data, stack="demo", vocabulary=VOCABULARY).specs


def written(spec: Spec) -> Any:
    exchange = Exchange("writer", "", "", task=WriteTask(spec, VOCABULARY))
    return OfflineWriter().answer(exchange)


@pytest.mark.parametrize("request_", REQUESTS)
def test_every_body_of_a_rule_request_passes_the_gate(
    request_: str, sandbox: Sandbox
) -> None:
    for spec in specs_of(request_):
        answer = written(spec)
        assert answer.means == "rules"
        verdict = run_gate(spec, answer.text, sandbox=sandbox, vocabulary=VOCABULARY)
        failed = [check for check in verdict.checks if not check.passed]
        assert not failed, (spec.name, failed)
        assert len(spec.contract.examples) >= (2 if spec.contract.inputs else 1)


def test_the_worked_examples_kill_most_wrong_bodies(sandbox: Sandbox) -> None:
    for spec in specs_of(REQUESTS[0]):
        body = written(spec).text
        strength = gate_strength(spec, body, sandbox=sandbox, vocabulary=VOCABULARY)
        assert strength >= spec.gate_strength


def test_a_spec_s_text_alone_is_enough_to_write_its_body_again() -> None:
    for spec in specs_of(REQUESTS[2]):
        kept = {"name": spec.name, "role": spec.role, "intent": spec.intent}
        again = spec_from_draft(
            _front(spec) | kept, stack="other", vocabulary=VOCABULARY
        )
        assert written(again).text == written(spec).text


def _front(spec: Spec) -> dict[str, Any]:
    from core.spec.front_matter import read_front_matter

    data: dict[str, Any] = read_front_matter(spec.text, "spec").data
    return data


def test_an_intent_that_is_no_rule_of_the_contract_gives_no_body() -> None:
    (spec, *_) = specs_of(REQUESTS[0])
    other = spec_from_draft(
        {**_front(spec), "examples": [], "intent": "Buy when close is above EMA 50."},
        stack="other",
        vocabulary=VOCABULARY,
    )
    assert body_from_intent(other, VOCABULARY) is None
    with pytest.raises(RequestRefused, match="close is above EMA 50"):
        written(other)


def test_a_body_the_gate_refused_is_not_given_again() -> None:
    (spec, *_) = specs_of("Buy when RSI is below 30.")
    from core.findings import Finding

    task = WriteTask(
        spec,
        VOCABULARY,
        findings=(Finding("fuzz", "no", "mend it"),),
        previous_body=written(spec).text,
    )
    try:
        answer = OfflineWriter().answer(Exchange("writer", "", "", task=task))
    except RequestRefused:
        return
    assert answer.text.strip() != written(spec).text.strip()


def test_no_body_of_those_refused_so_far_is_found_again() -> None:
    task = PlanTask("f(2, 3) is 5 and f(4, 5) is 9 and f(0, 7) is 7.", "s", VOCABULARY)
    (draft,) = plan_offline(task)["specs"]
    spec = spec_from_draft(draft, stack="s", vocabulary=VOCABULARY)
    seen: list[str] = []
    for _ in range(4):
        asked = WriteTask(spec, VOCABULARY, refused=[f"{body}\n" for body in seen])
        answer = OfflineWriter().answer(Exchange("writer", "", "", task=asked))
        assert answer.means == "search"
        seen.append(answer.text)
    assert len(set(seen)) == len(seen)


@pytest.mark.parametrize("role", ["reviewer", "ask"])
def test_the_offline_writer_refuses_free_questions(role: Any) -> None:
    with pytest.raises(RequestRefused, match="reads no free text"):
        OfflineWriter().answer(Exchange(role, "", "hello"))


def test_the_same_exchange_has_the_same_answer() -> None:
    exchange = Exchange(
        "architect", "", "", task=PlanTask(REQUESTS[0], "demo", VOCABULARY)
    )
    texts = {OfflineWriter().answer(exchange).text for _ in range(3)}
    assert len(texts) == 1


# the logic -----------------------------------------------------------------------------
VALUES = (0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0)
names = st.sampled_from(("x", "y")).map(Name)
leaves = st.one_of(
    st.builds(
        Compare,
        names,
        st.sampled_from(("<", "<=", ">", ">=")),
        st.integers(1, 2).map(Num),
    ),
    st.just(Flag("f")),
)
truths = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(All),
        st.lists(inner, min_size=2, max_size=3).map(tuple).map(Either),
        inner.map(Not),
    ),
    max_leaves=6,
)


@settings(max_examples=150)
@given(truth=truths)
def test_a_condition_counts_as_possible_exactly_when_some_values_satisfy_it(
    truth: Truth,
) -> None:
    rows = itertools.product(VALUES, VALUES, (True, False))
    possible = any(
        evaluate(truth, dict(zip(("x", "y", "f"), row, strict=True))) for row in rows
    )
    assert satisfiable(truth, {"x": (0, 3), "y": (0, 3)}) == possible


@settings(max_examples=150)
@given(truth=truths, x=st.sampled_from(VALUES), y=st.sampled_from(VALUES))
def test_python_text_means_what_its_tree_means(
    truth: Truth, x: float, y: float
) -> None:
    row = {"x": x, "y": y, "f": True}
    assert bool(eval(python_of(truth), {}, row)) == bool(evaluate(truth, row))


def test_values_on_both_sides_of_each_other_are_impossible() -> None:
    both = All((Compare(Name("a"), "<", Name("b")), Compare(Name("b"), "<", Name("a"))))
    assert not satisfiable(both, {})


# words ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("EMA-9 ≥ 30", ["ema", "9.0", ">=", "30.0"]),
        ("1.2× its 20-bar avg", ["1.2", "x", "its", "20.0", "bar", "avg"]),
        ("twenty-one bars", ["21.0", "bars"]),
        ("$10,000 or 1.5k or 2M", ["$", "10000.0", "or", "1500.0", "or", "2000000.0"]),
        ("8:00–16:00 and 4 pm", ["08:00", "-", "16:00", "and", "16:00"]),
        ("“quoted” don’t", ["quoted", "don't"]),
    ],
)
def test_typography_is_read_as_plain_words(typed: str, read: list[str]) -> None:
    assert [word.text for word in words_of(typed)] == read


@given(text=st.text(max_size=60))
def test_every_word_stands_where_it_was_typed(text: str) -> None:
    words = words_of(text)
    assert all(0 <= word.start < word.end <= len(text) for word in words)
    assert all(a.end <= b.start for a, b in itertools.pairwise(words))
