"""From what a model answered to a whole function, by the doors that any body passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.answers import reduce_answer
from core.answers.text import refused
from core.body import check_body
from core.errors import BodyRefused
from core.llm import Answer
from wick.clones.visible import with_body
from wick.plain.model import function_in
from wick.subject import Subject

if TYPE_CHECKING:
    from core.spec import Spec


def let_in(answer: Answer, subject: Subject, spec: Spec | None) -> str:
    """The function an answer holds, as `Subject.source` is.

    A module's body keeps the body rules; a plain function, which has no spec, its name
    and parameters. BodyRefused says at which door it was turned away.
    """
    if spec is None:
        return _function(answer, subject)
    body = reduce_answer(answer.text, spec, stop=answer.stop)
    if broken := check_body(spec, body):
        raise BodyRefused(str(broken[0]), field="body", value=body)
    return with_body(subject, body)


def _function(answer: Answer, subject: Subject) -> str:
    if answer.stop != "end":
        raise refused(f"it ended early ({answer.stop})")
    return function_in(answer.text, subject)
