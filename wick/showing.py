"""Which faults of a body show, and where: a fault that nothing tells is no lesson.

Every fault runs on what the module has lived through, on its examples and on drawn
inputs, wherever the live body does well.
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
_OFTEN = 0.05  # of the drawn inputs
LIVED, DRAWN, SILENT, SELDOM = range(4)  # the order in which faults are preferred


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

    case: Case
    drawn: bool = False
    wanted: Mapping[str, Any] | None = None


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
    """The faults that show, those that are seen first first."""
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
    scenes = [*_lived(trial), *(Scene(case, drawn=True) for case in trial.drawn)]
    outcomes = trial.run([scene.case for scene in scenes])
    pairs = zip(scenes, outcomes, strict=True)
    return [scene for scene, outcome in pairs if not _happens(trial, scene, outcome)]


def _lived(trial: Trial) -> Iterator[Scene]:
    """Inputs a run may well bring again. Examples of a module that asks have no answers."""
    for one in trial.recordings:
        if trial.valid(dict(one.inputs)):
            yield Scene(recorded_case(one))
    if not trial.contract.capabilities:
        for promise in promises(trial):
            yield Scene(promise.case, wanted=promise.wanted)


def _tried(trial: Trial, scenes: Sequence[Scene], fault: Fault) -> Shown | None:
    """Where the fault shows; None when nowhere, or when it takes a worker with it."""
    source = source_with(signature(trial.spec), Body(fault.text, "", 0))
    cases = [scene.case for scene in scenes]
    outcomes = trial.run(cases, source=source, seconds=_SECONDS)
    if any(outcome.crashed for outcome in outcomes):
        return None
    pairs = list(zip(scenes, outcomes, strict=True))
    failed = [(s, f.message) for s, o in pairs if (f := trial.fault(s.case.inputs, o))]
    drawn = [each for each in failed if each[0].drawn]
    often = len(drawn) >= _OFTEN * sum(scene.drawn for scene in scenes)
    silent = [(s, why) for s, o in pairs if (why := _happens(trial, s, o))]
    lived = [each for each in failed if not each[0].drawn]
    for rank, seen in (
        (LIVED, lived),
        (DRAWN, drawn if often else []),
        (SILENT, [each for each in silent if each[0].wanted is not None]),
        (SELDOM, drawn),
    ):
        if seen:
            scene, why = min(seen, key=lambda each: size(each[0].case.inputs))
            return Shown(rank, scene.case.inputs, why)
    return None


def _happens(trial: Trial, scene: Scene, outcome: Outcome) -> str:
    """What goes wrong in a scene; "" when nothing does."""
    if fault := trial.fault(scene.case.inputs, outcome):
        return fault.message
    if scene.wanted is None or not outcome.ok:
        return ""
    wrong = list(differing(scene.wanted, outcome.outputs))
    given = {name: outcome.outputs.get(name) for name in wrong}
    wanted = {name: scene.wanted[name] for name in wrong}
    return f"gives {shortened(given)}, not {shortened(wanted)}" if wrong else ""
