"""Modules that do and fail in every way a fast tick must tell as the ordinary one does."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from core.library import Module
from core.records import Memory
from core.stack import Stack
from core.stack.fused import FusedRun
from core.stack.tick import Decision, Tick
from core.wrapper import Runtime
from tests.core.stack_samples import entry, rows, spec

PROCEED = {
    "proceed": {"type": "boolean"},
    "reason": {"type": "string", "maxLength": 40},
}
SMALL = {"type": "integer", "minimum": 0, "maximum": 3, "initial": 0}
WORDS = {"type": "string", "enum": ["long", "short", "none"]}
MAYBE = {"type": ["number", "null"], "minimum": -100, "maximum": 100}
PRICE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1000}
LIMIT = "[starting.limit]\nunit = 'number'\nvalue = 3\n"


def _made(
    name: str, role: str, given: Any, gives: Any, body: str, **more: Any
) -> Module:
    return entry(spec(name, given, gives, role, **more), body)


_N = "number"
MODULES: tuple[Module, ...] = (
    _made(
        "liquid",
        "filter",
        {"volume": _N},
        PROCEED,
        "return {'proceed': volume > 10, 'reason': 'thin' if volume <= 10 else ''}",
    ),
    _made("base", "filter", {"close": _N}, {"base": _N}, "return {'base': close * 2}"),
    _made("inv", "filter", {"close": _N}, {"inv": _N}, "return {'inv': 1 / close}"),
    _made(
        "share_of",
        "filter",
        {"volume": PRICE},
        {"part": {"unit": "ratio"}},
        "return {'part': 1 / volume}",
        fallback={"part": 0.5},
    ),
    _made(
        "gap",
        "signal",
        {"base": _N, "ema_20": _N},
        {"gap": _N},
        "return {'gap': base - ema_20}",
        assumes=["base >= ema_20 - 30"],
        invariants=["gap <= base or ema_20 < 0"],
    ),
    _made(
        "streak",
        "signal",
        {"gap": _N},
        {"up": {"type": "boolean"}},
        "return {'up': gap > 0, 'ups': previous_ups + 1 if gap > 0 else 0}",
        state={"ups": SMALL},
        fallback={"up": False},
    ),
    _made(
        "downs",
        "signal",
        {"gap": _N},
        {"down": {"type": "boolean"}},
        "return {'down': gap < 0, 'fell': previous_fell + 1 if gap < 0 else 0}",
        state={"fell": SMALL},
    ),
    _made(
        "word",
        "signal",
        {"gap": _N, "up": {"unit": "flag"}},
        {"signal": WORDS},
        "return {'signal': 'long' if up else 'short' if gap < -5 else 'none'}",
    ),
    _made(
        "maybe",
        "signal",
        {"inv": _N},
        {"maybe": MAYBE},
        "return {'maybe': inv if inv > 0 else None}",
    ),
    _made(
        "gate",
        "signal",
        {"part": {"unit": "ratio"}},
        {"proceed": {"type": "boolean"}},
        "return {'proceed': part > 0.05}",
    ),
    _made(
        "pair",
        "signal",
        {"base": _N, "inv": _N},
        {"pair": {"unit": "numbers"}},
        "return {'pair': [base, inv]}",
        invariants=["all(x <= 1e6 for x in pair)"],
    ),
    _made(
        "same",
        "signal",
        {"pair": {"unit": "numbers"}},
        {"again": {"unit": "numbers"}, "total": _N},
        "return {'again': pair, 'total': sum(pair)}",
    ),
    _made(
        "keys",
        "signal",
        {"ema_20": _N},
        {"key": _N},
        "return {'key': 1.0, 'more': 2} if ema_20 > 15 else {'key': ema_20}",
    ),
    _made(
        "whole",
        "signal",
        {"volume": _N, "limit": _N},
        {"count": {"unit": "count"}},
        "return {'count': volume if volume > 15 else int(volume) + limit}",
    ),
    _made(
        "huge",
        "signal",
        {"close": _N},
        {"huge": _N},
        "return {'huge': 1e308 * 10 if close > 20 else True if close < 0 else close}",
        fallback={"huge": 1},
    ),
    _made(
        "text",
        "signal",
        {"close": _N},
        {"said": {"type": "string", "minLength": 1, "maxLength": 3}},
        "return {'said': 'äöü' if close > 10 else 'xxxxxx'[: int(close)]}",
    ),
    _made(
        "cash_gate",
        "allocation",
        {"cash": _N},
        PROCEED,
        "return {'proceed': cash > 5, 'reason': 'poor', 'asks': previous_asks + 1}",
        state={"asks": {**SMALL, "maximum": 1000}},
    ),
    _made(
        "mean",
        "allocation",
        {"gap": rows("gap"), "cash": _N},
        {"mean": _N},
        "return {'mean': sum([row['gap'] for row in gap]) / len(gap) + cash}",
    ),
    _made(
        "shares",
        "allocation",
        {"close": rows("close"), "mean": _N},
        {"shares": rows("x")},
        "return {'shares': [{'symbol': r['symbol'], 'x': r['close']} for r in close]}",
        fallback={"shares": []},
    ),
    _made(
        "note",
        "note",
        {"mean": _N, "close": _N, "limit": _N},
        {"noted": _N},
        "return {'noted': mean + close + limit}",
    ),
    _made(
        "last",
        "note",
        {"signal": WORDS, "total": _N},
        {"last": {"type": "string", "maxLength": 10}},
        "return {'last': signal + str(int(total > 0))}",
    ),
    _made(
        "end",
        "note",
        {"shares": rows("x"), "down": {"unit": "flag"}},
        {"proceed": {"type": "boolean"}},
        "return {'proceed': len(shares) > 1 and down}",
    ),
)
BY_NAME = {module.spec.name: module for module in MODULES}


def with_sources(names: Iterable[str]) -> list[Module]:
    """These modules and all that make what they read."""
    makers = {
        name: module.spec.name
        for module in MODULES
        for name in module.spec.contract.results
        if name not in PROCEED
    }
    wanted, found = [*names], dict[str, Module]()
    while wanted:
        module = BY_NAME[wanted.pop()]
        found[module.spec.name] = module
        reads = module.spec.contract.inputs
        wanted += [makers[n] for n in reads if n in makers and makers[n] not in found]
    return list(found.values())


def quarantined(module: Module) -> Module:
    """The module, not to be run."""
    return replace(module, quarantined="it is odd")


def phases(needs: Iterable[str]) -> str:
    """The desk's four phases; `needs` says of all but the first what each needs."""
    table = [("scan", "symbol", "filter", "")]
    rest = (
        ("decide", "symbol", "signal"),
        ("allocate", "portfolio", "allocation"),
        ("record", "symbol", "note"),
    )
    table += [(*about, need) for about, need in zip(rest, needs, strict=True)]
    return "".join(
        f'[[phases]]\nname = "{name}"\neach = "{each}"\nroles = ["{role}"]\n'
        + (f'needs = "{need}"\n' if need else "")
        for name, each, role, need in table
    )


