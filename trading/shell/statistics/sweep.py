"""Parameter sweeps: every combination run, every run counted.

The more combinations are tried, the better the best one looks by luck alone; so a sweep
never names a best one without the deflated Sharpe ratio over all its trials.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import product
from math import prod
from typing import Any

from core.errors import AszaError, ConfigError
from trading.shell.statistics.overfitting import (
    Outcome,
    deflated_sharpe,
    different,
    overfitting_probability,
)

MOST = 100_000  # combinations
Parameters = Mapping[str, Any]
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trial:
    """One combination: what it gave, or what went wrong."""

    parameters: Parameters
    outcome: Outcome | None
    error: str = ""


@dataclass(frozen=True)
class Sweep:
    """All trials in the order of the grid, and how far the best may be luck.

    `best` is the trial with the highest Sharpe ratio, None where none has one. `trials`
    counts every one ever made for this choice, earlier sweeps' too. `why` says why there
    is no deflated Sharpe ratio; "" where there is one.
    """

    runs: Sequence[Trial]
    trials: int
    best: Trial | None
    deflated_sharpe: float | None
    overfitting: float | None
    why: str = ""

    @property
    def sharpes(self) -> list[float]:
        """The ratios of the trials that have one."""
        return _sharpes(self.runs)


def parse_range(text: str) -> tuple[str, tuple[Any, ...]]:
    """`name=a:b:step` (b included when a step lands on it) or `name=v1,v2,…`.

    Whole numbers stay integers, other numbers are floats of the exact decimal, true and
    false are flags, anything else is text. Raises ConfigError.
    """
    name, equals, values = text.partition("=")
    if not (name.strip() and equals and values.strip()):
        raise _wrong(text, "is not name=values")
    parts = [part.strip() for part in values.split(":")]
    listed = _steps(text, parts) if len(parts) > 1 else _listed(text, values)
    return name.strip(), listed


def grid(ranges: Sequence[str]) -> list[dict[str, Any]]:
    """Every combination of the ranges, the last one varying fastest; ConfigError."""
    parsed = [parse_range(text) for text in ranges]
    names = [name for name, _ in parsed]
    if len(set(names)) < len(names):
        raise _wrong(", ".join(names), "names one parameter twice")
    combinations = prod(len(values) for _, values in parsed)
    if combinations > MOST:
        raise _wrong(f"{combinations:,}", f"are more than {MOST:,} combinations")
    return [
        dict(zip(names, values, strict=True))
        for values in product(*dict(parsed).values())
    ]


def sweep(
    combinations: Sequence[Parameters],
    backtest: Callable[[Parameters], Outcome],
    executor: Executor,
    *,
    earlier_trials: int = 0,
    earlier_sharpes: Sequence[float] = (),
    on_progress: Progress | None = None,
) -> Sweep:
    """Run every combination through `executor` and judge the best by all of them.

    `earlier_sharpes` are the ratios that the earlier trials left. A run that raises an
    AszaError is a failed trial, and still one.
    """
    futures = [executor.submit(backtest, one) for one in combinations]
    runs: list[Trial] = []
    for parameters, future in zip(combinations, futures, strict=True):
        runs.append(_trial(parameters, future))
        if on_progress is not None:
            on_progress(len(runs), len(futures))
    return judged(runs, earlier_trials, earlier_sharpes)


def judged(
    runs: Sequence[Trial],
    earlier_trials: int = 0,
    earlier_sharpes: Sequence[float] = (),
) -> Sweep:
    """The sweep that these runs are, its best judged by all trials, earlier ones too."""
    outcomes = [one.outcome for one in runs if one.outcome is not None]
    sharpes = [*_sharpes(runs), *earlier_sharpes]
    trials = len(runs) + earlier_trials
    best = max(runs, key=_rank, default=None)
    chosen = best.outcome if best is not None else None
    if chosen is None or chosen.sharpe is None:
        return Sweep(runs, trials, None, None, None, "no trial ever moved its equity")
    why = _unknown(sharpes, trials)
    figure = None if why else deflated_sharpe(chosen, sharpes, trials)
    return Sweep(
        runs=runs,
        trials=trials,
        best=best,
        deflated_sharpe=figure,
        overfitting=overfitting_probability(outcomes),
        why=why or ("" if figure is not None else "its returns have no distribution"),
    )


def _unknown(sharpes: Sequence[float], trials: int) -> str:
    """Why nobody can say what luck would have given; "" where it is known.

    Few ratios of many trials would make luck look small, and the best one good.
    """
    if trials < 2:
        return ""
    if not different(sharpes):
        return f"{trials:,} trials left no two different Sharpe ratios to tell luck by"
    if 2 * len(sharpes) < trials:
        return (
            f"only {len(sharpes):,} of {trials:,} trials left a Sharpe ratio, too few to "
            "tell luck by"
        )
    return ""


def _sharpes(runs: Sequence[Trial]) -> list[float]:
    return [
        one.outcome.sharpe
        for one in runs
        if one.outcome is not None and one.outcome.sharpe is not None
    ]


def _rank(trial: Trial) -> float:
    sharpe = trial.outcome.sharpe if trial.outcome is not None else None
    return float("-inf") if sharpe is None else sharpe


def _trial(parameters: Parameters, future: Future[Outcome]) -> Trial:
    try:
        return Trial(parameters, future.result())
    except AszaError as error:
        return Trial(parameters, None, str(error))


def _steps(text: str, parts: Sequence[str]) -> tuple[Any, ...]:
    if len(parts) != 3:
        raise _wrong(text, "is not start:end:step")
    start, end, step = (_number(text, part) for part in parts)
    if step <= 0 or end < start:
        raise _wrong(text, "has no step above 0 from its start to its end")
    if (end - start) / step >= MOST:
        raise _wrong(text, f"has more than {MOST:,} values")
    count = int((end - start) / step) + 1
    return tuple(_plain(start + step * at) for at in range(count))


def _listed(text: str, values: str) -> tuple[Any, ...]:
    words = [word.strip() for word in values.split(",")]
    if not all(words):
        raise _wrong(text, "has an empty value")
    return tuple(_value(text, word) for word in words)


def _number(text: str, word: str) -> Decimal:
    try:
        number = Decimal(word)
    except InvalidOperation as error:
        raise _wrong(text, f"has {word!r}, which is not a number") from error
    if not number.is_finite() or _is_vast(number):
        raise _wrong(text, f"has {word!r}, which is not a finite number")
    return number


def _is_vast(number: Decimal) -> bool:
    """Whether no float comes near it; nor can its digits be written down."""
    return bool(number) and abs(number.adjusted()) > sys.float_info.max_10_exp


def _value(text: str, word: str) -> Any:
    flags = {"true": True, "false": False}
    if word in flags:
        return flags[word]
    try:
        number = Decimal(word)
    except InvalidOperation:
        return word
    if number.is_finite() and _is_vast(number):
        raise _wrong(text, f"has {word!r}, which is not a finite number")
    return _plain(number) if number.is_finite() else word


def _plain(number: Decimal) -> int | float:
    whole = number == number.to_integral_value() and "." not in f"{number:f}"
    return int(number) if whole else float(number)


def _wrong(text: str, why: str) -> ConfigError:
    return ConfigError(
        f"{text} {why}",
        field="sweep",
        value=text,
        remedy="write --sweep name=10:30:5 or --sweep name=0.5,1,2",
    )
