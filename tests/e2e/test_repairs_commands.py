"""Commands about repairs, typed by a person: quarantine, approve, bisect, blame, wick."""

import json
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.store import Defects, Probations, Store, open_store
from core.store.defect import NOT_REPAIRED, REPAIRED, WAITING
from tests.e2e.project import Project

FOUR = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"
NAME = "sums"
MODULE = f"{NAME}.f"
SECOND = "total = b + a\nreturn {'result': total}\n"
INPUT = '{"a": 2, "b": 3}'


@pytest.fixture(scope="module")
def store(home: Path) -> Iterator[Store]:
    """The project's database, to put in what no command makes."""
    with open_store(Settings(asza_home=home)) as opened:
        yield opened


@pytest.fixture(scope="module")
def built(project: Project) -> dict[str, Any]:
    """One function, called four times; its second version is written by hand."""
    made: dict[str, Any] = project.data("ask", FOUR, "--stack", NAME)
    body = project.root / "body.py"
    body.write_text(SECOND, encoding="utf-8")
    ran = project.python("file_creator.py", f"prompts/{NAME}/f.md", str(body))
    assert ran.code == 0, ran.err
    return made


@pytest.fixture(scope="module")
def defect(store: Store, built: dict[str, Any]) -> int:
    """A defect of version 1 that version 2 repaired, under probation."""
    door = Defects(store)
    seen = {"shown": [{"inputs": {"a": 1, "b": 0}}], "call_ids": [["run", 7]]}
    made = door.report(
        MODULE,
        1,
        "exception ZeroDivisionError line 1",
        trigger="exception",
        remark="ZeroDivisionError: division by zero (line 1)",
        evidence=seen,
        times=12,
    )
    verdict = {
        "rung": "search",
        "before": "return {'result': a + b}",
        "after": SECOND,
        "changed": [{"inputs": {"a": 1, "b": 0}, "before": "raises", "after": 1}],
        "blast": "0 of 4 recorded outputs change",
    }
    rungs = [{"rung": "search", "tried": 321, "survivors": 2, "seconds": 0.5}]
    found = {"rungs": rungs, "candidates": 321, "survivors": 2, "verdict": verdict}
    door.settle(
        made.id,
        REPAIRED,
        **found,
        diagnosis={"kind": "module fault"},
        repaired_by=2,
        seconds=0.75,
        cost_usd=Decimal("0.0123"),
    )
    Probations(store).start(MODULE, 2, safe_version=1, calls_needed=20)
    return made.id


def test_a_quarantined_module_does_not_run_until_it_is_lifted(
    project: Project, built: dict[str, Any]
):
    assert project.data("quarantine") == []
    made = project.data("quarantine", MODULE, "--reason", "it adds [b]wrongly[/b]")
    assert (made["reason"], made["concerns_live"]) == ("it adds [b]wrongly[/b]", True)
    assert made["fallback"] is None
    ran = project.data("run", NAME, "--in", INPUT, code=11)
    remark = "Quarantined: it adds [b]wrongly[/b]"
    assert [call["remark"] for call in ran["calls"]] == [remark]
    assert "in quarantine" in project.asza("list").out
    assert "[b]wrongly[/b]" in project.asza("quarantine").out
    lifted = project.asza("quarantine", MODULE, "--lift")
    assert "runs again from the next tick on" in lifted.out
    ran = project.data("run", NAME, "--in", INPUT)
    assert ran["calls"][0]["outputs"] == {"result": 5}
    assert project.data("quarantine", MODULE, "--lift", code=13)["field"] == "module"


def test_a_version_that_is_not_live_may_be_quarantined_alone(
    project: Project, built: dict[str, Any]
):
    made = project.asza("quarantine", MODULE, "--version", "1")
    assert "Wick never makes it live" in made.out
    assert project.data("run", NAME, "--in", INPUT)["calls"][0]["outputs"]
    refused = project.data("quarantine", MODULE, "--lift", code=13)
    assert refused["remedy"] == "in quarantine is version 1"
    project.data("quarantine", MODULE, "--version", "1", "--lift")


