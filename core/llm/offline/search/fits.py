"""Exact linear fits: a target as a short sum of coefficients times small terms.

Coefficients must be numbers a person would write; a fit that needs as many numbers
as there are examples explains nothing and is not taken.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Op, Term, build

Matrix = list[list[float]]


def solve(columns: Sequence[Sequence[float]], wanted: Sequence[float]) -> list[float]:
    """Least squares by normal equations; [] when the columns are dependent."""
    size = len(columns)
    table: Matrix = [
        [sum(map(float.__mul__, left, right)) for right in columns]
        + [sum(map(float.__mul__, left, wanted))]
        for left in columns
    ]
    for place in range(size):
        pivot = max(range(place, size), key=lambda row: abs(table[row][place]))
        scale = max((abs(value) for value in table[pivot][:size]), default=0.0)
        if scale < 1e-9 or abs(table[pivot][place]) < 1e-9 * scale:
            return []
        table[place], table[pivot] = table[pivot], table[place]
        for row in range(size):
            if row != place:
                _eliminate(table, row, place)
    return [table[place][size] / table[place][place] for place in range(size)]


def _eliminate(table: Matrix, row: int, place: int) -> None:
    factor = table[row][place] / table[place][place]
    table[row] = [
        value - factor * other
        for value, other in zip(table[row], table[place], strict=True)
    ]


def _close(
    columns: Sequence[Sequence[float]], found: Sequence[float], wanted: Sequence[float]
) -> bool:
    """True when the fit goes through every point."""
    return bool(found) and all(
        math.isclose(
            sum(map(float.__mul__, row, found)), value, rel_tol=1e-6, abs_tol=1e-6
        )
        for row, value in zip(zip(*columns, strict=True), wanted, strict=True)
    )


def nice(value: float) -> Fraction | None:
    """The short fraction or decimal this coefficient stands for, or None."""
    for limit in (1, 2, 10, 100, 1000):
        near = Fraction(value).limit_denominator(limit)
        if math.isclose(near, value, rel_tol=1e-7, abs_tol=1e-9):
            return near
    near = Fraction(str(float(f"{value:.6g}")))
    return near if math.isclose(near, value, rel_tol=1e-8, abs_tol=1e-9) else None


def weight(value: Fraction) -> float:
    """How much a coefficient says: 0 for 1, more for longer numbers."""
    if value == 1:
        return 0
    digits = len(str(abs(value.numerator)).strip("0")) + len(str(value.denominator)) - 1
    return 1 + 0.5 * max(0, digits - 1)


def features(terms: Iterator[Term], count: int, most: int = 20) -> list[Term]:
    """Distinct numeric terms worth a coefficient: inputs, products, then the rest."""
    kept = [
        term
        for term in terms
        if term.used
        and all(value is not None for value in term.values[:count])
        and not _scaled(term)
    ]
    return sorted(kept, key=_plainness)[:most]


def _plainness(term: Term) -> int:
    if term.op is None:
        return 0
    twins = len(set(map(id, term.args))) < len(term.args)
    if term.op.name == "*":
        return 1
    return 2 if term.op.name == "/" and not twins else 3


def _scaled(term: Term) -> bool:
    """True for a term a coefficient or an intercept makes from a smaller one."""
    linear = term.op is not None and term.op.name in ("+", "-", "*", "/", "negate")
    if not linear:
        return False
    return term.op.name in ("+", "-", "negate") or any(  # type: ignore[union-attr]
        arg.constant for arg in term.args
    )


def fits(
    problem: Problem,
    terms: Sequence[Term],
    mask: int,
    steps: Steps,
    most: int = 3,
    spare: int = 0,
) -> Iterator[tuple[Term, float]]:
    """Terms that give the masked examples, by number of coefficients.

    With each comes the surplus of bits the other examples confirm it by.

    At least `spare` examples more than coefficients must agree.
    """
    places = [place for place in range(problem.count) if mask >> place & 1]
    wanted = [float(problem.target[place]) for place in places]
    columns = [[float(term.values[place]) for place in places] for term in terms]
    bits = sum(math.log2(2 + abs(value)) for value in wanted) / len(wanted)
    ones = [1.0] * len(places)
    for count in range(1, most + 1):
        for chosen in itertools.combinations(range(len(terms)), count):
            for intercept in (False, True):
                size = count + intercept
                if size + spare > len(places):
                    continue
                steps.spend(1)
                used = [columns[index] for index in chosen]
                matrix = [*used, ones] if intercept else used
                found = solve(matrix, wanted)
                if not _close(matrix, found, wanted):
                    continue
                parts = [terms[index] for index in chosen]
                tried = math.comb(chosen[-1] + 1, count)
                surplus = (len(places) - size) * bits - math.log2(tried)
                for term in _term(problem, parts, found, len(places), intercept):
                    yield term, surplus


def _term(
    problem: Problem,
    parts: Sequence[Term],
    found: Sequence[float],
    rows: int,
    intercept: bool,
) -> Iterator[Term]:
    exact = [nice(value) for value in found]
    if not exact or None in exact or 0 in exact[: len(parts)]:
        return
    known = [value for value in exact if value is not None]
    if intercept and known[-1] == 0:
        return
    if len(known) == rows and sum(map(weight, known)) > 1.5 * rows:
        return
    offset = known[-1] if intercept else Fraction(0)
    pairs = list(zip(known, parts, strict=False))
    yield _whole(problem, pairs, offset) or combine(problem, pairs, offset)


def _whole(
    problem: Problem, parts: Sequence[tuple[Fraction, Term]], offset: Fraction
) -> Term | None:
    """For whole results of whole inputs: the sum over one denominator, by `//`."""
    common = math.lcm(*(factor.denominator for factor, _ in parts), offset.denominator)
    whole = all(term.kind == "int" for _, term in parts)
    if problem.kind != "int" or not whole or common == 1:
        return None
    total = combine(problem, [(f * common, t) for f, t in parts], offset * common)
    return build(ops.FLOOR_DIVIDE, "int", total, problem.literal(common))


def combine(
    problem: Problem, parts: Sequence[tuple[Fraction, Term]], offset: Fraction
) -> Term:
    """The sum as a term, written the way a person would."""
    (factor, only), *others = parts
    if not others and offset and factor != 1 and (offset / factor).denominator == 1:
        shift = offset / factor
        if weight(abs(shift)) <= weight(abs(offset)) and abs(offset) != 1:
            return _scale(problem, factor, _shift(problem, only, shift))
    ordered = sorted(parts, key=lambda part: part[0] < 0)
    total = _scale(problem, *ordered[0])
    start: Fraction = offset
    if ordered[0][0] < 0 and offset > 0:
        first = _number(problem, offset)
        total = _join(first, _scale(problem, -ordered[0][0], ordered[0][1]), ops.MINUS)
        start = Fraction(0)
    for factor, term in ordered[1:]:
        sign = ops.PLUS if factor > 0 else ops.MINUS
        total = _join(total, _scale(problem, abs(factor), term), sign)
    return _shift(problem, total, start)


def _join(left: Term, right: Term, op: Op) -> Term:
    kind = "int" if left.kind == right.kind == "int" else "float"
    return build(op, kind, left, right)


def _number(problem: Problem, value: Fraction) -> Term:
    plain = int(value) if value.denominator == 1 else float(value)
    return problem.literal(plain, 1)


def _shift(problem: Problem, term: Term, offset: Fraction) -> Term:
    if not offset:
        return term
    sign = ops.PLUS if offset > 0 else ops.MINUS
    return _join(term, _number(problem, abs(offset)), sign)


def _scale(problem: Problem, factor: Fraction, term: Term) -> Term:
    if factor == 1:
        return term
    if factor == -1:
        return build(ops.NEGATE, term.kind, term)
    if factor.denominator == 1 or _decimal(factor):
        return _join(_number(problem, factor), term, ops.MULTIPLY)
    top = term
    if factor.numerator != 1:
        top = _join(_number(problem, Fraction(factor.numerator)), term, ops.MULTIPLY)
    return build(
        ops.DIVIDE, "float", top, _number(problem, Fraction(factor.denominator))
    )


def _decimal(value: Fraction) -> bool:
    """True when the number ends after a few decimals."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
