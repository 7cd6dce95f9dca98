"""Wiring by names: the order, and every way in which names fail to connect."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import StackError
from core.stack.wiring import OwnValue, PhasePlan, Wire, wire
from tests.core.stack_samples import DESK, rows, spec

ONE_PHASE = (PhasePlan("decide", "symbol", ("signal",)),)


@st.composite
def acyclic(draw: st.DrawFn) -> list[tuple[str, list[str]]]:
    """Modules m0..mn; each reads outputs of some before it."""
    count = draw(st.integers(1, 9))
    return [
        (
            f"m{k}",
            draw(st.lists(st.sampled_from([f"m{i}" for i in range(k)]), unique=True)),
        )
        if k
        else ("m0", [])
        for k in range(count)
    ]


def specs_of(graph: list[tuple[str, list[str]]]) -> list[Any]:
    return [
        spec(
            name,
            {f"{source}_out": "number" for source in reads},
            {f"{name}_out": "number"},
        )
        for name, reads in graph
    ]


@given(graph=acyclic(), seed=st.integers(0, 1000))
def test_every_module_follows_its_sources_whatever_order_specs_come_in(
    graph: list[tuple[str, list[str]]], seed: int
) -> None:
    specs = specs_of(graph)
    shuffled = random.Random(seed).sample(specs, len(specs))
    wiring = wire(shuffled, DESK, phases=ONE_PHASE)
    order = wiring.phases[0].modules
    assert sorted(order) == sorted(name for name, _ in graph)
    for name, reads in graph:
        assert all(order.index(source) < order.index(name) for source in reads)
        assert wiring.sources(name) == {f"{source}_out": source for source in reads}
    assert wire(specs, DESK, phases=ONE_PHASE) == wiring


def test_inputs_come_from_starting_values_outputs_and_own_state() -> None:
    first = spec("first", {"close": "number", "ema_20": "number"}, {"gap": "number"})
    second = spec(
        "second",
        {"gap": "number"},
        {"go": "flag"},
        state={"streak": {"type": "integer", "minimum": 0, "maximum": 9, "initial": 0}},
    )
    wiring = wire([second, first], DESK)
    assert wiring.starting == ("close", "ema_20")
    assert Wire("second", "previous_streak", "state") in wiring.wires
    assert wiring.sources("second")["gap"] == "first"
    assert wiring.producers == {"gap": "first", "go": "second", "streak": "second"}


@pytest.mark.parametrize(
    "specs, words",
    [
        (
            [spec("a", {}, {"x": "number"}), spec("b", {}, {"x": "number"})],
            ["'a' and 'b' both produce 'x'"],
        ),
        ([spec("a", {}, {"close": "number"})], ["'a' produces 'close'", "already"]),
        (
            [spec("a", {"clsoe": "number"}, {"x": "number"})],
            ["'a' needs 'clsoe'", "did you mean 'close'"],
        ),
        (
            [
                spec("a", {"z": "number"}, {"x": "number"}),
                spec("b", {"x": "number"}, {"y": "number"}),
                spec("c", {"y": "number"}, {"z": "number"}),
            ],
            ["circle", "a", "b", "c", "->"],
        ),
        (
            [
                spec("early", {"x": "number"}, {"y": "number"}, "filter"),
                spec("late", {}, {"x": "number"}, "signal"),
            ],
            ["'early' runs in phase 'scan'", "'late' makes only later, in 'decide'"],
        ),
        (
            [
                spec("a", {}, {"x": "flag"}),
                spec("b", {"x": "number"}, {"y": "number"}),
            ],
            ["'x' is boolean from 'a' but 'b' wants", "number"],
        ),
        (
            [spec("a", {"close": "number"}, {"x": "number"}, "allocation")],
            ["'close' is array from the stack but 'a' wants", "number"],
        ),
        (
            [spec("a", {}, {"x": "number"}), spec("a", {}, {"y": "number"})],
            ["two modules are called 'a'"],
        ),
    ],
)
def test_names_that_do_not_connect_are_an_error_that_names_them(
    specs: list[Any], words: list[str]
) -> None:
    with pytest.raises(StackError) as refused:
        wire(specs, DESK)
    for word in words:
        assert word in str(refused.value)
    assert refused.value.remedy


def test_every_clash_and_every_missing_name_is_told_at_once() -> None:
    specs = [spec("a", {"p": "number", "q": "number"}, {"x": "number"})]
    with pytest.raises(StackError, match=r"needs 'p'.*needs 'q'"):
        wire(specs, DESK)


def test_a_role_no_phase_runs_is_refused() -> None:
    with pytest.raises(StackError, match="role 'signal', which no phase"):
        wire([spec("a", {}, {"x": "number"})], DESK, phases=(PhasePlan("scan"),))


def test_proceed_and_reason_may_be_given_by_any_number_of_modules() -> None:
    outputs = {
        "proceed": {"type": "boolean"},
        "reason": {"type": "string", "maxLength": 9},
    }
    specs = [spec("a", {}, outputs, "filter"), spec("b", {}, outputs, "filter")]
    assert wire(specs, DESK).producers == {}


def test_a_portfolio_module_reads_symbols_values_as_rows() -> None:
    specs = [
        spec("score", {"close": "number"}, {"rank": "number"}),
        spec(
            "share",
            {"rank": rows("rank"), "cash": "number"},
            {"shares": rows("money")},
            "allocation",
        ),
        spec("say", {"shares": rows("money")}, {"said": "flag"}, "note"),
    ]
    wiring = wire(specs, DESK)
    assert wiring.phase_of("share").each == "portfolio"
    assert wiring.sources("say") == {"shares": "share"}


def test_a_stack_may_declare_starting_values_of_its_own() -> None:
    specs = [spec("a", {"limit": "number", "given": "number"}, {"x": "number"})]
    own = {
        "limit": OwnValue({"type": "number"}, fixed=True, value=3),
        "given": OwnValue({"type": "number"}, "symbol"),
    }
    assert wire(specs, DESK, own=own).starting == ("given",)
    clash = spec("b", {}, {"limit": "number"})
    with pytest.raises(
        StackError, match="'b' produces 'limit', which the stack declares"
    ):
        wire([clash], DESK, own=own)
