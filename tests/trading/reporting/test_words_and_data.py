"""The terminal and the JSON document say what the page says; numbers read well."""

import json
import re
from io import StringIO
from math import prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from tests.trading.reporting.conftest import EVIL
from trading.shell.candles import Candles, stamp
from trading.shell.changed import changed
from trading.shell.reporting.cards import cards
from trading.shell.reporting.contributions import contributions
from trading.shell.reporting.data import jsonable, result_data
from trading.shell.reporting.sentences import (
    drought,
    near_rules,
    period,
    unnamed,
    verdict,
)
from trading.shell.reporting.stories import stories
from trading.shell.reporting.studies import (
    Studies,
    sweep_sentences,
    walk_forward_sentences,
)
from trading.shell.reporting.terminal import show_result
from trading.shell.reporting.thinning import bars_of, thinned
from trading.shell.reporting.words import amount_words, flat, plain, title
from trading.shell.statistics.measure import measure
from trading.shell.statistics.monte_carlo import monte_carlo, trade_returns
from trading.shell.statistics.overfitting import outcome
from trading.shell.statistics.sweep import Trial, judged
from trading.shell.statistics.walk_forward import Fold, windows


def printed(result, studied=None) -> str:
    console = Console(file=StringIO(), width=120, color_system=None)
    show_result(console, result, measure(result), studied)
    return console.file.getvalue()


def an_outcome(step: float):
    wave = 0.001 * np.sin(np.arange(200))
    return outcome(100 * np.cumprod(1 + step + wave), 4)


def studied(result) -> Studies:
    folds = [
        Fold(window, {"stop": 2}, an_outcome(0.001), an_outcome(-0.0002))
        for window in windows(1000, train=400, test=200)
    ]
    runs = [Trial({"stop": n}, an_outcome(n / 5000)) for n in range(3)]
    runs.append(Trial({"stop": 9}, None, "no candles"))
    drawn = monte_carlo(trade_returns(result), start=10_000, runs=50)
    return Studies(drawn, folds, judged(runs, earlier_trials=6))


def test_the_terminal_says_every_figure_the_verdict_and_the_warning(session):
    text = printed(session, studied(session))
    metrics = measure(session)
    assert all(title(one.name) in text for one in (*metrics.truths, *metrics.usual))
    assert "A backtest is not profit." in text
    assert "10 trials count, earlier ones included" in text
    assert "50 runs of" in text
    assert "SYNTHETIC" not in text


def test_a_ratio_below_zero_has_the_minus_of_every_other_number(session):
    runs = [Trial({"stop": n}, an_outcome(-n / 5000)) for n in range(3)]
    text = printed(session, Studies(sweep=judged(runs, earlier_trials=0)))
    trials = text.partition("Best trials")[2]
    assert re.search(r"−\d\.\d{4}", trials)
    assert not re.search(r"-\d", trials)


def test_the_terminal_says_why_there_are_no_trades_and_that_it_is_synthetic(dry):
    text = printed(dry)
    assert text.startswith("SYNTHETIC MARKET")
    assert "Most decisions ended at" in text


def test_the_terminal_shows_markup_as_text(evil):
    assert "[red]markup[/red]" in printed(evil)


def test_the_document_is_json_and_holds_the_figures(session):
    data = json.loads(
        json.dumps(result_data(session, None, studied(session)), allow_nan=False)
    )
    assert data["truth"]["trade_count"] == len(data["trades"]) == len(session.trades)
    assert sum(one["net"] for one in data["trades"]) == pytest.approx(
        data["truth"]["net_pnl"]
    )
    assert len(data["truth"]) == 28
    assert data["studies"]["sweep"]["trials"] == 10
    assert data["studies"]["sweep"]["runs"][-1]["error"] == "no candles"
    assert data["warning"].startswith("A backtest is not profit")
    assert " signal, confidence 0.71" in data["trades"][0]["why"]


def test_a_figure_without_a_value_is_null_and_has_its_reason(dry):
    data = result_data(dry)
    assert data["truth"]["win_rate"] is None
    assert data["undefined"]["win_rate"] == "no trade was closed"
    figures = data["truth"] | data["returns"] | data["costs"]
    assert data["undefined"].keys() == {n for n, v in figures.items() if v is None}
    assert data["drought"]


