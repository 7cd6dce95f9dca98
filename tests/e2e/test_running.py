"""Running a stack: two engines, a trace, candles of many kinds, markets found or made."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import Project
from tests.fake_kraken import FakeKraken, serving
from trading.shell.synthetic import generate

REQUEST = (
    "Buy when EMA 9 crosses above EMA 21. Sell when EMA 9 crosses below EMA 21. "
    "Stop loss 2 ATR. Risk 1 % of equity per trade."
)
NAME = "cross"


@pytest.fixture(scope="module")
def stack(project: Project) -> str:
    """Four modules, not run yet."""
    project.data("ask", REQUEST, "--stack", NAME, "--no-run")
    return NAME


@pytest.fixture(scope="module")
def kraken() -> Iterator[FakeKraken]:
    """A Kraken with 300 hours of bitcoin, the last one forming."""
    rows = list(generate(bars=300).frame.itertuples(index=False, name=None))
    with serving(FakeKraken({"XXBTZUSD": rows})) as served:
        yield served


def _decided(outcome: dict[str, Any]) -> Any:
    totals = {k: v for k, v in outcome["totals"].items() if k != "seconds"}
    turns = [
        {k: v for k, v in turn.items() if k != "elapsed_us"}
        for turn in outcome["trace"]
    ]
    return totals, outcome["decided"], turns, outcome["versions"]


def test_both_engines_decide_the_same_on_every_bar(
    project: Project, stack: str, candles: Path
):
    given = ("run", stack, "--data", candles, "--trace")
    native = project.data(*given)
    sandbox = project.data(*given, "--engine", "sandbox")
    assert (native["engine"], sandbox["engine"]) == ("native", "sandbox")
    assert _decided(native) == _decided(sandbox)
    assert native["totals"]["trades"] > 0
    assert len(native["trace"]) == 20 * 4


def test_a_trace_shows_each_module_with_inputs_outputs_and_time(
    project: Project, stack: str, candles: Path
):
    ran = project.asza("run", stack, "--data", candles, "--trace")
    lines = [line for line in ran.out.splitlines() if "BTC/USD long_entry@1" in line]
    assert len(lines) == 20
    assert "prior_ema_21=" in lines[0]
    assert "enter_long=" in ran.out
    assert "No fees, no slippage" in ran.out
    assert "candles from market_BTCUSD_1h.csv, as asked" in ran.err


def test_candles_are_fetched_from_kraken(
    project: Project, stack: str, kraken: FakeKraken
):
    ran = project.data("run", stack, KRAKEN_API_URL=kraken.url)
    assert ran["totals"]["synthetic"] is False
    assert ran["totals"]["bars"] == 299
    assert "Kraken's newest" in ran["market"][0]
    assert any(path.endswith("/OHLC") for _, path, _ in kraken.requests)
    assert {method for method, *_ in kraken.requests} == {"GET"}


def test_a_market_that_kraken_does_not_have_is_an_error_not_a_made_up_one(
    project: Project, stack: str, kraken: FakeKraken
):
    told = project.data(
        "run", stack, "--symbol", "DOGE/USD", code=10, KRAKEN_API_URL=kraken.url
    )
    assert "DOGE/USD" in told["message"]


def test_without_kraken_the_market_is_made_and_labelled_everywhere(
    project: Project, stack: str
):
    ran = project.data("run", stack)
    assert ran["totals"]["synthetic"] is True
    assert "SYNTHETIC" in ran["market"][0]
    html = Path(ran["report"]).read_text(encoding="utf-8")
    assert "<title>SYNTHETIC" in html
    assert "SYNTHETIC MARKET" in html
    shown = project.asza("run", stack)
    assert "SYNTHETIC MARKET" in shown.out
    assert "SYNTHETIC" in shown.err


def test_two_markets_are_walked_together(project: Project, stack: str, tmp_path: Path):
    for symbol, seed in (("BTCUSD", 1), ("ETHUSD", 2)):
        frame = generate(bars=120, seed=seed).frame
        frame.to_csv(tmp_path / f"market_{symbol}_1h.csv", index=False)
    ran = project.data("run", stack, "--data", tmp_path)
    assert ran["totals"]["symbols"] == ["BTC/USD", "ETH/USD"]
    assert ran["totals"]["bars"] == 240


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("time,open,high\n1,2,3\n", "low"),
        ("", "empty"),
        ("time,open,high,low,close,volume\n1704067200,1,2,0.5,nan,1\n", "close"),
        (
            "time,open,high,low,close,volume\n"
            "1704067200,1,2,0.5,1,1\n1704067200,1,2,0.5,1,1\n",
            "1704067200",
        ),
    ],
    ids=["columns", "empty", "NaN", "twice"],
)
def test_candles_that_cannot_be_used_are_refused_by_name(
    project: Project, stack: str, tmp_path: Path, content: str, says: str
):
    path = tmp_path / "bad_BTCUSD_1h.csv"
    path.write_text(content, encoding="utf-8")
    told = project.data("run", stack, "--data", path, code=10)
    assert says in f"{told['message']} {told['value']}"
    assert "bad_BTCUSD_1h.csv" in f"{told['where']} {told['message']}"


def test_candles_without_volume_are_refused_by_a_stack_that_reads_it(
    project: Project, stack: str, tmp_path: Path
):
    frame = generate(bars=120).frame.drop(columns="volume")
    path = tmp_path / "bare_BTCUSD_1h.csv"
    frame.to_csv(path, index=False)
    assert project.data("run", stack, "--data", path)["totals"]["bars"] == 120
    request = "Buy when volume is above 1.5 times its 20-bar average."
    told = project.data("ask", request, "--data", path, code=10)
    assert "volume" in told["message"]
