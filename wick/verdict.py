"""What a trial found: the verdict, where each survivor fell, what changes, what to ask.

Light and plain: it is kept in the ledger of repairs, shown, and read by the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from wick.subject import Ran

if TYPE_CHECKING:
    from core.gate import Certificate

Kind = Literal["repaired", "ambiguous", "none"]
REPAIRED: Kind = "repaired"
AMBIGUOUS: Kind = "ambiguous"
NONE: Kind = "none"


@dataclass(frozen=True, slots=True)
class Fall:
    """A survivor that fell: `at` the form, the cases, a lookup, or a check of the gate."""

    rung: str
    edits: tuple[str, ...]
    source: str
    at: str
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one group of survivors gives, and how many votes it has."""

    told: str
    votes: float


@dataclass(frozen=True, slots=True)
class Question:
    """Inputs on which survivors disagree: knowing the right answer settles it."""

    inputs: Mapping[str, Any]
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """An input whose outcome changes."""

    inputs: Mapping[str, Any]
    before: Ran
    after: Ran


@dataclass(frozen=True, slots=True)
class Difference:
    """How a body's behaviour differs from another's, `versus` says whose.

    Of `recorded` calls that were replayed `recorded_changed` change, of `drawn` inputs
    `drawn_changed`. Of the recorded ones that went well before `broken` change and
    `kept` stay as they were. `shown` are a few changes.
    """

    versus: str
    recorded: int
    recorded_changed: int
    drawn: int
    drawn_changed: int
    broken: int
    kept: int = 0
    shown: tuple[Change, ...] = ()

    @property
    def quiet(self) -> bool:
        """Whether nothing that went well comes out differently."""
        return self.broken == 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """A trial's end. Only `repaired` may be swapped in, and `needs_person` says when not.

    `body` is the leading survivor's, proven or not; `strength` the gate's, 0 to 1;
    `agreeing` how many survivors do the same; `fresh` and `held_back` how many inputs
    nobody had seen it was tried on.
    """

    kind: Kind
    why: str
    body: str = ""
    rung: str = ""
    edits: tuple[str, ...] = ()
    size: int = 0
    certificate: Certificate | None = None
    strength: float | None = None
    needs_person: str = ""
    agreeing: int = 0
    groups: int = 0
    survivors: int = 0
    fresh: int = 0
    held_back: int = 0
    falls: tuple[Fall, ...] = ()
    questions: tuple[Question, ...] = ()
    differences: tuple[Difference, ...] = ()
    seconds: float = 0.0

    def versus(self, whose: str) -> Difference | None:
        """The difference from one other body."""
        return next((d for d in self.differences if d.versus == whose), None)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON; the certificate as its own `as_dict`."""
        plain = {name: plain_of(getattr(self, name)) for name in self.__slots__}
        proof = self.certificate.as_dict() if self.certificate else None
        return {**plain, "certificate": proof}


def plain_of(value: Any) -> Any:
    """Dataclasses and tuples of them as dicts and lists."""
    if isinstance(value, Ran):
        return plain_of(value._asdict())
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain_of(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, Mapping):
        return {name: plain_of(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain_of(part) for part in value]
    return value
