"""What a swap would change, before it is made: in the module, and downstream of it.

The new body runs over the module's recordings in one batch. Modules downstream run
again only where a value they read becomes another, everything else as it was recorded
(`wick.follow` finds which calls those were). What could not be followed is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.calls import as_call
from core.gate.compare import same
from core.gate.trial import Case
from core.names import STATE_PREFIX
from wick.bodies import admits
from wick.court import Court, Tried
from wick.follow import Changed, Effect, effects
from wick.reach import BlastRadius as BlastRadius
from wick.reach import counted, unseen

if TYPE_CHECKING:
    from core.contract import Contract
    from core.sandbox import Sandbox
    from core.spec import Spec
    from core.stack import Stack
    from core.store import Recording

# Calls downstream that one estimate may run again.
STEPS = 20_000
RecordingsOf = Callable[[str], Sequence["Recording"]]
Values = Mapping[str, Any]


def blast_radius(
    stack: Stack,
    module: str,
    body: str,
    before: str = "",
    *,
    recordings_of: RecordingsOf,
    sandbox: Sandbox,
    steps: int = STEPS,
) -> BlastRadius:
    """What `body` would change in `module` (its full name) and downstream of it.

    Compared with what `before` gives there, by default with what was recorded.
    `recordings_of` gives a module's recordings by its full name, as
    `Recordings(store).list` does. Nothing is written.
    """
    work = _Replay(stack, module.rpartition(".")[2], recordings_of, sandbox, steps)
    work.change(body, before)
    for name in work.downstream:
        work.follow(name)
    return work.told()


@dataclass
class _Replay:
    """The replay as it goes: what has changed in each module so far."""

    stack: Stack
    module: str
    recordings_of: RecordingsOf
    sandbox: Sandbox
    left: int
    lived: dict[str, list[Recording]] = field(default_factory=dict)
    changed: dict[str, list[Changed]] = field(default_factory=dict)
    steps: int = 0
    followed: int = 0
    unfollowed: int = 0

    @cached_property
    def downstream(self) -> list[str]:
        """The modules that run after it, in their order."""
        order = list(self.stack.versions)
        return order[order.index(self.module) + 1 :]

    def change(self, body: str, before: str) -> None:
        """The module itself, over all it has lived through."""
        kept = self._lived(self.module)
        was = [one.outputs for one in kept]
        if before:
            was = self._outputs(self.module, before, kept, [r.inputs for r in kept])
        now = self._outputs(self.module, body, kept, [r.inputs for r in kept])
        self._note(self.module, kept, was, now)

    def follow(self, module: str) -> None:
        """A module downstream, on the calls that would be given something else."""
        reached = self._reached(module)
        if reached:
            body = self.stack.entries[module].body
            kept = [one.recording for one in reached]
            was = self._outputs(module, body, kept, [one.old for one in reached])
            now = self._outputs(module, body, kept, [one.new for one in reached])
            self._note(module, kept, was, now)

    def _reached(self, module: str) -> list[Effect]:
        found, lost = effects(
            self.stack.wiring, module, self.changed, self._lived(module)
        )
        within, beyond = found[: self.left], found[self.left :]
        self.left -= len(within)
        self.steps += len(within)
        self.followed += sum(one.causes for one in within)
        self.unfollowed += lost + sum(one.causes for one in beyond)
        return within

    def _lived(self, module: str) -> list[Recording]:
        """The recordings whose inputs the contract admits; read once."""
        if module not in self.lived:
            spec = self._spec(module)
            found = self.recordings_of(spec.id)
            self.lived[module] = [one for one in found if admits(spec, one.inputs)]
        return self.lived[module]

    def _calls(self, module: str) -> int:
        return len(self._lived(module))

    def _spec(self, module: str) -> Spec:
        return self.stack.entries[module].spec

    def _outputs(
        self,
        module: str,
        body: str,
        recordings: Sequence[Recording],
        rows: Sequence[Values],
    ) -> list[Values | None]:
        """What callers would receive: outputs, the fallback, or nothing."""
        spec = self._spec(module)
        court = Court(spec, self.sandbox, self.stack.file.vocabulary)
        cases = [
            Case(dict(row), tuple(map(as_call, one.calls)))
            for one, row in zip(recordings, rows, strict=True)
        ]
        tried = court.tried(body, cases)
        return [
            _received(spec.contract, row, one)
            for row, one in zip(rows, tried, strict=True)
        ]

    def _note(
        self,
        module: str,
        recordings: Sequence[Recording],
        was: Sequence[Values | None],
        now: Sequence[Values | None],
    ) -> None:
        calls = map(Changed, recordings, was, now)
        found = [one for one in calls if not same(one.old, one.new)]
        if found:
            self.changed[module] = found

    def told(self) -> BlastRadius:
        """Everything found, counted as the stack wants it."""
        kept = self._lived(self.module)
        known = self.recordings_of(self._spec(self.module).id)
        return BlastRadius(
            module=self._spec(self.module).id,
            replayed=len(kept),
            changed=len(self.changed.get(self.module, ())),
            outside=len(known) - len(kept),
            followed=self.followed,
            unfollowed=self.unfollowed,
            steps=self.steps,
            touched={name: len(found) for name, found in self.changed.items()},
            measured=counted(self.stack, self.module, self.changed, self._calls),
            notes=tuple(unseen(self.stack, self.module, self.changed)),
        )


def _received(contract: Contract, inputs: Values, tried: Tried) -> Values | None:
    """What the caller of a module gets."""
    if not tried.fault and tried.ran.ok:
        outputs: Values = tried.ran.value
        return outputs
    if contract.fallback is None:
        return None
    kept = {name: inputs[STATE_PREFIX + name] for name in contract.state}
    return {**kept, **contract.fallback}
