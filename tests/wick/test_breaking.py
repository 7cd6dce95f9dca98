"""Breaking a module: a version like any other, but unproven, and easily taken back."""

import pytest

from core.errors import FileEdited, NotFound
from core.library import library, open_stack, proven
from core.lineage import history, rollback
from core.module_file import read_module
from core.records import Memory
from core.sandbox import Sandbox
from core.stack import StackRun, runnable
from core.store import LIVE, RETIRED, Modules, Reflections, Store
from tests.core.stack_samples import runtime
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
from wick.breaking import Injected, inject, injectable
from wick.checks import check_stack
from wick.faults import Kind


@pytest.fixture
def desk(store: Store) -> Store:
    lay_out(store.settings)
    for body in (FIRST, SECOND, THIRD):
        make(store, body)
    return store


def broken(desk: Store, sandbox: Sandbox, seed: int = 0) -> Injected:
    return inject(desk, desk.settings, sandbox, MODULE, seed)


def test_the_faulty_version_is_live_uncertified_and_says_what_it_is(
    desk: Store, sandbox: Sandbox
) -> None:
    generation = Modules(desk).generation()
    done = broken(desk, sandbox)
    rows = history(desk, MODULE)
    assert [row.state for row in rows] == [RETIRED, RETIRED, RETIRED, LIVE]
    row = rows[-1]
    assert (row.version, row.parent) == (done.version, done.before) == (4, 3)
    assert (row.writer, row.means, row.certificate) == ("wick", "fault", None)
    assert row.cause.startswith(f"fault injected: {done.kind} in line {done.line}")
    assert Modules(desk).generation() > generation
    file = read_module(done.path)
    assert (file.hash, file.body) == (row.file_hash, row.body)
    assert "writer wick (fault)" in file.text
    assert f"+++ {MODULE}@4 (broken)" in done.diff


def test_it_is_loaded_and_runs_in_the_sandbox_only(
    desk: Store, sandbox: Sandbox
) -> None:
    done = broken(desk, sandbox)
    (entry,) = library(desk.settings, desk, "desk")
    assert (entry.version, entry.certificate) == (4, None)
    assert not runnable(entry).certified
    assert proven(desk.settings, desk, "desk") == set()
    sealed = runtime("native", sandbox, seal=lambda: pytest.fail("it ran natively"))
    run = StackRun(open_stack(desk.settings, "desk", desk), sealed)
    decision = run.tick({"BTC": {"a": float(done.inputs["a"])}})["BTC"]
    assert decision.versions == {"half": 4}
    assert decision.faults or decision.values["b"] != done.inputs["a"] / 2
    assert isinstance(sealed.sink, Memory)


def test_what_it_is_said_to_break_is_broken(desk: Store, sandbox: Sandbox) -> None:
    assert check_stack(desk.settings, desk, sandbox, "desk") == []
    done = broken(desk, sandbox)
    found = check_stack(desk.settings, desk, sandbox, "desk")
    assert done.happens
    assert [one.module for one in found] == [MODULE]
    assert found[0].version == 4


def test_a_rollback_takes_it_back_and_never_goes_to_an_earlier_fault(
    desk: Store, sandbox: Sandbox
) -> None:
    before = module_file(desk.settings).read_text()
    for seed in range(3):
        done = broken(desk, sandbox, seed)
        assert done.before == 3
        assert rollback(desk, desk.settings, MODULE).version == 3
        assert module_file(desk.settings).read_text() == before
    assert rollback(desk, desk.settings, MODULE, 5).version == 5


def test_a_list_changes_nothing_and_holds_what_each_seed_may_choose(
    desk: Store, sandbox: Sandbox
) -> None:
    found = injectable(desk, desk.settings, sandbox, MODULE)
    assert len(history(desk, MODULE)) == 3
    words = {each.fault.words for each in found}
    assert {broken(desk, sandbox, 7).words} <= words
    kinds = injectable(desk, desk.settings, sandbox, MODULE, Kind.OPERATOR)
    assert {each.fault.kind for each in kinds} <= {Kind.OPERATOR}


def test_a_file_edited_by_hand_is_not_broken_further(
    desk: Store, sandbox: Sandbox
) -> None:
    path = module_file(desk.settings)
    edited = path.read_text().replace("a - a / 2", "a - a / 3")
    path.write_text(edited)
    with pytest.raises(FileEdited) as refused:
        broken(desk, sandbox)
    assert "a - a / 3" in refused.value.value
    assert path.read_text() == edited
    assert len(history(desk, MODULE)) == 3


def test_only_a_module_that_the_database_knows_is_broken(
    store: Store, sandbox: Sandbox
) -> None:
    lay_out(store.settings)
    make(store, FIRST)
    with pytest.raises(NotFound) as unknown:
        inject(store, store.settings, sandbox, "desk.other")
    assert unknown.value.remedy == f"did you mean {MODULE!r}?"
    with pytest.raises(NotFound):
        inject(store, store.settings, sandbox, "nowhere.half")
    store.execute("DELETE FROM system_logs.versions")
    with pytest.raises(NotFound, match="does not know it"):
        inject(store, store.settings, sandbox, MODULE)


def test_a_fault_in_a_module_whose_spec_changed_stands_under_the_new_spec(
    desk: Store, sandbox: Sandbox
) -> None:
    spec = desk.settings.root / "prompts" / "desk" / "half.md"
    spec.write_text(SPEC.replace("Half of a.", "One half of a."))
    broken(desk, sandbox)
    assert "One half" in history(desk, MODULE)[-1].spec_text
    assert Reflections(desk).modules() == []
