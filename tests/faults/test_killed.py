"""Ended at any moment, twice at once: what is there is whole, and the next run works."""

import signal
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from core.store import Journal, Modules, Store
from tests.faults.conftest import PRODUCT, SUM, Asza, check_whole, finish, rows

Start = Callable[..., "subprocess.Popen[str]"]
FOUR = (
    "Buy when RSI 14 is below 30. Sell when RSI 14 rises above 60. "
    "Stop loss 2 ATR, take profit 3 ATR."
)


def wait_for(happened: Callable[[], object], process: "subprocess.Popen[str]") -> None:
    """Until it happened or the process has ended; five minutes at most."""
    end = time.monotonic() + 300
    while not happened() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.002)


def moments(store: Store) -> dict[str, Callable[[], object]]:
    """Points of a build that can be seen from outside."""
    root = store.settings.root

    def files(pattern: str) -> list[Path]:
        return list(root.rglob(pattern))

    return {
        "the first spec": lambda: files("*.md"),
        "the stack file": lambda: files("stack.toml"),
        "a journal entry": lambda: Journal(store).pending(),
        "a temporary file": lambda: files(".asza-*.new"),
        "the first module": lambda: files("long_entry.py"),
        "the first live version": lambda: Modules(store).all_live(),
        "the third module": lambda: len(files("generated/*/*.py")) >= 3,
    }


@pytest.mark.parametrize(
    ("number", "moment"),
    [(signal.SIGKILL, moment) for moment in range(7)]
    + [(signal.SIGTERM, 1), (signal.SIGINT, 4)],
)
def test_a_build_ended_anywhere_is_recovered_by_the_next(
    start: Start, asza: Asza, store: Store, number: signal.Signals, moment: int
) -> None:
    happened = list(moments(store).values())[moment]
    process = start("ask", FOUR, "--stack", "four", "--no-run")
    wait_for(happened, process)
    process.send_signal(number)
    done = finish(process)
    if done.code != 0:  # it may have been through already
        expected = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
        assert done.code == expected[number], done.err
        assert "Traceback" not in done.err
    asza("list").went()
    asza("ask", FOUR, "--stack", "four", "--no-run").went()
    check_whole(store)
    assert len(Modules(store).all_live("four")) == 4
    assert all(
        row.state != "prepared" for row in Modules(store).history("four.long_entry")
    )


@pytest.mark.parametrize("after", [0.05, 0.4, 0.9])
def test_a_program_killed_while_it_starts_harms_nothing(
    start: Start, asza: Asza, store: Store, after: float
) -> None:
    process = start("ask", SUM, "--stack", "sums", "--no-run")
    with suppress(subprocess.TimeoutExpired):  # a quick machine is through already
        process.wait(after)
    process.kill()
    process.communicate()
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    check_whole(store)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_ended_run_says_so_and_leaves_no_worker(
    start: Start, asza: Asza, store: Store, number: signal.Signals, tmp_path: Path
) -> None:
    asza("ask", FOUR, "--stack", "four", "--no-run").went()
    path = tmp_path / "long.csv"
    path.write_text("\n".join(rows(20_000)) + "\n")
    process = start("run", "four", "--data", str(path), "--engine", "sandbox")
    running = "SELECT 1 FROM system_logs.runs"
    wait_for(lambda: store.rows(running), process)
    family = psutil.Process(process.pid).children(recursive=True)
    process.send_signal(number)
    done = finish(process)
    assert done.code == {signal.SIGTERM: 143, signal.SIGINT: 130}[number]
    assert "Traceback" not in done.err
    assert done.out == ""
    _gone, alive = psutil.wait_procs(family, timeout=60)
    assert alive == []
    check_whole(store)


def test_the_same_request_twice_at_once_makes_one_stack(
    start: Start, asza: Asza, store: Store
) -> None:
    both = [start("ask", SUM, "--stack", "sums", "--json") for _ in range(2)]
    for done in map(finish, both):
        done.went()
        assert done.json["run"]["calls"]
    check_whole(store)
    assert len(Modules(store).all_live("sums")) == 1
    asza("run", "sums").went()


def test_two_requests_at_once_make_two_stacks(
    start: Start, asza: Asza, store: Store
) -> None:
    first = start("ask", SUM, "--stack", "sums", "--json")
    second = start("ask", PRODUCT, "--stack", "products", "--json")
    for done in map(finish, (first, second)):
        done.went()
    check_whole(store)
    assert len(Modules(store).all_live()) == 2


def test_two_requests_for_one_stack_leave_one_of_them(
    start: Start, asza: Asza, store: Store
) -> None:
    both = [start("ask", each, "--stack", "one", "--json") for each in (SUM, PRODUCT)]
    ends = [finish(each) for each in both]
    for done in ends:
        if done.code:
            done.refused(done.code)
            assert done.code in (5, 12), done.err
    check_whole(store)
    asza("build", "one").went()
    check_whole(store)
    asza("run", "one").went()


def test_what_a_kill_left_half_written_is_swept_away(asza: Asza, store: Store) -> None:
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    left = store.settings.root / "generated" / "sums" / ".asza-abc.new"
    left.write_text("def f(")
    asza("build", "sums").went()
    check_whole(store)
    asza("run", "sums").went()
