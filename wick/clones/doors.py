"""From what a model answered to a whole function, by the doors that any body passes.

A module's body is reduced and checked as the code generator's are. A plain function
keeps its name and parameters and comes alone: what else its file defines is given.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from core.answers import reduce_answer
from core.answers.text import blocks, clean, opening, refused, unwrapped
from core.body import check_body
from core.errors import BodyRefused
from core.llm import Answer
from wick.clones.visible import with_body
from wick.subject import Subject, function_named

if TYPE_CHECKING:
    from core.spec import Spec


def let_in(answer: Answer, subject: Subject, spec: Spec | None) -> str:
    """The function an answer holds, as `Subject.source` is.

    BodyRefused says at which door it was turned away.
    """
    if spec is None:
        return _function(answer, subject)
    body = reduce_answer(answer.text, spec, stop=answer.stop)
    if broken := check_body(spec, body):
        raise BodyRefused(str(broken[0]), field="body", value=body)
    return with_body(subject, body)


def _function(answer: Answer, subject: Subject) -> str:
    if answer.stop != "end":
        raise refused(f"it ended early ({answer.stop})")
    tree = _parsed(_code(answer.text))
    try:
        found = function_named(ast.unparse(tree), subject.name)
    except KeyError as error:
        raise refused(f"it defines {error.args[0]}, not {subject.name}") from error
    if _kept(tree, found, subject):
        found.decorator_list = []
        return ast.unparse(found)
    wanted = f"{subject.name}({', '.join(subject.parameters)})"
    raise refused(f"it is not {wanted} alone")


def _kept(tree: ast.Module, found: ast.FunctionDef, subject: Subject) -> bool:
    """One function, with the parameters it had, defaults included."""
    before = function_named(subject.source, subject.name)
    return len(tree.body) == 1 and _bare(found.args) == _bare(before.args)


def _bare(given: ast.arguments) -> str:
    """Parameters without their annotations."""
    plain = ast.parse(ast.unparse(ast.Lambda(given, ast.Constant(0)))).body[0]
    return ast.unparse(plain)


def _code(text: str) -> str:
    inner = clean(unwrapped(clean(text)))
    fenced = [block.text for block in blocks(inner) if block.is_python]
    return fenced[0] if fenced else inner


def _parsed(code: str) -> ast.Module:
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise refused(f"it is not Python: {opening(code)}") from error
