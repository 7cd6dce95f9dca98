"""Halts stop entries and no exit; a person's word, the kill switch, a lost database."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import StoreError
from tests.trading.engine.sessions import (
    BTC,
    HOUR,
    PLAY,
    Bench,
    Lasting,
    dealt,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import BEGIN, SCRIPTED, stack_of
from tests.trading.engine.test_trouble import PHASES
from trading.shell.engine.paper import Paper
from trading.shell.law.switch import Word, leave, throw_kill_switch
from trading.shell.ledger.events import Halted, Intended, LedgerEvent, Signalled
from trading.shell.ledger.proof import prove
from trading.shell.venue.orders import Mode, Purpose

FREEZE: frozenset[str] = frozenset()
EVERY_ENTRY = [2, 8, 11, 14, 17]


def hours(events: Sequence[LedgerEvent], purpose: Purpose) -> list[int]:
    """The hours at whose close orders of a purpose were intended, each once."""
    found = [
        (e.intent.decided_at - BEGIN) // HOUR
        for e in events
        if isinstance(e, Intended) and e.intent.purpose is purpose
    ]
    return sorted(set(found))


def halts(ledger: Lasting) -> list[tuple[str, str]]:
    return [(e.cause, e.by) for e in ledger.everything() if isinstance(e, Halted)]


def at(hour: int, do: Callable[[], object]) -> Callable[[int], None]:
    """Do something when the candle of that hour is dealt with."""

    def mark(time: int) -> None:
        if (time - BEGIN) // HOUR == hour:
            do()

    return mark


def played(bench: Bench, *, flatten: frozenset[str] = FREEZE, **more: Any) -> Paper:
    bench.limits = replace(bench.limits, flatten=flatten)
    return traded(bench.paper("main", [market()], settings=settings(), **more))


@pytest.mark.parametrize("stopped", [False, True])
def test_a_flatten_sells_though_a_resume_was_said_before_the_next_candle(
    bench: Bench, stopped: bool
) -> None:
    """The incident: both were heard at once, and nothing was sold."""

    def say() -> None:
        for action in ("flatten", "resume"):
            leave(bench.home, Mode.PAPER, Word(action, "ann", "enough", 9))

    if stopped:  # both wait for a session that starts
        traded(bench.paper("main", [market(PLAY[:10])], settings=settings()))
        say()
        played(bench)
    else:
        played(bench, mark=at(8, say))
    events = bench.ledgers["main"].everything()
    (sold,) = hours(events, Purpose.FLATTEN)
    assert sold == 9
    assert hours(events, Purpose.ENTRY) == EVERY_ENTRY
    assert halts(bench.ledgers["main"]) == [("flatten", "ann"), ("resumed", "ann")]


def test_a_word_whose_file_stays_is_carried_out_once_and_hides_none_after_it(
    bench: Bench,
) -> None:
    """The incident: it was carried out anew at every candle."""
    leave(bench.home, Mode.PAPER, Word("halt", "ann", "a look", 0))
    (file,) = (bench.home / "trade" / "paper.words").iterdir()
    file.unlink()
    file.mkdir()  # cannot be read, nor removed as a file

    def say() -> None:
        leave(bench.home, Mode.PAPER, Word("flatten", "ann", "out", 9))

    played(bench, mark=at(3, say))
    assert [cause for cause, _ in halts(bench.ledgers["main"])] == [
        "by_person",
        "flatten",
    ]
    stays = [line for line in bench.said if "its file stays" in line]
    assert len(stays) == 1


def test_a_person_halts_and_resumes_and_exits_go_on(bench: Bench) -> None:
    def say(hour: int) -> None:
        if hour == 3:
            leave(bench.home, Mode.PAPER, Word("halt", "ann", "a look", 0))
        if hour == 12:
            leave(bench.home, Mode.PAPER, Word("resume", "ann", "looked at it", 0))

    played(bench, mark=lambda time: say((time - BEGIN) // HOUR))
    ledger = bench.ledgers["main"]
    assert hours(ledger.everything(), Purpose.ENTRY) == [2, 14, 17]
    assert hours(ledger.everything(), Purpose.EXIT) == [7, 16]
    assert halts(ledger) == [("by_person", "ann"), ("resumed", "ann")]
    assert prove(ledger.events()) is None
    assert sum("a look" in line for line in bench.said) == 1


def test_a_resume_where_nothing_is_halted_is_refused_in_words(bench: Bench) -> None:
    word = Word("resume", "ann", "just so", 0)
    played(bench, mark=at(3, lambda: leave(bench.home, Mode.PAPER, word)))
    assert any("refused" in line for line in bench.said)
    assert hours(bench.ledgers["main"].everything(), Purpose.ENTRY) == EVERY_ENTRY


@pytest.mark.parametrize(
    ("flatten", "reason"),
    [(FREEZE, "the play says so"), (frozenset({"kill_switch"}), "halted: flatten")],
)
def test_the_kill_switch_stops_entries_and_sells_where_the_limits_say_so(
    bench: Bench, flatten: frozenset[str], reason: str
) -> None:
    throw = at(3, lambda: throw_kill_switch(bench.home, "enough", Mode.PAPER))
    session = played(bench, flatten=flatten, mark=throw)
    state, ledger = session.engine.broker.books.state, bench.ledgers["main"]
    assert [one.reason for one in state.trades] == [reason]
    assert state.position(BTC) is None
    assert not state.working
    assert hours(ledger.everything(), Purpose.ENTRY) == [2]
    flattened = hours(ledger.everything(), Purpose.FLATTEN)
    assert flattened == ([4] if flatten else [])
    assert hours(ledger.everything(), Purpose.EXIT) == ([] if flatten else [7])


def test_a_process_that_has_grown_too_large_takes_no_entry(bench: Bench) -> None:
    """The incident: this suite's own process had grown past the limit, and every
    session in it stood still from its first candle."""
    used = [499.0]
    played(
        bench, memory=lambda: used[0], mark=at(3, lambda: used.append(used.pop() + 2))
    )
    ledger = bench.ledgers["main"]
    assert hours(ledger.everything(), Purpose.ENTRY) == [2]
    assert hours(ledger.everything(), Purpose.EXIT) == [7]
    assert halts(ledger)[0][0] == "memory"


@pytest.mark.parametrize("flatten", [FREEZE, frozenset({"by_person"})])
def test_no_entry_that_rests_fills_while_halted(
    bench: Bench, flatten: frozenset[str]
) -> None:
    """The limit entry of hour 2 is not reached in hour 3, and would be in hour 4."""
    bench.limits = replace(bench.limits, flatten=flatten)
    prices = [*PLAY[:3], (100, 100.4, 99.9, 100.1), *PLAY[4:]]
    word = Word("halt", "ann", "stop", 0)
    heard = at(2, lambda: leave(bench.home, Mode.PAPER, word))
    traded(bench.paper("main", [market(prices)], settings=settings(), mark=heard))
    state = bench.ledgers["main"].state
    assert state.finished
    assert not state.working
    assert not state.fills


def test_a_flatten_by_a_person_sells_at_the_next_open(bench: Bench) -> None:
    word = Word("flatten", "ann", "out", 0)
    session = played(bench, mark=at(8, lambda: leave(bench.home, Mode.PAPER, word)))
    trades = session.engine.broker.books.state.trades
    assert [one.reason for one in trades] == ["the play says so", "halted: flatten"]
    assert (trades[1].closed_at - BEGIN) // HOUR == 10


def test_a_flatten_sells_though_the_stack_cannot_be_asked(
    bench: Bench, tmp_path: Path
) -> None:
    """An indicator has no value for hours: where nothing is traded, it divides by 0."""
    spec, body = SCRIPTED["memory"]
    dividing = spec.replace("inputs:", "inputs:\n  volume_ratio_2: {unit: number}")
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "memory": (dividing, body)})
    candles = market()
    candles.frame.loc[7:16, "volume"] = 0.0
    word = Word("flatten", "ann", "out", 0)
    heard = at(8, lambda: leave(bench.home, Mode.PAPER, word))
    session = traded(bench.paper("main", [candles], settings=settings(), mark=heard))
    trades = session.engine.broker.books.state.trades
    assert [one.reason for one in trades] == ["the play says so", "halted: flatten"]
    assert (trades[1].closed_at - BEGIN) // HOUR == 10


AUDIT = (
    """---
