"""Live candles that come after their time: asked for again, sold on, not entered on."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

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
from tests.trading.engine.stacks import BEGIN
from tests.trading.engine.test_bad_candles import BOTH, Cut, World, decided, live
from tests.trading.engine.test_halting import hours
from trading.shell.candles import Candles
from trading.shell.engine.feeds import LiveFeed
from trading.shell.law.switch import Word, leave
from trading.shell.ledger.events import Filled, Halted, Intended, LedgerEvent
from trading.shell.ledger.proof import prove
from trading.shell.venue.orders import Mode, Purpose

EVERY = list(range(len(PLAY)))
EVERY_ENTRY = [2, 8, 11, 14, 17]


class Behind(World):
    """Kraken begins a market's candles so many seconds behind our clock, from hour 4, and
    none in the hours in which it `stands` still."""

    behind: Mapping[str, float] = {}
    asked = 0
    stands = range(0)

    def fetch(self) -> list[Candles]:
        self.asked += 1
        return super().fetch()

    def _known(self, one: Candles) -> Candles:
        late = self.behind[one.symbol] if self.time > BEGIN + HOUR * 4 else 0
        moment = self.time - late
        if (moment - BEGIN) // HOUR in self.stands:
            moment = BEGIN + HOUR * self.stands.start
        kept = one.frame["time"] <= moment - HOUR
        return replace(one, frame=one.frame[kept].reset_index(drop=True))


class Waits(dict[int, float]):
    """Seconds from a candle's close until the first market that has it is dealt with."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __call__(self, time: int) -> None:
        self.setdefault(time, self.world.time - time - HOUR)

    @property
    def longest(self) -> float:
        """From hour 5 on."""
        return max(wait for time, wait in self.items() if time > BEGIN + HOUR * 4)


def behind(*candles: Candles, **seconds: float) -> Behind:
    """A world in which BTC and ETH come so late."""
    world = Behind(*candles, hour=1)
    world.behind = {BTC: seconds["btc"], ETH: seconds.get("eth", 0.0)}
    return world


def entries(bench: Bench, symbol: str = BTC) -> list[int]:
    """The hours at whose close an entry was intended."""
    events = bench.ledgers["main"].everything()
    intended = [e for e in events if isinstance(e, Intended)]
    return hours([e for e in intended if e.intent.symbol == symbol], Purpose.ENTRY)


def flatten_at(bench: Bench, hour: int) -> Callable[[int], None]:
    """A person wants out once the candle of that hour is dealt with."""
    bench.home.mkdir(parents=True, exist_ok=True)

    def mark(time: int) -> None:
        if (time - BEGIN) // HOUR == hour:
            leave(bench.home, Mode.PAPER, Word("flatten", "ann", "out", 1))

    return mark


@pytest.mark.parametrize("seconds", [0.5, 3.0, 20.0, 50.0])
def test_a_clock_ahead_of_krakens_costs_no_decision(
    bench: Bench, seconds: float
) -> None:
    plain = live(bench, World(market(), hour=1), "plain")
    session = live(bench, behind(market(), btc=seconds))
    assert decided(bench) == EVERY
    wanted, found = (
        dealt(o.engine.broker.books.state.trades) for o in (plain, session)
    )
    assert found == wanted
    assert bench.said == []


def test_a_clock_too_far_ahead_is_told_once_and_exits_go_on(bench: Bench) -> None:
    session = live(bench, behind(market(), btc=90.0))
    assert entries(bench) == [2]
    trades = session.engine.broker.books.state.trades
    assert [one.reason for one in trades] == ["the play says so"]
    (said,) = bench.said
    assert "BTC/USD: the candle of 2024-01-01 03:00 UTC is here" in said
    assert "60 s allowed: entries wait, exits do not" in said
    assert prove(session.journal.events()) is None


