"""A plan on disk: everything is checked before anything is written."""

import json
import multiprocessing
import os
import signal
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path

import pytest

from core.errors import FileEdited, StackError, StoreError
from core.lineage import rollback
from core.listing import list_modules
from core.llm import PlanTask
from core.llm.offline.architect import plan_json
from core.module_file import text_hash
from core.module_writer import ModuleWriter, NewFile
from core.places import module_path, relative, spec_folder, stack_folder
from core.plan import Plan, read_draft
from core.plan_files import restore_stack_file, write_plan
from core.settings import Settings
from core.stack.file import read_stack_file
from core.store import RETIRED, Journal, Modules, Plans, Store, VersionRow, open_store
from core.vocabulary import load_vocabulary
from file_creator import recover

RULE = "Buy when RSI 14 is below 30. Sell when RSI 14 is above 70."
EXAMPLES = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"


@cache
def planned(request: str, stack: str = "demo") -> Plan:
    words = load_vocabulary("trading.shell.vocabulary")
    data = json.loads(plan_json(PlanTask(request, stack, words)))
    draft = read_draft(data, stack=stack, vocabulary=words)
    return Plan(
        request=request,
        stack=stack,
        vocabulary=words,
        specs=draft.specs,
        wiring=draft.wiring,
        own=draft.own,
    )


def files(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): path.read_text()
        for folder in ("prompts", "generated")
        for path in (root / folder).rglob("*")
        if path.is_file()
    }


def built(plan: Plan, store: Store) -> list[str]:
    """The plan on disk and its modules live, as a build leaves them."""
    write_plan(plan, store.settings, store)
    for spec in plan.specs:
        path = module_path(store.settings, spec.id)
        text = f"# module {spec.id}\n"
        row = VersionRow(
            module=spec.id,
            version=1,
            body="return {}",
            body_hash="0" * 64,
            spec_text=spec.text,
            spec_digest=spec.digest,
            writer="offline",
            means="rules",
            parent=None,
            cause="build",
            cost_usd=Decimal(0),
            certificate=None,
            path=relative(store.settings, path),
            file_hash=text_hash(text),
        )
        desk = ModuleWriter(store, store.settings)
        with desk.turn():
            desk.write(row, [NewFile(path, text, None)])
    return [spec.id for spec in plan.specs]


def check_in_step(store: Store) -> None:
    """Nothing is begun, and every live version has its file."""
    assert Journal(store).pending() == []
    for row in Modules(store).all_live():
        assert text_hash((store.settings.root / row.path).read_text()) == row.file_hash


def replan(root: Path, home: Path, die_at: str) -> None:
    """Replace the stack and die, as by kill -9, after the step."""

    def on_step(step: str) -> None:
        if step == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_store(Settings(asza_root=root, asza_home=home)) as store:
        plan = planned(EXAMPLES)
        write_plan(plan, store.settings, store, force=True, on_step=on_step)


def replan_killed_at(store: Store, step: str) -> None:
    context = multiprocessing.get_context("forkserver")
    arguments = (store.settings.root, store.settings.home, step)
    process = context.Process(target=replan, args=arguments)
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL


@pytest.mark.parametrize("request_text", [RULE, EXAMPLES])
def test_what_is_written_is_read_back_as_the_same_stack(request_text, settings, store):
    plan = planned(request_text)
    write_plan(plan, settings, store)
    read = read_stack_file(stack_folder(settings, "demo"))
    assert read.request == request_text
    assert set(read.own) == set(plan.own)
    specs = {path.stem for path in spec_folder(settings, "demo").glob("*.md")}
    assert specs == {spec.name for spec in plan.specs}


def test_the_same_plan_again_writes_nothing(settings, store):
    write_plan(planned(RULE), settings, store)
    assert write_plan(planned(RULE), settings, store) == []


def test_a_stack_made_for_another_request_is_kept(settings, store):
    write_plan(planned(RULE), settings, store)
    before = files(settings.root)
    with pytest.raises(StackError, match="another request"):
        write_plan(planned(EXAMPLES), settings, store)
    assert files(settings.root) == before


def test_force_replaces_it_and_leaves_no_spec_behind(settings, store):
    write_plan(planned(RULE), settings, store)
    write_plan(planned(EXAMPLES), settings, store, force=True)
    specs = {path.stem for path in spec_folder(settings, "demo").glob("*.md")}
    assert specs == {"f"}


def test_a_spec_edited_by_hand_is_shown_and_kept_whole(settings, store):
    plan = planned(RULE)
    write_plan(plan, settings, store)
    path = spec_folder(settings, "demo") / f"{plan.specs[0].name}.md"
    path.write_text(path.read_text() + "\nAnd never on Sundays.\n")
    before = files(settings.root)
    with pytest.raises(FileEdited) as caught:
        write_plan(plan, settings, store)
    assert "-And never on Sundays." in caught.value.value
    assert files(settings.root) == before
    write_plan(plan, settings, store, force=True)
    assert "Sundays" not in path.read_text()


def test_where_the_request_wants_to_run_is_kept_with_the_stack(settings, store):
    plan = replace(planned(RULE), settings={"symbols": ["ETH/USD"], "timeframe": "15m"})
    write_plan(plan, settings, store)
    read = read_stack_file(stack_folder(settings, "demo"))
    assert read.settings == {"symbols": ["ETH/USD"], "timeframe": "15m"}


def test_settings_of_a_stack_are_refused_where_they_are_none(settings, store):
    write_plan(planned(RULE), settings, store)
    path = stack_folder(settings, "demo") / "stack.toml"
    path.write_text(path.read_text() + "\n[settings]\nsymbols = 3\n")
    with pytest.raises(StackError, match=r"settings\.symbols"):
        read_stack_file(stack_folder(settings, "demo"))


