"""`asza trade …` says what a person needs to know: at the start, of accounts, of refusals."""

import os
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import file_creator
from cli.context import Context
from cli.healing import repairs, unfinished
from cli.trade import kept
from cli.trade.telling import Made, decision_words
from core.store import Runs
from tests.cli.trading_desk import NAME, TradingDesk
from trading.shell.ledger.events import Decided

QUIET = """---
name: quiet
role: condition
inputs: {rsi_14: {unit: oscillator}}
outputs: {quiet: {unit: flag}}
---
Quiet when RSI 14 is below 50.
"""
ASKING = """---
name: quiet
role: condition
inputs: {symbol: {unit: text, maxLength: 40}}
outputs: {quiet: {unit: flag}}
capabilities: [ask_model]
fallback: {quiet: true}
---
Quiet where the model says wait.
"""
TRADED = "2024-01-10"
SIGNALS = "exit", "amend", "none"


def test_a_paper_session_says_where_its_account_stands_and_what_is_halted(
    trade: TradingDesk,
):
    first = trade.paper()
    assert first.code == 0, first.err
    many = f"{len(trade('trades')['trades'])} trades in the account's whole life"
    assert f"500 candles in this session, {many}" in " ".join(first.out.split())
    assert "account paper is new: 200.00 USD to begin with" in first.err
    assert "warming up: 0 of 14 candles until every series has a value" in first.err

    shown, stands = first.out, trade("status")
    assert stands["as_of"] == "2024-01-21 20:00"  # when its last candle closed
    assert f"paper · paper · {stands['as_of']}" in shown

    assert trade.said("trade", "halt", "a look").code == 0
    again = trade.paper()
    assert f"0 candles in this session, {many}" in " ".join(again.out.split())
    equity = float(trade("status")["money"]["equity"])
    assert "account paper goes on after the candle of 2024-01-21 19:00 UTC" in again.err
    assert f"equity {equity:,.2f} USD" in again.err
    assert "warming up" not in again.err
    assert "halted: by_person: a look: entries wait; `asza trade resume" in again.err


def test_an_account_that_another_stack_takes_over_is_said_in_one_line(
    trade: TradingDesk,
):
    """The incident: what one stack had bought went on under the exits of another."""
    with Context() as context:
        Runs(context.store).start("before", "calm", "paper", {"account": "paper"})
    told = [line for line in trade.paper().err.splitlines() if " was " in line]
    assert told == [
        "the stack of this account is dip now, and was calm in the session before: what "
        "is held goes by the exits of the new one"
    ]
    assert trade("status")["stack"] == NAME
    assert f"paper · paper · stack {NAME} · 2024" in trade.shown("status")


def test_a_limit_beyond_the_hard_law_is_told_before_the_candles(trade: TradingDesk):
    given = "--set", "limits.leverage=60"
    backtest = "backtest", "--stack", NAME, "--csv", str(trade.candles)
    for ran in (trade.said("trade", *backtest, *given), trade.paper(*given)):
        first, second = ran.err.splitlines()[:2]
        assert (ran.code, "leverage: 60 is held at" in first) == (0, True)
        assert "candles from" in second


def test_a_session_tells_every_position_it_opened_and_closed(trade: TradingDesk):
    said = trade.paper().err.splitlines()
    every = trade("trades", "--limit", "1000")["trades"]
    closed = [line for line in said if " long closed at " in line]
    assert len(closed) == len(every) > 1
    for line, one in zip(closed, reversed(every), strict=True):
        assert f": {one['reason']}, {Decimal(one['net']):+,.2f} after costs" in line
    opened = [line for line in said if re.search(r"BTC/USD long \d[\d.]* at ", line)]
    assert len(every) <= len(opened) <= len(every) + 1
    assert all(", stop " in line for line in opened)
    shown = trade.shown("trades", "--limit", "1")
    assert f"{len(every)} in all, together" in shown


def test_a_session_that_begins_late_has_its_candles_behind_it(trade: TradingDesk):
    assert "warming up" not in trade.paper("--from", TRADED).err


