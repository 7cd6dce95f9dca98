"""Every body written anew and judged first, what would change shown, only then swapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cli.behaviour import Behaviour, behaviour
from cli.builder import Builder, Built, Drafted, OnProgress, Progress
from cli.context import Context
from cli.rebuild import Rebuilt, Wanted, each_wanted
from core.errors import (
    AszaError,
    BodyRefused,
    BudgetError,
    FileEdited,
    ModelError,
    NotConfirmed,
    RequestRefused,
)

if TYPE_CHECKING:
    from core.spec import Spec

_OF_THE_MODULE = (BodyRefused, RequestRefused)
_OF_THE_WRITER = (BudgetError, ModelError)


@dataclass(frozen=True)
class Candidate:
    """A body that waits to be swapped in, and what that would change."""

    builder: Builder
    drafted: Drafted
    behaviour: Behaviour

    @property
    def module(self) -> str:
        """The module's whole name."""
        return self.drafted.spec.id

    @property
    def needs_yes(self) -> bool:
        """Whether a person has to agree: it changes what runs, or the gate is weak."""
        told = self.behaviour
        return told.changes or (told.kind == "same" and self.drafted.weak)

    def as_dict(self) -> dict[str, Any]:
        """A row of the table."""
        drafted, told = self.drafted, self.behaviour
        found, answer = told.difference, drafted.made.answer
        return {
            "module": self.module,
            "means": answer.means,
            "writer": answer.writer,
            "checks": len(drafted.made.certificate.checks),
            "strength": drafted.strength,
            "behaviour": told.kind,
            "told": told.words,
            "live": told.live,
            "recorded": found.recorded if found else 0,
            "recorded_changed": found.recorded_changed if found else 0,
            "drawn": found.drawn if found else 0,
            "drawn_changed": found.drawn_changed if found else 0,
            "needs_yes": self.needs_yes,
            "seconds": drafted.seconds,
        }


@dataclass(frozen=True)
class Fresh:
    """All that was drafted, and why some modules have no new body."""

    candidates: tuple[Candidate, ...]
    unwritten: tuple[tuple[str, AszaError], ...]
    library: bool = True

    @property
    def waiting(self) -> list[Candidate]:
        """Those that a person has to agree to."""
        return [each for each in self.candidates if each.needs_yes]

    def rows(self) -> list[dict[str, Any]]:
        """The table, those without a body last."""
        missing = [
            {"module": module, "means": "", "writer": "", "told": error.message}
            for module, error in self.unwritten
        ]
        return [*(each.as_dict() for each in self.candidates), *missing]


def draft_all(context: Context, wanted: Wanted, tell: OnProgress) -> Fresh:
    """A body for every spec that is wanted, judged and compared; nothing is swapped.

    One that cannot be written does not stop the others. A writer that can go on no
    longer ends the drafting; what it has been paid for is kept.
    """
    found: list[Candidate] = []
    missing: list[tuple[str, AszaError]] = []
    for builder, spec in each_wanted(context, wanted, tell):
        try:
            found.append(_candidate(builder, spec))
        except (*_OF_THE_MODULE, *_OF_THE_WRITER) as failure:
            tell(Progress("failed", spec.id, failure.message))
            missing.append((spec.id, failure))
            if isinstance(failure, _OF_THE_WRITER):
                break
    return Fresh(tuple(found), tuple(missing), wanted.library)


def _candidate(builder: Builder, spec: Spec) -> Candidate:
    drafted = builder.draft(spec)
    told = behaviour(builder, drafted)
    line = f"{drafted.told} · {told.words}"
    builder.tell(Progress("drafted", spec.id, line, drafted.seconds))
    return Candidate(builder, drafted, told)


def swap(fresh: Fresh, agreed: Callable[[Sequence[Candidate]], bool]) -> Rebuilt:
    """File what may be filed: all of it, or without a yes only what changes nothing.

    A version that has become live since the table was shown is not replaced.
    """
    waiting = fresh.waiting
    refused = [] if not waiting or agreed(waiting) else waiting
    built: list[Built] = []
    failures: list[AszaError] = [error for _, error in fresh.unwritten]
    for each in fresh.candidates:
        if each in refused:
            continue
        try:
            live = each.behaviour.live
            built.append(each.builder.file(each.drafted, cause="fresh", replaces=live))
        except (BodyRefused, FileEdited) as failure:
            each.builder.tell(Progress("failed", each.module, failure.message))
            failures.append(failure)
    if refused:
        return Rebuilt(tuple(built), (_unsaid(refused), *failures))
    return Rebuilt(tuple(built), tuple(failures), fresh.library)


def _unsaid(waiting: Sequence[Candidate]) -> NotConfirmed:
    named = ", ".join(each.module for each in waiting)
    some = "a new body" if len(waiting) == 1 else f"{len(waiting)} new bodies"
    return NotConfirmed(
        f"{some} would change behaviour, or passed a weak gate, and nobody said yes: "
        f"{named}; what runs is as it was",
        field="--yes",
        value=named,
        remedy="read the table, then say --yes, or add examples to the specs",
    )
