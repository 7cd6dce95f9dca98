"""Halts: what begins one, what it does, and who may end it."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import RequestRefused
from tests.trading.law.orders_before_the_law import STANDING, D
from trading.shell.changed import changed
from trading.shell.law import Cause, Policy
from trading.shell.law.breaker import CircuitBreaker
from trading.shell.law.halts import (
    DAY,
    Halt,
    Seen,
    after,
    evaluate,
    halt_by_person,
    halts_of,
    policy,
    resume,
    told,
)
from trading.shell.law.limits import read_limits
from trading.shell.law.switch import (
    ACTIONS,
    Word,
    done,
    heard,
    kill_switch,
    leave,
    throw_kill_switch,
)
from trading.shell.ledger.events import Halted
from trading.shell.venue.orders import Mode

ACCOUNT = "paper"

LIVE, PAPER = read_limits(Mode.LIVE), read_limits(Mode.PAPER)
NOON = 100 * DAY + DAY // 2
OUTSIDE = [
    (Cause.API_LOST, {"api_silent": 30.0}, {"api_silent": 30.1}),
    (Cause.API_LOST, {"api_silent": 0.0}, {"api_silent": float("nan")}),
    (Cause.STALE_DATA, {"bars_late": 3}, {"bars_late": 3.5}),
    (Cause.MEMORY, {"memory_mb": 500}, {"memory_mb": 501}),
    (Cause.DATABASE_LOST, {"database": True}, {"database": False}),
    (Cause.CIRCUIT_BREAKER, {"failure": ""}, {"failure": "3 failures"}),
    (Cause.RISK_VIOLATION, {"violation": ""}, {"violation": "an unknown order"}),
    (Cause.KILL_SWITCH, {"kill_switch": ""}, {"kill_switch": "thrown"}),
    (
        Cause.UNEXPECTED_BALANCE,
        {"balance_gap": D("-0.05")},
        {"balance_gap": D("-0.06")},
    ),
    (Cause.UNEXPECTED_BALANCE, {"balance_gap": D(0)}, {"balance_gap": D("NaN")}),
]
INSIDE = [
    (Cause.DAILY_LOSS, {"equity": D("950.01")}, {"equity": D(950)}),
    (Cause.DRAWDOWN, {"peak_equity": D(1333)}, {"peak_equity": D(1334)}),
    (Cause.DRAWDOWN, {"peak_equity": D(1000)}, {"peak_equity": D("NaN")}),
    (Cause.CONSECUTIVE_LOSSES, {"consecutive_losses": 9}, {"consecutive_losses": 10}),
]


def seen(at: int = NOON, **what: Any) -> Seen:
    return Seen(at, **what)


@pytest.mark.parametrize(
    ("cause", "fine", "bad"),
    [
        *OUTSIDE,
        *(
            (c, *({"standing": changed(STANDING, **one)} for one in pair))
            for c, *pair in INSIDE
        ),
    ],
)
def test_a_cause_halts_beyond_its_limit_and_only_once(
    cause: Cause, fine: dict[str, Any], bad: dict[str, Any]
) -> None:
    assert evaluate(LIVE, {}, seen(**fine)) == ()
    (event,) = evaluate(LIVE, {}, seen(**bad))
    assert event.cause == cause
    assert event.detail
    halts = after({}, event)
    assert evaluate(LIVE, halts, seen(**bad)) == ()
    assert str(cause) in told(halts)
    assert policy(LIVE, halts) is Policy.FREEZE


def test_an_account_without_money_is_not_in_drawdown() -> None:
    nothing = changed(STANDING, equity=D(0), peak_equity=D(0), day_start_equity=D(0))
    assert evaluate(LIVE, {}, seen(standing=nothing)) == ()


@pytest.mark.parametrize("cause", list(Cause))
def test_only_what_shows_its_own_end_ends_without_a_person(cause: Cause) -> None:
    halts = {cause: Halt(cause, "x", NOON, "law")}
    for limits in (LIVE, PAPER):
        events = evaluate(limits, halts, seen(NOON + 60))
        by_itself = cause in limits.ends_itself
        assert bool(events) == by_itself
        if by_itself:
            assert halts_of([*events]) == {}
            assert after(halts, events[0]) == {}


def test_a_day_s_loss_halts_until_midnight_and_no_person_shortens_it() -> None:
    halts = {Cause.DAILY_LOSS: Halt(Cause.DAILY_LOSS, "5 %", NOON, "law")}
    with pytest.raises(RequestRefused, match="midnight"):
        resume(halts, NOON + 1, "ada", "enough")
    midnight = 101 * DAY
    assert evaluate(LIVE, halts, seen(midnight - 1)) == ()
    (event,) = evaluate(LIVE, halts, seen(midnight))
    assert after(halts, event) == {}


def test_a_person_resumes_all_the_rest_with_a_remark() -> None:
    causes = [Cause.DRAWDOWN, Cause.MEMORY, Cause.DAILY_LOSS]
    halts = {c: Halt(c, "x: y, z", NOON, "law") for c in causes}
    for remark in ("", "  "):
        with pytest.raises(RequestRefused, match="remark"):
            resume(halts, NOON, "ada", remark)
    event = resume(halts, NOON, "ada", "drawdown: looked, at it")
    assert event.by == "ada"
    assert list(after(halts, event)) == [Cause.DAILY_LOSS]
    with pytest.raises(RequestRefused, match="not halted"):
        resume({}, NOON, "ada", "why not")


def test_a_person_halts_or_sells_all_and_is_never_taken_for_the_law() -> None:
    halts = halts_of([halt_by_person(NOON, "ada", "lunch")])
    assert policy(PAPER, halts) is Policy.FREEZE
    flat = halt_by_person(NOON + 1, "law", "out", flatten=True)
    assert flat.by != "law"
    assert policy(PAPER, after(halts, flat)) is Policy.FLATTEN
    assert policy(PAPER, {}) is None


@given(st.lists(st.sampled_from(list(Cause)), max_size=8), st.data())
def test_halts_are_the_sum_of_their_events(causes: list[Cause], data: Any) -> None:
    events: list[Any] = []
    held: dict[Cause, Halt] = {}
    for step, cause in enumerate(causes):
        if held and data.draw(st.booleans()):
            if set(held) != {Cause.DAILY_LOSS}:
                events.append(
                    resume(
                        held, step, "ada", data.draw(st.text("a:, ", min_size=3)) + "x"
                    )
                )
        else:
            events.append(halt_by_person(step, "ada", "x"))
            events[-1] = changed(events[-1], cause=cause.value)
        held = halts_of(events)
        assert all(halt.since <= step for halt in held.values())
    stepwise: dict[Cause, Halt] = {}
    for event in events:
        stepwise = after(stepwise, event)
    assert stepwise == held


def test_the_breaker_opens_at_its_failures_and_lets_one_try_after_its_seconds() -> None:
    now = [0.0]
    breaker = CircuitBreaker(3, 300, lambda: now[0])
    breaker.failed("502")
    breaker.failed("502")
    breaker.succeeded()
    for _ in range(2):
        breaker.failed("502")
    assert not breaker.open
    assert not breaker.failure
    breaker.failed("timeout")
    assert breaker.open
    now[0] = 299.9
    assert breaker.open
    now[0] = 300.0
    assert not breaker.open
    assert "timeout" in breaker.failure  # no success yet
    breaker.failed("502 again")
    assert breaker.open
    now[0] = 600.0
    breaker.succeeded()
    assert not breaker.failure


def test_words_are_heard_in_order_once_and_become_events(tmp_path: Path) -> None:
    for at, action in enumerate(ACTIONS):
        leave(tmp_path, Mode.PAPER, Word(action, "ada", "because", at))
    assert heard(tmp_path, Mode.LIVE, ACCOUNT) == []
    words = heard(tmp_path, Mode.PAPER, ACCOUNT)
    assert [word.action for _, word in words] == list(ACTIONS)
    halts: dict[Cause, Halt] = {}
    for path, word in words:
        halts = after(halts, word.event(halts, NOON))
        done(path)
    assert list(halts) == [Cause.FLATTEN]
    assert heard(tmp_path, Mode.PAPER, ACCOUNT) == []


def test_words_of_one_second_are_heard_as_they_were_said(tmp_path: Path) -> None:
    """The incident: a flatten and the resumption after it were heard the other way round."""
    said = [*ACTIONS, *reversed(ACTIONS)] * 4
    for action in said:
        leave(tmp_path, Mode.PAPER, Word(action, "ada", "because", 7))
    assert [word.action for _, word in heard(tmp_path, Mode.PAPER, ACCOUNT)] == said


def test_a_word_is_heard_by_its_account_alone(tmp_path: Path) -> None:
    for account in (ACCOUNT, "other", ""):
        leave(tmp_path, Mode.PAPER, Word("flatten", "ada", "out", 7, account))

    def told(account: str) -> list[str]:
        return [word.account for _, word in heard(tmp_path, Mode.PAPER, account)]

    assert told(ACCOUNT) == [ACCOUNT, ""]
    assert told("other") == ["other", ""]


def test_a_resume_ends_the_halts_it_is_about_and_no_later_one() -> None:
    """The incident: said before a drawdown was found, it lifted that halt as well."""
    halts = halts_of([halt_by_person(NOON, "ada", "lunch")])
    word = Word("resume", "ada", "back", 1, causes=("by_person",))
    assert word.event(halts, NOON).ended == ("by_person",)
    later = after(halts, Halted(NOON + 60, "drawdown", "25% lost", "law"))
    assert word.event(later, NOON).ended == ("by_person",)
    ended = after(later, word.event(later, NOON))
    with pytest.raises(RequestRefused, match="came after that was said: drawdown"):
        word.event(ended, NOON)


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", '"halt"', "null", "\0", "[" * 100_000),
        '{"action": "buy", "by": "", "remark": "", "at": 0}',
        '{"action": "resume", "by": "", "remark": "x", "at": 1e999}',
        '{"action": "resume", "by": "", "remark": "x", "at": 0, "account": null}',
        '{"action": "resume", "by": "", "remark": "x", "at": 0, "causes": "drawdown"}',
    ],
)
def test_a_word_that_cannot_be_read_halts(tmp_path: Path, text: str) -> None:
    leave(tmp_path, Mode.PAPER, Word("resume", "ada", "x", 1)).write_text(text)
    ((_, word),) = heard(tmp_path, Mode.PAPER, ACCOUNT)
    assert word.event({}, NOON).cause == Cause.BY_PERSON


def test_the_kill_switch_is_a_file_and_holds_against_a_resume(tmp_path: Path) -> None:
    assert kill_switch(tmp_path, Mode.LIVE) == ""
    one = throw_kill_switch(tmp_path, "smoke", Mode.LIVE)
    assert "smoke" in kill_switch(tmp_path, Mode.LIVE)
    assert kill_switch(tmp_path, Mode.PAPER) == ""
    (tmp_path / "trade" / "HALT").touch()
    assert "thrown" in kill_switch(tmp_path, Mode.PAPER)
    with pytest.raises(RequestRefused, match="HALT"):
        leave(tmp_path, Mode.PAPER, Word("resume", "ada", "fine", 1))
    one.unlink()
    one.mkdir()
    (tmp_path / "trade" / "HALT").unlink()
    assert "cannot be read" in kill_switch(tmp_path, Mode.LIVE)


def test_a_resume_without_a_remark_is_refused_before_it_is_left(tmp_path: Path) -> None:
    with pytest.raises(RequestRefused, match="remark"):
        leave(tmp_path, Mode.PAPER, Word("resume", "ada", " ", 1))


def test_decimal_figures_are_told() -> None:
    standing = changed(STANDING, equity=Decimal("949.99"))
    (event,) = evaluate(LIVE, {}, seen(standing=standing))
    assert event.detail == "5.00% lost today, 5% allowed"
