"""What a verdict shows of a climb and its trial: plain data and words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from core.gate.compare import shortened
from wick.clones import Clone
from wick.subject import Ran
from wick.verdict import Difference, Verdict, plain_of

if TYPE_CHECKING:
    from wick.repair import Outcome

SHOWN = 5  # changed inputs, and survivors that fell


def rung_of(clone: Clone) -> dict[str, Any]:
    """A rung's figures, as the ledger of repairs keeps them."""
    return {
        "rung": clone.rung,
        "tried": clone.tried,
        "survivors": len(clone.survivors),
        "seconds": round(clone.seconds, 3),
        "cost_usd": str(clone.cost_usd),
        "note": clone.note,
    }


def why_not(outcome: Outcome) -> str:
    """Why nothing was found, and at what the best survivor fell."""
    falls = outcome.verdict.falls
    if falls:
        return f"{outcome.verdict.why}; the first fell at {falls[0].at}: {falls[0].why}"
    notes = (f"{c.rung}: {c.note}" for c in outcome.ladder.clones if c.note)
    return "; ".join([outcome.verdict.why, *notes])


def look_at(outcome: Outcome) -> str:
    """What a person should look at."""
    tried = ", ".join(clone.rung for clone in outcome.ladder.clones)
    return (
        f"tried {tried}: mend the body by hand, or say more in its spec and build it "
        "anew; a model's key opens the paid rungs"
    )


def questions_of(verdict: Verdict) -> Iterator[str]:
    """Inputs on which survivors disagree, and what they give there."""
    for each in verdict.questions:
        answers = " or ".join(answer.told for answer in each.answers)
        yield f"{shortened(dict(each.inputs))} gives {answers}"


def changes_of(verdict: Verdict) -> Iterator[dict[str, Any]]:
    """The inputs whose outputs change, the recorded ones first."""
    found: Difference | None = next(iter(verdict.differences), None)
    for change in (found.shown if found else ())[:SHOWN]:
        yield {
            "inputs": plain_of(change.inputs),
            "before": _came(change.before),
            "after": _came(change.after),
        }


def _came(ran: Ran) -> Any:
    return plain_of(ran.value) if ran.ok else f"raises {ran.error}"
