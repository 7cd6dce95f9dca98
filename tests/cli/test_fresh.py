"""`asza build --fresh`: all is written and shown before anything is swapped."""

from typing import Any

import pytest

from asza import main
from core.settings import Settings
from core.store import Store
from tests.cli.standing import ENTRY, NAME, ODD, ODD_BODY, Command, standing

MODULE = f"{NAME}.long_entry"


@pytest.fixture
def asza(
    settings: Settings, store: Store, capsys: pytest.CaptureFixture[str]
) -> Command:
    """Commands in a project whose stack stands, one module built."""
    return standing(settings.root, capsys)


def row(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (r for r in answer["drafted"] if r["module"] == f"{NAME}.{name}")
    return found


def test_a_body_that_is_shipped_is_called_so_and_is_the_last_resort(asza: Command):
    asza.write(f"prompts/{NAME}/last_digits.md", ODD)
    asza.write(f"prompts/{NAME}/bodies/last_digits.txt", ODD_BODY)
    (built,) = asza("build", NAME)["built"]
    assert (built["module"], built["means"]) == (f"{NAME}.last_digits", "library")
    assert "writer offline (library)" in asza.files()["last_digits.py"]
    assert asza("history", f"{NAME}.last_digits")[0]["means"] == "library"

    before = asza.files()
    told = asza("build", NAME, "--fresh", "--dry-run")
    assert row(told, "last_digits")["means"] == "library"
    without = asza("build", NAME, "--fresh", "--no-library", "--dry-run", code=6)
    assert row(without, "last_digits")["means"] == ""
    assert "There is no example to search from" in row(without, "last_digits")["told"]
    assert without["message"].endswith("without the library: last_digits")
    for each in (told, without):
        assert row(each, "long_entry")["means"] == "rules"
        assert row(each, "long_entry")["behaviour"] == "unchanged"
    assert asza.files() == before


def test_a_build_of_several_says_which_of_how_many_is_being_written(
    asza: Command, capsys: pytest.CaptureFixture[str]
):
    asza.write(f"prompts/{NAME}/last_digits.md", ODD)
    asza.write(f"prompts/{NAME}/bodies/last_digits.txt", ODD_BODY)
    capsys.readouterr()
    assert main(["build", NAME, "--fresh", "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert "last_digits 1 of 2" in said
    assert "long_entry 2 of 2" in said


def test_a_change_is_shown_first_and_swapped_only_after_a_yes(asza: Command):
    lower = ENTRY.replace("below rsi_limit", "below rsi_limit minus 5")
    asza.write(f"prompts/{NAME}/long_entry.md", lower)
    before = asza.files()
    told = asza("build", NAME, "--fresh", code=17)
    entry = row(told, "long_entry")
    assert (entry["behaviour"], entry["drawn"], entry["needs_yes"]) == (
        ("changed", 500, True)
    )
    assert 0 < entry["drawn_changed"] < 500
    assert told["built"] == []
    shown = " ".join(asza.shown("build", NAME, "--fresh", "--dry-run").split())
    assert f"{entry['drawn_changed']} of 500 outputs differ" in shown
    assert asza.files() == before

    (swapped,) = asza("build", NAME, "--fresh", "--yes")["built"]
    assert (swapped["version"], swapped["unchanged"]) == (2, False)
    assert "rsi_limit - 5" in asza.files()["long_entry.py"]
    assert [v["cause"] for v in asza("history", MODULE)] == ["build", "fresh"]
    (again,) = asza("build", NAME, "--fresh")["built"]
    assert (again["version"], again["unchanged"]) == (2, True)
    asza.shown("build", NAME, "--yes", code=2)

    other = ENTRY.replace("rsi_14", "rsi_7").replace("RSI 14", "RSI 7")
    asza.write(f"prompts/{NAME}/long_entry.md", other)
    told = row(asza("build", NAME, "--fresh", code=17), "long_entry")
    assert (told["behaviour"], told["drawn"]) == ("other door", 0)
    assert "other inputs" in told["told"]
