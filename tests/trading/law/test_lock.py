"""One trader a mode: the second is told who is first; a killed one is taken over."""

import os
import signal
import subprocess
import sys

import pytest

from core.store import Store
from core.store.claims import Owner
from trading.shell.law.lock import (
    BYTES,
    AlreadyTrading,
    is_dead,
    only_trader,
    told,
    trader,
)
from trading.shell.venue.orders import Mode

HOLD = """
import sys
from core.settings import load_settings
from core.store import open_store
from trading.shell.law.lock import only_trader
from trading.shell.venue.orders import Mode
with open_store(load_settings()) as store, only_trader(store, Mode.PAPER):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_living_trader_is_named_and_a_killed_one_taken_over(store: Store) -> None:
    first = subprocess.Popen(
        [sys.executable, "-c", HOLD, "trade", "paper"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        with pytest.raises(AlreadyTrading) as caught, only_trader(store, Mode.PAPER):
            pass
        assert f"process {first.pid} on" in caught.value.message
        assert "trade paper" in caught.value.message
        assert f"kill {first.pid}" in caught.value.remedy
        with only_trader(store, Mode.LIVE) as held:
            assert held.holds()
    finally:
        first.send_signal(signal.SIGKILL)
        first.wait()
    with only_trader(store, Mode.PAPER) as held:
        assert held.holds()
        owner = trader(store, Mode.PAPER)
        assert owner is not None
        assert owner.name.startswith(f"{os.getpid()} ")
        lost(store)
        assert not held.holds()


def test_a_lock_is_free_the_moment_its_owner_leaves(store: Store) -> None:
    """The incident: a session that was closed was named as the owner a moment longer."""
    for _ in range(50):
        with only_trader(store, Mode.PAPER):
            assert trader(store, Mode.PAPER) is not None
        assert trader(store, Mode.PAPER) is None


def lost(store: Store) -> None:
    """The database ends the session that holds the lock."""
    owner = trader(store, Mode.PAPER)
    assert owner is not None
    store.execute("SELECT pg_terminate_backend(%s)", (owner.backend,))
    while trader(store, Mode.PAPER) is not None:
        pass


def test_a_lock_that_was_lost_is_taken_anew(store: Store) -> None:
    with only_trader(store, Mode.PAPER) as held:
        held.keep()
        lost(store)
        held.keep()
        assert held.holds()
        with pytest.raises(AlreadyTrading), only_trader(store, Mode.PAPER):
            pass
    assert trader(store, Mode.PAPER) is None


def test_who_lost_the_lock_to_another_trades_no_more(store: Store) -> None:
    """The incident: a trader whose lock was gone traded on beside the next one."""
    with only_trader(store, Mode.PAPER) as held:
        lost(store)
        with subprocess.Popen(
            [sys.executable, "-c", HOLD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "held\n"
            for _ in range(2):
                with pytest.raises(AlreadyTrading, match=f"process {other.pid} on"):
                    held.keep()
            other.communicate()
        held.keep()
        assert held.holds()


@pytest.mark.parametrize(
    "name", ["", "x", "1 2", "12 notime host cmd", "12 -1 elsewhere asza trade paper"]
)
def test_an_owner_of_any_name_is_told_and_not_taken_for_dead(name: str) -> None:
    owner = Owner(name, 0, 7)
    assert told(owner)
    assert not is_dead(owner)


def test_a_command_that_was_cut_ends_in_dots() -> None:
    whole = "12 1795762166 vm asza.py trade paper"
    assert "(`asza.py trade paper`)" in told(Owner(whole, 0, 7))
    cut = f"{whole} --csv /work/shared/data"[:BYTES].ljust(BYTES, "a")
    assert told(Owner(cut, 0, 7)).startswith(
        "process 12 on vm (`asza.py trade paper --"
    )
    assert "…`), since " in told(Owner(cut, 0, 7))
