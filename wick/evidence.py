"""What a repair is judged by: cases the clones are shown, and cases they never see.

Only what is known to be right binds: the spec's examples, what a person approved, and
what another version of the same spec gave where nothing went wrong. What the failing
version gave itself proves nothing, so there, as on the inputs that failed, the contract
alone judges. A third of the recordings is held back, chosen by digest, so that no
later repair is shown what an earlier one was tested with. Where one of these is what
failed, clones are shown its inputs alone; what it must give stays held back.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from typing import TYPE_CHECKING, Any, NamedTuple

from core.gate.compare import same
from core.recordings import keep_diverse
from core.records import OK
from wick.bodies import ContractJudge as ContractJudge
from wick.bodies import admits as admits
from wick.bodies import body_of as body_of
from wick.bodies import subject_of as subject_of
from wick.spread import spread
from wick.subject import UNKNOWN, Case

if TYPE_CHECKING:
    from core.spec import Spec
    from core.store import Recording, VersionRow

# A search runs every candidate on some of these, so they are few and small.
SHOWN = 40
HELD_BACK = 400
# Below this many cases with a known result a repair rests on the contract.
ENOUGH = 3
_PORTION, _FAILING, _UNPROVEN = 3, 12, 8
_ASKS = (
    "it asks {asked}: the answers can be replayed by the gate alone, so no clone is "
    "shown cases, and only earlier versions, known patches and models can repair it"
)
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Cases to show, cases to hold back, and how much they prove.

    `failing` are the places in `visible` of what set the repair off; they come first.
    Such inputs may be in `held_back` too, with the result that nobody is shown.
    `contradictions` are pairs of cases that no body can satisfy together.
    """

    visible: tuple[Case, ...]
    held_back: tuple[Case, ...] = ()
    failing: tuple[int, ...] = ()
    strength: str = ""
    contradictions: tuple[tuple[Case, Case], ...] = ()

    @property
    def known(self) -> int:
        """How many cases say what must come out."""
        return _known((*self.visible, *self.held_back))

    @property
    def thin(self) -> bool:
        """Whether little more than the contract speaks for a repair."""
        return self.known < ENOUGH


class _Told(NamedTuple):
    """A case with a known result, and whether it is held back."""

    case: Case
    held: bool = False


def evidence_for(
    spec: Spec,
    recordings: Sequence[Recording] = (),
    failing: Sequence[Values] = (),
    *,
    version: int = 0,
    trusted: Iterable[int] = (),
    shown: int = SHOWN,
) -> Evidence:
    """What is known of a module whose `version` failed on the inputs `failing`.

    `trusted` are the versions whose observed results bind (see `trusted_versions`).
    A module with capabilities gets no cases; `strength` says why.
    """
    if spec.contract.capabilities:
        asked = ", ".join(spec.contract.capabilities)
        return Evidence((), strength=_ASKS.format(asked=asked))
    valid = [one for one in recordings if admits(spec, one.inputs)]
    proven = [one for one in valid if _binds(one, frozenset(trusted) - {version})]
    law = [*_examples(spec), *map(_recorded, proven)]
    told = _first_of_each(law)
    first = _failing(spec, valid, failing, told, version)
    left = _left(told, first)
    return _shared(first, left, valid, shown, _contradictions(law))


def trusted_versions(
    history: Iterable[VersionRow], spec: Spec, refuted: Iterable[int] = ()
) -> frozenset[int]:
    """Versions that ran under this very spec and were not refuted or quarantined."""
    wrong = frozenset(refuted)
    return frozenset(
        row.version
        for row in history
        if row.spec_digest == spec.digest
        and row.state in ("live", "retired")
        and row.version not in wrong
    )


def _examples(spec: Spec) -> Iterator[_Told]:
    for place, one in enumerate(spec.contract.examples, 1):
        label = f"example {place}"
        yield _Told(Case(kwargs=dict(one.inputs), expected=dict(one.out), label=label))


def _recorded(one: Recording) -> _Told:
    label = f"{one.kind} {one.id}"
    expected = dict(one.outputs or {})
    case = Case(kwargs=dict(one.inputs), expected=expected, label=label)
    return _Told(case, int(one.digest[:8], 16) % _PORTION == 0)


def _binds(one: Recording, trusted: frozenset[int]) -> bool:
    if one.outputs is None:
        return False
    return one.approved or (one.outcome == OK and one.version in trusted)


