"""Candle files in the shapes people have them; refusals name file and line."""

import gzip
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell import candle_files
from trading.shell.candle_files import read_all, read_candles
from trading.shell.candle_layout import layout_of

HEADER = "timestamp,open,high,low,close,volume"
ROWS = [f"{1_577_836_800 + 3600 * i},10,12,9,11,{i}" for i in range(6)]
GOOD = "\n".join([HEADER, *ROWS]) + "\n"
ISO = [f"2020-01-01T{i:02}:00:00" for i in range(6)]
EUROPEAN = "\n".join(
    [
        HEADER.replace(",", ";"),
        *(f"{1_577_836_800 + 3600 * i};10,5;12,25;9,5;11,0;1,5" for i in range(6)),
    ]
)

Write = Callable[..., Path]


def with_row(number: int, row: str) -> str:
    """The good file with data row `number` (line number + 1) replaced."""
    rows = list(ROWS)
    rows[number - 1] = row
    return "\n".join([HEADER, *rows])


def with_times(times: list[str], title: str = "timestamp") -> str:
    rows = [f"{time},10,12,9,11,1" for time in times]
    return "\n".join([HEADER.replace("timestamp", title), *rows])


@pytest.mark.parametrize(
    "content",
    [
        GOOD,
        GOOD.encode("utf-8-sig"),
        GOOD.replace("\n", "\r\n"),
        GOOD.replace(",", ";"),
        GOOD.replace(",", "\t"),
        gzip.compress(GOOD.encode()),
        "\n".join(ROWS),  # no header, as Kraken exports
        "\n".join(f"{row},17" for row in ROWS),
        GOOD.replace(HEADER, "Date,Open,High,Low,Close,Volume BTC"),
        GOOD.replace(HEADER, "unix,O,H,L,C,Vol"),
        "https://www.CryptoDataDownload.com\n" + GOOD,
        GOOD.replace("\n", "\n\n"),
        with_times([str(1_577_836_800_000 + 3_600_000 * i) for i in range(6)]),
        with_times([f"{1_577_836_800 + 3600 * i}.0" for i in range(6)]),
        with_times(ISO, "date"),
        with_times([f"{time}Z" for time in ISO], "datetime"),
        with_times([f"{time.replace('T', ' ')} UTC" for time in ISO]),
        with_times([f"2020-01-01T{i + 2:02}:00:00+02:00" for i in range(6)]),
    ],
)
def test_the_shapes_files_come_in_are_read_alike(write: Write, content):
    candles = read_candles(write(content))
    assert candles.frame["time"].tolist() == [
        1_577_836_800 + 3600 * i for i in range(6)
    ]
    assert candles.columns()["close"] == [11.0] * 6
    assert (candles.symbol, candles.timeframe) == ("BTC/USD", "1h")
    assert candles.has_volume
    assert not candles.synthetic


@pytest.mark.parametrize(
    "content, line, field, words",
    [
        (with_row(3, "1577844000,10,x,9,11,1"), 4, "high", "'x' is not a number"),
        (with_row(3, "1577844000,10,nan,9,11,1"), 4, "high", "not a number"),
        (with_row(3, "1577844000,10,inf,9,11,1"), 4, "high", "not a number"),
        (with_row(3, "1577844000,10,1_2,9,11,1"), 4, "high", "not a number"),
        (with_row(2, "1577840400,10,,9,11,1"), 3, "high", "high is missing"),
        (with_row(2, "1577840400,10,12"), 3, "low", "low is missing"),
        (with_row(4, "1577847600,10,8,9,11,1"), 5, "high", "below the low"),
        (with_row(4, "1577847600,10,12,9,11,-1"), 5, "volume", "not a volume"),
        (with_row(5, "1577847600,10,12,9,11,1"), 6, "time", "row before, too"),
        (with_row(5, "1577836800,10,12,9,11,1"), 6, "time", "earlier"),
        (with_row(1, "soon,10,12,9,11,1"), 2, "time", "'soon' is not a time"),
        (with_row(2, "1577840400.5,10,12,9,11,1"), 3, "time", "is not a time"),
        (with_row(2, "9" * 400 + ",10,12,9,11,1"), 3, "time", "is not a time"),
        (with_times([*ISO[:3], "13/01/2020", *ISO[4:]]), 5, "time", "is not a time"),
        (GOOD.replace("close", "price"), 1, "close", "no column for close"),
        (GOOD.replace("open,high", "hi,lo"), 1, "open", "no column for open, high"),
        (GOOD.replace("open", "close"), 1, "close", "two columns are called close"),
        ("1577836800,1,2,3\n1577840400,1,2,3", 1, "", "no header line"),
        (EUROPEAN, 2, "open", "'10,5' is not a number: it has a decimal comma"),
        (EUROPEAN.partition("\n")[2], 1, "", "'10,5' has a decimal comma"),
        (b"\xff\xfet\x00i\x00m\x00e\x00", 1, "", "not UTF-8"),
        (GOOD.encode() + b"1577858400,10,12,9,11,\xe9", 8, "", "not UTF-8"),
    ],
)
def test_a_bad_file_is_refused_by_line_and_column(
    write: Write, content, line, field, words
):
    path = write(content)
    with pytest.raises(DataError) as refused:
        read_candles(path)
    error = refused.value
    assert error.where == f"{path}:{line}"
    assert error.field == field
    assert words in error.message
    assert error.remedy
    assert len(error.message) < 400


