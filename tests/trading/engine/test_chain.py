"""The chain behind a decision says what was read; made again, it gives the same."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, assume, event, given, settings
from hypothesis import strategies as st

from core.records import Memory
from core.stack import Stack, StackRun, runnable
from core.stack.fused import FusedRun, FusedTick
from core.wrapper import ModuleFailed, Runtime, bind
from tests.core.fused_samples import (
    BY_NAME,
    LIMIT,
    NEEDS,
    phases,
    swapping,
    with_sources,
)
from tests.core.stack_samples import entry, stack_of
from trading.shell.engine.chain import Chains
from trading.shell.engine.replaying import (
    Again,
    Answer,
    again,
    identical,
    otherwise,
    values_after,
)
from trading.shell.ledger.events import Decided

NUMBER = st.floats(-30, 30) | st.integers(-30, 30)
BAR = st.fixed_dictionaries({"close": NUMBER, "volume": NUMBER, "ema_20": NUMBER})
TICK = st.tuples(
    st.dictionaries(st.sampled_from(["A", "B", "C"]), BAR, min_size=1, max_size=3),
    st.fixed_dictionaries({"cash": NUMBER}),
)
NAMES = st.sets(st.sampled_from(sorted(BY_NAME)), min_size=1, max_size=9)
OTHER = {
    "base": "return {'base': close * 3}",
    "liquid": "return {'proceed': True, 'reason': ''}",
    "gate": "return {'proceed': part < 0.5}",
    "mean": "return {'mean': cash + len(gap)}",
    "word": "return {'signal': 'none'}",
}
QUICK = settings(
    max_examples=25,
    phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink),
    deadline=None,
)


def stack_in(folder: Path, names: Iterable[str], needs: Any) -> Stack:
    return stack_of(folder, *with_sources(names), toml=phases(needs) + LIMIT)


def ticked(run: FusedRun, starting: Any, portfolio: Any) -> FusedTick:
    rows = {
        symbol: tuple(values[name] for name in run.symbol_names)
        for symbol, values in starting.items()
    }
    return run.tick_rows(rows, tuple(portfolio[n] for n in run.portfolio_names))


def decided(run: FusedRun, tick: FusedTick, symbol: str) -> Decided:
    made = tick.decision(symbol)
    about = (made.proceed, made.reason, made.ended_by, "", made.values)
    chain = Chains(run).of(tick, symbol)
    return Decided("one", symbol, 0, "none", *about, made.versions, made.faults, chain)


def calls(stack: Stack) -> Any:
    runtime = Runtime(Memory(1000), engine="native")
    bound = {n: bind(runnable(e), runtime) for n, e in stack.entries.items()}

    def call(module: str, _version: int, inputs: Mapping[str, Any]) -> Answer:
        try:
            return Answer(bound[module](**inputs))
        except ModuleFailed as error:
            return Answer(None, error.message)

    return call


@pytest.mark.parametrize("sampled", [False, True])
@QUICK
@given(names=NAMES, needs=NEEDS, ticks=st.lists(TICK, min_size=1, max_size=3))
def test_a_chain_says_what_each_module_read_and_made(
    tmp_path: Path, sampled: bool, names: set[str], needs: Any, ticks: list[Any]
) -> None:
    stack = stack_in(tmp_path, names, needs)
    plain = StackRun(stack, Runtime(Memory(9999), engine="native"), trace=True)
    fast = FusedRun(
        stack,
        Runtime(Memory(9999), engine="native"),
        sample=lambda n: n + 1 if sampled else float("inf"),
    )
    chains = Chains(fast)
    for starting, portfolio in ticks:
        usual = plain.tick(starting, portfolio)
        tick = ticked(fast, starting, portfolio)
        for symbol in starting:
            whole = usual.portfolio.trace if usual.portfolio else ()
            told = {
                (one.module, one.version): (one.inputs, one.outputs)
                for one in (*usual[symbol].trace, *whole)
                if one.outputs is not None
            }
            chain = chains.of(tick, symbol)
            found = {
                (one["module"], one["version"]): (one["inputs"], one["outputs"])
                for one in chain
            }
            assert found == told
            again_ = again(decided(fast, tick, symbol), calls(stack))
            assert all(one.same for one in again_), again_


def test_a_module_swapped_in_a_run_is_in_the_next_chain_with_what_it_made(
    tmp_path: Path,
) -> None:
    """Both versions make values under the same names."""
    newer = entry(BY_NAME["base"].spec, OTHER["base"], version=2)
    older = stack_of(tmp_path, BY_NAME["base"])
    run, swap = swapping(older, stack_of(tmp_path, newer))
    chains = Chains(run)
    for version, made in ((1, 8.0), (2, 12.0)):
        (link,) = chains.of(run.tick_rows({"A": (4.0,)}), "A")
        told = link["module"], link["version"], link["inputs"], link["outputs"]
        assert told == ("base", version, {"close": 4.0}, {"base": made})
        swap()


@QUICK
@given(
    names=NAMES,
    needs=NEEDS,
    tick=st.tuples(BAR, NUMBER),
    module=st.sampled_from(sorted(OTHER)),
)
def test_with_another_version_a_decision_is_what_the_stack_would_have_decided(
    tmp_path: Path, names: set[str], needs: Any, tick: Any, module: str
) -> None:
    bar, cash = tick
    starting, portfolio = {"A": bar}, {"cash": cash}
    stack = stack_in(tmp_path, {*names, module}, needs)
    fast = FusedRun(stack, Runtime(Memory(999), engine="native"))
    played = ticked(fast, starting, portfolio)
    changed = entry(BY_NAME[module].spec, OTHER[module], version=2)
    other = stack_of(
        tmp_path / "other",
        *(m for m in with_sources({*names, module}) if m.spec.name != module),
        changed,
        toml=phases(needs) + LIMIT,
    )
    then = decided(fast, played, "A")
    made = otherwise(other, then, calls(other), {module: 2})
    assume(not any("cannot be called" in one.remark for one in made))
    truth = StackRun(other, Runtime(Memory(999), engine="native"))
    told = truth.tick(starting, portfolio)
    whole = told.portfolio.values if told.portfolio else {}
    event("differs" if any(not one.same for one in made) else "the same")
    assert identical(values_after(then, made), {**whole, **told["A"].values})


@pytest.mark.parametrize(
    ("a", "b"), [(1, 1.0), (0.0, -0.0), (True, 1), (0.1 + 0.2, 0.3), ([1], [1, 2])]
)
def test_what_differs_in_the_last_bit_is_not_identical(a: Any, b: Any) -> None:
    assert not identical(a, b)
    assert identical({"x": [a]}, {"x": (a,)})


def test_a_call_that_fails_now_is_not_the_same() -> None:
    one = Again("decide", "m", 1, {}, {"x": 1.0}, None, "failed")
    assert not one.same
    assert one.changes() == {"x": (1.0, None)}
