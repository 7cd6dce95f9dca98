"""Capability calls: what a body asked the host, and what it was told. Light."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from core.errors import AszaError

Host = Callable[..., Any]


class CapabilityFailed(AszaError):
    """A capability could not answer; a body cannot catch it, so its call fails."""


class CapabilityCall(NamedTuple):
    """One question and its answer; `error` says why there was none.

    A tuple, so that it is kept as a JSON list like every other part of a reflection.
    """

    name: str
    inputs: Mapping[str, Any]
    answer: Any = None
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return self._asdict()


class Served:
    """Host functions as a body sees them: recorded, and limited in number a call."""

    def __init__(self, capabilities: Mapping[str, Host], limit: int) -> None:
        self.calls: list[CapabilityCall] = []
        self._limit = limit
        self.lookup: dict[str, Host] = {
            name: self._recorded(name, host) for name, host in capabilities.items()
        }

    def start(self) -> None:
        """Forget the calls of the row before."""
        self.calls = []

    def _recorded(self, name: str, host: Host) -> Host:
        def serve(*args: Any, **inputs: Any) -> Any:
            if len(self.calls) >= self._limit:
                raise RuntimeError(f"more than {self._limit} capability calls")
            asked = {**{str(n): value for n, value in enumerate(args)}, **inputs}
            return self._answer(name, asked, host, args, inputs)

        return serve

    def _answer(
        self,
        name: str,
        asked: Mapping[str, Any],
        host: Host,
        args: Sequence[Any],
        inputs: Mapping[str, Any],
    ) -> Any:
        try:
            answer = host(*args, **inputs)
        except CapabilityFailed as failed:
            self.calls.append(CapabilityCall(name, asked, error=failed.message))
            # A type both engines know, so that they raise alike.
            raise RuntimeError(failed.message) from failed
        self.calls.append(CapabilityCall(name, asked, answer))
        return answer


def as_call(call: Any) -> CapabilityCall:
    """A call as it was kept: an object with its fields, or as JSON, keyed or listed."""
    if isinstance(call, CapabilityCall):
        return call
    if isinstance(call, Mapping):
        kept = {key: call[key] for key in ("answer", "error") if key in call}
        return CapabilityCall(call["name"], dict(call["inputs"]), **kept)
    if isinstance(call, list | tuple):
        return CapabilityCall(*call)
    error = getattr(call, "error", "")
    return CapabilityCall(call.name, dict(call.inputs), call.answer, error)


def replayed(calls: Sequence[CapabilityCall], names: Sequence[str]) -> dict[str, Host]:
    """Host functions that give recorded answers again, in their order.

    A question that was not asked then is a `CapabilityFailed`: the body does not
    behave as it did when it was recorded.
    """
    left = list(calls)

    def answer(name: str, inputs: Mapping[str, Any]) -> Any:
        call = left.pop(0) if left else None
        if call is None or (call.name, dict(call.inputs)) != (name, dict(inputs)):
            raise CapabilityFailed(f"{name} was not asked this when it was recorded")
        if call.error:
            raise CapabilityFailed(call.error)
        return call.answer

    return {name: _asking(name, answer) for name in names}


def _asking(name: str, answer: Callable[[str, Mapping[str, Any]], Any]) -> Host:
    return lambda **inputs: answer(name, inputs)
