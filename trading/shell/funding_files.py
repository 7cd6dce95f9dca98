"""Funding files: a CSV of times and rates in, a `FundingSeries` of its market out."""

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

from core.errors import DataError
from trading.shell.candle_files import file_bytes, number, time_reader, value_at
from trading.shell.candle_layout import NAMES, Row, rows_of, text_of, titles_of
from trading.shell.market_names import symbol_in
from trading.shell.venue.funding import HOUR, FundingSeries
from trading.shell.venue.orders import is_futures

RATES = (
    *("relative_funding_rate", "relativefundingrate"),
    *("funding_rate", "fundingrate", "rate"),
)
"""Column titles, the surest first: Kraken's own `fundingRate` is money a contract."""
MONEY = "fundingrate"
LARGEST = 0.05
"""A rate above 5 % of the position's value is no fraction."""


def read_all(paths: Iterable[Path], symbols: Sequence[str]) -> dict[str, FundingSeries]:
    """The series of each file, by the perpetual of `symbols` that it speaks of.

    DataError (file, line, value, remedy) where a file is none, or of no such market.
    """
    found: dict[str, FundingSeries] = {}
    for path in paths:
        symbol = market_of(path, symbols)
        if symbol in found:
            raise DataError(
                f"two funding files are of {symbol}",
                field="--funding",
                value=path.name,
                remedy="give one file a market",
            )
        found[symbol] = read_funding(path)
    return found


def market_of(path: Path, symbols: Sequence[str]) -> str:
    """The perpetual whose base the file's name has; else the only one there is.

    DataError where that is none, or more than one.
    """
    perpetuals = [one for one in symbols if is_futures(one)]
    base, named, _ = symbol_in(path.name).partition("/")
    fitting = [one for one in perpetuals if not named or one.split("/")[0] == base]
    if len(fitting) == 1:
        return fitting[0]
    traded = ", ".join(perpetuals) or "no perpetual"
    raise DataError(
        f"whose funding {path.name} is cannot be told: {traded} is traded",
        field="--funding",
        value=base if named else path.name,
        where=str(path),
        remedy="name the file after its market, as funding_BTCUSD.csv"
        if perpetuals
        else "trade perpetuals with --perpetual, or leave --funding out",
    )


def read_funding(path: Path) -> FundingSeries:
    """The rates of one CSV, gzipped or not: a time, and a fraction for its interval.

    The interval is the commonest distance of two times. DataError says what is wrong.
    """
    rows = rows_of(path, text_of(path, file_bytes(path)))
    time, rate = _columns(path, rows[0])
    body = rows[1:]
    read = time_reader(body, time)
    times = [int(value_at(path, "time", time, row, read)) for row in body]
    rates = [value_at(path, "funding rate", rate, row, number) for row in body]
    _require_fractions(path, body, rates)
    exact, hours = [Decimal(repr(one)) for one in rates], _hours(path, times)
    _refuse_money(path, rows[0], rate, hours)
    return FundingSeries(times, exact, hours)


def _columns(path: Path, header: Row) -> tuple[int, int]:
    line, fields = header
    titles = titles_of(fields)
    found = [
        next((titles.index(one) for one in known if one in titles), None)
        for known in (NAMES["time"], RATES)
    ]
    if found[0] is None or found[1] is None:
        raise DataError(
            f"no column for {'the time' if found[0] is None else 'the rate'}"
            f" among {', '.join(fields)[:200]}",
            field="--funding",
            value=",".join(fields)[:200],
            where=f"{path}:{line}",
            remedy="name the columns time and funding_rate",
        )
    return found[0], found[1]


def _require_fractions(path: Path, body: Sequence[Row], rates: Sequence[float]) -> None:
    for (line, _), rate in zip(body, rates, strict=True):
        if abs(rate) > LARGEST:
            raise DataError(
                f"{rate} is no fraction of a position's value",
                field="funding rate",
                value=rate,
                where=f"{path}:{line}",
                remedy="give relative rates, as 0.0001 for 0.01 %",
            )


def _refuse_money(path: Path, header: Row, rate: int, hours: int) -> None:
    """Kraken alone pays hourly, and its `fundingRate` is money a contract, however small."""
    line, fields = header
    if hours == 1 and titles_of(fields)[rate] == MONEY:
        raise DataError(
            f"{fields[rate]} of every hour is Kraken's own, which is money a contract and "
            "no fraction",
            field="--funding",
            value=fields[rate],
            where=f"{path}:{line}",
            remedy="give its relativeFundingRate; if these are fractions all the same, "
            "name the column funding_rate",
        )


def _hours(path: Path, times: Sequence[int]) -> int:
    """How many hours a rate is for."""
    steps = Counter(after - before for before, after in pairwise(times))
    step = steps.most_common(1)[0][0] if steps else 0
    if step <= 0 or step % HOUR:
        raise DataError(
            f"its rates are {step} s apart, which are no whole hours",
            field="time",
            value=step,
            where=str(path),
            remedy="give two rows or more, oldest first, whole hours apart",
        )
    return step // HOUR
