"""`asza store …` on servers of their own: purging drops what other tests stand on."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from core.store import open_store
from tests.conftest import HOME, stop_servers
from tests.e2e.project import Commands, Project, project_in

FOUR = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"


@pytest.fixture(scope="module")
def alone(
    forked: Commands, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A project with servers of its own, kept up between the commands."""
    home = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getpid()}-store-"))
    with open_store(Settings(asza_home=home)):
        yield project_in(tmp_path_factory.mktemp("store") / "project", home, forked)
    stop_servers(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="module")
def made(alone: Project) -> dict[str, Any]:
    """Something worth keeping."""
    return alone.data("ask", FOUR)


def test_backup_purge_and_restore_bring_everything_back(
    alone: Project, made: dict[str, Any], tmp_path: Path
):
    module, files = made["built"][0]["module"], alone.files()
    before = alone.data("history", module)
    kept = alone.data("store", "backup", tmp_path / "mine.tar.gz")
    assert kept["rows"] > 5

    refused = alone.asza("store", "purge", typed="yes\n", code=3)
    assert "This drops schemas" in refused.err
    assert refused.out == ""
    assert alone.data("history", module) == before

    purged = alone.asza("store", "purge", typed="YES\n")
    assert "rows and" in purged.out
    assert alone.data("history", module, code=13)["field"] == "module"
    assert alone.files() == files

    restored = alone.data("store", "restore", tmp_path / "mine.tar.gz")
    assert restored["rows"] == kept["rows"]
    assert alone.data("history", module) == before
    assert alone.data("show", module)["certificate"]["passed"]


def test_purge_with_yes_on_the_command_line_leaves_a_backup(
    alone: Project, made: dict[str, Any]
):
    alone.data("store", "purge", "--yes", "no", code=3)
    purged = alone.data("store", "purge", "--yes", "YES")
    assert Path(purged["backup"]).is_file()
    back = alone.data("store", "restore", purged["backup"])
    assert back["rows"] == purged["rows"]


def test_a_file_that_is_no_backup_is_refused_and_nothing_changes(
    alone: Project, made: dict[str, Any], tmp_path: Path
):
    module = made["built"][0]["module"]
    path = tmp_path / "torn.tar.gz"
    path.write_bytes(b"\x1f\x8b not a backup")
    assert alone.data("store", "restore", path, code=9)["remedy"]
    assert alone.data("store", "restore", tmp_path / "none", code=9)["remedy"]
    assert len(alone.data("history", module)) == 1


def test_sizes_and_migrations_are_told(alone: Project):
    tables = {row["name"]: row for row in alone.data("store", "sizes")}
    assert tables["system_logs.versions"]["bytes"] > 0
    assert "system_logs.versions" in alone.asza("store", "sizes").out
    numbers = alone.data("store", "migrate")["applied"]
    assert numbers == list(range(1, len(numbers) + 1))
    assert "migrations applied: 1" in alone.asza("store", "migrate").out
    assert alone.data("store", "retain") == {"aggregated": 0, "recordings": 0}
