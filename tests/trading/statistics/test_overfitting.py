"""The deflated Sharpe ratio and the probability of overfitting: references and rules."""

from itertools import combinations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trading.made_result import made_result
from trading.shell.changed import changed
from trading.shell.reporting.studies import sweep_sentences
from trading.shell.statistics.overfitting import (
    BLOCKS,
    Outcome,
    deflated_sharpe,
    expected_maximum,
    outcome,
    outcome_of,
    overfitting_probability,
    probabilistic_sharpe,
)
from trading.shell.statistics.sweep import Trial, judged
from trading.shell.synthetic import generate


def spread_out(variance: float) -> list[float]:
    """Two ratios with this sample variance."""
    half = sqrt(variance / 2)
    return [-half, half]


def chosen(sharpe: float, skew: float = 0, kurtosis: float = 3) -> Outcome:
    return Outcome(1, 0, 0, 1, sharpe, skew, kurtosis, 1250, np.zeros((BLOCKS, 3)))


def test_the_example_of_the_paper_comes_out():
    # Bailey & López de Prado 2014: five years of 250 days, yearly Sharpe ratio 2.5,
    # skewness -3, kurtosis 10, 100 trials whose yearly ratios have a variance of 1/2.
    sharpes = spread_out(0.5 / 250)
    assert expected_maximum(sharpes, 100) == pytest.approx(0.1132, abs=5e-5)
    best = chosen(2.5 / sqrt(250), -3, 10)
    assert deflated_sharpe(best, sharpes, 100) == pytest.approx(0.9004, abs=5e-5)
    # The paper's other cases: after 46 trials it is 0.9505, and were the returns
    # normal, 88 trials would have given as much.
    assert deflated_sharpe(best, sharpes, 46) == pytest.approx(0.9505, abs=5e-5)
    normal = chosen(2.5 / sqrt(250))
    assert deflated_sharpe(normal, sharpes, 88) == pytest.approx(0.9505, abs=5e-4)


def test_one_trial_is_deflated_by_nothing():
    one = chosen(0.05)
    plain = probabilistic_sharpe(0.05, 0, returns=1250, skew=0, kurtosis=3)
    assert deflated_sharpe(one, [0.05], 1) == plain
    assert plain == pytest.approx(0.9614, abs=5e-4)  # Z(0.05 · √1249 / √1.00125)


@pytest.mark.parametrize("sharpes", [[], [0.05], [0.05, 0.05, 0.05]])
def test_many_trials_whose_spread_is_unknown_are_deflated_by_no_figure(sharpes):
    assert expected_maximum(sharpes, 200) is None
    assert deflated_sharpe(chosen(0.05), sharpes, 200) is None


@settings(max_examples=80)
@given(
    st.floats(-0.3, 0.3),
    st.floats(1e-5, 0.05),
    st.integers(1, 5000),
    st.integers(1, 5000),
)
def test_more_trials_never_make_a_result_more_believable(sharpe, variance, few, extra):
    sharpes = spread_out(variance)
    after_few, after_more = (
        deflated_sharpe(chosen(sharpe), sharpes, trials)
        for trials in (few, few + extra)
    )
    assert 0 <= after_more <= after_few <= 1


@settings(max_examples=60)
@given(st.floats(0.01, 0.3), st.floats(-2, 1))
def test_a_left_tail_makes_a_gain_less_believable(sharpe, skew):
    tailed, even = (
        probabilistic_sharpe(sharpe, 0, returns=200, skew=one, kurtosis=8)
        for one in (skew - 0.5, skew)
    )
    assert tailed <= even


def test_the_shape_of_the_returns_is_measured():
    returns = np.array([0.01, 0.01, 0.01, -0.03] * 50)
    kept = outcome(100 * np.cumprod(np.insert(1 + returns, 0, 1)), 3)
    assert kept.skew == pytest.approx(-1.1547, abs=1e-3)
    assert kept.kurtosis == pytest.approx(7 / 3, abs=1e-3)
    assert kept.returns == 200
    assert kept.blocks[:, 0].sum() == 200
    assert kept.blocks[:, 1].sum() == pytest.approx(returns.sum())


