"""How far something long is, said where no bar can be drawn."""

from collections.abc import Iterator

from cli.trade.progress import EVERY, FIRST, lines
from tests.cli.trading_desk import NAME, TradingDesk


def test_a_pipe_hears_at_times_how_much_is_done_and_how_long_the_rest_takes():
    said: list[str] = []
    times: Iterator[float] = iter(
        (0, FIRST - 1, FIRST, FIRST + 1, FIRST + EVERY, FIRST + 2 * EVERY)
    )
    moved = lines(said.append, "combinations", lambda: next(times))
    for done in (1, 2, 3, 70, 100):
        moved(done, 100)
    assert said == [
        "combinations: 2 of 100",
        "combinations: 70 of 100, about 15.0\u00a0s left",
    ]


def test_a_sweep_says_how_much_will_run_before_the_first(trade: TradingDesk):
    given = "backtest", "--stack", NAME, "--csv", str(trade.candles), "--jobs", "1"
    swept = trade.said("trade", *given, "--sweep", "rsi_limit=30,40")
    assert "2 combinations will run over 500 bars each, on 1 process" in swept.err
    assert "combination" not in trade.said("trade", *given).err
