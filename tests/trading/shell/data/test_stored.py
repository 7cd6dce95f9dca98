"""Stored candles: written whole or not, the first stays, read back to the last digit."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError, StoreError
from core.store import Store
from trading.shell.candles import Candles
from trading.shell.data import retention
from trading.shell.data.importing import Wanted, import_fetched, import_files
from trading.shell.data.loading import nearest_stored, stored, stored_market
from trading.shell.data.resampling import build_higher
from trading.shell.ledger.candles import CandleTable, Difference, Held, Written
from trading.shell.synthetic import START, generate

HOUR, DAY = 3600, 86_400
MARKET = ("BTC/USD", "1h")


@pytest.fixture
def table(store: Store) -> CandleTable:
    return CandleTable(store)


def csv(candles: Candles) -> str:
    return candles.frame.to_csv(index=False)


def content(store: Store) -> dict[tuple[str, str], str]:
    """Every stored candle, as text."""
    table = CandleTable(store)
    return {
        (one.symbol, one.timeframe): table.read(one.symbol, one.timeframe).to_csv()
        for one in table.held()
    }


@settings(max_examples=10)
@given(
    st.lists(st.floats(1e-6, 1e7), min_size=1, max_size=20),
    st.sampled_from([None, 0.0, 1 / 3, 1e15]),
)
def test_what_is_written_is_read_to_the_last_digit(table: CandleTable, prices, volume):
    table.delete_old(*MARKET, 2**32, None)
    frame = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), prices))
    frame.insert(0, "time", [START + HOUR * n for n in range(len(prices))])
    if volume is not None:
        frame["volume"] = volume
    written = table.write(frame, *MARKET, "made")
    assert written == Written(len(prices), 0, 0, 0)
    pd.testing.assert_frame_equal(table.read(*MARKET), frame, check_exact=True)


def test_writing_again_adds_nothing_and_the_first_to_tell_stays(table: CandleTable):
    frame = generate(bars=50).frame
    other = frame.copy()
    other.loc[[3, 7], "close"] += 1
    assert table.write(frame, *MARKET, "one").added == 50
    assert table.write(frame, *MARKET, "two") == Written(0, 50, 0, 0)
    written = table.write(other, *MARKET, "two")
    assert (written.added, written.same, written.conflicts) == (0, 48, 2)
    assert [told.time for told in written.examples] == frame["time"][[3, 7]].tolist()
    assert {told.kept_source for told in written.examples} == {"one"}
    pd.testing.assert_frame_equal(table.read(*MARKET), frame)
    assert table.write(other, *MARKET, "two", replace=True).replaced == 2
    pd.testing.assert_frame_equal(table.read(*MARKET), other)
    assert table.held()[0].sources == ("one", "two")


@pytest.mark.parametrize("column", ["open", "high", "low", "close", "volume"])
def test_a_conflict_tells_the_column_that_differs_and_both_values(
    table: CandleTable, column: str
):
    frame = generate(bars=20).frame
    other = frame.copy()
    other.loc[5, column] += 0.001
    table.write(frame, *MARKET, "one")
    (told,) = table.write(other, *MARKET, "two").examples
    kept, given = frame.loc[5, column], other.loc[5, column]
    assert told.differences == (Difference(column, kept, given),)


def test_a_volume_that_only_one_source_knows_is_no_conflict(table: CandleTable):
    frame = generate(bars=20).frame
    table.write(frame, *MARKET, "one")
    assert table.write(frame.drop(columns="volume"), *MARKET, "two").same == 20
    assert "volume" in table.read(*MARKET)


def test_a_volume_that_a_later_source_knows_is_taken_over(table: CandleTable):
    frame = generate(bars=20).frame
    other = frame.copy()
    other.loc[5, "close"] += 1
    table.write(frame.drop(columns="volume"), *MARKET, "one")
    written = table.write(other, *MARKET, "two")
    assert (written.added, written.same, written.conflicts) == (0, 19, 1)
    assert (written.filled, written.replaced) == (19, 0)
    assert table.write(frame, *MARKET, "three").filled == 1
    pd.testing.assert_frame_equal(table.read(*MARKET), frame)


def test_prices_without_a_volume_replace_prices_and_no_volume(table: CandleTable):
    frame = generate(bars=20).frame
    other = frame.copy()
    other.loc[5, "high"] += 1
    table.write(frame, *MARKET, "one")
    bare = other.drop(columns="volume")
    assert table.write(bare, *MARKET, "two", replace=True).replaced == 1
    pd.testing.assert_frame_equal(table.read(*MARKET), other)


@pytest.mark.parametrize("spoil", ["twice", "nothing"])
def test_a_write_that_fails_leaves_nothing(table: CandleTable, spoil):
    frame = generate(bars=50).frame
    frame.loc[40, "time" if spoil == "twice" else "close"] = (
        frame.loc[39, "time"] if spoil == "twice" else None
    )
    with pytest.raises(StoreError, match="were not written"):
        table.write(frame, *MARKET, "made")
    assert table.held() == []


def test_a_zip_is_imported_file_by_file_and_a_bad_one_not_at_all(
    store: Store, tmp_path: Path
):
    good, bad = generate(bars=30), csv(generate(bars=30)).splitlines()
    bad[12] = bad[11]
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ETHUSD_60.csv", csv(good).partition("\n")[2])
        archive.writestr("XBTUSD_60.csv", "\n".join(bad))
    done = []
    with pytest.raises(DataError, match="row before, too") as refused:
        done.extend(import_files(store, [path], Wanted()))
    assert refused.value.where == f"{path}/XBTUSD_60.csv:13"
    assert [(one.symbol, one.rows) for one in CandleTable(store).held()] == [
        ("ETH/USD", 30)
    ]


def test_of_an_export_of_all_markets_those_that_were_asked_for_are_taken(
    store: Store, tmp_path: Path
):
    path = tmp_path / "Kraken_OHLCVT.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in ("ADAXBT_60.csv", "ETH2.SETH_60.csv", "XBTUSD_60.csv"):
            archive.writestr(name, csv(generate(bars=50)))
    done = list(import_files(store, [path], Wanted(symbols=["BTC/USD"])))
    assert [one.symbol for one in done] == ["BTC/USD"]
    with pytest.raises(DataError, match="speaks of no market"):
        list(import_files(store, [path], Wanted()))


def test_an_import_says_how_the_file_was_read(store: Store, write: Callable[..., Path]):
    text = csv(generate(bars=30)).replace("time,", "Open Time,", 1)
    ms = "\n".join(
        line if n == 0 else line.replace(",", "000,", 1)
        for n, line in enumerate(text.splitlines())
    )
    (one,) = import_files(store, [write(ms)], Wanted())
    assert one.columns["time"] == "Open Time"
    assert one.time_unit == "milliseconds since 1970"
    assert "time = Open Time" in one.layout
    assert (one.first, one.written.added) == (START, 30)


def test_a_file_without_a_market_in_its_name_needs_one_said(
    store: Store, write: Callable[..., Path]
):
    path = write(csv(generate(bars=30)), "candles.csv")
    with pytest.raises(DataError, match="speaks of no market") as refused:
        list(import_files(store, [path], Wanted()))
    assert "--symbol" in refused.value.remedy
    (one,) = import_files(store, [path], Wanted(symbol="BTC/USD:USD"))
    assert one.symbol == "BTC/USD:USD"


def test_a_name_that_lies_about_its_timeframe_is_refused(
    store: Store, write: Callable[..., Path]
):
    path = write(csv(generate(bars=30, step=900)), "XBTUSD_60.csv")
    with pytest.raises(DataError, match="not a whole number of 1h bars"):
        list(import_files(store, [path], Wanted()))


@pytest.mark.parametrize("typed", ["1m", "5m", "30m"])
def test_a_typed_timeframe_that_is_not_the_file_s_is_refused(
    store: Store, write: Callable[..., Path], typed: str
):
    path = write(csv(generate(bars=30)), "BTCUSD.csv")
    with pytest.raises(DataError, match="1h is the most common step, 29 of 29") as said:
        list(import_files(store, [path], Wanted(timeframe=typed)))
    assert (said.value.field, said.value.value) == ("timeframe", typed)
    assert "--timeframe 1h" in said.value.remedy
    assert CandleTable(store).held() == []


def test_a_typed_timeframe_may_have_gaps(store: Store, write: Callable[..., Path]):
    frame = generate(bars=60).frame.drop(index=list(range(20, 58, 2)))
    path = write(frame.to_csv(index=False), "BTCUSD.csv")
    (one,) = import_files(store, [path], Wanted(timeframe="1h"))
    assert (one.timeframe, one.missing) == ("1h", 19)


def test_a_fetch_says_what_lies_between_it_and_what_was_stored(store: Store):
    whole = generate(bars=100)
    early = replace(whole, frame=whole.frame.iloc[:40])
    late = replace(whole, frame=whole.frame.iloc[55:].reset_index(drop=True))
    assert import_fetched(store, [early])[0].apart == 0
    assert import_fetched(store, [late])[0].apart == 15
    assert import_fetched(store, [whole])[0].apart == 0
    assert stored(store, ["BTC/USD"], "1h")[0].gaps == ()


def test_a_session_loads_what_it_asks_for(store: Store):
    candles = generate(bars=100)
    import_fetched(store, [candles])
    first, last = START + 10 * HOUR, START + 20 * HOUR
    (span,) = stored(store, ["BTC/USD"], "1h", first, last)
    assert span.frame["time"].tolist() == list(range(first, last, HOUR))
    (hours,) = stored(store, ["BTC/USD"], "4h")
    assert (hours.timeframe, len(hours), hours.source) == ("4h", 25, "built from 1h")
    for symbol, timeframe, words in (
        ("ETH/USD", "1h", "no 1h candles of ETH/USD are stored"),
        ("BTC/USD", "5m", "stored are 1h"),
    ):
        with pytest.raises(DataError, match=words) as refused:
            stored(store, [symbol], timeframe)
        assert "asza data" in refused.value.remedy
    with pytest.raises(DataError, match="in that time"):
        stored(store, ["BTC/USD"], "1h", last + DAY * 30)


def test_a_session_over_the_past_takes_what_is_stored_for_all_its_symbols(store: Store):
    import_fetched(store, [generate(bars=100), generate(bars=100, symbol="ETH/USD")])
    market = stored_market(store, ["BTC/USD", "ETH/USD"], "4h", ["sma_20"])
    assert market is not None
    assert market.symbols == ("BTC/USD", "ETH/USD")
    assert "stored" in market.reason
    assert stored_market(store, ["BTC/USD", "SOL/USD"], "1h") is None
    assert stored_market(store, ["BTC/USD"], "15m") is None
    with pytest.raises(DataError, match="too few"):
        stored_market(store, ["BTC/USD"], "4h", ["sma_200"])


def test_old_candles_go_when_what_stands_in_for_them_is_stored(store: Store):
    """Ten days of 5m, one hour of which has a hole: that hour's candles stay."""
    fine = generate(bars=10 * 288, step=300)
    hole = replace(fine, frame=fine.frame.drop(index=[20]).reset_index(drop=True))
    import_fetched(store, [hole])
    now, tiers = START + 10 * DAY, {"5m": 2, "1h": 730, "1d": 2555}
    (planned,) = retention.plan(store, now, tiers)
    assert (planned.old, planned.into) == (8 * 288 - 1, "1h")
    assert CandleTable(store).held()[0].rows == len(hole)
    (done,) = retention.prune(store, now, tiers)
    assert (done.gone, done.kept) == (8 * 288 - 12, 11)
    held = {one.timeframe: one.rows for one in CandleTable(store).held()}
    assert held == {"5m": 2 * 288 + 11, "1h": 239, "1d": 9}
    assert retention.prune(store, now, tiers)[0].gone == 0


