"""Bottom-up enumeration: every distinct term of each size, smallest first.

Two terms with equal values on all rows are one (observational equivalence); the
first, which is the smallest, stays.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import LIST_OF, NUMBERS, Op, Term, build

MOST_TERMS = 24_000


class Shape(NamedTuple):
    """An operator with the kinds it takes and gives."""

    op: Op
    takes: tuple[str, ...]
    gives: str


def _arithmetic(op: Op, *, whole: str = "int") -> list[Shape]:
    mixed = [(a, b) for a in NUMBERS for b in NUMBERS]
    return [Shape(op, p, whole if p == ("int", "int") else "float") for p in mixed]


def _each(op: Op, gives: str = "") -> list[Shape]:
    return [Shape(op, (kind,), gives or kind) for kind in NUMBERS]


def _numeric(problem: Problem) -> list[Shape]:
    shapes = [*_arithmetic(ops.PLUS), *_arithmetic(ops.MINUS)]
    shapes += [*_arithmetic(ops.MULTIPLY), *_arithmetic(ops.DIVIDE, whole="float")]
    shapes += [*_arithmetic(ops.LEAST), *_arithmetic(ops.GREATEST)]
    shapes += [*_each(ops.ABSOLUTE), *_each(ops.NEGATE)]
    shapes += _whole_numbers(problem) + _curves(problem)
    return shapes


def _whole_numbers(problem: Problem) -> list[Shape]:
    whole = ("int", "int")
    shapes = [Shape(op, whole, "int") for op in (ops.FLOOR_DIVIDE, ops.REMAINDER)]
    if problem.words & {"%", "//"}:
        shapes += [s for s in _arithmetic(ops.REMAINDER) if s.takes != whole]
    if _lands_on_whole(problem) and any(
        leaf.kind in ("float", "floats", "ints") for leaf in problem.leaves
    ):
        dear = 3 if problem.kind == "float" and "round" not in problem.words else 1
        turns = [
            op._replace(cost=dear)
            for op in (ops.ROUND, ops.FLOOR, ops.CEILING, ops.TRUNCATE)
        ]
        shapes += [Shape(op, ("float",), "int") for op in turns]
    return shapes


def _lands_on_whole(problem: Problem) -> bool:
    if problem.kind == "float":
        return problem.count > 1 and all(
            value == int(value) for value in problem.target
        )
    return problem.kind in ("int", "ints", "str")


def _curves(problem: Problem) -> list[Shape]:
    if problem.kind not in ("float", "floats", "bool"):
        return []
    shapes = _each(ops.ROOT, "float")
    if problem.words & {"**", "math.log", "math.exp"} or problem.kind == "float":
        shapes += [Shape(ops.RAISE, ("float", kind), "float") for kind in NUMBERS]
        shapes += [*_each(ops.LOG, "float"), *_each(ops.EXP, "float")]
    return shapes


def _textual(problem: Problem) -> list[Shape]:
    text = [Shape(op, ("str",), "str") for op in ops.TEXT_TO_TEXT]
    return [
        *text,
        Shape(ops.JOIN_TEXT, ("str", "str"), "str"),
        Shape(ops.REPEAT_TEXT, ("str", "int"), "str"),
        Shape(ops.LENGTH, ("str",), "int"),
        Shape(ops.COUNT_TEXT, ("str", "str"), "int"),
        Shape(ops.HEAD, ("str", "int"), "str"),
        Shape(ops.TAIL, ("str", "int"), "str"),
        Shape(ops.ITEM, ("str", "int"), "str"),
        Shape(ops.WORDS, ("str",), "strs"),
        Shape(ops.JOINED, ("strs",), "str"),
        *([Shape(ops.TO_TEXT, ("int",), "str")] if problem.kind == "str" else []),
    ]


def _listed(kind: str, element: str) -> list[Shape]:
    shapes = [Shape(ops.LENGTH, (kind,), "int")]
    if element in NUMBERS:
        shapes += [Shape(op, (kind,), element) for op in ops.LIST_TO_NUMBER]
    return [
        *shapes,
        *(Shape(op, (kind,), kind) for op in ops.LIST_TO_LIST),
        Shape(ops.FIRST_ITEM, (kind,), element),
        Shape(ops.LAST_ITEM, (kind,), element),
        Shape(ops.ITEM, (kind, "int"), element),
        Shape(ops.HEAD, (kind, "int"), kind),
        Shape(ops.TAIL, (kind, "int"), kind),
        Shape(ops.JOIN_LISTS, (kind, kind), kind),
        Shape(ops.COUNT_ITEM, (kind, element), "int"),
    ]


def shapes_for(problem: Problem) -> list[Shape]:
    """The operators that can matter, given the kinds at hand."""
    kinds = {leaf.kind for leaf in problem.leaves} | {problem.kind}
    shapes = _numeric(problem)
    if kinds & {"str", "strs"}:
        shapes += _textual(problem)
    for element, kind in LIST_OF.items():
        if kind in kinds or (element == "str" and "str" in kinds):
            shapes += _listed(kind, element)
    if problem.kind == "bool" and "bool" in kinds:
        both = ("bool", "bool")
        shapes += [Shape(op, both, "bool") for op in (ops.BOTH, ops.EITHER)]
        shapes += [Shape(ops.EQUAL, both, "bool"), Shape(ops.UNEQUAL, both, "bool")]
        shapes.append(Shape(ops.OPPOSITE, ("bool",), "bool"))
    return shapes


class Pool:
    """All distinct terms so far, by kind and size."""

    def __init__(
        self, problem: Problem, steps: Steps, on_match: Callable[[Term], None]
    ) -> None:
        self.problem = problem
        self.steps = steps
        self.size = 0
        self.full = False
        self._on_match = on_match
        self._shapes = shapes_for(problem)
        self._terms: dict[str, dict[int, list[Term]]] = {}
        self._seen: set[tuple[str, object]] = set()
        self._count = 0

    def of(self, kind: str, size: int) -> Sequence[Term]:
        """Terms of one kind and exact size."""
        return self._terms.get(kind, {}).get(size, ())

    def up_to(self, size: int, kinds: Sequence[str]) -> Iterator[Term]:
        """Terms of these kinds, smallest first."""
        for exact in range(1, min(size, self.size) + 1):
            for kind in kinds:
                yield from self.of(kind, exact)

    def add(self, term: Term) -> None:
        """Keep the term unless an equal one is here already."""
        mark = (term.kind, term.values)
        if mark in self._seen or (
            None in term.values[:1]
            and not any(value is not None for value in term.values)
        ):
            return
        self._seen.add(mark)
        self._count += 1
        self._terms.setdefault(term.kind, {}).setdefault(term.size, []).append(term)
        if self.problem.matches(term):
            self._on_match(term)

    def grow(self, extra: Sequence[Term] = ()) -> None:
        """Add every term of the next size; raises OutOfSteps in the middle of one."""
        self.size += 1
        for term in extra:
            if term.size == self.size:
                self.add(term)
        if self.size == 1:
            for leaf in self.problem.leaves:
                self.add(leaf)
        for value, size in self.problem.constants:
            if size == self.size:
                self.add(self.problem.literal(value, size))
        for shape in self._shapes:
            self._apply(shape)

    def _apply(self, shape: Shape) -> None:
        room = self.size - shape.op.cost
        if len(shape.takes) == 1:
            self._unary(shape, self.of(shape.takes[0], room))
            return
        for size in range(1, room):
            left = self.of(shape.takes[0], size)
            right = self.of(shape.takes[1], room - size)
            if left and right and not self._mirrored(shape, size, room):
                self._binary(shape, left, right)

    @staticmethod
    def _mirrored(shape: Shape, size: int, room: int) -> bool:
        same_kind = shape.takes[0] == shape.takes[1]
        return shape.op.commutes and same_kind and size > room - size

    def _unary(self, shape: Shape, terms: Sequence[Term]) -> None:
        self._pay(len(terms))
        for term in terms:
            if term.used:
                self.add(build(shape.op, shape.gives, term))

    def _binary(
        self, shape: Shape, left: Sequence[Term], right: Sequence[Term]
    ) -> None:
        if shape.op.commutes and shape.takes[0] > shape.takes[1]:
            return
        twin = left is right and shape.op.commutes
        for place, first in enumerate(left):
            partners = right[place:] if twin else right
            self._pay(len(partners))
            for second in partners:
                if first.used or second.used:
                    self.add(build(shape.op, shape.gives, first, second))
            if self.full:
                return

    def _pay(self, steps: int) -> None:
        self.steps.spend(steps)
        if self._count > MOST_TERMS:
            self.full = True
