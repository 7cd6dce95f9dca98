"""A weight is justified by answers that were better than the base rate, by nothing else."""

from collections.abc import Callable, Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading.shell.ledger.said import Said
from trading.shell.statistics.calibration import Calibration, calibrate

STEP = 300
Say = Callable[[int, Sequence[float]], str]


def scored(
    prices: Sequence[float], say: Say, *, bars: int = 1, least: int = 30
) -> Calibration:
    rows = [
        Said("BTC/USD", at * STEP, price, say(at, prices))
        for at, price in enumerate(prices)
    ]
    return calibrate(rows, bars=bars, least=least)


def walk(seed: int, count: int, rises: float = 0.5) -> list[float]:
    random, prices = Random(seed), [100.0]
    for _ in range(count):
        prices.append(prices[-1] * (1.01 if random.random() < rises else 0.99))
    return prices


def knows(at: int, prices: Sequence[float]) -> str:
    later = prices[at + 1] if at + 1 < len(prices) else prices[at]
    return "buy" if later > prices[at] else "sell"


def test_who_is_always_right_has_the_whole_weight() -> None:
    found = scored(walk(1, 400), knows)
    assert found.hit_rate == 1
    assert found.draws == 400
    assert found.weight > 0.9
    assert found.brier is not None
    assert found.base_brier is not None
    assert found.brier < 0.05 < found.base_brier


@given(st.integers(0, 10_000))
def test_who_always_says_buy_in_a_rising_market_has_shown_nothing(seed: int) -> None:
    found = scored(walk(seed, 200, rises=0.8), lambda *_: "buy")
    assert found.edge == pytest.approx(0)
    assert found.weight == 0


def test_guesses_are_hardly_ever_given_a_weight() -> None:
    """A one-sided error of 2.5 %, and a better Brier score on top."""
    given_one = 0
    for seed in range(200):
        random = Random(seed + 1000)
        words = [random.choice(("buy", "sell")) for _ in range(101)]
        given_one += scored(walk(seed, 100), lambda at, _, w=words: w[at]).weight > 0
    assert given_one <= 10


def test_a_weight_needs_as_many_answers_as_was_said_and_never_fewer_than_30() -> None:
    found = scored(walk(1, 120), knows, least=150)
    assert (found.weight, found.draws) == (0, 120)
    assert "150 are needed" in found.why
    few = scored(walk(1, 29), knows, least=1)
    assert (few.weight, few.low) == (0, None)
    assert "30 are needed" in few.why


def test_windows_that_overlap_and_markets_of_one_candle_are_one_draw() -> None:
    prices = walk(1, 100)
    rows = [
        Said(symbol, at * STEP, price, "buy")
        for at, price in enumerate(prices)
        for symbol in ("BTC/USD", "ETH/USD")
    ]
    found = calibrate(rows, bars=10, least=30)
    assert (found.answers, found.draws) == (20, 10)


def test_who_waits_or_abstains_is_not_scored() -> None:
    words = ("wait", "nothing", "", "not asked")
    found = scored(walk(1, 99), lambda at, _: words[at % 4])
    assert (found.answers, found.waits, found.abstained) == (0, 25, 25)
    assert (found.weight, found.hit_rate) == (0, None)
    assert calibrate([], bars=1, least=30).weight == 0
