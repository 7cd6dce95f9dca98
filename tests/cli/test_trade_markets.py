"""`asza trade backtest` over several markets: the order they are given in says nothing."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.cli.trading_desk import NAME, TradingDesk, opened
from trading.shell import candle_clock
from trading.shell.synthetic import START, generate

ONE_AT_A_TIME = "--set", "limits.positions=1"
NAMES = "XBTUSD_60.csv", "ETHUSD_60.csv", "SOLUSD_60.csv"


@pytest.fixture
def trade(home: Path, tmp_path: Path) -> Iterator[TradingDesk]:
    with opened(tmp_path / "project", home) as desk:
        yield desk


def markets(trade: TradingDesk) -> list[Path]:
    """Three markets with one market's candles, so that all ask for the same cash."""
    found = [trade.root / name for name in NAMES]
    for file in found:
        file.write_bytes(trade.candles.read_bytes())
    return found


def traded(trade: TradingDesk, files: list[Path]) -> list[dict[str, Any]]:
    """The trades without the name that the session gave each."""
    given = [word for file in files for word in ("--csv", str(file))]
    told = trade("backtest", "--stack", NAME, *given, *ONE_AT_A_TIME)
    return [{k: v for k, v in one.items() if k != "id"} for one in told["trades"]]


def test_the_same_files_in_any_order_give_the_same_result(trade: TradingDesk):
    files = markets(trade)
    first = traded(trade, files)
    assert len(first) > 3
    assert {one["symbol"] for one in first} == {"BTC/USD"}
    assert traded(trade, files[::-1]) == first
    assert traded(trade, [*files[1:], files[0]]) == first


def test_a_single_file_of_no_market_is_of_the_one_that_is_named(trade: TradingDesk):
    named = trade.backtest()
    bare = trade.root / "prices.csv"
    bare.write_bytes(trade.candles.read_bytes())
    given = "backtest", "--stack", NAME, "--csv", str(bare)
    guessed = trade(*given)
    assert guessed["warnings"][0].startswith("prices.csv names no market")
    assert "--symbols BTC/USD" in guessed["warnings"][0]

    told = trade(*given, "--symbols", "BTC/USD")
    assert told["warnings"] == named["warnings"] == []
    results = [[one["net"] for one in each["trades"]] for each in (told, named)]
    assert results[0] == results[1] != []

    other = trade.backtest("--symbols", "ETH/USD", code=10)
    assert "no candles of ETH/USD" in other["message"]


def test_a_single_finer_file_is_of_the_market_that_is_named(trade: TradingDesk):
    """Minutes of no name are used, and those of a market that is not traded refused."""
    minutes = trade.root / "minutes.csv"
    generate(bars=500 * 60, step=60).frame.to_csv(minutes, index=False)
    named = trade.root / "XBTUSD_1.csv"
    named.write_bytes(minutes.read_bytes())
    results = [
        [one["net"] for one in trade.backtest(*given)["trades"]]
        for given in (
            ("--detail", str(named)),
            ("--detail", str(minutes), "--symbols", "BTC/USD"),
        )
    ]
    assert results[0] == results[1] != []

    refused = trade.backtest("--detail", str(minutes), code=10)
    assert refused["field"] == "--detail"
    assert "of minutes.csv, and BTC/USD is traded" in refused["message"]
    assert "--symbols" in refused["remedy"]
    absent = trade.backtest("--detail", str(trade.root / "none.csv"), code=10)
    assert absent["field"] == "--detail"


@pytest.mark.parametrize(("timeframe", "step"), [("1h", 3600), ("15m", 900)])
def test_stored_candles_of_the_future_are_refused(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch, timeframe: str, step: int
):
    """They were stored under another clock; hours are built from what is stored."""
    file = trade.root / "BTCUSD_candles.csv"
    generate(bars=400, step=step).frame.to_csv(file, index=False)
    assert trade.said("data", "import", str(file)).code == 0
    backtest = "backtest", "--stack", NAME, "--symbols", "BTC/USD", "--timeframe", "1h"
    assert trade(*backtest)["candles"]

    last = START + 399 * step
    now = SimpleNamespace(time=lambda: last - 86_400 - 3600)
    monkeypatch.setattr(candle_clock, "time", now)
    told = trade(*backtest, code=10)
    assert (told["field"], "after now" in told["message"]) == ("time", True)
    assert told["where"] == f"stored BTC/USD {timeframe}"
    remedy = f"`asza data remove BTC/USD --timeframe {timeframe}`"
    assert told["remedy"].startswith(remedy)


def test_what_was_imported_is_what_a_bare_backtest_runs_over(trade: TradingDesk):
    """The incident: after an import of one market the shortest command was refused."""
    for name in ("BTCUSD", "ETHUSD"):
        file = trade.root / f"{name}_candles.csv"
        generate(bars=400, step=3600).frame.to_csv(file, index=False)
        assert trade.said("data", "import", str(file)).code == 0
    bare = trade("backtest", "--stack", NAME)
    assert [one.split(" 2024")[0] for one in bare["candles"]] == [
        "BTC/USD 1h: 400 bars",
        "ETH/USD 1h: 400 bars",
    ]
    one = trade("backtest", "--stack", NAME, "--symbols", "ETH/USD")
    assert [each["symbol"] for each in one["trades"][:1]] == ["ETH/USD"]
    told = trade.said("trade", "backtest", "--stack", NAME, "--timeframe", "5m")
    assert told.code == 10
    assert "is stored at 5m" in told.err
    assert "--symbols BTC/USD --timeframe 1h" in told.err


def test_a_session_is_of_one_currency_and_names_it(trade: TradingDesk):
    """Bitcoins and dollars do not add up."""
    coins, dollars = trade.root / "ETHXBT_60.csv", trade.root / "XBTUSDT_60.csv"
    for file in (coins, dollars):
        file.write_bytes(trade.candles.read_bytes())
    of = "--stack", NAME, "--csv"
    assert trade("backtest", *of, coins)["quote"] == "BTC"
    assert trade("backtest", *of, dollars)["quote"] == "USD"
    both = trade.said("trade", "backtest", *of, coins, "--csv", dollars)
    assert both.code == 10
    assert "these markets are in BTC and USD" in both.err


def test_an_account_is_of_the_currency_it_was_opened_in(trade: TradingDesk):
    coins = trade.root / "ETHXBT_60.csv"
    coins.write_bytes(trade.candles.read_bytes())
    of = "paper", "--stack", NAME, "--account", "mine", "--csv"
    trade(*of, trade.candles)
    other = trade.said("trade", *of, coins)
    assert other.code == 10
    assert "account mine is of USD, and these markets are in BTC" in other.err
