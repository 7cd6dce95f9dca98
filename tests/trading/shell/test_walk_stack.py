"""A real stack of six modules walked over candles, on both engines."""

import pytest

from core.records import Memory
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.stack import Stack, StackRun
from core.wrapper import Runtime
from tests.trading.shell.stack_of_six import MODULES, stack_of_six
from trading.shell.candles import Candles
from trading.shell.summary import summarise, totals
from trading.shell.synthetic import generate
from trading.shell.vocabulary import VOCABULARY
from trading.shell.walk import Walk, walk


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox) -> Stack:
    return stack_of_six(tmp_path_factory.mktemp("stacks"), sandbox)


def native(stack: Stack) -> StackRun:
    return StackRun(stack, Runtime(Memory(1000), engine="native"))


def sandboxed(stack: Stack, sandbox: Sandbox) -> StackRun:
    return StackRun(stack, Runtime(Memory(1000), prepare=prepare_in(sandbox)))


def told(result: Walk) -> list[tuple[int, str, dict[str, object]]]:
    return [
        (d.time, d.decision.symbol, dict(d.decision.values)) for d in result.decisions
    ]


def test_both_engines_walk_alike(six: Stack, sandbox: Sandbox):
    candles = [generate(bars=250), generate(bars=250, symbol="ETH/USD")]
    fast, safe = walk(native(six), candles), walk(sandboxed(six, sandbox), candles)
    assert told(fast) == told(safe)
    assert (fast.trades, fast.equity) == (safe.trades, safe.equity)
    assert fast.failures == safe.failures == ()


def test_two_walks_over_the_same_candles_are_the_same(six: Stack, market: Candles):
    first, second = walk(native(six), [market]), walk(native(six), [market])
    assert told(first) == told(second)
    assert first.equity == second.equity


def test_what_was_decided_does_not_change_when_later_candles_come(
    six: Stack, market: Candles
):
    whole = walk(native(six), [market])
    frame = market.frame.iloc[:400]
    early = walk(native(six), [Candles(frame, "BTC/USD", "1h", "cut", synthetic=True)])
    assert told(early) == told(whole)[: len(early.decisions)]


def test_two_years_of_real_hours_are_walked_to_the_last(six: Stack, bitcoin: Candles):
    result = walk(native(six), [bitcoin])
    assert result.bars == 17_537
    assert len(result.decisions) == 17_537 - result.warm_up
    assert result.trades
    assert result.failures == ()
    assert len(summarise(result)) == len(MODULES)
    figures = totals(result)
    assert figures["synthetic"] is False


def test_every_unit_of_the_table_is_in_the_vocabulary():
    from trading.shell import series

    for family in series.TABLE:
        found = VOCABULARY.starting_value(family.example)
        assert found is not None
        assert VOCABULARY.unit(found.unit)
        assert found.warm_up == series.require(family.example).warm_up
