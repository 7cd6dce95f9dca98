"""A file of funding rates becomes its perpetual's series, or is refused in words."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell.funding_files import market_of, read_all, read_funding
from trading.shell.venue.funding import HOUR, capped

BTC, ETH = "BTC/USD:USD", "ETH/USD:USD"
RATE = st.decimals("-0.05", "0.05", places=6)


@given(
    rates=st.lists(RATE, min_size=2, max_size=9),
    hours=st.sampled_from([1, 4, 8]),
    title=st.sampled_from(["funding_rate", "rate", "relativeFundingRate"]),
)
def test_a_rate_is_spread_over_the_hours_until_the_next(
    tmp_path_factory: pytest.TempPathFactory,
    rates: list[Decimal],
    hours: int,
    title: str,
) -> None:
    file = tmp_path_factory.mktemp("funding") / "BTCUSD_funding.csv"
    lines = [f"{at * hours * HOUR},0.9,{one:f}" for at, one in enumerate(rates)]
    other = "fundingRate" if title.startswith("relative") else "close"
    file.write_text("\n".join([f"timestamp,{other},{title}", *lines]), "utf-8")
    series = read_all([file], [BTC, "ETH/USD"])[BTC]
    assert series.hours == hours
    for hour in range(hours * len(rates)):
        expected = capped(rates[hour // hours] / hours)
        assert series.at(hour * HOUR) == expected
    assert series.at(hours * len(rates) * HOUR) is None


def test_a_market_that_goes_over_to_shorter_intervals_pays_each_rate_once(
    tmp_path: Path,
) -> None:
    """Two days of eight hours, then a day of four: 8 and 4 hundredths of a percent."""
    file = tmp_path / "BTCUSD.csv"
    eight = [f"{at * 8 * HOUR},0.0008" for at in range(6)]
    four = [f"{(48 + at * 4) * HOUR},0.0004" for at in range(5)]
    file.write_text("\n".join(["time,rate", *eight, *four]), "utf-8")
    series = read_funding(file)
    assert {series.at(hour * HOUR) for hour in range(68)} == {Decimal("0.0001")}
    assert series.at(68 * HOUR) is None


@pytest.mark.parametrize(
    ("name", "symbols", "found"),
    [
        ("binance_ETHUSDT_perp_8h_funding_2023.csv", [BTC, ETH], ETH),
        ("mine.csv", [BTC, "ETH/USD"], BTC),
        ("mine.csv", [BTC, ETH], None),
        ("ETHUSD.csv", [BTC], None),
        ("BTCUSD.csv", ["BTC/USD"], None),
    ],
)
def test_its_market_is_the_one_of_its_name_or_the_only_perpetual(
    name: str, symbols: list[str], found: str | None
) -> None:
    if found:
        assert market_of(Path(name), symbols) == found
        return
    with pytest.raises(DataError, match="whose funding"):
        market_of(Path(name), symbols)


def test_a_funding_rate_of_eight_hours_is_a_fraction_whatever_its_title(
    tmp_path: Path,
) -> None:
    file = tmp_path / "BTCUSDT.csv"
    file.write_text("time,fundingRate\n0,0.0001\n28800,0.0002\n", "utf-8")
    assert read_funding(file).rates == [Decimal("0.0001"), Decimal("0.0002")]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("timestamp,open\n0,0.0001\n3600,0.0001\n", "no column for the rate"),
        ("time,rate\n0,0.0001\n3600,12.5\n", "12.5 is no fraction"),
        ("time,rate\n0,0.0001\n", "no whole hours"),
        ("time,rate\n0,0.0001\n1800,0.0001\n", "no whole hours"),
        ("time,rate\n0,x\n3600,0.0001\n", "'x' is not a number"),
        ("time,fundingRate\n0,0.02\n3600,0.01\n", "money a contract"),
    ],
)
def test_what_is_no_funding_is_refused(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "BTCUSD.csv"
    file.write_text(text, "utf-8")
    with pytest.raises(DataError, match=words):
        read_funding(file)