def test_hours_give_way_to_days_though_some_coarser_bars_are_stored_already(
    store: Store,
):
    """Forty days of hours, and four-hour bars of the last two days of them only."""
    hours = generate(bars=40 * 24)
    late = generate(bars=40 * 6, step=4 * HOUR).since(38 * 6)
    import_fetched(store, [hours, late])
    done = retention.prune(store, START + 770 * DAY)
    assert {one.timeframe: (one.gone, one.kept) for one in done} == {
        "1h": (40 * 24, 0),
        "4h": (12, 0),
    }
    held = {one.timeframe: one.rows for one in CandleTable(store).held()}
    assert held == {"1d": 40}


def test_the_preview_tells_what_pruning_will_do_and_writes_nothing(store: Store):
    """Hours beside a few days of theirs, hours alone, and 5m that become old hours."""
    hours = generate(bars=40 * 24)
    hole = replace(hours, frame=hours.frame.drop(index=[500]).reset_index(drop=True))
    days = generate(bars=40, step=DAY).since(38)
    alone = generate(bars=40 * 24, symbol="ETH/USD")
    fine = generate(bars=3 * 288, step=300, symbol="SOL/USD")
    import_fetched(store, [hole, days, alone, fine])
    now = START + 770 * DAY
    before = content(store)
    shown = retention.plan(store, now)
    assert content(store) == before
    assert shown == retention.prune(store, now)
    assert {(one.symbol, one.timeframe): one.gone for one in shown} == {
        ("BTC/USD", "1h"): 39 * 24,
        ("ETH/USD", "1h"): 40 * 24,
        ("SOL/USD", "5m"): 3 * 288,
        ("SOL/USD", "1h"): 3 * 24,
    }


