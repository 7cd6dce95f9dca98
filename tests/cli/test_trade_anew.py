"""A session that begins anew: no stop signal, market or new version is lost by it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import cli.trade.paper as desk
from cli.context import Context
from cli.output import Output
from cli.trade.desk import Asked, StackGrown, _require_fed, _retry_after, at_work
from cli.trade.sessions import open_whole
from cli.trade.settings import Chosen, choose
from core.errors import DataError
from tests.cli.trading_desk import NAME, TradingDesk
from tests.trading.engine.stacks import MODULES, stack_of
from trading.shell.candle_files import read_all
from trading.shell.fetch import KrakenLockedOut
from trading.shell.market import Market
from trading.shell.synthetic import generate
from trading.shell.venue.orders import Mode

GROWN = "the stack reads weekday from now on"


ODD = """---
name: odd
role: scan
inputs:
  failures_in_hour: {unit: count}
outputs:
  oddly: {unit: flag}
---
Whether modules failed in the last hour, which is told of one that failed, and never here.
"""


def chosen_for(context: Context) -> Chosen:
    whole = open_whole(context, Output(json=False), NAME)
    return choose(whole, Mode.PAPER, ())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_a_session_while_its_stack_grows_stops_it(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
):
    begun = []

    async def grow() -> None:
        os.kill(os.getpid(), number)
        raise StackGrown(SimpleNamespace(), ["weekday"])

    @contextmanager
    def working(*asked: Any) -> Iterator[Any]:
        begun.append(asked)
        engine = SimpleNamespace(broker=SimpleNamespace(books=SimpleNamespace(lost="")))
        yield SimpleNamespace(trade=grow, engine=engine)

    monkeypatch.setattr(desk, "at_work", working)
    monkeypatch.setattr(desk, "Board", lambda *_, **__: nullcontext())
    chosen, market = SimpleNamespace(stack=SimpleNamespace()), SimpleNamespace()
    asked = Asked("paper", None, None, given=True, alone=lambda: None)
    given: Any = (None, Output(json=False), chosen, market, asked)
    desk._to_the_end(*given, plain=True)
    assert len(begun) == 1


def test_a_market_that_gave_no_candle_yet_is_traded_on(trade: TradingDesk):
    """The incident: a stack that grew while Kraken was away left a session of nothing."""
    output = Output(json=False)
    with Context() as context:
        chosen = chosen_for(context)
        market = Market(tuple(read_all([trade.candles])), "as if from Kraken")
        asked = Asked("paper", None, None, given=False, alone=lambda: None)
        working = at_work(context, output, chosen, market, asked)
        session = working.__enter__()
        assert not session.feed.columns
        grown = StackGrown(chosen.stack, ["weekday"])
        assert not working.__exit__(StackGrown, grown, None), "it is raised on"
    assert grown.market.symbols == market.symbols


def test_what_is_made_while_candles_are_asked_for_is_taken_up_at_the_first(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    asked_for = desk._market

    def slowly(*asked: Any, **options: Any) -> Market:
        told = trade.said("ask", "--stack", NAME, "also skip Sundays")
        assert told.code == 0, told.err
        return asked_for(*asked, **options)

    monkeypatch.setattr(desk, "_market", slowly)
    told = trade.paper()
    assert told.code == 0, told.err
    assert told.err.count(GROWN) == 1, told.err
    made = trade("debug", "BTC/USD", "--limit", "1000")["decisions"]
    assert "skip_on_sunday" in {one["ended_by"] for one in made}


def test_what_no_session_can_give_is_no_reason_to_begin_anew(tmp_path: Path):
    """The incident: the session ended where it begins anew, with what it held."""
    odd = ODD, "return {'oddly': failures_in_hour > 0}\n"
    grown = stack_of(tmp_path, {**MODULES, "odd": odd})
    with pytest.raises(DataError, match="failures_in_hour"):
        _require_fed(grown, Market((generate(),), "made up"))
    _require_fed(stack_of(tmp_path, MODULES, "same"), Market((generate(),), "made up"))


def test_a_fill_in_the_candle_in_which_the_stack_grew_is_told(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    times = list[int]()

    class Growing(desk.Board):
        def _mark(self, time: int) -> None:
            super()._mark(time)
            times.append(time)
            if len(times) == 95:  # the stop is hit in the next one
                told = trade.said("ask", "--stack", NAME, "also skip Sundays")
                assert told.code == 0, told.err

    monkeypatch.setattr(desk, "Board", Growing)
    monkeypatch.setattr("cli.keeping.EVERY", 0.0)
    told = trade.paper()
    assert told.err.count(GROWN) == 1, told.err
    closed = told.err.partition(GROWN)[2].partition("closed at")[0]
    assert closed.splitlines()[-1] == "2024-01-04 23:00 BTC/USD long "
    assert "500 candles in this session" in told.out


@pytest.mark.parametrize(
    ("error", "least"), [(KrakenLockedOut("lockout"), 900.0), (DataError("busy"), 30.0)]
)
def test_a_stack_that_grew_while_kraken_is_away_has_nobody_ask_at_once(
    error: DataError, least: float
):
    def grown(*_: object) -> float:
        raise StackGrown(SimpleNamespace(), ["weekday"])

    troubles: Any = SimpleNamespace(retry_after=grown, wait=30.0)
    assert _retry_after(troubles, error, 1, 0.0) == least
