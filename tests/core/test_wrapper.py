"""The wrapper: what a call may do, in both engines alike."""

import json
import subprocess
import sys
from collections.abc import Mapping
from time import time_ns
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.calls import CapabilityFailed, Host
from core.contract import Capability, Contract, StateField
from core.errors import ConfigError, ModuleFailed, StoreError
from core.records import FAILED, FALLBACK, OK, Memory, Reflection
from core.sandbox import Sandbox
from core.wrapper import Runtime, Wrapped, bind, module
from tests.core.stack_samples import runtime, target

ENGINES = ("native", "sandbox")
NUMBER = {"type": "number", "minimum": -1e9, "maximum": 1e9}
RATIO = {"type": "number", "minimum": 0, "maximum": 1}
QUOTIENT = Contract(inputs={"a": NUMBER, "b": NUMBER}, outputs={"q": NUMBER})
DIVIDE = 'return {"q": a / b}'
both_engines = pytest.mark.parametrize("engine", ENGINES)


def memory_of(run: Runtime) -> Memory:
    assert isinstance(run.sink, Memory)
    return run.sink


@given(
    a=st.one_of(st.floats(), st.integers(-5, 5), st.booleans(), st.none()),
    b=st.one_of(st.floats(-2, 2), st.integers(-1, 1), st.text(max_size=2)),
)
def test_both_engines_give_the_same_outputs_and_fail_alike(
    sandbox: Sandbox, a: Any, b: Any
) -> None:
    native, sandboxed = (seen_in(engine, sandbox, a, b) for engine in ENGINES)
    assert native == sandboxed


def seen_in(engine: str, sandbox: Sandbox, a: Any, b: Any) -> tuple[str, ...]:
    """What came back and was reflected; of an error its name and line, not its words."""
    run = runtime(engine, sandbox)
    try:
        given_back = repr(bind(target(QUOTIENT, DIVIDE), run)(a=a, b=b))
    except ModuleFailed:
        given_back = "failed"
    (kept,) = memory_of(run).reflections()
    kind, line = kept.remark.partition(":")[0], kept.remark.rpartition("(line")[2]
    return given_back, kept.outcome, kind, line[:3], repr(kept.inputs)


@both_engines
def test_a_call_that_goes_well_is_reflected_with_what_went_in_and_out(
    engine: str, sandbox: Sandbox
) -> None:
    run = runtime(engine, sandbox)
    assert bind(target(QUOTIENT, DIVIDE), run)(a=3.0, b=2.0) == {"q": 1.5}
    (kept,) = memory_of(run).reflections()
    assert (kept.run_id, kept.module, kept.version) == ("run", "desk.made", 3)
    assert (kept.inputs, kept.outputs) == ({"a": 3.0, "b": 2.0}, {"q": 1.5})
    assert (kept.outcome, kept.remark) == (OK, "")
    assert kept.elapsed_ns > 0
    assert abs(kept.at - time_ns()) < 60 * 10**9


@both_engines
def test_a_failure_names_the_error_and_the_line_of_the_body(
    engine: str, sandbox: Sandbox
) -> None:
    run = runtime(engine, sandbox)
    call = bind(target(QUOTIENT, "c = a + 1\nd = c / b\nreturn {'q': d}"), run)
    with pytest.raises(
        ModuleFailed, match=r"ZeroDivisionError: .* \(line 2\)"
    ) as failed:
        call(a=1.0, b=0.0)
    assert failed.value.value == {"a": 1.0, "b": 0.0}
    assert memory_of(run).failures[0].outcome == FAILED


@both_engines
@pytest.mark.parametrize(
    "inputs, word",
    [
        ({"a": float("nan"), "b": 1.0}, "a is nan"),
        ({"a": True, "b": 1.0}, "a is True"),
        ({"a": 1.0}, "b is None: is missing"),
        ({"a": 1.0, "b": 1.0, "c": 1.0}, "c is 1.0"),
        ({"a": 2e9, "b": 1.0}, "a is 2000000000.0"),
    ],
)
def test_inputs_that_break_the_contract_never_reach_the_body(
    engine: str, sandbox: Sandbox, inputs: Mapping[str, Any], word: str
) -> None:
    call = bind(target(QUOTIENT, "return {'q': [][5]}"), runtime(engine, sandbox))
    with pytest.raises(ModuleFailed) as failed:
        call(**inputs)
    assert f"InputsInvalid: {word}" in failed.value.message


@both_engines
@pytest.mark.parametrize(
    "body, word",
    [
        ("return {'q': 1e300}", "OutputsInvalid: q is 1e+300"),
        ("return {'q': 'no'}", "OutputsInvalid: q is 'no'"),
        ("return {}", "OutputsInvalid: q is None: is missing"),
        ("return {'q': a, 'r': b}", "OutputsInvalid: r is"),
        ("return [a]", "OutputsInvalid"),
        ("q = a", "OutputsInvalid"),
    ],
)
def test_outputs_that_break_the_contract_are_a_failure_of_the_module(
    engine: str, sandbox: Sandbox, body: str, word: str
) -> None:
    call = bind(target(QUOTIENT, body), runtime(engine, sandbox))
    with pytest.raises(ModuleFailed) as failed:
        call(a=1.0, b=1.0)
    assert word in failed.value.message