MISTAKES = (
    (("quarantine", "sums.g"), 13, "module"),
    (("quarantine", MODULE, "--version", "9"), 13, "version"),
    (("quarantine", "--lift"), 2, ""),
    (("approve", "sums.g"), 13, "module"),
    (("approve", MODULE, "999"), 13, "recording"),
    (("approve", MODULE, "--withdraw"), 2, ""),
    (("bisect", MODULE), 2, ""),
    (("bisect", MODULE, "--input", "{"), 10, "--input"),
    (("bisect", MODULE, "--input", '{"a": 2}'), 10, "--input"),
    (("bisect", MODULE, "--recording", "999"), 13, "--recording"),
    (("blame", "sums.g"), 13, "module"),
    (("wick", "show", "99"), 13, "defect"),
    (("wick", "refute", "1"), 2, "--reason"),
)


def test_a_mistake_is_told_with_its_field_and_a_remedy(
    project: Project, built: dict[str, Any]
):
    for typed, code, field in MISTAKES:
        told = project.data(*typed, code=code)
        assert told["field"] == field, typed
        assert told["remedy"], typed


def test_what_a_person_approves_becomes_law_and_can_be_withdrawn(
    project: Project, built: dict[str, Any]
):
    kept = project.data("approve", MODULE)
    assert {each["kind"] for each in kept} == {"observed"}
    one = next(each for each in kept if each["inputs"] == {"a": 2, "b": 3})
    number = str(one["recording"])
    approved = project.data("approve", MODULE, number, "--reason", "2 + 3")
    assert (approved["kind"], approved["reason"]) == ("approved", "2 + 3")
    assert approved["outputs"] == {"result": 5}
    checks = project.data("build", MODULE, "--fresh")["built"][0]
    assert checks["module"] == MODULE
    assert "2 + 3" in project.asza("approve", MODULE).out
    taken = project.data("approve", MODULE, number, "--withdraw")
    assert (taken["kind"], taken["reason"]) == ("observed", "")


def test_a_failed_call_cannot_be_approved(project: Project, built: dict[str, Any]):
    project.data("quarantine", MODULE, "--reason", "trying")
    project.data("run", NAME, "--in", '{"a": 77, "b": 1}', code=11)
    project.data("quarantine", MODULE, "--lift")
    kept = project.data("approve", MODULE)
    failed = [each for each in kept if each["outcome"] == "failed"]
    assert failed
    number = str(failed[-1]["recording"])
    told = project.data("approve", MODULE, number, code=10)
    assert "Quarantined: trying" in told["message"]


def test_bisect_runs_every_version_and_names_the_first_that_differs(
    project: Project, built: dict[str, Any]
):
    same = project.data("bisect", MODULE, "--input", INPUT)
    assert (same["first_change"], same["changes"]) == (None, [])
    assert [each["outputs"] for each in same["versions"]] == [{"result": 5}] * len(
        same["versions"]
    )
    shown = project.asza("bisect", MODULE, "--input", INPUT)
    assert "every version answers the same" in shown.out
    number = str(project.data("approve", MODULE)[0]["recording"])
    recorded = project.data("bisect", MODULE, "--recording", number)
    assert recorded["versions"]


def test_blame_tells_why_each_version_exists_and_who_wrote_each_line(
    project: Project, defect: int
):
    told = project.data("blame", MODULE)
    body = project.data("show", MODULE)["body"].splitlines()
    assert [line["text"] for line in told["lines"]] == body
    first, second = told["versions"][:2]
    assert (first["writer"], first["parent"]) == ("offline", None)
    assert (second["writer"], second["parent"]) == ("hand", 1)
    assert second["probation"] == "running"
    (healed,) = second["defects"]
    assert (healed["defect"], healed["rung"]) == (defect, "search")
    assert Decimal(healed["cost_usd"]) == Decimal("0.0123")
    assert f"repaired defect {defect} by" in " ".join(
        project.asza("blame", MODULE, COLUMNS="300").out.split()
    )


