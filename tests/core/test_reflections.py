"""Reflections on their way: batches off the hot path, failures durable first."""

import multiprocessing
import os
import signal
from pathlib import Path
from typing import Literal

import pytest
from loguru import logger

from core.calls import CapabilityCall
from core.contract import Capability, Contract
from core.errors import ModuleFailed, StoreError
from core.records import FAILED, Reflection
from core.reflections import Reflector
from core.sandbox import Sandbox
from core.settings import Settings
from core.spool import Spool
from core.store import Recordings, Reflections, Store, open_store
from core.wrapper import Runtime, bind
from tests.core.stack_samples import runtime, target

NUMBER = {"type": "number", "minimum": -1e9, "maximum": 1e9}
QUOTIENT = Contract(inputs={"a": NUMBER, "b": NUMBER}, outputs={"q": NUMBER})
DIVIDE = 'return {"q": a / b}'
MODULE = "desk.made"


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def divide(sink: Reflector, a: float, b: float) -> None:
    run = Runtime(sink, "native", "run")
    bind(target(QUOTIENT, DIVIDE), run)(a=a, b=b)


def test_calls_reach_the_database_whole_and_in_order(store: Store) -> None:
    with Reflector(store, store.settings) as sink:
        call = bind(target(QUOTIENT, DIVIDE), Runtime(sink, "native", "run"))
        for k in range(50):
            call(a=float(k), b=2.0)
        with pytest.raises(ModuleFailed):
            call(a=1.0, b=0.0)
    kept = Reflections(store).of_run("run")
    good = [r for r in kept if r.outcome == "ok"]
    assert [r.inputs["a"] for r in good] == [float(k) for k in range(50)]
    assert [r.outputs for r in good] == [{"q": k / 2} for k in range(50)]
    assert len({r.call_id for r in kept}) == 51
    stats = Reflections(store).stats(MODULE)
    assert (stats.calls, stats.failures) == (51, 1)
    assert sink.written == 51


def test_a_failure_is_committed_before_the_caller_sees_it(store: Store) -> None:
    sink = Reflector(store, store.settings)
    with pytest.raises(ModuleFailed):
        divide(sink, 1.0, 0.0)
    (failure,) = Reflections(store).last_failures(MODULE)
    assert failure.inputs == {"a": 1.0, "b": 0.0}
    assert failure.remark.startswith("ZeroDivisionError")


def test_with_the_database_down_failures_wait_on_disk_and_are_drained_later(
    store: Store,
) -> None:
    clock = Clock()
    sink = Reflector(store, store.settings, clock=clock)
    store.pool.close()
    for k in range(3):
        with pytest.raises(ModuleFailed):
            divide(sink, float(k), 0.0)
    divide(sink, 1.0, 2.0)
    sink.flush()
    assert (sink.written, sink.spooled, sink.lost) == (0, 4, 0)
    assert sink.spool.size()
    with open_store(store.settings) as again:
        later = Reflector(again, store.settings)
        later.flush()
        assert later.spool.size() == 0
        kept = Reflections(again).of_run("run")
    assert sorted(r.outcome for r in kept) == [FAILED] * 3 + ["ok"]
    assert [r.inputs["a"] for r in kept if r.outcome == FAILED] == [0.0, 1.0, 2.0]


def test_a_database_that_failed_is_not_asked_at_every_failure(store: Store) -> None:
    clock = Clock()
    sink = Reflector(store, store.settings, clock=clock)
    store.pool.close()
    with pytest.raises(ModuleFailed):
        divide(sink, 1.0, 0.0)
    assert not sink._awake()
    clock.now = 31.0
    assert sink._awake()
    assert sink.spool.drain(lambda _rows: None) == 1


def test_a_failure_that_is_nowhere_safe_is_an_error_of_the_store(
    settings: Settings, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    sink = Reflector(None, settings.model_copy(update={"asza_home": blocked}))
    with pytest.raises(StoreError, match="neither to the database nor to the spool"):
        divide(sink, 1.0, 0.0)
    divide(sink, 1.0, 2.0)
    sink.flush()
    assert sink.lost == 1


def test_a_spooled_failure_survives_kill_9(settings: Settings) -> None:
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_fail_and_die, args=(settings,))
    process.start()
    process.join(300)
    assert process.exitcode == -signal.SIGKILL
    rows: list[Reflection] = []
    assert Spool(settings.home).drain(rows.extend) == 1
    assert rows[0].inputs == {"a": 1.0, "b": 0.0}


