"""The rules of a contract: whitelisted Python expressions, compiled once.

`assumes` and `invariants` are written by people and by models, so they are read as
data: an expression is refused unless `core.contract.allowed` has every node of it.
What is left cannot name anything but the contract's own values, cannot call anything
but FUNCTIONS and cannot build a large value out of small ones.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.contract.allowed import (
    FUNCTIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    Checker,
    Schema,
    deeper,
    refused,
)

__all__ = [
    "EVALUATION_ERRORS",
    "FUNCTIONS",
    "MAX_LENGTH",
    "Expression",
    "Rules",
    "compile_rules",
    "parse_expression",
]
Values = Mapping[str, Any]

# What a rule may raise on values its contract admits: it then does not hold.
EVALUATION_ERRORS = (ArithmeticError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True)
class Expression:
    """One whitelisted rule: its text, its tree and the names it reads."""

    text: str
    tree: ast.Expression
    names: frozenset[str]

    @property
    def literals(self) -> tuple[float, ...]:
        """The finite numbers written in it: where its truth is likely to change."""
        constants = (n for n in ast.walk(self.tree) if isinstance(n, ast.Constant))
        found = (n.value for n in constants if type(n.value) in (int, float))
        return tuple(sorted({float(str(value)) for value in found}))


def parse_expression(text: str, schemas: Mapping[str, Schema]) -> Expression:
    """Read `text` as a rule over the names of `schemas`; SpecError if it is not one."""
    if not isinstance(text, str) or not text.strip():
        raise refused(text, "is not a rule", "write an expression such as 'a <= b'")
    if len(text) > MAX_LENGTH:
        raise refused(text, f"is longer than {MAX_LENGTH} characters", "split it")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        why = f"is not a Python expression ({getattr(error, 'msg', error)})"
        raise refused(text, why, "write a comparison such as 'a <= b'") from error
    if deeper(tree, MAX_DEPTH):
        raise refused(text, f"nests deeper than {MAX_DEPTH} levels", "split it")
    checker = Checker(text, schemas)
    checker.visit(tree)
    return Expression(text, tree, frozenset(checker.used))


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules compiled into one function over (inputs, outputs)."""

    expressions: tuple[Expression, ...]
    _first: Callable[[Values, Values], int]
    _each: tuple[Callable[[Values, Values], Any], ...]

    def broken(self, inputs: Values, outputs: Values) -> str | None:
        """The text of the first rule that does not hold or cannot be evaluated."""
        try:
            index = self._first(inputs, outputs)
        except EVALUATION_ERRORS:
            index = next(
                k for k, rule in enumerate(self._each) if _fails(rule, inputs, outputs)
            )
        return None if index < 0 else self.expressions[index].text


def compile_rules(
    expressions: Sequence[Expression], outputs: Sequence[str] = ()
) -> Rules:
    """Compile rules; the names in `outputs` are read from the outputs mapping."""
    rewrite = _Rewrite(frozenset(outputs))
    texts = [rewrite.source(expression) for expression in expressions]
    tests = "".join(f"    if not ({t}): return {k}\n" for k, t in enumerate(texts))
    first = _define(f"def rule(_i, _o):\n{tests}    return -1\n")
    each = tuple(_define(f"def rule(_i, _o): return {text}\n") for text in texts)
    return Rules(tuple(expressions), first, each)


class _Rewrite(ast.NodeTransformer):
    """Turns a contract's name into a look-up in the inputs or the outputs."""

    def __init__(self, outputs: frozenset[str]) -> None:
        self.outputs = outputs
        self.names: frozenset[str] = frozenset()

    def source(self, expression: Expression) -> str:
        self.names = expression.names
        copy = ast.parse(expression.text.strip(), mode="eval")
        return ast.unparse(self.visit(copy))

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self.names:
            return node
        place = ast.Name("_o" if node.id in self.outputs else "_i", ast.Load())
        return ast.Subscript(place, ast.Constant(node.id), ast.Load())


def _define(source: str) -> Callable[[Values, Values], Any]:
    space: dict[str, Any] = {"__builtins__": {}, **FUNCTIONS}
    exec(compile(source, "<rules>", "exec"), space)  # noqa: S102
    rule: Callable[[Values, Values], Any] = space["rule"]
    return rule


def _fails(
    rule: Callable[[Values, Values], Any], inputs: Values, outputs: Values
) -> bool:
    try:
        return not rule(inputs, outputs)
    except EVALUATION_ERRORS:
        return True
