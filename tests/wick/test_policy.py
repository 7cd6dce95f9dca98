"""Who may swap what, and when it is taken back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gate import Certificate
from wick.clones import LAST_GOOD, SEARCH
from wick.policy import (
    ASK_PERSON,
    CANARY,
    KEEP,
    LIMITS,
    REFUSE,
    REVERT,
    SHADOW,
    SWAP,
    WAIT,
    History,
    Stats,
    after,
    after_canary,
    after_probation,
    after_shadow,
    canary_symbol,
    decide,
)
from wick.safety import Safety
from wick.shadow import Shadowed
from wick.verdict import AMBIGUOUS, NONE, REPAIRED, Verdict

PASSED = Certificate("t.m", "spec", "body", True, ())
PROVEN = Verdict(REPAIRED, "agreed", "return {}", SEARCH, certificate=PASSED)
FREE = Safety(False, True, "no output has a safe side")
UNSAFE = Safety(True, False, "leverage is safer lower, but goes from 1 to 2")


def test_a_proven_repair_of_what_failed_runs_at_once_on_probation() -> None:
    found = decide(PROVEN, FREE, failed=True)
    assert (found.action, found.calls) == (SWAP, LIMITS.probation_calls)


def test_what_still_works_is_replaced_in_the_shadow_first() -> None:
    assert decide(PROVEN, FREE, failed=False).action == SHADOW


def test_nothing_is_swapped_that_did_not_pass() -> None:
    refused = replace(PASSED, passed=False)
    for verdict in (
        Verdict(NONE, "nothing"),
        replace(PROVEN, certificate=None),
        replace(PROVEN, certificate=refused),
        replace(PROVEN, rung=LAST_GOOD, certificate=refused),
    ):
        assert decide(verdict, FREE, failed=True).action == REFUSE


def test_survivors_that_disagree_are_a_question() -> None:
    ambiguous = replace(PROVEN, kind=AMBIGUOUS, why="a tie")
    found = decide(ambiguous, FREE, failed=True)
    assert found.action == ASK_PERSON
    assert "a tie" in found.why


@pytest.mark.parametrize(
    "verdict, safety, history",
    [
        (PROVEN, UNSAFE, History()),
        (replace(PROVEN, needs_person="the gate is weak"), FREE, History()),
        (PROVEN, FREE, History(reverted=2)),
    ],
)
def test_a_person_says_yes_where_the_proof_will_not_do(
    verdict: Verdict, safety: Safety, history: History
) -> None:
    assert decide(verdict, safety, failed=True, history=history).action == ASK_PERSON
    # A version that was promoted once needs nobody.
    restored = replace(verdict, rung=LAST_GOOD)
    assert decide(restored, safety, failed=True, history=history).action == SWAP


def test_a_body_in_quarantine_is_refused_whatever_speaks_for_it() -> None:
    restored = replace(PROVEN, rung=LAST_GOOD)
    assert decide(restored, FREE, failed=True, quarantined=True).action == REFUSE


COUNTS = st.integers(0, 500)


@given(COUNTS, COUNTS, st.integers(1, 300))
def test_a_probation_ends_at_the_first_failure_or_when_its_calls_are_over(
    calls: int, failures: int, needed: int
) -> None:
    found = after_probation(calls, failures, needed)
    wanted = REVERT if failures else KEEP if calls >= needed else WAIT
    assert found.action == wanted


def test_what_failed_now_and_then_before_may_go_on_failing_as_often() -> None:
    assert after(Stats(100, 5, rate_before=0.05), 100).action == KEEP
    assert after(Stats(100, 6, rate_before=0.05), 100).action == REVERT


@pytest.mark.parametrize(
    "stats",
    [
        Stats(100, 1, same=1, rate_before=0.5),
        Stats(100, refused=1),
        Stats(100, times_as_long=3.5),
    ],
)
def test_a_repair_that_does_not_repair_or_harms_is_taken_back(stats: Stats) -> None:
    assert after(stats, 100).action == REVERT


@pytest.mark.parametrize(
    "found, action",
    [
        (Shadowed(500, 0, 3, 1), CANARY),
        (Shadowed(499, 0, 0, 0), WAIT),
        (Shadowed(10, 1, 0, 5), REFUSE),
        (Shadowed(500, 0, 30, 0), ASK_PERSON),
    ],
)
def test_the_shadow_leads_to_one_symbol_or_to_an_end(
    found: Shadowed, action: str
) -> None:
    assert after_shadow(found).action == action


def test_one_symbol_leads_to_all_or_back() -> None:
    assert after_canary(Stats(LIMITS.canary_calls)).action == SWAP
    assert after_canary(Stats(1)).action == WAIT
    assert after_canary(Stats(1, 1)).action == REVERT


def test_the_canary_is_where_least_is_at_stake() -> None:
    exposure = {"BTC": 900.0, "ETH": -20.0, "SOL": 20.0}
    assert canary_symbol(["SOL", "BTC", "ETH"], exposure) == "ETH"
    assert canary_symbol(["SOL", "ADA"], exposure) == "ADA"
    with pytest.raises(ValueError, match="symbol"):
        canary_symbol([], exposure)
