"""The venues of backtest and paper: one model, one Protocol, and restarts."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings

from core.errors import DataError
from tests.trading.venue.market import (
    PERP,
    SPOT,
    STEP,
    D,
    candle,
    costs,
    entries_filled,
    fee_table,
    order,
    rules,
)
from tests.trading.venue.test_matching_holds import DEPOSIT, FUNDING, Day, days
from trading.shell.venue import Candle, Venue
from trading.shell.venue.brackets import close_id
from trading.shell.venue.funding import FundingSeries
from trading.shell.venue.orders import (
    Closed,
    Fill,
    OpenOrder,
    Outcome,
    Purpose,
    Receipt,
    VenueEvent,
)
from trading.shell.venue.rules import Rules
from trading.shell.venue.simulated import BacktestVenue, PaperVenue, SimulatedVenue

FLAT = (100, 101, 99, 100)


def usual() -> Rules:
    return rules(
        costs=costs("0.0005", "0.0005", funding=FUNDING),
        fees=fee_table("0.0025", "0.0040"),
    )


async def lived(venue: SimulatedVenue, story: list[Day]) -> list[VenueEvent]:
    """A session over the Protocol's own methods."""
    events: list[VenueEvent] = []
    for placed, bars in story:
        for intent in placed:
            await venue.place(intent)
        for bar in bars:
            venue.begin(bar.symbol, bar.time, bar.open)
        for bar in bars:
            venue.finish(bar)
        events += await venue.events()
    return events


async def state(venue: Venue) -> tuple[Any, ...]:
    return (
        await venue.balances(),
        await venue.positions(),
        await venue.open_orders(),
    )


@settings(max_examples=25, deadline=None)
@given(days())
def test_backtest_and_paper_live_the_same_candles_alike(story: list[Day]) -> None:
    backtest, paper = BacktestVenue(usual(), DEPOSIT), PaperVenue(usual(), DEPOSIT)
    assert asyncio.run(lived(backtest, story)) == asyncio.run(lived(paper, story))
    assert asyncio.run(state(backtest)) == asyncio.run(state(paper))


async def restarted(
    venue: PaperVenue, over: Sequence[Receipt], filled: Sequence[OpenOrder] = ()
) -> PaperVenue:
    """A new venue from what a ledger knows of the old one."""
    again = PaperVenue(usual(), venue.cash)
    again.restore(
        positions=await venue.positions(),
        orders=await venue.open_orders(),
        ended=over,
        filled=filled,
        now=venue.matching.now,
    )
    return again


async def live_with_restarts(story: list[Day]) -> tuple[list[VenueEvent], PaperVenue]:
    """Every candle in a process of its own; every order placed again in each."""
    venue, events, known = PaperVenue(usual(), DEPOSIT), [], []
    for placed, bars in story:
        for intent in known + placed:
            await venue.place(intent)
        known += placed
        events += await lived(venue, [([], bars)])
        resting = {one.intent.id for one in await venue.open_orders()}
        found = [await venue.find(name) for name in _names(known)]
        over = [one for one in found if one is not None and one.id not in resting]
        entries = [
            one for one in entries_filled(known, events) if one.intent.id not in resting
        ]
        venue = await restarted(venue, over, entries)
    return events, venue


def _names(known: list[Any]) -> list[str]:
    closes = [close_id(one.id, part) for one in known for part in ("stop", "target")]
    return [one.id for one in known] + closes


@settings(max_examples=25, deadline=None)
@given(days())
def test_a_restart_after_every_candle_changes_no_fill(story: list[Day]) -> None:
    straight = PaperVenue(usual(), DEPOSIT)
    events = asyncio.run(lived(straight, story))
    again, venue = asyncio.run(live_with_restarts(story))
    assert _traded(events) == _traded(again)
    assert straight.cash == venue.cash
    assert straight.matching.mirror.positions == venue.matching.mirror.positions


def _traded(events: list[VenueEvent]) -> list[VenueEvent]:
    return [one for one in events if not isinstance(one, Closed)]


def test_a_half_written_bracket_is_completed_on_restart() -> None:
    entry = order("limit", price="99.5", stop=95, target=105)
    before = PaperVenue(usual(), D(1000))
    asyncio.run(lived(before, [([entry], [candle(1, FLAT, 4)])]))
    orders = asyncio.run(before.open_orders())
    after = PaperVenue(usual(), before.cash)
    after.restore(
        positions=asyncio.run(before.positions()),
        orders=[one for one in orders if one.intent.id == entry.id],
    )
    closes = asyncio.run(after.open_orders())[1:]
    assert [one.intent.id for one in closes] == [
        close_id("entry", Purpose.STOP),
        close_id("entry", Purpose.TARGET),
    ]
    assert [one.left for one in closes] == [D("0.4")] * 2


