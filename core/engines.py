"""Two engines for one source: native (compiled here) and sandbox (a Monty worker).

An `Engine` runs a body on keyword inputs; `take` gives the capability calls of the
last run in this thread, and is None where there can be none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import local
from traceback import walk_tb
from typing import Any, NamedTuple, Protocol

from core.native import compile_native

Capabilities = Mapping[str, Callable[..., Any]]


class Answered(Protocol):
    """What a prepared sandbox call gives back (`core.sandbox.Outcome` is one)."""

    ok: bool
    outputs: Any
    error: str
    message: str
    line: int | None
    calls: tuple[Any, ...]


class Prepared(Protocol):
    """A sandboxed function ready to be called (`core.sandbox.PreparedCall` is one)."""

    def call(self, inputs: Mapping[str, Any]) -> Answered:
        """Run it once on keyword inputs."""


class BodyFailed(Exception):  # noqa: N818  it reads as what happened
    """A body failed inside the sandbox: the error's name, its message, its line."""

    def __init__(self, error: str, message: str, line: int | None) -> None:
        super().__init__(message)
        self.error = error
        self.line = line


class CapabilityCalled(NamedTuple):
    """One question a module asked and the answer it got."""

    name: str
    inputs: Mapping[str, Any]
    answer: Any


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


def native_engine(source: str, name: str, capabilities: Capabilities) -> Engine:
    """Compile the function once and call it in this process."""
    function = compile_native(source, name)
    if not capabilities:
        return Engine(function)
    last = _Calls()

    def run(**inputs: Any) -> Any:
        calls: list[CapabilityCalled] = []
        last.calls = calls
        served = {
            asked: _served(asked, host, calls) for asked, host in capabilities.items()
        }
        return function(**inputs, **served)

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


def _served(
    name: str, host: Callable[..., Any], calls: list[CapabilityCalled]
) -> Callable[..., Any]:
    def serve(*args: Any, **inputs: Any) -> Any:
        answer = host(*args, **inputs)
        calls.append(CapabilityCalled(name, _asked(args, inputs), answer))
        return answer

    return serve


def _asked(args: Sequence[Any], inputs: Mapping[str, Any]) -> dict[str, Any]:
    return {**{str(place): value for place, value in enumerate(args)}, **inputs}
