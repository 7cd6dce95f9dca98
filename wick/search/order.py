"""The order in which edits are tried: likely ones first, and no family starves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from wick.search.text import Edit
from wick.search.view import View

# A family's n-th best edit waits for n others of each family of like weight.
_WEIGHTS: Mapping[str, float] = {
    "comparisons": 2.0, "arithmetic": 1.5, "constants": 1.5, "conditions": 1.5,
    "new conditions": 1.5, "guards": 1.5, "updates": 2.0, "statements": 1.5,
    "holes": 1.0, "wraps": 0.8,
}  # fmt: skip


def ordered(edits: Iterable[Edit], view: View) -> list[Edit]:
    """Edits by family rank and score: suspicion of the line times prior."""
    families: dict[str, list[tuple[float, int, Edit]]] = defaultdict(list)
    for number, edit in enumerate(edits):
        score = edit.prior * view.score(edit.line)
        families[edit.family].append((-score, number, edit))
    queue = [
        ((rank + 1) / _WEIGHTS.get(family, 1.0) / max(-score, 1e-3), number, edit)
        for family, found in families.items()
        for rank, (score, number, edit) in enumerate(sorted(found))
    ]
    return [edit for _, _, edit in sorted(queue, key=lambda one: one[:2])]
