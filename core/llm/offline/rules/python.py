"""Rules as bodies: short readable lines, each condition with a name.

Lines are written as the formatter would leave them; one that would be wrapped counts
as not fitting, so that the architect splits it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from core.llm.offline.rules.tree import (
    All,
    Between,
    Call,
    Choose,
    Compare,
    Either,
    Flag,
    Math,
    Name,
    Node,
    Not,
    Num,
    Number,
    Text,
    Truth,
    names_in,
)

MAX_LINES = 10
COLUMNS = 84  # what a line has under its `def`
_SHORT = 46  # a condition no longer than this needs no name of its own
_OR, _AND, _NOT, _COMPARE, _SUM, _PRODUCT, _ATOM = range(7)
_ABOVE = {">": "above", ">=": "at_least", "<": "below", "<=": "at_most"}


def python_of(node: Node) -> str:
    """A plain tree as one Python expression, with no more parentheses than needed."""
    return _source(node)[0]


def _source(node: Node) -> tuple[str, int]:
    """The expression and how tightly its outermost operator binds."""
    match node:
        case Num(value):
            return _number(value), _ATOM if value >= 0 else _PRODUCT
        case Text(value):
            return f'"{value}"', _ATOM
        case Name(name) | Flag(name):
            return name, _ATOM
        case Math(left, op, right):
            level = _SUM if op in "+-" else _PRODUCT
            return f"{_in(left, level)} {op} {_in(right, level + 1)}", level
        case Call(function, of):
            return f"{function}({', '.join(map(python_of, of))})", _ATOM
        case Choose(when, then, otherwise):
            then_text = _in(then, _OR)
            return f"{then_text} if {_in(when, _OR)} else {_in(otherwise, _OR)}", -1
        case Compare(left, op, right):
            return f"{_in(left, _SUM)} {op} {_in(right, _SUM)}", _COMPARE
        case Between(low, value, high, below):
            last = "<" if below else "<="
            parts = (_in(each, _SUM) for each in (low, value, high))
            return "{} <= {} {} {}".format(*_around(parts, last)), _COMPARE
        case Not(part):
            return f"not {_in(part, _NOT + 1)}", _NOT
        case All(parts):
            return " and ".join(_in(part, _AND + 1) for part in parts), _AND
        case Either(parts):
            return " or ".join(_in(part, _OR + 1) for part in parts), _OR
    raise TypeError(f"{type(node).__name__} is not plain")


def _around(parts: Iterable[str], last: str) -> tuple[str, str, str, str]:
    low, value, high = parts
    return low, value, last, high


def _in(node: Node, level: int) -> str:
    text, binds = _source(node)
    return text if binds >= level else f"({text})"


def _number(value: float) -> str:
    """A constant as a person writes it; whole numbers without a point."""
    return str(int(value)) if value == int(value) else repr(value)


@dataclass
class BodyWriter:
    """Writes a body line by line and knows which names are taken."""

    taken: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def let(self, name: str, value: Node) -> str:
        """A line that names a value."""
        text = python_of(value)
        if len(f"{name} = {text}") > COLUMNS:
            text = self.expression(value, COLUMNS - len(f"{name} = "))
        self.taken.add(name)
        self.lines.append(f"{name} = {text}")
        return name

    def expression(self, value: Node, room: int) -> str:
        """An expression for the value that fits `room`, naming its parts if it must."""
        text = python_of(value)
        if isinstance(value, All | Either) and len(text) > self._room(value, room):
            return self._composed(value, room)
        if isinstance(value, Choose) and len(text) > room:
            return self._chosen(value, room)
        return text

    def _chosen(self, value: Choose, room: int) -> str:
        """A choice whose condition has a name, and its first way if it must."""
        if isinstance(value.when, Flag):  # it has one already: a line of its own does
            return python_of(value)
        when = Flag(self.let(self.free(described(value.when)), value.when))
        short = Choose(when, value.then, value.otherwise)
        if len(python_of(short)) <= room:
            return python_of(short)
        then = Name(self.let(self.free("chosen"), value.then))
        return python_of(Choose(when, then, value.otherwise))

    def _room(self, value: All | Either, room: int) -> int:
        """A crossing is one condition, so it may be as long as its line."""
        crossing = "_crossed_" in described(value)
        return room if crossing else min(room, _SHORT)

    def free(self, stem: str) -> str:
        """`stem`, or `stem_2` and so on when it is taken."""
        numbered = (f"{stem}_{index}" for index in range(2, 1000))
        free = stem not in self.taken
        return stem if free else next(n for n in numbered if n not in self.taken)

    def _composed(self, value: All | Either, room: int) -> str:
        word = " and " if isinstance(value, All) else " or "
        return self._shortened([self._named(part) for part in value.parts], word, room)

    def _shortened(self, names: list[str], word: str, room: int) -> str:
        """The names joined; while that is too long, the first of them under one name."""
        while len(text := word.join(names)) > room and len(names) > 1:
            count = next(
                (n for n in range(2, len(names)) if len(word.join(names[:n])) > _SHORT),
                max(2, len(names) - 1),
            )
            first = self.free("so_far")
            self.taken.add(first)
            self.lines.append(f"{first} = {word.join(names[:count])}")
            names = [first, *names[count:]]
        return text

    def _named(self, part: Truth) -> str:
        if isinstance(part, Flag) or (
            isinstance(part, Not) and isinstance(part.part, Flag)
        ):
            return python_of(part)
        return self.let(self.free(described(part)), part)


def body_lines(
    lets: Sequence[tuple[str, Node]], results: Sequence[tuple[str, Node]]
) -> list[str]:
    """A body that sets the `lets` and returns the results by name."""
    every = [node for _, node in (*lets, *results)]
    writer = BodyWriter({*names_in(*every), *(n for n, _ in (*lets, *results))})
    for name, node in lets:
        writer.let(name, node)
    plain = {n: python_of(node) for n, node in results if isinstance(node, Name)}
    fixed = sum(len(name) + 6 + len(plain.get(name, "")) for name, _ in results)
    width = COLUMNS - len("return {}") - fixed
    room = max(width // max(1, len(results) - len(plain)), _SHORT)
    pairs = [f'"{n}": {writer.expression(node, room)}' for n, node in results]
    return [*writer.lines, *_returned(pairs)]


def _returned(pairs: Sequence[str]) -> list[str]:
    """The return as the formatter leaves it: on one line, else a line each."""
    line = f"return {{{', '.join(pairs)}}}"
    if len(line) <= COLUMNS:
        return [line]
    return ["return {", *(f"    {pair}," for pair in pairs), "}"]


def fits(lines: Sequence[str]) -> bool:
    """Would the formatter leave these lines as they are, and are they few enough?"""
    return len(lines) <= MAX_LINES and all(len(line) <= COLUMNS for line in lines)


def described(truth: Truth) -> str:
    """A local's name for a condition: `rsi_14_below`, `ema_9_crossed_up`."""
    name = _described(truth)
    return name if len(name) <= 40 else "condition"


def _described(truth: Truth) -> str:
    match truth:
        case All((Compare(left, now, _), Compare(_, before, _))) if isinstance(
            left, Name
        ) and (now, before) in ((">", "<="), ("<", ">=")):
            return f"{left.name}_crossed_{'up' if now == '>' else 'down'}"
        case Compare(left, op, Name(right)) if op in (">", "<"):
            return f"{_subject(left)}_{_ABOVE[op]}_{right}"
        case Compare(left, op, _):
            return f"{_subject(left)}_{_ABOVE.get(op, 'equal')}"
        case Between(_, value, _, _):
            return f"{_subject(value)}_in_range"
        case Not(part):
            return f"not_{_described(part)}"
        case Either(parts):
            return f"{_described(parts[0])}_or_other"
        case All(parts):
            return f"{_described(parts[0])}_and_more"
        case Flag(name):
            return name
    return "condition"


def _subject(number: Number) -> str:
    return next(iter(names_in(number)), "value")
