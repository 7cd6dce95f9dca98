"""Phases that need one another, phases that are asked, gates first in their phase."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StackError
from core.sandbox import Sandbox
from core.stack import Stack, StackRun
from core.stack.file import read_stack_file
from core.stack.order import gates_first, ordered
from core.stack.phases import default_phases, with_roles
from core.stack.tick import Tick
from core.stack.wiring import wire
from core.vocabulary import Phase
from tests.core.stack_samples import DESK, entry, rows, runtime, spec, stack_of

PROCEED = {
    "proceed": {"type": "boolean"},
    "reason": {"type": "string", "maxLength": 40},
}
COUNT = {"type": "integer", "minimum": 0, "maximum": 1000, "initial": 0}
PHASES = """
[[phases]]
name = "decide"
roles = ["signal"]
[[phases]]
name = "allocate"
each = "portfolio"
roles = ["allocation"]
needs = "decide"
[[phases]]
name = "act"
roles = ["note"]
needs = "decide"
[[phases]]
name = "account"
each = "portfolio"
roles = ["filter"]
asked = true
"""
GATE = entry(
    spec("gate", {"close": "number"}, PROCEED),
    "return {'proceed': close > 0, 'reason': '' if close > 0 else 'down'}",
)
GAP = entry(
    spec("gap", {"close": "number"}, {"gap": "number"}), "return {'gap': close}"
)
TOTAL = entry(
    spec("total", {"close": rows("close")}, {"total": "number"}, "allocation"),
    "return {'total': sum(row['close'] for row in close)}",
)
ACT = entry(
    spec("act", {"close": "number", "cash": "number"}, {"did": "number"}, "note"),
    "return {'did': close + cash}",
)
GUARD = entry(
    spec(
        "guard",
        {"volume": rows("volume"), "cash": "number"},
        {"halted": "flag"},
        "filter",
        state={"falls": COUNT},
    ),
    "falls = previous_falls + 1 if cash < 10 else 0\n"
    "return {'halted': falls > 1, 'falls': falls}",
)
ALL = (GATE, GAP, TOTAL, ACT, GUARD)


def run_of(
    folder: Path, sandbox: Sandbox, *, toml: str = PHASES, **more: Any
) -> StackRun:
    return StackRun(
        stack_of(folder, *ALL, toml=toml), runtime("native", sandbox), **more
    )


def closes(**each: float) -> dict[str, dict[str, float]]:
    return {symbol: {"close": close} for symbol, close in each.items()}


def test_a_phase_that_needs_another_runs_only_for_symbols_that_came_through(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    tick = run_of(tmp_path, sandbox).tick(closes(A=3, B=-5, C=4), {"cash": 1})
    assert tick["A"].values["did"] == 4
    assert "did" not in tick["B"].values
    assert (tick["B"].ended_by, tick["B"].skipped) == ("gate", {})
    assert tick.portfolio is not None
    assert tick.portfolio.values == {"total": 7}


def test_without_needs_every_phase_runs_for_every_symbol(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    toml = PHASES.replace('needs = "decide"', "")
    tick = run_of(tmp_path, sandbox, toml=toml).tick(closes(A=3, B=-5), {"cash": 1})
    assert tick["B"].values["did"] == -4
    assert tick.portfolio is not None
    assert tick.portfolio.values == {"total": -2}


def test_a_portfolio_phase_waits_for_a_symbol_that_came_through(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    run = run_of(tmp_path, sandbox)
    for starting in (closes(A=-1, B=-2), {}):
        tick = run.tick(starting, {"cash": 1})
        assert tick.portfolio is not None
        assert (tick.portfolio.values, tick.portfolio.skipped) == ({}, {})


def test_a_phase_is_not_run_when_the_one_it_needs_was_not(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    toml = PHASES.replace('roles = ["note"]\nneeds = "decide"', "").replace(
        'name = "act"\n', 'name = "act"\nroles = ["note"]\nneeds = "allocate"\n'
    )
    run = run_of(tmp_path, sandbox, toml=toml)
    assert "did" not in run.tick(closes(A=-1), {"cash": 1})["A"].values
    tick = run.tick(closes(A=1, B=-1), {"cash": 1})
    assert [tick[symbol].values.get("did") for symbol in "AB"] == [2, 0]


def test_a_tick_demands_only_what_its_own_phases_read(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    run = run_of(tmp_path, sandbox)
    stack = run.stack
    assert stack.starts_for("symbol") == {"close"}
    assert stack.starts_for("symbol", "account") == {"volume"}
    assert stack.starts_for("portfolio", "account") == {"cash"}
    with pytest.raises(StackError, match="A has no volume"):
        run.ask("account", {"cash": 1}, closes(A=1))
    with pytest.raises(StackError, match="the portfolio has no cash"):
        run.ask("account")


def test_an_asked_phase_runs_alone_with_its_own_state_and_is_committed(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    seen: list[Tick] = []
    run = run_of(tmp_path, sandbox, commit=seen.append)
    run.tick(closes(A=1), {"cash": 5})
    asked = [run.ask("account", {"cash": 5}) for _ in range(2)]
    assert [each.portfolio and each.portfolio.values["halted"] for each in asked] == [
        False,
        True,
    ]
    run.tick(closes(A=1), {"cash": 5})
    assert [(tick.number, tick.asked) for tick in seen] == [
        (1, ""),
        (1, "account"),
        (1, "account"),
        (2, ""),
    ]
    assert seen[0].portfolio is not None
    assert seen[0].portfolio.state == {}
    assert run.state == {"": {"falls": 2}}
    assert asked[0].decisions == {}


def test_an_answer_that_is_not_committed_leaves_the_state_as_it_was(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    def refuse(_tick: Tick) -> None:
        raise OSError("full")

    run = run_of(tmp_path, sandbox, commit=refuse)
    with pytest.raises(OSError, match="full"):
        run.ask("account", {"cash": 5})
    assert run.state == {}


def test_only_a_phase_that_is_asked_can_be_asked(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    run = run_of(tmp_path, sandbox)
    with pytest.raises(StackError, match="no phase 'decide' can be asked"):
        run.ask("decide", {"cash": 1})


@pytest.mark.parametrize(
    "old, new, word",
    [
        ('needs = "decide"', 'needs = "deicde"', r"phases\[1\].needs.*deicde"),
        ('needs = "decide"', 'needs = "act"', r"phases\[1\].needs.*act"),
        ('needs = "decide"', "needs = 3", r"phases\[1\].needs"),
        ('needs = "decide"', 'needs = ""', r"phases\[1\].needs"),
        ('needs = "decide"', 'needs = "allocate"', r"phases\[1\].needs"),
        ("asked = true", 'asked = "yes"', r"phases\[3\].asked"),
        ("asked = true", 'asked = true\nneeds = "decide"', r"phases\[3\].needs"),
        (
            'roles = ["signal"]',
            'roles = ["signal"]\nasked = true',
            r"phases\[1\].needs",
        ),
    ],
)
def test_a_phase_that_needs_what_cannot_be_is_refused_with_its_key(
    tmp_path: Path, old: str, new: str, word: str
) -> None:
    home = tmp_path / "desk"
    home.mkdir()
    (home / "stack.toml").write_text(PHASES.replace(old, new))
    with pytest.raises(StackError, match=word) as refused:
        read_stack_file(home, DESK)
    assert refused.value.remedy


def _two(made_by: str, read_by: str) -> tuple[Any, Any]:
    """A maker and a reader of `x`, in the roles given."""
    each = {"filter": rows("x"), "allocation": rows("x")}
    return (
        spec("maker", {}, {"x": "number"}, made_by),
        spec("reader", {"x": each.get(read_by, "number")}, {"y": "number"}, read_by),
    )


@pytest.mark.parametrize("roles", [("signal", "filter"), ("filter", "note")])
def test_names_do_not_pass_between_ticks_and_what_is_asked(
    tmp_path: Path, roles: tuple[str, str]
) -> None:
    phases = _phases(tmp_path)
    with pytest.raises(StackError, match=r"'reader' .* asked runs alone"):
        wire(_two(*roles), DESK, phases=phases)


def test_the_shell_may_give_to_ticks_what_an_asked_phase_made(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    toml = f"{PHASES}\n[starting.halted]\nunit = 'flag'\neach = 'portfolio'\n"
    obeys = entry(
        spec("obeys", {"halted": "flag"}, {"stands": "flag"}),
        "return {'stands': halted}",
    )
    stack = stack_of(tmp_path, GUARD, obeys, toml=toml)
    assert stack.starts_for("portfolio") == {"halted"}
    run = StackRun(stack, runtime("native", sandbox))
    run.ask("account", {"cash": 1})
    portfolio = run.ask("account", {"cash": 1}).portfolio
    assert portfolio is not None
    tick = run.tick({"A": {}}, {"halted": portfolio.values["halted"]})
    assert tick["A"].values["stands"] is True


def test_a_starting_value_of_the_portfolio_is_known_to_every_symbol(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    run = run_of(tmp_path, sandbox)
    assert run.stack.starts_for("portfolio") == {"cash"}
    assert "cash" not in run.stack.starts_for("symbol")
    tick = run.tick(closes(A=1, B=2), {"cash": 10})
    assert [tick[symbol].values["did"] for symbol in "AB"] == [11, 12]
    with pytest.raises(StackError, match="the portfolio has no cash"):
        run.tick(closes(A=1))


@st.composite
def graphs(draw: st.DrawFn) -> tuple[dict[str, set[str]], set[str]]:
    """Modules that read some before them, and which of them are gates."""
    names = [f"m{k}" for k in range(draw(st.integers(1, 8)))]
    sources = {
        name: draw(st.sets(st.sampled_from(names[:k]))) if k else set()
        for k, name in enumerate(names)
    }
    return sources, draw(st.sets(st.sampled_from(names)))


def _all_before(module: str, sources: dict[str, set[str]]) -> set[str]:
    direct = sources[module]
    return direct.union(*(_all_before(each, sources) for each in direct))


@given(graph=graphs())
def test_before_a_gate_stands_only_what_some_gate_up_to_it_needs(
    graph: tuple[dict[str, set[str]], set[str]],
) -> None:
    sources, gates = graph
    order = gates_first(ordered(sources, sources), sources, gates)
    assert sorted(order) == sorted(sources)
    seen: list[str] = []
    for place, module in enumerate(order):
        assert sources[module] <= set(order[:place])
        seen.append(module)
        if module in gates:
            so_far = gates & set(seen)
            needed = so_far.union(*(_all_before(each, sources) for each in so_far))
            assert set(seen) == needed


def test_the_gate_that_waits_for_least_comes_first_and_the_rest_last(
    tmp_path: Path,
) -> None:
    early = spec("zeta", {"close": "number"}, PROCEED)
    late = spec("alpha", {"gap": "number"}, PROCEED)
    plain = [
        spec("aaa", {"close": "number"}, {"one": "number"}),
        spec("gap", {"close": "number"}, {"gap": "number"}),
    ]
    wiring = wire([*plain, early, late], DESK)
    assert wiring.phase_of("gap").modules == ("zeta", "gap", "alpha", "aaa")


def _phases(folder: Path) -> Any:
    home = folder / "desk"
    home.mkdir(exist_ok=True)
    (home / "stack.toml").write_text(PHASES)
    return read_stack_file(home, DESK).phases


def test_a_vocabulary_declares_phases_that_need_and_are_asked() -> None:
    words = replace(
        DESK,
        phases=(
            Phase("scan"),
            Phase("decide", needs="scan"),
            Phase("allocate", "portfolio", needs="decide"),
            Phase("record", "portfolio", asked=True),
        ),
    )
    phases = default_phases(words)
    assert [(p.needs, p.asked) for p in phases] == [
        ("", False),
        ("scan", False),
        ("decide", False),
        ("", True),
    ]
    kept = with_roles(phases, {"signal", "allocation", "note"})
    assert [p.as_toml() for p in kept] == [
        {"name": "decide", "each": "symbol", "roles": ["signal"]},
        {
            "name": "allocate",
            "each": "portfolio",
            "roles": ["allocation"],
            "needs": "decide",
        },
        {"name": "record", "each": "portfolio", "roles": ["note"], "asked": True},
    ]
    wrong = replace(words, phases=(Phase("decide", needs="gone"), *words.phases[2:]))
    with pytest.raises(StackError, match="'gone' is no phase"):
        wire([], wrong)


def test_phases_written_to_a_stack_file_are_read_again_as_they_were(
    tmp_path: Path,
) -> None:
    import tomli_w

    phases = _phases(tmp_path)
    home: Path = tmp_path / "desk"
    tables = [phase.as_toml() for phase in phases]
    (home / "stack.toml").write_text(tomli_w.dumps({"phases": tables}))
    assert read_stack_file(home, DESK).phases == phases


def test_modules_of_an_asked_phase_are_part_of_the_stack(tmp_path: Path) -> None:
    stack: Stack = stack_of(tmp_path, *ALL, toml=PHASES)
    assert stack.versions == dict.fromkeys(("gate", "gap", "total", "act", "guard"), 1)
    assert stack.starting == ("cash", "close", "volume")
