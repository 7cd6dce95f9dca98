"""Which candles a run uses: given files, else Kraken, else a synthetic market. And why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.errors import DataError
from trading.shell.candle_files import read_all
from trading.shell.candle_refusals import given_by
from trading.shell.candles import Candles, require_usable, seconds_of
from trading.shell.fetch import KRAKEN, KrakenUnavailable, fetch
from trading.shell.synthetic import generate


@dataclass(frozen=True)
class Market:
    """Candles of one or more symbols, and in one sentence why these.

    Those that opened before the UTC second `first` are only known, not gone through.
    """

    candles: tuple[Candles, ...]
    reason: str
    first: int = 0

    @property
    def synthetic(self) -> bool:
        return any(one.synthetic for one in self.candles)

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(one.symbol for one in self.candles)

    def describe(self) -> list[str]:
        """The reason and one line a symbol."""
        return [self.reason, *(one.describe() for one in self.candles)]


def choose(
    data: Sequence[Path] = (),
    *,
    option: str = "--csv",
    names: Iterable[str] = (),
    symbols: Sequence[str] = ("BTC/USD",),
    timeframe: str = "1h",
    url: str = KRAKEN,
    offline: bool = False,
    seed: int = 1,
) -> Market:
    """The market for a run of a stack that reads the series `names`.

    Files in `data` (folders allowed), given by `option`, are used or refused, never
    replaced by something else. Without them Kraken is asked; only when it is unavailable, or `offline` is
    set, is a market generated. Raises DataError for bad files, for a market that Kraken
    does not have, and for candles too few for `names`.
    """
    market = (
        _given(data, option) if data else _found(symbols, timeframe, url, offline, seed)
    )
    wanted = list(names)
    for one in market.candles:
        require_usable(one, wanted)
    _require_one_timeframe(market)
    return market


def _given(data: Sequence[Path], option: str) -> Market:
    with given_by(option):
        candles = tuple(read_all(data))
    files = ", ".join(path.name or str(path) for path in data)
    return Market(candles, f"candles from {files}, as asked")


def _found(
    symbols: Sequence[str], timeframe: str, url: str, offline: bool, seed: int
) -> Market:
    def generated(why: str) -> Market:
        return _generated(symbols, timeframe, seed, f"no candles were given{why}")

    if offline:
        return generated(" and offline was asked")
    try:
        candles = tuple(fetch(symbols, timeframe, url=url))
    except KrakenUnavailable as error:
        return generated(f"; {error.message}")
    return Market(candles, "no candles were given, so Kraken's newest are used")


def _generated(symbols: Sequence[str], timeframe: str, seed: int, why: str) -> Market:
    step = seconds_of(timeframe)
    made = (generate(seed=seed, symbol=symbol, step=step) for symbol in symbols)
    return Market(tuple(made), f"{why}; so this is a SYNTHETIC market, not a real one")


def _require_one_timeframe(market: Market) -> None:
    timeframes = {one.timeframe for one in market.candles}
    if len(timeframes) > 1:
        found = ", ".join(f"{one.symbol} {one.timeframe}" for one in market.candles)
        raise DataError(
            f"a run has one timeframe, and these differ: {found}",
            field="timeframe",
            value=sorted(timeframes),
            remedy="give files of one timeframe",
        )
