"""Commands that look at what was built: the same facts as tables and as JSON."""

import json
from typing import Any

import pytest

from tests.e2e.project import Project

FOUR = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"
NAME = "sums"
MODULE = f"{NAME}.f"
OTHER = "return {'result': b + a}\n"


@pytest.fixture(scope="module")
def built(project: Project) -> dict[str, Any]:
    """One function, called four times; its second version is written by hand."""
    made = project.data("ask", FOUR, "--stack", NAME)
    body = project.root / "body.py"
    body.write_text(OTHER, encoding="utf-8")
    ran = project.python("file_creator.py", f"prompts/{NAME}/f.md", str(body))
    assert (ran.code, ran.out.count("version 2 written")) == (0, 1), ran.err
    return made


def test_list_tells_version_writer_and_proof(project: Project, built: dict[str, Any]):
    (row,) = project.data("list")
    assert (row["module"], row["version"], row["writer"]) == (MODULE, 2, "hand")
    assert (row["state"], row["certified"]) == ("written", True)
    ran = project.asza("list", NAME)
    assert MODULE in ran.out
    assert ran.err == ""
    assert project.data("list", "nothing", code=13)["field"] == "stack"


def test_show_prints_spec_body_and_every_check(project: Project, built: dict[str, Any]):
    shown = project.data("show", MODULE)
    assert shown["body"] == 'return {"result": b + a}\n'
    assert "name: f" in shown["spec"]
    checks = shown["certificate"]["checks"]
    assert [each["name"] for each in checks] == [
        "form", "types", "examples", "recordings",
        "fuzz", "purity", "fabrication", "cpython",
    ]  # fmt: skip
    assert all(each["passed"] and each["figure"] for each in checks)
    ran = project.asza("show", MODULE)
    assert "b + a" in ran.out
    assert "It does not mean that the contract is what you meant." in ran.out
    assert (
        project.data("show", f"{NAME}.g", code=13)["remedy"] == f"there are: {MODULE}"
    )


def test_history_diff_and_rollback(project: Project, built: dict[str, Any]):
    first, second = project.data("history", MODULE)
    assert [first["version"], second["version"]] == [1, 2]
    assert (first["writer"], first["means"]) == ("offline", "search")
    assert (second["writer"], second["parent"]) == ("hand", 1)
    assert "offline (search)" in project.asza("history", MODULE).out
    assert '+return {"result": b + a}' in project.data("diff", MODULE)["diff"]
    assert "-return" in project.asza("diff", MODULE, "2", "1").out
    back = project.data("rollback", MODULE, "1")
    assert (back["version"], back["before"]) == (1, 2)
    assert '"result": a + b' in project.read(f"generated/{NAME}/f.py")
    called = project.data("run", NAME)
    assert called["versions"] == {"f": 1}
    assert "version 2 again" in project.asza("rollback", MODULE, "2").out
    assert project.data("rollback", MODULE, "9", code=13)["field"] == "version"


def test_a_file_edited_by_hand_is_not_overwritten_unasked(
    project: Project, built: dict[str, Any]
):
    path = project.root / f"generated/{NAME}/f.py"
    before = path.read_text(encoding="utf-8")
    edited = before.replace("b + a", "b + a + 0")
    path.write_text(edited, encoding="utf-8")
    assert project.data("list")[0]["state"] == "edited"
    refused = project.asza("rollback", MODULE, "1", "--json", code=12)
    assert "edited by hand" in json.loads(refused.out)["message"]
    assert path.read_text(encoding="utf-8") == edited
    shown = project.asza("rollback", MODULE, "1", code=12)
    assert "b + a + 0" in shown.err
    project.data("rollback", MODULE, "2", "--force")
    assert path.read_text(encoding="utf-8") == before


def test_reflections_count_every_call(project: Project, built: dict[str, Any]):
    (told,) = project.data("reflections", MODULE)
    assert told["calls"] >= 4
    assert (told["failures"], told["last_failures"]) == (0, [])
    assert 0 < told["p50_us"] <= told["p99_us"]
    assert MODULE in project.asza("reflections").out
    assert project.data("reflections", f"{NAME}.g", code=13)["field"] == "module"


def test_thoughts_hold_every_exchange_whole(project: Project, built: dict[str, Any]):
    writing, planning = project.data("thoughts")
    assert (planning["role"], writing["role"]) == ("architect", "writer")
    assert FOUR in planning["prompt"]
    assert f"Write the body of `{MODULE.partition('.')[2]}`" in writing["prompt"]
    one = project.data("thoughts", writing["cycle"], writing["step"])
    assert one["answer"] == writing["answer"]
    assert "offline" in project.asza("thoughts").out
    assert project.data("thoughts", "never", "plan", code=13)["remedy"]


def test_budget_is_untouched_by_what_is_free(project: Project, built: dict[str, Any]):
    told = project.data("budget")
    assert [each["limit"] for each in told["limits"]] == ["day", "month"]
    assert all(float(each["used"]) == 0 for each in told["limits"])
    assert "$0.5" in project.asza("budget").out


def test_doctor_finds_this_machine_able(project: Project):
    checks = {each["name"]: each for each in project.data("doctor")}
    assert {"python", "settings", "sandbox", "postgres", "redis"} <= checks.keys()
    assert all(each["ok"] for each in checks.values())
    sick = project.asza("doctor", code=9, DATABASE_URL="postgresql://127.0.0.1:9/x")
    assert "bad  postgres" in sick.out
    assert "to do" in sick.out


def test_a_wrong_command_line_is_told_with_code_2(project: Project):
    assert "No such command" in project.data("nonsense", code=2)["message"]
    assert project.data("run", NAME, "--engine", "magic", code=2)["remedy"]
    assert "Usage" in project.asza("run", "--help").out


def test_a_wrong_setting_is_told_with_code_3(project: Project):
    told = project.data("list", code=3, LLM_TIMEOUT="soon")
    assert told["field"] == "LLM_TIMEOUT"


def test_list_works_without_a_database(project: Project, built: dict[str, Any]):
    dead = {"DATABASE_URL": "postgresql://127.0.0.1:9/x"}
    ran = project.asza("list", "--json", **dead)
    assert [row["module"] for row in json.loads(ran.out)] == [MODULE]
    assert "Showing what the files say" in ran.err
    assert project.data("history", MODULE, code=9, **dead)["error"] == "StoreError"
