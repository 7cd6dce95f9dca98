"""Columns say what the indicators say, and take no more room than that."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.reference import reference_task
from core.sandbox import Sandbox
from core.stack import Stack
from tests.trading.engine.stacks import run_of
from trading.shell.engine import columns as columns_file
from trading.shell.engine.backtest import Backtest
from trading.shell.engine.columns import CHUNK, Columns, columns_of
from trading.shell.engine.deciding import names_of
from trading.shell.engine.timeline import READY, timeline, times_of
from trading.shell.indicators import compute
from trading.shell.synthetic import generate

SERIES = (
    *("close", "prior_close", "volume", "prior_volume", "ema_9", "prior_ema_9"),
    *("ema_21", "rsi_14", "prior_rsi_14", "average_volume_20", "macd_signal"),
    *("prior_highest_high_20", "adx_14", "hour", "time"),
)
CANDLES = generate(bars=300)


def named(columns: Columns) -> dict[str, np.ndarray]:
    return dict(zip(columns.names, columns.values, strict=True))


def told(columns: Columns, first: int = 0) -> list[str]:
    return [repr(row) for row in columns.rows(first)]


@settings(max_examples=30)
@given(names=st.sets(st.sampled_from(SERIES), min_size=1))
def test_every_column_is_what_the_indicators_say(names: set[str]) -> None:
    columns = columns_of(CANDLES, names)
    found = named(columns)
    computed = compute([n for n in names if n not in ("hour", "time")], CANDLES.frame)
    for name in map(str, computed):
        np.testing.assert_array_equal(found[name], computed[name])
    missing = computed.isna().any(axis=1)
    np.testing.assert_array_equal(columns.ready, ~missing)
    assert columns.names == tuple(sorted(names))


def test_what_is_kept_between_series_makes_no_difference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = named(columns_of(CANDLES, SERIES))
    monkeypatch.setattr(columns_file, "MOST_BARS", 1)
    for name, column in named(columns_of(CANDLES, SERIES)).items():
        np.testing.assert_array_equal(column, kept[name])


def test_of_very_many_bars_what_is_passed_has_no_values_and_the_rest_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = told(columns_of(CANDLES, SERIES))
    monkeypatch.setattr(columns_file, "MOST_BARS", 1)
    columns = columns_of(CANDLES, SERIES)
    assert told(columns) == rows
    for number in (40, 41, 260):
        columns.pass_by(number)
        assert told(columns, number) == rows[number:]
        passed = islice(columns.rows(), number)
        assert not any(row[READY] for row in passed)


def test_few_bars_are_kept_though_they_are_passed() -> None:
    columns = columns_of(CANDLES, SERIES)
    rows = told(columns)
    columns.pass_by(200)
    assert told(columns) == rows


def test_a_backtest_lets_go_of_its_own_columns_and_finds_the_same(
    monkeypatch: pytest.MonkeyPatch, reference: Stack, sandbox: Sandbox
) -> None:
    markets = [generate(seed=seed, bars=3 * CHUNK) for seed in (1, 2)]
    markets[1] = replace(markets[1], symbol="ETH/USD").since(CHUNK // 2)
    for task in (reference_task(markets[:1]), reference_task(markets)):
        kept = Backtest(run_of(reference, sandbox), task).play()
        monkeypatch.setattr(columns_file, "MOST_BARS", 1)
        backtest = Backtest(run_of(reference, sandbox), task)
        found = backtest.play()
        monkeypatch.undo()
        assert found.trades == kept.trades
        assert len(found.trades) > 10
        np.testing.assert_array_equal(found.equity, kept.equity)
        assert not any(one.ready.any() for one in backtest.columns)


def test_a_backtest_keeps_the_columns_that_it_was_given(
    monkeypatch: pytest.MonkeyPatch, reference: Stack, sandbox: Sandbox
) -> None:
    monkeypatch.setattr(columns_file, "MOST_BARS", 1)
    run, task = run_of(reference, sandbox), reference_task([CANDLES])
    given_ = [columns_of(CANDLES, names_of(run.symbol_names).series)]
    rows = told(given_[0])
    Backtest(run, task, columns=given_).play()
    assert told(given_[0]) == rows


def test_a_field_of_the_candles_is_not_copied_and_a_prior_series_is_a_view() -> None:
    columns = columns_of(CANDLES, {*SERIES} - {"prior_close", "prior_volume"})
    found = named(columns)
    assert np.shares_memory(found["close"], CANDLES.frame["close"].to_numpy())
    assert np.shares_memory(found["volume"], columns.bars[5])
    for name in ("ema_9", "rsi_14"):
        assert np.shares_memory(found[name], found[f"prior_{name}"])


@given(cuts=st.lists(st.integers(0, 250), min_size=1, max_size=3))
def test_the_times_of_markets_are_those_at_which_any_has_a_bar(cuts: list[int]) -> None:
    markets = [columns_of(CANDLES.since(cut), ["close"]) for cut in cuts]
    assert times_of(markets).tolist() == [time for time, _ in timeline(markets)]


def test_the_times_of_one_market_are_its_own() -> None:
    times = times_of([columns_of(CANDLES, ["close"])])
    assert np.shares_memory(times, CANDLES.frame["time"].to_numpy())
