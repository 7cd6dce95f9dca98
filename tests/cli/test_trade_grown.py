"""A stack that grows while it is traded is traded on, with what it reads now."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from tests.cli.trading_desk import NAME, TradingDesk
from tests.conftest import ROOT

SUNDAY = 6
PATIENCE = 300.0  # seconds, however slow the machine


def until(lines: Iterator[str], words: str) -> str:
    """The first line that holds these words; a session that ends says none."""
    return next((line for line in lines if words in line), "")


def test_a_session_takes_up_a_module_that_reads_what_none_read_before(
    trade: TradingDesk,
):
    """The incident: it ended at the next candle, since a row had no weekday."""
    command = [sys.executable, str(ROOT / "asza.py"), "trade", "paper", "--plain"]
    slow = "--stack", NAME, "--csv", str(trade.candles), "--speed", "18000"
    first = "--from", "2024-01-02"
    with subprocess.Popen(
        [*command, *slow, *first],
        env=dict(os.environ),
        stderr=subprocess.PIPE,
        text=True,
    ) as session:
        assert session.stderr is not None
        lines = iter(session.stderr.readline, "")
        assert until(lines, "account paper is new")
        asked = trade.said("ask", "--stack", NAME, "also skip Sundays")
        assert asked.code == 0, asked.err
        assert "the stack reads weekday from now on" in until(lines, "reads weekday")
        goes_on = until(lines, "account paper goes on after the candle of")
        session.send_signal(signal.SIGINT)
        told = "".join(lines)
        session.wait(timeout=PATIENCE)
    assert session.returncode == 0, told
    assert "counts for a new account only" not in told
    assert trade.paper().code == 0, "the rest of the candles"
    made = trade("debug", "BTC/USD", "--limit", "1000")["decisions"]
    assert "skip_on_sunday" in {one["ended_by"] for one in made}
    since = datetime.fromisoformat(re.findall(r"of (\S+ \S+) UTC", goes_on)[0] + "Z")
    trades = trade("trades", "--limit", "1000")["trades"]
    opened = [datetime.fromtimestamp(one["opened_at"], UTC) for one in trades]
    later = [one for one in opened if one - since > timedelta(hours=1)]
    assert later
    assert not [one for one in later if one.weekday() == SUNDAY]