def test_a_preview_of_many_markets_holds_the_locks_of_one(store: Store):
    """The incident: that of a few hundred markets ran out of the server's locks."""
    held = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid()"
    few = generate(bars=24, step=HOUR).frame
    with store.rehearsal("nothing was written") as rehearsal:
        table = CandleTable(rehearsal)
        table.write(few, "FIRST/USD", "1h", "made up")
        before = rehearsal.row(held)
        for number in range(5):
            table.write(few, f"NO{number}/USD", "1h", "made up")
        assert rehearsal.row(held) == before


def test_fine_candles_of_years_ago_become_days(store: Store):
    import_fetched(store, [generate(bars=3 * 288, step=300)])
    retention.prune(store, START + 1000 * DAY)
    held = {one.timeframe: one.rows for one in CandleTable(store).held()}
    assert held == {"1d": 3}


def test_days_past_seven_years_go_and_nothing_stands_in(store: Store):
    import_fetched(store, [generate(bars=30, step=DAY)])
    (done,) = retention.prune(store, START + 2565 * DAY)
    assert (done.timeframe, done.into, done.gone, done.kept) == ("1d", "", 10, 0)


def test_a_ladder_is_built_from_the_nearest_below_and_stored_bars_stay(store: Store):
    import_fetched(store, [generate(bars=600, step=300)])
    built = build_higher(store, "BTC/USD")
    assert [(one.lower, one.timeframe, one.rows) for one in built] == [
        *[("5m", "15m", 200), ("15m", "1h", 50)],
        *[("1h", "4h", 12), ("4h", "1d", 2)],
    ]
    again = build_higher(store, "BTC/USD")
    assert all(one.written and one.written.added == 0 for one in again)


