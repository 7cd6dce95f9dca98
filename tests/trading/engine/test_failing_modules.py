"""A module that fails stops entries only: exits and stops go on."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from core.sandbox import Sandbox
from core.stack import Stack
from tests.trading.engine.sessions import BTC, HOUR, market, settings
from tests.trading.engine.stacks import BEGIN, SCRIPTED, Texts, broken, run_of, stack_of
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.result import Result
from trading.shell.law.limits import loosest
from trading.shell.ledger.events import Amended
from trading.shell.venue.orders import Mode

ENTRIES = [2, 8, 11, 14, 17]
Play = Callable[[Stack | Texts], tuple[Result, Backtest]]
REASONS = ["the play says so", "target", "stop", "the play says so"]


@pytest.fixture
def play(sandbox: Sandbox, tmp_path: Path) -> Play:
    """Play the script over a stack of these texts, or one that is given."""
    numbers = count()

    def played(stack: Stack | Texts) -> tuple[Result, Backtest]:
        if not isinstance(stack, Stack):
            stack = stack_of(tmp_path / str(next(numbers)), stack)
        task = Task((market(),), settings(), loosest(Mode.BACKTEST))
        backtest = Backtest(run_of(stack, sandbox), task)
        return backtest.play(), backtest

    return played


def steps_of(result: Result) -> list[int]:
    """The hours in which entries were sent."""
    return [(one.at - BEGIN) // HOUR for one in result.signals if one.acted]


def reasons_of(result: Result) -> list[str]:
    return [one.reason for one in result.trades]


def amended(backtest: Backtest) -> Sequence[Amended]:
    return [e for e in backtest.journal.everything() if isinstance(e, Amended)]


def test_the_whole_play(play: Play) -> None:
    result, backtest = play(SCRIPTED)
    assert steps_of(result) == ENTRIES
    assert reasons_of(result) == REASONS
    assert len(amended(backtest)) == 3
    assert not result.failures


@pytest.mark.parametrize("fallback", ["", "{intents: []}"])
def test_an_entry_module_that_fails_costs_its_entry_alone(
    play: Play, fallback: str
) -> None:
    result, backtest = play(broken(SCRIPTED, "script", 8, fallback=fallback))
    assert steps_of(result) == [2, 11, 14, 17]
    assert reasons_of(result) == [REASONS[0], *REASONS[2:]]
    assert len(amended(backtest)) == 3
    assert result.failures == {"script": 1}


def test_a_module_without_a_fallback_stops_entries_and_no_exit(play: Play) -> None:
    """It fails at the exit, at every move of the stop, and at all later entries."""
    failing = (3, 5, 7, 8, 11, 12, 14, 16, 17)
    result, backtest = play(broken(SCRIPTED, "memory", *failing))
    assert steps_of(result) == [2]
    assert reasons_of(result) == ["the play says so"]
    assert len(amended(backtest)) == 2
    assert result.failures == {"memory": len(failing)}


@pytest.mark.parametrize("fallback", ["", '{exit_now: false, exit_reason: ""}'])
def test_an_exit_module_that_fails_leaves_the_stop_where_it_rests(
    play: Play, fallback: str
) -> None:
    every = tuple(range(30))
    result, backtest = play(broken(SCRIPTED, "leave", *every, fallback=fallback))
    state = backtest.journal.state
    entered = ENTRIES if fallback else []
    assert steps_of(result) == entered
    assert "the play says so" not in reasons_of(result)
    stops = [o for o in state.working.values() if o.intent.purpose == "stop"]
    held = state.position(BTC)
    assert bool(held) == bool(stops)
    if held:
        assert sum(one.left for one in stops) >= held.quantity


def test_a_position_outlives_a_failing_exit_and_its_stop_still_fires(
    play: Play,
) -> None:
    failing = tuple(range(3, 30))
    result, _ = play(broken(SCRIPTED, "leave", *failing))
    assert steps_of(result) == [2]  # nothing is opened while it fails
    assert reasons_of(result) == ["target"]
    assert result.failures == {"leave": 17}


def test_a_stop_module_that_fails_leaves_the_stop_as_it_was(play: Play) -> None:
    result, backtest = play(broken(SCRIPTED, "trail", 3, 5, 12))
    assert amended(backtest) == []
    assert steps_of(result) == ENTRIES
    assert reasons_of(result)[0] == "the play says so"


@pytest.mark.parametrize("name", ["script", "memory"])
def test_a_module_in_quarantine_is_not_run_and_nothing_is_opened(
    play: Play, scripted: Stack, name: str
) -> None:
    put_away = replace(scripted.entries[name], quarantined="it failed too often")
    result, _ = play(replace(scripted, entries={**scripted.entries, name: put_away}))
    assert steps_of(result) == []
    assert result.trades == ()
    assert result.failures[name] == len(market())


def test_an_exit_module_in_quarantine_leaves_stops_and_targets(
    play: Play, scripted: Stack
) -> None:
    leave = replace(scripted.entries["leave"], quarantined="it failed too often")
    result, _ = play(replace(scripted, entries={**scripted.entries, "leave": leave}))
    assert result.failures["leave"] == len(market())
    assert "the play says so" not in reasons_of(result)
