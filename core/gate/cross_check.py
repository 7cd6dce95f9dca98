"""A second opinion from CPython, where native modules will run.

The body runs in `python -I -S` with an empty environment, resource limits, an audit
hook that refuses everything, and a process group of its own that is killed whole.
"""

import json
import marshal
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core import allowed
from core.calls import CapabilityCall
from core.errors import AszaError
from core.native import native_code
from core.outcome import Outcome
from core.sandbox.policy import DEFAULT_POLICY, Policy
from core.sandbox.source import body_start

_RUNNER = Path(__file__).with_name("cross_check_runner.py")
# The interpreter itself maps some 100 MB, which counts.
_INTERPRETER_MEMORY = 192 * 2**20
_START = 5.0
_RECURSION_MARGIN = 40

Row = Mapping[str, Any]
Calls = Sequence[CapabilityCall]


def cross_check(
    source: str,
    name: str,
    rows: Sequence[Row],
    *,
    calls: Sequence[Calls] = (),
    policy: Policy = DEFAULT_POLICY,
) -> list[Outcome]:
    """One outcome a row, from one subprocess; `calls` are the answers to give again.

    A process that is stopped or dies gives every row the same failed outcome.
    """
    recorded = [list(each) for each in calls] or [[] for _ in rows]
    seconds = policy.seconds + policy.row_seconds * len(rows)
    job = _job(source, name, rows, recorded, policy, seconds)
    answer = _run(job, _START + seconds)
    if isinstance(answer, Outcome):
        return [answer] * len(rows)
    start = body_start(source)
    return [
        _outcome(*found, start=start, calls=tuple(each))
        for found, each in zip(answer, recorded, strict=True)
    ]


def _job(
    source: str,
    name: str,
    rows: Sequence[Row],
    calls: Sequence[Calls],
    policy: Policy,
    seconds: float,
) -> bytes:
    """Everything the runner needs, marshalled: it reads it, we never read its."""
    names = sorted({call.name for each in calls for call in each})
    return marshal.dumps(
        {
            "code": marshal.dumps(native_code(source, name)),
            "name": name,
            "filename": f"<{name}>",
            "builtins": sorted(allowed.BUILTINS),
            "capabilities": names,
            "rows": [dict(row) for row in rows],
            "calls": [[_as_list(call) for call in each] for each in calls],
            "seconds": seconds,
            "memory": policy.memory + _INTERPRETER_MEMORY,
            "recursion": policy.recursion + _RECURSION_MARGIN,
        }
    )


def _as_list(call: CapabilityCall) -> list[Any]:
    return [call.name, dict(call.inputs), call.answer, call.error]


def _run(job: bytes, seconds: float) -> list[Any] | Outcome:
    """The runner's results, or the one outcome of a process that gave none."""
    process = _started()
    try:
        out, _ = process.communicate(job, timeout=seconds)
        return _read(out, process.returncode)
    except subprocess.TimeoutExpired:
        return _stopped("TimeoutError", f"no answer within {seconds:.1f} s")
    finally:
        _end(process)


def _started() -> "subprocess.Popen[bytes]":
    try:
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(_RUNNER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            close_fds=True,
            start_new_session=True,
        )
    except OSError as error:
        raise AszaError(
            f"CPython cannot be started for the cross-check: {error}",
            remedy="free some memory or processes, then try again",
        ) from error


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Kill whatever is left of the process's group, and reap it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.wait()


def _read(out: bytes, code: int) -> list[Any] | Outcome:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return _stopped("TimeoutError", "CPython was stopped at its time limit")
    try:
        found = json.loads(out)
    except ValueError:
        return _stopped("WorkerCrashed", f"CPython ended with {code} and no answer")
    return found if isinstance(found, list) else _stopped("WorkerCrashed", "no list")


def _stopped(error: str, message: str) -> Outcome:
    return Outcome(False, error=error, message=message, crashed=True)


def _outcome(
    ok: bool,
    outputs: Any,
    error: str,
    message: str,
    line: int,
    changed: bool,
    *,
    start: int,
    calls: tuple[CapabilityCall, ...],
) -> Outcome:
    at = line - start if line > start else None
    return Outcome(ok, outputs, error, message, at, calls=calls, changed_inputs=changed)
