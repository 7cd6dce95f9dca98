"""Every version of a module, and the way back; the library and the quick list."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import BodyRefused, FileEdited, NotFound, StackError
from core.library import library, list_modules, open_stack
from core.lineage import diff, history, rollback
from core.module_file import read_module
from core.reflections import Reflector
from core.runtimes import make_runtime
from core.sandbox import Sandbox
from core.stack import StackRun
from core.store import LIVE, RETIRED, Modules, Store
from tests.conftest import empty
from tests.module_samples import (
    FIRST,
    MODULE,
    SECOND,
    SPEC,
    THIRD,
    lay_out,
    make,
    module_file,
)


@pytest.fixture
def desk(store: Store) -> Store:
    lay_out(store.settings)
    for body in (FIRST, SECOND, THIRD):
        make(store, body)
    return store


def live(store: Store) -> int:
    row = Modules(store).live(MODULE)
    return row.version if row else 0


def test_the_history_has_every_version_and_its_parent(desk: Store) -> None:
    rows = history(desk, MODULE)
    assert [(r.version, r.parent, r.state) for r in rows] == [
        (1, None, RETIRED),
        (2, 1, RETIRED),
        (3, 2, LIVE),
    ]
    with pytest.raises(NotFound, match="has no versions"):
        history(desk, "desk.other")


def test_a_diff_is_of_two_bodies_by_default_the_live_one_and_its_parent(
    desk: Store,
) -> None:
    assert diff(desk, MODULE).splitlines() == [
        "--- desk.half@2",
        "+++ desk.half@3",
        "@@ -1,2 +1,2 @@",
        "-b = a * 0.5",
        "+b = a - a / 2",
        ' return {"b": b}',
    ]
    assert diff(desk, MODULE, 2, 2) == ""
    with pytest.raises(NotFound, match="no version 9"):
        diff(desk, MODULE, 1, 9)


def test_a_rollback_restores_the_very_file_and_tells_running_stacks(
    desk: Store, sandbox: Sandbox
) -> None:
    settings = desk.settings
    modules = Modules(desk)
    run = StackRun(
        open_stack(settings, "desk", desk),
        make_runtime(settings, Reflector(desk, settings), sandbox),
        generation=modules.generation,
        reload=lambda: open_stack(settings, "desk", desk),
    )
    assert run.tick({"BTC": {"a": 3.0}})["BTC"].versions == {"half": 3}
    done = rollback(desk, settings, MODULE, 1)
    assert (done.version, done.before, done.spec_restored) == (1, 3, False)
    assert live(desk) == 1
    row = modules.version(MODULE, 1)
    assert read_module(done.path).hash == row.file_hash
    assert run.tick({"BTC": {"a": 3.0}})["BTC"].versions == {"half": 1}


def test_rolling_back_twice_goes_two_versions_back_and_then_no_further(
    desk: Store,
) -> None:
    assert rollback(desk, desk.settings, MODULE).version == 2
    assert rollback(desk, desk.settings, MODULE).version == 1
    with pytest.raises(NotFound, match="no earlier version"):
        rollback(desk, desk.settings, MODULE)
    assert rollback(desk, desk.settings, MODULE, 3).version == 3
    assert make(desk, FIRST).version == 4


def test_a_rollback_does_not_overwrite_an_edit_unless_told(desk: Store) -> None:
    path = module_file(desk.settings)
    path.write_text(path.read_text().replace("a - a / 2", "a - a / 3"))
    with pytest.raises(FileEdited) as refused:
        rollback(desk, desk.settings, MODULE, 1)
    assert "-    b = a - a / 3" in refused.value.value
    assert live(desk) == 3
    mine = path.read_text()
    done = rollback(desk, desk.settings, MODULE, 1, force=True)
    assert done.version == 1
    assert [kept.read_text() for kept in done.kept] == [mine]


def test_a_rollback_takes_the_spec_back_with_the_body(desk: Store) -> None:
    spec_file = desk.settings.root / "prompts" / "desk" / "half.md"
    spec_file.write_text(SPEC.replace("Half of a.", "One half of a."))
    make(desk, FIRST)
    assert "One half" in spec_file.read_text()
    assert rollback(desk, desk.settings, MODULE, 3).spec_restored
    assert "\nHalf of a." in spec_file.read_text()
    (entry,) = library(desk.settings, desk, "desk")
    assert entry.certificate is not None


def test_a_spec_that_no_version_was_made_for_is_not_overwritten(desk: Store) -> None:
    spec_file = desk.settings.root / "prompts" / "desk" / "half.md"
    spec_file.write_text(SPEC.replace("Half of a.", "A third of a."))
    with pytest.raises(FileEdited, match=r"half\.md: .* edited by hand"):
        rollback(desk, desk.settings, MODULE, 1)
    assert "A third" in spec_file.read_text()
    assert live(desk) == 3


def test_an_edited_body_or_a_changed_spec_has_no_certificate(desk: Store) -> None:
    (entry,) = library(desk.settings, desk, "desk")
    assert (entry.version, entry.writer, entry.means) == (3, "offline", "search")
    assert entry.certificate is not None
    path = module_file(desk.settings)
    ours = path.read_text()
    path.write_text(ours.replace("a / 2", "a / 3"))
    (edited,) = library(desk.settings, desk, "desk")
    assert edited.certificate is None
    assert (edited.version, edited.body) == (0, 'b = a - a / 3\nreturn {"b": b}\n')
    path.write_text(ours)
    spec_file = desk.settings.root / "prompts" / "desk" / "half.md"
    spec_file.write_text(SPEC.replace("Half of a.", "A third of a."))
    (other,) = library(desk.settings, desk, "desk")
    assert other.certificate is None


def test_without_a_database_the_library_has_bodies_and_no_certificates(
    desk: Store,
) -> None:
    (entry,) = library(desk.settings, None, "desk")
    assert entry.certificate is None
    assert entry.body == 'b = a - a / 2\nreturn {"b": b}\n'


def test_asked_for_one_stack_a_broken_file_is_an_error_asked_for_all_it_is_left_out(
    desk: Store,
) -> None:
    module_file(desk.settings).write_text("def half(:\n")
    with pytest.raises(BodyRefused, match="does not parse"):
        library(desk.settings, desk, "desk")
    assert library(desk.settings, desk) == []


def test_a_stack_that_lacks_a_module_is_not_run_and_says_which_and_what_to_do(
    desk: Store,
) -> None:
    settings, path = desk.settings, module_file(desk.settings)
    ours = path.read_text()
    (settings.root / "prompts" / "desk" / "stop.md").write_text(
        SPEC.replace("name: half", "name: stop")
        .replace("\n  b:", "\n  c:")
        .replace("out: {b:", "out: {c:")
    )
    with pytest.raises(
        StackError, match=r"stack desk .* stop: it has no module"
    ) as lacking:
        open_stack(settings, "desk", desk)
    assert lacking.value.value == ["stop"]
    assert "`asza build desk`" in lacking.value.remedy
    path.write_text("def half(:\n")
    with pytest.raises(
        StackError, match=r"half: .*does not parse.*; stop: it has"
    ) as broken:
        open_stack(settings, "desk", desk)
    assert broken.value.value == ["half", "stop"]
    path.write_text(ours)
    assert [entry.spec.name for entry in library(settings, desk, "desk")] == ["half"]
    assert [m.state for m in list_modules(settings, desk)] == ["written", "not written"]


def test_the_quick_list_tells_written_edited_unknown_and_missing_modules(
    desk: Store,
) -> None:
    settings = desk.settings
    (found,) = list_modules(settings, desk)
    assert (found.module, found.version, found.state) == (MODULE, 3, "written")
    assert (found.writer, found.means, found.certified) == ("offline", "search", True)
    assert found.description == "Half of a."
    (bare,) = list_modules(settings)
    assert (bare.version, bare.writer, bare.means) == (3, "offline", "search")
    assert (bare.state, bare.certified) == ("not adopted", False)
    path = module_file(settings)
    path.write_text(path.read_text().replace("a / 2", "a / 3"))
    assert list_modules(settings, desk)[0].state == "edited"
    path.unlink()
    assert list_modules(settings, desk)[0].state == "not written"
    empty(desk)
    assert list_modules(settings, desk)[0].version == 0


def test_listing_loads_nothing_heavy() -> None:
    code = (
        "import core.listing, sys;"
        "print([m for m in ('libcst', 'hypothesis', 'pandas', 'jinja2', 'psycopg',"
        " 'pydantic_monty') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout == "[]\n"
