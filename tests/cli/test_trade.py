"""`asza trade …`: a backtest is kept, told, made again and studied, for all to see."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cli.context import Context
from cli.trade import kept
from cli.trade.settings import choose
from core.library import open_stack
from core.stack.parameters import parameters
from tests.cli.trading_desk import NAME, TIGHTER, TradingDesk, opened
from trading.shell import indicators
from trading.shell.config import read_settings
from trading.shell.engine.backtest import Task
from trading.shell.engine.trials import Variant
from trading.shell.law.limits import read_limits
from trading.shell.synthetic import generate
from trading.shell.venue.orders import Mode

FEW = "--set", "limits.trades_day=1"


@pytest.fixture(scope="module")
def trade(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TradingDesk]:
    with opened(tmp_path_factory.mktemp("desk") / "project", home) as desk:
        yield desk


@pytest.fixture(scope="module")
def told(trade: TradingDesk) -> Any:
    """A backtest with at most one entry a day, so that the law rejects some."""
    return trade.backtest(*FEW)


def of(trade: TradingDesk, told: Any, *arguments: str, code: int = 0) -> Any:
    return trade(*arguments, "--account", told["account"], code=code)


def rejected(trade: TradingDesk, told: Any, check: str) -> str:
    signals = of(trade, told, "debug", "BTC/USD", "--limit", "1000")["signals"]
    return next(str(one["decision"]) for one in signals if one["rejected_by"] == check)


def test_a_backtest_is_in_the_ledger_afterwards(trade: TradingDesk, told: Any):
    rows = of(trade, told, "trades", "--limit", "1000")["trades"]
    assert len(rows) == len(told["trades"]) > 3
    assert [row["id"] for row in rows] == [t["id"] for t in told["trades"]][::-1]
    status = of(trade, told, "status")
    assert float(status["money"]["equity"]) == pytest.approx(
        told["truth"]["portfolio_value"], abs=0.01
    )
    assert status["last_24h"]["trades"] <= 2
    assert Path(told["report"]).is_file()
    named = {one["account"] for one in trade("accounts")["accounts"]}
    assert told["account"] in named


def test_only_the_newest_ledgers_are_kept_and_a_page_outlives_its_own(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(kept, "KEPT", 2)
    first, second, third = (trade.backtest("--to", "2024-01-06") for _ in range(3))
    named = [one["account"] for one in trade("accounts")["accounts"]]
    assert named == [second["account"], third["account"]]
    assert all(Path(one["report"]).is_file() for one in (first, second, third))


def test_few_trades_are_explained(trade: TradingDesk):
    told = trade.backtest("--set", "rsi_limit=0")
    assert not told["trades"]
    assert "0 signals" in told["drought"][0]
    assert told["settings"]["rsi_limit"] == 0


def test_why_tells_of_the_law_and_the_fills(trade: TradingDesk):
    told = trade.backtest(*FEW)
    entry = told["trades"][-1]
    data = of(trade, told, "why", entry["id"])
    words = " ".join(data["in_words"])
    assert f"decision {data['entry']['id']}" in words
    assert "law allowed it" in words
    assert f"{entry['entry_price']:,.8g}" in words
    assert [one["module"] for one in data["entry"]["chain"]] == [
        f"{name}@1" for name in ("long_entry", "long_exit", "long_stop")
    ]
    shown = trade.shown("why", entry["id"], "--account", told["account"])
    assert all(line in shown.replace("\n", " ") for line in data["in_words"][:1])

    refused = rejected(trade, told, "trades_a_day")
    words = " ".join(of(trade, told, "why", refused)["in_words"])
    assert "Rejected by trades_a_day: 1 entries today" in words
    assert of(trade, told, "why", "nothing", code=13)["field"] == "trade or decision"


def test_a_decision_made_again_is_the_same_and_another_version_shows(
    trade: TradingDesk,
):
    told = trade.backtest()
    decision = of(trade, told, "why", told["trades"][0]["id"])["entry"]["id"]
    same = of(trade, told, "replay", decision)
    assert (same["same"], same["modules"], same["different"]) == (3, 3, [])
    shown = trade.shown("replay", decision, "--account", told["account"])
    assert "3 of 3 modules gave the same" in shown

    body = trade.root / "body.py"
    body.write_text(TIGHTER, "utf-8")
    _second_version(trade, body)
    changed = of(trade, told, "replay", decision, "--with", f"{NAME}.long_stop@2")
    assert changed["same"] == 3  # the recorded version still runs as recorded
    (one,) = changed["changed"]
    assert one["module"] == "long_stop@2"
    assert changed["order"]["differs"]
    then, now = changed["order"]["then"], changed["order"]["now"]
    assert then["enter"] == now["enter"]
    assert then["stop"] < now["stop"]
    same = of(trade, told, "replay", decision, "--with", "long_stop@1")
    assert not same["order"]["differs"]

    for wrong, field in (
        ("long_stop@9", "version"),
        ("long_stp@1", "--with"),
    ):
        answer = of(trade, told, "replay", decision, "--with", wrong, code=13)
        assert answer["field"] == field
    assert of(trade, told, "replay", "XX", code=13)["field"] == "decision"
    of(trade, told, "replay", decision, "--with", "long_stop", code=2)


def _second_version(trade: TradingDesk, body: Path) -> None:
    """The body as version 2, the first one live again."""
    import file_creator

    spec = trade.root / "prompts" / NAME / "long_stop.md"
    file_creator.main(spec, body)
    assert trade.said("rollback", f"{NAME}.long_stop", "1").code == 0


def test_each_trial_of_a_search_is_the_backtest_with_its_values(trade: TradingDesk):
    told = trade.backtest(
        *("--sweep", "rsi_limit=30,40", "--walk-forward", "2"),
        *("--monte-carlo", "50", "--jobs", "1", "--from", "2024-01-04"),
    )
    swept = told["studies"]["sweep"]
    assert [one["parameters"]["rsi_limit"] for one in swept["runs"]] == [30, 40]
    assert (swept["trials"], len(told["studies"]["walk_forward"])) == (2, 2)
    assert told["studies"]["monte_carlo"]["runs"] == 50
    for one in swept["runs"]:
        value = one["parameters"]["rsi_limit"]
        alone = trade.backtest("--set", f"rsi_limit={value}", "--from", "2024-01-04")
        assert one["outcome"]["trades"] == len(alone["trades"])
        assert one["outcome"]["final"] == pytest.approx(
            alone["truth"]["portfolio_value"], abs=1e-9
        )
    with Context() as context:  # a later sweep is judged by these two as well
        search = {"markets": ["BTC/USD 1h"], "sweep": "another"}
        earlier = kept.trials_before(context, NAME, search)
        ratios = [one["outcome"]["sharpe"] for one in swept["runs"]]
        assert (earlier.trials, list(earlier.sharpes)) == (2, pytest.approx(ratios))
        other = kept.trials_before(context, NAME, {"markets": ["ETH/USD 1h"]})
        assert other == (0, ())


def test_a_perpetual_pays_the_funding_of_a_file_and_says_where_it_has_none(
    trade: TradingDesk, tmp_path: Path
):
    first = int(generate(bars=500).frame["time"].iloc[0])
    rows = [f"{first + 28_800 * number},0.008" for number in range(70)]
    file = tmp_path / "BTCUSD_funding.csv"
    file.write_text("\n".join(["time,funding_rate", *rows]), "utf-8")
    base = "trade", "backtest", "--stack", NAME, "--csv", str(trade.candles)
    free = trade.said(*base, "--perpetual", "--json")
    said = "No funding series of BTC/USD:USD was given: it is taken as 0 % an hour."
    assert said in free.err
    assert json.loads(free.out)["warnings"] == [said]
    shown = trade.said(*base, "--perpetual").out
    assert shown.index(said) < shown.index("after costs")
    paid = trade.said(*base, "--perpetual", "--funding", str(file), "--json")
    assert "No funding series" not in paid.err
    assert all(float(one["funding"]) == 0 for one in json.loads(free.out)["trades"])
    told = json.loads(paid.out)
    assert told["warnings"] == []
    assert any(float(one["funding"]) > 0 for one in told["trades"])
    assert "Funding of BTC/USD:USD is hourly" in " ".join(told["assumptions"])
    spot = trade.said(*base, "--funding", str(file))
    assert (spot.code, "--perpetual" in spot.err) == (10, True)


def test_only_a_sweep_repeated_as_it_was_is_not_counted_again(trade: TradingDesk):
    task = Task((generate(bars=60),), read_settings(), read_limits(Mode.BACKTEST))

    def search(*given: str, **other: Any) -> kept.Search:
        chosen = choose(stack, Mode.BACKTEST, given)
        one = Variant(parameters(chosen.stack), chosen.settings, chosen.limits)
        return kept.search_of(replace(task, **other), stack, {"x": one, "y": one})

    with Context() as context:
        stack = open_stack(context.settings, NAME, context.store)
        changed = [
            search("rsi_limit=31"),
            search("costs.slippage=0.002"),
            search("limits.positions=1"),
            search(first=5),
            search(candles=(generate(bars=61),)),
            search(detail=(generate(bars=60, step=60),)),
        ]
        assert len({one["sweep"] for one in changed} - {search()["sweep"]}) == 6
        before = kept.trials_before(context, NAME, search()).trials
        for number, one in enumerate([*changed, *changed]):
            failing = kept.booked(context, f"b{number}", NAME, one)
            with pytest.raises(ZeroDivisionError), failing:
                raise ZeroDivisionError
        assert kept.trials_before(context, NAME, search()).trials == before + 12
        assert kept.trials_before(context, NAME, changed[0]).trials == before + 10


def test_the_doctor_says_what_stands_against_trading(trade: TradingDesk, told: Any):
    checks = {one["name"]: one for one in trade("doctor", "--stack", NAME)}
    assert all(one["ok"] for one in checks.values()), checks
    assert "3 modules" in checks["stack"]["detail"]
    assert told["account"]
    assert "to the cent" in checks["ledger"]["detail"]
    assert "offline" in checks["clock"]["detail"]
    assert checks["indicators"]["detail"] == "all 2 proven free of the future"

    switch = trade.home / "trade" / "HALT.paper"
    switch.parent.mkdir(exist_ok=True)
    switch.write_text("looking at it", "utf-8")
    trade.said("quarantine", f"{NAME}.long_exit", "--reason", "odd")
    try:
        checks = {one["name"]: one for one in trade("doctor", "--stack", NAME, code=9)}
    finally:
        switch.unlink()
        trade.said("quarantine", f"{NAME}.long_exit", "--lift")
    bad = {name for name, one in checks.items() if not one["ok"]}
    assert bad == {"kill switch", "stack"}
    assert "looking at it" in checks["kill switch"]["detail"]
    assert "long_exit is in quarantine: odd" in checks["stack"]["detail"]


def test_the_doctor_names_an_indicator_that_looks_ahead(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    ahead = {"rsi_{n}": lambda bars, n: np.append(bars["close"][n:], [np.nan] * n)}
    monkeypatch.setattr(indicators, "FORMULAS", {**indicators.FORMULAS, **ahead})
    checks = {one["name"]: one for one in trade("doctor", "--stack", NAME, code=9)}
    assert not checks["indicators"]["ok"]
    assert "rsi_14 is not admitted: the value" in checks["indicators"]["detail"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--stack nope", 13, "there is no stack"),
        ("--symbols ETH/USD", 10, "they hold BTC/USD"),
        ("--from 2024-13-01", 2, "is no date"),
        ("--from 2031-01-01", 10, "no candle lies between"),
        ("--from 2024-01-09 --to 2024-01-08", 10, "is not before --to"),
        ("--timeframe 4h", 10, "these candles are of 1h"),
        ("--set rsi_limt=3", 3, "did you mean 'rsi_limit'?"),
        ("--set slippage=0.1", 3, "did you mean 'costs.slippage'?"),
        ("--set costs.slipage=0.1", 3, "did you mean 'costs.slippage'"),
        ("--set costs.slippage=0.5", 3, "costs.slippage must be 0.05 or less"),
        ("--set session.deposit=abc", 3, "session.deposit must be a number"),
        ("--set costs.symbols={x:{}}", 3, "costs.symbols.x must be a market"),
        ("--set rsi_limit=101", 5, "'rsi_limit' cannot be 101"),
        ("--set limits.trade_day=5", 3, "did you mean 'limits.trades_day'"),
        ("--set rsi_limit", 2, "is not name=value"),
        ("--sweep rsi_limit=1:x:2", 3, "rsi_limit=1:x:2 has 'x'"),
        ("--sweep rsi_limit=30,101", 5, "'rsi_limit' cannot be 101"),
        ("--sweep nothing=1,2", 3, "no setting called 'nothing'"),
        ("--walk-forward 100", 3, "hold no 100 folds"),
    ],
)
def test_what_is_mistyped_is_refused_in_words(
    trade: TradingDesk, arguments: str, code: int, words: str
):
    base = [] if "--stack" in arguments else ["--stack", NAME]
    given = ["backtest", *base, "--csv", str(trade.candles), *arguments.split()]
    ran = trade.said("trade", *given)
    assert ran.code == code, ran.err
    assert words in ran.err
    assert "to do" in ran.err
    assert "Traceback" not in ran.err


def test_limits_and_accounts_that_are_not_there_are_refused(
    trade: TradingDesk, tmp_path: Path
):
    file = tmp_path / "limits.toml"
    file.write_text("[backtest]\npositons = 3\n", "utf-8")
    told = trade.backtest("--limits", str(file), code=3)
    assert told["field"] == "backtest.positons"
    assert told["remedy"] == "did you mean 'positions'?"
    assert trade("status", "--account", "nobody", code=13)["field"] == "account"
    answer = trade("debug", "DOGE/USD", "--account", "last", code=13)
    assert "never looked at DOGE/USD" in answer["message"]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda rows: _with_close(rows, "NaN"), "'NaN' is not a number"),
        (lambda rows: _with_close(rows, "0"), "is not a price"),
        (lambda rows: [*rows[:50], rows[49], *rows[50:]], "the row before, too"),
        (
            lambda rows: [*rows[:50], rows[51], rows[50], *rows[52:]],
            "earlier than the row before",
        ),
    ],
)
def test_candles_that_cannot_be_are_refused_by_line(
    trade: TradingDesk, tmp_path: Path, spoil: Any, words: str
):
    rows = trade.candles.read_text("utf-8").splitlines()
    file = tmp_path / "XBTUSD_60.csv"
    file.write_text("\n".join(spoil(rows)) + "\n", "utf-8")
    ran = trade.said("trade", "backtest", "--stack", NAME, "--csv", str(file))
    assert ran.code == 10
    assert words in ran.err
    assert f"{file}:5" in ran.err


def _with_close(rows: list[str], value: str) -> list[str]:
    cells = rows[50].split(",")
    cells[4] = value
    return [*rows[:50], ",".join(cells), *rows[51:]]
