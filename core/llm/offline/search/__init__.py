"""Bodies by search: the smallest typed expression that gives every example."""

from core.llm.offline.search.synthesis import (
    Found,
    NotFound,
    attempt,
    rule_for,
    search,
    why_not,
)

__all__ = ["Found", "NotFound", "attempt", "rule_for", "search", "why_not"]
