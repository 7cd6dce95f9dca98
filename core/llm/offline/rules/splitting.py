"""Splitting a rule that does not fit ten lines: conditions, and a rule over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from core.llm.offline.rules.python import fits
from core.llm.offline.rules.reading import plain_rule, reader_for
from core.llm.offline.rules.rule import Rule
from core.llm.offline.rules.tree import (
    All,
    Choose,
    Either,
    Flag,
    Node,
    Not,
    Truth,
    negated,
)
from core.llm.offline.rules.wording import say

if TYPE_CHECKING:
    from core.llm.offline.rules.reader import RuleReader
    from core.vocabulary import Vocabulary

FLAG = {"unit": "flag"}
CONDITION = "condition"


def split(rule: Rule, vocabulary: Vocabulary) -> list[Rule]:
    """The rule, or conditions and the rule over them, each of which fits ten lines."""
    reader = reader_for(vocabulary)
    if reader is None or _fits(rule, vocabulary):
        return [rule]
    return _Splitter(rule.name, vocabulary, reader).split(rule)


def _fits(rule: Rule, vocabulary: Vocabulary) -> bool:
    return fits(plain_rule(rule, vocabulary).body())


@dataclass
class _Splitter:
    """Splits one rule; the conditions it makes are numbered through."""

    stem: str
    vocabulary: Vocabulary
    reader: RuleReader
    made: int = 0

    def split(self, rule: Rule) -> list[Rule]:
        """Conditions first, then the rule over them."""
        if _fits(rule, self.vocabulary):
            return [rule]
        output, tree = next(iter(rule.outputs.items()))
        conditions: list[Rule] = []
        if isinstance(tree, Choose):
            flag = self._as_flag(tree.when, conditions)
            before: Truth = tree.when
            whole: Node = Choose(flag, tree.then, tree.otherwise)
            said = say(flag, self.reader)
        elif isinstance(spread := _spread(tree), All | Either):
            before = tree  # type: ignore[assignment]
            whole = type(spread)(self._grouped(spread, conditions))
            said = say(whole, self.reader)
        else:
            return [rule]
        intent = rule.intent.replace(say(before, self.reader), said)
        return [
            *conditions,
            *self.split(replace(rule, outputs={output: whole}, intent=intent)),
        ]

    def _grouped(self, tree: All | Either, conditions: list[Rule]) -> tuple[Truth, ...]:
        """The parts as flags of condition modules, as many parts in each as fit."""
        flags: list[Truth] = []
        rest = list(tree.parts)
        while rest:
            taken = self._taken(tree, rest)
            rest = rest[len(taken) :]
            part = taken[0] if len(taken) == 1 else type(tree)(tuple(taken))
            flags.append(self._as_flag(part, conditions))
        return tuple(flags)

    def _as_flag(self, part: Truth, conditions: list[Rule]) -> Truth:
        if isinstance(part, Flag):
            return part
        self.made += 1
        name = f"{self.stem}_part_{self.made}"
        conditions += self.split(self._condition(name, part))
        return Flag(name)

    def _taken(self, tree: All | Either, rest: Sequence[Truth]) -> list[Truth]:
        """The longest run of parts from the front that fits one condition module."""
        taken = [rest[0]]
        for part in rest[1:6]:
            larger = type(tree)((*taken, part))
            trial = self._condition(f"{self.stem}_part_10", larger)
            if not _fits(trial, self.vocabulary):
                return taken
            taken.append(part)
        return taken

    def _condition(self, name: str, part: Truth) -> Rule:
        intent = f"{name} is true when {say(part, self.reader)}."
        return Rule(name, CONDITION, intent, {name: part}, {name: FLAG})


def _spread(tree: Node) -> Node:
    """A negated combination as a combination of negations, so that it can be split."""
    if isinstance(tree, Not) and isinstance(tree.part, All | Either):
        kind = Either if isinstance(tree.part, All) else All
        return kind(tuple(negated(part) for part in tree.part.parts))
    return tree
