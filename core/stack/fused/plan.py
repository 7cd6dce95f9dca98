"""A stack compiled for the fast tick: one function a phase, and where its names stand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core.native import compile_native
from core.stack.bind import Bound, Stage, Step
from core.stack.fused.checks import Schema, Space, checker, defined
from core.stack.fused.flow import unsure_names
from core.stack.fused.given import given_fits, readers
from core.stack.fused.layout import GONE, Layout, blank
from core.stack.fused.source import Known, PhaseWriter, answer_source, asking, previous
from core.stack.fused.walk import Drive, driver
from core.wrapper import copied

Cell = list[Any]
Odd = Callable[[int, str, tuple[Any, ...]], dict[str, Any] | None]
PhaseCall = Callable[[Cell, Cell, Mapping[str, Any], str, Odd], int | None]


@dataclass(frozen=True, slots=True)
class Part:
    """One phase ready to run; `needs` is (is it in the symbol's cell?, its place)."""

    stage: Stage
    run: PhaseCall
    symbol: bool
    end: int
    needs: tuple[bool, int] | None
    rows: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One module, as its bound call gives it; `fits` judges what that answered."""

    step: Step
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """Everything a fast tick needs, made once for each generation of a stack.

    `row_fits` and `whole_fits` judge what the caller gives and nothing vouches for;
    `initial_row` and `initial_whole` are the states before the first tick.
    """

    bound: Bound
    layout: Layout
    parts: tuple[Part, ...]
    turns: tuple[Turn, ...]
    row_fits: Callable[[Cell], bool] | None
    whole_fits: Callable[[Cell], bool] | None
    row_blank: Cell
    whole_blank: Cell
    row_size: int
    whole_size: int
    drive: Drive
    remembers: bool
    initial_row: Mapping[str, Any]
    initial_whole: Mapping[str, Any]

    def state_of(self, each: str, kept: Mapping[str, Any] | None) -> Mapping[str, Any]:
        """The state before a tick: what was kept, else what modules begin with."""
        initial = self.initial_row if each == "symbol" else self.initial_whole
        if not kept or not initial:
            return initial
        return {name: kept.get(name, value) for name, value in initial.items()}

    def state_after(
        self, each: str, cell: Cell, before: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The state after a tick: what was made, else what it was before."""
        places = self.layout.cell if each == "symbol" else self.layout.whole
        return {
            name: value if cell[places[name]] is GONE else cell[places[name]]
            for name, value in before.items()
        }


def plan_of(
    bound: Bound,
    layout: Layout,
    given: Mapping[str, tuple[str, ...]],
    trusted: set[str],
) -> Plan:
    """Compile the ticked phases of a bound stack; `trusted` values are not tested."""
    steps = [step for stage in bound.ticked.stages for step in stage.steps]
    wanted = {each: readers(bound, each) for each in ("symbol", "portfolio")}
    parts = tuple(_parts(bound, layout, wanted))
    row_fits = given_fits(wanted["symbol"], layout.cell, trusted)
    return Plan(
        bound=bound,
        layout=layout,
        parts=parts,
        turns=tuple(_turn(bound, step) for step in steps),
        row_fits=row_fits,
        whole_fits=given_fits(wanted["portfolio"], layout.whole, trusted),
        row_blank=blank(layout.cell, len(given["symbol"])),
        whole_blank=blank(layout.whole, len(given["portfolio"])),
        row_size=len(layout.cell),
        whole_size=len(layout.whole),
        drive=driver(parts, row_fits),
        remembers=any(bound.ticked.initial.values()),
        initial_row=bound.ticked.initial["symbol"],
        initial_whole=bound.ticked.initial["portfolio"],
    )


def _turn(bound: Bound, step: Step) -> Turn:
    space: Space = {}
    contract = bound.stack.entries[step.module].spec.contract
    return Turn(step, defined(answer_source(contract, space), "fits", space))


def _parts(
    bound: Bound, layout: Layout, wanted: Mapping[str, Mapping[str, list[Schema]]]
) -> Iterable[Part]:
    needed = {stage.phase.needs for stage in bound.ticked.stages}
    for at, stage in enumerate(bound.ticked.stages):
        if stage.steps or stage.phase.name in needed:
            yield _part(bound, layout, wanted, at)


def _part(
    bound: Bound,
    layout: Layout,
    wanted: Mapping[str, Mapping[str, list[Schema]]],
    at: int,
) -> Part:
    stage = bound.ticked.stages[at]
    symbol = stage.phase.each == "symbol"
    places = layout.cell if symbol else layout.whole
    rows = tuple((n, layout.whole[f"@{n}"], layout.cell[n]) for n in stage.rows)
    end = places[f"#{stage.phase.name}"]
    run = _compiled(bound, layout, wanted, at)
    return Part(stage, run, symbol, end, _needs(stage, layout), rows)


def _needs(stage: Stage, layout: Layout) -> tuple[bool, int] | None:
    key = f"#{stage.phase.needs}"
    if not stage.phase.needs:
        return None
    return (
        (True, layout.cell[key]) if key in layout.cell else (False, layout.whole[key])
    )


def _compiled(
    bound: Bound,
    layout: Layout,
    wanted: Mapping[str, Mapping[str, list[Schema]]],
    at: int,
) -> PhaseCall:
    stages = bound.ticked.stages
    contracts = {
        step.module: bound.stack.entries[step.module].spec.contract
        for stage in stages
        for step in stage.steps
    }
    numbers = {module: number for number, module in enumerate(contracts)}
    native = {s.module: s.target for s in stages[at].steps if s.target is not None}
    space: Space = {"GONE": GONE, "copied": copied, "asking": asking}
    for module, target in native.items():
        body = compile_native(target.source, target.name)
        space[f"body_{numbers[module]}"] = body
    fixed = {f"F_{name}": value for name, value in bound.fixed.items()}
    known = Known(
        places=_where(stages[at], bound, layout),
        made=_made(stages, at, contracts),
        checked=_checked(stages[at], bound, wanted),
        unsure=unsure_names(stages, at, contracts),
    )
    cells = layout.cell if stages[at].phase.each == "symbol" else layout.whole
    writer = PhaseWriter(stages[at], contracts, numbers, native, known, cells, space)
    run: PhaseCall = defined(writer.source(), "phase", {**fixed, **space})
    return run


def _where(stage: Stage, bound: Bound, layout: Layout) -> dict[str, str]:
    """Source that loads each name a phase may read."""
    whole = {name: f"whole[{place}]" for name, place in layout.whole.items()}
    fixed = {name: f"F_{name}" for name in bound.fixed}
    if stage.phase.each == "symbol":
        own = {name: f"cell[{place}]" for name, place in layout.cell.items()}
    else:
        own = {name: f"cell[{layout.whole[f'@{name}']}]" for name in stage.rows}
    kept = [previous(step) for step in stage.steps]
    return {**fixed, **whole, **own, **{k: v for each in kept for k, v in each.items()}}


def _made(
    stages: tuple[Stage, ...], at: int, contracts: Mapping[str, Any]
) -> dict[str, Schema]:
    """Schemas of what earlier phases made in the same cells."""
    return {
        name: schema
        for stage in stages[:at]
        if stage.phase.each == stages[at].phase.each
        for step in stage.steps
        for name, schema in contracts[step.module].result_schemas.items()
    }


def _checked(
    stage: Stage, bound: Bound, wanted: Mapping[str, Mapping[str, list[Schema]]]
) -> set[str]:
    """Names tested before the phase, or fixed and right for every reader of it."""
    names = set(wanted["portfolio"])
    if stage.phase.each == "symbol":
        names |= set(wanted["symbol"])
    for name, value in bound.fixed.items():
        schemas = [
            contract.inputs[name]
            for step in stage.steps
            if name
            in (contract := bound.stack.entries[step.module].spec.contract).inputs
        ]
        if checker(schemas)(value):
            names.add(name)
    return names - set(stage.rows)
