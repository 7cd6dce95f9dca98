"""What every survivor must pass before it has a vote, the cheapest looks first.

A survivor comes from another process, perhaps another machine or a model: whatever it
is said to give is tried again here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from core.body import parse_body
from core.gate.compare import shortened
from core.gate.trial import seed_of
from wick.evidence import ContractJudge, Evidence, body_of
from wick.inputs import fresh_inputs
from wick.lookup import remembers_failure, remembers_points
from wick.quorum import Ballot, Rule
from wick.verdict import Fall

if TYPE_CHECKING:
    from core.gate.trial import Case, Recorded
    from core.spec import Spec
    from wick.clones import Clone
    from wick.court import Court
    from wick.subject import Ran, Survivor

FORM, QUARANTINE, SHOWN, HELD_BACK = "form", "quarantine", "shown cases", "held back"
LOOKUP, CONTRACT = "lookup table", "contract on fresh inputs"


@dataclass(frozen=True)
class Hearing:
    """What every survivor of one defect is judged with.

    `failing` is the body that failed, `last_good` one that ran before it ("" without
    one), `refused` the hashes of bodies in quarantine.
    """

    court: Court
    evidence: Evidence
    failing: str
    last_good: str = ""
    recordings: Sequence[Recorded] = ()
    refused: Collection[str] = ()
    rule: Rule = field(default_factory=Rule)

    @property
    def spec(self) -> Spec:
        """The law of the module."""
        return self.court.spec

    @cached_property
    def fresh(self) -> list[Case]:
        """Inputs nobody has seen: the same for the same spec and failing body."""
        seed = seed_of(self.spec, parse_body(self.failing).hash)
        shown = [self.evidence.visible[place] for place in self.evidence.failing]
        failing = [case.kwargs for case in shown]
        rows = fresh_inputs(self.spec, self.court.vocabulary, failing, seed=seed)
        return self.court.cases(rows)


class Stopped(NamedTuple):
    """Where a body fell, and why."""

    at: str
    why: str


@dataclass(frozen=True)
class Screened:
    """Those that have a vote, their bodies by source, and those that fell."""

    ballots: tuple[Ballot, ...]
    bodies: dict[str, str]
    falls: tuple[Fall, ...]


def screen(
    hearing: Hearing, clones: Sequence[Clone], on_fall: Callable[[Fall], None]
) -> Screened:
    """Every survivor once; a body that several rungs found is judged once."""
    judged: dict[str, Stopped | tuple[Ran, ...]] = {}
    bodies: dict[str, str] = {}
    ballots, falls = [], []
    for rung, survivor in _entrants(clones):
        body = body_of(survivor.source, hearing.spec)
        if body is None:
            found: Stopped | tuple[Ran, ...] = _NO_BODY
        else:
            bodies[survivor.source] = body
            if body not in judged:
                judged[body] = _judged(hearing, body)
            found = judged[body]
        if isinstance(found, Stopped):
            falls.append(fall(rung, survivor, found))
            on_fall(falls[-1])
        else:
            ballots.append(Ballot(rung, survivor, found))
    return Screened(tuple(ballots), bodies, tuple(falls))


_NO_BODY = Stopped(FORM, "it breaks a rule of bodies, or takes more than ten lines")


def fall(rung: str, survivor: Survivor, stopped: Stopped) -> Fall:
    """A survivor's fall, as it is reported."""
    return Fall(rung, survivor.edits, survivor.source, stopped.at, stopped.why)


def _entrants(clones: Sequence[Clone]) -> Iterator[tuple[str, Survivor]]:
    pairs = [(clone.rung, one) for clone in clones for one in clone.survivors]
    return iter(sorted(pairs, key=lambda pair: pair[1].size))


def _judged(hearing: Hearing, body: str) -> Stopped | tuple[Ran, ...]:
    """What it does on the fresh inputs, or where it fell."""
    if parse_body(body).hash in hearing.refused:
        return Stopped(QUARANTINE, "this very body was refuted or quarantined before")
    if stopped := _cases(hearing, body):
        return stopped
    if why := _table(hearing, body):
        return Stopped(LOOKUP, why)
    tried = hearing.court.tried(body, hearing.fresh)
    fault = next((one.fault for one in tried if one.fault), "")
    return Stopped(CONTRACT, fault) if fault else tuple(one.ran for one in tried)


def _table(hearing: Hearing, body: str) -> str:
    evidence, before = hearing.evidence, hearing.failing
    in_text = remembers_failure(hearing.spec, body, evidence, before)
    return in_text or remembers_points(hearing.court, body, evidence, before)


def _cases(hearing: Hearing, body: str) -> Stopped | None:
    """The shown cases again, then those held back."""
    evidence, judge = hearing.evidence, ContractJudge(hearing.spec.contract)
    cases = (*evidence.visible, *evidence.held_back)
    ran = hearing.court.rows(body, (case.kwargs for case in cases))
    wrong = [
        n for n, pair in enumerate(zip(cases, ran, strict=True)) if not judge(*pair)
    ]
    if not wrong:
        return None
    first, shown = wrong[0], len(evidence.visible)
    if first < shown:
        given = shortened(dict(cases[first].kwargs))
        return Stopped(SHOWN, f"it does not give {cases[first].label} ({given})")
    # No values: what is told here may reach a clone of a later repair.
    held = len(evidence.held_back)
    return Stopped(HELD_BACK, f"it is wrong on {len(wrong)} of {held} held-back cases")
