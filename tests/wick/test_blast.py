"""What a swap would change: counted in the module, carried downstream, never overstated."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.sandbox import Sandbox
from core.stack import Stack, StackRun
from core.store import Recording, as_recording
from core.wrapper import Memory
from tests.core.stack_samples import entry, rows, runtime, spec, stack_of
from wick.blast import BlastRadius, blast_radius
from wick.measure import Measure, Measured, read_measure, sentence

RISING = spec("rising", {"close": "number", "volume": "number"}, {"go": "flag"})
ORDER = spec(
    "order",
    {"go": "flag", "volume": "number"},
    {"size": "number"},
    fallback={"size": 0},
)
STOP = spec("stop", {"size": "number", "close": "number"}, {"risk": "number"})
BODIES = (
    (RISING, 'return {"go": close > 10}'),
    (ORDER, 'return {"size": volume * 2 if go else 0.0}'),
    (STOP, 'return {"risk": size * close}'),
)
MEASURE = 'measure = "signals: go, orders: size, sum risk: risk"\n'
CLOSES = [9.0, 10.5, 11.0, 12.0, 20.0, 8.0]


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return stack_of(tmp_path, *(entry(s, b) for s, b in BODIES), toml=MEASURE)


def lived(stack: Stack, sandbox: Sandbox, ticks: Sequence[Mapping[str, Any]]):
    """What each module would have recorded over some ticks of one symbol."""
    run = runtime("sandbox", sandbox)
    works = StackRun(stack, run)
    for tick in ticks:
        works.tick({"BTC": tick})
    assert isinstance(run.sink, Memory)
    kept: dict[str, list[Recording]] = {}
    for one in run.sink.reflections():
        kept.setdefault(one.module, []).append(as_recording(one))
    return lambda module: kept.get(module, [])


def ticks(closes: Sequence[float] = CLOSES) -> list[dict[str, float]]:
    return [{"close": c, "volume": float(n)} for n, c in enumerate(closes, 1)]


def reach(
    stack: Stack,
    body: str,
    sandbox: Sandbox,
    recorded: Callable[[str], list[Recording]],
    **more: Any,
) -> BlastRadius:
    return blast_radius(
        stack, "desk.rising", body, recordings_of=recorded, sandbox=sandbox, **more
    )


def test_the_same_behaviour_has_no_reach(stack: Stack, sandbox: Sandbox) -> None:
    found = reach(
        stack, 'return {"go": 10 < close}', sandbox, lived(stack, sandbox, ticks())
    )
    assert (found.changed, found.steps, found.covered) == (0, 0, 1.0)
    assert found.sentence == "0 of 6 signals change, 0 orders, 0 risk"


def test_a_change_is_carried_as_far_as_it_goes(stack: Stack, sandbox: Sandbox) -> None:
    # Of 10.5 (volume 2) and 11 (volume 3) it no longer says go.
    found = reach(
        stack, 'return {"go": close > 11}', sandbox, lived(stack, sandbox, ticks())
    )
    assert found.touched == {"rising": 2, "order": 2, "stop": 2}
    assert (found.followed, found.unfollowed) == (4, 0)
    amount = 2 * 2 * 10.5 + 3 * 2 * 11
    assert found.sentence == f"2 of 6 signals change, 2 orders, {amount:g} risk"


def test_it_is_what_the_whole_stack_would_have_done(
    stack: Stack, sandbox: Sandbox
) -> None:
    body = 'return {"go": close > 11 or volume == 1}'
    found = reach(stack, body, sandbox, lived(stack, sandbox, ticks()))
    other = dict(stack.entries)
    other["rising"] = entry(RISING, body)
    before, after = (
        lived(one, sandbox, ticks()) for one in (stack, replace(stack, entries=other))
    )
    for name in ("rising", "order", "stop"):
        pairs = zip(before(f"desk.{name}"), after(f"desk.{name}"), strict=True)
        differing = sum(a.outputs != b.outputs for a, b in pairs)
        assert found.touched.get(name, 0) == differing


def test_a_change_no_module_reads_costs_nothing(stack: Stack, sandbox: Sandbox) -> None:
    found = blast_radius(
        stack,
        "desk.stop",
        'return {"risk": size * close * 2}',
        recordings_of=lived(stack, sandbox, ticks()),
        sandbox=sandbox,
    )
    assert (found.steps, found.touched) == (0, {"stop": 4})


def test_what_cannot_be_followed_is_said(stack: Stack, sandbox: Sandbox) -> None:
    full = lived(stack, sandbox, ticks())
    found = reach(
        stack,
        'return {"go": close > 11}',
        sandbox,
        lambda module: full(module) if module != "desk.order" else [],
    )
    assert (found.followed, found.unfollowed, found.covered) == (0, 2, 0.0)
    assert "0% of the changes were followed" in found.sentence


def test_the_steps_are_bounded_and_the_share_says_so(
    stack: Stack, sandbox: Sandbox
) -> None:
    recorded = lived(stack, sandbox, ticks())
    found = reach(stack, 'return {"go": close > 11}', sandbox, recorded, steps=1)
    assert found.steps == 1
    assert found.covered < 1


def test_against_a_body_that_runs_now_its_own_results_count(
    stack: Stack, sandbox: Sandbox
) -> None:
    recorded = lived(stack, sandbox, ticks())
    now = 'return {"go": close > 15}'
    found = reach(stack, 'return {"go": close > 10}', sandbox, recorded, before=now)
    assert found.touched["rising"] == 3  # 10.5, 11 and 12 are signals again
    assert found.touched["order"] == 3
    same = reach(stack, now, sandbox, recorded, before=now)
    assert same.changed == 0


def test_where_the_body_fails_its_callers_get_the_fallback(
    stack: Stack, sandbox: Sandbox
) -> None:
    found = blast_radius(
        stack,
        "desk.order",
        'return {"size": 1 / (volume - 2)}',
        recordings_of=lived(stack, sandbox, ticks([10.5, 10.6])),
        sandbox=sandbox,
    )
    assert found.touched == {"order": 2, "stop": 2}


def test_a_value_read_as_a_row_of_symbols_is_followed(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    score = spec("score", {"close": "number"}, {"score": "number"})
    best = spec("best", {"score": rows("score")}, {"most": "number"}, role="allocation")
    most = 'return {"most": max([row["score"] for row in score])}'
    stack = stack_of(
        tmp_path, entry(score, 'return {"score": close * 2}'), entry(best, most)
    )
    run = runtime("sandbox", sandbox)
    StackRun(stack, run).tick({"A": {"close": 1.0}, "B": {"close": 5.0}})
    assert isinstance(run.sink, Memory)
    kept = [as_recording(one) for one in run.sink.reflections()]
    found = blast_radius(
        stack,
        "desk.score",
        'return {"score": close * 2 if close > 2 else 99.0}',
        recordings_of=lambda module: [r for r in kept if r.module == module],
        sandbox=sandbox,
    )
    assert found.touched == {"score": 1, "best": 1}
    assert found.sentence == "1 of 2 calls of score change, 1 calls of best"


def test_without_recordings_nothing_is_claimed(stack: Stack, sandbox: Sandbox) -> None:
    found = reach(stack, 'return {"go": True}', sandbox, lambda _: [])
    assert "not known" in found.sentence


def test_a_measure_is_read_and_an_unknown_output_is_named(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    assert read_measure("go, orders: size, sum risk: risk") == (
        Measure("go", "go"),
        Measure("orders", "size"),
        Measure("risk", "risk", added=True),
    )
    stack = stack_of(
        tmp_path, entry(*BODIES[0]), toml='measure = "signals: go, profit"\n'
    )
    found = reach(stack, BODIES[0][1], sandbox, lived(stack, sandbox, ticks()))
    assert "the measure names profit" in found.sentence


def test_large_figures_are_readable() -> None:
    found = [Measured("signals", 3, 10_000), Measured("notional", 2, 9, 1234.5, True)]
    assert sentence(found) == "3 of 10,000 signals change, 1,234.5 notional"
