"""Reduce whatever a writer answered to one body, or refuse it with the reason.

Models fence, double-fence, explain, wrap in JSON, write the whole function, smarten the
quotes, get cut off. Everything but one body is dropped, nothing of it is ever run or
obeyed: what comes out is canonical Python statements for the gate to judge.
"""

from __future__ import annotations

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from core.answers.shape import body_of
from core.answers.text import (
    Block,
    blocks,
    clean,
    json_in,
    opening,
    refused,
    straightened,
    unwrapped,
)
from core.body import parse_body
from core.errors import BodyRefused

if TYPE_CHECKING:
    from core.spec import Spec

__all__ = ["json_in", "reduce_answer"]

MOST_CODE = 20_000  # characters, docstring and remarks included
_REFUSALS = re.compile(
    r"\b(i('m| am) sorry|i (can(no|')t|won't|am unable|am not able)|as an ai\b|"
    r"unable to (help|assist|comply))",
    re.IGNORECASE,
)
_OTHER_LANGUAGES = (
    ("JavaScript", re.compile(r"^\s*(const|let|var|function)\s|=>|===", re.MULTILINE)),
    ("Rust", re.compile(r"^\s*(pub )?fn \w+|\blet mut\b", re.MULTILINE)),
    (
        "C or Java",
        re.compile(r"^\s*(#include|public|private|double|float) .*[;{]", re.M),
    ),
    ("SQL", re.compile(r"^\s*(select|insert|update|create) ", re.I | re.M)),
    ("a shell script", re.compile(r"^\s*(#!/|\$ |sudo |rm -|pip install)", re.M)),
    ("a diff", re.compile(r"^(@@ |--- a/|\+\+\+ b/)", re.MULTILINE)),
)
_CODE_START = re.compile(
    r"(if|for|return|raise|def|async|class|import|from|assert)\b"
    r"|[A-Za-z_]\w*(\s*,\s*[A-Za-z_]\w*)*(\s*:[^=]+)?\s*(//|\*\*|<<|>>|[-+*/%&|^@])?=[^=]"
)
# Of prose around code that is looked through: bounds the time on hostile text.
_MOST_LINES = 80
_MOST_STARTS = 8


def reduce_answer(text: str, spec: Spec, *, stop: str = "end") -> str:
    """The one body in an answer, canonical. `stop` is why the writer stopped.

    Raises `BodyRefused` naming what is wrong with the answer.
    """
    if stop == "refusal":
        raise refused(f"the model declined: {opening(text)}")
    if stop in ("length", "filter"):
        raise refused(f"it was cut off by the {_CUT_BY[stop]}")
    code = _python_in(clean(text))
    if len(code) > MOST_CODE:
        raise refused(f"its code has {len(code):,} characters")
    try:
        return parse_body(body_of(code, spec)).text
    except RecursionError as error:
        raise refused("it nests too deeply") from error


_CUT_BY = {"length": "limit on its length", "filter": "provider's content filter"}


def _python_in(text: str, depth: int = 0) -> str:
    """The one piece of an answer that parses as Python."""
    inner = unwrapped(text)
    if inner != text and depth < 2:
        return _python_in(clean(inner), depth + 1)
    if fenced := blocks(inner):
        return _one_of(fenced, depth)
    code = _parsing(inner) or _inside_prose(inner)
    if code is None:
        raise refused(_why_not_python(inner))
    return code


def _one_of(fenced: list[Block], depth: int) -> str:
    wrapped = [b for b in fenced if b.language.lower() == "json"]
    if wrapped and len(fenced) == 1 and depth < 2:
        return _python_in(wrapped[0].text, depth + 1)
    python = [block for block in fenced if block.is_python]
    if not python:
        raise refused(f"it is written in {fenced[0].language}, not Python")
    parsed = [(block, _parsing(block.text)) for block in python]
    whole = {_shape(code): code for _, code in parsed if code and _returns(code)}
    if len(whole) > 1:
        raise refused(f"it holds {len(whole)} different candidates, one is asked for")
    return next(iter(whole.values()), None) or _broken(parsed)


def _broken(parsed: list[tuple[Block, str | None]]) -> str:
    """No block has a return: the only one that parses is left to the gate's rules."""
    block, code = parsed[0]
    if code is None:
        ending = "" if block.closed else " and its fence never closes: it was cut off"
        raise refused(_why_not_python(block.text) + ending)
    return code


def _tree(text: str) -> ast.Module:
    """Parsed without a word: prose that looks like code would warn on stderr."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return ast.parse(text)


def _shape(code: str) -> str:
    return ast.dump(_tree(code))


def _returns(code: str) -> bool:
    """Whether it can be a body or holds one, rather than an example of its use."""
    kinds = (ast.Return, ast.ClassDef)
    return any(isinstance(node, kinds) for node in ast.walk(_tree(code)))


def _parsing(text: str) -> str | None:
    """The text, mended as little as it takes to parse; None if nothing helps."""
    for variant in _variants(text):
        if _is_python(variant):
            return variant
    return None


def _variants(text: str) -> Iterator[str]:
    for candidate in (text, straightened(text)):
        plain = candidate.expandtabs(4)
        yield textwrap.dedent(plain).strip("\n")
        # Continuing right after `def …:`, a model often indents all lines but the first.
        first, _, rest = plain.strip().partition("\n")
        yield f"{first}\n{textwrap.dedent(rest)}"


def _is_python(text: str) -> bool:
    try:
        _tree(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(text.strip())


def _inside_prose(text: str) -> str | None:
    """The longest run of lines that starts like code, parses and returns.

    Only when everything around it is prose.
    """
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        return None
    for start in (
        n for n, line in enumerate(lines) if _CODE_START.match(line.lstrip())
    ):
        for end in range(len(lines), start, -1):
            code = _parsing("\n".join(lines[start:end]))
            if code and _returns(code):
                rest = [*lines[:start], *lines[end:]]
                return code if all(map(_is_prose, rest)) else None
    return None


def _is_prose(line: str) -> bool:
    """Whether a line may be dropped: a piece of some other program may not."""
    words = line.strip()
    if not words:
        return True
    sentence = words[0].isupper() or words[0] in "-*#" or words[-1] in ".:!?"
    return sentence and not set("{};=") & set(words)


def _why_not_python(text: str) -> str:
    if _REFUSALS.search(straightened(text)):
        return f"the model declined: {opening(text)}"
    for language, sign in _OTHER_LANGUAGES:
        if sign.search(text):
            return f"it is written in {language}, not Python"
    if not re.search(r"[=()]|\breturn\b", text):
        return f"it holds no code: {opening(text)}"
    return f"it does not parse as Python{_at_fault(text)}"


def _at_fault(text: str) -> str:
    try:
        _tree(textwrap.dedent(text))
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        return f" (line {line}: {getattr(error, 'msg', error)})" if line else ""
    except (RecursionError, MemoryError):
        return " (it nests too deeply)"
    return ""


def is_refusal(error: BodyRefused) -> bool:
    """Whether a model declined, rather than tried and failed."""
    return "the model declined" in error.message