def test_without_a_name_the_only_account_is_shown_and_several_are_listed(
    trade: TradingDesk,
):
    assert trade("status", code=13)["remedy"].startswith("`asza trade paper` opens one")
    only = trade.backtest()["account"]
    ran = trade.said("trade", "status")
    assert (ran.code, only in ran.out) == (0, True)
    assert f"{only} is the only one, and is meant" in ran.err
    for command in ("positions", "trades"):
        assert trade.said("trade", command).code == 0

    other = trade.backtest()["account"]
    refused = trade("trades", code=13)
    assert all(one in refused["remedy"] for one in (only, other))
    assert trade.paper("--account", "mine").code == 0
    assert trade("status")["account"] == "mine"


def test_the_sums_of_an_account_add_up(trade: TradingDesk):
    report = trade.backtest()
    (one,) = trade("accounts")["accounts"]
    names = "deposits", "gross", "costs", "net", "open", "equity"
    amount = {name: float(one[name]) for name in names}
    assert amount["net"] == pytest.approx(amount["gross"] - amount["costs"])
    whole = amount["deposits"] + amount["net"] + amount["open"]
    assert amount["equity"] == pytest.approx(whole)
    assert amount["net"] == pytest.approx(report["truth"]["net_pnl"])
    shown = trade.shown("accounts")
    assert "net = gross − costs" in shown


def test_an_account_that_holds_something_has_the_sums_of_its_report(
    trade: TradingDesk,
):
    """The incident: the fee of an open entry was net in one and open in the other."""
    lived = trade.backtest()["trades"][0]
    day = datetime.fromtimestamp(lived["opened_at"] + 7200, UTC)
    report = trade.backtest("--to", f"{day:%Y-%m-%dT%H:%M}")
    assert report["returns"]["open_result"]
    one = trade("accounts")["accounts"][-1]
    assert one["account"] == report["account"]
    assert float(one["net"]) == pytest.approx(report["truth"]["net_pnl"])
    assert float(one["open"]) == pytest.approx(report["returns"]["open_result"])


def test_the_candles_that_were_traded_are_shown_and_each_once(trade: TradingDesk):
    told = trade.backtest("--from", TRADED)
    (line,) = told["traded"]
    assert line.startswith("BTC/USD 1h: 284 bars 2024-01-10 00:00 to 2024-01-21 19:00")
    assert line.endswith("; earlier ones, since 2024-01-01 00:00, only warm up")
    given = "backtest", "--stack", NAME, "--csv", str(trade.candles)
    shown = trade.shown(*given, "--from", TRADED)
    assert "284 bars" in shown
    assert "500 bars" not in shown
    assert trade.backtest()["traded"] == told["candles"]


