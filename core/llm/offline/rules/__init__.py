"""Rule sentences: read into trees, checked, split, worked through, written as bodies."""

from core.llm.offline.rules.cases import Case, balanced, cases_of
from core.llm.offline.rules.logic import contradictions
from core.llm.offline.rules.reading import (
    PREVIOUS,
    PlainRule,
    Reading,
    body_from_intent,
    plain_rule,
    read_rules,
    reader_for,
)
from core.llm.offline.rules.rule import Problem, Rule
from core.llm.offline.rules.splitting import split

__all__ = [
    "PREVIOUS",
    "Case",
    "PlainRule",
    "Problem",
    "Reading",
    "Rule",
    "balanced",
    "body_from_intent",
    "cases_of",
    "contradictions",
    "plain_rule",
    "read_rules",
    "reader_for",
    "split",
]
