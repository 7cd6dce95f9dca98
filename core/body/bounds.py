"""Whether a body's time and memory are bounded by its contract: read, not run.

The native engine has no limit of its own, so a body may run there only when this
check can tell that no loop, repetition or power in it can grow beyond the limits.
Every expression is read as the largest value it could have. Loops are read a few
times, their growth drawn out to the last round and tested there once more.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from core.body.growth import grown_lists, inner_growth
from core.body.values import (
    FLAG,
    FLOAT,
    FLOOR,
    INF,
    MAX_BITS,
    MAX_NESTING,
    NOTHING,
    REAL,
    Span,
    Value,
    bits,
    corners,
    depth,
    hull,
    join,
    listed,
    of_schema,
    shallow,
    text,
)

if TYPE_CHECKING:
    from core.body import Body
    from core.contract import Contract
    from core.spec import Spec

MAX_RANGE = 1_000_000
MAX_SIZE = 1_000_000
MAX_STEPS = 5_000_000
_PASSES = 4
# Builtins go through a list about this much faster than a loop does.
_QUICK = 16
Env = dict[str, Value]


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


def unbounded(spec: "Spec", body: "Body") -> str | None:
    """Why the body is not provably bounded, with its line; None when it is."""
    found = read_bounds(spec.contract, body.text).limits
    return f"line {found[0].line}: {found[0].reason}" if found else None


@lru_cache(maxsize=512)
def read_bounds(contract: "Contract", body: str) -> Reading:
    """Every limit the canonical text `body` may pass, in order of discovery."""
    reader = _Reader(contract)
    tree = ast.parse("def body():\n" + "".join(f" {row}\n" for row in body.split("\n")))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)  # noqa: S101
    names = {k: of_schema(s) for k, s in contract.parameter_schemas.items()}
    for why, line in (*inner_growth(function), *grown_lists(function)):
        reader.limit(why, line)
    cost = reader.block(function.body, names)
    if cost > MAX_STEPS:
        reader.limit(f"it may take over {MAX_STEPS:_} steps in all", 2)
    reader.found.limits.sort(key=lambda limit: not limit.sure)
    return reader.found


class _Reader:
    """Reads statements and expressions as the largest values they may give."""

    def __init__(self, contract: "Contract") -> None:
        self.answers = {
            name: join(of_schema(each.output), NOTHING)
            for name, each in contract.capabilities.items()
        }
        self.found = Reading()
        self.cost = 0.0
        self.least = 1.0
        self.line = 2
        self.quiet = False

    def limit(self, reason: str, line: int | None = None, sure: bool = False) -> None:
        known = Limit(reason, max(1, (line or self.line) - 1), sure)
        if known not in self.found.limits:
            self.found.limits.append(known)

    # Statements: `env` is changed in place; the cost of all is given back.

    def block(self, body: Iterable[ast.stmt], env: Env) -> float:
        before, self.cost = self.cost, 0.0
        for statement in body:
            self.line = statement.lineno
            self.cost += 1
            self.statement(statement, env)
        cost, self.cost = self.cost, before
        return cost

    def statement(self, node: ast.stmt, env: Env) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                given = self.value(value, env)
                for target in targets:
                    self.bind(target, given, env)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.value(value, env), env)
            case ast.AugAssign(target=target, op=op, value=value):
                old, new = self.value(target, env), self.value(value, env)
                self.bind(target, self.binary(op, old, new), env)
            case ast.Expr(value=value) | ast.Return(value=ast.expr() as value):
                self.value(value, env)
            case ast.If(test=test, body=body, orelse=orelse):
                self.value(test, env)
                other = dict(env)
                self.cost += self.block(body, env) + self.block(orelse, other)
                _merge(env, other)
            case ast.For():
                self.loop(node, env)

    def bind(self, target: ast.expr, given: Value, env: Env) -> None:
        match target:
            case ast.Name(id=name):
                env[name] = shallow(given)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self.bind(part, _item(given), env)
            case ast.Starred(value=part):
                self.bind(part, given, env)
            case ast.Subscript(value=ast.expr() as holder):
                self.value(target.slice, env)
                self.hold(holder, given, 1, env)

    def hold(self, holder: ast.expr, given: Value, more: float, env: Env) -> None:
        """`holder`, or whatever it is a part of, comes to hold `given` too."""
        if isinstance(holder, ast.Name) and holder.id in env:
            old = env[holder.id]
            length = (old.length or 0) + more
            env[holder.id] = shallow(join(old, listed(length, given)))
        elif isinstance(holder, ast.Subscript):
            inside = join(self.value(holder, env), listed(more, given))
            self.hold(holder.value, inside, 0, env)

    def loop(self, node: ast.For, env: Env) -> None:
        source = self.value(node.iter, env)
        rounds, sure = source.length or 0, _least_rounds(self, node.iter, env)
        outer, self.least = self.least, self.least * max(sure, 1)
        if self.least > MAX_STEPS:
            self.limit(f"its loops take over {MAX_STEPS:_} steps", sure=True)

        def once(given: Env) -> tuple[Env, float]:
            after = dict(given)
            self.bind(node.target, _item(source), after)
            cost = self.block(node.body, after)
            _merge(after, given)
            return after, cost

        end = self.settle(once, env, min(rounds, MAX_STEPS))
        last, cost = once(end)
        self.cost += rounds * (1 + cost) if rounds else 0
        self.cost += self.block(node.orelse, last)
        self.least = outer
        _merge(env, last)

    def settle(
        self, once: Callable[[Env], tuple[Env, float]], env: Env, rounds: float
    ) -> Env:
        """What the names may be after so many rounds, whatever order they grow in."""
        seen = [env]
        for _ in range(_PASSES):
            seen.append(once(seen[-1])[0])
            if seen[-1] == seen[-2]:
                return seen[-1]
        for drawn in (_linear, _geometric):
            end = {k: drawn([e.get(k) for e in seen], rounds) for k in seen[-1]}
            after = once(end)[0]
            step = {k: drawn([e.get(k) for e in seen], rounds + 1) for k in seen[-1]}
            if all(_within(after[k], step[k]) for k in after if k in step):
                return end
        self.limit("a value may grow with every round of a loop")
        return {k: _widest(v) for k, v in seen[-1].items()}

    # Expressions.

    def value(self, node: ast.expr, env: Env) -> Value:
        found = self._value(node, env)
        size = max(found.weight, found.length or 0)
        if size > MAX_SIZE * 8 and found.length != INF:
            self.limit(f"a value may hold over {MAX_SIZE * 8:_} values")
        if depth(found) > MAX_NESTING:
            self.limit("lists may nest without end")
        return found

    def _value(self, node: ast.expr, env: Env) -> Value:
        match node:
            case ast.Constant(value=value):
                return _constant(value)
            case ast.Name(id=name):
                return env.get(name, NOTHING)
            case ast.BinOp(left=left, op=op, right=right):
                return self.binary(op, self.value(left, env), self.value(right, env))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                self.value(operand, env)
                return FLAG
            case ast.UnaryOp(operand=operand):
                given = self.value(operand, env)
                return Value(_mirror(given.whole), _mirror(given.real))
            case ast.BoolOp(values=parts):
                return join(*(self.value(part, env) for part in parts))
            case ast.Compare(left=left, comparators=others):
                found = [self.value(part, env) for part in (left, *others)]
                self.cost += sum(v.weight for v in found if v.length) / _QUICK
                return FLAG
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self.value(test, env)
                return join(self.value(body, env), self.value(orelse, env))
            case ast.Subscript(value=holder, slice=where):
                return self.part(self.value(holder, env), where, env)
            case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
                return self.display(parts, env)
            case ast.Dict(keys=keys, values=values):
                return self.display([*filter(None, keys), *values], env)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self.comprehension(node, env)
            case ast.JoinedStr(values=parts):
                made = text(sum(_printed(self.value(part, env)) for part in parts))
                self.cost += (made.length or 0) / _QUICK / _QUICK
                return made
            case ast.FormattedValue(value=value):
                return text(_printed(self.value(value, env)) + 100)
            case ast.Attribute():
                return REAL
            case ast.Starred(value=value):
                return self.value(value, env)
            case ast.Call():
                return self.call(node, env)
        return NOTHING

    def display(self, parts: list[ast.expr], env: Env) -> Value:
        found = [self.value(part, env) for part in parts]
        wide = [
            (v.length or 0) if isinstance(p, ast.Starred) else 1
            for p, v in zip(parts, found, strict=True)
        ]
        return listed(
            sum(wide),
            *(
                _item(v) if isinstance(p, ast.Starred) else v
                for p, v in zip(parts, found, strict=True)
            ),
        )

    def part(self, holder: Value, where: ast.expr, env: Env) -> Value:
        if isinstance(where, ast.Slice):
            for edge in (where.lower, where.upper, where.step):
                if edge is not None:
                    self.value(edge, env)
            self.cost += (holder.length or 0) / _QUICK
            return Value(length=holder.length, item=holder.item, text=holder.text)
        self.value(where, env)
        return _item(holder)

    def comprehension(self, node: Any, env: Env) -> Value:
        loop = node.generators[0]
        source, inside = self.value(loop.iter, env), dict(env)
        self.bind(loop.target, _item(source), inside)
        sure = _least_rounds(self, loop.iter, env)
        outer, self.least = self.least, self.least * max(sure, 1)
        if self.least > MAX_STEPS:
            self.limit(f"its loops take over {MAX_STEPS:_} steps", sure=True)
        before, self.cost = self.cost, 0.0
        for test in loop.ifs:
            self.value(test, inside)
        twofold = isinstance(node, ast.DictComp)
        parts = [node.key, node.value] if twofold else [node.elt]
        items = [self.value(part, inside) for part in parts]
        rounds = source.length or 0
        self.cost = before + (rounds * (1 + self.cost) if rounds else 0)
        self.least = outer
        return listed(rounds, *items)

    def call(self, node: ast.Call, env: Env) -> Value:
        from core.body.calls import called

        return called(self, node, env)

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
                mirrored = Value(_mirror(right.whole), _mirror(right.real))
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
            self.cost += length / _QUICK
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
                whole = corners(lambda a, b: a * b, left.whole, right.whole)
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
            self.cost += min(length, MAX_SIZE) / _QUICK
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


def _least_rounds(reader: _Reader, node: ast.expr, env: Env) -> float:
    """How many rounds a loop over `node` takes at least."""
    from core.body.calls import range_spans

    spans = range_spans(reader, node, env)
    if spans is None:
        return 0
    start, stop, step = spans
    if step != (1, 1):
        step = (step[0], max(1, step[1]))
    return max(0, (stop[0] - start[1]) // step[1]) if bits(stop) < INF else 0


def _constant(value: Any) -> Value:
    if isinstance(value, bool | int):
        return Value(whole=(int(value), int(value)))
    if isinstance(value, float):
        return Value(real=(value, value))
    return text(len(value)) if isinstance(value, str) else NOTHING


def _item(value: Value) -> Value:
    return join(value.item, text(1) if value.text else None)


def _mirror(span: Span | None) -> Span | None:
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


def _float_product(a: Any, b: Any) -> float:
    try:
        return float(a) * float(b)
    except OverflowError:
        return float("nan")


def _remainder(left: Value, right: Value) -> Value:
    edge = max(map(abs, right.span))
    real = (-edge, edge) if left.real or right.real else None
    return Value((-edge, edge) if left.whole and right.whole else None, real)


def _printed(value: Value) -> float:
    """How many characters it prints as, at most."""
    numbers = 1300 if value.whole and bits(value.whole) > 64 else 32
    if value.length is None:
        return numbers
    inside = value.item.weight if value.item else 1
    return numbers + value.length * (inside * 32 if value.item else 1)


def _merge(env: Env, other: Mapping[str, Value]) -> None:
    for name, value in other.items():
        env[name] = join(env[name], value) if name in env else value


def _linear(seen: list[Value | None], rounds: float) -> Value:
    return _drawn(seen, lambda steps: _reach(steps, rounds, by_bits=False))


def _geometric(seen: list[Value | None], rounds: float) -> Value:
    return _drawn(seen, lambda steps: _reach(steps, rounds, by_bits=True))


def _drawn(seen: list[Value | None], reach: Callable[[list[Any]], Any]) -> Value:
    """The last value seen, with everything that grew drawn out by `reach`."""
    known = [value for value in seen if value is not None]
    last = known[-1]
    items = [value.item for value in known if value.item is not None]
    lengths = [v.length for v in known if v.length is not None]
    return Value(
        _span_reach([v.whole for v in known if v.whole], reach),
        None if last.real is None else _real_reach(known),
        reach(lengths) if lengths else None,
        _drawn(list(items), reach) if items else None,
        last.text,
    )


def _span_reach(spans: list[Span], reach: Callable[[list[Any]], Any]) -> Span | None:
    if not spans:
        return None
    low = reach([-low for low, _ in spans])
    return -low, reach([high for _, high in spans])


def _real_reach(known: list[Value]) -> Span:
    spans = [v.real for v in known if v.real]
    return spans[-1] if spans[-1] == spans[0] else FLOAT


def _reach(steps: list[Any], rounds: float, *, by_bits: bool) -> Any:
    last = steps[-1]
    if steps[-2:-1] in ([], [last]) or last in (INF, -INF):
        return last
    if not by_bits or not isinstance(last, int):
        most = max(b - a for a, b in pairwise(steps))
        return last + int(rounds) * most
    sizes = [abs(int(step)).bit_length() for step in steps]
    most = max(b - a for a, b in pairwise(sizes))
    size = sizes[-1] + int(rounds) * most
    if size > MAX_BITS:
        return INF
    return 2 ** int(size)


def _within(value: Value, most: Value) -> bool:
    """Is everything `value` may be also something `most` may be?"""
    spans = ((value.whole, most.whole), (value.real, most.real))
    if any(a and (not b or a[0] < b[0] or a[1] > b[1]) for a, b in spans):
        return False
    if value.length is not None and value.length > (
        -1 if most.length is None else most.length
    ):
        return False
    if value.item is None:
        return True
    return most.item is not None and _within(value.item, most.item)


def _widest(value: Value) -> Value:
    return Value(
        value.whole and FLOOR,
        value.real and FLOAT,
        value.length,
        value.item and _widest(value.item),
        value.text,
    )
