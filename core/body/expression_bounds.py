"""The bounds of expressions: the largest value each may have."""

import ast
from typing import TYPE_CHECKING, Any

from core.body.calls import called
from core.body.operators import OperatorBounds, mirror
from core.body.ranges import least_rounds
from core.body.values import (
    FLAG,
    INF,
    MAX_NESTING,
    MAX_SIZE,
    MAX_STEPS,
    NOTHING,
    QUICK,
    REAL,
    Env,
    Value,
    depth,
    item_of,
    join,
    listed,
    of_schema,
    printed,
    shallow,
    text,
)

if TYPE_CHECKING:
    from core.contract import Contract


class ExpressionBounds(OperatorBounds):
    """Reads expressions, given what the names in them may be."""

    def __init__(self, contract: "Contract") -> None:
        super().__init__()
        self.answers = {
            name: join(of_schema(each.output), NOTHING)
            for name, each in contract.capabilities.items()
        }

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
                return Value(mirror(given.whole), mirror(given.real))
            case ast.BoolOp(values=parts):
                return join(*(self.value(part, env) for part in parts))
            case ast.Compare(left=left, comparators=others):
                found = [self.value(part, env) for part in (left, *others)]
                self.cost += sum(v.weight for v in found if v.length) / QUICK
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
                made = text(sum(printed(self.value(part, env)) for part in parts))
                self.cost += (made.length or 0) / QUICK / QUICK
                return made
            case ast.FormattedValue(value=value):
                return text(printed(self.value(value, env)) + 100)
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
                item_of(v) if isinstance(p, ast.Starred) else v
                for p, v in zip(parts, found, strict=True)
            ),
        )

    def part(self, holder: Value, where: ast.expr, env: Env) -> Value:
        if isinstance(where, ast.Slice):
            for edge in (where.lower, where.upper, where.step):
                if edge is not None:
                    self.value(edge, env)
            self.cost += (holder.length or 0) / QUICK
            return Value(length=holder.length, item=holder.item, text=holder.text)
        self.value(where, env)
        return item_of(holder)

    def comprehension(self, node: Any, env: Env) -> Value:
        loop = node.generators[0]
        source, inside = self.value(loop.iter, env), dict(env)
        self.bind(loop.target, item_of(source), inside)
        sure = least_rounds(self, loop.iter, env)
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
        return called(self, node, env)

    # Names.

    def bind(self, target: ast.expr, given: Value, env: Env) -> None:
        match target:
            case ast.Name(id=name):
                env[name] = shallow(given)
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for part in parts:
                    self.bind(part, item_of(given), env)
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


def _constant(value: Any) -> Value:
    if isinstance(value, bool | int):
        return Value(whole=(int(value), int(value)))
    if isinstance(value, float):
        return Value(real=(value, value))
    return text(len(value)) if isinstance(value, str) else NOTHING