def test_one_terminal_shows_the_candles_once(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    given = "trade", "backtest", "--stack", NAME, "--csv", str(trade.candles)
    piped = trade.said(*given)
    assert "500 bars" in piped.err
    assert "500 bars" in piped.out
    monkeypatch.setenv("FORCE_COLOR", "1")  # as at a terminal
    seen = trade.said(*given)
    assert "candles from XBTUSD_60.csv, as asked" in seen.err
    assert (seen.out + seen.err).count("500 bars") == 1


def test_why_tells_the_story_before_the_tables(trade: TradingDesk):
    told = trade.backtest()
    of = "--account", told["account"]
    entry = told["trades"][0]["id"]
    words = trade("why", entry, *of)["in_words"]
    shown = trade.shown("why", entry, *of)
    assert shown.startswith(words[0][:80])
    assert shown.index("Opened by") < shown.index("entry: ")


def test_replay_says_which_modules_were_called_where_one_was_not(trade: TradingDesk):
    told = trade.backtest()
    of = "--account", told["account"]
    decision = trade("why", told["trades"][0]["id"], *of)["entry"]["id"]
    _new_module(trade)
    for module, called in (("quiet", False), ("long_entry", True)):
        shown = trade.shown("replay", decision, "--with", f"{module}@1", *of)
        said = f"{module} was not called in this decision; called were long_entry, "
        assert (said in shown) is not called


def test_a_stack_that_asks_is_run_by_a_trader_and_break_says_so(trade: TradingDesk):
    broken = "break", f"{NAME}.long_stop"
    assert f"asza run {NAME} --pace 0.05" in trade.said(*broken).out
    _new_module(
        trade, ASKING, "return {'quiet': ask_model(question=symbol) == 'wait'}\n"
    )
    ran = trade.said("run", NAME, "--data", str(trade.candles))
    assert ran.code == 3
    assert "ask_model, which only a trader answers" in ran.err
    assert f"`asza trade paper --stack {NAME}`" in ran.err
    told = trade.said(*broken, "--seed", "1").out
    assert f"asza trade paper --stack {NAME}" in told
    assert "--pace" not in told


def _new_module(
    trade: TradingDesk, text: str = QUIET, body: str = "return {'quiet': rsi_14 < 50}\n"
) -> None:
    """A module that no decision before it called."""
    spec = trade.root / "prompts" / NAME / "quiet.md"
    spec.write_text(text, "utf-8")
    written = trade.root / "body.py"
    written.write_text(body, "utf-8")
    file_creator.main(spec, written)


@pytest.mark.parametrize("action", SIGNALS)
def test_a_gate_stops_only_an_entry_that_was_wanted(action: str):
    def words(**values: Any) -> str:
        link = {"module": "one_gate", "inputs": {}}
        link |= {"outputs": {"proceed": False, "reason": "a position is open"}}
        decided = Decided(
            "d1",
            "BTC/USD",
            0,
            action,
            False,
            "",
            "one_gate",
            "",
            values,
            {},
            {},
            [link],
        )
        return " ".join(decision_words(Made(decided)))

    assert "No entry: one_gate ended the search for one: a position" in words()
    assert "one_gate stopped the entry: a position" in words(signal="long")


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        ("backtest --walk-forward 0", "--walk-forward", "'0'"),
        ("backtest --monte-carlo 0", "--monte-carlo", "'0'"),
        ("backtest --jobs -1", "--jobs", "'-1'"),
        ("paper --speed -2", "--speed", "'-2'"),
        ("trades --limit 0", "--limit", "'0'"),
    ],
)
def test_a_count_that_makes_no_sense_is_refused_by_name(
    trade: TradingDesk, arguments: str, field: str, value: str
):
    told = trade(*arguments.split(), code=2)
    assert (told["field"], told["value"]) == (field, value)
    assert "leave it out, or give a value as" in told["remedy"]


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ("rsi_limit=abc", 5, "--set: 'rsi_limit' cannot be 'abc'"),
        ("limits.positions=-3", 3, "limits.positions must be a whole number"),
        ("session.symbols=foo", 2, "'FOO' is no market"),
        ("costs.slippage=-4", 3, "costs.slippage"),
    ],
)
def test_a_value_that_cannot_be_is_told_as_it_was_typed_and_before_the_candles(
    trade: TradingDesk, given: str, code: int, says: str
):
    missing = "--csv", str(trade.root / "none.csv")
    told = trade("backtest", "--stack", NAME, *missing, "--set", given, code=code)
    assert says in f"{told['where']}: {told['message']}"


def test_a_value_that_a_module_does_not_take_is_refused_before_it_fails_at_every_bar(
    trade: TradingDesk,
):
    """The stack's file allows any from 0 on, the module that reads it from 20 on."""
    spec = trade.root / "prompts" / NAME / "long_entry.md"
    kept = spec.read_text()
    any_limit = "rsi_limit: {unit: oscillator"
    spec.write_text(kept.replace(any_limit, f"{any_limit}, minimum: 20"))
    try:
        assert trade.said("build", NAME).code == 0
        told = trade.backtest("--set", "rsi_limit=10", code=5)
        swept = trade.backtest("--sweep", "rsi_limit=10,30", code=5)
    finally:
        spec.write_text(kept)
        assert trade.said("build", NAME).code == 0
    assert told["message"] == "'rsi_limit' cannot be 10: long_entry does not take it"
    assert told["remedy"] == "give a number from 20 to 100"
    assert swept["message"] == told["message"]