@pytest.mark.parametrize("seconds", [3.0, 90.0, HOUR])
def test_a_flatten_sells_however_late_candles_come(
    bench: Bench, seconds: float
) -> None:
    session = live(bench, behind(market(), btc=seconds), mark=flatten_at(bench, 4))
    state = session.engine.broker.books.state
    assert [one.reason for one in state.trades] == ["halted: flatten"]
    assert (state.trades[0].closed_at - BEGIN) // HOUR == 6
    assert state.position(BTC) is None


def test_a_flatten_in_force_sells_nothing_at_a_price_that_is_past(bench: Bench) -> None:
    """Away from 5 to 8: what was missed is played, and the newest candle sold on."""
    world = World(market(), hour=1)
    world.end = BEGIN + HOUR * 4.5
    live(bench, world, mark=flatten_at(bench, 4))
    session = live(bench, World(market(), hour=8.5))
    (trade,) = session.engine.broker.books.state.trades
    assert (trade.closed_at - BEGIN) // HOUR == 8
    assert trade.reason == "halted: flatten"


@pytest.mark.parametrize(("decided_at", "late"), [(7, 0.4), (8, 0.01)])
def test_an_order_that_was_never_sent_is_sent_where_its_candle_still_allows_it(
    bench: Bench, decided_at: int, late: float
) -> None:
    """It dies between writing down and sending: an exit of 7, an entry of 8."""
    again = _again_after_dying(bench, decided_at, late)
    intended = [e.intent for e in again if isinstance(e, Intended)]
    (mine,) = (
        one
        for one in intended
        if one.decided_at == BEGIN + decided_at * HOUR
        and one.purpose in (Purpose.EXIT, Purpose.ENTRY)
    )
    fills = [e.fill for e in again if isinstance(e, Filled)]
    (fill,) = (one for one in fills if one.order == mine.id)
    assert fill.at == BEGIN + (decided_at + 1) * HOUR
    assert any("settled" in line for line in bench.said)


def test_an_entry_that_was_never_sent_is_withdrawn_a_minute_after_its_candle(
    bench: Bench,
) -> None:
    again = _again_after_dying(bench, 8, 0.02)
    opened = {e.fill.at for e in again if isinstance(e, Filled)}
    assert BEGIN + 9 * HOUR not in opened
    assert any("withdrawn" in line for line in bench.said)


def _again_after_dying(bench: Bench, hour: int, late: float) -> Sequence[LedgerEvent]:
    """What is on record of a session that died deciding on the hour and went on later."""
    world = World(market(), hour=1)
    session = bench.paper(
        "main",
        world.candles,
        feed=world.feed(("close", "time")),
        clock=world.now,
        settings=settings(),
    )
    books = session.engine.broker.books
    books.journal = Cut(books.journal, BEGIN + (hour + 1) * HOUR)
    with pytest.raises(Killed):
        traded(session)
    live(bench, World(market(), hour=hour + 1 + late))
    return bench.ledgers["main"].everything()


@pytest.mark.parametrize(
    ("seconds", "entered"), [(59, EVERY_ENTRY), (61, [11, 14, 17])]
)
def test_a_candle_is_entered_on_for_a_minute_after_its_close(
    bench: Bench, seconds: float, entered: list[int]
) -> None:
    """A session begun so long after the close of hour 8, and not sooner."""
    live(bench, World(market(), hour=9 + seconds / HOUR))
    assert entries(bench) == [one for one in entered if one >= 8]
    assert decided(bench) == EVERY[8:]


def test_markets_wait_for_each_other_half_a_minute_at_most(bench: Bench) -> None:
    for seconds, most in ((0.0, 2), (12.0, 17), (45.0, 32), (300.0, 32)):
        world = behind(market(), market(symbol=ETH, scale=20), btc=1.0, eth=seconds)
        name, waited = f"eth {seconds:g}", Waits(world)
        live(bench, world, name, settings=BOTH, mark=waited)
        assert waited.longest <= most
        assert decided(bench, BTC, name) == EVERY
        assert decided(bench, ETH, name)[:15] == EVERY[:15]