name: audit
role: account
inputs:
  realised_cents: {unit: cents, minimum: -1000000, maximum: 1000000}
outputs:
  reconciled: {unit: flag}
---
Finds the ledger broken once a trade was closed.
""",
    'return {"reconciled": realised_cents == 0}\n',
)


def test_a_ledger_found_broken_stops_that_candles_entry_until_a_person_resumes(
    bench: Bench, tmp_path: Path
) -> None:
    """The trade closes in hour 8, in which the play enters again."""
    toml = PHASES.replace("trouble", "account")
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "audit": AUDIT}, toml=toml)
    word = Word("resume", "ann", "looked at it", 0)
    played(bench, mark=at(10, lambda: leave(bench.home, Mode.PAPER, word)))
    ledger = bench.ledgers["main"]
    assert halts(ledger) == [
        ("risk_violation", "law"),
        ("resumed", "ann"),
        ("risk_violation", "law"),  # the fill in hour 12 is looked at again
    ]
    assert hours(ledger.everything(), Purpose.ENTRY) == [2, 11]
    told = [line for line in bench.said if line.startswith("halted: risk_violation")]
    assert len(told) == 2, "each is said once, whoever asked for lines or a board"


def test_a_halt_outlives_the_session(bench: Bench) -> None:
    candles = market()
    half = replace(candles, frame=candles.frame.iloc[:6])
    leave(bench.home, Mode.PAPER, Word("halt", "ann", "a look", 0))
    traded(bench.paper("main", [half], settings=settings()))
    traded(bench.paper("main", [candles], settings=settings()))
    assert hours(bench.ledgers["main"].everything(), Purpose.ENTRY) == []


class Away:
    """A journal whose database is away for some appends; nothing else knows of it."""

    def __init__(
        self, inner: Lasting, first: int, last: int, *, writes: bool = False
    ) -> None:
        self.inner, self.away, self.writes = inner, range(first, last), writes
        self.appends = 0
        self.refused: list[LedgerEvent] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def append(self, events: Sequence[LedgerEvent], states: Any = None) -> None:
        self.appends += 1
        if self.appends in self.away:
            self.refused += events
            if self.writes:  # the answer got lost, not the rows
                self.inner.append(events, states)
            raise StoreError("the database is away")
        self.inner.append(events, states)


@pytest.mark.parametrize(("length", "writes"), [(1, False), (9, False), (1, True)])
@pytest.mark.parametrize("first", range(2, 60, 7))
def test_while_the_database_is_away_nothing_is_sent_and_nothing_is_lost(
    bench: Bench, first: int, length: int, writes: bool
) -> None:
    session = bench.paper("main", [market()], settings=settings())
    ledger = bench.ledgers["main"]
    away = Away(ledger, first, first + length, writes=writes)
    session.engine.broker.books.journal = away
    sent = spied(session)
    traded(session)
    assert away.refused
    state = session.engine.broker.books.state
    assert not session.engine.broker.books.waiting
    intended = {e.intent.id for e in ledger.events() if isinstance(e, Intended)}
    assert set(sent) <= intended
    assert prove(ledger.events()) is None
    assert dealt(ledger.state.trades) == dealt(state.trades)
    assert ledger.state.cash == state.cash
    unsent = ledger.state.working.keys() - state.working.keys()
    assert state.working.keys() <= ledger.state.working.keys()
    assert not unsent
    keys = [
        (e.decision, e.action) for e in ledger.everything() if isinstance(e, Signalled)
    ]
    assert len(keys) == len(set(keys))


def spied(session: Paper) -> list[str]:
    """The ids of the orders that reach the venue."""
    venue, sent = session.engine.broker.venue, []
    place = venue.place

    async def placing(intent: Any) -> Any:
        sent.append(intent.id)
        return await place(intent)

    venue.place = placing  # type: ignore[method-assign]
    return sent


def test_a_database_that_is_lost_halts_and_its_return_resumes(bench: Bench) -> None:
    session = bench.paper("main", [market()], settings=settings())
    ledger = bench.ledgers["main"]
    session.engine.broker.books.journal = Away(ledger, 4, 20)
    traded(session)
    assert halts(ledger) == [("database_lost", "law"), ("resumed", "law")]
    assert len(ledger.state.trades) > 0


def test_a_word_that_cannot_be_written_down_is_heard_when_the_database_is_back(
    bench: Bench,
) -> None:
    session = bench.paper("main", [market()], settings=settings())
    ledger = bench.ledgers["main"]
    session.engine.broker.books.journal = Away(ledger, 2, 12)
    leave(bench.home, Mode.PAPER, Word("halt", "ann", "a look", 0))
    traded(session)
    assert ("by_person", "ann") in halts(ledger)


def test_an_intent_that_a_full_disk_refuses_is_not_sent(bench: Bench) -> None:
    """The append of the first intent fails, and no other."""
    session = bench.paper("main", [market()], settings=settings())
    ledger, sent = bench.ledgers["main"], spied(session)

    class Full(Away):
        def append(self, events: Sequence[LedgerEvent], states: Any = None) -> None:
            first = any(isinstance(one, Intended) for one in events)
            if first and not self.refused:
                self.refused += events
                raise StoreError("no space left on device")
            self.inner.append(events, states)

    full = Full(ledger, 0, 0)
    session.engine.broker.books.journal = full
    traded(session)
    lost = next(e.intent.id for e in full.refused if isinstance(e, Intended))
    assert lost not in sent
    assert ledger.state.finished[lost].came_to_nothing
    assert hours(ledger.everything(), Purpose.ENTRY) == EVERY_ENTRY
