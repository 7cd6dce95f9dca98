"""One call of one candidate inside the CPython worker, and what came of it as a line.

Every call gets the file's definitions afresh, in a module of its own. A candidate that
cannot reach anything two calls share may stand in one process with others.
"""

from __future__ import annotations

import ast
import marshal
import signal
import sys
from collections.abc import Mapping
from time import process_time
from types import CodeType, FrameType, ModuleType, TracebackType
from typing import Any, NamedTuple, NoReturn

from wick.runners.cpython_codec import Endless, encoded, quoted
from wick.runners.cpython_steps import STEP, Stopped, metered, steps

MODULE, FILENAME, PREAMBLE = "asza_subject", "<subject>", "<preamble>"
_LONGEST_MESSAGE = 2_000

# Modules in which nothing is left behind by using them as they are meant to be.
_STATELESS = frozenset(
    "__future__ abc bisect cmath collections collections.abc copy dataclasses datetime "
    "enum fractions functools heapq itertools json math numbers operator re statistics "
    "string textwrap typing unicodedata".split()
)
_FAR_REACHING = frozenset(
    "__builtins__ __import__ breakpoint compile delattr eval exec exit getattr globals "
    "input locals open quit setattr type vars".split()
)


class Program(NamedTuple):
    """Compiled once: the file's definitions, then the function; or why it is neither."""

    preamble: CodeType | None
    source: CodeType | None
    name: str
    fault: str = ""
    confined: bool = False


class Task(NamedTuple):
    """One call: arguments marshalled, so that each call has its own."""

    program: Program
    given: bytes
    watch: bool
    steps: int


def compiled(preamble: str, sources: list[str]) -> list[Program]:
    """A program for each source; one that does not compile says so when it is called."""
    before, fault, confined = _preamble(preamble)
    return [_program(before, fault, confined, source) for source in sources]


def run(task: Task, trace: bool) -> str:
    """[ok, value, error, message, line, after, lines, seconds] as one line of text."""
    lines: set[int] = set()
    began = process_time()
    try:
        told = _called(task, lines if trace else None)
    except BaseException as error:  # noqa: BLE001 whatever it raises is the result
        told = _raised(error)
    finally:
        sys.settrace(None)
    ran = ",".join(map(str, sorted(lines)))
    return f"[{told},[{ran}],{process_time() - began:.6f}]"


def _preamble(text: str) -> tuple[CodeType | None, str, bool]:
    try:
        tree = ast.parse(text)
        confined = _is_confined(tree)
        code = compile(metered(tree), PREAMBLE, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return None, str(error), False
    return code, "", confined


def _program(
    before: CodeType | None, fault: str, confined: bool, source: str
) -> Program:
    try:
        tree = ast.parse(source)
        alone = confined and _is_confined(tree)
        code = compile(metered(tree), FILENAME, "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return Program(before, None, "", str(error))
    names = [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]
    return Program(before, code, names[-1] if names else "", fault, alone)


def _called(task: Task, lines: set[int] | None) -> str:
    program = task.program
    if program.fault:
        raise SyntaxError(program.fault)
    space = _space(program, task.steps)
    function = space[program.name]
    args, kwargs = marshal.loads(task.given)  # noqa: S302 our own process wrote it
    if lines is not None:
        _trace_into(lines)
    try:
        value = encoded(function(*args, **kwargs))
        told = f'true,{value},"","",null'
    except Exception as error:  # noqa: BLE001 whatever it raises is the result
        told = _failed(error)
    sys.settrace(None)
    return f"{told},{_after(function, args, kwargs) if task.watch else 'null'}"


def _space(program: Program, most: int) -> dict[str, Any]:
    module = ModuleType(MODULE)
    sys.modules[MODULE] = module  # dataclasses and enums look their module up
    space = module.__dict__
    space[STEP] = steps(most)
    for code in (program.preamble, program.source):
        if code is not None:
            exec(code, space)  # noqa: S102 that is what the worker is for
    return space


def _after(function: Any, args: Any, kwargs: Mapping[str, Any]) -> str:
    code = getattr(function, "__code__", None)
    names = code.co_varnames[: code.co_argcount] if code else ()
    return encoded({**dict(zip(names, args, strict=False)), **kwargs})


def _raised(error: BaseException) -> str:
    return f"{_failed(error)},null"


def _failed(error: BaseException) -> str:
    stopped = isinstance(error, Stopped | Endless)
    name = "TimeoutError" if stopped else type(error).__name__
    line = _line_of(error.__traceback__)
    message = quoted(_message(error)[:_LONGEST_MESSAGE])
    return f"false,null,{quoted(name)},{message},{line or 'null'}"


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 an exception's own __str__ may raise
        return ""


def _line_of(trace: TracebackType | None) -> int:
    """The function's own line that was running when it was raised, or 0."""
    found = 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == FILENAME:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def _trace_into(lines: set[int]) -> None:
    def trace(frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_code.co_filename != FILENAME:
            return None
        if event in ("call", "line"):
            lines.add(frame.f_lineno)
        return trace

    signal.signal(signal.SIGPROF, _stop)
    sys.settrace(trace)


def _stop(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped("it does not end")


def _is_confined(tree: ast.Module) -> bool:
    """Whether nothing it does can outlast its own call. In doubt it is not."""
    return not any(map(_reaches, ast.walk(tree)))


def _reaches(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        own = isinstance(node.value, ast.Name) and node.value.id == "self"
        hidden = node.attr.startswith("_") and not own
        return hidden or (not isinstance(node.ctx, ast.Load) and not own)
    if isinstance(node, ast.Name):
        return node.id in _FAR_REACHING
    if isinstance(node, ast.Import):
        return not {alias.name for alias in node.names} <= _STATELESS
    if isinstance(node, ast.ImportFrom):
        return node.module not in _STATELESS
    return False
