"""`asza break`: anyone can put a fault in, see it, and take it back."""

import json
from typing import Any

import pytest

from tests.e2e.project import Project

FOUR = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"
NAME = "broken"
MODULE = f"{NAME}.f"
ALONE = {"ASZA_WICK": "off"}  # nobody repairs while we look


@pytest.fixture(scope="module")
def built(project: Project) -> dict[str, Any]:
    made: dict[str, Any] = project.data("ask", FOUR, "--stack", NAME)
    return made


def test_break_shows_the_fault_what_it_breaks_and_how_to_go_on(
    project: Project, built: dict[str, Any]
) -> None:
    before = project.files()
    told = project.data("break", MODULE, "--seed", "3")
    assert (told["version"], told["before"], told["seed"]) == (2, 1, 3)
    assert told["happens"].split()[0] in ("gives", "raises", "returns", "breaks")
    assert set(told["inputs"]) == {"a", "b"}
    changed = [p for p, text in project.files().items() if before[p] != text]
    assert changed == [f"generated/{NAME}/f.py"]
    _, row = project.data("history", MODULE)
    assert (row["writer"], row["means"]) == ("wick", "fault")
    assert told["words"] in row["cause"]
    assert project.data("list")[0]["certified"] is False
    assert told["next"]["take it back"] == f"asza rollback {MODULE}"
    back = project.data("rollback", MODULE)
    assert (back["version"], project.files()) == (1, before)


def test_a_person_sees_the_diff_and_the_run_that_goes_wrong(
    project: Project, built: dict[str, Any]
) -> None:
    shown = project.asza("break", MODULE).out
    assert '-return {"result": a + b}' in shown
    assert "sandbox only" in shown
    assert f"./asza wick watch {NAME}" in shown
    ran = project.asza("run", NAME, "--json", **ALONE)
    answer = json.loads(ran.out)
    assert answer["engine"] == "sandbox"
    assert answer["versions"] == {"f": 2 + 1}
    assert "no valid certificate" in ran.err
    project.asza("rollback", MODULE)


def test_a_list_of_faults_changes_nothing(
    project: Project, built: dict[str, Any]
) -> None:
    versions = len(project.data("history", MODULE))
    rows = project.data("break", MODULE, "--list")
    assert {"line", "kind", "words", "inputs", "happens"} == set(rows[0])
    assert (
        f"{len(rows)} faults that show" in project.asza("break", MODULE, "--list").out
    )
    only = project.data("break", MODULE, "--list", "--kind", "wrong-operator")
    assert {row["kind"] for row in only} == {"wrong-operator"}
    assert len(project.data("history", MODULE)) == versions


def test_what_cannot_be_broken_is_refused(
    project: Project, built: dict[str, Any]
) -> None:
    absent = project.data("break", f"{NAME}.g", code=13)
    assert absent["remedy"] == f"did you mean '{MODULE}'?"
    assert project.data("break", MODULE, "--kind", "magic", code=2)["remedy"]
    guard = project.data("break", MODULE, "--kind", "dropped-guard", code=4)
    assert (guard["field"], guard["value"]) == ("kind", "'dropped-guard'")
    path = project.root / f"generated/{NAME}/f.py"
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("a + b", "b + a + 0"), encoding="utf-8")
    edited = project.asza("break", MODULE, code=12)
    assert "b + a + 0" in edited.err
    path.write_text(before, encoding="utf-8")
