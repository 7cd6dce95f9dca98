"""Walk-forward, Monte Carlo and sweeps: what they split, draw, try and count."""

import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, DataError
from tests.trading.made_result import made_result
from tests.trading.made_trades import HOUR, START, trade
from trading.shell.changed import changed
from trading.shell.statistics.monte_carlo import LEVELS, monte_carlo, trade_returns
from trading.shell.statistics.overfitting import outcome
from trading.shell.statistics.sweep import grid, parse_range, sweep
from trading.shell.statistics.walk_forward import efficiency, walk_forward, windows
from trading.shell.synthetic import generate


def line(step: float, bars: int = 200, wave: float = 0.001) -> np.ndarray:
    """Equity that grows by `step` a bar, a little unevenly."""
    noise = wave * np.sin(np.arange(bars) * 1.7)
    return 100 * np.cumprod(1 + step + noise)


def growth(one) -> float:
    return one.growth


@settings(max_examples=60)
@given(st.integers(2, 300), st.integers(1, 60), st.integers(1, 60), st.booleans())
def test_windows_judge_every_bar_once_and_only_after_it_was_chosen_on(
    bars, train, test, anchored
):
    if train + test > bars:
        with pytest.raises(DataError):
            windows(bars, train=train, test=test, anchored=anchored)
        return
    cut = windows(bars, train=train, test=test, anchored=anchored)
    judged = [bar for one in cut for bar in range(*one.test)]
    assert judged == list(range(train, train + len(judged)))
    assert bars - train - len(judged) < test
    assert all(one.train.end == one.test.first for one in cut)
    assert all(one.train.first == 0 for one in cut) or not anchored


def test_walk_forward_judges_what_was_best_before():
    def backtest(span, parameters):
        early = span.first < 40
        good = parameters["kind"] == ("early" if early else "late")
        return outcome(line(0.001 if good else -0.001), 5)

    cut = windows(100, train=20, test=20)
    kinds = [{"kind": "early"}, {"kind": "late"}]
    with ThreadPoolExecutor(2) as executor:
        folds = walk_forward(cut, kinds, backtest, growth, executor)
    assert [fold.parameters["kind"] for fold in folds] == [
        *("early", "early", "late", "late"),
    ]
    assert [fold.judged.growth > 0 for fold in folds] == [True, False, True, True]
    assert 0 < efficiency(folds) < 1


def test_what_grows_alike_when_chosen_and_when_judged_is_wholly_efficient():
    """Though it is chosen on three times as many bars."""

    def backtest(span, _):
        return outcome(line(0.001, bars=span.end - span.first + 1, wave=0), 5)

    with ThreadPoolExecutor(1) as executor:
        cut = windows(600, train=300, test=100)
        folds = walk_forward(cut, [{}], backtest, growth, executor)
    assert efficiency(folds) == pytest.approx(1)


def test_monte_carlo_repeats_by_its_seed_and_not_by_another():
    returns = [0.02, -0.01, 0.03, -0.02, 0.01]
    one, same, other = (
        monte_carlo(returns, start=100, runs=200, seed=seed) for seed in (3, 3, 4)
    )
    assert one.final == same.final
    assert np.array_equal(one.fan, same.fan)
    assert one.final != other.final


def test_a_trade_is_a_share_of_equity_before_the_bar_it_was_opened_in():
    """Finer candles open it inside the bar, at whose close it is in equity already."""
    result = changed(
        made_result([generate(bars=70)]),
        times=START + HOUR * np.arange(4),
        equity=np.array([100.0, 200.0, 400.0, 800.0]),
        trades=[
            trade(10, (2, 3)),
            trade(10, (2, 3), opened_at=START + 2 * HOUR + 900),
            trade(10, (0, 3)),
        ],
    )
    assert trade_returns(result).tolist() == [0.05, 0.05, 0.1]


def test_equal_trades_leave_nothing_to_chance():
    drawn = monte_carlo([0.1, 0.1], start=100, runs=50)
    assert list(drawn.final.values()) == [pytest.approx(121)] * len(LEVELS)
    assert drawn.lost == drawn.worse == max(drawn.drawdown.values()) == 0
    assert drawn.fan[:, 0].tolist() == [100] * len(LEVELS)


