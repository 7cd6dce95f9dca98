"""A generated market, for when there is no real one. It says SYNTHETIC wherever it shows.

Returns are drawn from a two-regime random walk (calm and stormy, each sticky) with a
slow drift that changes sign; volume rises with the size of the move. The same seed gives
the same market, bar for bar. It resembles no market in particular and proves nothing.
"""

from random import Random

from trading.shell.candles import Candles, build

Bar = tuple[float, float, float, float, float]  # open, high, low, close, volume

START = 1_704_067_200  # 2024-01-01 00:00 UTC, an hour that every timeframe divides
STORM = (0.003, 0.010)  # standard deviation of an hourly return: calm, stormy
TURN = 0.01  # chance a bar that the regime, or the drift, turns


def generate(
    *,
    seed: int = 1,
    bars: int = 2000,
    symbol: str = "BTC/USD",
    step: int = 3600,
    price: float = 40_000.0,
) -> Candles:
    """`bars` candles of a generated market, `step` seconds apart, from `price`.

    Raises DataError for fewer than two bars.
    """
    # S311: the draws make a market, they keep no secret
    random = Random(f"{seed} {symbol}")  # noqa: S311
    rows = _walk(random, bars, price)
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


def _walk(random: Random, bars: int, price: float) -> list[Bar]:
    stormy, drift = False, 0.0001
    rows = []
    for _ in range(bars):
        stormy = stormy != (random.random() < TURN)
        drift = -drift if random.random() < TURN else drift
        row = _bar(random, price, drift, STORM[stormy])
        rows.append(row)
        price = row[3]
    return rows


def _bar(random: Random, start: float, drift: float, spread: float) -> Bar:
    """One bar; its close stays between 1 and a million."""
    move = max(-0.2, min(0.2, random.gauss(drift, spread)))
    end = min(1e6, max(1.0, start * (1 + move)))
    high = max(start, end) * (1 + abs(random.gauss(0, spread / 2)))
    low = min(start, end) * (1 - min(0.5, abs(random.gauss(0, spread / 2))))
    volume = random.lognormvariate(3, 0.6) * (1 + abs(move) / spread)
    opened, top, bottom, closed = (round(value, 2) for value in (start, high, low, end))
    return opened, top, bottom, closed, round(volume, 4)
