"""What every journal must do, in memory and in Postgres alike."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import LedgerError
from tests.trading.ledger.story import (
    DEPOSIT,
    PERP,
    START,
    D,
    answer,
    bought,
    decided,
    ended,
    fill,
    funding,
    intent,
    plain_story,
    scanned,
    sent,
    signalled,
    sold,
)
from trading.shell.ledger import Account, Journal
from trading.shell.ledger.events import Amended, Decided, Halted, LedgerEvent, Snapshot
from trading.shell.ledger.memory import MemoryJournal, changes_state, summed
from trading.shell.ledger.proof import prove

Opening = Callable[[], Journal]


def whole_story() -> list[LedgerEvent]:
    """Every kind of event."""
    short = {"side": "sell", "symbol": PERP, "leverage": D("2.5")}
    return [
        *plain_story(),
        Amended("stop", D("1.50"), D("95.5"), START + 220),
        Amended("stop", None, D(96), START + 221),
        *bought("p", "100.25", 230, quantity="0.3", **short),
        funding("-0.125"),
        *sold("q", "99.5", 3700, side="buy", quantity="0.1", symbol=PERP),
        ended("stop", 3800),
        Halted(START + 3900, "memory", "600 MB", "law"),
        Halted(START + 4000, "resumed", "memory: more of it", "ann"),
        decided("d3", "none", 4100),
        scanned(4100, signal=False, confidence=None),
        signalled("d3", 4100, acted=False, rejected_by="law", reason="too much"),
    ]


def test_events_come_back_as_they_were_in_their_order(opening: Opening) -> None:
    story = whole_story()
    opening().append(story)
    assert list(opening().events()) == [e for e in story if changes_state(e)]


def test_the_state_is_the_sum_of_the_events(opening: Opening) -> None:
    journal = opening()
    for event in whole_story():
        journal.append([event])
    assert journal.state == summed(whole_story())
    assert opening().state == summed(opening().events())
    assert prove(opening().events()) is None


def test_an_append_with_one_impossible_event_leaves_nothing(opening: Opening) -> None:
    journal = opening()
    journal.append(plain_story())
    before = summed(plain_story())
    wrong = fill(intent("nobody's"), 100)
    with pytest.raises(LedgerError) as caught:
        journal.append([*bought("new", 100, 300), wrong, *sold("out", 100, 400)])
    assert caught.value.value is wrong
    assert journal.state == opening().state == before
    journal.append(bought("new", 100, 300))
    assert journal.state == summed([*plain_story(), *bought("new", 100, 300)])


def test_appending_again_changes_nothing(opening: Opening) -> None:
    opening().append(whole_story())
    journal = opening()
    journal.append(whole_story())
    journal.append(whole_story()[5:])
    assert journal.state == summed(whole_story())
    assert list(opening().events()) == [e for e in whole_story() if changes_state(e)]


def test_an_append_that_was_cut_short_is_completed_by_appending_it_again(
    opening: Opening,
) -> None:
    opening().append(whole_story()[:9])
    opening().append(whole_story())
    assert opening().state == summed(whole_story())


def test_equity_is_the_sum_of_its_parts_at_every_snapshot(opening: Opening) -> None:
    journal = opening()
    marks = {"BTC/USD": D("101.3"), PERP: D("99.7")}
    for number, event in enumerate(whole_story()):
        journal.append([event])
        journal.append([journal.state.snapshot(START + number, marks)])
    assert prove(journal.events(), marks) is None
    assert journal.state.curve.at == START + number


@settings(max_examples=15)
@given(cuts=st.lists(st.integers(0, 40), max_size=6))
def test_how_events_are_cut_into_appends_does_not_matter(cuts: list[int]) -> None:
    story, journal = whole_story(), MemoryJournal()
    edges = [0, *sorted(cuts), len(story)]
    for start, end in pairwise(edges):
        journal.append(story[start:end])
    assert journal.state == summed(story)


def test_a_daily_journal_keeps_one_snapshot_a_day_and_forgets_no_peak() -> None:
    journal = MemoryJournal(daily=True)
    journal.append([DEPOSIT, *bought("a", 100)])
    for hour in range(1, 50):
        marks = {"BTC/USD": D(500 if hour == 12 else 100)}
        journal.append([journal.state.snapshot(START + hour * 3600, marks)])
    kept = [e.at - START for e in journal.events() if isinstance(e, Snapshot)]
    assert kept == [23 * 3600, 47 * 3600, 49 * 3600]
    assert journal.state.peak_equity == 1000 - 1 + 400
    with pytest.raises(LedgerError):
        journal.append([answer("nobody's", at=49 * 3600)])
    assert journal.state.peak_equity == 1000 - 1 + 400
    assert prove(journal.events(), marks) is None


def test_decisions_that_entered_nothing_are_no_part_of_the_sum(
    account: Account,
) -> None:
    journal = MemoryJournal()
    journal.append([decided("a", "none"), decided("b"), *sent(intent("x"))])
    assert [e.id for e in journal.events() if isinstance(e, Decided)] == ["b"]
    assert len(journal.everything()) == 4