def test_every_real_file_is_stored_and_comes_back_the_same(
    store: Store, shared_data: Path
):
    paths = [
        *shared_data.glob("kraken_*"),
        *shared_data.glob("ftx_*"),
        *shared_data.glob("binance_*1h*"),
    ]
    done = list(import_files(store, sorted(paths), Wanted()))
    assert {one.timeframe for one in done} == {"1m", "1h"}
    assert sum(one.written.added for one in done) == sum(one.rows for one in done)
    (bitcoin,) = stored(store, ["BTC/USD"], "1h")
    assert (len(bitcoin), len(bitcoin.gaps)) == (17_537, 4)


@pytest.mark.parametrize(
    ("held", "typed", "found"),
    [
        ("BTC/USD 1h", {}, (("BTC/USD",), "1h")),
        ("BTC/USD 1h, BTC/USD 1m, BTC/USD 15m", {}, (("BTC/USD",), "15m")),
        ("BTC/USD 1m, BTC/USD 1h, ETH/USD 1h", {}, (("BTC/USD", "ETH/USD"), "1h")),
        ("XRP/USD 1h, ADA/USD 1h, BTC/USD 1d", {}, (("BTC/USD",), "1d")),
        ("XRP/USD 1h, ADA/USD 1h", {}, (("ADA/USD", "XRP/USD"), "1h")),
        ("BTC/USD 1h, ETH/USD 1h", {"framed": True}, None),
        ("BTC/USD 1h, ETH/USD 5m", {"framed": True}, (("ETH/USD",), "5m")),
        ("BTC/USD 1h, ETH/USD 5m", {"named": True}, None),
        ("BTC/USD 1h, ETH/USD 1h", {"named": True}, (("BTC/USD", "ETH/USD"), "1h")),
        ("", {}, None),
    ],
)
def test_what_nobody_typed_is_what_is_stored_nearest_to_it(
    held: str, typed: dict[str, bool], found: object
) -> None:
    rows = [
        Held(*one.split(), rows=1, first=0, last=0, sources=(), bytes=1)
        for one in filter(None, held.split(", "))
    ]
    assert nearest_stored(rows, ["BTC/USD", "ETH/USD"], "5m", **typed) == found
