"""`asza --version` says which version a clone is."""

import tomllib
from pathlib import Path

import pytest

import asza

PROJECT = Path(asza.__file__).with_name("pyproject.toml")


def test_the_version_is_that_of_the_project_file(capsys: pytest.CaptureFixture[str]):
    stated = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    assert asza.main(["--version"]) == 0
    assert capsys.readouterr() == (f"asza {stated}\n", "")
