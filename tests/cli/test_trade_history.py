"""A live session knows what is stored before the candles that Kraken gives."""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd
import pytest

from cli.context import Context
from cli.trade.history import after_known
from cli.trade.sessions import market_of
from core.errors import DataError
from core.store import Store
from tests.fake_kraken import FakeKraken, serving
from trading.shell.candles import Candles
from trading.shell.data.importing import import_fetched
from trading.shell.synthetic import generate

WHOLE = generate(bars=1500)
GIVEN = 719  # candles of Kraken's, the forming one left out


@pytest.fixture
def kraken(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeKraken]:
    with serving(FakeKraken()) as serves:
        monkeypatch.setenv("KRAKEN_API_URL", serves.url)
        yield serves


def part(candles: Candles, first: int, end: int) -> Candles:
    frame = candles.frame.iloc[first:end].reset_index(drop=True)
    return replace(candles, frame=frame)


def live(kraken: FakeKraken, store: Store, whole: Candles, *kept: Candles) -> Candles:
    """What a session begins with where `kept` is stored and Kraken has `whole`."""
    kraken.candles["XXBTZUSD"] = [*whole.frame.itertuples(index=False, name=None)]
    import_fetched(store, list(kept))
    with Context() as context:
        (found,) = market_of(
            context, (), [whole.symbol], whole.timeframe, ["ema_20"], named=True
        ).candles
    return found


def test_stored_candles_that_join_come_first(kraken: FakeKraken, store: Store):
    found = live(kraken, store, WHOLE, part(WHOLE, 0, 1000))
    pd.testing.assert_frame_equal(found.frame, WHOLE.frame.iloc[:-1])
    assert found.source == "Kraken public candles, after 780 stored ones"
    assert not found.synthetic


def test_one_candle_that_both_have_is_enough(kraken: FakeKraken, store: Store):
    first = len(WHOLE) - GIVEN - 1
    assert len(live(kraken, store, WHOLE, part(WHOLE, 0, first + 1))) == len(WHOLE) - 1


def test_no_more_is_known_than_a_session_remembers(kraken: FakeKraken, store: Store):
    whole = generate(bars=4000)
    found = live(kraken, store, whole, part(whole, 0, 3500))
    pd.testing.assert_frame_equal(
        found.frame, whole.frame.iloc[-2001:-1].reset_index(drop=True)
    )


def test_stored_hours_may_be_built_from_less(kraken: FakeKraken, store: Store):
    fine = generate(bars=4 * 1500, step=900)
    hours = fine.frame.groupby(fine.frame["time"] // 3600 * 3600)
    frame = hours.agg(
        {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    ).reset_index()
    whole = replace(WHOLE, frame=frame)
    found = live(kraken, store, whole, part(fine, 0, 4 * 1000))
    assert len(found) == len(whole) - 1


@pytest.mark.parametrize("first", [100, 779])
def test_only_what_comes_after_the_last_gap_is_taken(
    kraken: FakeKraken, store: Store, first: int
):
    holed = WHOLE.frame.drop(index=[40, first - 1]).iloc[:1000].reset_index(drop=True)
    found = live(kraken, store, WHOLE, replace(WHOLE, frame=holed))
    assert len(found) == len(WHOLE) - 1 - first
    assert found.gaps == ()


def _not_joining() -> dict[str, Candles]:
    other = generate(bars=1500, seed=2)
    bare = part(WHOLE, 0, 1000)
    return {
        "a gap between them": part(WHOLE, 0, 779),
        "no candle that both have": part(WHOLE, 0, 780),
        "the market's own first candle missing": replace(
            WHOLE, frame=WHOLE.frame.drop(index=779).reset_index(drop=True)
        ),
        "another market's prices": part(other, 0, 1000),
        "no volume": replace(bare, frame=bare.frame.drop(columns="volume")),
        "another market": replace(WHOLE, symbol="ETH/USD"),
        "only later ones": part(WHOLE, 1000, 1400),
    }


@pytest.mark.parametrize("why", list(_not_joining()))
def test_what_does_not_join_is_left_out(kraken: FakeKraken, store: Store, why: str):
    found = live(kraken, store, WHOLE, _not_joining()[why])
    assert len(found) == GIVEN
    assert found.source == "Kraken public candles"


def test_a_later_answer_comes_after_what_was_known():
    refused = DataError("Kraken has no market X/USD")
    known = part(WHOLE, 0, 1000)
    other = generate(bars=5, symbol="ETH/USD")
    found = after_known({known.symbol: known}, [refused, part(WHOLE, 500, 1200), other])
    assert found[0] is refused
    assert isinstance(found[1], Candles)
    pd.testing.assert_frame_equal(found[1].frame, WHOLE.frame.iloc[:1200])
    assert found[2] is other
