"""The bounds of operators: what two values joined by one may give at most."""

import ast
from dataclasses import dataclass, field
from typing import Any

from core.body.values import (
    FLOAT,
    INF,
    MAX_BITS,
    MAX_SIZE,
    QUICK,
    REAL,
    Span,
    Value,
    bits,
    corners,
    hull,
    join,
    text,
)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit that may be passed; `sure` when the literals alone pass it."""

    reason: str
    line: int
    sure: bool = False


@dataclass(slots=True)
class Reading:
    """What reading a body found."""

    limits: list[Limit] = field(default_factory=list)
    formats: list[int] = field(default_factory=list)


class OperatorBounds:
    """Reads operators; keeps what was found, and what it all costs."""

    def __init__(self) -> None:
        self.found = Reading()
        self.cost = 0.0
        self.least = 1.0
        self.line = 2

    def limit(self, reason: str, line: int | None = None, sure: bool = False) -> None:
        known = Limit(reason, max(1, (line or self.line) - 1), sure)
        if known not in self.found.limits:
            self.found.limits.append(known)

    def binary(self, op: ast.operator, left: Value, right: Value) -> Value:
        match op:
            case ast.Add():
                return self.add(left, right)
            case ast.Mult():
                return join(self.repeat(left, right), self.multiply(left, right))
            case ast.Mod():
                if left.text:
                    self.found.formats.append(max(1, self.line - 1))
                    return join(text(MAX_SIZE), _remainder(left, right))
                return _remainder(left, right)
            case ast.Pow():
                return self.power(left, right)
            case ast.Sub():
                mirrored = Value(mirror(right.whole), mirror(right.real))
                return self.add(Value(left.whole, left.real), mirrored)
            case ast.FloorDiv():
                real = FLOAT if left.real or right.real else None
                high = max((abs(e) for e in left.whole or (0,)), default=0)
                return Value((-high - 1, high) if left.whole else None, real)
            case ast.Div():
                return REAL
        whole = hull(left.whole, right.whole, (-1, 1)) or (0, 0)
        high = max(map(abs, whole))
        return Value((-high * 2, high * 2))

    def add(self, left: Value, right: Value) -> Value:
        length = None
        if left.length is not None and right.length is not None:
            length = left.length + right.length
            self.cost += length / QUICK
        whole = _sum(left.whole, right.whole)
        real = _sum(left.span, right.span) if left.real or right.real else None
        items = [v.item for v in (left, right) if v.item]
        item = join(*items) if items and length is not None else None
        return Value(whole, real, length, item, left.text and right.text)

    def multiply(self, left: Value, right: Value) -> Value:
        whole = None
        if left.whole and right.whole:
            if bits(left.whole) + bits(right.whole) > MAX_BITS:
                self.limit(f"a whole number may have over {MAX_BITS} bits")
                whole = FLOAT
            else:
                whole = corners(_whole_product, left.whole, right.whole)
        real = None
        if left.real or right.real:
            real = corners(_float_product, left.span, right.span)
        return Value(whole, real)

    def repeat(self, left: Value, right: Value) -> Value | None:
        for held, count in ((left, right), (right, left)):
            if held.length is None or count.whole is None:
                continue
            low, high = count.whole
            if low > MAX_SIZE:
                self.limit(f"it repeats {low:_} times", sure=True)
            if not held.length or high <= 0:
                return Value(length=0, item=held.item, text=held.text)
            length = INF if bits(count.whole) > 64 else held.length * max(1, high)
            inside = held.item.weight if held.item else 1
            if length * inside > MAX_SIZE:
                self.limit(f"a repetition may hold over {MAX_SIZE:_} values")
            self.cost += min(length, MAX_SIZE) / QUICK
            return Value(length=min(length, MAX_SIZE), item=held.item, text=held.text)
        return None

    def power(self, base: Value, exponent: Value) -> Value:
        real = FLOAT if base.real or exponent.real else None
        if not base.whole or not exponent.whole:
            return Value(real=FLOAT)
        low, high = exponent.whole
        literal = low == high >= 0 and base.whole[0] == base.whole[1] and not real
        if literal and bits(base.whole) * high <= MAX_BITS:
            exact = base.whole[0] ** low
            return Value((exact, exact))
        large = max(map(abs, base.whole)) > 1
        if low > MAX_BITS and large and (base.real is None or low > 10**6):
            self.limit(f"it raises to the power of {low:_}", sure=True)
        if large and (high <= 0 or bits(base.whole) * high <= MAX_BITS):
            top = max(map(abs, base.whole)) ** max(0, int(high))
            return Value((-top, top), FLOAT if low < 0 else real)
        if not large:
            return Value((-1, 1), FLOAT if low < 0 else real)
        self.limit(f"a power may have over {MAX_BITS} bits")
        return Value(FLOAT, FLOAT)


def mirror(span: Span | None) -> Span | None:
    return (-span[1], -span[0]) if span else None


def _sum(one: Span | None, other: Span | None) -> Span | None:
    return _plus(one, other) if one and other else None


def _plus(one: Span, other: Span) -> Span:
    return _edge(one[0], other[0], -INF), _edge(one[1], other[1], INF)


def _edge(a: Any, b: Any, out: float) -> Any:
    try:
        total = a + b
    except OverflowError:
        return out
    return out if total != total else total


def _whole_product(a: Any, b: Any) -> Any:
    """A product of edges; one too large for a float beside a float is infinite."""
    try:
        return a * b
    except OverflowError:
        return INF if (a > 0) == (b > 0) else -INF


def _float_product(a: Any, b: Any) -> float:
    try:
        return float(a) * float(b)
    except OverflowError:
        return float("nan")


def _remainder(left: Value, right: Value) -> Value:
    edge = max(map(abs, right.span))
    real = (-edge, edge) if left.real or right.real else None
    return Value((-edge, edge) if left.whole and right.whole else None, real)
