"""The fast tick decides what the ordinary tick decides, whatever goes wrong."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import StackError
from core.records import Memory
from core.sandbox import Sandbox
from core.stack import Stack, StackRun
from core.stack.fused import GONE, FusedRun
from core.stack.tick import Tick
from core.wrapper import Runtime
from tests.core.fused_samples import (
    BY_NAME,
    LIMIT,
    NEEDS,
    fed,
    phases,
    quarantined,
    shown,
    swapping,
    with_sources,
)
from tests.core.stack_samples import entry, runtime, spec, stack_of

PLAIN = st.floats(-30, 30) | st.integers(-30, 30) | st.sampled_from([0.0, -0.0, 5])
STRANGE = st.sampled_from(
    [float("nan"), float("inf"), True, None, "text", 10**12, 1e10, [1.0]]
)
VALUE = st.one_of(PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN, STRANGE)
BAR = st.fixed_dictionaries({"close": VALUE, "volume": VALUE, "ema_20": VALUE})
TICK = st.tuples(
    st.dictionaries(st.sampled_from(["A", "B", "C"]), BAR, max_size=3),
    st.fixed_dictionaries({"cash": VALUE}),
)


def never(_number: int) -> float:
    return float("inf")


def at_once(number: int) -> float:
    return number + 1


def native(**more: Any) -> Runtime:
    return Runtime(Memory(10_000), engine="native", **more)


def whole_stack(folder: Path, *names: str, needs: Any = ("", "", "")) -> Stack:
    modules = with_sources(names or BY_NAME)
    return stack_of(folder, *modules, toml=phases(needs) + LIMIT)


def failures(sink: Any) -> list[Any]:
    return [
        (each.module, each.outcome, each.remark, repr(each.inputs))
        for each in sink.failures
    ]


@settings(
    max_examples=60,
    deadline=None,
)
@given(
    names=st.sets(st.sampled_from(sorted(BY_NAME)), min_size=1, max_size=7),
    barred=st.sets(st.sampled_from(sorted(BY_NAME)), max_size=1),
    needs=NEEDS,
    ticks=st.lists(TICK, min_size=1, max_size=4),
)
def test_a_fast_tick_is_the_ordinary_tick(
    tmp_path: Path, names: set[str], barred: set[str], needs: Any, ticks: list[Any]
) -> None:
    modules = [
        quarantined(m) if m.spec.name in barred else m for m in with_sources(names)
    ]
    stack = stack_of(tmp_path, *modules, toml=phases(needs) + LIMIT)
    sinks = [Memory(10_000), Memory(10_000), Memory(10_000)]
    usual, fast, both = (Runtime(sink, engine="native") for sink in sinks)
    plain = StackRun(stack, usual)
    fused = FusedRun(stack, fast, sample=never)
    checked = FusedRun(stack, both, sample=at_once)
    for starting, portfolio in ticks:
        told = shown(plain.tick(starting, portfolio))
        assert shown(fed(fused, starting, portfolio)) == told
        assert shown(fed(checked, starting, portfolio)) == told
        assert repr(fused.state) == repr(plain.state) == repr(checked.state)
    assert failures(sinks[1]) == failures(sinks[0]) == failures(sinks[2])


def test_every_module_of_the_samples_both_answers_and_fails_or_gates(
    tmp_path: Path,
) -> None:
    """The samples reach what they are there for."""
    run = FusedRun(whole_stack(tmp_path), native(), sample=never)
    good = {"close": 4.0, "volume": 12.0, "ema_20": 3.0}
    bad = {"close": 0.0, "volume": 16.0, "ema_20": 16.0}
    tick = fed(run, {"A": good, "B": bad}, {"cash": 9.0})
    assert tick["A"].values.keys() >= {"gap", "signal", "maybe", "again", "count"}
    assert {"inv", "keys", "whole"} <= set(tick["B"].failed)
    assert "pair" in tick["B"].skipped
    assert tick.portfolio is not None
    assert tick.portfolio.values["cash_gate.proceed"] is True


BAR_OF = {"close": 4.0, "volume": 12.0, "ema_20": 3.0}


def test_values_are_read_by_slot_and_by_name(tmp_path: Path) -> None:
    run = FusedRun(whole_stack(tmp_path, "gap", "note"), native(), sample=never)
    assert run.symbol_names == ("close", "ema_20")
    assert run.portfolio_names == ("cash",)
    tick = run.tick_rows({"A": (4.0, 3.0)}, (1.0,))
    assert tick.cells["A"][run.slot("gap")] == tick.get("A", "gap") == 5.0
    assert tick.whole[run.slot("mean")] == tick.get("", "mean") == 6.0
    assert tick.get("A", "mean", 7) == 7
    assert tick.decision("A").values["noted"] == 13.0
    assert tick.decision("").values == {"mean": 6.0}
    assert tick.odd == frozenset()
    with pytest.raises(KeyError):
        tick.decision("B")
    with pytest.raises(StackError, match="'gapp'"):
        run.slot("gapp")


def test_what_was_not_made_is_gone_and_failures_are_odd(tmp_path: Path) -> None:
    run = FusedRun(whole_stack(tmp_path, "pair", "huge"), native(), sample=never)
    tick = run.tick_rows({"A": (0.0,), "B": (21.0,), "C": (2.0,)})
    assert tick.cells["A"][run.slot("inv")] is GONE
    assert tick.cells["B"][run.slot("huge")] == 1
    assert tick.odd == {"A", "B"}
    assert tick.decision("A").skipped.keys() == {"pair"}
    assert run.tick_rows({"A": (2.0,)}).odd == frozenset()
    assert tick.odd == {"A", "B"}, "a later tick changes nothing"


@pytest.mark.parametrize("row, shared", [((1.0,), (1.0,)), ((1.0, 2.0), ())])
@pytest.mark.parametrize("sample", [never, at_once])
def test_a_row_of_a_wrong_length_is_refused(
    tmp_path: Path, row: Any, shared: Any, sample: Any
) -> None:
    run = FusedRun(whole_stack(tmp_path, "gap", "note"), native(), sample=sample)
    with pytest.raises(StackError, match="length"):
        run.tick_rows({"A": row}, shared)


def test_a_column_tested_at_once_is_tested_no_more(tmp_path: Path) -> None:
    run = FusedRun(whole_stack(tmp_path, "share_of"), native(), sample=never)
    assert run.tick_rows({"A": (0,)}).odd == {"A"}
    assert not run.prevalidate("volume", [1.0, 2.0], [0.0])
    assert not run.prevalidate("volume", [float("nan")])
    assert not run.prevalidate("volume", [True])
    assert run.tick_rows({"A": (0,)}).odd == {"A"}
    assert run.prevalidate("volume", [1.0, 2], [1000])
    assert run.tick_rows({"A": (2,)}).get("A", "part") == 0.5
    # What is no more tested reaches the body: the caller gave its word.
    assert run.tick_rows({"A": (2000,)}).get("A", "part") == 1 / 2000
    with pytest.raises(StackError, match="given to no tick"):
        run.prevalidate("part", [])


def test_a_row_value_that_does_not_fit_fails_only_its_readers(tmp_path: Path) -> None:
    run = FusedRun(whole_stack(tmp_path, "base", "share_of"), native(), sample=never)
    tick = run.tick_rows({"A": (float("nan"), 2.0)})
    assert tick.decision("A").failed == ("base",)
    assert tick.get("A", "part") == 0.5


def test_fixed_values_can_be_replaced_for_a_run(tmp_path: Path) -> None:
    stack = whole_stack(tmp_path, "whole")
    for limit, count in ((3, 7), (5, 9)):
        runs = [
            FusedRun(stack, native(), sample=sample, fixed={"limit": limit})
            for sample in (never, at_once)
        ]
        assert [r.tick_rows({"A": (4,)}).get("A", "count") for r in runs] == [count] * 2
    for wrong in ({"limit": "x"}, {"limti": 3}, {"volume": 3}):
        with pytest.raises(StackError, match="fixed value"):
            FusedRun(stack, native(), fixed=wrong)


def test_state_is_kept_only_when_the_tick_was_committed(tmp_path: Path) -> None:
    seen: list[Tick] = []

    def commit(tick: Tick) -> None:
        seen.append(tick)
        if len(seen) == 2:
            raise OSError("the disk is full")

    stack = whole_stack(tmp_path, "streak")
    run = FusedRun(stack, native(), sample=never, commit=commit)
    row = {"A": (4.0, 3.0)}
    run.tick_rows(row)
    with pytest.raises(OSError, match="full"):
        run.tick_rows(row)
    assert run.state == {"A": {"ups": 1}}
    assert seen[1]["A"].state == {"ups": 2}
    run.tick_rows(row)
    assert [tick.number for tick in seen] == [1, 2, 2]


def test_new_versions_are_taken_up_at_the_next_fast_tick(tmp_path: Path) -> None:
    newer = entry(BY_NAME["base"].spec, "return {'base': close * 3}", version=2)
    older = whole_stack(tmp_path, "gap")
    run, swap = swapping(older, stack_of(tmp_path, newer, BY_NAME["gap"]))
    slot = run.slot("gap")
    assert run.prevalidate("close", [4.0])
    first = run.tick_rows({"A": (4.0, 3.0)})
    swap()
    second = run.tick_rows({"A": (4.0, 3.0)})
    assert [t.cells["A"][slot] for t in (first, second)] == [5.0, 9.0]
    assert [t.generation for t in (first, second)] == [1, 2]
    assert second.decision("A").versions == {"base": 2, "gap": 1}
    assert first.decision("A").versions == {"base": 1, "gap": 1}


def test_new_versions_that_read_more_than_a_row_has_are_refused(tmp_path: Path) -> None:
    made = spec(
        "base", {"close": "number", "volume": "number"}, {"base": "number"}, "filter"
    )
    newer = entry(made, "return {'base': close + volume}", version=2)
    run, swap = swapping(whole_stack(tmp_path, "base"), stack_of(tmp_path, newer))
    swap()
    for _ in range(2):
        with pytest.raises(StackError, match="no volume"):
            run.tick_rows({"A": (4.0,)})


def test_a_fast_tick_that_differs_from_the_ordinary_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = FusedRun(whole_stack(tmp_path, "base"), native(), sample=at_once)
    run.tick_rows({"A": (4.0,)})

    opened = FusedRun._opened
    monkeypatch.setattr(
        FusedRun,
        "_opened",
        lambda self, rows: opened(self, dict.fromkeys(rows, (9.0,))),
    )
    with pytest.raises(StackError, match="differs for A"):
        run.tick_rows({"A": (4.0,)})


def test_sampled_ticks_are_reflected_and_others_are_not(tmp_path: Path) -> None:
    sink = Memory(10_000)
    run = FusedRun(whole_stack(tmp_path, "base"), Runtime(sink, engine="native"))
    for _ in range(1000):
        run.tick_rows({"A": (4.0,)})
    assert len(sink.notes) == 51


def test_a_tick_in_which_all_goes_well_goes_straight_on(tmp_path: Path) -> None:
    sink = Memory(10_000)
    names = sorted(BY_NAME.keys() - {"end"})
    stack = whole_stack(tmp_path, *names)
    run = FusedRun(stack, Runtime(sink, engine="native"), sample=never)
    good = {"close": 3.0, "volume": 12.0, "ema_20": 6.0}
    tick = fed(run, {"A": good, "B": {**good, "volume": 13}}, {"cash": 9.0})
    assert tick["A"].values.keys() >= {"again", "signal", "said", "key", "last"}
    assert tick["B"].values["noted"] == tick["A"].values["noted"] == 15.0
    assert tick.portfolio is not None
    assert tick.portfolio.values.keys() >= {"mean", "shares", "asks"}
    assert (list(sink.notes), list(sink.failures)) == ([], [])


def test_modules_without_a_certificate_and_with_capabilities_run_as_they_must(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    asks = spec(
        "asks", {"twice": "number"}, {"said": "number"}, capabilities=["ask_model"]
    )
    asked: list[str] = []

    def ask_model(question: str) -> str:
        asked.append(question)
        return "x" * len(asked)

    stack = stack_of(
        tmp_path,
        entry(
            spec("twice", {"close": "number"}, {"twice": "number"}),
            "return {'twice': close * 2}",
            certified=False,
        ),
        entry(asks, "a = ask_model(question='?')\nreturn {'said': len(a) + twice}"),
        BY_NAME["base"],
    )
    for sample in (never, at_once):
        asked.clear()
        ready = runtime("native", sandbox, capabilities={"ask_model": ask_model})
        run = FusedRun(stack, ready, sample=sample)
        said = [run.tick_rows({"A": (1.0,)}).get("A", "said") for _ in range(3)]
        assert said == [3.0, 4.0, 5.0]
        assert len(asked) == 3


def test_an_asked_phase_shares_its_run_with_fast_ticks(tmp_path: Path) -> None:
    toml = phases(("", "", "")).replace(
        'name = "allocate"\n', 'name = "allocate"\nasked = true\n'
    )
    stack = stack_of(tmp_path, *with_sources(["streak", "cash_gate"]), toml=toml)
    run = FusedRun(stack, native(), sample=never)
    row = {"A": (4.0, 3.0)}
    first = run.tick_rows(row)
    for asks in (1, 2):
        asked = run.ask("allocate", {"cash": 3})
        assert asked.portfolio is not None
        assert asked.portfolio.state == {"asks": asks}
    run.tick_rows(row)
    assert run.state == {"A": {"ups": 2}, "": {"asks": 2}}
    assert first.decision("A").state == {"ups": 1}
