"""The repair of a plain function: search, then a model if there is one, then quorum."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from time import monotonic

from core.llm import Writer
from wick.clones import MODEL, SEARCH
from wick.plain import report
from wick.plain.engines import Engine, engine_for
from wick.plain.extract import Found
from wick.plain.grow import fresh_inputs
from wick.plain.judging import AsJson
from wick.plain.model import ask_model
from wick.plain.questions import questions
from wick.plain.report import Report
from wick.plain.signature import signature_of
from wick.plain.splice import difference, spliced
from wick.plain.telling import told_case
from wick.plain.timed import Timed
from wick.plain.unfit import why_unfit
from wick.quorum import AGREED, Ballot, Quorum, quorum
from wick.search import search
from wick.subject import Allowance, Case, Ran, Survivor

FRESH_INPUTS = 200
_JUDGE = AsJson()
_MORE = 2.0  # seconds
_ROUNDS = 16  # in which the fresh inputs are run, small and large in each
_LEFT_FOR_QUORUM, _LEFT_FOR_MODEL = 0.25, 0.5  # of the seconds there are
Tell = Callable[[str], None]
Asking = Callable[[float], Writer]


@dataclass
class _Trial:
    """One repair as it goes on: what was found, tried and paid."""

    found: Found
    cases: Sequence[Case]
    engine: Engine
    ends: float
    began: float
    tell: Tell
    ballots: list[tuple[str, Survivor]] = field(default_factory=list)
    tried: int = 0
    first: float | None = None
    cost: Decimal = Decimal(0)
    notes: list[str] = field(default_factory=list)

    def unfit(self, source: str) -> str:
        """Why a source that gives every case is refused all the same, or ""."""
        return why_unfit(source, self.engine.subject, self.cases)


def repair(
    found: Found,
    cases: Sequence[Case],
    *,
    seconds: float,
    model: Asking | None = None,
    cycle: str = "",
    tell: Tell = lambda _: None,
) -> Report:
    """Repair a function within `seconds`; with a `model` that may be asked too.

    It is given when the time is up, on the monotonic clock, and gives the writer to ask.
    Nothing is written: the report holds the file's new text. RequestRefused where what
    the function needs of its file cannot be loaded.
    """
    began = monotonic()
    with engine_for(found, cases) as engine:
        trial = _Trial(found, cases, engine, began + seconds, began, tell)
        failing = _failing(engine, cases)
        tell(
            f"{len(failing)} of {len(cases)} cases come out wrong; {engine.runner.name}"
        )
        if not failing:
            return _told(trial, report.NOTHING, ())
        _search(trial, _LEFT_FOR_QUORUM if model is None else _LEFT_FOR_MODEL)
        fresh = fresh_inputs(cases, FRESH_INPUTS)
        count, used = _count(trial, fresh)
        if model is not None and count.kind != AGREED:
            _ask(trial, model, cycle)
            count, used = _count(trial, fresh)
        return _concluded(trial, count, used, failing)


def _failing(engine: Engine, cases: Sequence[Case]) -> tuple[str, ...]:
    pairs = zip(cases, engine.before, strict=True)
    name = engine.subject.name
    return tuple(told_case(name, c, ran) for c, ran in pairs if not _JUDGE(c, ran))


def _search(trial: _Trial, left: float) -> None:
    """Search, and leave that share of the time for what comes after."""
    engine, now = trial.engine, monotonic()
    seconds = max(0.1, (trial.ends - now) * (1 - left))
    going = search(
        engine.subject,
        trial.cases,
        _JUDGE,
        Timed(engine.runner, now + seconds),
        Allowance(seconds=seconds),
        stop=lambda: _enough(trial),
    )
    for survivor in going:
        if trial.unfit(survivor.source):
            continue
        if trial.first is None:
            trial.first = monotonic() - trial.began
            trial.tell(f"first survivor after {trial.first:.2f} s")
        trial.ballots.append((SEARCH, survivor))
    trial.tried += going.tried
    trial.tell(f"{trial.tried:,} candidates tried, {len(trial.ballots)} survive")


def _enough(trial: _Trial) -> bool:
    """Others are looked for as long again as the first one took, and a little more."""
    if trial.first is None:
        return False
    return monotonic() - trial.began > 2 * trial.first + _MORE


def _ask(trial: _Trial, model: Asking, cycle: str) -> None:
    trial.tell("asking the model")
    written = ask_model(
        lambda: model(trial.ends),
        trial.engine,
        trial.cases,
        _JUDGE,
        cycle=cycle,
        unfit=trial.unfit,
    )
    trial.tried += written.tried
    trial.cost += written.cost_usd
    trial.notes += [written.note] if written.note else []
    trial.ballots += [(MODEL, survivor) for survivor in written.survivors]


def _count(trial: _Trial, fresh: Sequence[Case]) -> tuple[Quorum, Sequence[Case]]:
    """The survivors' votes on the fresh inputs, on some of them when the time is up."""
    preamble, runner = trial.engine.subject.preamble, trial.engine.runner
    rows: list[list[Ran]] = [[] for _ in trial.ballots]
    used: list[Case] = []
    for start in range(_ROUNDS):
        some = fresh[start::_ROUNDS]
        for found, (_, survivor) in zip(rows, trial.ballots, strict=True):
            found += runner.rows(preamble, survivor.source, some)
        used += some
        if monotonic() > trial.ends:
            break
    ballots = [
        Ballot(rung, survivor, tuple(found))
        for found, (rung, survivor) in zip(rows, trial.ballots, strict=True)
    ]
    return quorum(ballots), used


def _concluded(
    trial: _Trial, count: Quorum, fresh: Sequence[Case], failing: tuple[str, ...]
) -> Report:
    if count.chosen is None:
        made = _told(trial, report.NOT_REPAIRED, failing)
        return replace(made, why=_why_none(trial), fresh_inputs=len(fresh))
    chosen = count.chosen
    text = spliced(trial.found, chosen.survivor.source)
    verdict = report.REPAIRED if count.kind == AGREED else report.AMBIGUOUS
    return replace(
        _told(trial, verdict, failing),
        survivors=len(trial.ballots),
        groups=len(count.groups),
        fresh_inputs=len(fresh),
        rung=chosen.rung,
        why=count.why,
        edits=chosen.survivor.edits,
        source=chosen.survivor.source,
        diff=difference(trial.found, text),
        questions=questions(count, fresh, signature_of(trial.engine.subject.source)),
        text=text,
    )


def _why_none(trial: _Trial) -> str:
    late = monotonic() >= trial.ends - 0.1
    ended = "the time was up" if late else "every small edit was tried"
    return f"{trial.tried:,} candidates, none gives every case; {ended}"


def _told(trial: _Trial, verdict: report.Verdict, failing: tuple[str, ...]) -> Report:
    engine = trial.engine
    return Report(
        function=trial.found.name,
        file=str(trial.found.path),
        verdict=verdict,
        engine=engine.runner.name,
        engine_why=engine.why,
        isolation=engine.isolation,
        cases=len(trial.cases),
        failing=failing,
        tried=trial.tried,
        seconds=monotonic() - trial.began,
        first_seconds=trial.first,
        cost_usd=trial.cost,
        notes=(*trial.found.notes, *trial.notes),
    )
