"""What is passed over in one go is what candle by candle comes to, to the last bit."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bench.reference import MODULES, reference_task
from core.sandbox import Sandbox
from core.stack import Stack
from tests.trading.engine.stacks import SCRIPTED, Texts, counter, run_of, stack_of
from tests.trading.engine.test_trouble import PHASES
from trading.shell.candles import Candles
from trading.shell.engine.backtest import Backtest
from trading.shell.engine.engine import Engine
from trading.shell.engine.figure_sources import DAILY, Sources
from trading.shell.engine.figures import SHARED_FIGURES, SYMBOL_FIGURES
from trading.shell.engine.gliding import Glider
from trading.shell.engine.result import Result
from trading.shell.ledger.events import Amended, Ended, Snapshot
from trading.shell.synthetic import generate

# Figures of text and truth are read by name below; the rest are numbers to be added up.
WORDS = {"market": "spot", "entry_regime": "none", "closed_trade": False}
ALL = {*SYMBOL_FIGURES, *SHARED_FIGURES} - {*WORDS}
EITHER, LASTING = sorted(ALL), sorted(ALL - DAILY)
STEADY = ("equity", "cash", "entry_price", "time", "hour", "bars_since_trade", "minute")


def reading(name: str, names: Any) -> Texts:
    """A module that ends a decision now and then, and adds account figures up."""
    number = "{type: number, minimum: -1.0e18, maximum: 1.0e18}"
    inputs = "".join(f"  {each}: {number}\n" for each in names)
    spec = f"""---
name: {name}
role: scan
inputs:
  close: {{unit: number}}
{inputs}outputs:
  proceed: {{unit: flag}}
  reason: {{unit: text}}
  {name}_total: {number}
state:
  {name}_drift: {{type: number, minimum: -1.0e18, maximum: 1.0e18, initial: 0.0}}
---
Adds up what it is told.
"""
    total = " + ".join(["close", *names])
    body = f"""total = {total}
