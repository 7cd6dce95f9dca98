"""Which modules of a stack are called, and on what: rows given, or their own examples."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import DataError, ModuleFailed
from core.names import STATE_PREFIX

if TYPE_CHECKING:
    from core.stack import Stack
    from core.stack.tick import Tick

Data = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One tick of a part of the stack, and what an example says comes out of it.

    `begins` is the state an example begins with, by name; None goes on from the last.
    """

    part: "Stack"
    inputs: Data
    expected: Data | None = None
    begins: Data | None = None


def shown_calls(parts: Iterable["Stack"]) -> Iterator[Call]:
    """Each part on every example that gives a value to each name it starts from."""
    for part in parts:
        for entry in part.entries.values():
            for example in entry.spec.contract.examples:
                if set(part.starting) <= set(example.inputs):
                    inputs, begins = _parted(example.inputs)
                    yield Call(part, inputs, dict(example.out), begins)


def _parted(inputs: Mapping[str, Any]) -> tuple[Data, Data]:
    """An example's inputs: what is given, and what is remembered from before."""
    state = {n: v for n, v in inputs.items() if n.startswith(STATE_PREFIX)}
    begins = {name.removeprefix(STATE_PREFIX): v for name, v in state.items()}
    return {n: v for n, v in inputs.items() if n not in state}, begins


def given_calls(stack: "Stack", rows: Iterable[Data]) -> Iterator[Call]:
    """On each row, every part of the stack that the row has all values for."""
    from core.stack.parts import apart, part

    parts = apart(stack)
    for row in rows:
        _refuse_strange(stack, row)
        able = [one for one in parts if set(one.starting) <= set(row)]
        if not able:
            raise _too_few(stack, parts, row)
        yield Call(part(stack, [name for one in able for name in one.entries]), row)


def called(call: Call, tick: "Tick") -> Data:
    """A call and what came of it."""
    decision = tick["call"]
    return {
        "inputs": call.inputs,
        "outputs": dict(decision.values),
        "expected": call.expected,
        "remark": "; ".join([*decision.faults.values(), *decision.skipped.values()]),
        "failed": sorted(decision.faults),
    }


def failure(calls: Sequence[Data], stack: str) -> ModuleFailed | None:
    """The first call that gave nothing because a module failed, as an error."""
    failed = [call for call in calls if call["failed"]]
    if not failed:
        return None
    first = failed[0]
    return ModuleFailed(
        f"{len(failed)} of {len(calls)} calls failed, the first in "
        f"{stack}.{first['failed'][0]}: {first['remark']}",
        field="--in",
        value=first["inputs"],
        remedy=f"give inputs that its contract allows (`asza show "
        f"{stack}.{first['failed'][0]}`), or mend the module",
    )


def failure_of(outcome: Mapping[str, Any], stack: str) -> ModuleFailed | None:
    """Why a run is no success, if it is none: calls that failed, or silent modules."""
    found = failure(outcome.get("calls", ()), stack)
    silent = outcome.get("silent")
    if found or not silent:
        return found
    first = silent[0]
    name = f"{stack}.{first['module']}"
    remedy = (
        f"see `asza reflections {name}`; mend the module, or give its spec a fallback"
    )
    if first["remark"].startswith("Quarantined"):
        remedy = f"`asza quarantine {name} --lift` lets it run again"
    return ModuleFailed(
        f"{name} failed each of the {first['failures']:,} times it was asked and never "
        f"answered, the last time so: {first['remark']}",
        field="module",
        value=[f"{stack}.{each['module']}" for each in silent],
        remedy=remedy,
    )


def _refuse_strange(stack: "Stack", row: Data) -> None:
    """A name that no module reads is a slip of the pen."""
    if strange := sorted(set(row) - set(stack.starting)):
        raise DataError(
            f"stack {stack.name} reads no {', '.join(strange)}",
            field="--in",
            value=row,
            remedy=f"it reads {', '.join(stack.starting)}",
        )


def _too_few(stack: "Stack", parts: Iterable["Stack"], row: Data) -> DataError:
    nearest = min(parts, key=lambda one: len(set(one.starting) - set(row)))
    missing = ", ".join(sorted(set(nearest.starting) - set(row)))
    return DataError(
        f"no module of {stack.name} can be called without {missing}",
        field="--in",
        value=row,
        remedy=f"give {', '.join(nearest.starting)}",
    )
