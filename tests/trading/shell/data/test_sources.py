"""Files, folders and ZIPs: what their names say, and what none of them may do."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import DataError
from trading.shell.candle_files import candles_in
from trading.shell.data import sources as sources_file
from trading.shell.data.sources import Source, chosen, sources

ROWS = "\n".join(f"{1_577_836_800 + 3600 * n},10,12,9,11,5,{n}" for n in range(30))


@pytest.fixture
def pack(tmp_path: Path) -> Callable[..., Path]:
    """A ZIP: `pack({"XBTUSD_60.csv": "text"})`."""

    def made(members: dict[str, str | bytes], name: str = "export.zip") -> Path:
        path = tmp_path / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for member, content in members.items():
                archive.writestr(member, content)
        return path

    return made


@pytest.mark.parametrize(
    "name, symbol, timeframe",
    [
        ("XBTUSD_60.csv", "BTC/USD", "1h"),
        ("ETHUSD_5.csv", "ETH/USD", "5m"),
        ("XDGUSD_1440.csv", "DOGE/USD", "1d"),
        ("kraken_XBTUSD_1h_2020-2021.csv.gz", "BTC/USD", "1h"),
        ("freqtrade_XRPUSDT_perp_5m_2021-11.csv", "XRP/USDT:USDT", "5m"),
        ("ETHXBT_60.csv", "ETH/BTC", "1h"),
        ("XDGXBT_5.csv", "DOGE/BTC", "5m"),
        ("XBTDAI_5.csv", "BTC/DAI", "5m"),
        ("XBTPYUSD_5.csv", "BTC/PYUSD", "5m"),
        ("candles.csv", "", ""),
        ("SOLUSD_7.csv", "SOL/USD", ""),
    ],
)
def test_a_name_speaks_of_a_market_and_a_timeframe(name, symbol, timeframe):
    source = Source(name, Path(name), lambda: b"")
    assert (source.symbol, source.timeframe) == (symbol, timeframe)


def test_a_zip_gives_its_candle_files_in_order_and_nothing_else(pack, tmp_path):
    path = pack(
        {
            "Kraken/XBTUSD_60.csv": ROWS,
            "Kraken/ETHUSD_60.csv": ROWS,
            "__MACOSX/._XBTUSD_60.csv": "x",
            "readme.txt": "x",
        }
    )
    found = list(sources([path]))
    assert [one.name for one in found] == ["ETHUSD_60.csv", "XBTUSD_60.csv"]
    read = candles_in(found[1].read(), found[1].where, found[1].symbol)
    assert (read.symbol, len(read)) == ("BTC/USD", 30)
    assert [path.name for path in tmp_path.iterdir()] == ["export.zip"]


def test_a_filter_keeps_what_names_do_not_deny(pack):
    names = ("XBTUSD_60.csv", "XBTUSD_5.csv", "ETHUSD_60.csv", "other.csv")
    found = list(sources([pack(dict.fromkeys(names, ROWS))]))
    kept = chosen(found, ["BTC/USD"], ["1h"])
    assert [one.name for one in kept] == ["XBTUSD_60.csv", "other.csv"]
    assert chosen(found, (), ()) == found


def test_a_bad_row_in_a_zip_is_named_by_member_and_line(pack):
    path = pack({"XBTUSD_60.csv": ROWS.replace("1577844000,10", "1577844000,0")})
    (source,) = sources([path])
    with pytest.raises(DataError) as refused:
        candles_in(source.read(), source.where, source.symbol)
    assert refused.value.where == f"{path}/XBTUSD_60.csv:3"
    assert refused.value.field == "open"


def test_a_file_made_to_explode_is_not_unpacked(pack):
    (source,) = sources([pack({"XBTUSD_60.csv": b"0" * 40_000_000})])
    with pytest.raises(DataError, match="no candle file: packed") as refused:
        source.read()
    assert refused.value.remedy


def test_a_member_that_is_larger_than_it_says_is_cut_off(pack, monkeypatch):
    """What a ZIP declares is a claim: the limit is on what comes out."""
    monkeypatch.setattr(sources_file, "LARGEST", 500)
    (source,) = sources([pack({"XBTUSD_60.csv": ROWS})])
    with pytest.raises(DataError, match="unpacks to more than"):
        source.read()


def test_what_holds_no_candle_file_or_cannot_be_read_is_refused(pack, tmp_path):
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 no zip")
    folder = tmp_path / "empty"
    folder.mkdir()
    for path, words in (
        (pack({}, "none.zip"), "holds no candle files"),
        (pack({"a.txt": "x"}, "texts.zip"), "holds no candle files"),
        (folder, "holds no candle files"),
        (broken, "cannot be read"),
        (tmp_path / "absent.zip", "cannot be read"),
    ):
        with pytest.raises(DataError, match=words) as refused:
            list(sources([path]))
        assert str(path) in refused.value.where
        assert refused.value.remedy


def test_a_damaged_member_is_refused(pack):
    path = pack({"XBTUSD_60.csv": ROWS})
    raw = bytearray(path.read_bytes())
    raw[60:80] = b"\x00" * 20
    path.write_bytes(bytes(raw))
    (source,) = sources([path])
    with pytest.raises(DataError, match="cannot be read"):
        source.read()
