"""What a model's answers were worth against what the market did next.

An answer is scored once `bars` later: did the price go where it said. It is compared with
the base rate (how often the price rose anyway), so that whoever always says buy in a
rising market has shown nothing. Windows that overlap are not independent, nor are the
markets of one candle: answers of one candle are one draw, and draws do not overlap.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from math import sqrt
from operator import attrgetter
from statistics import NormalDist, mean, stdev

from trading.shell.ledger.said import Said

UP, DOWN = "buy", "sell"
SURE = 0.95  # of the interval, two-sided
FEWEST = 30  # draws below which a normal interval says nothing


@dataclass(frozen=True)
class Calibration:
    """Shares are 0 to 1, None where nothing was scored. `edge` is hits above the base
    rate, `low` to `high` its 95 % interval. `brier` is of the answers as they could be
    used at their time (each word worth what it had been before), `base_brier` of the
    base rate known then. `weight` is what they justify."""

    answers: int
    draws: int
    waits: int
    abstained: int
    hit_rate: float | None
    base_rate: float | None
    edge: float | None
    low: float | None
    high: float | None
    brier: float | None
    base_brier: float | None
    weight: float
    why: str


@dataclass(frozen=True)
class _Scored:
    """An answer, and whether the price rose."""

    at: int
    word: str
    rose: bool

    @property
    def right(self) -> bool:
        return self.rose == (self.word == UP)


def calibrate(rows: Sequence[Said], *, bars: int, least: int) -> Calibration:
    """Score the answers in `rows` (oldest first) over `bars` bars.

    A weight above 0 needs `least` draws (never fewer than 30), an interval of the edge
    that lies above 0, and a better Brier score than the base rate's.
    """
    windows = list(_scored(rows, bars * step_of(rows)))
    draws = list(_draws(windows, bars * step_of(rows)))
    said = [one.word for one in rows]
    waits, abstained = said.count("wait"), said.count("nothing")
    if not draws:
        return _nothing(waits, abstained)
    rose = mean(one.rose for one in windows)
    edges = [mean(one.right - _base(one, rose) for one in draw) for draw in draws]
    flat = [one for draw in draws for one in draw]
    low, high = _interval(edges)
    brier, base_brier = _briers(draws)
    weight, why = _weight(len(draws), max(least, FEWEST), low, brier, base_brier)
    return Calibration(
        answers=len(flat),
        draws=len(draws),
        waits=waits,
        abstained=abstained,
        hit_rate=mean(one.right for one in flat),
        base_rate=mean(_base(one, rose) for one in flat),
        edge=mean(edges),
        low=low,
        high=high,
        brier=brier,
        base_brier=base_brier,
        weight=weight,
        why=why,
    )


def step_of(rows: Sequence[Said]) -> int:
    """Seconds between two candles: the shortest distance there is; 0 for one candle."""
    times = sorted({one.at for one in rows})
    return min((b - a for a, b in pairwise(times)), default=0)


def _scored(rows: Sequence[Said], ahead: int) -> Iterator[_Scored]:
    """Every scan whose price so many seconds later is known and another."""
    prices = {(one.symbol, one.at): one.price for one in rows}
    for one in rows:
        later = prices.get((one.symbol, one.at + ahead))
        if later is not None and later != one.price:
            yield _Scored(one.at, one.word, later > one.price)


def _draws(windows: Sequence[_Scored], ahead: int) -> Iterator[list[_Scored]]:
    """The answers of one candle together, the next no earlier than these are over."""
    told = [one for one in windows if one.word in (UP, DOWN)]
    free = 0
    for at, draw in groupby(told, key=attrgetter("at")):
        if at >= free:
            free = at + ahead
            yield list(draw)


def _base(one: _Scored, rose: float) -> float:
    """How often the same word would have been right at any candle."""
    return rose if one.word == UP else 1 - rose


def _interval(edges: Sequence[float]) -> tuple[float | None, float | None]:
    if len(edges) < FEWEST:
        return None, None
    half = NormalDist().inv_cdf((1 + SURE) / 2) * stdev(edges) / sqrt(len(edges))
    return mean(edges) - half, mean(edges) + half


def _briers(draws: Sequence[Sequence[_Scored]]) -> tuple[float, float]:
    """Mean squared errors of the chance of a rise, by the word said and by the base
    rate; each estimated from earlier draws only (Laplace: one of two to begin with)."""
    seen: dict[str, list[int]] = {UP: [1, 2], DOWN: [1, 2], "": [1, 2]}
    errors: tuple[list[float], list[float]] = ([], [])
    for draw in draws:
        for one in draw:
            for kept, word in zip(errors, (one.word, ""), strict=True):
                kept.append((_share(seen, word) - one.rose) ** 2)
        for one in draw:
            for word in (one.word, ""):
                seen[word][0] += one.rose
                seen[word][1] += 1
    return mean(errors[0]), mean(errors[1])


def _share(seen: Mapping[str, Sequence[int]], word: str) -> float:
    return seen[word][0] / seen[word][1]


def _weight(
    draws: int, least: int, low: float | None, brier: float, base_brier: float
) -> tuple[float, str]:
    """The surest part of the edge, as a share of the most it could be (one half)."""
    if draws < least or low is None:
        return 0.0, f"{draws} independent answers are too few: {least} are needed"
    if low <= 0:
        return 0.0, "not shown to be better than the base rate"
    if brier >= base_brier:
        return 0.0, "its Brier score is no better than the base rate's"
    return round(min(1.0, 2 * low), 2), "better than the base rate, by at least this"


def _nothing(waits: int, abstained: int) -> Calibration:
    none = (None,) * 7
    return Calibration(0, 0, waits, abstained, *none, 0.0, "no answer to score yet")
