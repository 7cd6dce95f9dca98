"""Proof that an indicator knows nothing of the future, and how long it needs to warm up.

Two things are measured. Prefixes: computed over the first t bars only, every value is
the one computed over all of them. History: computed without the first bars, the values
meet those computed with them; where they first do for good is the measured run-in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.errors import DataError
from trading.shell import series
from trading.shell.candle_checks import PRICES
from trading.shell.candles import Candles
from trading.shell.formulas import DAY
from trading.shell.indicators import compute
from trading.shell.run_in import run_in_of

Formula = Callable[[pd.DataFrame], pd.Series]
Values = NDArray[np.float64]

TOLERANCE = 1e-9  # of the series' own greatest size
FEWEST = 60  # bars below which a certificate would mean nothing


@dataclass(frozen=True, slots=True)
class IndicatorCertificate:
    """What was measured of one indicator over `bars` candles.

    `first` is how many bars come before the first value, `run_in` how many until the
    start of the history no longer matters (None: not within these candles); each beside
    what is declared. `prefixes` were tried. `faults` say why it is not admitted.
    """

    name: str
    bars: int
    prefixes: int
    first: int | None
    declared_first: int
    run_in: int | None
    declared_run_in: int
    faults: tuple[str, ...]

    @property
    def admitted(self) -> bool:
        """Whether the shell may compute it."""
        return not self.faults


def certify(name: str, candles: Candles) -> IndicatorCertificate:
    """The certificate of the series `name`, measured over `candles`.

    Raises DataError for a name that is not computed from candles, or too few bars.
    """
    one = series.require(name)
    declared = one.warm_up, run_in_of(one)
    return certify_formula(
        name, lambda bars: compute([name], bars)[name], candles, *declared
    )


def certify_formula(
    name: str, formula: Formula, candles: Candles, first: int, run_in: int
) -> IndicatorCertificate:
    """The certificate of any formula over bars, declared to have its `first` value after
    that many bars and to be independent of the start after `run_in`."""
    frame = _from_midnight(candles.frame)
    _require_bars(name, frame, candles, first)
    whole = _values(formula, frame)
    found = _first(whole)
    measured = _measured_run_in(formula, frame, whole)
    bars = troubled(frame)
    cuts, ahead = _cuts(bars, first), _looks_ahead(formula, bars, first)
    faults = [f"the value of bar {n} depends on later bars" for n in ahead]
    faults += _undeclared(found, first, measured, run_in)
    return IndicatorCertificate(
        name, len(frame), len(cuts), found, first, measured, run_in, tuple(faults)
    )


def admit(certificate: IndicatorCertificate) -> IndicatorCertificate:
    """The certificate, if it admits its indicator. Raises DataError with what it lacks."""
    if not certificate.admitted:
        raise DataError(
            f"{certificate.name} is not admitted: {'; '.join(certificate.faults)}",
            field=certificate.name,
            remedy="compute each value from the bars up to its own, and declare the "
            "bars it needs",
        )
    return certificate


def troubled(frame: pd.DataFrame) -> pd.DataFrame:
    """The same bars with what hides a look ahead: a stretch in which nothing moves and
    nothing is traded, then prices and volumes far above all before."""
    bars = frame.copy()
    columns = [n for n in (*PRICES, "volume") if n in bars]
    bars[columns] = bars[columns].astype(float)
    still, wild = len(bars) * 2 // 5, len(bars) * 3 // 4
    bars.loc[bars.index[still : still + len(bars) // 5], list(PRICES)] = float(
        bars["close"].iloc[still - 1]
    )
    if "volume" in bars:
        bars.loc[bars.index[still : still + len(bars) // 5], "volume"] = 0.0
    bars.loc[bars.index[wild:], columns] *= 3
    return bars


def _from_midnight(frame: pd.DataFrame) -> pd.DataFrame:
    """From the first UTC midnight on, so that what is anchored to a day has its anchor."""
    midnights = np.flatnonzero(frame["time"].to_numpy() % DAY == 0)
    begin = int(midnights[0]) if len(midnights) else 0
    return frame.iloc[begin:].reset_index(drop=True)


def _require_bars(name: str, frame: pd.DataFrame, candles: Candles, first: int) -> None:
    needed = max(FEWEST, 2 * (first + 1))
    if len(frame) < needed:
        raise DataError(
            f"{len(frame)} bars are too few to certify {name}",
            field=name,
            value=len(frame),
            where=candles.source,
            remedy=f"give at least {needed} bars from a UTC midnight on",
        )


def _values(formula: Formula, frame: pd.DataFrame) -> Values:
    return formula(frame).to_numpy(dtype=float)


def _first(values: Values) -> int | None:
    known = np.flatnonzero(~np.isnan(values))
    return int(known[0]) if len(known) else None


def _cuts(frame: pd.DataFrame, first: int) -> list[int]:
    """Lengths of the prefixes to try: around the first value, in and after a still
    stretch, before the greatest price, and all but the last bar."""
    length = len(frame)
    peak = int(frame["high"].to_numpy().argmax())
    wanted = {first, first + 1, length // 2, length * 3 // 5 + 2, peak, length - 1}
    return sorted(t for t in wanted if 0 < t < length)


def _looks_ahead(formula: Formula, frame: pd.DataFrame, first: int) -> list[int]:
    """The first bar, if any, whose value is another when what follows is not known."""
    whole = _values(formula, frame)
    for t in _cuts(frame, first):
        prefix = _values(formula, frame.iloc[:t])
        apart = _apart(prefix, whole[:t], _size(whole), gaps=True)
        if len(apart):
            return [int(apart[0])]
    return []


def _measured_run_in(
    formula: Formula, frame: pd.DataFrame, whole: Values
) -> int | None:
    """The most bars, over several starts, until the start does not matter."""
    longest = 0
    for start in _starts(frame):
        late = _values(formula, frame.iloc[start:].reset_index(drop=True))
        apart = _apart(late, whole[start:], _size(whole))
        own = int(apart[-1]) + 1 if len(apart) else _first(late) or 0
        if own >= len(late):
            return None
        longest = max(longest, own)
    return longest


def _starts(frame: pd.DataFrame) -> Iterator[int]:
    """Midnights near the beginning, else the first bars."""
    midnights = np.flatnonzero(frame["time"].to_numpy() % DAY == 0)
    early = [int(n) for n in midnights if 0 < n <= len(frame) // 3]
    yield from (
        early[:: max(1, len(early) // 3)] or [len(frame) // 20, len(frame) // 9]
    )


def _size(values: Values) -> float:
    """The greatest size in a series: what a difference is measured against."""
    known = np.abs(values[~np.isnan(values)])
    return max(1.0, float(known.max())) if len(known) else 1.0


def _apart(
    a: Values, b: Values, size: float, *, gaps: bool = False
) -> NDArray[np.intp]:
    """Where two columns differ; with `gaps` also where only one has a value."""
    differ = np.abs(a - b) > TOLERANCE * size
    if gaps:
        differ |= np.isnan(a) != np.isnan(b)
    return np.flatnonzero(differ)


def _undeclared(
    first: int | None, declared_first: int, run_in: int | None, declared: int
) -> Iterator[str]:
    """How what was measured goes against what was declared."""
    if first is None:
        yield "it has no value at all"
    elif first != declared_first:
        yield f"its first value comes after {first} bars, declared are {declared_first}"
    if run_in is not None and run_in > declared:
        yield f"its start matters for {run_in} bars, declared are {declared}"
