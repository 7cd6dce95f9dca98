"""`python -m bench.repair.models`: the ladder with a scripted model, to see what is paid.

The model is a server of our own on this machine that speaks the OpenAI-compatible wire.
For about half of the defects it knows the right body; for the others it answers prose,
or a table of the cases it was shown. Every answer costs, at 3 and 15 dollars a million tokens.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from bench.repair.defects import Defect, defects
from bench.repair.report import percent, write_page
from bench.repair.trying import JUDGE, ballots, fails, is_right, unfit
from core.settings import Settings, load_settings
from core.store import Store, open_store
from tests.model_endpoint import Ask, ModelEndpoint
from wick.clones import MODEL, SEARCH, Clone, Task
from wick.executors import Workers
from wick.ladder import Ladder, climb
from wick.quorum import AGREED, Quorum, quorum
from wick.runners.monty import MontyRunner
from wick.subject import Allowance, Runner

RIGHT, PROSE, TABLE = "right body", "prose", "table of the cases"
_ANSWERS = (RIGHT, PROSE, RIGHT, TABLE)
_INPUT, _OUTPUT = Decimal(3), Decimal(15)


@dataclass(frozen=True, slots=True)
class Climb:
    """One defect's climb: what the model would say, and which rung's body was taken."""

    name: str
    answer: str
    verdict: str
    rung: str
    right: bool
    calls: int
    dollars: Decimal
    seconds: float


def main(arguments: Sequence[str]) -> int:
    """Climb for a sample of the test part, and say what it cost."""
    parser = argparse.ArgumentParser(prog="python -m bench.repair.models")
    parser.add_argument("--every", type=int, default=7, help="every n-th test defect")
    parser.add_argument("--seconds", type=float, default=20.0, help="for each search")
    parser.add_argument("--page", type=Path, help="put the figures into this page")
    asked = parser.parse_args(arguments)
    sample = [one for one in defects() if one.function.split == "test"][:: asked.every]
    climbs = []
    for climbed in _climbs(sample, asked.seconds):
        climbs.append(climbed)
        sys.stderr.write(f"{len(climbs)}/{len(sample)} {climbed}\n")
    measured = f"{_headline(asked)}\n\n{tables(climbs)}"
    sys.stdout.write(f"{measured}\n")
    if asked.page:
        write_page(asked.page, "models", measured)
    return 0


def _headline(asked: argparse.Namespace) -> str:
    command = f"python -m bench.repair.models --every {asked.every}"
    return (
        f"`{command} --seconds {asked.seconds:g}`, "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load now "
        f"{os.getloadavg()[0]:.1f}."
    )


def _climbs(sample: Sequence[Defect], seconds: float) -> Iterator[Climb]:
    with TemporaryDirectory(prefix="asza-bench-") as folder:
        settings = _settings(Path(folder))
        with open_store(settings) as store, Workers(2, settings.root) as workers:
            for defect in sample:
                # By name, so that no kind of defect always gets one kind of answer.
                answer = Random(defect.name).choice(_ANSWERS)
                with _running() as runner:
                    yield _climb(
                        defect, answer, seconds, settings, store, workers, runner
                    )


def _settings(folder: Path) -> Settings:
    (folder / "prompts").mkdir()
    told = {
        "asza_home": folder / "home",
        "database_url": None,
        "redis_url": None,
        "llm_writer": "url:scripted",
        "llm_reviewer": "offline",
        "llm_price_input": _INPUT,
        "llm_price_output": _OUTPUT,
    }
    return load_settings(folder).model_copy(update=told)


@contextmanager
def _running() -> Iterator[Runner]:
    runner = MontyRunner()
    try:
        yield runner
    finally:
        runner.close()


def _climb(
    defect: Defect,
    answer: str,
    seconds: float,
    settings: Settings,
    store: Store,
    workers: Workers,
    runner: Runner,
) -> Climb:
    with ModelEndpoint(_script(defect, answer)) as endpoint:
        told = settings.model_copy(update={"llm_api_url": endpoint.openai_url})
        climbed = climb(
            _task(defect, seconds, runner),
            workers,
            settings=told,
            store=store,
            allow=(SEARCH, MODEL),
            seconds=seconds + 15,
            judge_free=lambda clones: _count(defect, clones, runner).kind == AGREED,
        )
        calls = len(endpoint.asked)
    return _told(defect, answer, climbed, calls, runner)


def _told(
    defect: Defect, answer: str, climbed: Ladder, calls: int, runner: Runner
) -> Climb:
    count = _count(defect, climbed.clones, runner)
    chosen = count.chosen
    return Climb(
        name=defect.name,
        answer=answer,
        verdict=count.kind,
        rung=chosen.rung if chosen else "",
        right=chosen is not None and is_right(defect, chosen.survivor, runner),
        calls=calls,
        dollars=climbed.cost_usd,
        seconds=climbed.seconds,
    )


def _count(defect: Defect, clones: Sequence[Clone], runner: Runner) -> Quorum:
    fit = {
        clone.rung: [one for one in clone.survivors if not unfit(defect, one)]
        for clone in clones
    }
    return quorum(ballots(defect, fit, runner))


def _task(defect: Defect, seconds: float, runner: Runner) -> Task:
    return Task(
        module=f"bench.{defect.name}",
        version=1,
        signature=defect.name,
        remark="a visible case fails",
        subject=defect.subject,
        body="",
        cases=defect.visible,
        failing=fails(defect, runner),
        judge=JUDGE,
        cycle=f"bench {defect.name}",
        allowance=Allowance(seconds=seconds),
    )


def _script(defect: Defect, answer: str) -> Callable[[Ask], str]:
    texts = {
        RIGHT: f"```python\n{defect.function.source}\n```",
        PROSE: "The function looks right to me; try turning it off and on again.",
        TABLE: f"```python\n{_table(defect)}\n```",
    }
    return lambda _: texts[answer]


def _table(defect: Defect) -> str:
    """The shown cases by heart: what a lazy model writes."""
    names = defect.function.parameters
    known = [case for case in defect.visible if not case.raises]
    rows = "".join(
        f"    if ({', '.join(names)},) == {case.args!r}:\n"
        f"        return {case.expected!r}\n"
        for case in known
    )
    return (
        f"def {defect.function.name}({', '.join(names)}):\n{rows}    raise ValueError"
    )


def tables(climbs: Sequence[Climb]) -> str:
    """Who repaired what, and what that cost."""
    rows = [
        "| outcome | defects | right | model calls | dollars |",
        "|---|---|---|---|---|",
    ]
    groups: dict[str, list[Climb]] = {}
    for one in climbs:
        groups.setdefault(_outcome(one), []).append(one)
    for name, some in sorted(groups.items()):
        right, calls = sum(c.right for c in some), sum(c.calls for c in some)
        spent = sum((c.dollars for c in some), Decimal(0))
        rows.append(f"| {name} | {len(some)} | {right} | {calls} | {spent:.4f} |")
    return "\n".join([*rows, "", _summary(climbs)])


def _outcome(climbed: Climb) -> str:
    if climbed.verdict == AGREED:
        asked = "after the model was asked" if climbed.calls else "no model asked"
        return f"repaired by {climbed.rung}, {asked}"
    return f"not repaired ({climbed.verdict}), model gave: {climbed.answer}"


def _summary(climbs: Sequence[Climb]) -> str:
    free = [c for c in climbs if c.verdict == AGREED and not c.calls]
    spent = sum((c.dollars for c in climbs), Decimal(0))
    tabled = [c for c in climbs if c.answer == TABLE and c.calls]
    fooled = [c for c in tabled if c.verdict == AGREED and not c.right]
    return (
        f"Repaired without a call: {len(free)} of {len(climbs)} "
        f"({percent(len(free) / len(climbs))}). Spent in all: ${spent:.4f}. Tables of the "
        f"cases answered for {len(tabled)} defects, accepted for {len(fooled)}."
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