def test_a_close_that_was_withdrawn_stays_withdrawn_after_a_restart() -> None:
    entry = order("limit", price="99.5", stop=95, target=105)
    before = PaperVenue(usual(), D(1000))
    asyncio.run(lived(before, [([entry], [candle(1, FLAT, 4)])]))
    target = close_id("entry", Purpose.TARGET)
    asyncio.run(before.cancel(target))
    over = asyncio.run(before.find(target))
    assert over is not None
    after = asyncio.run(restarted(before, [over]))
    resting = [one.intent.id for one in asyncio.run(after.open_orders())]
    assert resting == ["entry", close_id("entry", Purpose.STOP)]
    assert asyncio.run(after.find(target)) == over


def test_a_limit_that_rested_before_a_restart_is_still_a_maker() -> None:
    before = PaperVenue(usual(), D(1000))
    asyncio.run(lived(before, [([order("limit", price=98)], [candle(1, FLAT)])]))
    after = asyncio.run(restarted(before, []))
    found = asyncio.run(lived(after, [([], [candle(2, (95, 96, 94, 95))])]))
    assert [(one.maker, one.price) for one in found if isinstance(one, Fill)] == [
        (True, D(95))
    ]


async def asked(venue: Venue) -> None:
    """Everything that the Protocol has, once."""
    assert set(await venue.instruments()) == {SPOT, PERP}
    assert (await venue.fees(SPOT)).taker == D("0.0040")
    with pytest.raises(DataError, match="no candle"):
        await venue.ticker(SPOT)
    with pytest.raises(DataError, match="no candles"):
        await venue.candles(SPOT, "1h", 5)
    assert (await venue.set_leverage(PERP, D(2))).outcome is Outcome.CONFIRMED
    assert (await venue.place(order())).outcome is Outcome.CONFIRMED
    assert (await venue.find("entry")) is not None
    assert len(await venue.open_orders()) == 1
    assert (await venue.amend("entry", quantity=D(2), trigger=None)).reason == ""
    assert (await venue.cancel("entry")).outcome is Outcome.CONFIRMED
    assert len(await venue.events()) == 1
    assert await venue.events() == []
    assert await venue.positions() == []
    assert await venue.balances() == {"USD": D(1000)}


@pytest.mark.parametrize("kind", [BacktestVenue, PaperVenue])
def test_a_simulated_venue_answers_the_whole_protocol(
    kind: type[SimulatedVenue],
) -> None:
    asyncio.run(asked(kind(usual(), D(1000))))


def test_balances_have_the_margin_in_the_cash_and_name_what_is_held() -> None:
    venue = PaperVenue(rules(), D(1000))
    entries = [order(), order(id="p", symbol=PERP, leverage=2)]
    bars = [candle(1, FLAT), candle(1, FLAT, symbol=PERP)]
    asyncio.run(lived(venue, [(entries, bars)]))
    assert asyncio.run(venue.balances()) == {"USD": D(900), "BTC": D(1)}
    assert venue.cash == D(850)


def test_the_ticker_has_half_the_spread_on_either_side() -> None:
    venue = PaperVenue(rules(costs=costs(spread="0.002")), D(1000))
    venue.begin(SPOT, STEP, 100.0)
    found = asyncio.run(venue.ticker(SPOT))
    assert (found.bid, found.ask, found.at) == (D("99.9"), D("100.1"), STEP)


def test_a_source_gives_the_candles() -> None:
    async def source(symbol: str, timeframe: str, limit: int) -> list[Candle]:
        return [candle(number, FLAT, symbol=symbol) for number in range(limit)]

    venue = PaperVenue(rules(), D(1000), source=source)
    assert len(asyncio.run(venue.candles(SPOT, "1h", 3))) == 3


def test_the_assumptions_tell_the_settings_that_were_used() -> None:
    how = rules(
        costs=costs("0.001", "0.003", participation=D("0.2"), funding=D("0.0001")),
        fees=fee_table("0.0025", "0.0040"),
        derived=(SPOT,),
        finer="1m",
    )
    told = " ".join(BacktestVenue(how, D(1)).assumptions)
    for part in (
        "loses 0.1 % to slippage and half of a spread of 0.3 %",
        "at most 20 % of a candle's volume",
        "Fees on spot: 0.25 % maker, 0.4 % taker, known since 2020-01-01",
        "comes from 1m candles",
        "Nothing is documented of BTC/USD: tick 0.01",
        "maintenance margin of 1 %",
        "No funding series of BTC/USD:USD was given: it is taken as 0.01 % an hour",
    ):
        assert part in told
    series = {PERP: FundingSeries([0], [D(0)])}
    spot = {SPOT: how.instruments[SPOT]}
    assert "hourly from its series" in " ".join(
        PaperVenue(rules(funding=series), D(1)).assumptions
    )
    assert "Perpetuals" not in " ".join(
        PaperVenue(rules(instruments=spot), D(1)).assumptions
    )
