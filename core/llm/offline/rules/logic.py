"""Rules that cannot be: conditions that never hold, and ones that defeat each other.

Interval analysis: every alternative of a condition is a list of comparisons; it can
hold only if each value's bounds leave room and no pair is asked to be on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import inf
from typing import TYPE_CHECKING, Any

from core.llm.offline.rules.reading import Reading, plain_rule, reader_for
from core.llm.offline.rules.rule import Problem, Rule
from core.llm.offline.rules.tree import (
    MIRROR,
    OPPOSITE,
    All,
    Between,
    Choose,
    Compare,
    Cross,
    Either,
    Flag,
    Name,
    Not,
    Num,
    Number,
    Truth,
    walk,
)
from core.llm.offline.rules.wording import figure, say

if TYPE_CHECKING:
    from core.llm.offline.rules.reader import RuleReader
    from core.vocabulary import Vocabulary

MOST_ALTERNATIVES = 2_000
Literal_ = Compare | Flag | Not
Ranges = Mapping[str, tuple[float, float]]


def contradictions(reading: Reading, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Conditions that never hold, then pairs that defeat each other."""
    reader = reader_for(vocabulary)
    if reader is None:
        return
    yield from _conflicts(reading, vocabulary)
    for truth, plain in _conditions(reading, vocabulary):
        if not satisfiable(plain, _ranges(plain, vocabulary)):
            why = "the conditions contradict each other: they can never all hold"
            problem = Problem(say(truth, reader), why, "drop or change one of them")
            yield _beyond(truth, vocabulary, reader) or problem


def _beyond(truth: Truth, vocabulary: Vocabulary, reader: RuleReader) -> Problem | None:
    """The first comparison with a figure that its value's unit never reaches."""
    ranges = _ranges(truth, vocabulary)
    for node in walk(truth):
        match node:
            case Compare(Name(name), ">" | ">=" as op, Num(limit)):
                up, edge = True, ranges.get(name, (-inf, inf))[1]
                never = limit > edge or (op == ">" and limit == edge)
            case Compare(Name(name), "<" | "<=" as op, Num(limit)):
                up, edge = False, ranges.get(name, (-inf, inf))[0]
                never = limit < edge or (op == "<" and limit == edge)
            case Cross(Name(name), up, Num(limit)):
                edge = ranges.get(name, (-inf, inf))[1 if up else 0]
                never = limit >= edge if up else limit <= edge
            case _:
                continue
        if never:
            way = "above" if up else "below"
            why = f"{reader.say_name(name)} is never {way} {figure(edge)}"
            quote = say(node, reader)
            return Problem(quote, why, "give a figure that it can reach")
    return None


def _conditions(
    reading: Reading, vocabulary: Vocabulary
) -> Iterator[tuple[Truth, Truth]]:
    """Each condition that must be able to hold: as said, and plain."""
    for rule in reading.rules:
        yield from _truths(rule, vocabulary)
    for number, truth in enumerate(reading.possible):
        # a plain condition is the output of a plain rule: crossings need its counters
        alone = Rule(f"condition_{number}", "condition", "", {"holds": truth}, {})
        yield from _truths(alone, vocabulary)


def _truths(rule: Rule, vocabulary: Vocabulary) -> Iterator[tuple[Truth, Truth]]:
    """Each condition of a rule: as said, and plain."""
    plain = plain_rule(rule, vocabulary)
    for name, node in rule.outputs.items():
        made = plain.outputs[name]
        if _is_truth(node):
            yield node, made  # type: ignore[misc]
        pairs = zip(walk(node), walk(made), strict=False)
        for said, each in pairs:
            if isinstance(said, Choose) and isinstance(each, Choose):
                yield said.when, each.when


def _is_truth(node: Any) -> bool:
    return not isinstance(node, Number.__args__)


def _conflicts(reading: Reading, vocabulary: Vocabulary) -> Iterator[Problem]:
    flags = {
        name: (rule, plain_rule(rule, vocabulary).outputs[name])
        for rule in reading.rules
        for name in rule.outputs
    }
    for first, second in reading.exclusive:
        if first in flags and second in flags:
            (rule, one), (other, two) = flags[first], flags[second]
            if implies(one, two, vocabulary):  # type: ignore[arg-type]
                quote = f"{rule.intent} {other.intent}"
                why = f"whenever '{first}' holds, '{second}' holds too"
                yield Problem(quote, why, "make the two conditions differ")


def implies(one: Truth, two: Truth, vocabulary: Vocabulary) -> bool:
    """Does the second hold wherever the first does?"""
    both = All((one, Not(two)))
    ranges = _ranges(both, vocabulary)
    return satisfiable(one, ranges) and not satisfiable(both, ranges)


