"""What to ask when survivors disagree: the inputs whose answer would settle most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from core.gate.compare import shortened
from wick.verdict import Answer, Question

if TYPE_CHECKING:
    from core.gate.trial import Case
    from wick.quorum import Quorum
    from wick.subject import Ran

MOST = 3


def questions(
    count: Quorum, fresh: Sequence[Case], most: int = MOST
) -> tuple[Question, ...]:
    """The most telling inputs, each with what the groups give there."""
    return tuple(
        Question(dict(fresh[place].inputs), tuple(_answers(count, place)))
        for place in count.disagreements[:most]
    )


def _answers(count: Quorum, place: int) -> Iterator[Answer]:
    """Groups that say the same count together, the most votes first."""
    votes: dict[str, float] = {}
    for group in count.groups:
        told = _told(group.best.outcomes[place])
        votes[told] = votes.get(told, 0.0) + group.votes
    for told, weight in sorted(votes.items(), key=lambda pair: -pair[1]):
        yield Answer(told, round(weight, 6))


def _told(ran: Ran) -> str:
    return shortened(ran.value) if ran.ok else f"raises {ran.error}"
