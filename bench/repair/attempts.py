"""What came of trying to repair one defect, and the shares over many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class Attempt:
    """One defect, tried.

    `survivors` gave every visible case, `right` of them every held-back case too. The
    chosen one is the quorum's leading group's simplest; `verdict` says whether Wick
    accepts it. `first_seconds` is when the first survivor was there, `first_right`
    whether that one alone would have been right.
    """

    name: str
    split: str
    topic: str
    kind: str
    size: str
    verdict: str
    survivors: int
    right: int
    chosen_right: bool
    first_right: bool
    first_seconds: float | None
    tried: int
    seconds: float
    why: str = ""
    edits: tuple[str, ...] = ()
    chosen: str = ""

    @property
    def plausible(self) -> bool:
        """Something gives every visible case."""
        return self.survivors > 0

    @property
    def accepted(self) -> bool:
        """The quorum agreed: Wick would swap it in."""
        return self.verdict == "agreed"

    @property
    def false_fix(self) -> bool:
        """Accepted, and a held-back case refutes it."""
        return self.accepted and not self.chosen_right

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


class Figures(NamedTuple):
    """Shares of all attempts from 0 to 1; `false_fixes` is a share of the accepted.

    `first_seconds` and `candidates_a_second` are medians, None where nothing was found.
    """

    defects: int
    plausible: float
    correct: float
    first_correct: float
    among: float
    accepted: float
    false_fixes: float | None
    first_seconds: float | None
    candidates_a_second: float | None
    wrong: int


def figures(attempts: Sequence[Attempt]) -> Figures:
    """The shares over some attempts, at least one."""
    accepted = [one for one in attempts if one.accepted]
    wrong = sum(one.false_fix for one in accepted)
    firsts = [a.first_seconds for a in attempts if a.first_seconds is not None]
    rates = [a.tried / a.seconds for a in attempts if a.seconds > 0]
    return Figures(
        len(attempts),
        _share(attempts, lambda one: one.plausible),
        _share(attempts, lambda one: one.chosen_right),
        _share(attempts, lambda one: one.first_right),
        _share(attempts, lambda one: one.right > 0),
        len(accepted) / len(attempts),
        wrong / len(accepted) if accepted else None,
        median(firsts) if firsts else None,
        median(rates) if rates else None,
        wrong,
    )


def _share(attempts: Sequence[Attempt], holds: Callable[[Attempt], bool]) -> float:
    return sum(map(holds, attempts)) / len(attempts)


def grouped(
    attempts: Iterable[Attempt], key: Callable[[Attempt], str]
) -> dict[str, list[Attempt]]:
    """The attempts by a word of theirs, in alphabetical order."""
    found: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        found.setdefault(key(attempt), []).append(attempt)
    return dict(sorted(found.items()))