def test_modules_that_a_plan_replaces_are_retired_with_their_files(settings, store):
    old = built(planned(RULE), store)
    generation = Modules(store).generation()
    write_plan(planned(EXAMPLES), store.settings, store, force=True)
    assert Modules(store).all_live() == []
    assert Modules(store).generation() > generation
    assert [each.module for each in list_modules(settings, store)] == ["demo.f"]
    for module in old:
        assert not module_path(settings, module).exists()
        assert [r.state for r in Modules(store).history(module)] == [RETIRED]


STEPS = ("journalled", "removed", "written", "synced", "renamed", "settled")


@pytest.mark.parametrize("step", [*STEPS, "replaced", "retired", "completed"])
@pytest.mark.parametrize("again", [False, True])
def test_a_replacement_killed_at_any_step_is_finished(step, again, store):
    built(planned(RULE), store)
    replan_killed_at(store, step)
    if again:
        assert write_plan(planned(EXAMPLES), store.settings, store) == []
    else:
        assert len(recover(store, store.settings)) == (step != "completed")
    check_in_step(store)
    assert Modules(store).all_live() == []
    assert set(files(store.settings.root)) == {
        "prompts/demo/f.md",
        "generated/demo/stack.toml",
    }


def test_what_a_person_wrote_after_the_kill_is_kept_aside(store):
    built(planned(RULE), store)
    replan_killed_at(store, "journalled")
    path = stack_folder(store.settings, "demo") / "stack.toml"
    path.write_text("# mine\n")
    recover(store, store.settings)
    check_in_step(store)
    (kept,) = (store.settings.home / "replaced" / "demo").rglob("stack.toml")
    assert kept.read_text() == "# mine\n"
    kept.unlink()


def test_a_replacement_that_the_disk_refuses_changes_nothing(store):
    built(planned(RULE), store)
    before = files(store.settings.root)
    live = Modules(store).all_live()
    write = planned(EXAMPLES)
    blocked = spec_folder(store.settings, "demo") / f"{write.specs[0].name}.md"

    def on_step(step: str) -> None:
        if step == "journalled":  # a folder where the file should go
            blocked.mkdir()

    with pytest.raises(StoreError):
        write_plan(write, store.settings, store, force=True, on_step=on_step)
    blocked.rmdir()
    assert files(store.settings.root) == before
    assert Modules(store).all_live() == live
    check_in_step(store)


def test_another_request_shows_every_edit_before_it_offers_force(store):
    plan = planned(RULE)
    module = built(plan, store)[0]
    spec = spec_folder(store.settings, "demo") / f"{plan.specs[0].name}.md"
    stack = stack_folder(store.settings, "demo") / "stack.toml"
    edited = [spec, module_path(store.settings, module), stack]
    for at, path in enumerate(edited):
        path.write_text(f"{path.read_text()}\n# my edit {at}\n")
    before = files(store.settings.root)
    with pytest.raises(FileEdited, match="another request") as caught:
        write_plan(planned(EXAMPLES), store.settings, store)
    assert files(store.settings.root) == before
    for at, path in enumerate(edited):
        assert relative(store.settings, path) in caught.value.message
        assert f"-# my edit {at}" in caught.value.value
    assert "--force" in caught.value.remedy
    told: dict[Path, Path] = {}
    write_plan(
        planned(EXAMPLES),
        store.settings,
        store,
        force=True,
        on_kept=lambda path, kept: told.update({path: kept}),
    )
    assert set(told) == set(edited)
    for path, kept in told.items():
        assert kept.is_relative_to(store.settings.home / "replaced" / "demo")
        assert kept.read_text() == before[relative(store.settings, path)]


def test_an_edited_module_that_the_new_plan_has_too_is_shown(store):
    plan = planned(RULE)
    module = built(plan, store)[0]
    path = module_path(store.settings, module)
    path.write_text(path.read_text() + "# mine\n")
    other = replace(plan, request="another one")
    with pytest.raises(FileEdited, match="another request") as caught:
        write_plan(other, store.settings, store)
    assert "-# mine" in caught.value.value


def test_a_removed_module_whose_role_has_no_phase_now_cannot_come_back(store):
    module = built(planned(RULE), store)[0]
    write_plan(planned(EXAMPLES), store.settings, store, force=True)
    path = stack_folder(store.settings, "demo") / "stack.toml"
    ours = path.read_text()
    path.write_text(
        'vocabulary = "trading.shell.vocabulary"\n'
        '[[phases]]\nname = "decide"\nroles = ["function"]\n'
    )
    before = files(store.settings.root)
    with pytest.raises(StackError, match="was removed from its stack") as caught:
        rollback(store, store.settings, module)
    assert "phase" in caught.value.remedy
    assert files(store.settings.root) == before
    path.write_text(ours)
    assert rollback(store, store.settings, module).before is None
    check_in_step(store)


def test_a_stack_file_that_is_gone_comes_back_from_the_plan(settings, store):
    plan = replace(planned(EXAMPLES), settings={"symbols": ["ETH/USD"]})
    write_plan(plan, settings, store)
    Plans(store).save("demo", plan.request, plan.as_dict(), "offline")
    path = stack_folder(settings, "demo") / "stack.toml"
    before = path.read_text()
    path.unlink()
    assert restore_stack_file(settings, store, "demo")
    assert path.read_text() == before
    assert not restore_stack_file(settings, store, "demo")


def test_without_a_plan_or_without_specs_nothing_is_made_up(settings, store):
    assert not restore_stack_file(settings, store, "demo")
    plan = planned(RULE)
    Plans(store).save("demo", plan.request, plan.as_dict(), "offline")
    assert not restore_stack_file(settings, store, "demo")
