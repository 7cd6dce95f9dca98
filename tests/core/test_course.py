"""A course passes over a step only where the tick would have gone straight on."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from core.records import Memory
from core.sandbox import Sandbox
from core.stack import Stack
from core.stack.fused import Ask, Course, FusedRun, SymbolAsk
from core.wrapper import Runtime
from tests.core.fused_samples import BY_NAME, LIMIT, phases, with_sources
from tests.core.stack_samples import entry, runtime, spec, stack_of

NEEDS = st.tuples(
    st.sampled_from(["", "scan"]),
    st.sampled_from(["", "scan", "decide"]),
    st.sampled_from(["", "scan", "decide", "allocate"]),
)
PLAIN = st.floats(-30, 30) | st.floats(1, 9) | st.sampled_from([0.0, 5])
STRANGE = st.sampled_from([float("nan"), True, None, "text", 1e10])
VALUE = st.one_of(*[PLAIN] * 12, STRANGE)
ROW = st.fixed_dictionaries({"close": VALUE, "volume": VALUE, "ema_20": VALUE})
SAFE = ["liquid", "base", "gap", "streak", "downs", "word", "same", "mean", "note"]


def run_of(stack: Any) -> FusedRun:
    return FusedRun(
        stack, Runtime(Memory(9999), engine="native"), sample=lambda _: 10**9
    )


STEPS = st.integers(1, 2).flatmap(
    lambda symbols: st.lists(
        st.lists(ROW, min_size=symbols, max_size=symbols), min_size=1, max_size=8
    )
)


@settings(
    max_examples=40,
    deadline=None,
)
@given(
    names=st.sets(st.sampled_from(sorted(BY_NAME)), min_size=1, max_size=5)
    | st.sets(st.sampled_from(SAFE), min_size=1),
    needs=NEEDS,
    rows=STEPS,
    cash=VALUE,
    asked=st.booleans(),
)
def test_steps_passed_over_and_ticks_come_to_what_ticks_alone_do(
    tmp_path: Path, names: Any, needs: Any, rows: list[Any], cash: Any, asked: bool
) -> None:
    stack = stack_of(tmp_path, *with_sources(names), toml=phases(needs) + LIMIT)
    plain, gliding = run_of(stack), run_of(stack)
    symbols = ["B", "A"][: len(rows[0])]  # not in the order of a tick
    steps = [(at, given_step(plain, symbols, each)) for at, each in enumerate(rows)]
    shared = (cash,) * len(plain.portfolio_names)
    made = [n for n in ("up", "maybe", "down") if _has(plain, n)]
    asks = tuple(plain.slot(n) for n in made if n != "maybe" and asked)
    moves = [plain.slot(n) for n in made if n == "maybe" and asked]
    places = gate_places(plain)
    ask = Ask(
        tuple(
            SymbolAsk(symbol, sources(plain, n), asks, dict.fromkeys(moves, ""))
            for n, symbol in enumerate(symbols)
        ),
        dict.fromkeys(plain.portfolio_names, "fixed[0]"),
        gates=places,
    )
    course = Course(ask)
    ended: dict[tuple[int, str], int] = {}
    expected: dict[tuple[int, str], int] = {}
    at = 0
    while at < len(steps):
        after = gliding.glide(course, steps, at, len(steps), (cash,), ended, [])
        for _, present in steps[at:after]:
            tick = plain.tick_rows(dict(present), shared)
            assert not tick.odd, "what failed is never passed over"
            for symbol in symbols:
                told = [tick.cells[symbol][slot] for slot in asks]
                assert all(not v or repr(v) == "GONE" for v in told)
                told = [tick.cells[symbol][slot] for slot in moves]
                assert all(v is None or repr(v) == "GONE" for v in told)
                _count(tick.cells[symbol], places, expected)
        event(f"{len(symbols)} symbols: passed over {min(after - at, 3)}")
        assert repr(gliding.state) == repr(plain.state)
        if after < len(steps):
            one = plain.tick_rows(dict(steps[after][1]), shared)
            other = gliding.tick_rows(dict(steps[after][1]), shared)
            assert repr(one.as_tick()) == repr(other.as_tick())
        at = after + 1
    assert ended == expected
    assert repr(gliding.state) == repr(plain.state)


def given_step(run: FusedRun, symbols: list[str], rows: list[Any]) -> list[Any]:
    """Each symbol with its row, in the order of the run's names."""
    ordered = [tuple(row[name] for name in run.symbol_names) for row in rows]
    return list(zip(symbols, ordered, strict=True))


def sources(run: FusedRun, number: int = 0) -> dict[str, str]:
    """Every name of a symbol, read from its own row."""
    return {n: f"row_{number}[{at}]" for at, n in enumerate(run.symbol_names)}


def gate_places(run: FusedRun) -> tuple[tuple[int, int | None], ...]:
    """Where the samples' gates stand; only one of them says why."""
    return tuple(
        (
            run.slot(f"{gate}.proceed"),
            run.slot(f"{gate}.reason") if gate == "liquid" else None,
        )
        for gate in ("liquid", "gate")
        if gate in run.stack.entries
    )


def _has(run: FusedRun, name: str) -> bool:
    return any(name in m.spec.contract.results for m in run.stack.entries.values())


