"""The source of a course: one function that passes over steps while none asks.

A step's values stand in cells, as a tick's do; what goes another way than straight on
ends the stretch before the step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.stack.fused.ask import Ask, SymbolAsk
from core.stack.fused.checks import Space, defined
from core.stack.fused.given import given_fits, readers
from core.stack.fused.layout import GONE, PASSED
from core.stack.fused.plan import Part, Plan
from core.stack.tick import PORTFOLIO


def compiled(plan: Plan, ask: Ask, trusted: set[str]) -> Any:
    """The walk of a plan whose every module runs in this process, else None."""
    steps = [turn.step for turn in plan.turns]
    if any(step.target is None for step in steps):
        return None
    space: Space = {"GONE": GONE, "PASSED": PASSED, "odd": _astray}
    lines = _Writer(plan, ask, trusted, space).lines()
    more = {"max": max, "min": min, "abs": abs}
    return defined("\n".join(lines), "walk", {**space, **more})


def _astray(*_: object) -> None:
    """A module whose turn went wrong: the step is an ordinary tick's."""


@dataclass
class _Writer:
    plan: Plan
    ask: Ask
    trusted: set[str]
    space: Space

    def lines(self) -> list[str]:
        """Source of the walk: `at` is the step at hand, `end` the first not to be read."""
        row = self._step()
        return [
            "def walk(steps, at, end, fixed, states, own, ended, values):",
            *_indented(self._before()),
            "    while at < end:",
            *_indented(_indented(row)),
            "        at += 1",
            f"    {self._return}",
        ]

    @property
    def _numbered(self) -> Iterable[tuple[int, SymbolAsk]]:
        return enumerate(self.ask.symbols)

    @property
    def _return(self) -> str:
        return f"return at, ({self._each('state')}), own"

    def _each(self, name: str) -> str:
        """One variable a symbol, between commas."""
        return "".join(f"{name}_{number}, " for number, _ in self._numbered)

    def _before(self) -> list[str]:
        """What is the same for all steps."""
        names = [f"run_{n}" for n in range(len(self.plan.parts))]
        runs = (part.run for part in self.plan.parts)
        self.space.update(zip(names, runs, strict=True))
        lines = [f"{self._each('state')}= states"]
        lines += [f"{name} = {first}" for name, (first, _) in self.ask.running.items()]
        if not self._whole_varies:
            lines.append(f"whole = {self._cell(PORTFOLIO, self.ask.shared)}")
            lines += self._fits(PORTFOLIO, "whole", self._return)
        return lines + self._first()

    def _first(self) -> list[str]:
        """What stays the same of a symbol is tested with the first row."""
        tests = [
            line
            for number, _ in self._numbered
            for line in self._fits("symbol", f"cell_{number}", self._return)
        ]
        if not tests:
            return []
        begin = [f"if at >= end: {self._return}", *self._unpacked(self._return)]
        return [*begin, *self._value(), *self._cells(), *tests]

    def _step(self) -> list[str]:
        ask = self.ask
        lines = self._unpacked("break")
        lines += [f"{name} = {each}" for name, (_, each) in ask.running.items()]
        lines += self._value()
        if ask.holds:
            lines.append(f"if not ({' and '.join(ask.holds)}): break")
        if self._whole_varies:
            lines.append(f"whole = {self._cell(PORTFOLIO, ask.shared)}")
            lines += self._fits(PORTFOLIO, "whole", "break")
        lines += self._cells()
        for number, each in self._numbered:
            cell = f"cell_{number}"
            lines += self._fits("symbol", cell, "break", but=_same(each.sources))
        lines += self._pairs()
        for number, part in enumerate(self.plan.parts):
            lines += _part(ask, number, part)
        for number, each in self._numbered:
            lines += _asked(each, f"cell_{number}")
        for number, _ in self._numbered:
            lines += _gates(ask.gates, f"cell_{number}")
        lines += self._kept()
        return [*lines, "values.append(value)"] if ask.value else lines

    def _unpacked(self, otherwise: str) -> list[str]:
        """The rows of a step, if it has just the symbols that are asked about."""
        numbers = range(len(self.ask.symbols))
        rows = [f"row_{n} = present[{n}][1]" for n in numbers]
        return [
            "present = steps[at][1]",
            f"if len(present) != {len(numbers)}: {otherwise}",
            *(f"if {other}: {otherwise}" for other in self._others()),
            *rows,
        ]

    def _others(self) -> list[str]:
        return [f"present[{n}][0] != {one.symbol!r}" for n, one in self._numbered]

    def _value(self) -> list[str]:
        return [f"value = {self.ask.value}"] if self.ask.value else []

    @property
    def _whole_varies(self) -> bool:
        """Whether the portfolio's cell has to be made anew for every step."""
        makes = any(not part.symbol for part in self.plan.parts)
        given = self.plan.layout.whole.keys() & self.ask.shared.keys()
        return makes or not given <= _same(self.ask.shared)

    def _cells(self) -> list[str]:
        return [
            f"cell_{number} = {self._cell('symbol', each.sources)}"
            for number, each in self._numbered
        ]

    def _cell(self, each: str, sources: Mapping[str, str]) -> str:
        places, blanks = (
            (self.plan.layout.whole, self.plan.whole_blank)
            if each == PORTFOLIO
            else (self.plan.layout.cell, self.plan.row_blank)
        )
        given = list(places)[: len(places) - len(blanks)]
        return f"[{', '.join([sources[n] for n in given] + ['GONE'] * len(blanks))}]"

    def _fits(
        self, each: str, cell: str, otherwise: str, but: Iterable[str] = ()
    ) -> list[str]:
        """A test of what nothing vouches for, `but` for some names."""
        whole = each == PORTFOLIO
        places = self.plan.layout.whole if whole else self.plan.layout.cell
        wanted = readers(self.plan.bound, "portfolio" if whole else "symbol")
        fits = given_fits(wanted, places, self.trusted | set(but))
        if fits is None:
            return []
        name = f"fits_{len(self.space)}"
        self.space[name] = fits
        return [f"if not {name}({cell}): {otherwise}"]

    def _pairs(self) -> list[str]:
        """Each symbol with its cell, in the order of a tick, where a portfolio reads them."""
        if all(part.symbol for part in self.plan.parts):
            return []
        ordered = sorted((each.symbol, number) for number, each in self._numbered)
        pairs = "".join(f"({symbol!r}, cell_{n}), " for symbol, n in ordered)
        return [f"pairs = ({pairs})"]

    def _kept(self) -> list[str]:
        """The states after the step."""
        plan = self.plan
        places, initial = plan.layout.cell, plan.initial_row
        lines = [
            line
            for number, _ in self._numbered
            for line in _after(f"state_{number}", f"cell_{number}", initial, places)
        ]
        return lines + _after("own", "whole", plan.initial_whole, plan.layout.whole)


