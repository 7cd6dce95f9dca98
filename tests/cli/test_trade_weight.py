"""A model's score is given no weight that a kept calibration does not justify."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.context import Context
from cli.trade.weight import WEIGHT, kept_weight, require_calibrated
from core.errors import ConfigError
from core.store import Runs
from tests.cli.trading_desk import NAME, TradingDesk, opened
from trading.shell.ledger import Account
from trading.shell.ledger.events import Scanned
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.venue.orders import Mode

HOUR = 3600
OWN = '\n[starting.gpt_weight]\nunit = "ratio"\nvalue = 0\n'
GATHERING = Account(Mode.PAPER, "calibration")


@pytest.fixture(scope="module")
def trade(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TradingDesk]:
    with opened(tmp_path_factory.mktemp("weight") / "project", home) as desk:
        file = desk.root / NAME / "stack.toml"
        file.write_text(file.read_text("utf-8") + OWN, "utf-8")
        yield desk


def paper(trade: TradingDesk, *more: str, code: int) -> str:
    given = "--stack", NAME, "--csv", str(trade.candles), "--speed", "0", "--plain"
    ran = trade.said("trade", "paper", *given, *more)
    assert ran.code == code, ran.err
    return ran.err


def answered(context: Context) -> None:
    """A hundred and twenty candles up and down, and each time the word that was right."""
    prices = [100.0 + (at * at + at // 3) % 7 for at in range(121)]
    scans = [
        Scanned(
            *("BTC/USD", HOUR * at, price, "", False, "none", None),
            {"gpt_said": "buy" if later > price else "sell"},
        )
        for at, (price, later) in enumerate(pairwise(prices))
    ]
    Runs(context.store).start("gathered", NAME, "paper", {"account": GATHERING.name})
    PostgresJournal(context.store, GATHERING, stack=NAME).append(scans)


@pytest.mark.parametrize(
    "arguments", [("--set", "gpt_weight=0.5"), ("--sweep", "gpt_weight=0,0.5")]
)
def test_a_weight_that_nothing_was_shown_for_is_refused(
    trade: TradingDesk, arguments: tuple[str, str]
):
    given = "trade", "backtest", "--stack", NAME, "--csv", str(trade.candles)
    ran = trade.said(*given, *arguments)
    assert ran.code == ConfigError.exit_code
    assert "gpt_weight cannot be 0.5" in ran.err
    assert "`asza trade calibrate`" in ran.err
    if "--set" in arguments:
        assert "gpt_weight cannot be 0.5" in paper(trade, *arguments, code=ran.code)


def test_an_account_that_gathers_answers_may_ask(trade: TradingDesk):
    paper(trade, "--set", "gpt_weight=0.5", "--account", "calibration-first", code=0)


def test_the_weight_that_answers_justify_is_kept_and_taken_and_no_more(
    trade: TradingDesk,
):
    with Context() as context:
        answered(context)
        told = trade("calibrate", "--account", GATHERING.name, "--bars", "1")
        assert told["kept_for"] == NAME
        justified = kept_weight(context, NAME)
        assert justified == told["weight"] > 0
        require_calibrated(context, NAME, [{WEIGHT: justified}])
        with pytest.raises(ConfigError, match="no more than"):
            require_calibrated(context, NAME, [{WEIGHT: justified + 0.01}])
        assert kept_weight(context, "another") == 0
        assert trade.backtest("--set", f"gpt_weight={justified}")["trades"]
        trade("calibrate", "--account", GATHERING.name, "--bars", "1", "--least", "500")
        assert kept_weight(context, NAME) == 0  # the newest counts


@settings(max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_without_a_calibration_only_a_weight_of_nothing_passes(
    trade: TradingDesk, weights: list[float]
):
    tried = [{WEIGHT: one} for one in weights]
    with Context() as context:
        if any(weights):
            with pytest.raises(ConfigError) as refused:
                require_calibrated(context, "unknown", tried)
            assert refused.value.remedy
        else:
            require_calibrated(context, "unknown", [*tried, {}])
