"""`asza data …`: what a person and a script see of stored candles."""

import json
import re
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from asza import main
from cli import data
from core.store import Store
from tests.e2e.project import NOBODY
from tests.fake_kraken import FakeKraken, serving
from trading.shell import candle_clock
from trading.shell.candles import stamp
from trading.shell.synthetic import START, generate

Run = Callable[..., Any]


class Terminal(StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(store: Store, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("list")` is the JSON answer; `code=` is the exit code it must end with."""

    def answer(*arguments: str, code: int = 0) -> Any:
        capsys.readouterr()
        ended = main(["data", *arguments, "--json"])
        said = capsys.readouterr()
        assert ended == code, said.err
        return json.loads(said.out)

    return answer


@pytest.fixture
def hours(tmp_path: Path) -> Path:
    """Sixty hours, one of them missing, as a file without a header."""
    path = tmp_path / "XBTUSD_60.csv"
    frame = generate(bars=60).frame.drop(index=[30])
    path.write_text(frame.to_csv(index=False, header=False))
    return path


def test_an_import_is_listed_checked_and_built(run: Run, hours: Path):
    told = run("import", str(hours), "--build")
    (one,) = told["imported"]
    assert one["written"]["added"] == one["rows"] == 59
    assert one["columns"]["time"] == "column 1"
    assert {b["timeframe"]: b["rows"] for b in told["built"]} == {"4h": 14, "1d": 1}
    rows = {row["timeframe"]: row for row in run("list")}
    assert rows["1h"]["first"] == START
    assert rows["1h"]["bytes"] > 0
    (report,) = run("check", "--timeframes", "1h")
    assert (report["missing"], report["gaps"], report["stale"]) == (1, 1, True)
    assert run("build", "--timeframes", "1d", "--most-missing", "1")[0]["rows"] == 2


def test_what_cannot_be_built_is_refused_and_says_what_is_stored(run: Run, hours: Path):
    assert run("build", code=10)["remedy"]
    run("import", str(hours))
    for market in ("NOPE/USD", "BTC/USD,NOPE/USD"):
        refused = run("build", "--symbols", market, code=10)
        assert (refused["field"], refused["value"]) == ("symbols", "'NOPE/USD'")
    refused = run("build", "--timeframes", "5m,1h", code=10)
    assert (refused["field"], refused["value"]) == ("timeframes", "'5m, 1h'")
    assert "BTC/USD 1h" in refused["remedy"]
    assert [row["timeframe"] for row in run("list")] == ["1h"]


def test_a_person_sees_how_a_file_was_read_and_what_differs(
    store: Store, hours: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["data", "import", str(hours)]) == 0
    said = capsys.readouterr().err
    assert "times in seconds since 1970" in said
    assert "1 bar missing within" in said
    lines = hours.read_text().splitlines()
    lines[5] = ",".join([*lines[5].split(",")[:5], "1.5"])
    hours.write_text("\n".join(lines))
    assert main(["data", "import", str(hours)]) == 0
    told = capsys.readouterr()
    assert "1 differs from stored ones: the stored ones stay (--replace)" in told.err
    assert main(["data", "check"]) == 0
    assert "1 missing after" in capsys.readouterr().out
    assert main(["data", "list"]) == 0
    assert "BTC/USD" in capsys.readouterr().out


def test_a_person_sees_the_column_that_differs_from_a_stored_candle(
    run: Run, hours: Path, capsys: pytest.CaptureFixture[str]
):
    run("import", str(hours))
    lines = hours.read_text().splitlines()
    second, begin, high, *rest = lines[5].split(",")
    spike = repr(float(high) + 0.001)
    lines[5] = ",".join([second, begin, spike, *rest])
    path = hours.with_name("spike_XBTUSD_60.csv")
    path.write_text("\n".join(lines))
    assert main(["data", "import", str(path)]) == 0
    told = "".join(capsys.readouterr().out.split())  # long paths are broken
    was, now = (repr(float(one)).removesuffix(".0") for one in (high, spike))
    assert f"high{was}fromfile{hours.name},{now}from{path}" in told
    assert "close" not in told


def test_a_bad_file_is_refused_with_its_line_and_nothing_is_stored(
    run: Run, hours: Path
):
    lines = hours.read_text().splitlines()
    hours.write_text("\n".join([*lines[:7], lines[3], *lines[7:]]))
    error = run("import", str(hours), code=10)
    assert error["where"].endswith("XBTUSD_60.csv:8")
    assert error["remedy"]
    assert run("list") == []
    assert run("check", code=10)["remedy"]
    assert run("prune", "--keep", "5m=soon", code=2)["field"] == "keep"


def test_a_file_is_checked_without_being_stored(run: Run, hours: Path):
    (report,) = run("check", "--csv", str(hours))
    assert (report["symbol"], report["rows"]) == ("BTC/USD", 59)
    assert run("list") == []


@pytest.mark.parametrize("content", [None, "", "time,open,high,low,close\n"])
def test_a_file_without_candles_is_named_with_its_option(
    run: Run, tmp_path: Path, content: str | None
):
    """No file at all, an empty one, a header alone."""
    path = tmp_path / "XBTUSD_60.csv"
    if content is not None:
        path.write_text(content)
    refused = run("check", "--csv", str(path), code=10)
    assert (refused["field"], refused["value"]) == ("--csv", repr(str(path)))
    assert refused["remedy"]
    assert run("import", str(path), code=10)["value"] == repr(str(path))


def test_a_folder_without_candles_is_named_with_its_option(run: Run, tmp_path: Path):
    folder = tmp_path / "empty"
    folder.mkdir()
    refused = run("check", "--csv", str(folder), code=10)
    assert (refused["field"], refused["value"]) == ("--csv", repr(str(folder)))


@pytest.mark.parametrize("typed", ["!!", "BTC", "BTC/", "../USD", "BTC/USD,ETH/USD"])
def test_what_is_no_market_is_not_stored_as_one(run: Run, hours: Path, typed: str):
    refused = run("import", str(hours), "--symbol", typed, code=2)
    assert refused["field"] == "--symbol"
    assert run("list") == []


def test_a_market_may_be_typed_in_small_letters(run: Run, hours: Path):
    run("import", str(hours), "--symbol", "eth/usd")
    assert [row["symbol"] for row in run("list")] == ["ETH/USD"]
    assert run("check", "--symbols", "!!", code=2)["field"] == "--symbols"


def test_a_high_nobody_traded_at_is_told(
    run: Run, hours: Path, capsys: pytest.CaptureFixture[str]
):
    rows = [line.split(",") for line in hours.read_text().splitlines()]
    rows[9][2] = "9000000"
    hours.write_text("\n".join(map(",".join, rows)))
    (report,) = run("check", "--csv", str(hours))
    assert "1 outlier" in report["trouble"]
    (told,) = report["examples"]
    assert (told["column"], told["price"]) == ("high", 9_000_000)
    assert main(["data", "check", "--csv", str(hours)]) == 0
    assert "high 9e+06 at" in capsys.readouterr().out


def test_hours_are_not_stored_as_minutes(run: Run, hours: Path):
    refused = run("import", str(hours), "--timeframe", "5m", code=10)
    assert (refused["field"], refused["value"]) == ("timeframe", "'5m'")
    assert "--timeframe 1h" in refused["remedy"]
    assert run("list") == []


@pytest.mark.parametrize("order", [["import"], ["check", "--csv"]])
def test_hours_in_a_file_that_is_named_after_minutes_are_refused(
    run: Run, hours: Path, order: list[str]
):
    named = hours.rename(hours.with_name("SOLUSD_5.csv"))
    refused = run(*order, str(named), code=10)
    assert (refused["field"], refused["value"]) == ("timeframe", "'5m'")
    assert "--timeframe 1h" in refused["remedy"]
    assert run("list") == []
    run("import", str(named), "--timeframe", "1h")
    assert [(row["symbol"], row["timeframe"]) for row in run("list")] == [
        ("SOL/USD", "1h")
    ]


@pytest.mark.parametrize("share", [0.03, 0.1, 0.6])
def test_a_market_that_is_traded_little_keeps_the_timeframe_of_its_name(
    run: Run, tmp_path: Path, share: float
):
    frame = generate(bars=4000, step=300).frame.sample(frac=share, random_state=1)
    path = tmp_path / "SOLUSD_5.csv"
    path.write_text(frame.sort_index().to_csv(index=False, header=False))
    (one,) = run("import", str(path))["imported"]
    assert (one["timeframe"], one["rows"]) == ("5m", len(frame))


def test_candles_of_the_future_are_told_and_not_stored(
    run: Run, hours: Path, monkeypatch: pytest.MonkeyPatch
):
    """The last ten of them, for a clock that stands more than a day before."""
    clock = SimpleNamespace(time=lambda: START + 49 * 3600 - 86_400)
    monkeypatch.setattr(candle_clock, "time", clock)
    monkeypatch.setattr(data, "time", clock)
    (report,) = run("check", "--csv", str(hours))
    assert report["future"] == 10
    assert "10 of the future" in report["trouble"]
    refused = run("import", str(hours), code=10)
    assert (refused["field"], refused["value"]) == (
        "time",
        repr(stamp(START + 50 * 3600)),
    )
    assert refused["remedy"]
    assert run("list") == []


def test_kraken_s_newest_candles_are_merged_and_their_limit_said(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    rows = [tuple(row) for row in generate(bars=60).frame.itertuples(index=False)]
    with serving(FakeKraken(candles={"XXBTZUSD": rows})) as kraken:
        monkeypatch.setenv("KRAKEN_API_URL", kraken.url)
        told = run("fetch", "--symbols", "BTC/USD", "--timeframe", "1h")
    assert "720" in told["limit"]
    assert told["fetched"][0]["written"]["added"] == 59
    assert [row["rows"] for row in run("list")] == [59]


def test_without_a_network_files_are_what_is_left(
    run: Run, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KRAKEN_API_URL", NOBODY)
    remedy = run("fetch", code=10)["remedy"]
    assert "`asza data import FILE`" in remedy


def test_a_market_is_removed_after_a_yes_and_no_other(run: Run, hours: Path):
    run("import", str(hours), "--build")
    run("import", str(hours), "--symbol", "ETH/USD")
    before = run("list")
    shown = run("remove", "BTC/USD")
    assert not shown["done"]
    assert run("list") == before
    one = run("remove", "btc/usd", "--timeframe", "4h", "--yes")
    assert one["done"]
    assert [(gone["timeframe"], gone["rows"]) for gone in one["markets"]] == [
        ("4h", 14)
    ]
    gone = run("remove", "BTC/USD", "--yes")["markets"]
    assert {each["timeframe"]: each["rows"] for each in gone} == {"1h": 59, "1d": 1}
    assert [(row["symbol"], row["rows"]) for row in run("list")] == [("ETH/USD", 59)]


def test_what_is_not_stored_cannot_be_removed(run: Run, hours: Path):
    run("import", str(hours))
    for words, field, value in (
        (["SOL/USD"], "symbol", "'SOL/USD'"),
        (["BTC/USD", "--timeframe", "5m"], "timeframe", "'5m'"),
    ):
        refused = run("remove", *words, "--yes", code=10)
        assert (refused["field"], refused["value"]) == (field, value)
        assert "BTC/USD 1h" in refused["remedy"]
    assert [row["rows"] for row in run("list")] == [59]


@pytest.mark.parametrize("answer, left", [("y", 0), ("n", 1)])
def test_a_person_is_asked_before_a_market_goes(
    run: Run,
    hours: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answer: str,
    left: int,
):
    run("import", str(hours))
    monkeypatch.setattr("sys.stdin", Terminal(f"{answer}\n"))
    assert main(["data", "remove", "BTC/USD"]) == 0
    told = capsys.readouterr()
    assert "Delete 59 candles (BTC/USD 1h)?" in told.err
    words = "nothing was deleted" if left else "59 candles of BTC/USD 1h"
    assert words in told.out
    assert len(run("list")) == left


def test_nothing_goes_before_yes_is_said(run: Run, hours: Path):
    run("import", str(hours), "--build")
    before = run("list")
    shown = run("prune")
    assert not shown["done"]
    assert {one["timeframe"]: one["old"] for one in shown["old"]}["1h"] == 59
    assert run("list") == before
    done = run("prune", "--yes")
    assert shown["old"] == done["old"]
    hour = next(one for one in done["old"] if one["timeframe"] == "1h")
    assert (hour["gone"], hour["kept"], hour["into"]) == (24, 35, "1d")


def test_the_preview_of_pruning_shows_what_would_stay(
    run: Run, hours: Path, capsys: pytest.CaptureFixture[str]
):
    run("import", str(hours), "--build")
    assert main(["data", "prune"]) == 0
    told = capsys.readouterr().out
    assert "to go" in told
    assert re.search(r"1h .* 59 +24 +35 ", told)
    assert "nothing was deleted" in told
