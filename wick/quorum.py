"""Which survivor to believe: those that do the same on fresh inputs vote together.

Every survivor gives every case it was shown, so nothing known tells them apart. What
they do on inputs nobody has seen does. One vote a rung and normal form; a vote weighs
less for each survivor its rung came to before, for each edit more than its rung's
simplest survivor needed, and where it crashes or raises though others answer. The group
with most votes wins, in it the fewest edits, and only by a clear lead: otherwise somebody
has to say what is right.

Why a lead and not a majority: of two survivors of one edit each either may be wrong, so
neither may win by a hair. A survivor of two edits is one of very many that
fit by chance, so against a simpler one it must hardly count. `Rule` says how hardly.

Why the order counts: a search tries first what is likely, so its first survivor is more
often right than any later one, and twenty that fit by chance must not outvote it. At a
half a survivor, and a lead of three, a search alone is believed where its first two
survivors agree, or where nothing that survives differs. Of the benchmark's development
defects, with survivors of equal weight 92 of 116 leaders were right and 2 of 91 accepted
were wrong; with these weights 95, and 1 of 92. A lead of two would accept five wrong.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import log2
from typing import Literal

from core.gate.compare import same as same_value
from wick.clones import KNOWN_PATCH, LAST_GOOD, SEARCH
from wick.subject import Ran, Survivor

Kind = Literal["agreed", "ambiguous", "none"]
Same = Callable[[Ran, Ran], bool]
AGREED: Kind = "agreed"
AMBIGUOUS: Kind = "ambiguous"
NONE: Kind = "none"
# A body that was promoted once has been judged by more than these cases.
_TRUST: Mapping[str, float] = {LAST_GOOD: 3.0, KNOWN_PATCH: 1.5}


@dataclass(frozen=True, slots=True)
class Rule:
    """How sure is sure enough: the one place to tune.

    `lead`: how many times the votes of the next group the winner needs. `later`: what is
    left of a vote for each survivor its rung came to before (`Survivor.tried`). `decay`:
    what is left for each edit more than its rung's simplest. `crashed` and
    `raised`: what is left where it is stopped, or raises, though another answers.
    `edits`: a search's repair with more of them is not believed alone. `trust`: what a
    vote weighs by rung, where that is not 1.
    """

    lead: float = 3.0
    later: float = 0.5
    decay: float = 0.2
    crashed: float = 0.1
    raised: float = 0.5
    edits: int = 3
    trust: Mapping[str, float] = field(default_factory=lambda: _TRUST)


@dataclass(frozen=True, slots=True)
class Ballot:
    """A survivor, whose it is, and what it did on the fresh inputs, in their order."""

    rung: str
    survivor: Survivor
    outcomes: tuple[Ran, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Survivors that do the same on every fresh input, the fewest edits first."""

    ballots: tuple[Ballot, ...]
    votes: float

    @property
    def best(self) -> Ballot:
        """The one with the fewest edits."""
        return self.ballots[0]


@dataclass(frozen=True, slots=True)
class Quorum:
    """The count. Only an `agreed` choice may be swapped in.

    `chosen` is the leading group's simplest survivor, believed or not (None without
    survivors). `disagreements` are places of fresh inputs on which groups differ, the
    one that splits the votes most evenly first: an answer there settles most.
    """

    kind: Kind
    chosen: Ballot | None
    groups: tuple[Group, ...]
    disagreements: tuple[int, ...]
    why: str


def quorum(
    ballots: Sequence[Ballot], *, same: Same | None = None, rule: Rule | None = None
) -> Quorum:
    """Count the votes of survivors that were given the same fresh inputs.

    ValueError when the ballots differ in how many outcomes they have.
    """
    law, alike = rule or Rule(), same or same_outcome
    counted = _one_each(ballots)
    if not counted:
        return Quorum(NONE, None, (), (), "there is no survivor")
    if len({len(one.outcomes) for one in counted}) > 1:
        raise ValueError("every ballot needs the outcomes of the same fresh inputs")
    weights = _weights(counted, law)
    groups = _grouped(counted, weights, alike)
    kind, why = _decided(groups, law)
    places = _disagreements(groups, alike)
    return Quorum(kind, groups[0].best, groups, places, why)


def same_outcome(a: Ran, b: Ran) -> bool:
    """The same value and the same left in the arguments, or the same kind of error."""
    if a.ok != b.ok or a.crashed != b.crashed:
        return False
    if not a.ok:
        return a.error == b.error
    # By `repr` too, for NaN and what has no equality of its own.
    values = same_value(a.value, b.value) or repr(a.value) == repr(b.value)
    return values and (same_value(a.after, b.after) or repr(a.after) == repr(b.after))


def _one_each(ballots: Sequence[Ballot]) -> list[Ballot]:
    """One ballot a rung and normal form, the simplest first; in no order of arrival."""
    found: dict[tuple[str, str], Ballot] = {}
    for ballot in sorted(ballots, key=_simplicity):
        found.setdefault((ballot.rung, _form(ballot.survivor)), ballot)
    return list(found.values())


@lru_cache(maxsize=1024)
def _form(survivor: Survivor) -> str:
    """Its normal form; a trial counts again after each that the gate refuses."""
    return survivor.normal_form


