"""The phases of a tick: which run at all, which one needs another, which are asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from core.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class PhasePlan:
    """One phase: for `each` symbol or for the portfolio, its modules in order.

    `needs` is an earlier phase: a symbol runs this one only if no gate ended that one
    for it, the portfolio only if some symbol came through. An `asked` phase is no part
    of a tick: the shell asks for it by name, and it runs alone.
    """

    name: str
    each: str = "symbol"
    roles: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    needs: str = ""
    asked: bool = False

    @property
    def group(self) -> str:
        """What it runs with: "" for every ticked phase, its own name when asked."""
        return self.name if self.asked else ""

    def as_toml(self) -> dict[str, Any]:
        """The phase as a [[phases]] table of stack.toml."""
        table = {"name": self.name, "each": self.each, "roles": list(self.roles)}
        if self.needs:
            table["needs"] = self.needs
        return {**table, "asked": True} if self.asked else table


class PhaseFault(NamedTuple):
    """Which phase (by place) has which key wrong, and what to do."""

    at: int
    key: str
    value: Any
    remedy: str


def default_phases(vocabulary: Vocabulary) -> tuple[PhasePlan, ...]:
    """The vocabulary's phases, each with the roles that name it."""
    roles: Mapping[str, list[str]] = {phase.name: [] for phase in vocabulary.phases}
    for role in vocabulary.roles.values():
        if role.phase in roles:
            roles[role.phase].append(role.name)
    return tuple(
        PhasePlan(
            phase.name,
            phase.each,
            tuple(roles[phase.name]),
            needs=phase.needs,
            asked=phase.asked,
        )
        for phase in vocabulary.phases
    )


def with_roles(phases: Sequence[PhasePlan], roles: set[str]) -> tuple[PhasePlan, ...]:
    """The phases that run one of `roles`; a phase left out is needed by none of them."""
    kept = [phase for phase in phases if roles & set(phase.roles)]
    names = {phase.name for phase in kept}
    return tuple(
        phase if phase.needs in names else replace(phase, needs="") for phase in kept
    )


def phase_faults(phases: Sequence[PhasePlan]) -> Iterator[PhaseFault]:
    """What is wrong with `needs`, phase by phase."""
    for at, phase in enumerate(phases):
        if phase.needs and (remedy := _needs_fault(phases, at)):
            yield PhaseFault(at, "needs", phase.needs, remedy)


def _needs_fault(phases: Sequence[PhasePlan], at: int) -> str:
    phase = phases[at]
    if phase.asked:
        return f"'{phase.name}' is asked and runs alone, so it cannot need another"
    earlier = {each.name: each for each in phases[:at]}
    if phase.needs not in earlier:
        later = any(phase.needs == each.name for each in phases[at:])
        where = "comes no earlier" if later else "is no phase"
        names = ", ".join(n for n, each in earlier.items() if not each.asked) or "none"
        return f"'{phase.needs}' {where}: name one before '{phase.name}' ({names})"
    if earlier[phase.needs].asked:
        return f"'{phase.needs}' is asked, so no tick runs it: name one that is not"
    return ""
