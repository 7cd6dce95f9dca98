"""Who may swap what, and when it is taken back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.gate import Certificate
from wick.clones import LAST_GOOD, SEARCH
from wick.policy import (
    ASK_PERSON,
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
    after_shadow,
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


def test_a_guarded_module_whose_reach_is_unknown_needs_a_person() -> None:
    guarded = Safety(True, True, "no less safe on 400 inputs")
    found = decide(PROVEN, guarded, failed=True, reach_known=False)
    assert found.action == ASK_PERSON
    assert "could not be replayed" in found.why
    assert decide(PROVEN, guarded, failed=True).action == SWAP
    assert decide(PROVEN, FREE, failed=True, reach_known=False).action == SWAP


COUNTS = st.integers(0, 500)


@given(COUNTS, COUNTS, st.integers(1, 300))
def test_a_probation_ends_at_the_first_failure_or_when_its_calls_are_over(
    calls: int, failures: int, needed: int
) -> None:
    found = after(Stats(calls, failures), needed)
    wanted = REVERT if failures else KEEP if calls >= needed else WAIT
    assert found.action == wanted


def test_a_repair_that_does_not_repair_is_taken_back_and_that_is_said() -> None:
    found = after(Stats(100, 1, same=1), 100)
    assert found.action == REVERT
    assert "came again" in found.why


@pytest.mark.parametrize(
    "found, action",
    [
        (Shadowed(500, 0, 3, 1), ASK_PERSON),
        (Shadowed(499, 0, 0, 0), WAIT),
        (Shadowed(10, 1, 0, 5), REFUSE),
    ],
)
def test_the_shadow_leads_to_a_person_or_to_an_end(
    found: Shadowed, action: str
) -> None:
    assert after_shadow(found).action == action
