"""`asza trade halt|resume|flatten`: a person's words are carried out, or refused."""

import os
import re
from getpass import getuser

import pytest

from cli.context import Context
from core.store import Runs
from tests.cli.trading_desk import NAME, TradingDesk
from trading.shell.law.lock import only_trader, signature
from trading.shell.law.switch import done, heard
from trading.shell.ledger import Account
from trading.shell.ledger.events import Halted
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.venue.orders import Mode


def test_only_what_is_halted_is_resumed(trade: TradingDesk):
    for account in ("no account", "an account that trades"):
        told = trade("resume", "all is well", code=4)
        assert told["message"] == "trading is not halted", account
        assert trade.paper().code == 0
    assert not list((trade.home / "trade").glob("*.words/*"))

    assert trade("halt", "a look")["action"] == "halt"
    assert trade("resume", code=4)["field"] == "remark"
    heard = trade.paper()
    said = f"2024-01-21 19:00 halt by {getuser()}: a look"
    assert (heard.code, said in heard.err.splitlines()) == (0, True), heard.err
    assert trade("resume", "looked at it")["action"] == "resume"
    assert trade.paper().code == 0
    assert trade("resume", "again", code=4)["field"] == "halt"

    assert trade("flatten", "enough")["action"] == "flatten"
    assert trade("resume", "too much")["action"] == "resume"  # both wait to be heard
    told = trade.paper().err
    assert told.index("flatten by") < told.index("resume by"), "as they were said"
    assert trade("resume", "again", code=4)["field"] == "halt"


@pytest.mark.parametrize("breaks", [1, 60])
def test_a_halt_is_seen_however_many_came_and_went_since(
    trade: TradingDesk, breaks: int
):
    """The incident: behind a hundred newer rows, a halt in force could not be resumed."""
    assert trade.paper().code == 0
    assert trade("halt", "a look")["action"] == "halt"
    assert trade.paper().code == 0
    with Context() as context:
        journal = PostgresJournal(
            context.store, Account(Mode.PAPER, "paper"), stack=NAME
        )
        now = journal.state.clock
        for minute in range(breaks):
            at = now + 60 * minute
            journal.append([Halted(at, "api_lost", "no answer", "law")])
            journal.append([Halted(at + 9, "resumed", "api_lost: over", "law")])
    assert trade("status")["halts"] == ["by_person: a look"]
    told = {one["name"]: one for one in trade("doctor", "--stack", NAME, code=9)}
    assert told["halts"]["detail"] == "paper: by_person: a look"
    assert trade("resume", "looked at it")["action"] == "resume"


def test_a_word_without_a_remark_ends_without_a_colon(trade: TradingDesk):
    assert trade.paper().code == 0
    said = f"halt by {getuser()}"
    for remark, told in (("", said), ("a look", f"{said}: a look")):
        assert trade("halt", *filter(None, [remark]))["action"] == "halt"
        assert trade("status")["waiting"] == [told]
        lines = trade.paper().err.splitlines()
        assert [line for line in lines if line.endswith(f" {told}")]


