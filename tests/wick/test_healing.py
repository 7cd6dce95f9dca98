"""A module that fails is repaired, proven and swapped; what must not be, is not."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from time import time_ns
from typing import Any

import pytest

from core.errors import NotFound, StoreError
from core.records import FALLBACK, Reflection
from core.sandbox import Sandbox
from core.stack import StackRun
from core.store import Defects, Modules, Probations, Quarantines, Reflections, Store
from core.store.defect import (
    KEPT,
    NOT_OURS,
    NOT_REPAIRED,
    REFUSED,
    REPAIRED,
    REVERTED,
    WAITING,
)
from core.store.intake import FailuresRead
from tests.wick.broken_stack import (
    CAREFUL,
    GOOD,
    LOWER_IS_SAFER,
    MODULE,
    UNGUARDED,
    WRONG_SIDE,
    lay_out,
    put,
    spec_in,
)
from wick.accepting import accept
from wick.bench import Bench, Limits
from wick.clones import SEARCH
from wick.ending import Ending
from wick.executors import executor
from wick.launcher import Wick
from wick.repair import good_versions, suspects
from wick.standing import standing
from wick.telling import Told
from wick.triggers import CallId, Refusal

FOUND = (SEARCH,)  # the rungs that remember are off
LATER = 10**15  # nanoseconds: after the past of `remember`


@pytest.fixture(scope="module")
def workers(sandbox: Sandbox) -> Iterator[Executor]:
    """Threads do for clones here: they run bodies in workers of their own."""
    with ThreadPoolExecutor(2) as running:
        yield running


@pytest.fixture
def bench(store: Store, sandbox: Sandbox, workers: Executor) -> Bench:
    lay_out(store, sandbox)
    return bench_of(store, sandbox, workers)


def bench_of(store: Store, sandbox: Sandbox, running: Executor) -> Bench:
    limits = Limits(FOUND, 100.0)
    return Bench(store, store.settings, sandbox, running, told_to([]), limits)


def told_to(heard: list[Told]) -> Callable[[Told], None]:
    return heard.append


def failed(
    store: Store, version: int, remark: str, number: int = 1, **inputs: Any
) -> None:
    """A call that failed, as the wrapper records it."""
    row = Reflection(
        number, "run", MODULE, version, time_ns(), 1000, inputs, {"share": 0},
        (), FALLBACK, remark,
    )  # fmt: skip
    Reflections(store).append_failure(row)


def broken(store: Store, body: str, remark: str, **inputs: Any) -> int:
    """Version 2 is faulty, and has failed; its number."""
    row = put(store, spec_in(store.settings), body)
    failed(store, row.version, remark, **inputs)
    return row.version


def division(store: Store) -> int:
    remark = "ZeroDivisionError: division by zero (line 1)"
    return broken(store, UNGUARDED, remark, part=3.0, whole=0.0)


def live(store: Store) -> Any:
    row = Modules(store).live(MODULE)
    assert row is not None
    return row


def only_defect(store: Store) -> Any:
    found = [d for d in Defects(store).list(MODULE) if d.signature != ""]
    assert found
    return found[-1]


def test_a_guard_that_is_missing_is_found_proven_and_swapped_in(bench: Bench) -> None:
    version = division(bench.store)
    settled = Wick(bench, "desk").round()
    assert {d.state for d in settled} == {REPAIRED}
    row = live(bench.store)
    assert (row.writer, row.means, row.parent) == ("wick", "search", version)
    assert row.certificate["passed"]
    assert Probations(bench.store).running(MODULE)
    defect = Defects(bench.store).get(settled[0].id)
    assert defect.repaired_by == row.version
    assert defect.candidates > 0
    assert defect.verdict["changed"]
    assert "calls" in defect.verdict["blast"]


def test_what_is_told_on_the_way_is_plain_data_and_names_the_defect(
    bench: Bench,
) -> None:
    heard: list[Told] = []
    division(bench.store)
    loud = Bench(**{**vars(bench), "tell": told_to(heard)})
    Wick(loud, "desk").round()
    kinds = [told.kind for told in heard]
    assert kinds[:2] == ["defect", "diagnosis"]
    assert {"rung", "swapped", "verdict"} <= set(kinds)
    assert all(told.module == MODULE and told.defect for told in heard)
    json.dumps([told.data for told in heard], default=str)


def test_a_running_stack_takes_the_repair_up_between_two_ticks(bench: Bench) -> None:
    from core.library import open_stack
    from core.records import Memory
    from core.runtimes import make_runtime

    store, settings = bench.store, bench.store.settings
    put(store, spec_in(settings), UNGUARDED)
    memory = Memory()
    run = StackRun(
        open_stack(settings, "desk", store),
        make_runtime(settings, memory, bench.sandbox),
        generation=Modules(store).generation,
        reload=lambda: open_stack(settings, "desk", store),
    )
    rows = {"call": {"part": 3.0, "whole": 0.0}}
    first = run.tick(rows, rows["call"])
    assert first["call"].faults.keys() == {"share"}
    assert first["call"].values == {"share": 0}, "the fallback answers"
    Reflections(store).append_failure(memory.failures[0])
    Wick(bench, "desk").round()
    second = run.tick(rows, rows["call"])
    assert not second["call"].faults
    assert second["call"].versions["share"] == live(store).version > 2


def test_a_version_made_live_while_the_stack_was_read_is_taken_up_at_once(
    bench: Bench,
) -> None:
    """A run that read the broken module just before the swap failed to its end."""
    from core.library import open_stack
    from core.records import Memory
    from core.runtimes import make_runtime

    store, settings = bench.store, bench.store.settings
    spec = spec_in(settings)
    put(store, spec, UNGUARDED)
    loaded_at = Modules(store).generation()
    stack = open_stack(settings, "desk", store)
    put(store, spec, GOOD)
    run = StackRun(
        stack,
        make_runtime(settings, Memory(), bench.sandbox),
        generation=Modules(store).generation,
        reload=lambda: open_stack(settings, "desk", store),
        loaded_at=loaded_at,
    )
    rows = {"call": {"part": 3.0, "whole": 0.0}}
    assert not run.tick(rows, rows["call"])["call"].faults


def test_a_wrong_but_valid_output_is_found_by_the_check_of_examples(
    bench: Bench,
) -> None:
    """Nothing raises: only what was promised tells."""
    body = GOOD.replace("part / whole", "part / whole / 2")
    put(bench.store, spec_in(bench.store.settings), body)
    settled = Wick(bench, "desk").round()
    assert REPAIRED in {d.state for d in settled}
    assert not Wick(bench, "desk").intake.promises("desk")


def test_broken_inputs_are_no_reason_to_touch_the_module(bench: Bench) -> None:
    put(bench.store, spec_in(bench.store.settings), GOOD + "\n")
    failed(
        bench.store,
        live(bench.store).version,
        "InputsInvalid: whole is None: is not a number",
        part=1.0,
        whole=None,
    )
    before = live(bench.store)
    settled = Wick(bench, "desk").round()
    assert [d.state for d in settled] == [NOT_OURS]
    assert settled[0].diagnosis["kind"] == "data"
    assert live(bench.store) == before


def test_a_failure_that_does_not_come_again_is_told_and_not_repaired(
    bench: Bench,
) -> None:
    failed(bench.store, 1, "ZeroDivisionError: division by zero", part=1.0, whole=4.0)
    settled = Wick(bench, "desk").round()
    assert [d.state for d in settled] == [NOT_OURS]
    assert live(bench.store).version == 1


def test_a_module_edited_by_hand_is_left_to_that_hand(bench: Bench) -> None:
    division(bench.store)
    path = bench.store.settings.root / "generated" / "desk" / "share.py"
    mine = path.read_text().replace("min(", "min( ")
    path.write_text(mine)
    settled = Wick(bench, "desk").round()
    assert {d.state for d in settled} == {NOT_OURS}
    assert "by hand" in settled[0].verdict["why"]
    assert path.read_text() == mine


def test_an_order_refused_downstream_is_the_defect_of_the_module_that_made_it(
    bench: Bench,
) -> None:
    """Its contract holds, so nothing can be found: the verdict says what to add."""
    call = CallId("run", 7)
    made = Reflection(
        7, "run", MODULE, 1, LATER, 1000, {"part": 1.0, "whole": 900.0},
        {"share": 1 / 900}, (), "ok", "",
    )  # fmt: skip
    refused = Refusal(
        intent={"share": 1 / 900},
        makers={"share": MODULE},
        versions={MODULE: 1},
        call_ids={MODULE: call},
        reason="below_minimum",
        output="share",
        figures={"share": 1 / 900, "minimum": 0.01},
        at=LATER,
    )
    wick = Wick(bench, "desk")
    (defect,) = wick.intake.refusals([refused], {call: made})
    assert (defect.module, defect.version, defect.trigger) == (MODULE, 1, "downstream")
    (settled,) = wick.round()
    assert settled.state == NOT_REPAIRED
    assert "invariant or an example" in settled.verdict["look_at"]


def test_two_watchers_count_a_failure_once_and_miss_none(bench: Bench) -> None:
    first, second = Wick(bench, "desk").intake, Wick(bench, "desk").intake
    for number in range(5):
        failed(bench.store, 1, "ValueError: no", number, part=1.0, whole=4.0)
        for intake in (first, second):
            intake.failures()
    assert only_defect(bench.store).times == 5
    failed(bench.store, 1, "KeyError: passed over", 9, part=1.0, whole=4.0)
    FailuresRead(bench.store).advance(FailuresRead(bench.store).last() + 1)
    assert second.failures() == []
    assert [d.signature for d in second.missed()] == ["exception KeyError"]
    assert first.missed() == []


def test_a_defect_has_one_owner_and_the_other_goes_on(bench: Bench) -> None:
    division(bench.store)
    wick = Wick(bench, "desk")
    defects = [*wick.intake.failures(), *wick.intake.promises("desk")]
    with Defects(bench.store).claim(defects[0].id) as mine:
        assert mine
        others = [d for d in Wick(bench, "desk").round() if d.id == defects[0].id]
    assert others == []
    assert Defects(bench.store).get(defects[0].id).state == "open"


def test_a_repair_that_fails_in_turn_is_taken_back_and_remembered(bench: Bench) -> None:
    division(bench.store)
    (settled,) = Wick(bench, "desk").round()
    repaired = live(bench.store).version
    remark = "ZeroDivisionError: division by zero (line 1)"
    failed(bench.store, repaired, remark, 2, part=1.0, whole=0.0)
    Wick(bench, "desk").round()
    assert live(bench.store).version == 1, "the last safe version runs again"
    defect = Defects(bench.store).get(settled.id)
    assert defect.fate == REVERTED
    assert Probations(bench.store).running(MODULE) is None


def test_a_repair_that_lives_through_its_probation_is_kept(bench: Bench) -> None:
    division(bench.store)
    (settled,) = Wick(bench, "desk").round()
    probation = Probations(bench.store).running(MODULE)
    assert probation is not None
    calls = [
        Reflection(
            n, "later", MODULE, probation.version, LATER + n, 1000,
            {"part": 1.0, "whole": 2.0}, {"share": 0.5}, (), "ok", "",
        )
        for n in range(probation.calls_needed)
    ]  # fmt: skip
    Reflections(bench.store).append_batch(calls)
    Wick(bench, "desk").round()
    assert Defects(bench.store).get(settled.id).fate == KEPT
    assert live(bench.store).version == probation.version


def test_without_a_safe_version_a_repair_that_fails_is_put_away(
    bench: Bench,
) -> None:
    store = bench.store
    version = division(store)
    Wick(bench, "desk").round()
    done = live(store).version
    assert done > version
    Quarantines(store).set(MODULE, 1, reason="not trusted", by="a person")
    remark = "ZeroDivisionError: division by zero (line 1)"
    failed(store, done, remark, 3, part=1.0, whole=0.0)
    Wick(bench, "desk").round()
    assert Quarantines(store).is_quarantined(MODULE)


def test_a_repair_that_is_less_safe_waits_for_a_person_who_may_say_yes(
    store: Store, sandbox: Sandbox, workers: Executor
) -> None:
    """A lower share is safer, and the good version gave none of a large whole."""
    lay_out(store, sandbox, CAREFUL, LOWER_IS_SAFER)
    bench = bench_of(store, sandbox, workers)
    version = division(store)
    (settled,) = Wick(bench, "desk").round()
    assert settled.state == WAITING
    assert "share is safer lower" in settled.verdict["why"]
    assert live(store).version == version
    done = accept(store, store.settings, sandbox, settled.id)
    assert live(store).version == done.version
    assert Defects(store).get(settled.id).repaired_by == done.version
    with pytest.raises(NotFound):
        accept(store, store.settings, sandbox, settled.id)


def test_a_wick_that_dies_after_the_swap_leaves_nothing_without_probation(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise StoreError("killed between the swap and its probation")

    division(bench.store)
    with monkeypatch.context() as patched:
        patched.setattr("wick.ending.put_on_probation", die)
        with pytest.raises(StoreError):
            Wick(bench, "desk").round()
    swapped = live(bench.store).version
    assert Probations(bench.store).running(MODULE) is None
    settled = Wick(bench, "desk").round()
    assert REPAIRED in {d.state for d in settled}
    probation = Probations(bench.store).running(MODULE)
    assert probation is not None
    assert (probation.version, probation.safe_version) == (swapped, 1)


def test_an_accept_that_dies_after_the_swap_is_finished_by_the_next(
    store: Store, sandbox: Sandbox, workers: Executor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: Any) -> None:
        raise StoreError("killed after the swap")

    lay_out(store, sandbox, CAREFUL, LOWER_IS_SAFER)
    bench = bench_of(store, sandbox, workers)
    division(store)
    (settled,) = Wick(bench, "desk").round()
    with monkeypatch.context() as patched:
        patched.setattr("wick.accepting.completed", die)
        with pytest.raises(StoreError):
            accept(store, store.settings, sandbox, settled.id)
    done = accept(store, store.settings, sandbox, settled.id)
    assert done.version == live(store).version
    probation = Probations(store).running(MODULE)
    assert probation is not None
    assert probation.version == done.version
    assert Defects(store).get(settled.id).repaired_by == done.version


def test_a_failure_is_not_hidden_from_probation_by_calls_turned_away(
    bench: Bench,
) -> None:
    store = bench.store
    division(store)
    Wick(bench, "desk").round()
    done = live(store).version
    remark = "ZeroDivisionError: division by zero (line 1)"
    failed(store, done, remark, 3, part=1.0, whole=0.0)
    turned_away = [
        Reflection(
            n, "later", MODULE, done, time_ns(), 1000, {"part": None}, {"share": 0},
            (), FALLBACK, "InputsInvalid: part is None",
        )
        for n in range(600)
    ]  # fmt: skip
    Reflections(store).append_batch(turned_away)
    Wick(bench, "desk").round()
    assert live(store).version == 1


def test_what_a_person_put_away_during_the_search_is_not_swapped(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = bench.store
    version = division(store)
    found = Ending.of

    def late(ending: Ending, outcome: Any) -> Any:
        Quarantines(store).set(MODULE, reason="by hand", by="a person")
        return found(ending, outcome)

    monkeypatch.setattr(Ending, "of", late)
    (settled,) = Wick(bench, "desk").round()
    assert settled.state == REFUSED
    assert live(store).version == version


def test_what_fails_again_once_the_quarantine_is_lifted_is_repaired(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = bench.store
    monkeypatch.setattr("wick.healing.AGAIN", 0.0)
    version = division(store)
    Quarantines(store).set(MODULE, reason="by hand", by="a person")
    Wick(bench, "desk").round()
    Quarantines(store).lift(MODULE, by="a person")
    remark = "ZeroDivisionError: division by zero (line 1)"
    failed(store, version, remark, 4, part=3.0, whole=0.0)
    assert REPAIRED in {d.state for d in Wick(bench, "desk").round()}


def test_a_repair_that_was_wrong_is_never_a_good_version_again(bench: Bench) -> None:
    store = bench.store
    division(store)
    Wick(bench, "desk").round()
    wrong = live(store).version
    remark = "ZeroDivisionError: division by zero (line 1)"
    failed(store, wrong, remark, 2, part=1.0, whole=0.0)
    Wick(bench, "desk").round()
    here = standing(store, store.settings, MODULE)
    assert wrong not in {row.version for row in good_versions(store, here)}
    assert wrong in suspects(store, here)


def test_a_way_back_that_a_hand_has_blocked_ends_in_quarantine_not_in_silence(
    bench: Bench,
) -> None:
    store = bench.store
    division(store)
    Wick(bench, "desk").round()
    done = live(store).version
    path = store.settings.root / "generated" / "desk" / "share.py"
    path.write_text(path.read_text().replace("min(", "min( "))
    remark = "ZeroDivisionError: division by zero (line 1)"
    failed(store, done, remark, 3, part=1.0, whole=0.0)
    Wick(bench, "desk").round()
    assert Quarantines(store).is_quarantined(MODULE)
    assert Defects(store).repaired_by(MODULE, done)[0].fate == REVERTED


def test_a_version_that_runs_no_more_needs_no_repair(bench: Bench) -> None:
    heard: list[Told] = []
    division(bench.store)
    put(bench.store, spec_in(bench.store.settings), GOOD)
    loud = Bench(**{**vars(bench), "tell": told_to(heard)})
    (settled,) = Wick(loud, "desk").round()
    assert settled.state == NOT_OURS
    (verdict,) = [told.text for told in heard if told.kind == "verdict"]
    assert verdict.startswith(f"{MODULE} needs no repair: superseded: version 3 runs")


def test_what_is_in_quarantine_is_neither_repaired_nor_judged(bench: Bench) -> None:
    store = bench.store
    version = division(store)
    Quarantines(store).set(MODULE, reason="by hand", by="a person")
    settled = Wick(bench, "desk").round()
    assert {d.state for d in settled} == {NOT_OURS}
    assert live(store).version == version
    (held,) = Quarantines(store).holding(MODULE)
    assert (held.reason, held.set_by) == ("by hand", "a person")


def test_what_waits_for_a_person_is_not_tried_again_by_another_wick(
    store: Store, sandbox: Sandbox, workers: Executor
) -> None:
    lay_out(store, sandbox, CAREFUL, LOWER_IS_SAFER)
    bench = bench_of(store, sandbox, workers)
    division(store)
    (settled,) = Wick(bench, "desk").round()
    assert settled.state == WAITING
    with Defects(store).claim(settled.id) as mine:
        assert not mine
    assert Wick(bench, "desk").round() == []
    assert Defects(store).get(settled.id).proposed


def test_one_file_that_cannot_be_read_keeps_nobody_else_from_repair(
    bench: Bench,
) -> None:
    heard: list[Told] = []
    division(bench.store)
    half = bench.store.settings.root / "generated" / "half"
    half.mkdir()
    (half / "stack.toml").write_text("name = ")
    loud = Bench(**{**vars(bench), "tell": told_to(heard)})
    settled = Wick(loud).round()
    assert REPAIRED in {d.state for d in settled}
    said = next(t.text for t in heard if t.kind == "waiting")
    assert said.startswith("stack half")


def test_what_cannot_be_repaired_says_why_and_changes_nothing(bench: Bench) -> None:
    body = (
        'text = str(part) + str(whole)\nreturn {"share": float(len(text[9:99999]))}\n'
    )
    row = put(bench.store, spec_in(bench.store.settings), body)
    limited = Bench(**{**vars(bench), "limits": Limits((SEARCH,), 1.0)})
    settled = Wick(limited, "desk").round()
    assert settled
    assert {d.state for d in settled} <= {NOT_REPAIRED, "ambiguous"}
    assert live(bench.store).version == row.version
    assert all(d.verdict["why"] for d in settled)


def test_a_database_that_goes_away_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    wick, waited, rounds = Wick(bench, "desk"), list[float](), list[int]()

    def round_() -> list[Any]:
        rounds.append(1)
        if len(rounds) == 1:
            raise StoreError("the database is gone")
        return []

    monkeypatch.setattr(wick, "round", round_)
    wick.watch(lambda: len(rounds) > 1, waited.append)
    assert len(rounds) == 3
    assert waited[0] > waited[1]


@pytest.mark.parametrize("body", [UNGUARDED, WRONG_SIDE])
def test_a_repair_is_found_by_processes_that_hold_no_key_and_remember_nothing(
    store: Store, sandbox: Sandbox, body: str
) -> None:
    """The whole of it in processes of its own, as `asza wick watch` does it."""
    lay_out(store, sandbox)
    put(store, spec_in(store.settings), body)
    with executor(store.settings) as running:
        bench = bench_of(store, sandbox, running)
        settled = Wick(bench, "desk").round()
    assert REPAIRED in {d.state for d in settled}
