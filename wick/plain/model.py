"""A repair by a model: asked last, judged like every other, charged to the request."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from core.answers.text import blocks, clean, straightened, unwrapped
from core.errors import AszaError, BodyRefused
from core.llm import Exchange, Writer
from core.prompting import render
from wick.plain.engines import Engine
from wick.plain.telling import told_case
from wick.subject import Case, Judge, Subject, Survivor

ROUNDS = 2
_MOST_CASES = 12
_MAX_OUTPUT_TOKENS = 8_000
_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"function": {"type": "string"}},
    "required": ["function"],
    "additionalProperties": False,
}
Refuse = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Written:
    """What a model came up with: one survivor or none, and what it cost (US dollars)."""

    survivors: tuple[Survivor, ...] = ()
    tried: int = 0
    cost_usd: Decimal = Decimal(0)
    note: str = ""


def ask_model(
    writer: Callable[[], Writer],
    engine: Engine,
    cases: Sequence[Case],
    judge: Judge,
    *,
    cycle: str,
    unfit: Refuse,
) -> Written:
    """At most two answers, the second with what was wrong with the first.

    `writer` is made anew for each, with the time that is left then. `unfit` says why a
    text that gives every case is refused all the same, or "". An endpoint that fails, or
    money or time that is not there, is told in the note.
    """
    cost, refused = Decimal(0), ""
    for number in range(1, ROUNDS + 1):
        prompt = _prompt(engine, cases, judge, refused)
        asked = writer()
        try:
            answer = asked.answer(_exchange(prompt, cycle, number))
        except AszaError as error:
            return Written((), number - 1, cost, f"{asked.name}: {error}")
        cost += answer.cost_usd
        source, refused = _judged(answer.text, engine, cases, judge, unfit)
        if not refused:
            found = Survivor(source, (f"written by {answer.writer}",), 1, number)
            return Written((found,), number, cost)
    return Written((), ROUNDS, cost, f"{asked.name}: refused, {refused}")


def _exchange(prompt: tuple[str, str], cycle: str, number: int) -> Exchange:
    return Exchange(
        "writer",
        *prompt,
        schema=_SCHEMA,
        max_output_tokens=_MAX_OUTPUT_TOKENS,
        cycle=cycle,
        step=f"repair {number}",
        attempt=number,
    )


def _prompt(
    engine: Engine, cases: Sequence[Case], judge: Judge, refused: str
) -> tuple[str, str]:
    subject = engine.subject
    pairs = list(zip(cases, engine.before, strict=True))
    told = {
        good: [
            told_case(subject.name, case, ran)
            for case, ran in pairs
            if judge(case, ran) is good
        ]
        for good in (False, True)
    }
    made = render(
        "repair_function.j2",
        function=subject.name,
        source=subject.source,
        preamble=subject.preamble,
        wrong=told[False][:_MOST_CASES],
        right=told[True][:_MOST_CASES],
        refused=refused,
    )
    return made.system, made.user


def _judged(
    text: str, engine: Engine, cases: Sequence[Case], judge: Judge, unfit: Refuse
) -> tuple[str, str]:
    """The function in an answer, and why it is refused ("" if it is not)."""
    try:
        source = function_in(text, engine.subject)
    except BodyRefused as error:
        return "", error.message
    rows = engine.runner.rows(engine.subject.preamble, source, cases)
    for case, ran in zip(cases, rows, strict=True):
        if not judge(case, ran):
            return source, told_case(engine.subject.name, case, ran)
    return source, unfit(source)


def function_in(text: str, subject: Subject) -> str:
    """The one function of the subject's name and parameters in an answer.

    What stands beside it (imports, helpers) is put into it. BodyRefused says why not.
    """
    tree = _parsed(text)
    kept = [n for n in tree.body if not _is_said(n)]
    own = [n for n in kept if isinstance(n, ast.FunctionDef) and n.name == subject.name]
    if len(own) != 1:
        raise BodyRefused(f"it holds no function {subject.name}", field="answer")
    made = own[0]
    wanted = ast.parse(subject.source).body[0]
    assert isinstance(wanted, ast.FunctionDef)  # noqa: S101 a subject's source is one
    if _names(made) != _names(wanted):
        raise BodyRefused("it has other parameters", field="answer")
    made.args, made.returns, made.decorator_list = wanted.args, None, []
    made.body = [*(n for n in kept if n is not made), *made.body]
    return ast.unparse(ast.fix_missing_locations(made))


def _parsed(text: str) -> ast.Module:
    inner = unwrapped(clean(text))
    fenced = [
        block.text if block.is_python else unwrapped(block.text)
        for block in blocks(inner)
        if block.is_python or block.language.lower() == "json"
    ]
    for candidate in (inner, *fenced, straightened(inner)):
        try:
            return ast.parse(candidate.strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    raise BodyRefused("it does not parse as Python", field="answer")


def _is_said(node: ast.stmt) -> bool:
    """A docstring or an example of its use."""
    return isinstance(node, ast.Expr)


def _names(node: ast.FunctionDef) -> list[str]:
    given = node.args
    return [each.arg for each in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
