"""Fees from a dated table: what an order costs on a market at a time.

A rate is known from its row's `since` until the next row's. Earlier than the first row
nothing is known: `rates` refuses, `assumed` takes the first row and its caller says so.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from core.errors import ConfigError, DataError
from trading.shell.toml_files import read_toml
from trading.shell.venue import FeeRates
from trading.shell.venue.orders import is_futures

FILE = Path(__file__).with_name("fees.toml")
MARKETS = ("spot", "futures")
KEYS = {"market", "since", "maker", "taker", "source"}
MOST = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class FeeTable:
    """Rates by market ("spot", "futures"), oldest first."""

    rows: Mapping[str, Sequence[FeeRates]]

    def rates(self, symbol: str, at: int) -> FeeRates:
        """What is known of `symbol`'s fees at a UTC second; DataError when nothing is."""
        rows = self._of(symbol)
        found = _row_at(rows, at)
        if found is None:
            raise _unknown(symbol, at, rows[0])
        return found

    def assumed(self, symbol: str, at: int) -> FeeRates:
        """The same, but with the oldest known rates for every time before them."""
        rows = self._of(symbol)
        return _row_at(rows, at) or rows[0]

    def _of(self, symbol: str) -> Sequence[FeeRates]:
        market = market_of(symbol)
        rows = self.rows.get(market, ())
        if not rows:
            raise DataError(
                f"the fee table has no rates for {market}",
                field="market",
                value=symbol,
                remedy=f'add a [[fees]] row with market = "{market}" to {FILE.name}',
            )
        return rows


def market_of(symbol: str) -> str:
    """The market that a unified symbol trades on: spot or futures."""
    return "futures" if is_futures(symbol) else "spot"


def read_fees(path: Path = FILE) -> FeeTable:
    """The fee table in a TOML file; ConfigError names the row and key at fault."""
    data = read_toml(path, "the fee table", ", or restore the file")
    return fees_of(data, where=str(path))


def fees_of(data: Mapping[str, Any], *, where: str = "") -> FeeTable:
    """A fee table from plain data, checked once."""
    listed = data.get("fees")
    if not isinstance(listed, list) or not listed:
        raise _wrong("fees", listed, "there are no [[fees]] rows", where)
    rows: dict[str, list[FeeRates]] = {}
    for number, row in enumerate(listed, 1):
        _add(rows, row, f"{where}, row {number}" if where else f"row {number}")
    return FeeTable(rows)


def _add(rows: dict[str, list[FeeRates]], row: Any, where: str) -> None:
    if not isinstance(row, dict) or set(row) != KEYS:
        raise _wrong("fees", row, f"a row has the keys {sorted(KEYS)}", where)
    market = row["market"]
    if market not in MARKETS:
        raise _wrong("market", market, f"a market is one of {MARKETS}", where)
    rates = FeeRates(
        maker=_share(row, "maker", where),
        taker=_share(row, "taker", where),
        since=_second(row["since"], where),
        source=_source(row["source"], where),
    )
    earlier = rows.setdefault(market, [])
    if earlier and earlier[-1].since >= rates.since:
        raise _wrong("since", row["since"], "rows are in time order", where)
    earlier.append(rates)


def _share(row: Mapping[str, Any], key: str, where: str) -> Decimal:
    try:
        value = Decimal(row[key] if isinstance(row[key], str) else "NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_nan() or not 0 <= value <= MOST:
        raise _wrong(key, row[key], f"a rate is a string from 0 to {MOST}", where)
    return value


def _second(value: Any, where: str) -> int:
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _wrong("since", value, "since is a date like 2026-11-01", where)
    return int(datetime(value.year, value.month, value.day, tzinfo=UTC).timestamp())


def _source(value: Any, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise _wrong("source", value, "a row says where its rates come from", where)
    return value


def _row_at(rows: Sequence[FeeRates], at: int) -> FeeRates | None:
    place = bisect_right([row.since for row in rows], at)
    return rows[place - 1] if place else None


def _unknown(symbol: str, at: int, first: FeeRates) -> DataError:
    told = datetime.fromtimestamp(at, UTC).date()
    known = datetime.fromtimestamp(first.since, UTC).date()
    return DataError(
        f"the fees of {symbol} on {told} are not known: the table begins on {known}",
        field="since",
        value=at,
        remedy=f"add an earlier [[fees]] row, with its source, to {FILE.name}",
    )


def _wrong(field: str, value: Any, what: str, where: str) -> ConfigError:
    return ConfigError(
        f"the fee table is wrong: {what}",
        field=field,
        value=value,
        where=where,
        remedy="see trading/shell/venue/fees.toml",
    )