def test_who_trades_is_told_to_whoever_leaves_a_word(trade: TradingDesk):
    """The incident: told as JSON, the word was left and the command failed."""
    assert trade.paper().code == 0
    with Context() as context, only_trader(context.store, Mode.PAPER):
        shown = trade.shown("status", "--account", "paper")
        told = trade("halt", "a look")["trader"]
    assert f"process {os.getpid()} on" in shown
    assert told["name"] not in shown
    for path, _ in heard(trade.home, Mode.PAPER, "paper"):
        done(path)
    assert told["name"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", told["since"])


def test_a_word_reaches_the_account_it_is_about_and_no_other(trade: TradingDesk):
    """The incident: left for one account, it was heard by whichever traded next."""
    for account in ("paper", "mine"):
        assert trade.paper("--account", account).code == 0
    assert trade("flatten", "out", "--account", "nobody", code=13)["field"] == "account"
    assert trade("flatten", "out", "--account", "mine")["account"] == "mine"
    waiting = [f"flatten by {getuser()}: out"]
    assert trade("status", "--account", "mine")["waiting"] == waiting
    assert waiting[0] in trade.shown("status", "--account", "mine")
    assert trade("status")["waiting"] == []
    assert trade("resume", "no", code=4)["message"] == "trading is not halted"
    assert "flatten by" not in trade.paper().err
    assert "flatten by" in trade.paper("--account", "mine").err
    assert trade("status", "--account", "mine")["halts"] == ["flatten: out"]
    assert trade("resume", "over", "--account", "mine")["account"] == "mine"
    shown = trade.shown("halt", "a look")
    assert shown == "halt of account paper: carried out when it is traded again\n"


def test_a_word_is_about_the_account_that_is_traded_now(trade: TradingDesk):
    for account in ("paper", "mine"):
        assert trade.paper("--account", account).code == 0
    with Context() as context, only_trader(context.store, Mode.PAPER):
        assert trade("halt", "too early to tell")["account"] == ""
        mine = {"account": "mine", "trader": signature()}
        Runs(context.store).start("now", NAME, "paper", mine)
        assert trade("halt", "a look")["account"] == "mine"
        assert "at its next candle" in trade.shown("halt", "a look")
        assert trade("status")["account"] == "mine"
        other = trade.shown("status", "--account", "paper")
        assert "not running; account mine is traded by" in other
        other = trade.shown("halt", "a look", "--account", "paper")
    assert other == "halt of account paper: carried out when it is traded again\n"
    for path in (trade.home / "trade" / "paper.words").iterdir():
        done(path)


def test_a_word_is_not_left_where_its_trader_does_not_look(trade: TradingDesk):
    """The incident: it was said to be carried out, and lay in another state folder."""
    there = {"account": "paper", "host": "elsewhere", "home": "/there/.asza"}
    with Context() as context, only_trader(context.store, Mode.PAPER):
        there["trader"] = signature()
        Runs(context.store).start("now", NAME, "paper", there)
        told = trade("flatten", "out", code=4)
    assert told["field"] == "ASZA_HOME"
    assert told["remedy"] == "say it on elsewhere with ASZA_HOME=/there/.asza"
    assert not list((trade.home / "trade").glob("*.words/*"))


def test_a_killed_trader_is_not_taken_for_the_one_that_trades(trade: TradingDesk):
    for account in ("paper", "mine"):
        assert trade.paper("--account", account).code == 0
    with Context() as context:
        killed = {"account": "mine", "trader": "another process"}
        Runs(context.store).start("killed", NAME, "paper", killed)
        with only_trader(context.store, Mode.PAPER):
            assert trade("halt", "a look")["account"] == ""
    for path in (trade.home / "trade" / "paper.words").iterdir():
        done(path)


def test_a_kill_switch_is_told_before_anything_else(trade: TradingDesk):
    switch = trade.home / "trade" / "HALT.paper"
    switch.parent.mkdir(exist_ok=True)
    switch.write_text("looking at it", "utf-8")
    try:
        told = trade("resume", "all is well", code=4)
    finally:
        switch.unlink()
    assert told["field"] == "kill_switch"


def test_the_kill_switch_is_thrown_by_a_command_and_ends_with_its_file(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:9/none")  # nobody there
    shown = trade.shown("kill", "smoke", "--mode", "paper")
    told = trade("kill")
    monkeypatch.delenv("DATABASE_URL")
    files = trade.home / "trade" / "HALT.paper", trade.home / "trade" / "HALT"
    assert f"rm {files[0]}" in shown
    assert told["kill_switch"] == str(files[1])
    try:
        heard = trade.paper().err
        assert "halted: kill_switch: thrown by" in heard
        assert trade("resume", "over", code=4)["field"] == "kill_switch"
    finally:
        for file in files:
            file.unlink()
    assert trade("resume", "it was steam")["action"] == "resume"


def test_the_doctor_looks_at_one_account_or_at_all(trade: TradingDesk):
    def checks(*more: str, code: int = 0) -> dict[str, str]:
        found = trade("doctor", "--stack", NAME, *more, code=code)
        return {one["name"]: one["detail"] for one in found}

    assert checks()["ledger"] == "no account yet"
    assert trade("doctor", "--account", "mine", code=13)["field"] == "account"
    trade.backtest()
    assert trade.paper().code == 0
    assert trade("halt", "a look")["action"] == "halt"
    assert trade.paper().code == 0
    halted = checks(code=9)
    assert halted["ledger"] == "2 accounts proven to the cent"
    assert halted["halts"] == "paper: by_person: a look"
    assert checks("--account", "paper", code=9)["ledger"].startswith("1 account proven")
    assert checks("--account", "last")["halts"] == "none in force"
