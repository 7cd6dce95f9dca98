"""`asza graph`: the connections of a stack as text, as data, as a drawing and in a page."""

import json
from pathlib import Path

import pytest

import asza
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def in_the_project(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASZA_ROOT", str(ROOT))


def test_a_machine_gets_nodes_and_edges(capsys: pytest.CaptureFixture[str]) -> None:
    assert asza.main(["graph", "trading", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    names = {node["name"] for node in told["nodes"]}
    assert names == {name for phase in told["phases"] for name in phase["modules"]}
    assert all({edge["source"], edge["target"]} <= names for edge in told["edges"])
    wanted = {"source": "slice_manager", "target": "position_executor"}
    assert {**wanted, "names": ["slices"]} in told["edges"]


def test_a_person_gets_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert asza.main(["graph"]) == 0
    assert "← slice_manager: slices" in capsys.readouterr().out


def test_the_files_asked_for_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page, svg = tmp_path / "page.md", tmp_path / "deep" / "stack.svg"
    parts = ("modules", "parameters", "starting values")
    marks = [
        f"<!-- begin {part} -->\nan older table\n<!-- end {part} -->" for part in parts
    ]
    page.write_text("\n".join(["# Mine", *marks, "The end."]))
    code = asza.main(["graph", "trading", "--svg", str(svg), "--page", str(page)])
    assert code == 0
    assert svg.read_text().startswith("<svg ")
    text = page.read_text()
    assert text.startswith("# Mine\n")
    assert text.endswith("\nThe end.")
    assert "an older table" not in text
    assert str(svg) in capsys.readouterr().out


def test_a_page_without_markers_is_left_as_it_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Mine")
    assert asza.main(["graph", "trading", "--page", str(page)]) == 3
    assert page.read_text() == "# Mine"
    assert "begin modules" in capsys.readouterr().err


def test_an_unknown_stack_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert asza.main(["graph", "nowhere"]) == 13
    assert "asza list" in capsys.readouterr().err
