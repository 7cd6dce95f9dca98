"""A contract's rules as Python source over a generated function's variables."""

from __future__ import annotations

import ast
from collections.abc import Mapping

from core.contract.expressions import FUNCTIONS, parse_expression
from core.stack.fused.checks import Schema, Space, defined


def rule_test(
    text: str, schemas: Mapping[str, Schema], variables: Mapping[str, str], space: Space
) -> str:
    """Source that is true where the rule holds; `variables` says where a name stands.

    A rule with a loop becomes a function in `space`, so that the variables it reads
    stay plain locals.
    """
    space.update(FUNCTIONS)
    expression = parse_expression(text, schemas)
    renamed = _Renamed({name: variables[name] for name in expression.names})
    source = ast.unparse(renamed.visit(ast.parse(text.strip(), mode="eval")))
    if not _loops(expression.tree):
        return f"({source})"
    parameters = ", ".join(sorted(set(renamed.variables.values())))
    name = f"rule_{sum(key.startswith('rule_') for key in space)}"
    space[name] = defined(f"def {name}({parameters}): return {source}", name, FUNCTIONS)
    return f"{name}({parameters})"


def _loops(tree: ast.AST) -> bool:
    return any(isinstance(n, ast.ListComp | ast.GeneratorExp) for n in ast.walk(tree))


class _Renamed(ast.NodeTransformer):
    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.variables.get(node.id, node.id), node.ctx)