@both_engines
def test_assumptions_and_invariants_are_checked_at_every_call(
    engine: str, sandbox: Sandbox
) -> None:
    contract = Contract(
        inputs={"a": NUMBER, "b": NUMBER},
        outputs={"q": NUMBER},
        assumes=("a <= b",),
        invariants=("q <= b",),
    )
    call = bind(target(contract, "return {'q': a * 2}"), runtime(engine, sandbox))
    assert call(a=1.0, b=2.0) == {"q": 2.0}
    with pytest.raises(ModuleFailed, match="AssumptionBroken: a <= b"):
        call(a=3.0, b=2.0)
    with pytest.raises(ModuleFailed, match="InvariantBroken: q <= b"):
        call(a=1.5, b=2.0)


@both_engines
def test_a_fallback_answers_for_a_failed_body_and_leaves_the_state_alone(
    engine: str, sandbox: Sandbox
) -> None:
    contract = Contract(
        inputs={"a": NUMBER},
        outputs={"q": NUMBER},
        state={"steps": StateField({"type": "integer", "maximum": 9, "minimum": 0}, 0)},
        fallback={"q": 1.0},
    )
    run = runtime(engine, sandbox)
    body = "return {'q': 1 / a, 'steps': previous_steps + 1}"
    call = bind(target(contract, body), run)
    assert call(a=2.0, previous_steps=4) == {"q": 0.5, "steps": 5}
    assert call(a=0.0, previous_steps=4) == {"q": 1.0, "steps": 4}
    (failure,) = memory_of(run).failures
    assert failure.outcome == FALLBACK
    assert failure.outputs == {"q": 1.0, "steps": 4}
    assert "ZeroDivisionError" in failure.remark


LIST = {"type": "array", "maxItems": 9, "items": NUMBER}
NUMBERS = st.lists(st.floats(-9, 9), max_size=9)


def spoil(values: dict[str, Any]) -> None:
    """What a careless caller may do to a result."""
    for value in values.values():
        if isinstance(value, list):
            value.append(77.0)
    values["extra"] = 1


@given(xs=NUMBERS)
@both_engines
def test_what_a_caller_does_to_its_values_changes_no_reflection(
    engine: str, sandbox: Sandbox, xs: list[float]
) -> None:
    contract = Contract(inputs={"xs": LIST}, outputs={"ys": LIST, "n": NUMBER})
    run = runtime(engine, sandbox)
    call = bind(target(contract, "return {'ys': xs, 'n': len(xs)}"), run)
    before = list(xs)
    outputs = call(xs=xs)
    assert outputs == {"ys": before, "n": len(before)}
    spoil(outputs)
    xs.append(88.0)
    (kept,) = memory_of(run).reflections()
    assert kept.inputs == {"xs": before}
    assert kept.outputs == {"ys": before, "n": len(before)}


@both_engines
def test_what_a_caller_does_to_scalar_outputs_changes_no_reflection(
    engine: str, sandbox: Sandbox
) -> None:
    run = runtime(engine, sandbox)
    spoil(bind(target(QUOTIENT, DIVIDE), run)(a=1.0, b=2.0))
    (kept,) = memory_of(run).reflections()
    assert kept.outputs == {"q": 0.5}


@both_engines
def test_a_spoiled_fallback_poisons_neither_the_next_call_nor_the_record(
    engine: str, sandbox: Sandbox
) -> None:
    contract = Contract(
        inputs={"xs": LIST},
        outputs={"ys": LIST},
        state={"seen": StateField(LIST, [])},
        fallback={"ys": [1.0]},
    )
    run = runtime(engine, sandbox)
    call = bind(target(contract, "return {'ys': 1 / 0, 'seen': xs}"), run)
    given, wanted = [3.0], {"ys": [1.0], "seen": [2.0]}
    for _ in range(2):
        outputs = call(xs=given, previous_seen=[2.0])
        assert outputs == wanted
        spoil(outputs)
    spoil({"given": given})
    assert [f.outputs for f in memory_of(run).failures] == [wanted] * 2
    assert [f.inputs["xs"] for f in memory_of(run).failures] == [[3.0]] * 2
    assert contract.fallback == {"ys": [1.0]}


class Refusing(Memory):
    """A sink on a full disk."""

    def keep_failure(self, reflection: Reflection) -> None:
        raise StoreError("the disk is full", remedy="free some space")


