"""Modules on disk: whole at every moment, each version with its file, edits respected."""

import json
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from core.atomic import write_atomically
from core.body import parse_body
from core.errors import BodyRefused, FileEdited, StoreError
from core.lineage import rollback
from core.module_file import read_module, text_hash
from core.module_writer import Superseded
from core.sandbox import Sandbox
from core.store import LIVE, RETIRED, UNDONE, Journal, Modules, Store
from file_creator import Adopted, adopt, create, recover, unadopted
from tests.conftest import empty
from tests.module_samples import (
    FIRST,
    MODULE,
    SECOND,
    STEPS,
    THIRD,
    go_back,
    in_a_process,
    lay_out,
    make,
    module_file,
    proof,
    spec_in,
)

GONE = -9


@pytest.fixture
def desk(store: Store) -> Store:
    lay_out(store.settings)
    return store


def states(store: Store) -> list[str]:
    return [row.state for row in Modules(store).history(MODULE)]


def hashes(*bodies: str) -> set[str]:
    return {parse_body(body).hash for body in bodies}


def check_whole(store: Store, *bodies: str) -> None:
    """The module on disk is one of `bodies`, and the database says the same."""
    assert Journal(store).pending() == []
    live = Modules(store).live(MODULE)
    path = module_file(store.settings)
    assert not list(path.parent.glob(".asza-*"))
    assert "prepared" not in states(store)
    if live is None:
        assert not path.exists()
        return
    found = read_module(path)
    assert found.canonical().hash == live.body_hash
    assert found.hash == live.file_hash
    assert live.body_hash in hashes(*bodies)


def test_a_body_becomes_a_file_a_person_can_read_and_a_live_version(
    desk: Store,
) -> None:
    made = make(desk, FIRST)
    assert (made.version, made.unchanged) == (1, False)
    assert made.path == module_file(desk.settings)
    text = made.path.read_text()
    assert text.startswith('"""half: Half of a.\n')
    assert "version 1 · writer offline\n(search)" in text or "(search)" in text
    live = Modules(desk).live(MODULE)
    assert live is not None
    assert (live.state, live.path) == (LIVE, "generated/desk/half.py")
    assert live.file_hash == text_hash(text)
    assert "+++ after" in made.diff
    check_whole(desk, FIRST)


def test_the_same_body_again_changes_nothing(desk: Store) -> None:
    first = make(desk, FIRST)
    before = (first.path.stat().st_mtime_ns, Modules(desk).generation())
    again = make(desk, "\n    # the same\n    return {'b': a/2}\n")
    assert (again.version, again.unchanged) == (1, True)
    assert (first.path.stat().st_mtime_ns, Modules(desk).generation()) == before


def test_another_body_is_the_next_version_with_the_last_one_as_parent(
    desk: Store,
) -> None:
    make(desk, FIRST)
    generation = Modules(desk).generation()
    made = make(desk, SECOND, cause="repair: ValueError")
    history = Modules(desk).history(MODULE)
    assert [(row.version, row.state, row.parent) for row in history] == [
        (1, RETIRED, None),
        (2, LIVE, 1),
    ]
    assert Modules(desk).generation() == generation + 1
    assert "parent 1 (repair: ValueError)" in " ".join(made.path.read_text().split())
    assert "-    return {" in made.diff
    check_whole(desk, SECOND)


def test_a_body_without_a_certificate_of_its_own_is_not_written(desk: Store) -> None:
    spec = spec_in(desk.settings)
    good = proof(spec, FIRST)
    for wrong in (
        replace(good, passed=False),
        replace(good, spec_digest="0" * 12),
        proof(spec, SECOND),
    ):
        with pytest.raises(BodyRefused, match="certificate"):
            create(
                spec, FIRST, wrong, store=desk, settings=desk.settings, writer="offline"
            )
    assert not module_file(desk.settings).exists()
    assert states(desk) == []


def test_an_edited_file_is_not_overwritten_before_its_diff_was_shown(
    desk: Store,
) -> None:
    path = make(desk, FIRST).path
    mine = path.read_text().replace("a / 2", "a / 2 + 0")
    path.write_text(mine)
    with pytest.raises(FileEdited) as refused:
        make(desk, SECOND)
    assert '-    return {"b": a / 2 + 0}' in refused.value.value
    assert "+    b = a * 0.5" in refused.value.value
    assert "--force" in refused.value.remedy
    assert path.read_text() == mine
    assert states(desk) == [LIVE]
    made = make(desk, SECOND, force=True)
    assert made.version == 2
    check_whole(desk, SECOND)