def test_a_decimal_comma_is_told_with_how_numbers_are_written(write: Write):
    for content in (EUROPEAN, EUROPEAN.partition("\n")[2]):
        with pytest.raises(DataError) as refused:
            read_candles(write(content))
        assert "decimal point" in refused.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        with_times([f"0{i + 1}/01/2020" for i in range(6)]),
        with_times([*ISO[:3], "13/01/2020", *ISO[4:]]),
        with_row(2, "1577840400.5,10,12,9,11,1"),
        with_row(2, "2020-01-01T01:00:00,10,12,9,11,1"),
    ],
)
def test_a_refused_time_is_told_with_how_times_are_written(write: Write, content: str):
    with pytest.raises(DataError, match="is not a time") as refused:
        read_candles(write(content))
    assert "2021-05-19T13:00:00+02:00" in refused.value.remedy
    assert "since 1970" in refused.value.remedy


def test_the_times_that_a_refusal_names_are_read(write: Write):
    for days in (
        ["2021-05-19", "2021-05-20"],
        ["2021-05-19 13:00", "2021-05-19 14:00"],
    ):
        text = "\n".join([HEADER, *(f"{day},10,12,9,11,1" for day in days)])
        assert len(read_candles(write(text))) == 2


@pytest.mark.parametrize(
    "content", ["", "\n\n", "\ufeff", HEADER, HEADER + "\n" + ROWS[0]]
)
def test_an_empty_file_is_refused(write: Write, content):
    with pytest.raises(DataError) as refused:
        read_candles(write(content))
    assert refused.value.remedy


def test_a_file_that_cannot_be_read_is_refused(write: Write, tmp_path: Path):
    cut = write(gzip.compress(GOOD.encode())[:-12], "cut.csv.gz")
    spoilt = write(b"\x1f\x8b" + b"\x00" * 20, "spoilt.csv.gz")
    for path in (tmp_path / "absent.csv", cut, spoilt):
        with pytest.raises(DataError, match="cannot be read"):
            read_candles(path)


@pytest.mark.parametrize("members", [{"XBTUSD_60.csv": GOOD}, {}])
def test_a_zip_is_called_one_and_where_it_is_read_is_said(
    tmp_path: Path, members: dict[str, str]
):
    path = tmp_path / "k.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    with pytest.raises(DataError, match="the file is a ZIP") as refused:
        read_all([path])
    assert refused.value.where == refused.value.value == str(path)
    assert "asza data import" in refused.value.remedy
    assert refused.value.exit_code == 10


def test_two_columns_that_may_be_the_volume_are_refused(write: Write):
    text = GOOD.replace(HEADER, "date,open,high,low,close,Volume BTC,Volume USD")
    with pytest.raises(DataError) as refused:
        read_candles(write(text))
    assert refused.value.field == "volume"


def test_a_missing_volume_stays_missing(write: Write):
    text = "\n".join(row.rsplit(",", 1)[0] for row in GOOD.splitlines())
    assert not read_candles(write(text)).has_volume


