"""`asza trade paper` trades alone, or not at all."""

import os
import subprocess
import sys
from contextlib import ExitStack, suppress
from time import monotonic, sleep

import pytest

from cli.context import Context
from core.store import Store
from tests.cli.trading_desk import NAME, TradingDesk
from tests.conftest import ROOT
from trading.shell.law.lock import AlreadyTrading, only_trader, trader
from trading.shell.venue.orders import Mode

PATIENCE = 100.0  # seconds, however slow the machine


def backend(store: Store) -> int:
    """The database's process that holds the lock, waited for."""
    end = monotonic() + PATIENCE
    while (owner := trader(store, Mode.PAPER)) is None:
        assert monotonic() < end, "nobody trades"
        sleep(0.05)
    return owner.backend


def taken_over(store: Store, until: ExitStack) -> None:
    """Have the session's lock, which it takes anew at each candle."""
    for _ in range(50):
        store.execute("SELECT pg_terminate_backend(%s)", (backend(store),))
        with suppress(AlreadyTrading):
            until.enter_context(only_trader(store, Mode.PAPER))
            return
    pytest.fail("the session was quicker each time")


def test_a_session_whose_lock_went_to_another_ends_and_says_who_trades(
    trade: TradingDesk,
):
    """The incident: it traded on, and both wrote to the same account."""
    command = [sys.executable, str(ROOT / "asza.py"), "trade", "paper", "--plain"]
    slow = "--stack", NAME, "--csv", str(trade.candles), "--speed", "1800"
    with (
        Context() as context,
        ExitStack() as until,
        subprocess.Popen(
            [*command, *slow], env=dict(os.environ), stderr=subprocess.PIPE, text=True
        ) as session,
    ):
        assert session.stderr is not None
        lines = iter(session.stderr.readline, "")
        assert any("account paper is new" in line for line in lines)
        taken_over(context.store, until)
        _, told = session.communicate(timeout=PATIENCE)
    assert session.returncode == 9
    assert f"paper is traded already by process {os.getpid()} on" in told