def test_a_file_that_was_deleted_or_checked_out_older_is_no_edit(desk: Store) -> None:
    path = make(desk, FIRST).path
    older = path.read_text()
    make(desk, SECOND)
    path.write_text(older)
    make(desk, THIRD)
    path.unlink()
    assert make(desk, THIRD).unchanged is False
    check_whole(desk, THIRD)


@pytest.mark.parametrize("step", STEPS)
def test_a_first_build_killed_at_any_step_is_completed_or_taken_back(
    desk: Store, step: str
) -> None:
    kill_at(desk, FIRST, step)
    recovered = recover(desk, desk.settings)
    check_whole(desk, FIRST)
    assert len(recovered) == (step != "completed")
    made = make(desk, FIRST)
    assert made.unchanged == (step in ("renamed", "settled", "live", "completed"))
    check_whole(desk, FIRST)


@pytest.mark.parametrize("step", STEPS)
def test_a_rebuild_killed_at_any_step_leaves_the_old_or_the_new_module(
    desk: Store, step: str
) -> None:
    make(desk, FIRST)
    kill_at(desk, SECOND, step)
    path = module_file(desk.settings)
    assert read_module(path).canonical().hash in hashes(FIRST, SECOND), "whole already"
    made = make(desk, THIRD)
    assert made.version in (2, 3)
    check_whole(desk, THIRD)


@pytest.mark.parametrize("step", STEPS)
def test_a_rollback_killed_at_any_step_leaves_one_of_the_two_versions(
    desk: Store, step: str
) -> None:
    make(desk, FIRST)
    make(desk, SECOND)
    kill_at(desk, "", step)
    recover(desk, desk.settings)
    check_whole(desk, FIRST, SECOND)
    assert sorted(states(desk)) == [LIVE, RETIRED]


@pytest.mark.parametrize("step", STEPS)
def test_a_rollback_to_a_file_that_is_rendered_otherwise_now_is_no_edit(
    desk: Store, step: str
) -> None:
    first = make(desk, FIRST)
    path = Modules(desk).version(MODULE, 1).path
    make(desk, SECOND)
    Modules(desk).set_file(MODULE, 1, path, "0" * 64)
    kill_at(desk, "", step)
    recover(desk, desk.settings)
    check_whole(desk, FIRST, SECOND)
    assert first.path.exists()
    make(desk, THIRD)


def test_an_edit_that_is_overwritten_is_kept_and_its_place_told(desk: Store) -> None:
    path = make(desk, FIRST).path
    mine = path.read_text().replace("a / 2", "a / 2 + 0")
    path.write_text(mine)
    made = make(desk, SECOND, force=True)
    assert made.kept is not None
    assert made.kept.is_relative_to(desk.settings.home / "replaced" / "desk")
    assert made.kept.read_text() == mine
    assert make(desk, THIRD, force=True).kept is None


def test_a_module_that_was_retired_comes_back_by_rollback(desk: Store) -> None:
    made = make(desk, FIRST)
    assert Modules(desk).retire(MODULE) is not None
    assert Modules(desk).retire(MODULE) is None
    made.path.unlink()
    done = go_back(desk)
    assert (done.version, done.before) == (1, None)
    check_whole(desk, FIRST)


def kill_at(store: Store, body: str, step: str) -> None:
    settings = store.settings
    process = in_a_process(settings.root, settings.home, body, step)
    process.join(300)
    assert process.exitcode == GONE


def test_a_body_that_replaces_a_version_is_not_written_once_another_is_live(
    desk: Store,
) -> None:
    """Two repairs of one version: the second would undo the first."""
    make(desk, FIRST)
    assert make(desk, SECOND, replaces=1).version == 2
    with pytest.raises(Superseded, match="version 2 runs, not version 1"):
        make(desk, THIRD, replaces=1)
    with pytest.raises(Superseded, match="version 2 runs, not version 1"):
        rollback(desk, desk.settings, MODULE, 1, replaces=1)
    check_whole(desk, SECOND)


def test_writers_at_the_same_time_take_turns(desk: Store) -> None:
    settings = desk.settings
    bodies = [f"return {{'b': a / 2 + {k} * 0}}" for k in range(4)]
    writers = [in_a_process(settings.root, settings.home, b, "") for b in bodies]
    for writer in writers:
        writer.join(300)
    assert [writer.exitcode for writer in writers] == [0] * 4
    history = Modules(desk).history(MODULE)
    assert [row.version for row in history] == [1, 2, 3, 4]
    assert sorted(states(desk)) == [LIVE, *[RETIRED] * 3]
    check_whole(desk, *bodies)