thin = int(close * 100) % 7 == 0
reason = str(int(close) % 2) if thin else ""
drift = (previous_{name}_drift + total) / 2
made = {{"proceed": not thin, "reason": reason, "{name}_total": total}}
return {{**made, "{name}_drift": drift}}
"""
    return {name: (spec, body)}


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stack]:
    texts = {
        "steady": {**MODULES, **reading("watch", STEADY)},
        "every": {
            **MODULES,
            **reading("first", EITHER[::3]),
            **reading("second", EITHER[1::3]),
            **reading("third", EITHER[2::3]),
        },
        "lasting": {
            **MODULES,
            **reading("first", LASTING[::2]),
            **reading("second", LASTING[1::2]),
        },
        "plain": MODULES,
    }
    return {
        name: stack_of(tmp_path_factory.mktemp(name), each)
        for name, each in texts.items()
    }


def played(
    stack: Stack, sandbox: Sandbox, candles: Sequence[Candles], *, glide: bool
) -> tuple[Backtest, Result, int]:
    """A backtest, candle by candle or not; how many candles were passed over."""
    passed = 0
    usual = Glider.along

    def along(self: Glider, steps: Any, at: int, equity: list[float]) -> int:
        nonlocal passed
        end = usual(self, steps, at, equity) if glide else at
        passed += end - at
        return end

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Glider, "along", along)
        test = Backtest(run_of(stack, sandbox), reference_task(candles))
        return test, test.play(), passed


def told(test: Backtest, result: Result) -> Iterator[object]:
    """All that a run leaves."""
    state, view = test.journal.state, test.engine.broker.books.view
    yield repr(result.times.tolist()), repr(result.equity.tolist())
    yield result.trades, result.signals, result.near, result.contributions
    yield repr(result.decisions), result.scans, result.fees, repr(test.run.state)
    yield state, test.journal.everything(), repr(view.holders), view.equity
    yield test.venue.matching.now, [test.venue.matching.mark(s) for s in view.holders]


@settings(
    max_examples=8,
    deadline=None,
)
@given(
    seed=st.integers(0, 10_000),
    name=st.sampled_from(["plain", "steady", "lasting", "every"]),
    markets=st.sampled_from(
        [
            *(["BTC/USD"], ["BTC/USD:USD"], ["ETH/USD", "BTC/USD"]),
            *(["BTC/USD", "ETH/USD:USD"], ["BTC/USD", "SOL/USD", "ETH/USD"]),
        ]
    ),
    step=st.sampled_from([300, 3600]),
    late=st.sampled_from([0, 0, 150]),
)
def test_passing_over_candles_changes_nothing(
    stacks: dict[str, Stack],
    sandbox: Sandbox,
    seed: int,
    name: str,
    markets: list[str],
    step: int,
    late: int,
) -> None:
    bars = 700 // len(markets)
    candles = [made(seed, symbol, step, bars) for symbol in markets]
    candles[0] = candles[0].since(late // 3)
    one, result, passed = played(stacks[name], sandbox, candles, glide=True)
    other, truth, none = played(stacks[name], sandbox, candles, glide=False)
    both = zip(told(one, result), told(other, truth), strict=True)
    assert not [at for at, (ours, theirs) in enumerate(both) if ours != theirs]
    event(f"{name}, {len(markets)}: {'some' if passed else 'none'} passed over")
    assert none == 0
    if name == "plain" or not any(":" in symbol for symbol in markets):
        assert passed > 30, "else nothing is compared"


def made(seed: int, symbol: str, step: int, bars: int) -> Candles:
    return generate(seed=seed, symbol=symbol, step=step, bars=bars, price=900.0)


RESTING = """step = time // 3600 % 40
asked = [
    {"purpose": "entry", "side": "buy", "kind": "limit", "notional": 4000.0, "price": close * 0.5},
    {"purpose": "stop", "side": "sell", "kind": "stop", "notional": 0.0, "price": close * 0.4},
]
return {"intents": asked if step == 5 else []}
"""


def test_an_entry_that_rests_expires_when_it_would_candle_by_candle(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    stack = stack_of(tmp_path, {"script": (SCRIPTED["script"][0], RESTING)})
    candles = [made(3, "BTC/USD", 3600, 300)]
    one, result, passed = played(stack, sandbox, candles, glide=True)
    other, truth, _ = played(stack, sandbox, candles, glide=False)
    assert list(told(one, result)) == list(told(other, truth))
    ended = [e for e in one.journal.everything() if isinstance(e, Ended)]
    assert len(ended) > 5, "else no entry has expired"
    assert passed > 200


def test_days_on_which_nothing_is_held_end_without_the_engine(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    idle = SCRIPTED["script"][0], "return {'intents': []}\n"
    stack = stack_of(tmp_path, {"script": idle})
    candles = [made(3, "BTC/USD", 3600, 24 * 40)]
    one, result, passed = played(stack, sandbox, candles, glide=True)
    other, truth, _ = played(stack, sandbox, candles, glide=False)
    assert list(told(one, result)) == list(told(other, truth))
    marks = [e for e in one.journal.everything() if isinstance(e, Snapshot)]
    assert len(marks) == 41, "at the first close of each day"
    warm_up = 50  # until the run no longer calls each module in full
    assert passed == 24 * 40 - warm_up, "no day was the engine's"


AUDIT = (
    """---
name: audit
role: account
inputs:
  equity_cents: {unit: cents, minimum: 0, maximum: 1.0e12}
outputs:
  reconciled: {unit: flag}
state:
  days: {type: integer, minimum: 0, maximum: 100000, initial: 0}