def test_what_is_not_there_is_named_and_the_nearest_suggested(trade: TradingDesk):
    told = trade.backtest("--limits", "missing.toml", code=3)
    assert "there is no file missing.toml for the risk limits" in told["message"]
    told = trade.backtest("--sweep", "rsi_limt=1,2", code=3)
    assert (told["field"], "'rsi_limit'" in told["remedy"]) == ("--sweep", True)
    told = trade.backtest("--set", "costs.slipage=0", code=3)
    assert "'costs.slippage'" in told["remedy"]
    trade.backtest()
    told = trade("debug", "btcusd", code=13)
    assert told["remedy"] == "did you mean 'BTC/USD'?"
    for arguments, near in (
        (("break", f"{NAME}.long_entri"), f"'{NAME}.long_entry'"),
        (("graph", "dipp"), f"'{NAME}'"),
        (("graph", f"{NAME}.long_entry"), f"`asza graph {NAME}`"),
        (("show", f"{NAME}.long_entri"), f"'{NAME}.long_entry'"),
        (("show", "long_entri"), f"'{NAME}.long_entry'"),
        (("show", f"{NAME}.zzz"), f"there are: {NAME}."),
        (("break", "dipp.x"), f"'{NAME}'"),
        (("history", "dipp.long_entri"), f"'{NAME}.long_entry'"),
        (("remove", f"{NAME}.long_entri"), f"'{NAME}.long_entry'"),
        (("run", "dipp"), f"'{NAME}'"),
        (("list", "dipp"), f"'{NAME}'"),
        (("trade", "backtest", "--stack", "dipp"), f"'{NAME}'"),
    ):
        ran = trade.said(*arguments)
        assert (ran.code, near in ran.err) == (13, True), ran.err


@pytest.mark.parametrize("name", ["last", "backtest-1", "bad name!", "", "-x"])
def test_an_account_has_a_name_that_other_commands_can_say(
    trade: TradingDesk, name: str
):
    told = trade.paper(f"--account={name}")
    assert (told.code, "cannot be an account's name" in told.err) == (2, True), told.err


def test_a_paper_account_is_not_opened_beyond_its_candles(trade: TradingDesk):
    told = trade.paper("--from", "2031-01-01")
    assert (told.code, "no candle lies between" in told.err) == (10, True), told.err
    assert trade("accounts")["accounts"] == []


def test_a_session_says_what_is_set_otherwise_than_in_the_one_before(
    trade: TradingDesk,
):
    tighter = "--set", "rsi_limit=30", "--set", "session.deposit=500"
    assert "in the session before" not in trade.paper().err
    told = trade.paper(*tighter).err
    assert "rsi_limit is 30 now, and was 35 in the session before" in told
    assert (
        "session.deposit counts for a new account only: account paper was given "
        "200.00 USD and keeps it"
    ) in told
    assert "session.deposit is" not in told
    assert "in the session before" not in trade.paper(*tighter).err
    assert "rsi_limit is 35 now, and was 30" in trade.paper().err


def test_a_first_day_that_an_account_is_past_is_said_to_count_for_a_new_one(
    trade: TradingDesk,
):
    first = "--from", "2024-01-05"
    said = (
        "--from 2024-01-05 00:00 counts for a new account only: account paper goes on"
    )
    assert "new account only" not in trade.paper(*first).err
    assert said in trade.paper(*first).err


def test_a_limit_that_does_not_bind_yet_is_told(trade: TradingDesk):
    """The incident: an account lost eight in a row under a limit of two."""
    given = "backtest", "--stack", NAME, "--csv", str(trade.candles)
    learning = "--set", "limits.learning_trades=50"
    two = "--set", "limits.consecutive_losses=2"
    more = "--set", "limits.consecutive_losses_learning=20"
    told = trade.said("trade", *given, *learning, *two, *more).err
    assert "consecutive_losses 2 binds after 50 closed trades" in told
    assert "binds after" not in trade.said("trade", *given, *two).err
    assert "binds after" not in trade.said("trade", *given).err


def test_a_module_in_quarantine_is_told_before_the_run_and_above_its_figures(
    trade: TradingDesk,
):
    module = f"{NAME}.long_exit"
    given = "trade", "backtest", "--stack", NAME, "--csv", str(trade.candles)
    said = f"{module} is in quarantine (odd), so "
    assert trade.said("quarantine", module, "--reason", "odd").code == 0
    try:
        ran = trade.said(*given)
        (warning,) = trade.backtest()["warnings"]
        paper = trade.paper()
    finally:
        trade.said("quarantine", module, "--lift")
    assert said in ran.err
    assert said in paper.err
    assert ran.out.index(said) < ran.out.index("trades")
    assert warning.startswith(said)
    assert f"`asza quarantine {module} --lift`" in warning
    assert trade.backtest()["warnings"] == []


