"""What came of one run of a body, whichever engine ran it. Light."""

from typing import Any, NamedTuple

from core.calls import CapabilityCall


class Outcome(NamedTuple):
    """Outputs, or the name of an error, its message and its line in the body.

    `seconds` is the wall time at the host, a batch's shared evenly over its rows.
    `changed_inputs` is found only under a policy that watches them. `crashed`: the
    worker died or was stopped, not the body alone.
    """

    ok: bool
    outputs: Any = None
    error: str = ""
    message: str = ""
    line: int | None = None
    seconds: float = 0.0
    calls: tuple[CapabilityCall, ...] = ()
    changed_inputs: bool = False
    crashed: bool = False

    @property
    def injected(self) -> bool:
        """True when it failed because a capability did, as it then must."""
        return not self.ok and bool(self.calls) and bool(self.calls[-1].error)


STOPPED = frozenset({"TimeoutError", "MemoryError", "WorkerCrashed"})
