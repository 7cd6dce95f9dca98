"""`asza trade debug|trades|status|why`: what an account knows, and what it does not."""

from getpass import getuser

from cli.context import Context
from tests.cli.trading_desk import NAME, TradingDesk
from tests.trading.ledger.story import decided
from trading.shell.changed import changed
from trading.shell.ledger import Account
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.venue.orders import Mode


def test_a_market_is_found_as_the_account_spells_it_or_named_in_the_refusal(
    trade: TradingDesk,
):
    bare = trade.root / "prices.csv"
    bare.write_bytes(trade.candles.read_bytes())
    trade("backtest", "--stack", NAME, "--csv", str(bare))
    assert trade("debug", "prices.csv")["trades"]
    assert trade("debug", "PRICES.csv")["symbol"] == "prices.csv"
    assert trade("trades", "--symbol", "prices.csv")["trades"]

    refused = [
        trade("debug", "SOL/USD", code=13),
        trade("trades", "--symbol", "SOL/USD", code=13),
    ]
    for one in refused:
        assert "never looked at SOL/USD" in one["message"]
        assert one["remedy"] == "it looked at prices.csv"


def test_a_decision_about_no_market_names_none_among_those_looked_at(
    trade: TradingDesk,
):
    assert trade.paper().code == 0
    with Context() as context:
        account = Account(Mode.PAPER, "paper")
        journal = PostgresJournal(context.store, account, stack=NAME)
        now = journal.state.clock
        journal.append([changed(decided("whole", "none", symbol=""), at=now)])
    refused = trade("debug", "DOGE", code=13)
    assert refused["remedy"] == "it looked at BTC/USD"


def test_status_claims_no_count_of_what_a_backtest_does_not_keep(trade: TradingDesk):
    trade.backtest()
    counts = trade("status")["last_24h"]
    assert counts["scans"] is counts["decisions"] is None
    assert counts["orders"] is not None
    assert "not kept" in trade.shown("status")

    assert trade.paper().code == 0
    assert trade("status", "--account", "paper")["last_24h"]["scans"] == 24


def test_a_number_with_an_exponent_is_one_as_in_a_file(trade: TradingDesk):
    for number in ("1e9", "1.0E+9"):
        told = trade.backtest("--set", f"limits.position_money={number}")
        assert float(told["settings"]["limits.position_money"]) == 1e9


def test_why_names_the_person_who_had_everything_sold(trade: TradingDesk):
    lived = max(
        trade.backtest()["trades"], key=lambda one: one["closed_at"] - one["opened_at"]
    )
    middle = (lived["opened_at"] + lived["closed_at"]) // 2
    whole = trade.candles.read_text("utf-8")
    header, *rows = whole.splitlines(keepends=True)
    before = [row for row in rows if float(row.split(",")[0]) <= middle]
    trade.candles.write_text("".join([header, *before]), "utf-8")
    assert trade.paper().code == 0
    assert trade("positions", "--account", "paper")["positions"]

    assert trade.said("trade", "flatten", "enough of it").code == 0
    trade.candles.write_text(whole, "utf-8")
    assert trade.paper().code == 0
    sold = trade("trades", "--account", "paper")["trades"][0]
    words = " ".join(trade("why", sold["id"], "--account", "paper")["in_words"])
    assert f"{getuser()} asked to flatten: enough of it." in words
    assert "The stack asked to leave" not in words
    assert "everything was sold, whatever the stack said" in words