def test_a_folder_is_read_whole_in_order(write: Write, tmp_path: Path):
    for name in ("b_ETHUSD.csv", "a_BTCUSD.csv"):
        write(GOOD, name)
    write("not candles", "readme.txt")
    assert [one.symbol for one in read_all([tmp_path])] == ["BTC/USD", "ETH/USD"]


def test_one_market_twice_is_refused(write: Write):
    paths = [write(GOOD, "a_BTCUSD.csv"), write(GOOD, "b_XBTUSD.csv")]
    with pytest.raises(DataError, match="both BTC/USD"):
        read_all(paths)


def test_a_folder_without_candles_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="no candle files"):
        read_all([tmp_path])


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_any_bytes_are_candles_or_a_data_error(tmp_path_factory, raw):
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(raw)
    with pytest.raises(DataError):
        read_candles(path)


@given(st.text(alphabet="0123456789,.-\n eTZ:", max_size=200))
def test_any_rows_under_a_header_are_candles_or_a_data_error(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("rows") / "rows.csv"
    path.write_text(f"{HEADER}\n{text}")
    refused = ""
    try:
        assert len(read_candles(path)) >= 2
    except DataError as error:
        refused = error.where
    assert not refused or str(path) in refused


@settings(max_examples=50)
@given(
    st.lists(st.floats(1e-9, 1e7), min_size=2, max_size=12),
    st.sampled_from([1, 1000, 10**6, 10**9]),
    st.sampled_from(",;\t"),
)
def test_the_fast_way_reads_what_the_slow_way_does(
    tmp_path_factory, prices, scale, delimiter
):
    times = [1_577_836_800 + 3600 * n for n in range(len(prices))]
    folder = tmp_path_factory.mktemp("ways")
    read = []
    for name, shown in (
        ("numbers.csv", [str(time * scale) for time in times]),
        ("texts.csv", [datetime.fromtimestamp(t, UTC).isoformat() for t in times]),
    ):
        rows = [
            delimiter.join([time, *[repr(price)] * 4, str(n)])
            for n, (time, price) in enumerate(zip(shown, prices, strict=True))
        ]
        titles = [HEADER.replace(",", delimiter)]
        path = folder / name
        path.write_text("\n".join([*titles, *rows]))
        read.append((path, layout_of(path, path.read_bytes()).scale))
    assert [units for _, units in read] == [scale, 0]
    fast, slow = (read_candles(path, timeframe="1h").columns() for path, _ in read)
    assert fast == slow


@pytest.mark.parametrize(
    "row",
    ["1577844000,10,x,9,11,1", "1577844000,10,0,9,11,1", "1577844000,10,8,9,11,1"],
)
def test_below_blank_lines_the_line_is_still_the_file_s_own(write: Write, row):
    path = write(with_row(3, row).replace("\n", "\n\n"))
    with pytest.raises(DataError) as refused:
        read_candles(path)
    assert refused.value.where == f"{path}:7"


def test_a_large_file_with_a_bad_row_is_refused_without_a_line(
    write: Write, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(candle_files, "SLOWEST", 100)
    with pytest.raises(DataError, match="some row is not plain numbers"):
        read_candles(write(with_row(3, "1577844000,10,x,9,11,1")))
    assert len(read_candles(write(GOOD))) == 6


def test_how_a_file_is_laid_out_can_be_shown(write: Write):
    path = write(
        GOOD.replace(HEADER, "Open Time,Open,High,Low,Close,Volume BTC,Trades")
    )
    layout = layout_of(path, path.read_bytes())
    assert layout.describe() == (
        "columns time = Open Time, open, high, low, close, volume = Volume BTC; "
        "times in seconds since 1970; not used: Trades"
    )
    bare = write("\n".join(ROWS), "bare.csv")
    assert "time = column 1" in layout_of(bare, bare.read_bytes()).describe()


def test_every_real_file_is_read_or_refused_for_its_reason(shared_data: Path):
    read, refused = {}, {}
    for path in sorted(shared_data.glob("*.csv*")):
        try:
            read[path.name] = read_candles(path)
        except DataError as error:
            refused[path.name] = error
    assert len(read) >= 12
    assert all("funding_8h" in name for name in refused)
    bitcoin = read["kraken_XBTUSD_1h_2020-2021.csv.gz"]
    assert len(bitcoin) == 17_537
    assert len(bitcoin.gaps) == 4
    assert sum(gap.missing for gap in bitcoin.gaps) == 7
