"""How far a change reaches: counted as the stack wants it, and what was not seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.gate.compare import same
from wick.measure import Measure, Measured, measured, read_measure, sentence

if TYPE_CHECKING:
    from core.stack import Stack
    from wick.follow import Changed

PROCEED = "proceed"
ChangedIn = Mapping[str, Sequence["Changed"]]


@dataclass(frozen=True, slots=True)
class BlastRadius:
    """What changes: of `replayed` recorded calls of the module, `changed`.

    `outside` recordings are of inputs the contract no longer admits. Of the changes a
    module downstream reads, `followed` were carried on and `unfollowed` could not be;
    `steps` calls were run again there. `touched` is how many calls change, by module.
    """

    module: str
    replayed: int
    changed: int
    outside: int
    followed: int
    unfollowed: int
    steps: int
    touched: Mapping[str, int]
    measured: tuple[Measured, ...]
    notes: tuple[str, ...] = ()

    @property
    def covered(self) -> float:
        """The share of what downstream reads differently that was followed, 0 to 1."""
        total = self.followed + self.unfollowed
        return self.followed / total if total else 1.0

    @property
    def sentence(self) -> str:
        """`3 of 10,000 signals change, 0 orders, 0 notional`, and what is not known."""
        if not self.replayed:
            return "no recorded call could be replayed: its reach is not known"
        told = sentence(self.measured)
        if self.covered < 1:
            told += f"; {self.covered:.0%} of the changes were followed downstream"
        return "; ".join([told, *self.notes])


def counted(
    stack: Stack, module: str, changed: ChangedIn, calls: Callable[[str], int]
) -> tuple[Measured, ...]:
    """What the stack measures; without a measure, calls of each module it touches."""
    producers = stack.wiring.producers
    wanted = [m for m in read_measure(stack.file.measure) if m.output in producers]
    if wanted:
        makers = [producers[item.output] for item in wanted]
        pairs = zip(wanted, makers, strict=True)
        return tuple(_count(i, changed.get(m, ()), calls(m)) for i, m in pairs)
    names = [module, *(name for name in changed if name != module)]
    return tuple(
        Measured(f"calls of {name}", len(changed.get(name, ())), calls(name))
        for name in names
    )


def _count(item: Measure, changed: Sequence[Changed], of: int) -> Measured:
    return measured(item, [(one.old, one.new) for one in changed], of)


def unseen(stack: Stack, module: str, changed: ChangedIn) -> Iterator[str]:
    """What a replay of single calls cannot see, where there is something."""
    found = changed.get(module, ())
    stops = _differing(found, [PROCEED])
    if stops:
        yield f"{stops:,} calls would end or open their phase, which is not followed"
    moved = _differing(found, list(stack.entries[module].spec.contract.state))
    if moved:
        yield f"{moved:,} calls would remember something else for later ticks"
    measure = read_measure(stack.file.measure)
    strange = [m.output for m in measure if m.output not in stack.wiring.producers]
    if strange:
        yield f"the measure names {', '.join(strange)}, which no module makes"


def _differing(changed: Sequence[Changed], names: Sequence[str]) -> int:
    return sum(any(not same(*_both(one, name)) for name in names) for one in changed)


def _both(one: Changed, name: str) -> tuple[Any, Any]:
    old, new = one.old or {}, one.new or {}
    return old.get(name), new.get(name)