def test_bars_before_a_run_could_trade_are_left_out():
    made = made_result([generate(bars=300)])
    kept = outcome_of(changed(made, first=int(made.times[200])))
    assert kept.returns == 100
    assert kept.growth == made.equity[-1] / made.equity[199] - 1
    assert outcome_of(made).returns == 300 - made.warm_up


def trials(table: np.ndarray) -> list[Outcome]:
    start = np.ones((1, table.shape[1]))
    equity = np.cumprod(np.concatenate([start, 1 + table]), axis=0)
    return [outcome(column, 1) for column in equity.T]


def test_the_probability_is_the_one_that_the_definition_gives():
    table = np.random.default_rng(5).normal(0, 0.01, (BLOCKS * 4, 5))
    parts = table.reshape(BLOCKS, 4, 5)
    inside = np.array(list(combinations(range(BLOCKS), BLOCKS // 2)))
    outside = inside[::-1]  # the complement of the n-th choice is the n-th last

    def ratios(chosen: np.ndarray) -> np.ndarray:
        rows = parts[chosen].reshape(len(chosen), -1, 5)
        return rows.mean(axis=1) / rows.std(axis=1, ddof=1)

    best, judged = ratios(inside).argmax(axis=1), ratios(outside)
    rank = (judged <= judged[np.arange(len(best)), best][:, None]).sum(axis=1)
    expected = (rank / 6 <= 0.5).mean()
    assert overfitting_probability(trials(table)) == pytest.approx(expected, abs=2e-4)


def test_a_trial_better_at_all_times_is_not_overfitted():
    noise = np.random.default_rng(1).normal(0, 0.001, (320, 4))
    noise[:, 3] += 0.01
    assert overfitting_probability(trials(noise)) == 0


def test_what_paid_in_one_half_and_cost_in_the_other_is_overfitted():
    table = np.random.default_rng(1).normal(0, 0.001, (BLOCKS * 20, BLOCKS))
    for part in range(BLOCKS):  # each trial shines in one part and sinks in the next
        table[part * 20 : part * 20 + 20, part] += 0.01
        after = (part + 1) % BLOCKS
        table[after * 20 : after * 20 + 20, part] -= 0.01
    assert overfitting_probability(trials(table)) > 0.9


def test_too_few_trials_or_bars_have_no_probability():
    assert overfitting_probability(trials(np.zeros((320, 1)))) is None
    assert overfitting_probability(trials(np.ones((20, 3)) * 0.01)) is None


def worthless(count: int) -> list[Trial]:
    """Strategies whose every gain is luck."""
    noise = np.random.default_rng(3).normal(0, 0.01, (2000, count))
    return [Trial({"n": n}, one) for n, one in enumerate(trials(noise))]


def test_the_best_of_many_worthless_ones_is_as_lucky_swept_again_alone():
    runs = worthless(200)
    whole = judged(runs)
    others = [one.outcome.sharpe for one in runs if one is not whole.best]
    alone = judged([whole.best], 199, others)
    twice = judged([whole.best, whole.best], 199, others)
    assert whole.deflated_sharpe < 0.95
    assert alone.deflated_sharpe == pytest.approx(whole.deflated_sharpe)
    assert twice.deflated_sharpe < 0.95


@settings(max_examples=60)
@given(st.integers(1, 5), st.integers(0, 400), st.data())
def test_a_figure_needs_the_ratios_of_most_trials_and_says_so_without(few, more, data):
    runs = worthless(5)[:few]
    known = data.draw(st.lists(st.floats(-0.1, 0.1), max_size=more))
    swept = judged(runs, more, known)
    ratios = {*swept.sharpes, *known}
    enough = 2 * (few + len(known)) >= few + more and len(ratios) > 1
    assert (swept.deflated_sharpe is not None) == (enough or few + more == 1)
    assert bool(swept.why) == (swept.deflated_sharpe is None)


def test_a_report_says_why_a_best_trial_has_no_figure():
    said = " ".join(sweep_sentences(judged(worthless(1), 199)))
    assert "no deflated Sharpe ratio: 200 trials left no two different" in said
    assert "Luck is not ruled out" in said