---
Counts how often it was asked.
""",
    'return {"reconciled": equity_cents >= 0, "days": previous_days + 1}\n',
)


def test_a_stack_that_reckons_does_so_each_day_on_which_nothing_is_held(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    idle = SCRIPTED["script"][0], "return {'intents': []}\n"
    toml = PHASES.replace("trouble", "account")
    stack = stack_of(tmp_path, {"script": idle, "audit": AUDIT}, toml=toml)
    candles = [made(3, "BTC/USD", 3600, 24 * 40)]
    one, result, passed = played(stack, sandbox, candles, glide=True)
    other, truth, _ = played(stack, sandbox, candles, glide=False)
    assert list(told(one, result)) == list(told(other, truth))
    assert one.run.state == {"": {"days": 40}}
    assert passed > 24 * 30, "else hardly anything is passed over"


@pytest.mark.parametrize("glide", [True, False])
def test_what_is_held_knows_its_highest_and_lowest_price(
    stacks: dict[str, Stack], sandbox: Sandbox, glide: bool
) -> None:
    candles = made(8, "BTC/USD", 300, 700)
    seen = 0

    def looked(engine: Engine, time: int, present: Any, **more: Any) -> Any:
        nonlocal seen
        one = engine.broker.books.view.holders["BTC/USD"]
        if one.quantity and one.time > one.entry_bar:
            bars = candles.frame.set_index("time").loc[one.entry_bar : one.time]
            assert (one.highest, one.lowest) == (bars["high"].max(), bars["low"].min())
            seen += 1
        return usual(engine, time, present, **more)

    usual = Engine.candle
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Engine, "candle", looked)
        played(stacks["plain"], sandbox, [candles], glide=glide)
    assert seen > 5


def test_every_figure_of_a_symbol_follows_from_rows(
    stacks: dict[str, Stack], sandbox: Sandbox
) -> None:
    """But for the funding of a perpetual, which the exchange gives."""
    spot, future = "BTC/USD", "ETH/USD:USD"
    candles = [made(1, symbol, 3600, 50) for symbol in (spot, future)]
    test = Backtest(run_of(stacks["plain"], sandbox), reference_task(candles))
    view = test.engine.broker.books.view
    for held in ([], [spot], [future], [future, spot]):
        sources = Sources(view, [spot, future], held, lambda _: "fixed[0]")
        ordered = [s for s in (spot, future) if s in held]  # as the account knows them
        exposure = sources.shared("exposure")
        rows = [
            exposure.find(f"row_{n}[4]")
            for n, s in enumerate((spot, future))
            if s in ordered
        ]
        assert rows == sorted(rows)
        for symbol in (spot, future):
            lack = [
                name for name in SYMBOL_FIGURES if sources.own(symbol, name) is None
            ]
            assert lack == (["funding_rate"] if symbol == future else [])


def test_a_held_position_is_passed_over_with_its_stop_at_rest(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    """A stop that follows the price moves with some candles; the others are passed."""
    spec = """---
name: trail
role: stop
inputs:
  highest_since_entry: {unit: price}
outputs:
  trailing_stop: {type: number, minimum: -1.0e18, maximum: 1.0e18}
---
Two per cent below the highest price.
"""
    body = 'return {"trailing_stop": highest_since_entry * 0.98}\n'
    stack = stack_of(tmp_path, {**MODULES, "trail": (spec, body)})
    candles = [made(4, "BTC/USD", 300, 1500)]
    one, result, passed = played(stack, sandbox, candles, glide=True)
    other, truth, _ = played(stack, sandbox, candles, glide=False)
    assert list(told(one, result)) == list(told(other, truth))
    moved = [e for e in one.journal.everything() if isinstance(e, Amended)]
    assert moved, "else no stop has followed"
    assert passed > 1000


@pytest.mark.parametrize("glide", [True, False])
def test_a_trade_that_ended_while_nothing_could_be_decided_is_told_later(
    tmp_path: Path, sandbox: Sandbox, glide: bool
) -> None:
    """The incident: whatever ended in a candle without a volume was told to no module."""
    stack = stack_of(
        tmp_path, {**MODULES, "counter": counter("scan", "vwap_2: {unit: price}")}
    )
    whole = made(8, "BTC/USD", 300, 3000)
    still = np.random.default_rng(1).random(len(whole)) < 0.4
    candles = replace(
        whole, frame=whole.frame.assign(volume=whole.frame["volume"].where(~still, 0.0))
    )
    test, result, passed = played(stack, sandbox, [candles], glide=glide)
    blind = (still[1:] & still[:-1]).nonzero()[0] + 1  # two bars without a volume
    times = whole.frame["time"].to_numpy()[blind]
    assert [one for one in result.trades if one.closed_at in times], "else none is late"
    assert test.run.state == {"BTC/USD": {"closed": len(result.trades)}}
    assert passed > 1000 or not glide


def test_progress_is_told_to_its_end(
    stacks: dict[str, Stack],
    sandbox: Sandbox,
) -> None:
    candles = generate(seed=3, symbol="BTC/USD", step=300, bars=11_000)
    seen: list[tuple[int, int]] = []
    test = Backtest(run_of(stacks["plain"], sandbox), reference_task([candles]))
    test.play(lambda done, bars: seen.append((done, bars)))
    assert [done // 5000 for done, _ in seen] == [1, 2, 2]
    assert seen[-1] == (11_000, 11_000)
