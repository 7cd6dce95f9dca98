"""Candles that are missing, late, old or too few: no crash, and nothing unprotected."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from core.errors import DataError
from core.sandbox import Sandbox
from core.stack import Stack
from tests.trading.engine.sessions import (
    BTC,
    ETH,
    HOUR,
    PLAY,
    Bench,
    Killed,
    dealt,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import BEGIN, run_of
from trading.shell.candles import Candles
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.feeds import LiveFeed
from trading.shell.engine.kinds import Kind
from trading.shell.engine.paper import Paper
from trading.shell.engine.pause import Stopped
from trading.shell.fetch import KrakenUnavailable
from trading.shell.law.limits import loosest
from trading.shell.law.switch import Word, leave
from trading.shell.ledger.events import (
    Deposited,
    Halted,
    Intended,
    Scanned,
    Snapshot,
)
from trading.shell.ledger.proof import prove
from trading.shell.venue.orders import Mode

BOTH = settings(BTC, ETH)


def hours(candles: Candles, *wanted: int) -> Candles:
    """The candles of these hours only."""
    kept = candles.frame["time"].isin([BEGIN + HOUR * hour for hour in wanted])
    return replace(candles, frame=candles.frame[kept].reset_index(drop=True))


def without(candles: Candles, *missing: int) -> Candles:
    """The candles with a gap at these hours."""
    return hours(candles, *(set(range(len(PLAY))) - set(missing)))


def backtest(stack: Stack, sandbox: Sandbox, *candles: Candles) -> Backtest:
    task = Task(candles, BOTH, loosest(Mode.BACKTEST))
    found = Backtest(run_of(stack, sandbox), task)
    found.play()
    return found


def test_a_gap_is_passed_over_and_what_rests_meets_the_next_candle(
    scripted: Stack, sandbox: Sandbox, bench: Bench
) -> None:
    candles = without(market(), 9, 10, 13)
    test = backtest(scripted, sandbox, candles)
    paper = traded(bench.paper("main", [candles], settings=settings()))
    state = paper.engine.broker.books.state
    assert dealt(state.trades) == dealt(test.journal.state.trades)
    filled = [(one.opened_at - BEGIN) // HOUR for one in state.trades]
    assert filled == [3, 11, 12, 15]  # what was decided at 8 fills at 11's open
    assert prove(paper.journal.events()) is None


def test_a_market_that_begins_later_is_no_trouble(bench: Bench) -> None:
    late = market(PLAY[6:], symbol=BTC, first=6)
    session = traded(
        bench.paper("main", [late, market(symbol=ETH, scale=20)], settings=BOTH)
    )
    symbols = {one.symbol for one in session.engine.broker.books.state.trades}
    assert symbols == {BTC, ETH}


def test_a_market_that_vanishes_keeps_its_stop_and_its_last_price(
    bench: Bench, scripted: Stack, sandbox: Sandbox
) -> None:
    gone = hours(market(symbol=ETH, scale=20), *range(10))
    session = traded(bench.paper("main", [market(), gone], settings=BOTH))
    books = session.engine.broker.books
    held = books.state.position(ETH)
    assert held is not None
    stops = [o for o in books.state.working.values() if o.intent.symbol == ETH]
    assert {one.intent.purpose for one in stops} == {"stop", "target"}
    assert books.marks()[ETH] == held.quantity * 0 + 2058  # 102.9 × 20
    resting = asyncio.run(session.engine.broker.venue.open_orders())
    assert {one.intent.id for one in resting if one.intent.symbol == ETH} == {
        one.intent.id for one in stops
    }
    test = backtest(scripted, sandbox, market(), gone)
    assert dealt(books.state.trades) == dealt(test.journal.state.trades)


@pytest.mark.parametrize("dies", range(3, 60, 8))
def test_two_markets_go_on_after_a_restart(bench: Bench, dies: int) -> None:
    candles = [market(), market(symbol=ETH, scale=20)]
    whole = traded(bench.paper("whole", candles, settings=BOTH))
    with pytest.raises(Killed):
        traded(bench.paper("main", candles, settings=BOTH, dies=dies))
    again = traded(bench.paper("main", candles, settings=BOTH))
    wanted, found = (one.engine.broker.books.state for one in (whole, again))
    assert len(wanted.trades) == 8
    assert dealt(found.trades) == dealt(wanted.trades)
    assert found.cash == wanted.cash


def test_a_restart_without_the_candles_of_what_is_held_is_refused_in_words(
    bench: Bench,
) -> None:
    both = [market(), market(symbol=ETH, scale=20)]
    traded(bench.paper("main", [hours(one, *range(10)) for one in both], settings=BOTH))
    with pytest.raises(DataError, match=r"ETH/USD.*no candles") as refused:
        bench.paper("main", [market()], settings=settings())
    assert "--account" in refused.value.remedy


@pytest.mark.parametrize("last", [3, 9, 15])
def test_a_restart_after_a_pause_longer_than_the_candles_reach_back(
    bench: Bench, last: int
) -> None:
    """What is held or ordered has no candle from before the pause any more."""
    traded(bench.paper("main", [hours(market(), *range(last))], settings=settings()))
    later = market(first=500)
    session = traded(bench.paper("main", [later], settings=settings()))
    assert prove(session.journal.events()) is None
    assert session.engine.broker.books.state.clock == BEGIN + HOUR * (500 + len(PLAY))


def test_too_few_candles_are_refused_in_words(
    reference: Stack, sandbox: Sandbox
) -> None:
    few = hours(market(), *range(10))
    with pytest.raises(DataError, match="too few"):
        backtest(reference, sandbox, few)


class World:
    """A clock and an exchange that live by hours of the play, without waiting.

    `lag` are markets whose newest candle comes one question late.
    """

    def __init__(self, *candles: Candles, hour: float, lag: Sequence[str] = ()) -> None:
        self.candles, self.lag = candles, lag
        self.time = BEGIN + HOUR * hour
        self.failing: list[KrakenUnavailable] = []
        self.waits: list[float] = []
        self.end: float = BEGIN + HOUR * len(PLAY)

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.time += seconds
        if self.time > self.end + HOUR:
            raise Stopped

    def fetch(self) -> list[Candles]:
        if self.failing:
            raise self.failing.pop()
        return [self._known(one) for one in self.candles]

    def _known(self, one: Candles) -> Candles:
        closed = self.time - HOUR * (2 if one.symbol in self.lag else 1)
        kept = one.frame["time"] <= closed
        return replace(one, frame=one.frame[kept].reset_index(drop=True))

    def feed(self, names: Sequence[str] = ()) -> LiveFeed:
        return LiveFeed(
            fetch=self.fetch,
            names=names,
            step=HOUR,
            retry=lambda *_: 30.0,
            now=self.now,
            sleep=self.sleep,
            every=HOUR / 4,
        )


def live(bench: Bench, world: World, name: str = "main", **more: Any) -> Paper:
    names = ("close", "time")
    return traded(
        bench.paper(
            name,
            world.candles,
            feed=world.feed(names),
            clock=world.now,
            **{"settings": settings(), **more},
        )
    )


def decided(bench: Bench, symbol: str = BTC, name: str = "main") -> list[int]:
    """The hours that were decided on."""
    return [
        (e.at - BEGIN) // HOUR
        for e in bench.ledgers[name].everything()
        if isinstance(e, Scanned) and e.symbol == symbol
    ]


def test_live_candles_trade_as_recorded_ones_do(bench: Bench) -> None:
    recorded = traded(bench.paper("recorded", [market()], settings=settings()))
    session = live(bench, World(market(), hour=1))
    assert decided(bench) == list(range(len(PLAY)))
    wanted = recorded.engine.broker.books.state.trades
    assert dealt(session.engine.broker.books.state.trades) == dealt(wanted)


def begun(bench: Bench, world: World, hour: int) -> list[int]:
    """The hours at whose close a session that begins with `hour` marked equity."""
    feed = world.feed(("close", "time"))
    feed.first = BEGIN + HOUR * hour
    session = bench.paper(
        "main", world.candles, feed=feed, clock=world.now, settings=settings()
    )
    events = traded(session).journal.everything()
    (deposit,) = (one for one in events if isinstance(one, Deposited))
    marks = [one.at for one in events if isinstance(one, Snapshot)]
    assert deposit.at == min(marks) - HOUR
    return [(at - BEGIN) // HOUR - 1 for at in marks]


def test_a_new_account_begins_where_it_is_told_and_one_that_goes_on_misses_nothing(
    bench: Bench,
) -> None:
    world = World(market(), hour=9)
    world.end = BEGIN + HOUR * 11
    assert begun(bench, world, 6) == [*range(6, 11)]
    later = World(market(), hour=15)
    assert begun(bench, later, 14) == [*range(6, len(PLAY))]


def test_old_candles_are_played_after_a_restart_and_not_decided_on(
    bench: Bench,
) -> None:
    """Away from 9 to 14: a target was hit, and an entry at 11 was missed for good."""
    world = World(hours(market(), *range(9)), hour=1)
    world.end = BEGIN + HOUR * 8.5
    live(bench, world)
    session = live(bench, World(market(), hour=15))
    assert decided(bench) == [*range(9), *range(14, len(PLAY))]
    trades = session.engine.broker.books.state.trades
    assert [one.reason for one in trades][:2] == ["the play says so", "target"]
    events = bench.ledgers["main"].everything()
    intended = {e.intent.decided_at for e in events if isinstance(e, Intended)}
    assert BEGIN + 11 * HOUR not in intended


class Cut:
    """A journal whose process dies once it has written the intents of a moment down."""

    def __init__(self, inner: Any, moment: int) -> None:
        self.inner, self.moment, self.cut = inner, moment, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def append(self, events: Sequence[Any], states: Any = None) -> None:
        if self.cut:
            raise Killed
        self.inner.append(events, states)
        self.cut = any(isinstance(e, Intended) and e.at == self.moment for e in events)


def test_an_intent_that_was_never_sent_is_withdrawn_when_it_is_old(
    bench: Bench,
) -> None:
    """It dies between writing the entry of hour 8 down and sending it."""
    world = World(market(), hour=1)
    session = bench.paper(
        "main",
        world.candles,
        feed=world.feed(("close", "time")),
        clock=world.now,
        settings=settings(),
    )
    books = session.engine.broker.books
    books.journal = Cut(books.journal, BEGIN + 9 * HOUR)
    with pytest.raises(Killed):
        traded(session)
    session = live(bench, World(market(), hour=15))
    assert any("withdrawn" in line for line in bench.said)
    state = session.engine.broker.books.state
    mine = [o for o in state.finished.values() if o.at == BEGIN + 9 * HOUR]
    assert [one.status for one in mine] == ["ended"] * 3
    assert all(
        one.opened_at < BEGIN + 9 * HOUR or one.opened_at > BEGIN + 14 * HOUR
        for one in state.trades
    )


class Failing(World):
    """A world in which `fails` says by the hour of the play what a question meets."""

    fails: Callable[[float], Sequence[Candles | DataError] | None] = lambda *_: None

    def fetch(self) -> Any:
        found = self.fails((self.time - BEGIN) / HOUR)
        return super().fetch() if found is None else found


def test_while_kraken_is_silent_the_law_is_looked_at_and_words_are_heard(
    bench: Bench,
) -> None:
    world, written = Failing(market(), hour=1), []

    def fails(hour: float) -> None:
        if 9 <= hour < 9.5:
            ledger = bench.ledgers["main"]
            written.append(len(ledger.appends))
            if len(written) == 3:
                word = Word("halt", "ann", "look at this", 1)
                leave(bench.home, Mode.PAPER, word)
            raise KrakenUnavailable("no answer")

    world.fails = fails
    bench.limits = replace(bench.limits, api_seconds=30)
    bench.home.mkdir(parents=True, exist_ok=True)
    live(bench, world)
    halts = [e for e in bench.ledgers["main"].everything() if isinstance(e, Halted)]
    assert [(e.cause, e.at) for e in halts] == [
        ("api_lost", BEGIN + 9 * HOUR - HOUR),
        ("by_person", BEGIN + 9 * HOUR - HOUR),
        ("resumed", BEGIN + 9 * HOUR),
    ]
    assert len(written) > 50
    assert written[-1] - written[0] == 2  # rows for what is new only
    told = [line for line in bench.said if "api_lost" in line]
    assert [line.split(":")[0] for line in told] == ["halted", "no longer halted"]


def test_a_market_that_kraken_no_longer_has_is_said_once_and_stops_no_other(
    bench: Bench,
) -> None:
    ether = market(symbol=ETH, scale=20)
    world = Failing(market(), ether, hour=1)
    gone = DataError("Kraken has no market ETH/USD", field="symbol", value=ETH)
    world.fails = lambda hour: [World.fetch(world)[0], gone] if hour > 10 else None
    bench.limits = replace(bench.limits, stale_bars=3)
    session = live(bench, world, settings=BOTH)
    assert decided(bench, BTC) == list(range(len(PLAY)))
    assert decided(bench, ETH) == list(range(9))
    assert sum("no market ETH/USD" in line for line in bench.said) == 1
    assert "stale_data" in session.engine.broker.books.state.halts


def test_a_market_that_fails_alone_is_asked_again_and_still_decided_on(
    bench: Bench,
) -> None:
    ether = market(symbol=ETH, scale=20)
    world = Failing(market(), ether, hour=1)
    busy = KrakenUnavailable("Kraken did not give candles of ETH/USD")
    world.fails = lambda hour: (
        [World.fetch(world)[0], busy] if hour % 1 < 0.01 else None
    )
    world.time += 60
    live(bench, world, settings=BOTH)
    assert decided(bench, BTC) == decided(bench, ETH) == list(range(len(PLAY)))


def test_kraken_may_fail_and_the_clock_may_jump(bench: Bench) -> None:
    world = World(market(), hour=1)
    world.failing = [KrakenUnavailable("no answer")] * 3
    jumps: list[float] = []

    async def jumping(seconds: float) -> None:
        await world.sleep(seconds)
        if not jumps and world.time > BEGIN + 5 * HOUR:
            jumps.append(world.time)
            world.time -= 2 * HOUR  # candles go on from the newest there was

    feed = world.feed(("close", "time"))
    feed.sleep = jumping
    session = traded(
        bench.paper(
            "main", world.candles, feed=feed, clock=world.now, settings=settings()
        )
    )
    assert world.waits[:3] == [30.0] * 3
    assert decided(bench) == sorted(set(decided(bench)))
    assert prove(session.journal.events()) is None


def test_a_live_market_that_vanishes_halts_entries_and_no_exit(bench: Bench) -> None:
    gone = hours(market(symbol=ETH, scale=20), *range(10))
    bench.limits = replace(bench.limits, stale_bars=3)
    session = live(bench, World(market(), gone, hour=1), settings=BOTH)
    state = session.engine.broker.books.state
    assert "stale_data" in state.halts
    assert state.position(ETH) is not None


def test_an_account_keeps_to_the_kind_of_market_it_was_opened_on(bench: Bench) -> None:
    """A made-up market never takes the place of Kraken's, nor the other way round."""

    def opened(name: str, kind: Kind) -> Paper:
        return bench.paper(name, [market()], settings=settings(), kind=kind)

    others: tuple[Kind, ...] = ("synthetic", "csv")
    traded(opened("main", "kraken"))
    for kind in others:
        with pytest.raises(DataError, match="account main trades Kraken") as refused:
            opened("main", kind)
        assert "--account other" in refused.value.remedy
    opened("main", "kraken")
    traded(opened("synthetic", "synthetic"))
    with pytest.raises(DataError, match="trades a SYNTHETIC market"):
        opened("synthetic", "kraken")


