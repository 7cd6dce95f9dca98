"""What came of a repair, as data: what the command shows and `--json` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Verdict = Literal["nothing to repair", "repaired", "ambiguous", "not repaired"]
NOTHING: Verdict = "nothing to repair"
REPAIRED: Verdict = "repaired"
AMBIGUOUS: Verdict = "ambiguous"
NOT_REPAIRED: Verdict = "not repaired"

NOT_PROOF = (
    "Giving every case is not correctness: nothing was held back, and the cases are all "
    "that is known of what you meant."
)


@dataclass(frozen=True, slots=True)
class Answered:
    """A group of survivors on one input: how many, what they give, a case line for it."""

    group: int
    survivors: int
    gives: str
    case: str


@dataclass(frozen=True, slots=True)
class Question:
    """An input on which survivors disagree: an answer here settles between them."""

    inputs: str
    answers: tuple[Answered, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One repair. `failing` tells the cases that came out wrong before it.

    `source` is the function as chosen (empty: none), `text` the whole file with it,
    `seconds` the wall time, `first_seconds` that to the first survivor.
    """

    function: str
    file: str
    verdict: Verdict
    engine: str
    engine_why: str
    isolation: tuple[str, ...]
    cases: int
    failing: tuple[str, ...] = ()
    tried: int = 0
    survivors: int = 0
    groups: int = 0
    fresh_inputs: int = 0
    seconds: float = 0.0
    first_seconds: float | None = None
    cost_usd: Decimal = Decimal(0)
    rung: str = ""
    why: str = ""
    edits: tuple[str, ...] = ()
    source: str = ""
    diff: str = ""
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()
    text: str = field(default="", repr=False)

    def as_dict(self) -> Mapping[str, Any]:
        """Everything but the file's whole text."""
        told = {name: getattr(self, name) for name in self.__slots__ if name != "text"}
        told["questions"] = [
            {
                "inputs": question.inputs,
                "answers": [
                    {
                        "group": each.group,
                        "survivors": each.survivors,
                        "gives": each.gives,
                        "case": each.case,
                    }
                    for each in question.answers
                ],
            }
            for question in self.questions
        ]
        return told | {"note": NOT_PROOF}
