"""Every refusal is in the ledger: of each order of a decision, of exits, of moved stops."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.trading.engine.sessions import (
    BTC,
    ETH,
    HOUR,
    Bench,
    Desk,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import BEGIN, FIRST, SCRIPTED, stack_of
from trading.shell.engine.paper import Paper
from trading.shell.ledger.events import LedgerEvent, Signalled
from trading.shell.ledger.reading import Reading
from trading.shell.ledger.told import Which
from trading.shell.venue.orders import Outcome, Receipt

Refused = list[tuple[int, str, str]]


def refusals(events: Any) -> Refused:
    """The hour, the action and who refused it."""
    found = [e for e in events if isinstance(e, Signalled) and not e.acted]
    return [((e.at - BEGIN) // HOUR, e.action, e.rejected_by) for e in found]


def ledger_of(bench: Bench, session: Paper) -> tuple[LedgerEvent, ...]:
    return tuple(bench.ledgers[session.account.name].everything())


def test_each_order_of_a_decision_that_is_refused_is_named_by_its_check(
    desk: Desk,
) -> None:
    """The play's entry of hour 14 is two orders; the day has room for the first."""
    desk.limits = replace(desk.limits, trades_symbol_day=4)
    session = traded(desk.paper("slices", [market()], settings=settings()))
    reading = Reading(desk.store, session.account)
    rows = reading.signals(Which(limit=100))
    assert refusals(reversed(rows)) == [
        (14, "enter 2", "trades_a_day"),
        (17, "enter", "trades_a_day"),
    ]
    assert all(one.figures["limit"] == 4 for one in rows if not one.acted)
    assert len(session.engine.signals) == 5  # one a decision
    counts = reading.counts(BEGIN + 20 * HOUR)
    assert (counts.acted, counts.rejected) == (4, 1)


def test_an_exit_that_the_law_refuses_is_named(bench: Bench) -> None:
    session = bench.paper("main", [market()], settings=settings())
    engine = session.engine
    right = engine.broker.instruments
    wrong = {BTC: replace(right[BTC], symbol=ETH)}

    def mark(time: int) -> None:
        hour = (time - BEGIN) // HOUR
        instruments = wrong if hour == 6 else right
        engine.broker = replace(engine.broker, instruments=instruments)

    session.mark = mark
    traded(session)
    assert (7, "exit", "mode_and_permission") in refusals(ledger_of(bench, session))


@pytest.mark.parametrize(
    ("kind", "level", "why"),
    [
        ("unit: price, type: [number", "close * 1.01", "would fire at once"),
        ("type: [string", "'soon'", "is no price"),
    ],
)
def test_a_stop_that_is_not_moved_is_named(
    bench: Bench, tmp_path: Path, kind: str, level: str, why: str
) -> None:
    spec, _ = SCRIPTED["trail"]
    body = f"""if position == 0 or (time - {FIRST}) // 3600 != 5:
    return {{"trailing_stop": None}}
return {{"trailing_stop": {level}}}
"""
    spec = spec.replace("unit: price, type: [number", kind)
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "trail": (spec, body)})
    session = traded(bench.paper("main", [market()], settings=settings()))
    events = ledger_of(bench, session)
    assert refusals(events) == [(5, "amend", "trailing_stop")]
    [told] = [e for e in events if isinstance(e, Signalled) and not e.acted]
    assert why in told.reason
    assert all(one.acted for one in session.engine.signals)


def test_a_stop_that_the_venue_does_not_move_is_named(bench: Bench) -> None:
    session = bench.paper("main", [market()], settings=settings())
    answering(session, "amend", lambda order: Receipt(order, Outcome.REFUSED, BEGIN))
    traded(session)
    assert [one[1:] for one in refusals(ledger_of(bench, session))] == [
        ("amend", "venue")
    ] * 3


def test_an_exit_that_the_venue_refuses_is_named(bench: Bench) -> None:
    session = bench.paper("main", [market()], settings=settings())
    venue = session.engine.broker.venue
    place = venue.place

    async def placing(intent: Any) -> Receipt:
        if intent.reduce_only:
            at = intent.decided_at + HOUR
            return Receipt(intent.id, Outcome.REFUSED, at, reason="closed for repair")
        return await place(intent)

    venue.place = placing  # type: ignore[method-assign]
    traded(session)
    assert (7, "exit", "venue") in refusals(ledger_of(bench, session))


def answering(session: Paper, name: str, answer: Callable[[str], Receipt]) -> None:
    """Let the venue answer so, whatever the order."""

    async def answered(order: str, **_: Any) -> Receipt:
        return answer(order)

    setattr(session.engine.broker.venue, name, answered)
