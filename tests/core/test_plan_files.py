"""A plan on disk: everything is checked before anything is written."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import FileEdited, StackError
from core.llm import PlanTask
from core.llm.offline.architect import plan_json
from core.places import spec_folder, stack_folder
from core.plan import Plan, read_draft
from core.plan_files import write_plan
from core.stack.file import read_stack_file
from core.vocabulary import load_vocabulary

RULE = "Buy when RSI 14 is below 30. Sell when RSI 14 is above 70."
EXAMPLES = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"


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
