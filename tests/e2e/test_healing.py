"""Wick as a person meets it: beside a run, by itself, and in its act."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.project import Project

REQUEST = (
    "Buy when the close is above SMA 20. Sell when the close is below SMA 20. "
    "Stop loss 2 ATR."
)
STOP = "rise.long_stop"


@pytest.fixture(scope="module")
def stack(project: Project, candles: Path) -> Project:
    """The stack `rise`, built, and run once over candles."""
    project.asza("ask", REQUEST, "--stack", "rise", "--data", str(candles))
    return project


def versions(project: Project, module: str) -> list[tuple[int, str, str]]:
    rows = project.data("history", module)
    return [(row["version"], row["state"], row["writer"]) for row in rows]


def test_a_run_is_healed_while_it_runs_and_needs_no_restart(
    stack: Project, candles: Path
) -> None:
    stack.asza("break", STOP)
    run = ("run", "rise", "--data", str(candles), "--pace", "0.2")
    answer = stack.data(*run, ASZA_WICK="on")
    kinds = [told["kind"] for told in answer["wick"]]
    assert "swapped" in kinds
    assert any("taken up" in note for note in answer["notes"])
    broken = versions(stack, STOP)[1][0]
    assert answer["versions"]["long_stop"] != broken
    assert 0 < answer["totals"]["failures"] < answer["totals"]["decisions"]


def test_a_repair_that_remembers_nothing_is_found_by_a_watcher_alone(
    stack: Project, candles: Path
) -> None:
    stack.asza("break", STOP, "--seed", "4")
    run = ("run", "rise", "--data", str(candles))
    stack.python("asza.py", *run)
    watch = ("wick", "watch", "rise", "--once", "--seconds", "300")
    watch += ("--without", "last good,known patch")
    told = lines(stack.asza(*watch, "--json").out)
    verdicts = [each for each in told if each["kind"] == "verdict"]
    assert "repaired" in {each["data"]["state"] for each in verdicts}
    (repaired,) = [v for v in verdicts if v["data"]["state"] == "repaired"]
    assert repaired["data"]["rung"] == "search"
    assert repaired["data"]["before"] != repaired["data"]["after"]
    assert versions(stack, STOP)[-1][1:] == ("live", "wick")
    stack.asza(*run)


def test_two_watchers_at_once_repair_once(stack: Project, candles: Path) -> None:
    stack.asza("break", STOP, "--seed", "5")
    stack.python("asza.py", "run", "rise", "--data", str(candles))
    before = len(versions(stack, STOP))
    watch = ("wick", "watch", "rise", "--once", "--json", "--without", "last good")
    watch += ("--seconds", "300")
    with ThreadPoolExecutor(2) as pool:
        ended = list(pool.map(lambda _: stack.asza(*watch).out, range(2)))
    told = [each for text in ended for each in lines(text)]
    assert [each["kind"] for each in told].count("swapped") == 1
    assert len(versions(stack, STOP)) == before + 1


def test_the_act_breaks_mends_and_puts_back(stack: Project) -> None:
    before = stack.data("show", STOP)["version"]
    answer = stack.data(
        *("wick", "act", "rise", "--module", "long_stop", "--seconds", "300")
    )
    assert answer["repaired"]
    assert answer["failures"] > 0
    assert answer["next_call"]["outputs"]["long_stop_price"] > 0
    assert answer["verdict"]["rung"] == "search"
    assert stack.data("show", STOP)["version"] == before


def test_a_watcher_says_what_it_cannot_watch_and_which_rungs_there_are(
    stack: Project,
) -> None:
    missing = stack.data("wick", "watch", "nowhere", "--once", code=13)
    assert "rise" in missing["remedy"]
    ran = stack.asza("wick", "watch", "rise", "--once", "--without", "luck", code=2)
    assert "last good" in ran.err


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]