@pytest.mark.parametrize("hour", [3, 9, 11, 14])
def test_a_market_that_lagged_when_the_process_died_loses_no_candle(
    bench: Bench, hour: int
) -> None:
    """It dies once the other market has been decided on, and before this one answers."""
    ether = market(symbol=ETH, scale=20)
    whole = live(bench, World(market(), ether, hour=1), "whole", settings=BOTH)
    world = Failing(market(), ether, hour=1)

    def dying(now: float) -> Sequence[Candles | DataError] | None:
        if now < hour:
            return None
        if now > hour + 0.005:
            raise Killed
        return [World.fetch(world)[0], KrakenUnavailable("no ether")]

    world.fails = dying
    with pytest.raises(Killed):
        live(bench, world, settings=BOTH)
    assert decided(bench, BTC)[-1] == decided(bench, ETH)[-1] + 1
    again = live(bench, World(market(), ether, hour=hour + 0.01), settings=BOTH)
    assert decided(bench, ETH) == decided(bench, BTC) == list(range(len(PLAY)))
    wanted, found = (
        sorted(dealt(one.engine.broker.books.state.trades), key=repr)
        for one in (whole, again)
    )
    assert found == wanted


def test_the_grid_of_a_market_nobody_documented_stays_as_it_was(bench: Bench) -> None:
    """0.1001 and 0.0999 have other ticks and lots; what is held must be sold whole."""
    doge = "DOGE/USD"
    first = market(PLAY[:10], symbol=doge, scale=0.001001)
    begun = traded(bench.paper("main", [first], settings=settings(doge)))
    later = market(PLAY[10:], symbol=doge, scale=0.0009, first=10)
    again = traded(bench.paper("main", [later], settings=settings(doge)))
    other = bench.paper("other", [later], settings=settings(doge))
    kept, taken, fresh = (one.rules.instruments[doge] for one in (begun, again, other))
    assert kept == taken != fresh
    assert again.engine.broker.instruments[doge] == kept
    assert prove(again.journal.events()) is None
