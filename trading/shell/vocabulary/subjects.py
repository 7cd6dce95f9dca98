"""What "it" can be: a value of the kind it is compared with."""

from __future__ import annotations

from core.llm.offline.rules.tree import Between, Name, Num, Number, Truth, walk
from trading.shell import series

_PRICES = frozenset({"price", "indicator", "money"})


def alike(subject: Number, truth: Truth) -> bool:
    """Are all values of a truth of the subject's kind, as far as their units say?"""
    kinds = {_kind(node) for node in (subject, *walk(truth)) if isinstance(node, Name)}
    return len(kinds - {""}) <= 1


def is_hours(truth: Truth) -> bool:
    """Could it be about the time of day: between two whole numbers up to 24?"""
    ends = (truth.low, truth.high) if isinstance(truth, Between) else ()
    whole = [e.value in range(25) for e in ends if isinstance(e, Num)]
    return len(whole) == 2 and all(whole)


def _kind(name: Name) -> str:
    found = series.lookup(name.name)
    unit = found.unit if found else ""
    return "price" if unit in _PRICES else unit