def _simplicity(ballot: Ballot) -> tuple[int, int, int, int, str, str]:
    survivor, text = ballot.survivor, ballot.survivor.source
    odd, early = oddness(text), survivor.tried  # what is likely is tried first
    return survivor.size, odd, early, len(text), text, ballot.rung


def oddness(source: str) -> int:
    """How many names a person would wonder about: assigned and never read, or inputs
    that are given another value."""
    function = ast.parse(source)
    names = [node for node in ast.walk(function) if isinstance(node, ast.Name)]
    assigned = {name.id for name in names if isinstance(name.ctx, ast.Store)}
    read = {name.id for name in names if isinstance(name.ctx, ast.Load)}
    given = {node.arg for node in ast.walk(function) if isinstance(node, ast.arg)}
    return len(assigned - read) + len(assigned & given)


def _weights(ballots: Sequence[Ballot], rule: Rule) -> list[float]:
    smallest: dict[str, int] = {}
    for ballot in ballots:
        smallest.setdefault(ballot.rung, ballot.survivor.size)
    answered = [any(ran.ok for ran in place) for place in _by_place(ballots)]
    return [
        rule.trust.get(ballot.rung, 1.0)
        * rule.later ** _earlier(ballot, ballots)
        * rule.decay ** (ballot.survivor.size - smallest[ballot.rung])
        * _soundness(ballot, answered, rule)
        for ballot in ballots
    ]


def _earlier(ballot: Ballot, ballots: Sequence[Ballot]) -> int:
    """How many survivors its rung had come to when it came to this one."""
    mine = ballot.survivor.tried
    return sum(o.rung == ballot.rung and o.survivor.tried < mine for o in ballots)


def _by_place(ballots: Sequence[Ballot]) -> list[tuple[Ran, ...]]:
    return list(zip(*(ballot.outcomes for ballot in ballots), strict=True))


def _soundness(ballot: Ballot, answered: Sequence[bool], rule: Rule) -> float:
    """What is left of a vote that fails where another survivor has an answer."""
    pairs = zip(ballot.outcomes, answered, strict=True)
    failed = [ran for ran, other in pairs if other and not ran.ok]
    if any(ran.crashed for ran in failed):
        return rule.crashed
    return rule.raised if failed else 1.0


def _grouped(
    ballots: Sequence[Ballot], weights: Sequence[float], same: Same
) -> tuple[Group, ...]:
    """The groups, most votes first; equal votes by their simplest survivor."""
    members: list[list[tuple[Ballot, float]]] = []
    for pair in zip(ballots, weights, strict=True):
        home = (m for m in members if _alike(m[0][0], pair[0], same))
        found = next(home, None)
        if found is None:
            members.append([pair])
        else:
            found.append(pair)
    groups = [_group(pairs) for pairs in members]
    return tuple(sorted(groups, key=lambda g: (-g.votes, _simplicity(g.best))))


def _group(pairs: Sequence[tuple[Ballot, float]]) -> Group:
    votes = round(sum(weight for _, weight in pairs), 9)
    return Group(tuple(ballot for ballot, _ in pairs), votes)


def _alike(a: Ballot, b: Ballot, same: Same) -> bool:
    return all(map(same, a.outcomes, b.outcomes))


def _decided(groups: Sequence[Group], rule: Rule) -> tuple[Kind, str]:
    first, others = groups[0], groups[1:]
    if others and first.votes < rule.lead * others[0].votes:
        return AMBIGUOUS, (
            f"{len(groups)} groups of survivors disagree: {first.votes:.2f} votes "
            f"against {others[0].votes:.2f}, and a lead of {rule.lead:g} times is needed"
        )
    if _far_fetched(first, rule):
        return AMBIGUOUS, (
            f"the simplest survivor needs {first.best.survivor.size} edits, more than "
            f"{rule.edits}, and no other rung came to the same"
        )
    against = f" against {others[0].votes:.2f}" if others else ", none against"
    return AGREED, f"{first.votes:.2f} votes{against}"


def _far_fetched(group: Group, rule: Rule) -> bool:
    alone = {ballot.rung for ballot in group.ballots} == {SEARCH}
    return alone and group.best.survivor.size > rule.edits


def _disagreements(groups: Sequence[Group], same: Same) -> tuple[int, ...]:
    if len(groups) < 2:
        return ()
    places = _by_place([group.best for group in groups])
    votes = [group.votes for group in groups]
    split = [_split(place, votes, same) for place in places]
    telling = [n for n, bits in enumerate(split) if bits > 0]
    return tuple(sorted(telling, key=lambda n: (-split[n], n)))


def _split(place: Sequence[Ran], votes: Sequence[float], same: Same) -> float:
    """How evenly an answer here would divide the votes, in bits; 0 where all agree."""
    kinds: list[tuple[Ran, float]] = []
    for ran, weight in zip(place, votes, strict=True):
        at = next((n for n, (one, _) in enumerate(kinds) if same(one, ran)), None)
        if at is None:
            kinds.append((ran, weight))
        else:
            kinds[at] = (ran, kinds[at][1] + weight)
    total = sum(weight for _, weight in kinds)
    shares = [weight / total for _, weight in kinds]
    return -sum(share * log2(share) for share in shares if 0 < share < 1)
