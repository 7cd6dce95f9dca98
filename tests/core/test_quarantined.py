"""A module in quarantine is not run: its fallback answers, or the call fails."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.contract import Contract, StateField
from core.errors import ModuleFailed
from core.library import open_stack
from core.records import FAILED, FALLBACK, Memory, Reflection
from core.sandbox import Sandbox
from core.stack import StackRun, runnable
from core.store import Quarantines, Store
from core.wrapper import bind
from tests.core.stack_samples import entry, runtime, spec, stack_of, target
from tests.module_samples import FIRST, MODULE, SECOND, lay_out, make, module_file

NUMBER = {"type": "number", "minimum": -1e9, "maximum": 1e9}
ENDLESS = "while True:\n    a = a + 1\nreturn {'q': a}"
SAFE = Contract(
    inputs={"a": NUMBER},
    outputs={"q": NUMBER},
    state={"steps": StateField({"type": "integer", "maximum": 9, "minimum": 0}, 0)},
    fallback={"q": 1.0},
)


def test_its_fallback_answers_and_the_state_stays(sandbox: Sandbox) -> None:
    heard: list[Reflection] = []
    sink = Memory()
    run = runtime("sandbox", sandbox, sink=sink, notice=heard.append)
    barred = replace(target(SAFE, ENDLESS), quarantined="it lies")
    call = bind(barred, run)
    for steps in (4, 5, 6):
        assert call(a=1.0, previous_steps=steps) == {"q": 1.0, "steps": steps}
    assert [each.remark for each in heard] == ["Quarantined: it lies"] * 3
    assert {each.outcome for each in heard} == {FALLBACK}
    assert (
        list(sink.failures) == heard[:1]
    )  # durable once, whatever the number of calls
    assert not sink.notes


def test_without_a_fallback_the_call_fails_and_says_how_to_lift_it(
    sandbox: Sandbox,
) -> None:
    contract = Contract(inputs={"a": NUMBER}, outputs={"q": NUMBER})
    sink = Memory()
    barred = replace(target(contract, "return {'q': a}"), quarantined="it lies")
    call = bind(barred, runtime("native", sandbox, sink=sink))
    with pytest.raises(ModuleFailed, match="Quarantined: it lies") as failed:
        call(a=1.0)
    assert failed.value.remedy.startswith("`asza quarantine desk.made --lift`")
    assert sink.failures[0].outcome == FAILED


def test_a_running_stack_takes_a_quarantine_up_and_lets_it_go_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    made = spec("buy", {"close": "number"}, {"score": "number"}, fallback={"score": 0})
    free = entry(made, "return {'score': close}")
    stacks = {
        1: stack_of(tmp_path, free),
        2: stack_of(tmp_path, replace(free, quarantined="it lies")),
        3: stack_of(tmp_path, free),
    }
    now = [1]
    run = StackRun(
        stacks[1],
        runtime("native", sandbox),
        generation=lambda: now[0],
        reload=lambda: stacks[now[0]],
    )

    def tick(generation: int) -> tuple[Any, tuple[str, ...], dict[str, str]]:
        now[0] = generation
        made = run.tick({"BTC": {"close": 7.0}})
        decision = made["BTC"]
        return decision.values["score"], made.notes, dict(decision.faults)

    assert tick(1) == (7.0, (), {})
    told = ("buy is in quarantine and not run: it lies",)
    assert tick(2) == (0, told, {"buy": "Quarantined: it lies"})
    assert tick(2) == (0, (), {"buy": "Quarantined: it lies"})
    assert tick(3) == (7.0, ("buy is out of quarantine",), {})


def test_a_run_that_begins_with_a_quarantine_says_so(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    made = spec("buy", {"close": "number"}, {"score": "number"})
    barred = replace(entry(made, "return {'score': close}"), quarantined="it lies")
    run = StackRun(stack_of(tmp_path, barred), runtime("native", sandbox))
    first = run.tick({"BTC": {"close": 7.0}})
    assert first.notes == ("buy is in quarantine and not run: it lies",)
    assert first["BTC"].failed == ("buy",)


def barred(store: Store) -> str:
    (found,) = open_stack(store.settings, "desk", store).entries.values()
    return runnable(found).quarantined


def test_a_loaded_module_knows_its_quarantine(store: Store) -> None:
    lay_out(store.settings)
    make(store, FIRST)
    make(store, SECOND)
    door = Quarantines(store)
    assert barred(store) == ""
    door.set(MODULE, 1, reason="not live", by="ann")
    assert barred(store) == ""
    door.set(MODULE, 2, reason="wrong", by="ann")
    assert barred(store) == "wrong"
    door.set(MODULE, reason="all of it", by="ann")
    assert barred(store) == "all of it"


def test_a_file_edited_by_hand_is_no_quarantined_version_any_more(store: Store) -> None:
    lay_out(store.settings)
    make(store, FIRST)
    Quarantines(store).set(MODULE, 1, reason="wrong", by="ann")
    path = module_file(store.settings)
    path.write_text(path.read_text().replace("a / 2", "a / 2 + 0"))
    assert barred(store) == ""
    Quarantines(store).set(MODULE, reason="all of it", by="ann")
    assert barred(store) == "all of it"