def _ranges(truth: Truth, vocabulary: Vocabulary) -> Ranges:
    """What each name's unit lets it be."""
    found: dict[str, tuple[float, float]] = {}
    for node in walk(truth):
        value = vocabulary.starting_value(node.name) if isinstance(node, Name) else None
        if value is not None:
            schema = vocabulary.unit(value.unit).schema
            low = schema.get("minimum", schema.get("exclusiveMinimum", -inf))
            found[value.name] = (low, schema.get("maximum", inf))
    return found


def satisfiable(truth: Truth, ranges: Ranges) -> bool:
    """Can the condition hold, as far as bounds of single values and pairs tell?

    A condition with too many alternatives to look at counts as one that can.
    """
    for number, literals in enumerate(_alternatives(truth, True)):
        if number >= MOST_ALTERNATIVES or _Room(ranges).admits(literals):
            return True
    return False


def _alternatives(truth: Truth, want: bool) -> Iterator[tuple[Literal_, ...]]:
    match truth:
        case Not(Flag()):
            yield (truth if want else truth.part,)  # type: ignore[misc]
        case Not(part):
            yield from _alternatives(part, not want)
        case Flag():
            yield (truth if want else Not(truth),)
        case Compare(left, op, right):
            yield (truth if want else Compare(left, OPPOSITE[op], right),)
        case Between(low, value, high, below):
            first = Compare(value, ">=", low)
            yield from _alternatives(
                All((first, Compare(value, "<" if below else "<=", high))), want
            )
        case All(parts) | Either(parts):
            every = isinstance(truth, All) == want
            yield from (_every if every else _some)(parts, want)
        case _:
            yield ()


def _every(parts: Sequence[Truth], want: bool) -> Iterator[tuple[Literal_, ...]]:
    for choice in product(*(list(_first(part, want)) for part in parts)):
        yield tuple(each for literals in choice for each in literals)


def _first(part: Truth, want: bool) -> Iterator[tuple[Literal_, ...]]:
    for number, each in enumerate(_alternatives(part, want)):
        if number > MOST_ALTERNATIVES:
            return
        yield each


def _some(parts: Sequence[Truth], want: bool) -> Iterator[tuple[Literal_, ...]]:
    for part in parts:
        yield from _alternatives(part, want)


@dataclass
class _Room:
    """Bounds of single values and orders of pairs, narrowed literal by literal."""

    ranges: Ranges
    bounds: dict[Number, tuple[float, bool, float, bool]] = field(default_factory=dict)
    pairs: dict[tuple[Number, Number], set[str]] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)

    def admits(self, literals: Sequence[Literal_]) -> bool:
        """Do all of them leave room together?"""
        return all(self._admit(literal) for literal in literals)

    def _admit(self, literal: Literal_) -> bool:
        if isinstance(literal, Compare):
            return self._compare(literal.left, literal.op, literal.right)
        flag = literal if isinstance(literal, Flag) else literal.part
        if not isinstance(flag, Flag):
            return True
        want = isinstance(literal, Flag)
        return self.flags.setdefault(flag.name, want) == want

    def _compare(self, left: Number, op: Any, right: Number) -> bool:
        if isinstance(left, Num) and isinstance(right, Num):
            return bool(_PASSES[op] & {_order(left.value, right.value)})
        if isinstance(left, Num):
            left, op, right = right, MIRROR[op], left
        if isinstance(right, Num):
            return self._bound(left, op, right.value)
        return self._pair(left, op, right)

    def _pair(self, left: Number, op: Any, right: Number) -> bool:
        if left == right:
            return "=" in _PASSES[op]
        key = (left, right)
        if (right, left) in self.pairs:
            key, op = (right, left), MIRROR[op]
        left_over = self.pairs.setdefault(key, {"<", "=", ">"}) & _PASSES[op]
        self.pairs[key] = left_over
        return bool(left_over)

    def _bound(self, value: Number, op: str, limit: float) -> bool:
        name = value.name if isinstance(value, Name) else ""
        wide = self.ranges.get(name, (-inf, inf))
        low, low_open, high, high_open = self.bounds.get(
            value, (wide[0], False, wide[1], False)
        )
        if op in (">", ">=", "==") and (limit, op == ">") > (low, low_open):
            low, low_open = limit, op == ">"
        if op in ("<", "<=", "==") and (limit, op != "<") < (high, not high_open):
            high, high_open = limit, op == "<"
        self.bounds[value] = (low, low_open, high, high_open)
        point = low == high and not (low_open or high_open)
        return point if low >= high else True


_PASSES: Mapping[str, frozenset[str]] = {
    "<": frozenset("<"), "<=": frozenset("<="), ">": frozenset(">"),
    ">=": frozenset(">="), "==": frozenset("="), "!=": frozenset("<>"),
}  # fmt: skip


def _order(left: float, right: float) -> str:
    return "=" if left == right else "<" if left < right else ">"