def _count(cell: Any, places: Any, counts: dict[tuple[int, str], int]) -> None:
    for number, (proceed, reason) in enumerate(places):
        if cell[proceed] is False:
            key = number, str(cell[reason]) if reason is not None else ""
            counts[key] = counts.get(key, 0) + 1
            return


def base_alone(tmp_path: Path) -> Stack:
    return stack_of(
        tmp_path, *with_sources(["base"]), toml=phases(("", "", "")) + LIMIT
    )


def closes(values: Iterable[float]) -> list[Any]:
    """Steps of one symbol with nothing but a close."""
    return [(at, [("A", (value,))]) for at, value in enumerate(values)]


def test_a_sampled_tick_is_not_passed_over(tmp_path: Path) -> None:
    runtime = Runtime(Memory(9999), engine="native")
    run = FusedRun(base_alone(tmp_path), runtime, sample=lambda number: number + 4)
    steps = closes([2.0] * 10)
    course = Course(Ask((SymbolAsk("A", {"close": "row_0[0]"}),)))
    assert run.glide(course, steps, 0, 10, (), {}, []) == 3
    assert run.tick_rows(dict(steps[3][1])).number == 4
    assert run.glide(course, steps, 4, 10, (), {}, []) == 7


def test_a_step_that_does_not_hold_is_not_passed_over(tmp_path: Path) -> None:
    ask = Ask(
        (SymbolAsk("A", {"close": "row_0[0]"}),),
        value="row_0[0] * fixed[0]",
        running={"seen_most": ("fixed[2]", "max(seen_most, row_0[0])")},
        holds=("value < fixed[1]", "seen_most < 5"),
    )
    steps, values = closes(map(float, range(10))), list[float]()

    def end(limit: float, most: float) -> int:
        run = run_of(base_alone(tmp_path))
        return run.glide(Course(ask), steps, 0, 10, (2.0, limit, most), {}, values)

    assert end(6.5, 0.0) == 4
    assert values == [0.0, 2.0, 4.0, 6.0]
    assert end(99.0, 0.0) == 5
    assert end(99.0, 7.0) == 0


def test_a_step_of_other_symbols_is_not_passed_over(tmp_path: Path) -> None:
    asks = (
        SymbolAsk("A", {"close": "row_0[0]"}),
        SymbolAsk("B", {"close": "row_1[0]"}),
    )
    both, one = [("A", (2.0,)), ("B", (2.0,))], [("A", (2.0,))]
    other = [("A", (2.0,)), ("C", (2.0,))]
    course = Course(Ask(asks))
    for strange in (one, other, [*both, ("C", (2.0,))]):
        run = run_of(base_alone(tmp_path))
        steps = [(0, both), (1, both), (2, strange), (3, both)]
        assert run.glide(course, steps, 0, 4, (), {}, []) == 2


@pytest.mark.parametrize(
    ("stays", "passed"), [("", 0), ("made >= fixed[0]", 3), ("made > 9", 0)]
)
def test_a_move_that_stays_is_passed_over(
    tmp_path: Path, stays: str, passed: int
) -> None:
    run = run_of(base_alone(tmp_path))
    slot = run.slot("base")
    one = SymbolAsk("A", {"close": "row_0[0]"}, moves={slot: stays})
    steps = closes([2.0] * 3)
    assert run.glide(Course(Ask((one,))), steps, 0, 3, (1.0,), {}, []) == passed


@pytest.mark.parametrize("inlines", [True, False])
def test_a_body_that_may_ask_is_passed_over_until_it_asks(
    tmp_path: Path, sandbox: Sandbox, inlines: bool
) -> None:
    """What it asks is asked once, and recorded with its answer."""
    asks = spec(
        "asks", {"close": "number"}, {"said": "number"}, capabilities=["ask_model"]
    )
    early = "if close < 3:\n    return {'said': 0}\n"
    more = "" if inlines else "sizes = [len(a) for b in [1]]\n"
    body = f"{early}a = ask_model(question='?')\n{more}return {{'said': len(a)}}"
    asked: list[str] = []

    def ask_model(question: str) -> str:
        asked.append(question)
        return "x" * len(asked)

    ready = runtime("native", sandbox, capabilities={"ask_model": ask_model})
    stack = stack_of(tmp_path, entry(asks, body))
    run = FusedRun(stack, ready, sample=lambda _: 10**9)
    course = Course(Ask((SymbolAsk("A", {"close": "row_0[0]"}),)))
    steps = closes([1.0, 2.0, 4.0, 2.0])
    assert run.glide(course, steps, 0, 4, (), {}, []) == 2
    assert asked == []
    assert run.tick_rows(dict(steps[2][1])).get("A", "said") == 1
    assert run.glide(course, steps, 3, 4, (), {}, []) == 4
    assert asked == ["?"]
    assert isinstance(ready.sink, Memory)
    (kept,) = ready.sink.reflections()
    assert [call.answer for call in kept.calls] == ["x"]


@pytest.mark.parametrize("last", [3.0, float("nan"), float("inf"), -1e300])
def test_an_array_is_vouched_for_as_a_list_is(tmp_path: Path, last: float) -> None:
    stack = base_alone(tmp_path)
    values = [1.0, 2.5, last, 4.0]
    as_list = run_of(stack).prevalidate("close", values)
    assert run_of(stack).prevalidate("close", np.array(values)) is as_list
    assert as_list is (last == 3.0)
