"""The last rung: the reviewer's model writes, where it is another one than the writer's.

It is not shown the review: its vote is to be its own.
"""

from __future__ import annotations

from functools import partial

from wick.clones import SECOND_MODEL, Clone, Task
from wick.clones.model import asked_of
from wick.clones.money import Purse, Tally, charged
from wick.clones.writing import write


def run(task: Task, money: Purse) -> Clone:
    """A repair by the model of the role `reviewer`, charged to the task's cycle."""
    if money.offline("reviewer"):
        return Clone(SECOND_MODEL, note="there is none: LLM_REVIEWER is offline")
    if money.choice("reviewer") == money.choice("writer"):
        return Clone(SECOND_MODEL, note="LLM_REVIEWER names the writer's own model")
    return charged(SECOND_MODEL, task, money, partial(_repair, task, money))


def _repair(task: Task, money: Purse, tally: Tally) -> None:
    write(asked_of(task, money), money.writer("reviewer"), tally)
