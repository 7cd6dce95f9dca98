"""Splitting a rule that does not fit ten lines: conditions, and a rule over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.llm.offline.rule import Rule
from core.llm.offline.rule_python import fits
from core.llm.offline.rule_say import say
from core.llm.offline.rule_tree import (
    All,
    Either,
    Flag,
    Truth,
)
from core.llm.offline.rules import plain_rule, reader_for

if TYPE_CHECKING:
    from core.llm.offline.rule_reader import RuleReader
    from core.vocabulary import Vocabulary

FLAG = {"unit": "flag"}
CONDITION = "condition"


def split(rule: Rule, vocabulary: Vocabulary) -> list[Rule]:
    """The rule, or conditions and the rule over them, each of which fits ten lines."""
    if _fits(rule, vocabulary):
        return [rule]
    reader = reader_for(vocabulary)
    output, tree = next(iter(rule.outputs.items()))
    if reader is None or not isinstance(tree, All | Either):
        return [rule]
    conditions: list[Rule] = []
    parts = _grouped(tree, rule, vocabulary, reader, conditions)
    whole = _whole(rule, output, type(tree)(parts), tree, reader)
    return [*conditions, *split(whole, vocabulary)] if conditions else [rule]


def _fits(rule: Rule, vocabulary: Vocabulary) -> bool:
    return fits(plain_rule(rule, vocabulary).body())


def _grouped(
    tree: All | Either,
    rule: Rule,
    vocabulary: Vocabulary,
    reader: RuleReader,
    conditions: list[Rule],
) -> tuple[Truth, ...]:
    """The parts as flags of condition modules, as many parts in each as fit."""
    flags: list[Truth] = []
    rest = list(tree.parts)
    while rest:
        taken = _taken(tree, rest, rule, vocabulary, reader)
        rest = rest[len(taken) :]
        if len(taken) == 1 and isinstance(taken[0], Flag):
            flags.append(taken[0])
            continue
        part = taken[0] if len(taken) == 1 else type(tree)(tuple(taken))
        name = f"{rule.name}_part_{len(flags) + 1}"
        conditions += split(_condition(name, part, reader), vocabulary)
        flags.append(Flag(name))
    return tuple(flags)


def _taken(
    tree: All | Either,
    rest: Sequence[Truth],
    rule: Rule,
    vocabulary: Vocabulary,
    reader: RuleReader,
) -> list[Truth]:
    """The longest run of parts from the front that fits one condition module."""
    taken = [rest[0]]
    for part in rest[1:6]:
        larger = type(tree)((*taken, part))
        if not _fits(_condition(f"{rule.name}_part_1", larger, reader), vocabulary):
            return taken
        taken.append(part)
    return taken


def _condition(name: str, part: Truth, reader: RuleReader) -> Rule:
    intent = f"{name} is true when {say(part, reader)}."
    return Rule(name, CONDITION, intent, {name: part}, {name: FLAG})


def _whole(
    rule: Rule, output: str, tree: Truth, before: Truth, reader: RuleReader
) -> Rule:
    """The rule over the conditions: its sentence says their names instead."""
    said = rule.intent.replace(say(before, reader), say(tree, reader))
    return replace(rule, outputs={output: tree}, intent=said)