def _fail_and_die(settings: Settings) -> None:
    try:
        divide(Reflector(None, settings), 1.0, 0.0)
    except ModuleFailed:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_line_cut_short_is_left_out_and_the_rest_is_taken(settings: Settings) -> None:
    spool = Spool(settings.home)
    row = Reflection(
        1, "r", MODULE, 1, 5, 6, {"a": float("inf")}, None, [], FAILED, "é"
    )
    spool.append([row, row._replace(call_id=2)])
    with spool.path.open("ab") as file:
        file.write(b'[3,"r","desk.ma')
    rows: list[Reflection] = []
    assert spool.drain(rows.extend) == 2
    assert rows == [row, row._replace(call_id=2)]
    assert spool.drain(rows.extend) == 0


def test_what_the_taker_raises_leaves_the_spool_as_it_was(settings: Settings) -> None:
    spool = Spool(settings.home)
    spool.append([Reflection(1, "r", MODULE, 1, 5, 6, {}, None, [], FAILED, "x")])

    def refuse(_rows: list[Reflection]) -> None:
        raise StoreError("still down")

    with pytest.raises(StoreError):
        spool.drain(refuse)
    assert spool.drain(lambda _rows: None) == 1


def test_a_sampling_run_writes_failures_and_a_bounded_diverse_sample(
    store: Store,
) -> None:
    small = store.settings.model_copy(update={"recordings_per_module": 20})
    with Reflector(store, small, "sample") as sink:
        call = bind(target(QUOTIENT, DIVIDE), Runtime(sink, "native", "run"))
        for k in range(3000):
            call(a=float(k), b=2.0)
        for _ in range(3):
            with pytest.raises(ModuleFailed):
                call(a=1.0, b=0.0)
    kept = Reflections(store).of_run("run")
    assert len([r for r in kept if r.outcome == FAILED]) == 3
    good = [r.inputs["a"] for r in kept if r.outcome == "ok"]
    assert len(good) <= 20
    assert (min(good), max(good)) == (0.0, 2999.0)
    recorded = Recordings(store).list(MODULE)
    assert len(recorded) <= 20
    assert any(r.outcome == FAILED for r in recorded)


def test_a_crowded_memory_is_relieved_between_ticks(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.reflections._CROWDED", 10)
    sink = Reflector(store, store.settings)
    for k in range(10):
        divide(sink, float(k), 2.0)
        sink.relieve()
    assert sink.written == 0
    divide(sink, 1.0, 2.0)
    sink.relieve()
    assert sink.written == 11


@pytest.mark.parametrize("engine", ["native", "sandbox"])
def test_capability_calls_are_kept_as_json(
    store: Store, sandbox: Sandbox, engine: str
) -> None:
    asking = Contract(
        inputs={"a": NUMBER},
        outputs={"q": NUMBER},
        capabilities={"ask": Capability("ask", {"n": NUMBER}, NUMBER)},
    )
    sink = Reflector(store, store.settings)
    run = runtime(engine, sandbox, sink=sink, capabilities={"ask": lambda n: n + 1})
    bind(target(asking, "return {'q': ask(n=a)}"), run)(a=1.0)
    sink.flush()
    (kept,) = Reflections(store).of_run("run")
    assert CapabilityCall(*kept.calls[0]) == CapabilityCall("ask", {"n": 1.0}, 2.0)


@pytest.mark.parametrize("policy", ["all", "sample"])
def test_values_that_are_null_at_times_neither_stop_the_thread_nor_lose_calls(
    store: Store, policy: Literal["all", "sample"]
) -> None:
    maybe = {"type": ["number", "null"], "minimum": -1e9, "maximum": 1e9}
    contract = Contract(inputs={"a": maybe}, outputs={"q": maybe})
    small = store.settings.model_copy(update={"recordings_per_module": 20})
    with Reflector(store, small, policy) as sink:
        call = bind(target(contract, "return {'q': a}"), Runtime(sink, "native", "run"))
        for k in range(300):
            call(a=None if k % 3 else float(k))
    assert (sink.lost, sink.troubles) == (0, {})
    assert Reflections(store).stats(MODULE).calls == 300


@pytest.mark.parametrize("policy", ["all", "sample"])
def test_a_note_that_cannot_be_kept_costs_itself_only_and_is_told(
    store: Store, policy: Literal["all", "sample"]
) -> None:
    told: list[str] = []
    listener = logger.add(told.append, level="ERROR", format="{message}")
    try:
        with Reflector(store, store.settings, policy) as sink:
            for k in range(9):
                divide(sink, float(k), 2.0)
            sink.keep(("no note",))
            for k in range(9):
                divide(sink, float(k), 4.0)
            sink.flush()
            assert sink._thread.is_alive()
    finally:
        logger.remove(listener)
    assert sink.lost == 1
    assert len(Reflections(store).of_run("run")) == 18
    assert sink.troubles
    assert len(told) == len(sink.troubles)
