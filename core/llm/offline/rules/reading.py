"""Rule sentences read with a vocabulary's words: requests into rules, specs into bodies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from core.contract import Contract
from core.llm.offline.rules.evaluation import Streaks, made_plain
from core.llm.offline.rules.parser import hear
from core.llm.offline.rules.python import body_lines
from core.llm.offline.rules.reader import RuleReader
from core.llm.offline.rules.rule import Problem, Rule
from core.llm.offline.rules.tree import (
    Call,
    Choose,
    Math,
    Name,
    Node,
    Num,
    Truth,
    names_in,
)

if TYPE_CHECKING:
    from core.spec import Spec
    from core.vocabulary import Vocabulary

PREVIOUS = "previous_"


@dataclass(frozen=True)
class Reading:
    """What a request says in rules, and which parts of it say nothing."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    exclusive: tuple[tuple[str, str], ...] = ()
    possible: tuple[Truth, ...] = ()


@dataclass(frozen=True)
class PlainRule:
    """A rule with crossings and holdings spelled out, and the counters they need."""

    outputs: Mapping[str, Node]
    counters: Mapping[str, tuple[Truth, int]]
    named: Mapping[str, Node] = field(default_factory=dict)

    @property
    def lets(self) -> list[tuple[str, Node]]:
        """What the body sets first: values with names, the counters' next values."""
        counted = [(name, _counted(name, *c)) for name, c in self.counters.items()]
        return [*self.named.items(), *counted]

    @property
    def results(self) -> list[tuple[str, Node]]:
        """What the body returns: outputs, then counters."""
        return [*self.outputs.items(), *((name, Name(name)) for name in self.counters)]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names the rule reads from outside."""
        read = names_in(*(node for _, node in self.lets), *self.outputs.values())
        inner = {
            *self.named,
            *self.counters,
            *(PREVIOUS + name for name in self.counters),
        }
        return tuple(name for name in read if name not in inner)

    def body(self) -> list[str]:
        """The body's lines."""
        return body_lines(self.lets, self.results)


def _counted(name: str, part: Truth, steps: int) -> Node:
    more = Math(Name(PREVIOUS + name), "+", Num(1))
    return Choose(part, Call("min", (more, Num(steps))), Num(0))


def reader_for(
    vocabulary: Vocabulary,
    flags: frozenset[str] = frozenset(),
    *,
    standing: bool = False,
) -> RuleReader | None:
    """A fresh reader of the vocabulary's rule sentences; None if it has no words.

    `flags` are names from outside the vocabulary that sentences may use; `standing`
    says that what they make joins a stack that is there.
    """
    if vocabulary.rules is None:
        return None
    reader: RuleReader = vocabulary.rules.transformer(vocabulary)
    reader.flags, reader.standing = flags, standing
    return reader


def read_rules(
    text: str,
    vocabulary: Vocabulary,
    flags: frozenset[str] = frozenset(),
    *,
    standing: bool = False,
) -> Reading:
    """Every rule of a text, and every part that is none."""
    reader = reader_for(vocabulary, flags, standing=standing)
    if reader is None or vocabulary.rules is None:
        return Reading()
    heard = hear(text, vocabulary.rules.grammar, reader)
    assembly = reader.assemble([said for each in heard for said in each.said])
    unheard = [each.problem for each in heard if each.problem]
    return Reading(
        rules=assembly.rules,
        problems=(*unheard, *assembly.problems),
        notes=assembly.notes,
        settings=assembly.settings,
        exclusive=assembly.exclusive,
        possible=assembly.possible,
    )


def plain_rule(rule: Rule, vocabulary: Vocabulary) -> PlainRule:
    """The rule as plain trees over values that exist."""
    reader = reader_for(vocabulary, frozenset())
    if reader is None:
        raise ValueError("a rule needs a vocabulary with rule words")
    trees = (*rule.lets.values(), *rule.outputs.values())
    # A counter is wired like an output, so no two modules may share its name.
    taken = frozenset({*rule.outputs, *rule.lets, *names_in(*trees)})
    streaks = Streaks(f"{rule.name}_bars", taken)

    def known(name: str) -> bool:
        return vocabulary.starting_value(name) is not None

    def plain(nodes: Mapping[str, Node]) -> dict[str, Node]:
        return {
            name: made_plain(node, reader.prior, known, streaks)
            for name, node in nodes.items()
        }

    outputs, named = plain(rule.outputs), plain(rule.lets)
    return PlainRule(outputs, streaks.counters, named)


def body_from_intent(spec: Spec, vocabulary: Vocabulary) -> str | None:
    """The body that a spec's rule sentence means; None when it is no rule of the spec.

    The sentence must come to exactly the contract's inputs, outputs and state.
    """
    names = frozenset(spec.contract.inputs)
    reading = read_rules(spec.intent, vocabulary, names, standing=True)
    if reading.problems:
        return None
    for rule in reading.rules:
        plain = plain_rule(replace(rule, name=spec.name), vocabulary)
        if _is_for(plain, spec.contract):
            return "\n".join(plain.body()) + "\n"
    return None


def _is_for(plain: PlainRule, contract: Contract) -> bool:
    return (
        set(plain.outputs) == set(contract.outputs)
        and set(plain.inputs) <= set(contract.inputs)
        and set(plain.counters) == set(contract.state)
    )
