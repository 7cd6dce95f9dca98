"""Modules that fail in every way a module can, called for real."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from core.calls import CapabilityFailed, Host
from core.contract import Capability, Contract
from core.errors import ModuleFailed
from core.records import FAILED, Memory, Reflection
from core.sandbox import Sandbox
from core.wrapper import bind
from tests.core.stack_samples import runtime, target

NUMBER = {"type": "number", "minimum": -1e9, "maximum": 1e9}
ROW = {"type": "object", "properties": {"close": NUMBER}, "required": ["close"]}
QUOTIENT = Contract(
    inputs={"a": NUMBER, "b": NUMBER},
    outputs={"q": NUMBER},
    assumes=("a >= b",),
    invariants=("q <= a or b <= 1",),
)
SERIES = Contract(
    inputs={"rows": {"type": "array", "items": ROW}}, outputs={"q": NUMBER}
)
ASKING = Contract(
    inputs={"a": NUMBER},
    outputs={"q": NUMBER},
    capabilities={"ask": Capability("ask", {}, {"type": ["number", "null"]})},
)


def silent() -> float:
    raise CapabilityFailed("the provider is overloaded (529)")


def lived(
    sandbox: Sandbox,
    contract: Contract,
    body: str,
    calls: Iterable[Mapping[str, Any]],
    **hosts: Host,
) -> list[Reflection]:
    """What was reflected when a body was called with these inputs."""
    run = runtime("sandbox", sandbox, capabilities=hosts)
    call = bind(target(contract, body), run)
    for inputs in calls:
        with suppress(ModuleFailed):
            call(**inputs)
    assert isinstance(run.sink, Memory)
    return run.sink.reflections()


def failure(
    inputs: Mapping[str, Any],
    remark: str,
    at: int = 1,
    *,
    version: int = 1,
    module: str = "desk.made",
) -> Reflection:
    """A call that failed, as it would be reflected; its number is its time."""
    who = (at, "run", module, version, at, 10)
    return Reflection(*who, inputs, None, [], FAILED, remark)
