"""From lark's trees to rule trees: what each shape of the shared grammar means.

A vocabulary's reader extends `RuleReader` with its own series, facts and statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from lark import Token

from core.llm.offline.rules.joins import Join, Marked, joined, with_joins
from core.llm.offline.rules.mentions import THAT
from core.llm.offline.rules.predicate_words import (
    IT,
    Predicate,
    PredicateWords,
    lasting,
)
from core.llm.offline.rules.rule import (
    Assembly,
    NotUnderstood,
    Problem,
    Unmeant,
)
from core.llm.offline.rules.tree import (
    Flag,
    Name,
    Node,
    Not,
    Number,
    Truth,
    all_of,
    negated,
    rebuild,
)
from core.llm.offline.rules.words import Word


class RuleReader(PredicateWords):
    """Gives every shape of the shared grammar its meaning."""

    synonyms: ClassVar[Mapping[str, str]] = {}
    noise: ClassVar[frozenset[str]] = frozenset()
    flags: frozenset[str] = frozenset()
    """Names from outside the vocabulary that a sentence may use."""
    standing: bool = False
    """Do the sentences join a stack that is there, or are they to be one?"""

    # what a vocabulary says -------------------------------------------------------
    def assemble(self, said: Sequence[Any]) -> Assembly:
        """The rules that statements come to together."""
        raise NotImplementedError

    def say_name(self, name: str) -> str:
        """Words that this reader reads back as the name."""
        return name

    def say_special(self, truth: Truth) -> str | None:  # noqa: ARG002
        """A condition in words of the vocabulary's own, if it has any."""
        return None

    def respelled(self, words: Sequence[Word], text: str) -> list[Word]:  # noqa: ARG002
        """A sentence's words as the grammar spells them; `text` is the whole request."""
        return list(words)

    def is_title(self, words: Sequence[Word]) -> bool:  # noqa: ARG002
        """Do the words before a colon only name what follows?"""
        return False

    def doubt(self, words: Sequence[Word], text: str) -> Problem | None:  # noqa: ARG002
        """Why words that are a sentence could mean two things, if they could."""
        return None

    def unmeant(self, words: Sequence[Word]) -> Unmeant | None:  # noqa: ARG002
        """Why words that are no sentence can never be one, if that is known."""
        return None

    # statements -------------------------------------------------------------------
    def statement(self, parts: Sequence[Any]) -> Any:
        self.mentions = self.mentions.ended()
        return parts[0] if parts else None

    # conditions -------------------------------------------------------------------
    def start(self, parts: Sequence[Any]) -> list[Any]:
        return [part for part in parts if part is not None]

    def truth(self, parts: Sequence[Any]) -> Truth:
        return parts[0]  # type: ignore[no-any-return]

    def unless(self, parts: Sequence[Any]) -> Truth:
        return all_of((parts[0], negated(parts[-1])))

    def weak_and(self, _: Any) -> Join:
        return Join("and")

    def weak_or(self, _: Any) -> Join:
        return Join("or")

    def comma(self, _: Any) -> Join:
        return Join("comma")

    def strong_and(self, _: Any) -> Join:
        return Join("and", strong=True)

    def strong_or(self, _: Any) -> Join:
        return Join("or", strong=True)

    def chain(self, parts: Sequence[Any]) -> Truth:
        return joined(with_joins(parts))

    def either(self, parts: Sequence[Any]) -> Marked:
        return Marked(parts[0])

    def neither(self, parts: Sequence[Any]) -> Truth:
        return all_of(tuple(negated(_bare(part)) for part in parts))

    def not_(self, parts: Sequence[Any]) -> Truth:
        return negated(_bare(parts[0]))

    def held_group(self, parts: Sequence[Any]) -> Truth:
        return lasting(parts[0], parts[1])

    def flag(self, parts: Sequence[Token]) -> Truth:
        name = str(parts[0])
        if name not in self.flags:
            raise NotUnderstood(f"'{name}' is not true or false", "compare it")
        return Flag(name)

    def no_flag(self, parts: Sequence[Token]) -> Truth:
        return Not(self.flag(parts))

    def comparison(self, parts: Sequence[Any]) -> Truth:
        subject, *rest = parts
        meant = self.mentions.subject() if subject == THAT else subject
        truth = self._of_subject(meant, rest)
        if subject == THAT:
            self.check_meant(meant, truth)
        self.mentions = self.mentions.with_one(meant, truth)
        return truth

    def that(self, _: Any) -> Name:
        return THAT

    def check_meant(self, subject: Number, truth: Truth) -> None:
        """NotUnderstood where "it" cannot have meant the subject."""

    def _of_subject(self, subject: Number, rest: Sequence[Any]) -> Truth:
        said = [p if isinstance(p, Join) else self.said_of(subject, p) for p in rest]
        return joined(said)

    def said_of(self, subject: Number, predicate: Predicate) -> Truth:
        """What a predicate says of its subject, "its" included."""
        truth = predicate(subject)
        it = subject.name if isinstance(subject, Name) else ""
        if IT in it:
            raise NotUnderstood("'average' of what?", "name the value, as in 'volume'")
        return rebuild(truth, partial(self._its, it))  # type: ignore[no-any-return]

    def _its(self, subject: str, node: Node) -> Node:
        if not isinstance(node, Name) or IT not in node.name:
            return node
        if not subject:
            raise NotUnderstood("'its' has no single value to stand for", "name it")
        return Name(self.check_name(node.name.replace(IT, subject)))


def _bare(part: Any) -> Truth:
    return part.part if isinstance(part, Marked) else part