def test_the_report_gives_rates_medians_and_the_newest(project: Project, defect: int):
    told = project.data("wick", "report")
    assert (told["defects"], told["repaired"], told["repair_rate"]) == (1, 1, 1.0)
    assert (told["false_fix_rate"], told["median_seconds"]) == (0.0, 0.75)
    assert Decimal(told["median_usd"]) == Decimal("0.0123")
    assert told["by_rung"]["search"]["repairs"] == 1
    assert told["by_failure"]["exception"]["repaired"] == 1
    assert told["newest"][0]["defect"] == defect
    shown = project.asza("wick", "report").out
    assert "repair rate 100.0% (1 of 1 settled faults of modules)" in shown
    assert "median 0.75 s, $0.0123 a repair" in shown
    assert project.data("wick", "report", "sums.g")["defects"] == 0
    assert "No defect of sums.g" in project.asza("wick", "report", "sums.g").out


def test_one_defect_is_shown_whole(project: Project, defect: int):
    told = project.data("wick", "show", str(defect))
    assert told["evidence"]["shown"] == [{"inputs": {"a": 1, "b": 0}}]
    assert (told["times"], told["candidates"]) == (12, 321)
    shown = project.asza("wick", "show", str(defect)).out
    for part in (
        "exception ZeroDivisionError line 1",
        "seen 12 times",
        "module fault",
        "version 2 runs instead",
        "total = b + a",
        "0 of 4 recorded outputs change",
    ):
        assert part in shown


def test_a_repair_that_is_refuted_is_a_false_fix(project: Project, defect: int):
    told = project.data("wick", "refute", str(defect), "--reason", "it loses cents")
    assert told["fate"] == "refuted by person"
    report = project.data("wick", "report")
    assert (report["false_fix_rate"], report["repair_rate"]) == (1.0, 0.0)
    shown = project.asza("wick", "show", str(defect)).out
    assert "fate: refuted by person: it loses cents" in shown


def test_a_rollback_by_hand_tells_the_fate_of_the_repair(
    project: Project, store: Store, defect: int
):
    door = Defects(store)
    other = door.report(
        MODULE, 1, "timeout", trigger="timeout", remark="TimeoutError: too long"
    )
    live = project.data("list", NAME)[0]["version"]
    door.settle(other.id, REPAIRED, repaired_by=live)
    project.data("rollback", MODULE, "1")
    told = project.data("wick", "show", str(other.id))
    assert (told["fate"], told["fate_reason"]) == (
        "reverted",
        "rolled back by a person",
    )
    again = door.report(MODULE, 1, "memory", trigger="memory", remark="MemoryError: x")
    door.settle(again.id, REPAIRED, repaired_by=1)
    project.data("rollback", MODULE, "1")  # what runs already is not taken back
    assert door.get(again.id).fate is None


def test_what_waits_for_a_person_shows_the_proposed_lines(
    project: Project, store: Store, defect: int
):
    door = Defects(store)
    one = door.report(MODULE, 1, "output result", trigger="output", remark="x: y")
    asked = {"body": "return {'result': a}\n", "spec_digest": "ab"}
    door.settle(one.id, WAITING, proposed=asked)
    shown = project.asza("wick", "show", str(one.id)).out
    assert "return {'result': a}" in shown
    assert f"asza wick accept {one.id}" in shown
    refused = project.data("wick", "refute", str(one.id), "--reason", "x", code=13)
    assert "waiting" in refused["message"]
    door.settle(one.id, NOT_REPAIRED)


def test_the_database_away_is_told_with_code_9(project: Project):
    dead = {"DATABASE_URL": "postgresql://127.0.0.1:9/x"}
    for typed in (("wick", "report"), ("quarantine", MODULE), ("blame", MODULE)):
        ran = project.asza(*typed, "--json", code=9, **dead)
        assert json.loads(ran.out)["error"] == "StoreError"
