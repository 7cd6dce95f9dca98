"""Which version wrote each line of a body, as its lineage tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import Match, SequenceMatcher
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from core.store import VersionRow


class Line(NamedTuple):
    """A line of a body and the version that wrote it as it stands."""

    version: int
    text: str


class Changed(NamedTuple):
    """How many lines a version has that its parent had not, and the other way round."""

    added: int
    removed: int


def blamed(rows: Mapping[int, VersionRow], version: int) -> list[Line]:
    """The lines of this version's body, each with the version it came from."""
    lines: list[Line] = []
    for row in ancestry(rows, version):
        lines = _carried(lines, row)
    return lines


def ancestry(rows: Mapping[int, VersionRow], version: int) -> list[VersionRow]:
    """A version and those it was made from, the first one first."""
    found: dict[int, VersionRow] = {}
    now: int | None = version
    while now is not None and now in rows and now not in found:
        found[now] = rows[now]
        now = rows[now].parent
    return list(found.values())[::-1]


def changed(rows: Mapping[int, VersionRow], row: VersionRow) -> Changed:
    """What a version changed in its parent's body; all of it where there is none."""
    parent = rows.get(row.parent) if row.parent is not None else None
    before = parent.body.splitlines() if parent else []
    after = row.body.splitlines()
    kept = sum(size for _, _, size in _matches(before, after))
    return Changed(len(after) - kept, len(before) - kept)


def _carried(before: Sequence[Line], row: VersionRow) -> list[Line]:
    """The lines of `row`, those of `before` with the version they had there."""
    after = row.body.splitlines()
    lines = [Line(row.version, text) for text in after]
    for old, new, size in _matches([line.text for line in before], after):
        lines[new : new + size] = before[old : old + size]
    return lines


def _matches(before: Sequence[str], after: Sequence[str]) -> list[Match]:
    """Runs of equal lines: where in the one, where in the other, how many."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return matcher.get_matching_blocks()
