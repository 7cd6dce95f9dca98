"""What "it" stands for: the values that the comparisons before were about."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.llm.offline.rules.rule import NotUnderstood
from core.llm.offline.rules.tree import Compare, Cross, Name, Number, Truth, walk

THAT = Name("{that}")
"""Stands for the subject of the comparison before: "sell when it is above 70"."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A comparison as said: its subject, and what it came to."""

    subject: Number
    truth: Truth


@dataclass(frozen=True, slots=True)
class Mentions:
    """The comparisons of this statement, and those of the last one that had any."""

    now: tuple[Mention, ...] = ()
    before: tuple[Mention, ...] = ()

    def with_one(self, subject: Number, truth: Truth) -> Mentions:
        """After one more comparison."""
        return replace(self, now=(*self.now, Mention(subject, truth)))

    def ended(self) -> Mentions:
        """At the end of a statement."""
        return Mentions((), self.now) if self.now else self

    def subject(self) -> Number:
        """What "it" is: the nearest subject here, else the only one said before."""
        return _only([m.subject for m in self.now[-1:] or self.before])

    def crossing(self, subject: Number) -> tuple[Number, bool | None]:
        """What "it" crosses when nothing is said, and which way it last did."""
        said = [m for m in self.now[-1:] or self.before if m.subject == subject]
        pairs = [_object(m) for m in said]
        other = _only([right for right, _ in pairs if right is not None])
        return other, next((up for right, up in pairs if right == other), None)


def _only(found: list[Number]) -> Number:
    kinds = list(dict.fromkeys(found))
    if len(kinds) == 1:
        return kinds[0]
    why = "it could stand for more than one value" if kinds else "no value is named"
    raise NotUnderstood(why, "name the value, as in 'RSI is above 70'")


def _object(mention: Mention) -> tuple[Number | None, bool | None]:
    for node in walk(mention.truth):
        if isinstance(node, Compare | Cross) and node.left == mention.subject:
            return node.right, node.up if isinstance(node, Cross) else None
    return None, None
