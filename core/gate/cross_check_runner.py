"""Run a body's bytecode in a bare CPython: a script for `python -I -S`, not a module.

Reads one marshalled job from stdin and writes one JSON line of results to stdout. It
limits itself before the body's first instruction, and while the body runs it refuses
every audited event: files, sockets, processes, imports, frames and code objects.
"""

from __future__ import annotations

import json
import marshal
import math
import resource
import sys

TYPE_CHECKING = False  # `typing` would cost the start a millisecond
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def limit(seconds: float, memory: int, recursion: int) -> None:
    """Bound CPU, memory and recursion; no files, processes or core dumps."""
    for kind, value in (
        (resource.RLIMIT_CPU, math.ceil(seconds)),
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_NOFILE, 3),
    ):
        resource.setrlimit(kind, (value, value))
    sys.setrecursionlimit(recursion)


class Guard:
    """Refuses audited events while it is on; a hook cannot be taken away again."""

    def __init__(self) -> None:
        self.on = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, _: object) -> None:
        if self.on:
            raise PermissionError(f"'{event}' is not for a body")


def load(job: dict[str, Any]) -> Callable[..., Any]:
    """The body's function, in globals that hold the listed builtins and `math`."""
    listed = {name: getattr(sys.modules["builtins"], name) for name in job["builtins"]}
    space: dict[str, Any] = {
        "__builtins__": listed,
        "__name__": "asza_body",
        "math": math,
    }
    exec(marshal.loads(job["code"]), space)  # noqa: S102, S302 that is the job
    function: Callable[..., Any] = space[job["name"]]
    return function


def replay(calls: list[Any], names: list[str]) -> dict[str, Callable[..., Any]]:
    """Functions that give recorded answers in their order."""
    left = list(calls)

    def ask(name: str, inputs: dict[str, Any]) -> Any:
        if not left or left[0][:2] != [name, inputs]:
            raise RuntimeError(f"{name} was not asked this when it was recorded")
        _, _, answer, error = left.pop(0)
        if error:
            raise RuntimeError(error)
        return answer

    return {name: lambda name=name, **inputs: ask(name, inputs) for name in names}


def line_of(error: BaseException, filename: str) -> int:
    """The last line of the body's own file in the traceback, or 0."""
    found = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def run(
    function: Callable[..., Any],
    row: dict[str, Any],
    calls: list[Any],
    job: dict[str, Any],
    guard: Guard,
) -> list[Any]:
    """[ok, outputs, error, message, line, inputs changed] of one call."""
    asked, before = replay(calls, job["capabilities"]), repr(row)
    try:
        guard.on = True
        outputs = function(**row, **asked)
    except Exception as error:  # noqa: BLE001 whatever a body raises is the result
        guard.on = False
        kind, line = type(error).__name__, line_of(error, job["filename"])
        return [False, None, kind, str(error), line, repr(row) != before]
    finally:
        guard.on = False
    return [True, outputs, "", "", 0, repr(row) != before]


def as_json(result: list[Any]) -> str:
    """The result as text; outputs that JSON cannot hold become an error."""
    try:
        return json.dumps(result)
    except (TypeError, ValueError, RecursionError) as error:
        return json.dumps([False, None, "TypeError", str(error), 0, result[5]])


def main() -> None:
    job = marshal.loads(sys.stdin.buffer.read())  # noqa: S302 our parent wrote it
    guard = Guard()
    limit(job["seconds"], job["memory"], job["recursion"])
    function = load(job)
    results = (
        run(function, row, calls, job, guard)
        for row, calls in zip(job["rows"], job["calls"], strict=True)
    )
    sys.stdout.write("[" + ",".join(map(as_json, results)) + "]")


if __name__ == "__main__":
    main()
