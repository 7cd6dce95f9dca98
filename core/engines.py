"""Two engines for one source: native (compiled here) and sandbox (a Monty worker).

A `Run` takes a module's inputs and gives its outputs and the capability calls it made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from traceback import walk_tb
from typing import Any, NamedTuple, Protocol

from core.native import compile_native

Capabilities = Mapping[str, Callable[..., Any]]
Run = Callable[[dict[str, Any]], tuple[Any, Sequence[Any]]]


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


def sandbox_run(prepared: Prepared) -> Run:
    """Calls go to a worker; an error there becomes BodyFailed here."""

    def run(inputs: dict[str, Any]) -> tuple[Any, Sequence[Any]]:
        outcome = prepared.call(inputs)
        if not outcome.ok:
            raise BodyFailed(outcome.error, outcome.message, outcome.line)
        return outcome.outputs, outcome.calls

    return run


def native_run(source: str, name: str, capabilities: Capabilities) -> Run:
    """Compile the function once and call it in this process."""
    function = compile_native(source, name)
    if not capabilities:
        return lambda inputs: (function(**inputs), ())

    def run(inputs: dict[str, Any]) -> tuple[Any, Sequence[Any]]:
        calls: list[CapabilityCalled] = []
        served = {
            asked: _served(asked, host, calls) for asked, host in capabilities.items()
        }
        return function(**inputs, **served), calls

    return run


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
