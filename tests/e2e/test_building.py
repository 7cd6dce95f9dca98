"""`asza build` and the three stages alone: fresh clones, rebuilding, edited specs."""

import json
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.store import open_store
from tests.conftest import empty
from tests.e2e.project import Project

REQUEST = "Buy when RSI 14 is below 30. Sell when RSI 14 is above 70."
NAME = "dips"


@pytest.fixture(scope="module")
def made(project: Project) -> dict[str, Any]:
    """Two modules."""
    return project.data("ask", REQUEST, "--stack", NAME, "--no-run")


def test_with_everything_there_nothing_is_built(project: Project, made: dict[str, Any]):
    ran = project.asza("build", "--json")
    assert json.loads(ran.out) == {"built": []}
    assert "nothing to build" in ran.err


def test_fresh_writes_a_new_version_only_if_it_differs(
    project: Project, made: dict[str, Any]
):
    before = project.files()
    (again,) = project.data("build", f"{NAME}.long_exit", "--fresh")["built"]
    assert (again["unchanged"], again["version"]) == (True, 1)
    assert project.files() == before


def test_an_edited_spec_is_built_anew_and_can_be_taken_back(
    project: Project, made: dict[str, Any]
):
    module, path = f"{NAME}.long_entry", project.root / f"prompts/{NAME}/long_entry.md"
    spec = path.read_text(encoding="utf-8")
    head, prose = spec.split("\n---\n")
    kept = [
        line
        for line in head.replace("below 30", "below 25").splitlines()
        if not line.startswith(("examples", "  - {in"))
    ]
    mended = "\n".join(kept) + "\n---\n" + prose.replace("below 30", "below 25")
    path.write_text(mended, encoding="utf-8")
    (built,) = project.data("build", NAME)["built"]
    assert (built["module"], built["version"]) == (module, 2)
    assert "rsi_14 < 25" in project.read(f"generated/{NAME}/long_entry.py")
    project.data("rollback", module, "1")
    assert "rsi_14 < 30" in project.read(f"generated/{NAME}/long_entry.py")
    assert path.read_text(encoding="utf-8") == spec


def test_a_missing_file_is_written_again(project: Project, made: dict[str, Any]):
    path = project.root / f"generated/{NAME}/long_exit.py"
    before = path.read_text(encoding="utf-8")
    path.unlink()
    (built,) = project.data("build", NAME)["built"]
    assert built["module"] == f"{NAME}.long_exit"
    assert 'return {"exit_long"' in path.read_text(encoding="utf-8")
    assert before.splitlines()[-5:] == path.read_text("utf-8").splitlines()[-5:]


def test_what_does_not_exist_or_breaks_the_law_is_told(
    project: Project, made: dict[str, Any]
):
    assert project.data("build", "nothing", code=13)["field"] == "target"
    assert project.data("build", f"{NAME}.nothing", code=13)["field"] == "target"
    path = project.root / f"prompts/{NAME}/long_exit.md"
    spec = path.read_text(encoding="utf-8")
    path.write_text(spec.replace("unit: oscillator", "unit: oscilator"), "utf-8")
    told = project.data("build", NAME, code=5)
    path.write_text(spec, encoding="utf-8")
    assert told["where"].endswith("long_exit.md:5")
    assert "oscillator" in told["remedy"]


def test_modules_of_a_fresh_clone_are_adopted_unchanged(
    project: Project, home: Path, made: dict[str, Any]
):
    before = project.files()
    with open_store(Settings(asza_home=home)) as store:
        empty(store)
    assert {row["state"] for row in project.data("list")} == {"not adopted"}
    ran = project.asza("build", "--json")
    assert json.loads(ran.out) == {"built": []}
    assert ran.err.count("adopted") == 2
    assert project.files() == before
    for row in project.data("list"):
        assert (row["state"], row["certified"]) == ("written", True)
        assert (row["writer"], row["means"]) == ("offline", "rules")
    (version,) = project.data("history", f"{NAME}.long_entry")
    assert version["cause"] == "adopted"


def test_the_three_stages_run_alone_one_after_another(project: Project):
    request = "g(1) is 3, g(2) is 6, g(5) is 15, g(0) is 0"
    planned = project.python("ask_architect.py", request)
    assert (planned.code, planned.err) == (0, "")
    plan = json.loads(planned.out)
    (spec,) = plan["specs"]
    assert not (project.root / "generated" / plan["stack"]).exists()

    # The plan's own spec in a stack that is there.
    path = project.root / f"prompts/{NAME}/{spec['name']}.md"
    path.write_text(spec["text"], encoding="utf-8")
    written = project.python("code_generator.py", str(path))
    assert written.code == 0, written.err
    assert "return" in written.out
    assert "fuzz passed" in written.err
    assert "fuzz" not in written.out

    filed = project.python("file_creator.py", str(path), "-", typed=written.out)
    assert filed.code == 0, filed.err
    assert "version 1 written" in filed.out
    again = project.python("file_creator.py", str(path), "-", typed=written.out)
    assert "is as it was" in again.out
    path.unlink()
    (project.root / f"generated/{NAME}/{spec['name']}.py").unlink()


@pytest.mark.parametrize(
    ("script", "arguments", "typed", "code", "says"),
    [
        ("ask_architect.py", ["Paint my house."], "", 4, "Paint my house"),
        ("ask_architect.py", [], "", 2, "ask_architect.py"),
        ("code_generator.py", [], "", 2, "usage"),
        ("code_generator.py", ["prompts/dips/none.md"], "", 13, "none.md"),
        (
            "file_creator.py",
            ["prompts/dips/long_exit.md", "-"],
            "import os\nreturn {'exit_long': True}",
            6,
            "import",
        ),
    ],
)
def test_a_stage_alone_refuses_in_words_and_with_its_code(
    project: Project,
    made: dict[str, Any],
    script: str,
    arguments: list[str],
    typed: str,
    code: int,
    says: str,
):
    before = project.files()
    ran = project.python(script, *arguments, typed=typed)
    assert ran.code == code, ran.err
    assert says in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""
    assert project.files() == before
