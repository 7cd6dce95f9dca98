"""The smaller doors: journal, thoughts, plans, runs and state."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from core.errors import NotFound, StoreError
from core.store import (
    DecisionRow,
    Journal,
    Plans,
    Runs,
    Store,
    ThoughtRow,
    Thoughts,
)

THOUGHT = ThoughtRow(
    cycle="ask-1",
    step="write double",
    attempt=0,
    role="writer",
    writer="openai gpt-5",
    means="model",
    system="Write a body.",
    prompt="Twice x.",
    answer="return {'y': x * 2}",
    input_tokens=10,
    output_tokens=8,
    cost_usd=Decimal("0.0012"),
    seconds=0.5,
)
DECISION = DecisionRow(
    run_id="run-1",
    at=datetime(2025, 1, 1, tzinfo=UTC),
    phase="decide",
    key="BTC/USD",
    proceed=False,
    reason="too quiet",
    outputs={"enter_long": False},
    versions={"demo.entry": 3},
)


def test_what_was_begun_is_pending_until_it_is_closed(store: Store) -> None:
    journal = Journal(store)
    first = journal.open("write", "demo.a", {"path": "generated/demo/a.py"}, 1)
    second = journal.open("write", "demo.b", {})
    third = journal.open("adopt", "demo.a", {})
    assert [e.id for e in journal.pending()] == [first, second, third]
    assert journal.pending()[0].detail == {"path": "generated/demo/a.py"}
    journal.complete(first)
    journal.undo(second, "the disk was full")
    assert [e.kind for e in journal.pending("demo.a")] == ["adopt"]


def test_closing_twice_keeps_the_first_word(store: Store) -> None:
    journal = Journal(store)
    number = journal.open("write", "demo.a", {})
    journal.complete(number)
    journal.undo(number)
    [state] = store.row("SELECT state FROM system_logs.journal") or [""]
    assert state == "completed"


def test_a_thought_comes_back_whole(store: Store) -> None:
    thoughts = Thoughts(store)
    number = thoughts.append(THOUGHT)
    kept = thoughts.thought("ask-1", "write double")
    assert kept == ThoughtRow(**{**vars(THOUGHT), "id": number})


def test_a_thought_is_kept_without_its_secrets(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_API_KEY", "correct-horse-battery")
    text = "use correct-horse-battery or sk-proj-Ab12Cd34Ef56Gh78"
    leaky = {"system": text, "prompt": text, "answer": text, "error": text}
    Thoughts(store).append(ThoughtRow(**{**vars(THOUGHT), **leaky}))
    [row] = store.row("SELECT t::text FROM system_logs.thoughts t") or [""]
    assert "correct-horse" not in row
    assert "Ab12" not in row


def test_attempts_and_cycles_are_told_apart(store: Store) -> None:
    thoughts = Thoughts(store)
    for attempt in range(3):
        thoughts.append(ThoughtRow(**{**vars(THOUGHT), "attempt": attempt}))
    thoughts.append(ThoughtRow(**{**vars(THOUGHT), "cycle": "ask-2"}))
    assert thoughts.thought("ask-1", "write double").attempt == 2
    assert thoughts.thought("ask-1", "write double", 1).attempt == 1
    assert [t.cycle for t in thoughts.list()] == ["ask-2", *["ask-1"] * 3]
    assert [t.attempt for t in thoughts.list("ask-1")] == [0, 1, 2]
    assert [(c, n, usd) for c, n, usd, _ in thoughts.cycles()] == [
        ("ask-2", 1, Decimal("0.0012")),
        ("ask-1", 3, Decimal("0.0036")),
    ]


def test_a_missing_thought_names_the_steps_there_are(store: Store) -> None:
    thoughts = Thoughts(store)
    thoughts.append(THOUGHT)
    with pytest.raises(NotFound) as caught:
        thoughts.thought("ask-1", "plan")
    assert "write double" in caught.value.remedy


def test_the_newest_plan_of_a_stack_is_its_plan(store: Store) -> None:
    plans = Plans(store)
    assert plans.latest("demo") is None
    for request in ("first", "second"):
        plans.save("demo", request, {"specs": [request]}, "offline", Decimal("0.5"))
    plans.save("other", "third", {}, "offline")
    latest = plans.latest("demo")
    assert latest is not None
    assert (latest.request, latest.plan) == ("second", {"specs": ["second"]})
    assert [p.stack for p in plans.list()] == ["other", "demo", "demo"]


def test_a_run_has_a_beginning_decisions_and_an_end(store: Store) -> None:
    runs = Runs(store)
    runs.start("run-1", "demo", "backtest", {"data": "candles.csv"})
    runs.commit([DECISION], stack="demo", mode="backtest")
    runs.finish("run-1", {"ticks": 1})
    [run] = runs.list("demo")
    assert (run.state, run.detail, run.summary) == (
        "finished",
        {"data": "candles.csv"},
        {"ticks": 1},
    )
    assert runs.decisions("run-1") == [DECISION]
    assert runs.list("other") == []


def test_state_is_committed_with_its_decisions_or_not_at_all(store: Store) -> None:
    runs = Runs(store)
    runs.start("run-1", "demo", "paper", {})
    runs.commit([DECISION], stack="demo", mode="paper", state={"BTC/USD": {"step": 1}})
    orphan = DecisionRow(**{**vars(DECISION), "run_id": "no such run"})
    with pytest.raises(StoreError):
        runs.commit(
            [orphan], stack="demo", mode="paper", state={"BTC/USD": {"step": 2}}
        )
    assert runs.state("demo", "paper") == {"BTC/USD": {"step": 1}}


def test_the_state_of_one_mode_is_not_that_of_another(store: Store) -> None:
    runs = Runs(store)
    runs.commit([], stack="demo", mode="paper", state={"": {"n": 1}, "X": {"n": 2.0}})
    runs.commit([], stack="demo", mode="paper", state={"X": {"n": 3.0}})
    assert runs.state("demo", "paper") == {"": {"n": 1}, "X": {"n": 3.0}}
    assert runs.state("demo", "live") == {}
