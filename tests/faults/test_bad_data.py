"""Candles and inputs that cannot be used: file, line, column, remedy; nothing is guessed."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.store import Modules, Store
from tests.faults.conftest import SUM, Asza, check_whole, rows, tree

Refused = Callable[..., dict[str, Any]]
VOLUME = "Buy when RSI 14 is below 45 and volume is above its 20-bar average."


@pytest.fixture(scope="module")
def written() -> dict[str, dict[str, bytes]]:
    """What was built once, by stack: the files, as a clone brings them."""
    return {}


@pytest.fixture
def dips(asza: Asza, store: Store, written: dict[str, dict[str, bytes]]) -> str:
    """A stack that reads the price and the volume."""
    return lay_out("dips", VOLUME, asza, store, written)


@pytest.fixture
def sums(asza: Asza, store: Store, written: dict[str, dict[str, bytes]]) -> str:
    """A stack that is called with inputs."""
    return lay_out("sums", SUM, asza, store, written)


def lay_out(
    stack: str,
    request: str,
    asza: Asza,
    store: Store,
    written: dict[str, dict[str, bytes]],
) -> str:
    root = store.settings.root
    if stack not in written:
        asza("ask", request, "--stack", stack, "--no-run").went()
        written[stack] = tree(root)
    for name, content in written[stack].items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return stack


GOOD = rows()
CELL = GOOD[50].split(",")


def with_cell(column: int, value: str) -> list[str]:
    changed = [*CELL[:column], value, *CELL[column + 1 :]]
    return [*GOOD[:50], ",".join(changed), *GOOD[51:]]


BAD: dict[str, tuple[list[str], str]] = {
    "a time twice": ([*GOOD[:50], GOOD[49], *GOOD[50:]], "bad.csv:51"),
    "times backwards": ([GOOD[0], *GOOD[:0:-1]], "sort the rows"),
    "a NaN": (with_cell(4, "nan"), "bad.csv:51"),
    "an infinity": (with_cell(2, "inf"), "bad.csv:51"),
    "an empty cell": (with_cell(1, ""), "bad.csv:51"),
    "a negative price": (with_cell(3, "-1"), "bad.csv:51"),
    "a high below the low": (with_cell(2, "1"), "bad.csv:51"),
    "a negative volume": (with_cell(5, "-1"), "volume"),
    "a text": (with_cell(4, "n/a"), "bad.csv:51"),
    "a formula": (with_cell(4, "=SUM(A1)"), "bad.csv:51"),
    "a time that is none": (with_cell(0, "yesterday"), "bad.csv:51"),
    "a time off the grid": (with_cell(0, str(int(CELL[0]) + 7)), "bad.csv:51"),
    "a short row": ([*GOOD[:50], "1,2", *GOOD[50:]], "bad.csv:51"),
    "wrong columns": (["when,price", "1,2", "2,3"], "time, open, high, low, close"),
    "a column twice": ([GOOD[0] + ",close", *(f"{r},1" for r in GOOD[1:])], "close"),
    "only a header": (GOOD[:1], "bars"),
    "one bar": (GOOD[:2], "bars"),
    "too few bars": (GOOD[:6], "bars"),
    "no volume for a volume rule": (rows(volume=False), "volume"),
    "nothing": ([], "empty"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_candles_are_refused_where_they_are(
    refused: Refused, dips: str, tmp_path: Path, what: str
) -> None:
    lines, says = BAD[what]
    path = tmp_path / "bad.csv"
    path.write_text("".join(f"{line}\n" for line in lines))
    refused(10, "run", dips, "--data", str(path), says=says)


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 40,
        b"\x1f\x8b not gzip",
        gzip.compress(b"time,open\n1,2\n")[:20],
        b"\x00" * 5000,
        "\n".join(GOOD).encode("utf-16"),
        b"PK\x03\x04" + b"\x00" * 100,
    ],
    ids=["binary", "no gzip", "half a gzip", "zeros", "UTF-16", "zip"],
)
@pytest.mark.parametrize("name", ["bad.csv", "bad.csv.gz"])
def test_a_file_that_is_no_csv_is_refused(
    refused: Refused, dips: str, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    refused(10, "run", dips, "--data", str(path), says=name)


def test_what_is_not_there_is_refused_and_not_replaced(
    refused: Refused, dips: str, tmp_path: Path
) -> None:
    refused(10, "run", dips, "--data", str(tmp_path / "none.csv"), says="none.csv")
    refused(10, "run", dips, "--data", str(tmp_path), says="no candle files")
    refused(10, "run", dips, "--data", "", says="")


def test_a_gap_is_said_and_run_with(asza: Asza, dips: str, tmp_path: Path) -> None:
    path = tmp_path / "gap.csv"
    path.write_text("\n".join([*GOOD[:60], *GOOD[65:]]) + "\n")
    done = asza("run", dips, "--data", str(path)).went()
    assert "1 gaps (5 bars missing)" in done.err


def test_bad_candles_are_refused_by_ask_before_anything_is_built(
    asza: Asza, store: Store, tmp_path: Path, candles: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("nonsense\n")
    asza("ask", VOLUME, "--stack", "dips", "--data", str(bad)).refused(10, "bad.csv")
    check_whole(store)
    assert Modules(store).all_live() == []
    asza("ask", VOLUME, "--stack", "dips", "--data", str(candles)).went()


@pytest.mark.parametrize(
    "given",
    [
        "", "{", "[]", "null", "1", "[1]", "{'a': 2}", '{"a": 2', "a=2",
        '{"a": 2}', '{"a": 2, "b": 3, "c": 4}', '[{"a": 2, "b": 3}, {"a": 2}]',
        "{}", "[" * 3000,
    ],
)  # fmt: skip
def test_inputs_that_fit_nothing_are_refused(
    refused: Refused, sums: str, given: str
) -> None:
    refused(10, "run", sums, "--in", given, says="--in")


@pytest.mark.parametrize(
    "value", ['"x"', "NaN", "Infinity", "1e300", "true", "null", "[]", "{}", "2.5"]
)
def test_an_input_out_of_contract_is_a_failed_call_with_an_exit_code(
    asza: Asza, sums: str, value: str
) -> None:
    given = f'{{"a": {value}, "b": 3}}'
    asza("run", sums, "--in", given).refused(11, "a is")
    told = asza("run", sums, "--in", given, "--json").refused(11).json
    assert told["exit_code"] == 11
    assert "a is" in told["message"]
    asza("run", sums, "--in", '{"a": 2, "b": 3}').went()


def test_a_good_call_beside_a_failed_one_is_still_shown(asza: Asza, sums: str) -> None:
    given = '[{"a": 2, "b": 3}, {"a": "x", "b": 3}]'
    done = asza("run", sums, "--in", given).refused(11)
    assert "result=5" in done.out
    assert asza("run", sums, "--in", given, "--json").json["calls"][0]["outputs"]
