"""The trial: what survivors must pass before one of them may be swapped in.

Form, the cases again (shown and held back), no lookup table, the contract on fresh
inputs; then a vote by what they do there; then the gate, and the vote again without
those it refuses. The gate judges a group's simplest body only, and only groups that can
decide the vote: nothing is chosen without a certificate, and nothing stands in its way
without one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import TYPE_CHECKING

from core.gate import Certificate, run_gate
from core.gate.mutation import gate_strength
from wick.clones import LAST_GOOD
from wick.court import Court
from wick.difference import FAILING_VERSION, LAST_GOOD_VERSION, difference
from wick.questions import questions
from wick.quorum import AGREED, Ballot, Group, Quorum, Rule, quorum
from wick.screening import Hearing, Screened, Stopped, fall, screen
from wick.verdict import (
    AMBIGUOUS,
    NONE,
    REPAIRED,
    Difference,
    Fall,
    Verdict,
)

if TYPE_CHECKING:
    from core.gate.trial import Recorded
    from core.sandbox import Sandbox
    from core.spec import Spec
    from core.vocabulary import Vocabulary
    from wick.clones import Clone
    from wick.evidence import Evidence

OnFall = Callable[[Fall], None]
# So many recorded results that stay as they are stand in for known ones.
ENOUGH_LIVED = 20


def try_clones(
    spec: Spec,
    clones: Sequence[Clone],
    evidence: Evidence,
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    failing: str,
    last_good: str = "",
    recordings: Sequence[Recorded] = (),
    refused: Collection[str] = (),
    rule: Rule | None = None,
    on_fall: OnFall | None = None,
) -> Verdict:
    """Try every survivor of the clones against the body that failed.

    `failing` and `last_good` are bodies, `recordings` all there are (approved ones must
    be equal), `refused` the hashes of quarantined bodies. Nothing is written.
    """
    began, tell = perf_counter(), on_fall or _nobody
    court, law = Court(spec, sandbox, vocabulary), rule or Rule()
    hearing = Hearing(court, evidence, failing, last_good, recordings, refused, law)
    screened = screen(hearing, clones, tell)
    vote = _Vote(hearing, screened, tell)
    count = vote.settle()
    found = _verdict(hearing, vote, count)
    return replace(found, seconds=perf_counter() - began)


@dataclass
class _Vote:
    """A vote as it goes: who still has one, and what the gate said of whom."""

    hearing: Hearing
    screened: Screened
    tell: OnFall
    ballots: list[Ballot] = field(default_factory=list)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    falls: list[Fall] = field(default_factory=list)

    def settle(self) -> Quorum:
        """Count, let the gate judge who matters, and count again until it holds."""
        self.ballots = list(self.screened.ballots)
        self.falls = list(self.screened.falls)
        while True:
            count = quorum(self.ballots, rule=self.hearing.rule)
            leading = _that_matter(count, self.hearing.rule)
            best = (
                g.best for g in leading if self.body(g.best) not in self.certificates
            )
            ballot = next(best, None)
            if ballot is None:
                return count
            self._to_the_gate(ballot)

    def body(self, ballot: Ballot) -> str:
        """The body of a survivor."""
        return self.screened.bodies[ballot.survivor.source]

    def _to_the_gate(self, ballot: Ballot) -> None:
        body, hearing = self.body(ballot), self.hearing
        certificate = run_gate(
            hearing.spec,
            body,
            sandbox=hearing.court.sandbox,
            vocabulary=hearing.court.vocabulary,
            recordings=hearing.recordings,
        )
        self.certificates[body] = certificate
        if not certificate.passed:
            self._refuse(body, certificate)

    def _refuse(self, body: str, certificate: Certificate) -> None:
        check = certificate.checks[-1].name
        stopped = Stopped(f"gate: {check}", certificate.refusals[0].message)
        for ballot in [one for one in self.ballots if self.body(one) == body]:
            self.ballots.remove(ballot)
            self.falls.append(fall(ballot.rung, ballot.survivor, stopped))
            self.tell(self.falls[-1])


def _that_matter(count: Quorum, rule: Rule) -> Iterator[Group]:
    """The leading group, and those whose votes keep it from being believed."""
    for place, group in enumerate(count.groups):
        if place == 0 or count.groups[0].votes < rule.lead * group.votes:
            yield group


def _verdict(hearing: Hearing, vote: _Vote, count: Quorum) -> Verdict:
    chosen = count.chosen
    if chosen is None:
        return _nothing(hearing, vote)
    body = vote.body(chosen)
    proof = vote.certificates[body]
    changes = _differences(hearing, body)
    agreed = count.kind == AGREED
    strength = _strength(hearing, body) if agreed else None
    person = _needs_person(hearing, chosen, strength, changes) if agreed else ""
    return Verdict(
        kind=REPAIRED if agreed else AMBIGUOUS,
        why=count.why,
        body=body,
        rung=chosen.rung,
        edits=chosen.survivor.edits,
        size=chosen.survivor.size,
        certificate=proof if strength is None else proof.with_strength(strength),
        strength=strength,
        needs_person=person,
        agreeing=len(count.groups[0].ballots),
        groups=len(count.groups),
        survivors=len(vote.ballots) + len(vote.falls),
        fresh=len(hearing.fresh),
        held_back=len(hearing.evidence.held_back),
        falls=tuple(vote.falls),
        questions=questions(count, hearing.fresh),
        differences=changes,
    )


def _nothing(hearing: Hearing, vote: _Vote) -> Verdict:
    falls = tuple(vote.falls)
    why = f"none of {len(falls)} survivors passed" if falls else "no clone found a body"
    return Verdict(
        kind=NONE,
        why=why,
        survivors=len(falls),
        fresh=len(hearing.fresh) if falls else 0,
        held_back=len(hearing.evidence.held_back),
        falls=falls,
    )


def _strength(hearing: Hearing, body: str) -> float:
    return gate_strength(
        hearing.spec,
        body,
        sandbox=hearing.court.sandbox,
        vocabulary=hearing.court.vocabulary,
        recordings=hearing.recordings,
    )


def _needs_person(
    hearing: Hearing,
    chosen: Ballot,
    strength: float | None,
    changes: Sequence[Difference],
) -> str:
    """Why somebody has to say yes; "" when the proof will do.

    A version that was promoted once needs nobody.
    """
    if chosen.rung == LAST_GOOD:
        return ""
    needed = hearing.spec.gate_strength
    if strength is not None and strength < needed:
        return f"the gate tells {strength:.0%} of wrong bodies, {needed:.0%} is wanted"
    if hearing.evidence.thin and not _kept_quiet(changes):
        return f"little speaks for it: {hearing.evidence.strength}"
    return ""


def _kept_quiet(changes: Sequence[Difference]) -> bool:
    """Whether it changes nothing of many recorded calls that went well.

    Calls that failed prove nothing: the worse a version fails, the more there are.
    """
    found = next((d for d in changes if d.versus == FAILING_VERSION), None)
    return found is not None and found.kept >= ENOUGH_LIVED and found.quiet


def _differences(hearing: Hearing, body: str) -> tuple[Difference, ...]:
    lived = hearing.court.lived(hearing.recordings)
    cases = [*lived, *hearing.fresh]
    after = hearing.court.ran(body, cases)
    others = (
        (FAILING_VERSION, hearing.failing),
        (LAST_GOOD_VERSION, hearing.last_good),
    )
    return tuple(
        difference(whose, cases, hearing.court.ran(other, cases), after, len(lived))
        for whose, other in others
        if other
    )


def _nobody(_: Fall) -> None:
    return None