def test_an_edit_by_hand_is_told_with_the_remedy_that_works(trade: TradingDesk):
    module = f"{NAME}.long_exit"
    path = next(trade.root.rglob("long_exit.py"))
    written = path.read_text("utf-8")
    path.write_text(written.replace("    return", "    0\n    return", 1), "utf-8")
    given = "trade", "backtest", "--stack", NAME, "--csv", str(trade.candles)
    said, remedy = f"{module} was edited by hand", f"`asza build {module} --force`"

    ran = " ".join(trade.said(*given).err.split())
    checks = {one["name"]: one for one in trade("doctor", "--stack", NAME, code=9)}
    assert said in ran
    assert remedy in ran
    assert "gates it" not in ran
    assert "long_exit was edited by hand" in checks["stack"]["detail"]
    assert remedy in checks["stack"]["remedy"]
    assert "through the gate" not in checks["stack"]["remedy"]

    assert trade.said("build", NAME).code == 12
    assert trade.said("build", module, "--force").code == 0
    assert trade.backtest()["warnings"] == []
    assert trade.said("rollback", module).code == 0


def test_a_module_that_nothing_vouches_for_is_told_before_money_moves(
    trade: TradingDesk,
):
    """The incident: a backtest with a broken module said nothing of it."""
    assert trade.said("break", f"{NAME}.long_stop").code == 0
    said = f"{NAME}.long_stop has no valid certificate, so it runs in the sandbox"
    given = "backtest", "--stack", NAME, "--csv", str(trade.candles)
    assert said in trade.said("trade", *given).err
    assert said in trade.paper().err


@pytest.mark.parametrize("command", ["run bare", "trade backtest --stack bare"])
def test_a_stack_without_a_module_is_not_run(trade: TradingDesk, command: str):
    text = (trade.root / NAME / "stack.toml").read_text("utf-8")
    for folder in (trade.root / "bare", trade.root / "prompts" / "bare"):
        folder.mkdir()
    bare = text.replace(f'name = "{NAME}"', 'name = "bare"')
    (trade.root / "bare" / "stack.toml").write_text(bare, "utf-8")
    ran = trade.said(*command.split())
    assert (ran.code, "stack bare has no module yet" in ran.err) == (13, True), ran.err


def test_a_group_of_commands_alone_is_answered_with_its_help(trade: TradingDesk):
    for group in ("trade", "data", "wick", "store"):
        ran = trade.said(group)
        assert (ran.code, ran.err) == (2, "")
        assert f"Usage: asza {group}" in ran.out


def test_several_values_of_a_field_are_told_as_they_are_typed(trade: TradingDesk):
    twice = "BTC/USD,BTC/USD"
    ran = trade.said("trade", "backtest", "--stack", NAME, "--symbols", twice)
    assert (ran.code, "= 'BTC/USD 5m, BTC/USD 5m'" in ran.err) == (10, True), ran.err


def test_only_the_newest_pages_are_kept(
    trade: TradingDesk, monkeypatch: pytest.MonkeyPatch
):
    folder = trade.home / "reports"
    folder.mkdir(exist_ok=True)
    for page in folder.iterdir():
        page.unlink()
    for number in range(4):
        page = folder / f"old{number}.html"
        page.write_text("", "utf-8")
        os.utime(page, (number, number))
    monkeypatch.setattr(kept, "PAGES", 2)
    newest = Path(trade.backtest()["report"])
    assert sorted(one.name for one in folder.glob("*.html")) == sorted(
        [newest.name, "old3.html"]
    )


def test_a_repair_that_is_in_is_the_last_word():
    of = {"module": "s.a", "defect": 1, "heard": "10:00"}
    heard = [
        {**of, "kind": "defect", "text": "s.a@2 failed"},
        {**of, "kind": "swapped", "text": "s.a: version 1 runs"},
        {**of, "kind": "verdict", "text": "s.a: repaired"},
    ]
    assert repairs(heard) == ["s.a: version 1 runs, since 10:00"]
    assert (unfinished(heard), unfinished(heard[:2])) == (set(), {1})
    taken = {"kind": "probation", "module": "s.a", "data": {"fate": "reverted"}}
    assert repairs([*heard, taken]) == []


@pytest.mark.parametrize(
    ("many", "told"),
    [
        (1, "the ledger of 1 older backtest made room; its page stays"),
        (2, "the ledgers of 2 older backtests made room; their pages stay"),
    ],
)
def test_one_ledger_that_made_room_is_told_in_the_singular(many: int, told: str):
    assert kept.made_room(many) == told
