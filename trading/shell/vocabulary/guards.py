"""Stops and targets as rules: price levels from the close at which a bar would enter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from core.llm.offline.rules.python import python_of
from core.llm.offline.rules.rule import Problem, Rule
from core.llm.offline.rules.tree import Call, Math, Name, Num, Number
from core.llm.offline.rules.wording import figure, say_number
from trading.shell.vocabulary.meanings import Distance, Guard
from trading.shell.vocabulary.units import HIGHEST_PRICE

if TYPE_CHECKING:
    from trading.shell.vocabulary.assembly import Said

_KINDS: Mapping[str, tuple[str, str, str]] = {
    "stop": ("stop", "Stop", "{side}_stop_price"),
    "trailing": ("stop", "Trailing stop", "{side}_trailing_stop_price"),
    "target": ("target", "Target", "{side}_target_price"),
}
CLOSE = Name("close")
MOST = 1_000_000
"""The highest close a level above it is given for: room for the level to be a price."""


def guard_rules(said: Said, problems: list[Problem]) -> Iterator[Rule]:
    """One rule for each kind of level and side; problems where they contradict."""
    for kind in _KINDS:
        guards = [g for g in dict.fromkeys(said.all(Guard)) if g.kind == kind]
        for side in ("long", "short"):
            mine = [g for g in guards if side in sides_of(g, said)]
            if len(mine) > 1:
                quotes = " / ".join(_words(g.distance, said) for g in mine)
                problem = Problem(quotes, f"there are two of {kind}", "keep one")
                problems.append(problem)
            elif mine:
                yield from _rule(mine[0], side, said, problems)


def sides_of(guard: Guard, said: Said) -> tuple[str, ...]:
    """The sides a guard is for: those it names, else those the request trades."""
    if guard.sides == "both":
        return ("long", "short")
    return (guard.sides,) if guard.sides else said.sides


def _rule(
    guard: Guard, side: str, said: Said, problems: list[Problem]
) -> Iterator[Rule]:
    role, word, output = _KINDS[guard.kind]
    name = output.format(side=side)
    problem = _contradiction(guard, side, said)
    if problem is not None:
        problems.append(problem)
        return
    down = (side == "long") == (guard.kind != "target")
    tree, assumes = _level(guard, side, down)
    bound = _beyond(guard, name, down)
    yield Rule(
        name=name.removesuffix("_price"),
        role=role,
        intent=f"{word} for {side}s {_said(guard, down, said)}.",
        outputs={name: tree},
        schemas={name: {"unit": "price"}},
        inputs=_narrowed(guard, down),
        assumes=assumes,
        invariants=bound,
    )


def _contradiction(guard: Guard, side: str, said: Said) -> Problem | None:
    wrong = "above" if (side == "long") == (guard.kind != "target") else "below"
    explicit = guard.sides in ("long", "short") or len(said.sides) == 1
    if guard.away == wrong and explicit:
        right = "below" if wrong == "above" else "above"
        why = f"a {guard.kind} for a {side} cannot lie {wrong} the entry"
        quote = f"{_words(guard.distance, said)} {wrong} entry"
        return Problem(quote, why, f"put it {right} the entry")
    if guard.distance.measure == "multiple" and not _stopped(side, said):
        quote = _words(guard.distance, said)
        why = "a target in multiples of the risk needs a stop to measure it by"
        return Problem(quote, why, "add a stop, such as 'stop loss 2 ATR below entry'")
    return None


def _stopped(side: str, said: Said) -> bool:
    """Does the request or the spec at hand give the side a stop?"""
    guards = said.all(Guard)
    stops = [g for g in guards if g.kind == "stop" and side in sides_of(g, said)]
    return bool(stops) or f"{side}_stop_price" in said.reader.flags


def _level(guard: Guard, side: str, down: bool) -> tuple[Number, tuple[str, ...]]:
    """The level's tree and what must be so for it to be a price."""
    distance = guard.distance
    start = _start(guard, side)
    if distance.measure == "percent":
        share = Math(Num(distance.amount), "/", Num(100))
        return Math(start, "*", Math(Num(1), "-" if down else "+", share)), ()
    if distance.measure == "level":
        end = Call("min" if down else "max", (distance.level, CLOSE))
        return (end if guard.kind != "trailing" else distance.level), (
            f"0 < {python_of(distance.level)} <= {HIGHEST_PRICE:.0f}",
        )
    if distance.measure == "multiple":
        stop = Name(f"{side}_stop_price")
        risk = Math(CLOSE, "-", stop) if side == "long" else Math(stop, "-", CLOSE)
        away: Number = Math(Num(distance.amount), "*", risk)
        ordered = "{} < close" if side == "long" else "close < {}"
        room = (f"{distance.amount:g} * ({stop.name} - close) < close",) if down else ()
        return Math(CLOSE, "-" if down else "+", away), (
            ordered.format(stop.name),
            *room,
        )
    away = _away(distance)
    room = (f"{python_of(away)} < {start.name}",) if down else ()
    return Math(start, "-" if down else "+", away), room


def _start(guard: Guard, side: str) -> Name:
    if guard.kind != "trailing":
        return CLOSE
    return Name("highest_since_entry" if side == "long" else "lowest_since_entry")


def _away(distance: Distance) -> Number:
    if distance.measure == "money":
        return Num(distance.amount)
    if distance.amount == 1:
        return distance.level
    return Math(Num(distance.amount), "*", distance.level)


def _beyond(guard: Guard, name: str, down: bool) -> tuple[str, ...]:
    if guard.kind == "trailing":
        return ()
    reaches = "=" if guard.distance.measure in ("level", "atr") else ""
    return (f"{name} {'<' if down else '>'}{reaches} close",)


def _narrowed(guard: Guard, down: bool) -> dict[str, dict[str, object]]:
    """Inputs held to ranges in which the level is a price."""
    distance, found = guard.distance, dict[str, dict[str, object]]()
    if distance.measure == "atr" and isinstance(distance.level, Name):
        found[distance.level.name] = {
            "unit": "indicator",
            "minimum": 0,
            "maximum": MOST / distance.amount,
        }
    if not down and distance.measure != "level":
        found[_start(guard, "short").name] = {
            "unit": "price",
            "maximum": MOST,
        }
    return found


def money_words(amount: float, currency: str) -> str:
    """ "$100", "100 EUR"."""
    said = figure(amount)
    return f"${said}" if currency in ("", "USD") else f"{said} {currency}"


def _place(level: Number, said: Said) -> str:
    words = say_number(level, said.reader)
    return f"a price of {words}" if isinstance(level, Num) else words


def _words(distance: Distance, said: Said) -> str:
    amount = figure(distance.amount)
    return {
        "percent": f"{amount}%",
        "atr": f"{amount} times {say_number(distance.level, said.reader)}",
        "money": money_words(distance.amount, distance.currency),
        "level": f"at {_place(distance.level, said)}",
        "multiple": f"{amount}R",
    }[distance.measure]


def _said(guard: Guard, down: bool, said: Said) -> str:
    words = _words(guard.distance, said)
    plain = guard.kind == "trailing" or guard.distance.measure in ("level", "multiple")
    return words if plain else f"{words} {'below' if down else 'above'} close"
