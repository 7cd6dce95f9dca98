"""One defect: the search, fresh inputs, the quorum's verdict, and what is true of it.

The held-back cases are asked only after Wick has decided; nothing of them, and nothing
of the correct function, is known to what decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from time import perf_counter

from bench.repair.attempts import Attempt
from bench.repair.defects import Defect
from wick.clones import SEARCH
from wick.plain.grow import fresh_inputs
from wick.plain.repair import FRESH_INPUTS
from wick.plain.unfit import why_unfit
from wick.quorum import Ballot, quorum
from wick.runners.monty import MontyRunner
from wick.search import search
from wick.search.judging import ByValue
from wick.subject import Allowance, Runner, Survivor

JUDGE = ByValue()


def attempt(defect: Defect, seconds: float) -> Attempt:
    """Repair one defect without a model; `seconds` is the search's."""
    runner = MontyRunner()
    try:
        return _attempt(defect, seconds, runner)
    finally:
        runner.close()


def _attempt(defect: Defect, seconds: float, runner: Runner) -> Attempt:
    began = perf_counter()
    allowance = Allowance(seconds=seconds)
    found = search(defect.subject, defect.visible, JUDGE, runner, allowance)
    survivors = [one for one in found if not unfit(defect, one)]
    took = perf_counter() - began
    count = quorum(ballots(defect, {SEARCH: survivors}, runner))
    verdicts = {one.source: is_right(defect, one, runner) for one in survivors}
    first = min(survivors, key=lambda one: one.tried, default=None)
    return Attempt(
        name=defect.name,
        split=defect.function.split,
        topic=defect.function.topic,
        kind=defect.kind,
        size=defect.size,
        verdict=count.kind,
        survivors=len(survivors),
        right=sum(verdicts.values()),
        chosen_right=count.chosen is not None
        and verdicts[count.chosen.survivor.source],
        first_right=first is not None and verdicts[first.source],
        first_seconds=first.seconds if first else None,
        tried=found.tried,
        seconds=took,
        why=count.why,
        edits=count.chosen.survivor.edits if count.chosen else (),
        chosen=count.chosen.survivor.source if count.chosen else "",
    )


def unfit(defect: Defect, survivor: Survivor) -> str:
    """Why `asza repair` refuses what gives every case, or ""."""
    return why_unfit(survivor.source, defect.subject, defect.visible)


def failed(defect: Defect, error: BaseException) -> Attempt:
    """What is written down where Wick itself broke: it counts as not repaired."""
    return Attempt(
        name=defect.name,
        split=defect.function.split,
        topic=defect.function.topic,
        kind=defect.kind,
        size=defect.size,
        verdict="broken",
        survivors=0,
        right=0,
        chosen_right=False,
        first_right=False,
        first_seconds=None,
        tried=0,
        seconds=0.0,
        why=f"{type(error).__name__}: {error}",
    )


def ballots(
    defect: Defect, survivors: Mapping[str, Sequence[Survivor]], runner: Runner
) -> list[Ballot]:
    """Every rung's survivors with what they do on inputs grown from the visible cases."""
    fresh = fresh_inputs(defect.visible, FRESH_INPUTS)
    preamble = defect.subject.preamble
    return [
        Ballot(rung, one, tuple(runner.rows(preamble, one.source, fresh)))
        for rung, some in survivors.items()
        for one in some
    ]


def is_right(defect: Defect, survivor: Survivor, runner: Runner) -> bool:
    """Whether a survivor gives every held-back case."""
    rans = runner.rows(defect.subject.preamble, survivor.source, defect.held_back)
    return all(map(JUDGE, defect.held_back, rans))


def fails(defect: Defect, runner: Runner) -> tuple[int, ...]:
    """The places of the visible cases that the defect does not give."""
    subject = defect.subject
    rans = runner.rows(subject.preamble, subject.source, defect.visible)
    pairs = enumerate(zip(defect.visible, rans, strict=True))
    return tuple(place for place, (case, ran) in pairs if not JUDGE(case, ran))
