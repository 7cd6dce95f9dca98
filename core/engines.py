"""Two engines for one source: native (compiled here) and sandbox (a Monty worker).

An `Engine` runs a body on keyword inputs; `take` gives the capability calls of the
last run in this thread, and is None where there can be none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import local
from traceback import walk_tb
from typing import Any, NamedTuple, Protocol

import jsonschema_rs

from core.calls import CapabilityFailed, Host, Served
from core.contract import Capability
from core.native import compile_native
from core.outcome import Outcome

MOST_CALLS = 100


class Prepared(Protocol):
    """A sandboxed function ready to be called (`core.sandbox.PreparedCall` is one)."""

    def call(self, inputs: Mapping[str, Any]) -> Outcome:
        """Run it once on keyword inputs."""


class BodyFailed(Exception):
    """A body failed inside the sandbox: the error's name, its message, its line."""

    def __init__(self, error: str, message: str, line: int | None) -> None:
        super().__init__(message)
        self.error = error
        self.line = line


class Engine(NamedTuple):
    """How a bound module runs its body."""

    run: Callable[..., Any]
    take: Callable[[], Sequence[Any]] | None = None


def sandbox_engine(prepared: Prepared) -> Engine:
    """Calls go to a worker; an error there becomes BodyFailed here."""
    last = _Calls()

    def run(**inputs: Any) -> Any:
        last.calls = ()
        outcome = prepared.call(inputs)
        last.calls = outcome.calls
        if not outcome.ok:
            raise BodyFailed(outcome.error, outcome.message, outcome.line)
        return outcome.outputs

    return Engine(run, lambda: last.calls)


def native_engine(source: str, name: str, capabilities: Mapping[str, Host]) -> Engine:
    """Compile the function once and call it in this process."""
    function = compile_native(source, name)
    if not capabilities:
        return Engine(function)
    last = _Calls()

    def run(**inputs: Any) -> Any:
        served = Served(capabilities, MOST_CALLS)
        last.calls = served.calls
        return function(**inputs, **served.lookup)

    return Engine(run, lambda: last.calls)


class _Calls(local):
    """The calls of one run, apart for each thread."""

    calls: Sequence[Any] = ()


def body_line(error: BaseException, name: str, first: int) -> int | None:
    """The line of the body (1 = its first) where the error rose, if it was in it.

    `name` is the function's, `first` how many lines of its source precede the body.
    """
    lines = [
        number - first
        for frame, number in walk_tb(error.__traceback__)
        if frame.f_code.co_filename == f"<{name}>"
    ]
    return lines[-1] if lines else None


def checked_host(capability: Capability, host: Host) -> Host:
    """The host function, failing as a capability when its answer breaks its schema."""
    schema = dict(capability.output)

    def ask(*args: Any, **inputs: Any) -> Any:
        answer = host(*args, **inputs)
        if answer is not None and not jsonschema_rs.is_valid(schema, answer):
            raise CapabilityFailed(f"{capability.name} answered {answer!r:.200}")
        return answer

    return ask
