"""From parsed Python to the statements of one body: unwrap the function, drop its frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import libcst as cst

from core.answers.text import refused

if TYPE_CHECKING:
    from core.spec import Spec

Statement = cst.SimpleStatementLine | cst.BaseCompoundStatement

# What the header gives every module, so that an answer may repeat it.
_FRAME_IMPORTS = frozenset({"math", "typing", "__future__", "core.wrapper"})


def body_of(code: str, spec: Spec) -> str:
    """The statements under the spec's function, or the statements given bare.

    Raises `BodyRefused` for a class, several functions, foreign imports, a function with
    other parameters, statements beside the function, a stub.
    """
    statements = _unframed(_statements(code))
    functions = [s for s in statements if isinstance(s, cst.FunctionDef)]
    if functions:
        statements = _unframed(_inside(_the_function(functions, statements, spec)))
    if not statements:
        raise refused("it holds no statements")
    _refuse_stub(statements)
    return cst.Module(body=statements).code


def _statements(code: str) -> Sequence[Statement]:
    try:
        return cst.parse_module(code).body
    except (cst.ParserSyntaxError, RecursionError) as error:
        raise refused(f"it does not parse as Python 3.11 ({error})") from error


def _unframed(statements: Sequence[Statement]) -> list[Statement]:
    """Without docstring, repeated header imports and a main guard."""
    kept = [s for s in statements if not (_is_frame(s) or _is_main_guard(s))]
    return kept[1:] if kept and _is_docstring(kept[0]) else kept


def _is_frame(statement: Statement) -> bool:
    if not isinstance(statement, cst.SimpleStatementLine):
        return False
    imports = [s for s in statement.body if isinstance(s, cst.Import | cst.ImportFrom)]
    for node in imports:
        _refuse_import(node)
    return bool(imports) and len(imports) == len(statement.body)


def _refuse_import(node: cst.Import | cst.ImportFrom) -> None:
    blank = cst.Module(body=[])
    text = blank.code_for_node(node)
    if isinstance(node, cst.ImportFrom):
        source = blank.code_for_node(node.module) if node.module else "."
        allowed = source in _FRAME_IMPORTS - {"math"}
    else:
        named = {blank.code_for_node(alias) for alias in node.names}
        allowed = named <= _FRAME_IMPORTS
    if not allowed:
        raise refused(f"it says `{text}`", "use `math.` and the parameters, no import")


def _is_main_guard(statement: Statement) -> bool:
    test = statement.test if isinstance(statement, cst.If) else None
    left = test.left if isinstance(test, cst.Comparison) else None
    return isinstance(left, cst.Name) and left.value == "__name__"


def _expression(statement: Statement) -> cst.BaseExpression | None:
    """The expression a statement consists of, None for any other statement."""
    if not isinstance(statement, cst.SimpleStatementLine) or len(statement.body) != 1:
        return None
    only = statement.body[0]
    return only.value if isinstance(only, cst.Expr) else None


def _is_docstring(statement: Statement) -> bool:
    text = _expression(statement)
    return isinstance(text, cst.SimpleString | cst.ConcatenatedString)


def _the_function(
    functions: Sequence[cst.FunctionDef], all_: Sequence[Statement], spec: Spec
) -> cst.FunctionDef:
    if len(functions) > 1:
        names = ", ".join(f.name.value for f in functions)
        raise refused(f"it holds {len(functions)} functions ({names}), not one body")
    function = functions[0]
    _refuse_beside(function, all_)
    _refuse_kind(function)
    given, wanted = _parameters(function), _expected(spec)
    if function.name.value != spec.name and given != wanted:
        raise refused(
            f"its function is {function.name.value}({', '.join(given)}), "
            f"asked for is {spec.name}({', '.join(wanted)})"
        )
    return function


def _refuse_beside(function: cst.FunctionDef, all_: Sequence[Statement]) -> None:
    """An example call beside the function is dropped; anything it could need is not."""
    for statement in all_:
        if isinstance(statement, cst.ClassDef):
            raise refused("it holds a class")
        if statement is not function and _expression(statement) is None:
            raise refused("it has statements outside its function")


def _refuse_kind(function: cst.FunctionDef) -> None:
    if function.asynchronous is not None:
        raise refused("its function is async")
    blank = cst.Module(body=[])
    for decorator in function.decorators:
        text = blank.code_for_node(decorator.decorator)
        if not text.startswith("module("):
            raise refused(f"its function is decorated with @{text}")


def _parameters(function: cst.FunctionDef) -> tuple[str, ...]:
    given = function.params
    every = (*given.posonly_params, *given.params, *given.kwonly_params)
    return tuple(parameter.name.value for parameter in every)


def _expected(spec: Spec) -> tuple[str, ...]:
    return (*spec.contract.parameters, *spec.contract.capabilities)


def _inside(function: cst.FunctionDef) -> Sequence[Statement]:
    block = function.body
    if isinstance(block, cst.IndentedBlock):
        return [s for s in block.body if isinstance(s, Statement)]
    small = [s for s in block.body if isinstance(s, cst.BaseSmallStatement)]
    return [cst.SimpleStatementLine(body=[s]) for s in small]


def _refuse_stub(statements: Sequence[Statement]) -> None:
    if any(isinstance(s, cst.ClassDef) for s in statements):
        raise refused("it holds a class")
    if len(statements) == 1 and _does_nothing(statements[0]):
        raise refused("it is a stub that does nothing")
    returns = _Returns()
    for statement in statements:
        statement.visit(returns)
    if not returns.found:
        raise refused("it never returns a result")


def _does_nothing(statement: Statement) -> bool:
    if isinstance(_expression(statement), cst.Ellipsis):
        return True
    small = statement.body if isinstance(statement, cst.SimpleStatementLine) else ()
    return bool(small) and all(isinstance(part, cst.Pass) for part in small)


class _Returns(cst.CSTVisitor):
    """Whether a `return` stands anywhere."""

    found = False

    def visit_Return(self, node: cst.Return) -> None:  # noqa: ARG002, N802
        self.found = True