@both_engines
def test_a_failure_that_cannot_be_made_durable_is_not_papered_over_by_a_fallback(
    engine: str, sandbox: Sandbox
) -> None:
    contract = Contract(
        inputs={"a": NUMBER}, outputs={"q": NUMBER}, fallback={"q": 0.0}
    )
    run = runtime(engine, sandbox, sink=Refusing())
    with pytest.raises(StoreError, match="the disk is full"):
        bind(target(contract, "return {'q': 1 / a}"), run)(a=0.0)


@both_engines
def test_a_failure_is_durable_before_anyone_hears_of_it(
    engine: str, sandbox: Sandbox
) -> None:
    heard: list[int] = []
    sink = Memory()
    run = runtime(
        engine, sandbox, sink=sink, notice=lambda _: heard.append(len(sink.failures))
    )
    with pytest.raises(ModuleFailed):
        bind(target(QUOTIENT, DIVIDE), run)(a=1.0, b=0.0)
    assert heard == [1]


ASKING = Contract(
    inputs={"a": NUMBER},
    outputs={"q": NUMBER},
    capabilities={
        "ask": Capability("ask", {"n": NUMBER}, {"type": ["number", "null"], **RATIO})
    },
)
ASK = "answer = ask(n=a)\nreturn {'q': -1.0 if answer is None else answer}"


@both_engines
@pytest.mark.parametrize("answer, q", [(0.25, 0.25), (None, -1.0)])
def test_capability_calls_are_served_and_recorded_abstentions_included(
    engine: str, sandbox: Sandbox, answer: float | None, q: float
) -> None:
    run = runtime(engine, sandbox, capabilities={"ask": lambda n: answer})
    assert bind(target(ASKING, ASK), run)(a=2.0) == {"q": q}
    (kept,) = memory_of(run).reflections()
    (asked,) = kept.calls
    assert (asked.name, dict(asked.inputs), asked.answer) == ("ask", {"n": 2.0}, answer)


def _down(n: float) -> float:
    raise CapabilityFailed("the model is out")


@both_engines
@pytest.mark.parametrize(
    "host, word", [(lambda n: 7.0, "ask answered 7.0"), (_down, "the model is out")]
)
def test_a_capability_that_answers_wrongly_or_not_at_all_fails_the_call(
    engine: str, sandbox: Sandbox, host: Host, word: str
) -> None:
    run = runtime(engine, sandbox, capabilities={"ask": host})
    with pytest.raises(ModuleFailed, match=word):
        bind(target(ASKING, ASK), run)(a=2.0)
    (asked,) = memory_of(run).failures[0].calls
    assert word in asked.error


@both_engines
def test_a_module_whose_capability_nobody_serves_is_not_bound(
    engine: str, sandbox: Sandbox
) -> None:
    with pytest.raises(ConfigError, match="ask"):
        bind(target(ASKING, ASK), runtime(engine, sandbox))


def test_a_body_without_a_certificate_never_runs_natively(sandbox: Sandbox) -> None:
    sealed: list[bool] = []
    run = runtime("native", sandbox, seal=lambda: sealed.append(True))
    assert bind(target(QUOTIENT, DIVIDE, certified=False), run)(a=1.0, b=2.0) == {
        "q": 0.5
    }
    assert not sealed
    bind(target(QUOTIENT, DIVIDE), run)
    assert sealed == [True]
    with pytest.raises(ConfigError, match="sandbox only"):
        bind(target(QUOTIENT, DIVIDE, certified=False), Runtime(Memory(), "native"))


def test_what_a_hostile_body_raises_natively_is_contained_too(sandbox: Sandbox) -> None:
    bodies = ("return open('/etc/passwd')", "return __import__('os')", "return q.q.q")
    for body in bodies:
        with pytest.raises(ModuleFailed, match="NameError"):
            bind(target(QUOTIENT, body), runtime("native", sandbox))(a=1.0, b=1.0)


def test_the_decorator_keeps_name_and_docstring_and_can_be_bound() -> None:
    @module("desk.made", version="abc123")
    def made(a: float, b: float) -> dict[str, Any]:
        """Divide."""
        return {"q": a / b}

    assert isinstance(made, Wrapped)
    assert (made.module, made.version, made.__doc__) == (
        "desk.made",
        "abc123",
        "Divide.",
    )
    made.bind_to(lambda **inputs: {"got": inputs})
    assert made(1.0, b=2.0) == {"got": {"a": 1.0, "b": 2.0}}


def test_importing_the_wrapper_is_light() -> None:
    # Not ru_maxrss: a child inherits the peak of the process that started it.
    code = (
        "import core.wrapper, json, sys, psutil;"
        "held = psutil.Process().memory_info().rss / 2**20;"
        "print(json.dumps([held, sorted({m.partition('.')[0] for m in sys.modules})]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    held, loaded = json.loads(done.stdout)
    heavy = {
        *("pandas", "numpy", "ccxt", "openai", "anthropic", "hypothesis", "libcst"),
        *("psycopg", "jinja2", "pydantic", "pydantic_monty", "yaml", "redis", "rich"),
    }
    assert held <= 60
    assert not heavy & set(loaded)
