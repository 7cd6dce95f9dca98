"""A wiring in the making: what connects names, and what the checks share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.stack.phases import PhasePlan

if TYPE_CHECKING:
    from core.spec import Spec
    from core.vocabulary import Vocabulary

PROCEED = "proceed"
RESERVED = frozenset({PROCEED, "reason"})
STARTING, STATE = "starting", "state"
PREVIOUS = "previous_"


@dataclass(frozen=True, slots=True)
class Wire:
    """One input of one module and where its value comes from.

    `source` is a module's name, or "starting", or "state" (last tick's own value).
    """

    consumer: str
    name: str
    source: str


@dataclass(frozen=True, slots=True)
class OwnValue:
    """A starting value that a stack.toml declares for itself.

    With `fixed`, `value` is the same for every tick; else the caller gives it. `unit`
    and `description` are what it says of itself.
    """

    schema: Mapping[str, Any]
    each: str = "portfolio"
    fixed: bool = False
    value: Any = None
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Draft:
    """What the checks share while the wiring is being made."""

    specs: Mapping[str, Spec]
    phases: tuple[PhasePlan, ...]
    vocabulary: Vocabulary
    own: Mapping[str, OwnValue]
    producers: dict[str, str] = field(default_factory=dict)

    def phase_index(self, module: str) -> int:
        role = self.specs[module].role
        return next(i for i, phase in enumerate(self.phases) if role in phase.roles)

    def each(self, module: str) -> str:
        return self.phases[self.phase_index(module)].each

    def group(self, module: str) -> str:
        return self.phases[self.phase_index(module)].group

    def gives(self, name: str) -> bool:
        """Whether the shell gives the name."""
        return name in self.own or self.vocabulary.starting_value(name) is not None
