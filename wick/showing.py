"""Which faults of a body show, and where: a fault that nothing tells is no lesson.

Every fault runs on what the module has lived through, on its examples and on drawn
inputs, wherever the live body does well. One that fails in the next run is worth more
than one that only an example tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

from core.body import Body, check_body, source_with
from core.errors import RequestRefused
from core.gate.compare import shortened
from core.gate.trial import Case, Trial, recorded_case
from core.outcome import Outcome
from core.spec import signature
from wick.checks import differing, promises
from wick.faults import Fault, Kind, faults
from wick.triggers import size

DRAWS = 40
_SECONDS = 0.25
_OFTEN = 0.05  # of the recordings, of the draws
LIVED, DRAWN, PROMISED, SELDOM = range(4)  # the order in which faults are preferred


class Shown(NamedTuple):
    """Where a fault shows: how clearly (0 best), on which inputs, what happens there."""

    rank: int
    inputs: Mapping[str, Any]
    happens: str


class Broken(NamedTuple):
    """A fault and where it shows."""

    fault: Fault
    shown: Shown


class Scene(NamedTuple):
    """One call on which faults are tried; `wanted` is what it must give, if known."""

    origin: int
    case: Case
    wanted: Mapping[str, Any] | None = None


class Seen(NamedTuple):
    """What goes wrong in a scene; a run notices by itself where it `fails`."""

    scene: Scene
    happens: str
    fails: bool


def choose(trial: Trial, seed: int, kind: Kind | None = None) -> Broken:
    """A fault of the best rank there is, by seed; RequestRefused when there is none."""
    found = showing(trial, kind)
    Random(seed).shuffle(found)  # noqa: S311
    # A kind has its turn whether it has many faults or few.
    turns = Random(seed).sample(list(Kind), len(Kind))  # noqa: S311
    found.sort(key=lambda each: (each.shown.rank, turns.index(each.fault.kind)))
    kept = next((each for each in found if keeps_form(trial, each.fault)), None)
    if kept is None:
        raise RequestRefused(
            f"{trial.spec.id} has no {kind or 'fault'} that shows: with each, all goes "
            "well on its recordings, examples and drawn inputs",
            field="kind" if kind else "module",
            value=str(kind or trial.spec.id),
            remedy="see with --list what there is; an example in its spec shows more",
        )
    return kept


def showing(trial: Trial, kind: Kind | None = None) -> list[Broken]:
    """The faults that show, those that a run notices first."""
    scenes = healthy(trial)
    found = [
        Broken(fault, shown)
        for fault in faults(trial.body.text, trial.contract.parameters)
        if kind in (None, fault.kind)
        if (shown := _tried(trial, scenes, fault))
    ]
    return sorted(found, key=lambda each: each.shown.rank)


def keeps_form(trial: Trial, fault: Fault) -> bool:
    """Whether the faulty text is still a body of at most ten allowed lines."""
    return not check_body(trial.spec, fault.text)


def healthy(trial: Trial) -> list[Scene]:
    """What the body itself does well on: recordings, examples, and draws."""
    scenes = [*_lived(trial), *(Scene(DRAWN, case) for case in trial.drawn)]
    outcomes = trial.run([scene.case for scene in scenes])
    pairs = zip(scenes, outcomes, strict=True)
    return [scene for scene, outcome in pairs if not _looked_at(trial, scene, outcome)]


def _lived(trial: Trial) -> Iterator[Scene]:
    """Inputs that runs brought, and what was promised.

    Examples of a module that asks come without answers, and are left out.
    """
    for one in trial.recordings:
        if trial.valid(dict(one.inputs)):
            yield Scene(LIVED, recorded_case(one))
    for promise in promises(trial):
        if promise.case.calls is not None or not trial.contract.capabilities:
            yield Scene(PROMISED, promise.case, promise.wanted)


def _tried(trial: Trial, scenes: Sequence[Scene], fault: Fault) -> Shown | None:
    """Where the fault shows; None when nowhere, or when it takes a worker with it."""
    source = source_with(signature(trial.spec), Body(fault.text, "", 0))
    cases = [scene.case for scene in scenes]
    outcomes = trial.run(cases, source=source, seconds=_SECONDS)
    if any(outcome.crashed for outcome in outcomes):
        return None
    pairs = zip(scenes, outcomes, strict=True)
    seen = [found for pair in pairs if (found := _looked_at(trial, *pair))]
    return _shown(seen, _rank(scenes, seen)) if seen else None


def _shown(seen: Sequence[Seen], rank: int) -> Shown:
    """The smallest inputs on which it shows as its rank says."""
    telling = [s for s in seen if rank == SELDOM or _counts(s, rank)]
    first = min(telling, key=lambda each: size(each.scene.case.inputs))
    return Shown(rank, first.scene.case.inputs, first.happens)


def _rank(scenes: Sequence[Scene], seen: Sequence[Seen]) -> int:
    """The best origin in which it fails often enough, or breaks a promise."""
    for origin in (LIVED, DRAWN):
        number = sum(scene.origin == origin for scene in scenes)
        failed = sum(_counts(each, origin) for each in seen)
        if failed and failed >= _OFTEN * number:
            return origin
    return PROMISED if any(_counts(each, PROMISED) for each in seen) else SELDOM


def _counts(seen: Seen, origin: int) -> bool:
    return seen.scene.origin == origin and (seen.fails or origin == PROMISED)


def _looked_at(trial: Trial, scene: Scene, outcome: Outcome) -> Seen | None:
    """What goes wrong in a scene; None when nothing does."""
    if fault := trial.fault(scene.case.inputs, outcome):
        return Seen(scene, fault.message, True)
    if scene.wanted is None or not outcome.ok:
        return None
    wrong = list(differing(scene.wanted, outcome.outputs))
    given = {name: outcome.outputs.get(name) for name in wrong}
    wanted = {name: scene.wanted[name] for name in wrong}
    told = f"gives {shortened(given)}, not {shortened(wanted)}"
    return Seen(scene, told, False) if wrong else None
