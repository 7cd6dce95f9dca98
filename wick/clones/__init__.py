"""Clones: one repair attempt each, by one strategy, one file a rung of the ladder.

A clone is given a `Task`, which is plain data and pickles, and gives back a `Clone`. It
reaches no database, writes nothing, and never sees the held-back recordings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from wick.subject import Allowance, Case, Judge, Subject, Survivor

LAST_GOOD, KNOWN_PATCH, SEARCH = "last good", "known patch", "search"
MODEL, FRESH, SECOND_MODEL = "model", "fresh", "second model"
# Cheapest first: the order in which the ladder is climbed and money is spent.
RUNGS = (LAST_GOOD, KNOWN_PATCH, SEARCH, MODEL, FRESH, SECOND_MODEL)
FREE = RUNGS[:3]
MONTY, CPYTHON = "monty", "cpython"

# How many candidates a clone has tried, and how many survived, while it works.
Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A body that once was good: an earlier version, or a patch that mended the same."""

    version: int
    body: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """What a clone is given. `failing` are the places in `cases` that fail now.

    `spec_text` and `vocabulary` (a dotted name) are the module's law; `root` is the
    project whose settings name the models; `cycle` is what its money is charged to.
    `engine` is the runner the function needs: `monty`, or `cpython` for what Monty lacks.
    """

    module: str
    version: int
    signature: str
    remark: str
    subject: Subject
    body: str
    cases: tuple[Case, ...]
    failing: tuple[int, ...]
    judge: Judge
    spec_text: str = ""
    vocabulary: str = ""
    root: str = ""
    cycle: str = ""
    earlier: tuple[Earlier, ...] = ()
    patches: tuple[Earlier, ...] = ()
    refused: tuple[str, ...] = ()
    engine: str = MONTY
    allowance: Allowance = field(default_factory=Allowance)


@dataclass(frozen=True, slots=True)
class Clone:
    """What one strategy came up with; `note` says why there is nothing, or what to know."""

    rung: str
    survivors: tuple[Survivor, ...] = ()
    tried: int = 0
    seconds: float = 0.0
    cost_usd: Decimal = Decimal(0)
    note: str = ""
