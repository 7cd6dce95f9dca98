"""The fee table: dated, sourced, and silent about what it does not know."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ConfigError, DataError
from trading.shell.venue.fees import fees_of, read_fees

ROW = {
    "market": "spot",
    "since": date(2026, 1, 1),
    "maker": "0.0025",
    "taker": "0.0040",
    "source": "said",
}


def second(*day: int) -> int:
    return int(datetime(*day, tzinfo=UTC).timestamp())


def test_the_table_has_krakens_entry_tier() -> None:
    table = read_fees()
    spot = table.rates("BTC/USD", second(2026, 11, 20))
    futures = table.rates("BTC/USD:USD", second(2026, 11, 20))
    assert (spot.maker, spot.taker) == (Decimal("0.0025"), Decimal("0.0040"))
    assert (futures.maker, futures.taker) == (Decimal("0.0002"), Decimal("0.0005"))
    assert spot.source
    assert futures.source


def test_before_the_table_nothing_is_known_and_only_the_oldest_can_be_assumed() -> None:
    table, at = read_fees(), second(2020, 1, 1)
    with pytest.raises(DataError, match="on 2020-01-01 are not known") as caught:
        table.rates("BTC/USD", at)
    assert caught.value.remedy
    assert table.assumed("BTC/USD", at) == table.rates("BTC/USD", second(2026, 11, 1))


def test_a_market_without_rows_is_an_error() -> None:
    table = fees_of({"fees": [ROW]})
    with pytest.raises(DataError, match="no rates for futures"):
        table.assumed("BTC/USD:USD", second(2026, 5, 1))


@settings(max_examples=50)
@given(
    st.lists(st.dates(date(2015, 1, 1), date(2030, 1, 1)), min_size=1, unique=True),
    st.dates(date(2014, 1, 1), date(2031, 1, 1)),
)
def test_the_row_in_force_is_the_latest_that_has_begun(
    days: list[date], asked: date
) -> None:
    days = sorted(days)
    rows = [
        {**ROW, "since": day, "taker": f"0.0{number:04}"}
        for number, day in enumerate(days)
    ]
    table = fees_of({"fees": rows})
    at = second(asked.year, asked.month, asked.day)
    begun = [number for number, day in enumerate(days) if day <= asked]
    if not begun:
        with pytest.raises(DataError):
            table.rates("BTC/USD", at)
    found = table.assumed("BTC/USD", at)
    assert found.taker == Decimal(rows[max(begun, default=0)]["taker"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"market": "margin"}, "market"),
        ({"since": "yesterday"}, "since"),
        ({"maker": 0.0025}, "maker"),
        ({"maker": "-0.1"}, "maker"),
        ({"taker": "NaN"}, "taker"),
        ({"taker": "cheap"}, "taker"),
        ({"source": " "}, "source"),
        ({"tier": 2}, "fees"),
    ],
)
def test_a_row_that_is_wrong_is_named(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ConfigError) as caught:
        fees_of({"fees": [ROW | change]}, where="fees.toml")
    assert caught.value.field == field
    assert caught.value.where == "fees.toml, row 1"


def test_rows_out_of_order_and_no_rows_are_refused() -> None:
    with pytest.raises(ConfigError, match="time order"):
        fees_of({"fees": [ROW, ROW]})
    with pytest.raises(ConfigError, match=r"no \[\[fees"):
        fees_of({})


def test_a_file_that_cannot_be_read_is_an_error_of_ours(tmp_path: Path) -> None:
    (tmp_path / "fees.toml").write_text("fees = [")
    for name, why in (("fees.toml", "cannot be read"), ("none.toml", "is no file")):
        with pytest.raises(ConfigError, match=why):
            read_fees(tmp_path / name)