def test_a_long_silence_after_many_trades_is_said_with_what_rejected_since(session):
    assert not drought(session)
    trades = sorted(session.trades, key=lambda one: one.closed_at)
    half = trades[: len(trades) // 2]
    until = half[-1].closed_at
    small = "too small: 0.1, worth 20.00; the market takes 0.2, worth 40.00"
    signals = [
        one
        if one.at < until
        else changed(one, acted=False, rejected_by="size_minimum", reason=small)
        for one in session.signals
    ]
    (said,) = drought(changed(session, trades=half, signals=signals, near={}))[-1:]
    many = sum(one.at > until for one in signals)
    assert said.startswith(f"Last trade on {stamp(until)[:10]}, none in the last ")
    assert said.endswith(
        f"{many} of {many} signals since were rejected by size_minimum ({small})."
    )


def test_one_of_something_is_told_in_the_singular(session):
    one = changed(session, trades=session.trades[:1], signals=session.signals[:1])
    assert "in 1 trade over" in verdict(one, measure(one))
    assert drought(one)[0].startswith("1 closed trade in ")
    assert ": 1 signal, " in drought(one)[0]
    assert "of 1 closed trade, after costs" in [
        card.beside for card in cards(one, measure(one))
    ]
    (said,) = sweep_sentences(judged([Trial({}, None, "no candles")]))[:1]
    assert said == "1 combination was run, 1 failed."


def test_candles_that_name_no_market_are_pointed_out_with_a_remedy(session, bitcoin):
    nameless = changed(session, candles=(changed(bitcoin, symbol="btc"),))
    (line,) = [one for one in printed(nameless).splitlines() if "names no" in one]
    assert line.startswith("btc names no market")
    assert result_data(nameless)["warnings"] == unnamed(nameless)
    assert not unnamed(session)


def test_a_number_that_json_has_not_is_null():
    assert jsonable(
        {"a": [float("nan"), float("inf"), np.float64(1.5), (1, None)]}
    ) == {"a": [None, None, 1.5, [1, None]]}


def test_walk_forward_sentences_multiply_what_was_judged(session):
    folds = studied(session).folds
    grown = prod(1 + fold.judged.growth for fold in folds) - 1
    assert amount_words(grown, "ratio") in walk_forward_sentences(folds)[0]


def test_reasons_that_differ_in_numbers_are_one_rule(session):
    near = {
        "chop: 61.9 is above 61.8": 2,
        "chop: 70 is above 61.8": 3,
        "ema_9 is below ema_21": 4,
    }
    found = near_rules(changed(session, near=near, scans=10))
    assert [(one.rule, one.count, one.share) for one in found] == [
        ("chop: … is above …", 5, 0.5),
        ("ema_9 is below ema_21", 4, 0.4),
    ]


def test_modules_are_told_by_what_they_ended_and_how_they_failed(session):
    counts = {"gate": {"stopped": 2}, "chop": {"stopped": 5}}
    told = changed(session, contributions=counts, failures={"rsi": 7}, scans=20)
    chop, gate, rsi = contributions(told)
    assert (chop.module, chop.share, gate.share) == ("chop", 0.25, 0.1)
    assert (rsi.stopped, rsi.failures) == (0, 7)


def test_an_entry_without_a_reason_is_told_by_what_spoke_for_it(session):
    first = next(one for one in stories(session) if one.trade.side == "short")
    assert first.why.startswith("short signal, confidence 0.71, trend following")
    assert "for it: trend 0.80" in first.why
    other = changed(first.opened_by, values={"is_rising": True, "exit_long": False})
    assert changed(first, opened_by=other).why == "short signal; true: is_rising"
    given = changed(first, opened_by=changed(first.opened_by, reason="it was time"))
    assert given.why == "it was time"
    assert changed(first, opened_by=None).why == "the decision was not kept"


@pytest.mark.parametrize(
    "value, unit, words",
    [
        (-1234.567, "money", "−1,234.57\u00a0USD"),
        (-0.001, "money", "0.00\u00a0USD"),
        (0.1234, "ratio", "12.3\u00a0%"),
        (12.34, "percent", "12.3\u00a0%"),
        (49, "hours", "2.0\u00a0days"),
        (47, "hours", "47.0\u00a0h"),
        (90, "seconds", "1.5\u00a0min"),
        (1234, "count", "1,234"),
        (-2.5, "number", "−2.50"),
    ],
)
def test_amounts_read_well(value, unit, words):
    assert amount_words(value, unit) == words


@settings(max_examples=60)
@given(st.text(alphabet="<>&br/\"' \u202ex", max_size=60))
def test_plain_text_holds_no_markup_of_its_own(text):
    assert not {"<", ">"} & set(plain(text))
    assert not {"<", ">"} & set(plain(text, 20).replace("<br>", ""))
    assert "\u202e" not in plain(text)


def test_settings_are_flattened_to_dotted_names():
    assert flat({"a": {"b": True, "c": [1, 2]}, "d": None}) == {
        "a.b": "yes",
        "a.c": "1, 2",
        "d": "none",
    }


@settings(max_examples=50)
@given(st.lists(st.integers(-99, 99), min_size=1, max_size=300), st.integers(4, 60))
def test_thinning_keeps_the_ends_and_the_extremes(values, most):
    line = np.array(values, float)
    kept = thinned(line, most)
    assert len(kept) <= most
    assert {0, len(line) - 1} <= set(kept.tolist())
    assert line[kept].max() == line.max()
    assert line[kept].min() == line.min()
    assert (np.diff(kept) > 0).all()


@settings(max_examples=40)
@given(first=st.integers(0, 50), count=st.integers(1, 300), most=st.integers(1, 40))
def test_bars_put_together_span_the_same_prices(bitcoin: Candles, first, count, most):
    bars = bars_of(bitcoin, first, first + count, most)
    frame = bitcoin.frame.iloc[first : first + count]
    assert len(bars) <= most
    assert bars.high.max() == frame["high"].max()
    assert bars.low.min() == frame["low"].min()
    assert (bars.open[0], bars.close[-1]) == (
        frame["open"].iloc[0],
        frame["close"].iloc[-1],
    )
    assert (bars.low <= np.minimum(bars.open, bars.close)).all()


def test_markup_reaches_the_document_as_it_is(evil):
    assert result_data(evil)["stack"] == EVIL


def test_what_was_won_and_lost_has_its_currency_beside_counts_of_trades(session):
    shown = {one.title: one.beside for one in cards(session, measure(session))}
    assert re.fullmatch(
        r"[\d,]+\u00a0USD won / [\d,]+\u00a0USD lost", shown["Profit factor"]
    )
    assert "USD" not in shown["Win rate"]


def test_a_report_begins_with_the_first_candle_that_was_decided_on(session, bitcoin):
    first = int(bitcoin.frame["time"].iloc[700])
    later = changed(session, first=first)
    assert period(later).startswith(f"{stamp(first)} to ")
    assert result_data(later)["from"] == first
