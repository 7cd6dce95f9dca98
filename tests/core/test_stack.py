"""A stack at work: phases, fan-out, state, trace, new versions, in both engines."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import (
    AszaError,
    BodyRefused,
    ConfigError,
    NotFound,
    StackError,
    StoreError,
)
from core.records import FAILED, FALLBACK, OK
from core.sandbox import Sandbox
from core.stack import StackRun
from core.stack.file import read_stack_file
from core.stack.tick import SKIPPED, Tick
from tests.core.stack_samples import DESK, NUMBER, entry, rows, runtime, spec, stack_of

ENGINES = ("native", "sandbox")
both_engines = pytest.mark.parametrize("engine", ENGINES)
PROCEED = {
    "proceed": {"type": "boolean"},
    "reason": {"type": "string", "maxLength": 40},
}
COUNT = {"type": "integer", "minimum": 0, "maximum": 1000, "initial": 0}

LIQUID = entry(
    spec("liquid", {"volume": "number"}, PROCEED, "filter"),
    "return {'proceed': volume > 10, 'reason': 'thin' if volume <= 10 else ''}",
)
TREND = entry(
    spec("trend", {"close": "number", "ema_20": "number"}, {"gap": "number"}, "filter"),
    "return {'gap': close - ema_20}",
)
SIGNAL = entry(
    spec("buy", {"gap": "number"}, {"score": "number"}, state={"ups": COUNT}),
    "up = previous_ups + 1 if gap > 0 else 0\nreturn {'score': gap * up, 'ups': up}",
)
SHARE = entry(
    spec(
        "share",
        {"score": rows("score"), "cash": "number"},
        {"shares": rows("money")},
        "allocation",
    ),
    "good = [row for row in score if row['score'] > 0]\n"
    "return {'shares': [{'symbol': row['symbol'], 'money': cash / len(good)}"
    " for row in good]}",
)
NOTE = entry(
    spec(
        "say", {"shares": rows("money"), "close": "number"}, {"said": "number"}, "note"
    ),
    "return {'said': len(shares) + close * 0}",
)
ALL = (LIQUID, TREND, SIGNAL, SHARE, NOTE)


def bar(close: float, ema: float = 10.0, volume: float = 100.0) -> dict[str, float]:
    return {"close": close, "ema_20": ema, "volume": volume}


@both_engines
def test_a_tick_runs_every_phase_for_symbols_and_portfolio(
    engine: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    run = StackRun(stack_of(tmp_path, *ALL), runtime(engine, sandbox))
    bars = {"ETH": bar(12), "BTC": bar(11), "XRP": bar(9)}
    tick = run.tick(bars, {"cash": 100.0})
    assert list(tick) == ["BTC", "ETH", "XRP"]
    assert tick["ETH"].values["gap"] == 2.0
    assert tick["XRP"].values["score"] == 0.0
    assert tick.portfolio is not None
    assert tick.portfolio.values["shares"] == [
        {"symbol": "BTC", "money": 50.0},
        {"symbol": "ETH", "money": 50.0},
    ]
    assert tick["XRP"].values["said"] == 2
    assert tick["BTC"].proceed
    assert tick["BTC"].values["liquid.proceed"] is True
    assert tick["BTC"].versions == dict.fromkeys(
        ("liquid", "trend", "buy", "share", "say"), 1
    )


@both_engines
def test_a_false_proceed_ends_the_phase_for_that_symbol_only(
    engine: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    run = StackRun(stack_of(tmp_path, *ALL), runtime(engine, sandbox), trace=True)
    tick = run.tick({"BTC": bar(11, volume=5), "ETH": bar(12)}, {"cash": 100.0})
    thin = tick["BTC"]
    assert (thin.proceed, thin.ended_by, thin.reason) == (False, "liquid", "thin")
    assert "gap" not in thin.values
    assert thin.skipped == {"buy": "it needs gap, which was not made for BTC"}
    assert thin.values["said"] == 1, "a later phase still runs what it can"
    assert tick["ETH"].proceed
    assert tick.portfolio is not None
    assert tick.portfolio.values["shares"] == [{"symbol": "ETH", "money": 100.0}]
    assert [t.outcome for t in thin.trace] == [OK, SKIPPED, OK]


@both_engines
def test_state_is_kept_for_each_symbol_and_can_be_restored(
    engine: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    stack = stack_of(tmp_path, *ALL)
    run = StackRun(stack, runtime(engine, sandbox))
    for _ in range(3):
        run.tick({"BTC": bar(11), "ETH": bar(9)}, {"cash": 1.0})
    assert run.state == {"BTC": {"ups": 3}, "ETH": {"ups": 0}}
    again = StackRun(stack, runtime(engine, sandbox), state=run.state)
    bars = {"BTC": bar(12), "ETH": bar(12)}
    assert again.tick(bars, {"cash": 1.0})["BTC"].values["score"] == 8.0
    assert again.state == {"BTC": {"ups": 4}, "ETH": {"ups": 1}}


def test_state_is_kept_only_when_the_decision_was_committed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    seen: list[Tick] = []

    def commit(tick: Tick) -> None:
        seen.append(tick)
        if len(seen) == 2:
            raise OSError("the disk is full")

    run = StackRun(stack_of(tmp_path, *ALL), runtime("native", sandbox), commit=commit)
    run.tick({"BTC": bar(11)}, {"cash": 1.0})
    with pytest.raises(OSError, match="full"):
        run.tick({"BTC": bar(11)}, {"cash": 1.0})
    assert run.state == {"BTC": {"ups": 1}}
    assert seen[1]["BTC"].state == {"ups": 2}
    run.tick({"BTC": bar(11)}, {"cash": 1.0})
    assert [tick.number for tick in seen] == [1, 2, 2]


@both_engines
def test_a_failed_module_leaves_only_its_own_outputs_missing(
    engine: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    made = spec("buy", {"gap": "number"}, {"score": "number"}, state={"ups": COUNT})
    entries = (
        TREND,
        entry(made, "return {'score': 1 / gap, 'ups': previous_ups + 1}"),
        entry(
            spec("chase", {"score": "number"}, {"c": "number"}), "return {'c': score}"
        ),
        entry(spec("double", {"c": "number"}, {"d": "number"}), "return {'d': c * 2}"),
        entry(
            spec("stop", {"close": "number"}, {"s": "number"}), "return {'s': close}"
        ),
        entry(spec("zexit", {"gap": "number"}, {"x": "number"}), "return {'x': gap}"),
    )
    run = StackRun(stack_of(tmp_path, *entries), runtime(engine, sandbox), trace=True)
    tick = run.tick({"BTC": bar(10), "ETH": bar(12)})
    broken = tick["BTC"]
    assert broken.values == {"gap": 0.0, "s": 10.0, "x": 0.0}
    assert (broken.proceed, broken.ended_by, broken.failed) == (True, "", ("buy",))
    assert "ZeroDivisionError" in broken.faults["buy"]
    assert broken.skipped == {
        "chase": "it needs score, which was not made for BTC: buy failed",
        "double": "it needs c, which was not made for BTC: chase was skipped",
    }
    outcomes = {turn.module: turn.outcome for turn in broken.trace}
    assert outcomes.pop("buy") == FAILED
    assert outcomes == {
        "trend": OK,
        "stop": OK,
        "zexit": OK,
        "chase": SKIPPED,
        "double": SKIPPED,
    }
    assert run.state == {"BTC": {"ups": 0}, "ETH": {"ups": 1}}
    assert (tick["ETH"].values["score"], tick["ETH"].failed) == (0.5, ())


@both_engines
def test_a_fallback_is_a_value_and_still_told_in_the_decision(
    engine: str, sandbox: Sandbox, tmp_path: Path
) -> None:
    made = spec("buy", {"gap": "number"}, {"score": "number"}, fallback={"score": 0})
    safe = entry(made, "return {'score': 1 / gap}")
    run = StackRun(
        stack_of(tmp_path, TREND, safe), runtime(engine, sandbox), trace=True
    )
    decision = run.tick({"BTC": bar(10)})["BTC"]
    assert decision.values["score"] == 0
    assert decision.proceed
    assert "ZeroDivisionError" in decision.faults["buy"]
    assert decision.trace[-1].outcome == FALLBACK


@given(
    closes=st.lists(
        st.tuples(st.floats(-50, 50), st.floats(0, 30)), min_size=1, max_size=8
    )
)
def test_both_engines_decide_alike_over_any_run_of_bars(
    sandbox: Sandbox, tmp_path: Path, closes: list[tuple[float, float]]
) -> None:
    stack = stack_of(tmp_path, *ALL)
    runs = [StackRun(stack, runtime(engine, sandbox)) for engine in ENGINES]
    for close, volume in closes:
        bars = {"BTC": bar(close, volume=volume), "ETH": bar(-close)}
        native, sandboxed = (run.tick(bars, {"cash": 10.0}) for run in runs)
        for symbol in bars:
            assert native[symbol].values == sandboxed[symbol].values
            assert native[symbol].skipped == sandboxed[symbol].skipped
        assert runs[0].state == runs[1].state


def test_new_versions_are_taken_up_at_the_next_tick_and_never_inside_one(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    newer = entry(SIGNAL.spec, "return {'score': -gap, 'ups': 0}", version=2)
    stacks = [stack_of(tmp_path, *ALL), stack_of(tmp_path, *ALL[:2], newer, *ALL[3:])]
    generations = [1]

    def swap_in_the_middle(_tick: Tick) -> None:
        generations.append(2)

    run = StackRun(
        stacks[0],
        runtime("native", sandbox),
        generation=lambda: generations[-1],
        reload=lambda: stacks[1],
        commit=swap_in_the_middle,
    )
    first = run.tick({"BTC": bar(12)}, {"cash": 1.0})
    second = run.tick({"BTC": bar(12)}, {"cash": 1.0})
    assert (first["BTC"].versions["buy"], first["BTC"].values["score"]) == (1, 2.0)
    assert (second["BTC"].versions["buy"], second["BTC"].values["score"]) == (2, -2.0)
    assert (first.generation, second.generation) == (1, 2)


def test_new_versions_that_cannot_be_wired_are_told_and_not_taken_up(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    generations = iter([1, 2, 2, 2])
    stack = stack_of(tmp_path, *ALL)

    def broken() -> Any:
        return stack_of(tmp_path, SIGNAL)

    run = StackRun(
        stack,
        runtime("native", sandbox),
        generation=lambda: next(generations),
        reload=broken,
    )
    first = run.tick({"BTC": bar(12)}, {"cash": 1.0})
    assert first["BTC"].values["score"] == 2.0
    assert "needs 'gap'" in first.notes[0]
    assert run.tick({"BTC": bar(12)}, {"cash": 1.0}).notes == ()


def _asking() -> Any:
    """A new version of `buy` that needs what this run does not serve, and no state."""
    made = spec(
        "buy", {"gap": "number"}, {"score": "number"}, capabilities=["ask_model"]
    )
    return entry(made, "a = ask_model(question='?')\nreturn {'score': gap}", version=2)


@pytest.mark.parametrize("error", [BodyRefused("no body"), ConfigError("no"), None])
def test_new_versions_that_cannot_run_leave_the_old_ones_and_their_state_at_work(
    sandbox: Sandbox, tmp_path: Path, error: AszaError | None
) -> None:
    stack = stack_of(tmp_path, *ALL)
    generations = [1]

    def reload() -> Any:
        if error is not None:
            raise error
        return stack_of(tmp_path, *ALL[:2], _asking(), *ALL[3:])

    run = StackRun(
        stack,
        runtime("native", sandbox),
        generation=lambda: generations[-1],
        reload=reload,
    )
    run.tick({"BTC": bar(12)}, {"cash": 1.0})
    generations.append(2)
    told, quiet = (run.tick({"BTC": bar(12)}, {"cash": 1.0}) for _ in range(2))
    assert told.notes[0].startswith("new versions were not taken up: ")
    assert error is not None or "needs ask_model" in told.notes[0]
    assert (len(told.notes), quiet.notes) == (1, ())
    assert (quiet.generation, quiet["BTC"].versions["buy"]) == (1, 1)
    assert quiet["BTC"].state == {"ups": 3}


def test_new_versions_that_the_store_could_not_give_are_asked_for_again(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    newer = entry(SIGNAL.spec, "return {'score': -gap, 'ups': 0}", version=2)
    answers = [stack_of(tmp_path, *ALL[:2], newer, *ALL[3:]), None]
    generations = [1]

    def reload() -> Any:
        if (answer := answers.pop()) is None:
            raise StoreError("the database is away")
        return answer

    run = StackRun(
        stack_of(tmp_path, *ALL),
        runtime("native", sandbox),
        generation=lambda: generations[-1],
        reload=reload,
    )
    generations.append(2)
    first, second = (run.tick({"BTC": bar(12)}, {"cash": 1.0}) for _ in range(2))
    assert "database is away" in first.notes[0]
    assert [t["BTC"].versions["buy"] for t in (first, second)] == [1, 2]
    assert (second.generation, second.notes) == (2, ())


def test_state_that_a_new_version_cannot_use_starts_again_and_is_told(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    stack = stack_of(tmp_path, *ALL)
    old = {"BTC": {"ups": 5000, "gone": 1}}
    run = StackRun(stack, runtime("native", sandbox), state=old)
    tick = run.tick({"BTC": bar(12)}, {"cash": 1.0})
    assert tick["BTC"].state == {"ups": 1}
    assert tick.notes == ("state ups of BTC restarts", "state gone of BTC restarts")
    assert old == {"BTC": {"ups": 5000, "gone": 1}}


def test_a_missing_starting_value_is_an_error_that_names_it(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    run = StackRun(stack_of(tmp_path, *ALL), runtime("native", sandbox))
    with pytest.raises(StackError, match="BTC has no ema_20, volume"):
        run.tick({"BTC": {"close": 1.0}}, {"cash": 1.0})
    with pytest.raises(StackError, match="the portfolio has no cash"):
        run.tick({"BTC": bar(1)})


def test_the_stack_says_what_it_needs_and_how_many_bars_that_takes(
    tmp_path: Path,
) -> None:
    stack = stack_of(tmp_path, *ALL)
    assert stack.starting == ("cash", "close", "ema_20", "volume")
    assert stack.starts_for("portfolio") == {"cash"}
    assert stack.warm_up() == 20


def test_a_stack_sets_and_asks_for_starting_values_of_its_own(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    toml = (
        "[starting.limit]\nunit = 'number'\nvalue = 3\n"
        "[starting.mood]\nunit = 'number'\n"
    )
    words = replace(DESK, name="desk")
    made = spec("a", {"limit": NUMBER, "mood": NUMBER}, {"x": "number"})
    stack = stack_of(tmp_path, entry(made, "return {'x': limit + mood}"), toml=toml)
    assert stack.starting == ("mood",)
    run = StackRun(stack, runtime("native", sandbox))
    assert run.tick({"BTC": {"mood": 1.5}})["BTC"].values == {"x": 4.5}
    assert words.name == stack.file.vocabulary.name


@pytest.mark.parametrize(
    "toml, word",
    [
        ("colour = 'red'", "'colour'"),
        ("name = 'other'", "'name'"),
        ("vocabulary = 3", "'vocabulary'"),
        ("phases = []", "'phases'"),
        ("[[phases]]\nname = 'Bad Name'", r"phases\[0\].name"),
        ("[[phases]]\nname = 'scan'\neach = 'day'", r"phases\[0\].each"),
        ("[[phases]]\nname='a'\nroles=['x']\n[[phases]]\nname='a'", "phases.name"),
        (
            "[[phases]]\nname='a'\nroles=['x']\n[[phases]]\nname='b'\nroles=['x']",
            "roles",
        ),
        ("[starting.x]\nunit = 'furlong'", "starting.x.unit"),
        ("[starting.x]\nunit = 'ratio'\nvalue = 3", "starting.x.value"),
        ("[starting.x]\nunit = 'ratio'\nvalue = 1\neach = 'symbol'", "starting.x.each"),
        ("[starting.x]\nunit = 'ratio'\ncolour = 1", "starting.x.colour"),
        ("not toml at all", "cannot be read"),
    ],
)
def test_a_broken_stack_file_is_refused_with_its_key(
    tmp_path: Path, toml: str, word: str
) -> None:
    home = tmp_path / "desk"
    home.mkdir()
    (home / "stack.toml").write_text(toml)
    with pytest.raises(StackError, match=word) as refused:
        read_stack_file(home, DESK)
    assert refused.value.where == str(home / "stack.toml")
    assert refused.value.remedy


def test_a_folder_without_a_stack_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no stack"):
        read_stack_file(tmp_path / "nowhere")
