"""A rule: one module as a rule sentence says it, before it is a spec and a body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.llm.offline.rules.tree import Node, Truth


@dataclass(frozen=True)
class Rule:
    """What one module computes, and what its contract must say.

    `intent` is the canonical sentence: reading it back gives this rule. `outputs` maps
    each output to its tree, `schemas` to its schema as a spec writes it. `inputs`
    narrows the schemas of inputs that the vocabulary leaves wider, `lets` names values
    on the way to the outputs.
    """

    name: str
    role: str
    intent: str
    outputs: Mapping[str, Node]
    schemas: Mapping[str, Mapping[str, Any]]
    inputs: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lets: Mapping[str, Node] = field(default_factory=dict)
    assumes: tuple[str, ...] = ()
    invariants: tuple[str, ...] = ()
    fallback: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the request that cannot become a rule: quote, reason, remedy."""

    quote: str
    why: str
    remedy: str


@dataclass(frozen=True)
class Assembly:
    """The rules that sentences come to together, with what a person should know.

    `exclusive` are pairs of flags of which the first must not imply the second;
    `possible` are conditions that sentences named and that must be able to hold.
    """

    rules: tuple[Rule, ...] = ()
    notes: tuple[str, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    exclusive: tuple[tuple[str, str], ...] = ()
    possible: tuple[Truth, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmeant:
    """A known reason why the word at a place of a sentence cannot be a rule."""

    at: int
    why: str
    remedy: str


class NotUnderstood(Exception):
    """A phrase has the right shape and no meaning here: why, and what to say instead."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy
