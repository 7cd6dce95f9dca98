"""What has to be sold is sold: whoever dies, whatever cannot be written meanwhile."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.errors import StoreError
from tests.trading.engine.sessions import (
    BTC,
    ETH,
    Bench,
    Killed,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import SCRIPTED, stack_of
from tests.trading.engine.test_no_answer import LONG, LOST, exits, hour, opened, through
from trading.shell.engine.feeds import Closed
from trading.shell.engine.paper import Paper
from trading.shell.law.switch import Word, leave
from trading.shell.ledger.events import Intended, LedgerEvent
from trading.shell.venue.orders import Mode, Purpose

SAID = 6  # the hour after which a person flattens and resumes


@dataclass
class Refusing:
    """A journal whose database is away for the write number `which` of a way out."""

    inner: Any
    which: int
    purpose: Purpose
    number: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def append(self, events: Sequence[LedgerEvent], states: Any = None) -> None:
        last = events[-1] if events else None
        if isinstance(last, Intended) and last.intent.purpose is self.purpose:
            self.number += 1
            if self.number == self.which:
                raise StoreError("the database is away")
        self.inner.append(events, states)


@dataclass
class Apart:
    """A feed that gives each market's candle alone, as where one lags."""

    inner: Any

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def closed(self, after: Mapping[str, int]) -> AsyncIterator[Closed]:
        async for one in self.inner.closed(after):
            for market_ in one.present:
                yield Closed(one.time, [market_], one.fresh, one.newest)


@pytest.fixture
def holding(bench: Bench, tmp_path: Path) -> Bench:
    """A stack that enters at hour 2 and asks for nothing after."""
    spec, body = SCRIPTED["script"]
    for old, new in {
        "step == 2": "step == -1",
        "step == 14": "step == -2",
        "step in (8, 11, 17)": "step == 2",
        "close * 0.98": "close * 0.5",
        "close * 1.04": "close * 2.0",
    }.items():
        assert old in body
        body = body.replace(old, new)
    leaving, rule = SCRIPTED["leave"]
    never = rule.replace("step in (7, 16)", "step == -5")
    texts = {**SCRIPTED, "script": (spec, body), "leave": (leaving, never)}
    bench.stack = stack_of(tmp_path, texts)
    return bench


def said(bench: Bench) -> None:
    for number, action in enumerate(("flatten", "resume")):
        causes = ("flatten",) if action == "resume" else None
        word = Word(action, "ann", "out", number, "main", causes)
        leave(bench.home, Mode.PAPER, word)


def flattened(session: Paper) -> list[tuple[str, int]]:
    return [
        (t.symbol, hour(t.closed_at)) for t in session.engine.broker.books.state.trades
    ]


def once(bench: Bench, also: Any = None) -> Any:
    """Speak once, whatever comes after."""
    spoken: list[int] = []

    def mark(time: int) -> None:
        if hour(time) == SAID and not spoken:
            spoken.append(time)
            said(bench)
            if also:
                also()

    return mark


def test_a_flatten_sells_each_market_though_one_lags(holding: Bench) -> None:
    """The incident: the first market's candle let the resume be heard."""
    candles = [market(LONG), market(LONG, symbol=ETH, scale=20.0)]
    session = holding.paper(
        "main", candles, settings=settings(BTC, ETH), mark=once(holding)
    )
    session.feed = Apart(session.feed)
    traded(session)
    assert sorted(flattened(session)) == [(BTC, SAID + 2), (ETH, SAID + 1)]


def test_a_flatten_that_was_heard_survives_a_kill(holding: Bench) -> None:
    """The incident: the next process heard the resume first, and sold nothing."""

    def beat_and_die() -> None:
        session._beat()
        raise Killed

    session = holding.paper(
        "main", [market(LONG)], settings=settings(), mark=once(holding, beat_and_die)
    )
    with pytest.raises(Killed):
        traded(session)
    again = traded(holding.paper("main", [market(LONG)], settings=settings()))
    assert flattened(again) == [(BTC, SAID + 1)]


def test_a_flatten_that_cannot_be_written_is_tried_again(holding: Bench) -> None:
    session = holding.paper(
        "main", [market(LONG)], settings=settings(), mark=once(holding)
    )
    books = session.engine.broker.books
    books.journal = Refusing(books.journal, 1, Purpose.FLATTEN)
    traded(session)
    assert flattened(session) == [(BTC, SAID + 3)]


@pytest.mark.parametrize(("lost", "which", "left"), [(True, 2, 10), (False, 1, 9)])
def test_an_exit_that_cannot_be_written_is_owed(
    bench: Bench, lost: bool, which: int, left: int
) -> None:
    """The incident: it was given up, and nothing was sent until the stack next asked."""
    session = opened(bench)
    shaky = through(session, [LOST] if lost else [], purposes={Purpose.EXIT})
    books = session.engine.broker.books
    books.journal = Refusing(books.journal, which, Purpose.EXIT)
    traded(session)
    assert exits(shaky.sent)[-2:] != []
    closed = [hour(t.closed_at) for t in session.engine.broker.books.state.trades]
    assert closed[0] == left