def test_a_full_disk_changes_nothing_and_the_next_write_works(desk: Store) -> None:
    make(desk, FIRST)
    with files_of_at_most(100), pytest.raises(StoreError, match="cannot be written"):
        make(desk, SECOND)
    assert states(desk) == [LIVE, UNDONE]
    check_whole(desk, FIRST)
    assert make(desk, SECOND).version == 3
    check_whole(desk, SECOND)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_without_a_database_no_file_is_touched(desk: Store) -> None:
    path = make(desk, FIRST).path
    before = path.read_bytes()
    desk.pool.close()
    with pytest.raises(StoreError):
        make(desk, SECOND)
    assert path.read_bytes() == before


def test_the_replaced_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, "one\n")
    assert path.stat().st_mode & 0o777 == 0o644
    path.chmod(0o600)
    write_atomically(path, "two\n")
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two\n", 0o600)


class TestAdoption:
    """A fresh clone: files without a database."""

    def adopt(self, store: Store, sandbox: Sandbox) -> list[Adopted]:
        return adopt(store=store, settings=store.settings, sandbox=sandbox)

    def test_modules_on_disk_are_gated_and_become_version_one(
        self, desk: Store, sandbox: Sandbox
    ) -> None:
        make(desk, FIRST)
        text = make(desk, SECOND).path.read_text()
        empty(desk)
        assert [m.module for m in unadopted(desk.settings, desk)] == [MODULE]
        (found,) = self.adopt(desk, sandbox)
        assert found.certificate is not None
        assert found.certificate.passed
        (row,) = Modules(desk).history(MODULE)
        assert (row.version, row.state, row.cause) == (1, LIVE, "adopted")
        assert found.path.read_text() == text, "the file stays as it is"
        check_whole(desk, SECOND)
        assert self.adopt(desk, sandbox) == []

    @pytest.mark.parametrize(
        "change, word",
        [
            (lambda text: text.replace("a / 2", "a / 3"), "example"),
            (lambda text: text.replace("a / 2", "open('x')"), "open"),
            (lambda text: text.replace("    return", "return"), "does not parse"),
            (lambda text: f"{text}\n\ndef other():\n    return 1\n", "2 functions"),
        ],
    )
    def test_what_does_not_pass_is_told_and_not_recorded(
        self,
        desk: Store,
        sandbox: Sandbox,
        change: Callable[[str], str],
        word: str,
    ) -> None:
        path = make(desk, FIRST).path
        path.write_text(change(path.read_text()))
        empty(desk)
        (found,) = self.adopt(desk, sandbox)
        assert word in found.refused
        assert states(desk) == []

    def test_a_file_that_is_no_module_is_left_alone(
        self, desk: Store, sandbox: Sandbox
    ) -> None:
        (desk.settings.root / "generated" / "desk" / "notes.py").write_text("x = 1\n")
        assert self.adopt(desk, sandbox) == []


def test_a_module_can_be_imported_and_called_by_a_person(desk: Store) -> None:
    make(desk, FIRST)
    folder, home = module_file(desk.settings).parent, desk.settings.home
    code = "import half, json; print(json.dumps([half.half(9.0), half.half(a=1.0)]))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parent.parent,
        env={
            "PYTHONPATH": f"{folder}:.",
            "ASZA_ROOT": str(desk.settings.root),
            "ASZA_HOME": str(home),
            "PATH": "/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [{"b": 4.5}, {"b": 0.5}]
    (home / "spool" / "reflections.jsonl").unlink()


def test_the_stage_runs_alone_from_the_shell(desk: Store, tmp_path: Path) -> None:
    def stage(body: str) -> "subprocess.CompletedProcess[str]":
        (tmp_path / "body.txt").write_text(body)
        script = Path(__file__).parent.parent / "file_creator.py"
        spec = desk.settings.root / "prompts" / "desk" / "half.md"
        return subprocess.run(
            [sys.executable, script, spec, tmp_path / "body.txt"],
            capture_output=True,
            text=True,
            check=False,
        )

    done = stage(FIRST)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("half.py: version 1 written\n")
    check_whole(desk, FIRST)
    wrong = stage("return {'b': a}")
    assert wrong.returncode == BodyRefused.exit_code
    assert "certificate did not pass" in wrong.stderr
    check_whole(desk, FIRST)
