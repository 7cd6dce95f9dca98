"""Whether a body's time and memory are bounded by its contract: read, not run.

The native engine has no limit of its own, so a body may run there only when this
check can tell that no loop, repetition or power in it can grow beyond the limits.
Every expression is read as the largest value it could have. Loops are read a few
times, their growth drawn out to the last round and tested there once more.
"""

import ast
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from core.body.expression_bounds import ExpressionBounds
from core.body.growth import grown_lists, inner_growth
from core.body.operators import Limit, Reading
from core.body.ranges import least_rounds
from core.body.values import (
    MAX_RANGE,
    MAX_STEPS,
    Env,
    Value,
    item_of,
    join,
    of_schema,
)
from core.body.widening import geometric, linear, widest, within

if TYPE_CHECKING:
    from core.body import Body
    from core.contract import Contract
    from core.spec import Spec

__all__ = ["MAX_RANGE", "MAX_STEPS", "Limit", "Reading", "read_bounds", "unbounded"]
_PASSES = 4


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


class _Reader(ExpressionBounds):
    """Reads statements: `env` is changed in place; the cost of all is given back."""

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

    def loop(self, node: ast.For, env: Env) -> None:
        source = self.value(node.iter, env)
        rounds, sure = source.length or 0, least_rounds(self, node.iter, env)
        outer, self.least = self.least, self.least * max(sure, 1)
        if self.least > MAX_STEPS:
            self.limit(f"its loops take over {MAX_STEPS:_} steps", sure=True)

        def once(given: Env) -> tuple[Env, float]:
            after = dict(given)
            self.bind(node.target, item_of(source), after)
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
        for drawn in (linear, geometric):
            end = {k: drawn([e.get(k) for e in seen], rounds) for k in seen[-1]}
            after = once(end)[0]
            step = {k: drawn([e.get(k) for e in seen], rounds + 1) for k in seen[-1]}
            if all(within(after[k], step[k]) for k in after if k in step):
                return end
        self.limit("a value may grow with every round of a loop")
        return {k: widest(v) for k, v in seen[-1].items()}


def _merge(env: Env, other: Mapping[str, Value]) -> None:
    for name, value in other.items():
        env[name] = join(env[name], value) if name in env else value
