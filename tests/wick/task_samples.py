"""A module with a wrong body, a plain function with a fault, and what clones are given."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.spec import Spec, parse_spec
from core.vocabulary import base_vocabulary
from wick.bodies import ContractJudge, subject_of
from wick.clones import Earlier, Task
from wick.search.judging import ByValue
from wick.subject import Allowance, Case, Subject

WORDS = base_vocabulary()
MIDDLE = """---
name: middle
role: function
inputs:
  a: {type: number, minimum: -1000, maximum: 1000}
  b: {type: number, minimum: -1000, maximum: 1000}
outputs:
  between: {type: number, minimum: -1000, maximum: 1000}
examples:
  - {in: {a: 2, b: 4}, out: {between: 3}}
  - {in: {a: 10, b: 20}, out: {between: 15}}
  - {in: {a: 7, b: 8}, out: {between: 7.5}}
---
The number halfway between a and b.
"""
WRONG = "return {'between': (a + b) / 3}\n"
RIGHT = "return {'between': (a + b) / 2}\n"


def spec() -> Spec:
    return parse_spec(MIDDLE, stack="demo", vocabulary=WORDS)


def module_task(
    body: str = WRONG, root: Path | None = None, cycle: str = "defect 1", **more: Any
) -> Task:
    """The module `demo.middle` with this body, judged by its examples."""
    law = spec()
    cases = tuple(
        Case(kwargs=dict(one.inputs), expected=dict(one.out), label=f"example {n}")
        for n, one in enumerate(law.contract.examples, 1)
    )
    task = Task(
        module="demo.middle",
        version=2,
        signature="RecordingBroken",
        remark="an example does not hold",
        subject=subject_of(law, body),
        body=body,
        cases=cases,
        failing=(0, 1, 2),
        judge=ContractJudge(law.contract),
        spec_text=MIDDLE,
        vocabulary=WORDS.name,
        root=str(root or ""),
        cycle=cycle,
        allowance=Allowance(seconds=30.0),
    )
    return replace(task, **more)


def plain_task(source: str, cases: Sequence[Case], **more: Any) -> Task:
    """A function anyone brings, all of whose cases may fail."""
    name = source.removeprefix("def ").partition("(")[0]
    given = source.partition("(")[2].partition(")")[0]
    subject = Subject(name, source, tuple(filter(None, given.split(", "))))
    task = Task(
        module=name,
        version=0,
        signature="",
        remark="a case does not hold",
        subject=subject,
        body="",
        cases=tuple(cases),
        failing=tuple(range(len(cases))),
        judge=ByValue(),
        allowance=Allowance(seconds=30.0),
    )
    return replace(task, **more)


def earlier(*bodies: str) -> tuple[Earlier, ...]:
    return tuple(Earlier(n, body) for n, body in enumerate(bodies, 1))
