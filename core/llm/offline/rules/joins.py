"""Conditions joined as English joins them: commas, "and", "or", "either"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.llm.offline.rules.tree import Truth, all_of, any_of


@dataclass(frozen=True, slots=True)
class Join:
    """A word between two conditions; strong after a comma."""

    kind: str
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """A condition marked "either": what follows it groups up to the next comma."""

    part: Truth


def with_joins(parts: Iterable[Any]) -> list[Any]:
    """Conditions with a join between any two: an adverb joins by itself."""
    row: list[Any] = []
    for part in parts:
        if row and not isinstance(part, Join) and not isinstance(row[-1], Join):
            row.append(Join("and", strong=True))
        row.append(part)
    return row


def joined(row: Sequence[Any]) -> Truth:
    """Conditions and joins, read as English does.

    A bare comma takes the meaning of the next "and" or "or" ("A, B or C"). A comma
    before "and" or "or" joins more loosely than one without ("A or B, and C"); else
    "and" joins more tightly than "or".
    """
    strong = {part.kind for part in row if isinstance(part, Join) and part.strong}
    if len(strong) != 1:
        return _by_precedence(_commas_said(row, "and"))
    (kind,) = strong
    groups = _split(row, lambda join: join.strong)
    truths = tuple(_by_precedence(_commas_said(group, kind)) for group in groups)
    return all_of(truths) if kind == "and" else any_of(truths)


def _commas_said(row: Sequence[Any], last: str) -> list[Any]:
    said: list[Any] = []
    meaning = last
    for part in reversed(row):
        if isinstance(part, Join) and part.kind == "comma":
            said.append(Join(meaning))
            continue
        meaning = part.kind if isinstance(part, Join) else meaning
        said.append(part)
    return said[::-1]


def _by_precedence(row: Sequence[Any]) -> Truth:
    first = next((i for i, part in enumerate(row) if isinstance(part, Marked)), None)
    if first is not None:
        group = _by_precedence([row[first].part, *row[first + 1 :]])
        return _by_precedence([*row[:first], group])
    groups = _split(row, lambda join: join.kind == "or")
    return any_of(tuple(all_of(_truths(group)) for group in groups))


def _truths(row: Sequence[Any]) -> tuple[Truth, ...]:
    return tuple(part for part in row if not isinstance(part, Join))


def _split(row: Sequence[Any], at: Callable[[Join], bool]) -> list[list[Any]]:
    groups: list[list[Any]] = [[]]
    for part in row:
        if isinstance(part, Join) and at(part):
            groups.append([])
        else:
            groups[-1].append(part)
    return groups
