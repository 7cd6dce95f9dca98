"""Reference values of indicators, by TA-Lib, beside the candles they are of.

`reference_vectors.json.gz` was written by this file run as a program, in a virtual
environment of its own that holds TA-Lib 0.8.2 (C library 0.8.1) and numpy and nothing of
this project:

    python -m venv /tmp/talib && /tmp/talib/bin/pip install TA-Lib==0.8.2
    /tmp/talib/bin/python tests/trading/shell/reference_vectors.py

The candles are a seeded walk of 700 hours from a UTC midnight. Of every series each
eleventh bar and the last ten are kept, to 13 digits.
"""

import gzip
import json
import math
from pathlib import Path
from random import Random
from typing import Any

FILE = Path(__file__).with_name("reference_vectors.json.gz")
BARS = 700


def load() -> dict[str, Any]:
    """`candles` (column -> values), `series` (name -> [[bar, value], …]) and `by`."""
    told: dict[str, Any] = json.loads(gzip.decompress(FILE.read_bytes()))
    return told


def walk() -> dict[str, list[float]]:
    """The candles: closes walk, ranges and volumes vary, bars open at the last close."""
    random = Random(20_240_101)
    rows, price = [], 40_000.0
    for bar in range(BARS):
        calm = 0.003 if bar // 90 % 2 else 0.009
        close = price * math.exp((random.random() - 0.5) * 4 * calm)
        high = max(price, close) * (1 + random.random() * calm)
        low = min(price, close) * (1 - random.random() * calm)
        volume = 5 + 40 * random.random() ** 3
        rows.append([round(x, 2) for x in (price, high, low, close, volume)])
        price = rows[-1][3]
    names = ("open", "high", "low", "close", "volume")
    times = [1_704_067_200 + 3600 * bar for bar in range(BARS)]
    return {
        "time": times,
        **dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)),
    }


def references(candles: dict[str, list[float]]) -> dict[str, Any]:
    """Each name of ours by TA-Lib's own functions."""
    import numpy as np
    import talib as t

    h, low, c, v = (
        np.array(candles[name]) for name in ("high", "low", "close", "volume")
    )
    typical = t.TYPPRICE(h, low, c)
    changes = t.ROC(c, 1)
    found: dict[str, Any] = {}
    for n in (5, 14, 20, 25):
        found[f"sma_{n}"] = t.SMA(c, n)
        found[f"ema_{n}"] = t.EMA(c, n)
        found[f"wma_{n}"] = t.WMA(c, n)
        found[f"rsi_{n}"] = t.RSI(c, n)
        found[f"atr_{n}"] = t.ATR(h, low, c, n)
        found[f"highest_high_{n}"] = t.MAX(h, n)
        found[f"lowest_low_{n}"] = t.MIN(low, n)
    for n in (14, 25):
        found[f"aroon_down_{n}"], found[f"aroon_up_{n}"] = t.AROON(h, low, n)
        found[f"mfi_{n}"] = t.MFI(h, low, c, v, n)
        found[f"cci_{n}"] = t.CCI(h, low, c, n)
        found[f"williams_{n}"] = t.WILLR(h, low, c, n)
        found[f"roc_{n}"] = t.ROC(c, n)
        found[f"adx_{n}"] = t.ADX(h, low, c, n)
        found[f"plus_di_{n}"] = t.PLUS_DI(h, low, c, n)
        found[f"minus_di_{n}"] = t.MINUS_DI(h, low, c, n)
        found[f"atr_percent_{n}"] = t.NATR(h, low, c, n)
        found[f"stoch_{n}"], found[f"stoch_signal_{n}"] = t.STOCHF(h, low, c, n, 3)
        spread = t.STDDEV(changes, n) * math.sqrt(n / (n - 1))
        found[f"volatility_{n}"] = spread
        found[f"vwap_{n}"] = t.SUM(typical * v, n) / t.SUM(v, n)
        path = t.SUM(t.TRANGE(h, low, c)[1:], n) / (t.MAX(h, n) - t.MIN(low, n))[1:]
        found[f"chop_{n}"] = np.r_[np.nan, 100 * np.log10(path) / math.log10(n)]
        found[f"average_volume_{n}"] = t.SMA(v, n)
        found[f"volume_ratio_{n}"] = v / np.r_[np.nan, t.SMA(v, n)[:-1]]
        found[f"prior_sma_{n}"] = np.r_[np.nan, t.SMA(c, n)[:-1]]
        found[f"change_close_{n}"] = t.ROC(c, n)
    upper, middle, lower = t.BBANDS(c, 20, 2, 2)
    found |= {"bb_upper_20": upper, "bb_middle_20": middle, "bb_lower_20": lower}
    found["bb_width_20"] = 100 * (upper - lower) / middle
    found["bb_upper_20_25"], _, found["bb_lower_20_25"] = t.BBANDS(c, 20, 2.5, 2.5)
    found["keltner_upper_20"] = t.EMA(c, 20) + 2 * t.ATR(h, low, c, 10)
    found["keltner_lower_20"] = t.EMA(c, 20) - 2 * t.ATR(h, low, c, 10)
    for end, numbers in (("", (12, 26, 9)), ("_8_21_5", (8, 21, 5))):
        readings = t.MACD(c, *numbers)
        for word, values in zip(("", "_signal", "_histogram"), readings, strict=True):
            found[f"macd{word}{end}"] = values
    return found


def kept(values: Any) -> list[list[float]]:
    """Each eleventh bar that has a value, and the last ten."""
    bars = [*range(0, BARS - 10, 11), *range(BARS - 10, BARS)]
    return [
        [bar, float(f"{values[bar]:.13g}")]
        for bar in bars
        if not math.isnan(values[bar])
    ]


def main() -> None:
    """Write the file."""
    import talib

    candles = walk()
    told = {
        "by": f"TA-Lib {talib.__version__}, C {talib.__ta_version__.decode().split()[0]}",
        "candles": candles,
        "series": {n: kept(values) for n, values in references(candles).items()},
    }
    FILE.write_bytes(gzip.compress(json.dumps(told).encode(), mtime=0))


if __name__ == "__main__":
    main()
