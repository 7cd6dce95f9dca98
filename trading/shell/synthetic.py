"""A generated market, for when there is no real one. It says SYNTHETIC wherever it shows.

Returns are drawn from a two-regime random walk (calm and stormy, each sticky) with a
slow drift that changes sign; volume rises with the size of the move. The same seed gives
the same market, bar for bar. It begins at a price of its market's own size, so that least
orders and ticks weigh what they do there; else it resembles no market, and proves nothing.
"""

from math import floor, log10
from random import Random

from trading.shell.candles import Candles, build

Bar = tuple[float, float, float, float, float]  # open, high, low, close, volume

START = 1_704_067_200  # 2024-01-01 00:00 UTC, an hour that every timeframe divides
STORM = (0.003, 0.010)  # standard deviation of an hourly return: calm, stormy
TURN = 0.01  # chance a bar that the regime, or the drift, turns

PRICES = {  # dollars, about what one was worth at START
    "BTC": 40_000.0,
    "ETH": 2_300.0,
    "SOL": 100.0,
    "LTC": 70.0,
    "XRP": 0.6,
    "ADA": 0.6,
    "DOGE": 0.08,
}
USUAL = 10.0  # dollars, of a coin that is not named
DIGITS = 5  # significant ones of a price, and two decimals at least
HIGHEST = 1e6
TURNOVER = PRICES["BTC"]  # dollars: a bar's volume is worth some twenty times that


def generate(
    *,
    seed: int = 1,
    bars: int = 2000,
    symbol: str = "BTC/USD",
    step: int = 3600,
    price: float | None = None,
) -> Candles:
    """`bars` candles of a generated market, `step` seconds apart, from `price`: without
    one, from what a coin of the symbol is about worth.

    Raises DataError for fewer than two bars.
    """
    # S311: the draws make a market, they keep no secret
    random = Random(f"{seed} {symbol}")  # noqa: S311
    start = usual_price(symbol) if price is None else price
    rows = _walk(random, bars, start, TURNOVER / (start * _quote(symbol)))
    times = [START + step * bar for bar in range(len(rows))]
    fields = zip(*rows, strict=True) if rows else ((),) * 5
    names = ("open", "high", "low", "close", "volume")
    columns = {"time": times, **dict(zip(names, map(list, fields), strict=True))}
    return build(
        columns,
        symbol=symbol,
        source=f"synthetic market, seed {seed}",
        where=lambda row: f"synthetic bar {row}",
        synthetic=True,
    )


def usual_price(symbol: str) -> float:
    """About what one of the symbol's base is worth in its quote; a coin is worth USUAL
    dollars where nobody said, and money one."""
    return PRICES.get(symbol.partition("/")[0], USUAL) / _quote(symbol)


def _quote(symbol: str) -> float:
    """Dollars that one of the symbol's quote is worth."""
    return PRICES.get(symbol.partition("/")[2].partition(":")[0], 1.0)


def decimals(price: float) -> int:
    """The decimals of a market that begins at `price`: 2 at 40,000, 6 at 0.08."""
    return max(2, DIGITS - 1 - floor(log10(price)))


def _walk(random: Random, bars: int, price: float, coins: float) -> list[Bar]:
    stormy, drift = False, 0.0001
    places = decimals(price)
    rows = []
    for _ in range(bars):
        stormy = stormy != (random.random() < TURN)
        drift = -drift if random.random() < TURN else drift
        row = _bar(random, price, drift, STORM[stormy], places, coins)
        rows.append(row)
        price = row[3]
    return rows


def _bar(
    random: Random, start: float, drift: float, spread: float, places: int, coins: float
) -> Bar:
    """One bar; its close stays between 100 steps of the last decimal and a million."""
    move = max(-0.2, min(0.2, random.gauss(drift, spread)))
    end = min(HIGHEST, max(10.0 ** (2 - places), start * (1 + move)))
    high = max(start, end) * (1 + abs(random.gauss(0, spread / 2)))
    low = min(start, end) * (1 - min(0.5, abs(random.gauss(0, spread / 2))))
    volume = coins * random.lognormvariate(3, 0.6) * (1 + abs(move) / spread)
    opened, top, bottom, closed = (
        round(value, places) for value in (start, high, low, end)
    )
    return opened, top, bottom, closed, round(volume, 4)
