"""A killed session taken up again: counters, closes, orders that were refused."""

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataError
from core.sandbox import Sandbox
from tests.conftest import ROOT
from tests.trading.engine.sessions import (
    BTC,
    HOUR,
    PLAY,
    Bench,
    Desk,
    Killed,
    dealt,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import BEGIN, SCRIPTED, counter, stack_of
from trading.shell.changed import changed
from trading.shell.engine.paper import Paper
from trading.shell.law.halts import halt_by_person
from trading.shell.law.lock import AlreadyTrading
from trading.shell.law.switch import Word, leave, throw_kill_switch
from trading.shell.ledger.events import Answered, Deposited, Intended
from trading.shell.ledger.postgres import AnotherWriter
from trading.shell.ledger.proof import prove
from trading.shell.venue.orders import Mode, Outcome, Purpose


def entered(session: Paper) -> list[int]:
    """The hours whose entries were written down."""
    return sorted(
        {
            (e.intent.decided_at - BEGIN) // HOUR
            for e in session.journal.events()
            if isinstance(e, Intended) and e.intent.purpose is Purpose.ENTRY
        }
    )


def test_a_process_that_is_killed_is_taken_up_by_another(
    desk: Desk, bench: Bench, tmp_path: Path
) -> None:
    """A true `kill -9`, between an intent and the venue's answer."""
    whole = traded(bench.paper("whole", [market()], settings=settings()))
    arguments = [str(desk.store.settings.root), "main", str(tmp_path), "9"]
    killed = subprocess.run(
        [sys.executable, "-m", "tests.trading.engine.dying", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert 0 < len(desk.journal("main").events()) < 20
    session = traded(desk.paper("main", [market()], settings=settings()))
    wanted, found = (one.engine.broker.books.state for one in (whole, session))
    assert dealt(found.trades) == dealt(wanted.trades)
    assert found.cash == wanted.cash
    assert prove(session.journal.events()) is None


def test_a_session_whose_ledger_another_writes_ends(desk: Desk) -> None:
    """The incident: it took the other's entries for a database that had been away."""
    other = desk.journal("main")

    def withdrawn(time: int) -> None:
        if time == BEGIN + 3 * HOUR:
            other.append([Deposited(Decimal(-3000), time, "by another")])

    session = desk.paper("main", [market()], settings=settings(), mark=withdrawn)
    with pytest.raises(AnotherWriter):
        traded(session)
    assert entered(session) == [2]
    assert desk.journal("main").state.deposits == 7000


def test_a_session_that_is_not_alone_any_more_ends_before_the_next_candle(
    bench: Bench,
) -> None:
    asked = 0

    def alone() -> None:
        nonlocal asked
        asked += 1
        if asked > 5:
            raise AlreadyTrading("paper is traded already")

    session = bench.paper("main", [market()], settings=settings(), alone=alone)
    with pytest.raises(AlreadyTrading):
        traded(session)
    assert session.engine.broker.books.state.curve.at == BEGIN + 5 * HOUR


@pytest.mark.parametrize("dies", [12, 24, 33, 40])
def test_the_days_entries_are_counted_on_after_a_restart(
    bench: Bench, dies: int
) -> None:
    bench.limits = changed(bench.limits, trades_symbol_day=2)
    with pytest.raises(Killed):
        traded(bench.paper("main", [market()], settings=settings(), dies=dies))
    session = traded(bench.paper("main", [market()], settings=settings()))
    assert entered(session) == [2, 8]
    state = session.engine.broker.books.state
    assert state.symbol_trades_today(BTC, BEGIN + 19 * HOUR) == 2
    refused = [one for one in session.engine.signals if not one.acted]
    assert {one.rejected_by for one in refused} <= {"trades_a_day"}


def test_an_entry_that_the_venue_refuses_after_a_restart_leaves_no_closes(
    bench: Bench,
) -> None:
    """It was written down, never sent, and is more than the market takes by then."""
    dies = next(n for n in range(2, 30) if unsent(bench, n))
    session = bench.paper(f"try {dies}", [market()], settings=settings())
    refuse_all(session)
    traded(session)
    state = session.engine.broker.books.state
    assert not state.working
    first = [one for one in state.finished.values() if one.at == BEGIN + 3 * HOUR]
    assert sorted(one.status for one in first) == ["ended", "ended", "refused"]
    assert not state.trades


def test_an_account_keeps_to_the_candles_it_was_opened_on(bench: Bench) -> None:
    candles = market()
    traded(bench.paper("main", [candles], settings=settings()))
    shorter = candles.frame.assign(time=BEGIN + 900 * candles.frame.index)
    quarters = changed(candles, frame=shorter, timeframe="15m")
    with pytest.raises(DataError, match="candles of 3600 s") as caught:
        bench.paper("main", [quarters], settings=settings())
    assert caught.value.field == "timeframe"
    traded(bench.paper("other", [quarters], settings=settings()))


@pytest.mark.parametrize("word", ["", "halt", "resume", "switch", "limits", "late"])
def test_an_entry_that_was_never_sent_is_judged_again_before_it_is(
    bench: Bench, word: str
) -> None:
    """A halt, tighter limits or a newer candle since: it is withdrawn."""
    dies = next(n for n in range(2, 30) if unsent(bench, n))
    name = f"try {dies}"
    ledger = bench.ledgers[name]
    if word in ("halt", "resume"):
        leave(bench.home, Mode.PAPER, Word("halt", "ann", "no", 0))
    if word == "resume":
        ledger.append([halt_by_person(BEGIN + 3 * HOUR, "ann", "no")])
        leave(bench.home, Mode.PAPER, Word("resume", "ann", "looked at it", 1))
    if word == "switch":
        throw_kill_switch(bench.home, "no", Mode.PAPER)
    if word == "limits":
        bench.limits = changed(bench.limits, position_share=Decimal("0.01"))
    if word == "late":  # another candle was played since
        ledger.append([ledger.state.snapshot(BEGIN + 4 * HOUR, {})])
    traded(bench.paper(name, [market(PLAY[:5])], settings=settings()))
    [entry] = [
        one
        for one in (*ledger.state.working.values(), *ledger.state.finished.values())
        if one.is_entry
    ]
    assert bool(entry.filled) is (word in ("", "resume"))
    assert entry.came_to_nothing is (word not in ("", "resume"))


def unsent(bench: Bench, dies: int) -> bool:
    """Whether a session that dies there leaves the first entry written and not sent."""
    name = f"try {dies}"
    with pytest.raises(Killed):
        traded(bench.paper(name, [market()], settings=settings(), dies=dies))
    events = bench.ledgers[name].events()
    written = any(isinstance(one, Intended) for one in events)
    return written and not any(isinstance(one, Answered) for one in events)


@pytest.mark.parametrize("restarts", [False, True])
def test_a_stop_of_an_entry_that_filled_in_part_sells_no_more_than_that_part(
    bench: Bench, tmp_path: Path, restarts: bool
) -> None:
    """A second entry, with a lower stop, is held beside what the first one filled."""
    spec, body = SCRIPTED["script"]
    body = body.replace("(8, 11, 17)", "(6,)").replace(
        "close * 0.98,", "close * (0.98 if step == 2 else 0.9),"
    )
    stays = SCRIPTED["leave"][1].replace("(7, 16)", "()")
    still = SCRIPTED["trail"][1].replace("(3, 5, 12)", "()")
    bench.stack = stack_of(
        tmp_path,
        {
            **SCRIPTED,
            "script": (spec, body),
            "leave": (SCRIPTED["leave"][0], stays),
            "trail": (SCRIPTED["trail"][0], still),
        },
    )
    prices = [*PLAY[:8], (101.4, 101.5, 97, 97.2), (97.2, 97.5, 97, 97.1)]
    if restarts:
        traded(bench.paper("main", [market(prices[:8])], settings=settings()))
    state = traded(
        bench.paper("main", [market(prices)], settings=settings())
    ).engine.broker.books.state
    first, second = (one for one in state.finished.values() if one.is_entry)
    assert first.filled < first.intent.quantity
    held = state.position(BTC)
    assert held is not None
    assert held.quantity == second.filled


def refuse_all(session: Paper) -> None:
    """The venue refuses every entry."""
    venue = session.engine.broker.venue
    matching: Any = venue.matching  # type: ignore[attr-defined]
    place = matching.place

    def refusing(intent: Any) -> Any:
        receipt = place(changed(intent, leverage=intent.leverage * 1000))
        assert receipt.outcome is Outcome.REFUSED
        return receipt

    matching.place = refusing


def test_a_stop_that_rests_nowhere_yet_cannot_be_moved_and_still_fires(
    bench: Bench, tmp_path: Path
) -> None:
    """Half an entry is filled when its stops are moved; the other half fills later."""
    texts = {name: (spec, rewritten(body)) for name, (spec, body) in SCRIPTED.items()}
    bench.stack = stack_of(tmp_path, texts)
    falling = [market([*PLAY[:18], (103.7, 103.8, 101, 101.2)])]
    session = traded(bench.paper("whole", falling, settings=settings()))
    trades = session.engine.broker.books.state.trades
    assert [one.reason for one in trades[-2:]] == ["stop", "stop"]
    assert [float(one.entry_price) // 400 for one in trades[-2:]] == [103, 102]
    assert prove(session.journal.events()) is None
    for dies in range(40, 50, 3):
        with pytest.raises(Killed):
            traded(bench.paper(f"{dies}", falling, settings=settings(), dies=dies))
        again = traded(bench.paper(f"{dies}", falling, settings=settings()))
        assert dealt(again.engine.broker.books.state.trades) == dealt(trades)


def rewritten(body: str) -> str:
    """The play without its last exit and two entries, its stops moved at hour 15.

    The limit lies above the moved stop: else it would be withdrawn as that fires.
    """
    for old, new in (
        ("(7, 16)", "(7,)"),
        ("(3, 5, 12)", "(15,)"),
        ("(8, 11, 17)", "(8,)"),
        ("close * 0.985", "close * 0.99"),
    ):
        body = body.replace(old, new)
    return body


def test_a_trade_is_told_once_however_often_the_process_dies(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    stack = stack_of(tmp_path, {**SCRIPTED, "counter": counter("order")})
    bench = Bench(sandbox, stack, tmp_path)
    whole = traded(bench.paper("whole", [market()], settings=settings()))
    trades = len(whole.engine.broker.books.state.trades)
    writes = len(bench.ledgers["whole"].appends)
    assert trades > 2
    for dies in range(2, writes):
        name = f"dies at {dies}"
        with pytest.raises(Killed):
            traded(bench.paper(name, [market()], settings=settings(), dies=dies))
        again = traded(bench.paper(name, [market()], settings=settings()))
        assert again.run.state[BTC]["closed"] == trades, name