def test_the_drawn_median_nears_the_one_that_counting_gives():
    # Two trades of +50 % and -50 %: 2.25, 0.75, 0.75 and 0.25 are equally likely.
    drawn = monte_carlo([0.5, -0.5], start=1, runs=4000)
    assert drawn.final[50] == pytest.approx(0.75)
    assert drawn.lost == pytest.approx(0.75, abs=0.03)
    assert drawn.worse == pytest.approx(0.25, abs=0.03)  # twice down


@settings(max_examples=40)
@given(st.lists(st.floats(-0.9, 2), min_size=1, max_size=20), st.integers(1, 40))
def test_percentiles_rise_and_drawdowns_are_shares(returns, runs):
    drawn = monte_carlo(returns, start=10, runs=runs)
    assert list(drawn.final.values()) == sorted(drawn.final.values())
    assert all(0 <= one <= 1 for one in drawn.drawdown.values())


def test_a_session_without_trades_has_no_monte_carlo():
    with pytest.raises(DataError):
        monte_carlo([], start=100)


@pytest.mark.parametrize(
    "text, values",
    [
        ("a=1:3:1", (1, 2, 3)),
        ("a=0.1:0.35:0.1", (0.1, 0.2, 0.3)),
        ("a=5,x, true,0.5", (5, "x", True, 0.5)),
        ("a=2:2:1", (2,)),
        ("a=-1:1:1", (-1, 0, 1)),
    ],
)
def test_a_range_is_a_list_or_exact_steps(text, values):
    name, found = parse_range(text)
    assert (name, found) == ("a", values)
    assert [type(one) for one in found] == [type(one) for one in values]


@pytest.mark.parametrize(
    "text",
    "a| a=|=1|a=1:2|a=1:2:0|a=2:1:1|a=1:x:1|a=1,,2|a=0:nan:1|a=0:1e9:1|a=1:2:3:4"
    "|a=1e5000,2|a=1:1e5000:1|a=0:1e300:1|a=0:1e9:1e-999999".split("|"),
)
def test_a_range_that_means_nothing_is_refused_with_a_remedy(text):
    with pytest.raises(ConfigError) as refused:
        parse_range(text)
    assert refused.value.remedy


def test_a_grid_has_every_combination_once_and_refuses_too_many():
    combinations = grid(["a=1:3:1", "b=x,y"])
    assert len({tuple(one.items()) for one in combinations}) == 6
    assert combinations[1] == {"a": 1, "b": "y"}
    with pytest.raises(ConfigError, match="100,000"):
        grid(["a=1:1000:1", "b=1:1000:1"])
    with pytest.raises(ConfigError, match="twice"):
        grid(["a=1,2", "a=3"])


def test_a_sweep_counts_every_trial_the_failed_and_the_earlier_ones_too():
    def backtest(parameters):
        if parameters["step"] == 3:
            raise DataError("no candles")
        return outcome(line(parameters["step"] / 1000, wave=0.01), 9)

    heard = []
    with ThreadPoolExecutor(2) as executor:
        swept = sweep(
            grid(["step=0:3:1"]),
            backtest,
            executor,
            earlier_trials=10,
            earlier_sharpes=[-0.2, -0.1, 0.1, 0.2],
            on_progress=lambda done, of: heard.append((done, of)),
        )
    assert swept.trials == 14
    assert swept.best.parameters == {"step": 2}
    assert [bool(one.error) for one in swept.runs] == [False, False, False, True]
    assert heard[-1] == (4, 4)
    assert 0 <= swept.deflated_sharpe <= 1
    assert swept.overfitting == 0  # the best is the best in every half


def test_a_sweep_of_which_nothing_moved_names_no_best():
    flat = outcome(np.full(50, 100.0), 0)
    with ThreadPoolExecutor(1) as executor:
        swept = sweep([{}, {}], lambda _: flat, executor)
    assert swept.best is swept.deflated_sharpe is swept.overfitting is None


def test_an_outcome_is_small_and_crosses_processes():
    kept = pickle.dumps(outcome(line(0.001, bars=100_000), 5))
    assert len(kept) < 2000
    assert pickle.loads(kept).trades == 5
