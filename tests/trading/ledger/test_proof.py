"""Equity is proved to the cent, or the event that broke it is named."""

import pytest

from tests.trading.ledger.story import (
    DEPOSIT,
    SPOT,
    START,
    D,
    bought,
    fill,
    intent,
    sold,
)
from trading.shell.changed import changed
from trading.shell.ledger.events import Filled, LedgerEvent, Snapshot
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.ledger.proof import prove

MARKS = {SPOT: D("104.31")}


def proved_story() -> list[LedgerEvent]:
    """Two trades, with a snapshot after everything."""
    journal = MemoryJournal()
    for number, event in enumerate(
        [DEPOSIT, *bought("a", 100), *sold("b", 103), *bought("c", 104, 200)]
    ):
        journal.append([event])
        journal.append([journal.state.snapshot(START + 500 + number, MARKS)])
    return list(journal.events())


def test_a_true_ledger_is_proved() -> None:
    assert prove(proved_story(), MARKS) is None
    assert prove(proved_story()) is None


@pytest.mark.parametrize("part", ["fee", "price", "quantity"])
def test_a_fill_changed_by_a_cent_is_found_at_the_next_snapshot(part: str) -> None:
    story = proved_story()
    where = next(i for i, e in enumerate(story) if isinstance(e, Filled))
    told = story[where]
    assert isinstance(told, Filled)
    fill = changed(told.fill, **{part: getattr(told.fill, part) - D("0.01")})
    story[where] = Filled(fill)
    assert prove(story, MARKS) is story[where + 1]


def test_an_event_that_is_missing_is_found() -> None:
    story = proved_story()
    where = next(i for i, e in enumerate(story) if isinstance(e, Filled))
    del story[where]
    assert prove(story, MARKS) is story[where]


def test_a_snapshot_that_does_not_add_up_is_found() -> None:
    story = proved_story()
    last = story[-1]
    assert isinstance(last, Snapshot)
    story[-1] = changed(last, equity=last.equity + D("0.01"))
    assert prove(story, MARKS) is story[-1]


def test_what_cannot_have_happened_is_where_it_broke() -> None:
    wrong = fill(intent("nobody's"), 100)
    assert prove([DEPOSIT, wrong]) is wrong
