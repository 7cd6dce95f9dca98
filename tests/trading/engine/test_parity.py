"""Paper trading comes to what a backtest comes to, however often it dies on the way."""

from itertools import count

from core.sandbox import Sandbox
from core.store import Runs
from tests.trading.engine.sessions import (
    HOUR,
    Bench,
    Desk,
    Killed,
    Lasting,
    curve_of,
    dealt,
    fills_of,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import run_of
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.law.limits import loosest
from trading.shell.ledger import Journal
from trading.shell.ledger.events import Scanned, Signalled
from trading.shell.ledger.proof import prove
from trading.shell.ledger.reading import Reading
from trading.shell.ledger.told import Which
from trading.shell.venue.orders import Mode

ALL = Which(limit=100)


def left_by(journal: Journal) -> dict[str, object]:
    """What a session left in its ledger: money, trades, fills, equity and orders."""
    events, state = journal.events(), journal.state
    assert prove(events) is None
    return {
        "trades": dealt(state.trades),
        "fills": fills_of(events),
        "curve": curve_of(events),
        "cash": state.cash,
        "orders": sorted(
            (one.intent.decided_at, one.intent.purpose, one.status, one.filled)
            for one in (*state.working.values(), *state.finished.values())
        ),
    }


def told_by(ledger: Lasting) -> list[object]:
    """Scans and signals, and what the modules keep. A stop that had been moved before
    the process died is moved already when its candle is decided on again."""
    rows = [
        (one.at, one.action.replace("amend", "none"), getattr(one, "acted", None))
        for one in ledger.everything()
        if isinstance(one, Scanned | Signalled)
    ]
    return [sorted(rows, key=repr), ledger.states]


def test_paper_trades_what_a_backtest_trades(desk: Desk, sandbox: Sandbox) -> None:
    candles = market()
    task = Task((candles,), settings(), loosest(Mode.BACKTEST))
    test = Backtest(run_of(desk.stack, sandbox), task)
    result = test.play()
    paper = traded(desk.paper("whole", [candles], settings=settings()))
    found = left_by(paper.journal)
    assert len(result.trades) == 4
    assert found["trades"] == dealt(result.trades)
    assert found["fills"] == fills_of(test.journal.everything())
    times, equity = (result.times + HOUR).tolist(), result.equity.tolist()
    assert found["curve"] == list(zip(times, equity, strict=True))


def test_a_session_that_dies_before_any_append_goes_on_as_if_it_had_not(
    bench: Bench,
) -> None:
    candles = [market()]
    traded(bench.paper("main", candles, settings=settings()))
    whole = bench.ledgers["main"]
    wanted = (left_by(whole), told_by(whole))
    assert len(whole.appends) > 60
    for number in range(len(whole.appends)):
        left = bench.ledgers["main"] = whole.until(number)
        traded(bench.paper("main", candles, settings=settings()))
        assert (left_by(left), told_by(left)) == wanted, f"{number} appends"


def test_a_session_in_the_database_survives_dying_again_and_again(
    desk: Desk, bench: Bench
) -> None:
    candles = [market()]
    traded(bench.paper("whole", candles, settings=settings()))
    wanted = left_by(bench.ledgers["whole"])
    other = [candles[0].since(17)]
    traded(desk.paper("other", other, settings=settings()))  # keeps its own state
    for life in count():
        session = desk.paper("mortal", candles, settings=settings(), dies=2 + life % 7)
        try:
            traded(session)
            break
        except Killed:
            continue
    assert life > 10
    assert left_by(desk.journal("mortal")) == wanted
    reading = Reading(desk.store, session.account)
    assert len(reading.scans(ALL)) == len(candles[0])
    assert len(reading.signals(ALL)) == 5
    state = Runs(desk.store).state(desk.stack.name, session.account.keeps)
    assert state == {"BTC/USD": {"count": len(candles[0])}}
