"""The inputs on which survivors disagree, as questions that one more case answers."""

from __future__ import annotations

from collections.abc import Sequence

from wick.plain.cases import told_inputs
from wick.plain.report import Answered, Question
from wick.plain.signature import Signature
from wick.plain.telling import case_line, told_result
from wick.quorum import Group, Quorum, same_outcome
from wick.subject import Case, Ran

MOST_QUESTIONS = 5


def questions(
    count: Quorum, fresh: Sequence[Case], signature: Signature
) -> tuple[Question, ...]:
    """At most five, the one that settles most first."""
    places = count.disagreements[:MOST_QUESTIONS]
    return tuple(_question(count.groups, n, fresh[n], signature) for n in places)


def _question(
    groups: Sequence[Group], place: int, case: Case, signature: Signature
) -> Question:
    """Groups that give the same here stand together."""
    answers: list[tuple[int, int, Ran]] = []
    for number, group in enumerate(groups, 1):
        ran, size = group.best.outcomes[place], len(group.ballots)
        at = next((n for n, a in enumerate(answers) if same_outcome(a[2], ran)), None)
        if at is None:
            answers.append((number, size, ran))
        else:
            first, others, same = answers[at]
            answers[at] = (first, others + size, same)
    told = (
        Answered(number, size, told_result(ran), case_line(case, ran, signature))
        for number, size, ran in answers
    )
    return Question(told_inputs(case), tuple(told))