def test_where_kraken_answers_slowly_markets_wait_for_no_second_answer(
    bench: Bench,
) -> None:
    world = behind(market(), market(symbol=ETH, scale=20), btc=1.0, eth=24.0)
    answers = world.fetch

    def slow() -> list[Candles]:
        found = answers()
        world.time += 14
        return found

    world.fetch = slow  # type: ignore[method-assign]
    waited = Waits(world)
    live(bench, world, settings=BOTH, mark=waited)
    assert waited.longest == 16
    assert decided(bench, ETH)[:15] == EVERY[:15]


def test_a_market_that_comes_minutes_late_is_exited_and_not_entered(
    bench: Bench,
) -> None:
    ether = market(symbol=ETH, scale=20)
    world, last = behind(market(), ether, btc=1.0, eth=300.0), dict[int, float]()

    def mark(time: int) -> None:
        last[time] = world.time - time - HOUR

    session = live(bench, world, settings=BOTH, mark=mark)
    assert 300 <= max(last.values()) <= 360
    assert entries(bench, BTC) == EVERY_ENTRY
    assert entries(bench, ETH) == [2]
    mine = [t for t in session.engine.broker.books.state.trades if t.symbol == ETH]
    assert [one.reason for one in mine] == ["the play says so"]
    assert sum("ETH/USD" in line for line in bench.said) == 1


def test_a_candle_that_comes_a_candle_late_is_played_and_not_entered_on(
    bench: Bench,
) -> None:
    """Its order would fill at the open of a candle that is over already."""
    ether = market(symbol=ETH, scale=20)
    world = World(market(), ether, hour=2.5, lag=[ETH])
    session = live(bench, world, settings=BOTH)
    assert entries(bench, ETH) == []
    assert decided(bench, BTC) == EVERY[1:]
    holder = session.engine.broker.books.view.holders[ETH]
    assert holder.time == BEGIN + HOUR * (len(PLAY) - 2)


def test_a_market_that_stands_still_is_not_asked_for_without_end(bench: Bench) -> None:
    """Kraken answers, and has no new candle of any market for ten hours."""
    world = behind(market(), btc=0.0)
    world.stands = range(5, 15)
    live(bench, world)
    assert len(PLAY) < world.asked < 200
    assert decided(bench) == [*range(5), *range(14, len(PLAY))]


def test_candles_that_stand_still_everywhere_are_stale_by_the_clock(
    bench: Bench,
) -> None:
    bench.limits = replace(bench.limits, stale_bars=3)
    world = behind(market(), market(symbol=ETH, scale=20), btc=0.0)
    world.stands = range(5, 15)
    live(bench, world, settings=BOTH)
    halts = [e for e in bench.ledgers["main"].everything() if isinstance(e, Halted)]
    assert [one.cause for one in halts] == ["stale_data", "resumed"]
    assert bench.said[0].startswith("halted: stale_data: the last candle is 4 bars")
    assert decided(bench, ETH)[-6:] == EVERY[-6:]


def test_what_was_missed_is_not_stale_once_it_is_known(bench: Bench) -> None:
    bench.limits = replace(bench.limits, stale_bars=0)
    world = World(market(), hour=1)
    world.end = BEGIN + HOUR * 5
    live(bench, world)
    live(bench, World(market(), hour=16))
    events = bench.ledgers["main"].everything()
    assert not [e for e in events if isinstance(e, Halted)]


def test_a_market_that_gave_nothing_new_is_not_worked_out_again() -> None:
    candles = market()
    feed = LiveFeed(lambda: [candles], (), HOUR, lambda *_: 1.0)
    asyncio.run(feed.prepare())
    (first,) = feed.columns
    asyncio.run(feed.prepare())
    assert len(feed.columns) == 1
    assert feed.columns[0] is first