NEEDS = st.tuples(
    st.sampled_from(["", "scan"]),
    st.sampled_from(["", "scan", "decide"]),
    st.sampled_from(["", "scan", "decide", "allocate"]),
)
"""What each phase of the sample stack after the first may need."""


def swapping(first: Stack, second: Stack) -> tuple[FusedRun, Callable[[], None]]:
    """A fast run of one stack, and what makes the other live."""
    generations = [1]
    run = FusedRun(
        first,
        Runtime(Memory(10_000), engine="native"),
        sample=lambda _: float("inf"),
        generation=lambda: generations[-1],
        reload=lambda: second,
    )
    return run, lambda: generations.append(2)


def fed(run: FusedRun, starting: Any, portfolio: Any) -> Tick:
    """A fast tick given by name."""
    row = {
        symbol: tuple(values[name] for name in run.symbol_names)
        for symbol, values in starting.items()
    }
    shared = tuple(portfolio[name] for name in run.portfolio_names)
    return run.tick_rows(row, shared).as_tick()


def shown(tick: Tick) -> list[str]:
    """All that a tick says, so that 1 and 1.0 differ."""
    every: list[Decision | None] = [*tick.values(), tick.portfolio]
    about = [f"{tick.number} {tick.generation} {tick.notes}"]
    return about + [_decision(each) for each in every if each]


def _decision(made: Decision) -> str:
    tables = made.values, made.state, made.faults, made.skipped, made.versions
    names = [repr(sorted(table.items())) for table in tables]
    ended = made.symbol, made.proceed, made.ended_by, made.reason, made.failed
    return f"{ended} {' '.join(names)}"