def _same(sources: Mapping[str, str]) -> set[str]:
    """Names whose values are the same for all steps."""
    varying = ("row_", "value", "seen_")
    return {n for n, text in sources.items() if not any(v in text for v in varying)}


def _part(ask: Ask, number: int, part: Part) -> list[str]:
    if not part.symbol:
        return _whole_part(number, part)
    return [
        line
        for n, each in enumerate(ask.symbols)
        for line in _symbol_part(number, part, n, each.symbol)
    ]


def _symbol_part(number: int, part: Part, n: int, symbol: str) -> list[str]:
    call = f"run_{number}(cell_{n}, whole, state_{n}, {symbol!r}, odd)"
    lines = [f"if {call} is not None: break"]
    if part.needs is None:
        return lines
    by_symbol, place = part.needs
    needed = f"cell_{n}" if by_symbol else "whole"
    return [f"if {needed}[{place}] == PASSED:", *_indented(lines)]


def _whole_part(number: int, part: Part) -> list[str]:
    """A portfolio's phase; it is about the symbols that came through what it needs."""
    by_symbol, place = part.needs or (False, None)
    through = "through" if by_symbol else "pairs"
    lines = [
        f"whole[{target}] = [{{'symbol': pair[0], {name!r}: pair[1][{source}]}} "
        f"for pair in {through} if pair[1][{source}] is not GONE]"
        for name, target, source in part.rows
    ]
    lines.append(f"if run_{number}(whole, whole, own, '', odd) is not None: break")
    if place is None:
        return lines
    if not by_symbol:
        return [f"if whole[{place}] == PASSED:", *_indented(lines)]
    found = f"[pair for pair in pairs if pair[1][{place}] == PASSED]"
    return [f"through = {found}", "if through:", *_indented(lines)]


def _asked(each: SymbolAsk, cell: str) -> list[str]:
    asks = [f"({cell}[{slot}] and {cell}[{slot}] is not GONE)" for slot in each.asks]
    lines = [f"if {' or '.join(asks)}: break"] if asks else []
    for slot, stays in each.moves.items():
        lines.append(f"made = {cell}[{slot}]")
        tests = ["made is not GONE and made is not None", *_negated(stays)]
        lines.append(f"if {' and '.join(tests)}: break")
    return lines


def _negated(test: str) -> Iterator[str]:
    if test:
        yield f"not ({test})"


def _gates(gates: Iterable[tuple[int, int | None]], cell: str) -> list[str]:
    """Count the gate that ended a symbol's decision; the first that did."""
    lines: list[str] = []
    for number, (proceed, reason) in enumerate(gates):
        told = "''" if reason is None else f"str({cell}[{reason}])"
        lines += [
            f"{'el' if number else ''}if {cell}[{proceed}] is False:",
            f"    ended[{number}, {told}] = ended.get(({number}, {told}), 0) + 1",
        ]
    return lines


def _after(
    state: str, cell: str, initial: Mapping[str, Any], places: Mapping[str, int]
) -> list[str]:
    if not initial:
        return []
    kept = (
        f"{name!r}: {state}[{name!r}] if {cell}[{places[name]}] is GONE"
        f" else {cell}[{places[name]}]"
        for name in initial
    )
    return [f"{state} = {{{', '.join(kept)}}}"]


def _indented(lines: Iterable[str]) -> list[str]:
    return [f"    {line}" for line in lines]