def _first_of_each(law: Iterable[_Told]) -> dict[str, _Told]:
    """One case for each inputs: examples first, then approvals, then what was seen."""
    ordered = sorted(law, key=lambda told: not told.case.label.startswith("example"))
    ordered.sort(key=lambda told: told.case.label.startswith("observed"))
    found: dict[str, _Told] = {}
    for told in ordered:
        found.setdefault(_key(told.case.kwargs), told)
    return found


def _failing(
    spec: Spec,
    recordings: Sequence[Recording],
    failing: Sequence[Values],
    told: Mapping[str, _Told],
    version: int,
) -> list[Case]:
    """What set the repair off, then this version's other failures; each inputs once."""
    lived = [one for one in recordings if one.outcome != OK and one.version == version]
    others = (one.inputs for one in keep_diverse(lived, _FAILING))
    found: dict[str, Case] = {}
    for inputs in chain(failing, others):
        if admits(spec, inputs):
            key = _key(inputs)
            found.setdefault(key, _as_shown(inputs, told.get(key)))
    return list(found.values())[:_FAILING]


def _as_shown(inputs: Values, told: _Told | None) -> Case:
    """A failing input as clones see it: without a result that is held back."""
    if told is None or told.held:
        return Case(kwargs=dict(inputs), label="failed")
    return told.case


def _left(told: Mapping[str, _Told], first: Sequence[Case]) -> list[_Told]:
    """What is not shown yet, led by held-back results of what failed."""
    failing = {_key(case.kwargs) for case in first}
    judging = [one for key, one in told.items() if key in failing and one.held]
    return judging + [one for key, one in told.items() if key not in failing]


def _shared(
    first: Sequence[Case],
    told: Sequence[_Told],
    recordings: Sequence[Recording],
    shown: int,
    contradictions: tuple[tuple[Case, Case], ...],
) -> Evidence:
    """What is shown and what is held back; what finds no room is held back as well."""
    room = max(shown - len(first), 0)
    open_ = spread([case for case, held in told if not held], room)
    kept_back = [case for case, _ in told if not _among(case, open_)][:HELD_BACK]
    seen = [*first, *open_]
    room = min(shown - len(seen), _UNPROVEN)
    taken = {_key(case.kwargs) for case in (*seen, *kept_back)}
    seen += _unproven([r for r in recordings if _key(r.inputs) not in taken], room)
    return Evidence(
        visible=tuple(seen),
        held_back=tuple(kept_back),
        failing=tuple(range(len(first))),
        strength=_strength(seen, kept_back, len(first)),
        contradictions=contradictions,
    )


def _unproven(recordings: Sequence[Recording], room: int) -> list[Case]:
    """Some calls whose result nobody vouches for: there the contract must hold."""
    chosen = keep_diverse(recordings, max(room, 0))
    return [Case(kwargs=dict(one.inputs), label="unproven") for one in chosen]


def _among(case: Case, cases: Sequence[Case]) -> bool:
    return any(case is other for other in cases)


def _key(inputs: Values) -> str:
    return json.dumps(inputs, sort_keys=True, default=repr)


def _contradictions(law: Sequence[_Told]) -> tuple[tuple[Case, Case], ...]:
    """Pairs of examples and approvals that ask for two results of the same inputs."""
    groups: dict[str, list[Case]] = {}
    for case, _ in law:
        if not case.label.startswith("observed"):
            groups.setdefault(_key(case.kwargs), []).append(case)
    pairs = chain.from_iterable(combinations(group, 2) for group in groups.values())
    return tuple((a, b) for a, b in pairs if not _agree(a.expected, b.expected))


def _agree(a: Values, b: Values) -> bool:
    return all(same(a[name], b[name]) for name in a.keys() & b.keys())


def _known(cases: Iterable[Case]) -> int:
    return sum(case.expected is not UNKNOWN for case in cases)


def _strength(shown: Sequence[Case], held: Sequence[Case], failing: int) -> str:
    """How much there is to go by, in one sentence."""
    told = (
        f"{failing} failing inputs, {_known(shown)} shown and {len(held)} held-back "
        "cases with a known result"
    )
    if _known(shown) + len(held) >= ENOUGH:
        return told
    return f"{told}: little evidence, the contract has to judge"
