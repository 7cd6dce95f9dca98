"""Who is believed: the clear winner of a vote over fresh inputs, and nobody else."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wick.clones import LAST_GOOD, MODEL, SEARCH
from wick.quorum import (
    AGREED,
    AMBIGUOUS,
    NONE,
    Ballot,
    Quorum,
    Rule,
    quorum,
    same_outcome,
)
from wick.subject import Ran, Survivor

DECISIVE = Rule(lead=2.0, decay=0.25)


def ran(value: object) -> Ran:
    return Ran(True, value)


def ballot(
    number: int,
    values: tuple[object, ...],
    size: int = 1,
    rung: str = SEARCH,
    tried: int = 0,
) -> Ballot:
    source = f"def f(x):\n    return x + {number}"
    outcomes = tuple(v if isinstance(v, Ran) else ran(v) for v in values)
    return Ballot(rung, Survivor(source, ("an edit",) * size, size, tried), outcomes)


def kind(*ballots: Ballot) -> str:
    return quorum(ballots, rule=DECISIVE).kind


def test_nobody_wins_without_survivors() -> None:
    assert quorum([]) == Quorum(NONE, None, (), (), "there is no survivor")


def test_a_lone_simple_survivor_is_believed_and_a_far_fetched_one_is_not() -> None:
    assert kind(ballot(1, (1, 2))) == AGREED
    assert kind(ballot(1, (1, 2), size=4)) == AMBIGUOUS


def test_two_rungs_that_agree_carry_a_far_fetched_repair() -> None:
    assert kind(ballot(1, (1,), 4), ballot(2, (1,), 4, MODEL)) == AGREED


def test_equal_survivors_that_disagree_are_a_tie_and_the_place_is_the_question() -> (
    None
):
    found = quorum([ballot(1, (5, 1, 7)), ballot(2, (5, 2, 7))], rule=DECISIVE)
    assert (found.kind, found.disagreements) == (AMBIGUOUS, (1,))
    assert [group.votes for group in found.groups] == [1.0, 1.0]


def test_a_survivor_of_more_edits_says_little_against_a_simpler_one() -> None:
    assert kind(ballot(1, (1,)), ballot(2, (2,), size=2)) == AGREED
    assert kind(ballot(1, (1,), size=2), ballot(2, (2,), size=2)) == AMBIGUOUS


def test_edits_are_counted_from_the_simplest_of_the_same_rung() -> None:
    far = ballot(2, (2,), size=6, rung=MODEL)
    assert kind(ballot(1, (1,)), far) == AMBIGUOUS


def test_many_that_came_later_do_not_outvote_the_first() -> None:
    later = [ballot(n, (2,), tried=n) for n in range(1, 9)]
    found = quorum([ballot(0, (1,)), *later])
    assert found.kind == AMBIGUOUS
    assert [group.best.outcomes for group in found.groups] == [(ran(1),), (ran(2),)]


def test_a_search_is_believed_where_its_first_two_survivors_agree() -> None:
    others = [ballot(n, (n,), tried=n) for n in range(3, 9)]
    assert quorum([ballot(1, (1,)), ballot(2, (1,), tried=2), *others]).kind == AGREED
    assert (
        quorum([ballot(1, (1,)), ballot(2, (2,), tried=2), *others]).kind == AMBIGUOUS
    )


def test_the_order_is_each_rungs_own() -> None:
    late = ballot(2, (2,), rung=MODEL, tried=900)
    assert [g.votes for g in quorum([ballot(1, (1,)), late]).groups] == [1.0, 1.0]


def test_one_vote_a_rung_and_normal_form() -> None:
    twice = quorum([ballot(1, (1,)), ballot(1, (1,)), ballot(2, (2,))])
    assert [group.votes for group in twice.groups] == [1.0, 1.0]
    rungs = quorum([ballot(1, (1,)), ballot(1, (1,), rung=MODEL), ballot(2, (2,))])
    assert [group.votes for group in rungs.groups] == [2.0, 1.0]


def test_what_was_promoted_once_outweighs_one_repair_that_was_found() -> None:
    found = quorum([ballot(1, (1,)), ballot(2, (2,), 9, LAST_GOOD)], rule=DECISIVE)
    assert found.kind == AGREED
    assert found.chosen is not None
    assert found.chosen.rung == LAST_GOOD


def test_a_survivor_that_is_stopped_loses_to_one_that_answers() -> None:
    endless = ballot(2, (1, Ran(False, error="TimeoutError", crashed=True)))
    found = quorum([endless, ballot(1, (1, 2))], rule=DECISIVE)
    assert found.kind == AGREED
    assert found.chosen is not None
    assert found.chosen.outcomes[1].ok


def test_where_all_fail_alike_none_is_blamed() -> None:
    both = Ran(False, error="ValueError")
    found = quorum([ballot(1, (1, both)), ballot(2, (1, both))])
    assert [group.votes for group in found.groups] == [2.0]


def test_the_fewest_edits_are_chosen_within_the_group() -> None:
    found = quorum([ballot(1, (1,), 3), ballot(2, (1,), 1), ballot(3, (1,), 2)])
    assert found.chosen is not None
    assert found.chosen.survivor.size == 1


def test_the_place_that_splits_the_votes_most_evenly_is_asked_first() -> None:
    found = quorum(
        [
            ballot(1, (0, 1, 5)),
            ballot(2, (0, 1, 6)),
            ballot(3, (0, 2, 7)),
            ballot(4, (0, 1, 8)),
        ]
    )
    assert found.disagreements == (2, 1)


def test_a_difference_below_the_tolerance_or_between_two_nans_is_none() -> None:
    assert same_outcome(ran(0.1 + 0.2), ran(0.3))
    assert same_outcome(ran([float("nan")]), ran([float("nan")]))
    assert not same_outcome(ran(True), ran(1))
    assert not same_outcome(Ran(True, 1, after={"x": [1]}), Ran(True, 1, after={}))


def test_ballots_on_other_inputs_cannot_be_counted_together() -> None:
    with pytest.raises(ValueError, match="same fresh inputs"):
        quorum([ballot(1, (1,)), ballot(2, (1, 2))])


BALLOTS = st.lists(
    st.builds(
        ballot,
        st.integers(0, 9),
        st.tuples(*[st.integers(0, 2)] * 3),
        st.integers(1, 4),
        st.sampled_from([SEARCH, MODEL, LAST_GOOD]),
        st.integers(0, 3),
    ),
    max_size=12,
    unique_by=lambda one: (one.rung, one.survivor.source),
)


@given(BALLOTS, st.integers(0, 99))
def test_the_count_does_not_depend_on_the_order_of_the_ballots(
    ballots: list[Ballot], seed: int
) -> None:
    shuffled = random.Random(seed).sample(ballots, len(ballots))
    assert quorum(shuffled) == quorum(ballots)


@given(BALLOTS)
def test_whoever_is_believed_leads_by_as_much_as_the_rule_wants(
    ballots: list[Ballot],
) -> None:
    found, rule = quorum(ballots), Rule()
    votes = [group.votes for group in found.groups]
    assert all(a >= b for a, b in pairwise(votes))
    if found.kind == AGREED:
        assert len(votes) == 1 or votes[0] >= rule.lead * votes[1]


@given(BALLOTS)
def test_groups_differ_just_where_it_is_said_that_they_do(
    ballots: list[Ballot],
) -> None:
    found = quorum(ballots)
    rows = [[r.value for r in group.best.outcomes] for group in found.groups]
    differing = {
        n for n, column in enumerate(zip(*rows, strict=True)) if len(set(column)) > 1
    }
    assert set(found.disagreements) == differing
