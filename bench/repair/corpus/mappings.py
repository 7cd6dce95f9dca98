"""Dicts and rows: counting, grouping, joining, following paths."""

from __future__ import annotations

from bench.repair.draws import (
    drawn,
    either,
    listed,
    mapped,
    one_of,
    record,
    whole,
)


def count_words(words: list[str], least: int) -> dict[str, int]:
    """How often each word stands, words met less than `least` times left out."""
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return {word: count for word, count in counts.items() if count >= least}


def invert(mapping: dict[str, int]) -> dict[int, list[str]]:
    """Value to the sorted list of its keys."""
    inverted: dict[int, list[str]] = {}
    for key, value in mapping.items():
        if value not in inverted:
            inverted[value] = []
        inverted[value].append(key)
    return {value: sorted(keys) for value, keys in inverted.items()}


def best_key(scores: dict[str, int]) -> str | None:
    """The key with the highest score, the first in the alphabet among equals."""
    best = None
    for key in sorted(scores):
        if best is None or scores[key] > scores[best]:
            best = key
    return best


def apply_changes(stock: dict[str, int], changes: dict[str, int]) -> dict[str, int]:
    """A stock after changes; what falls to zero or below is gone."""
    after = dict(stock)
    for name, change in changes.items():
        amount = after.get(name, 0) + change
        if amount > 0:
            after[name] = amount
        else:
            after.pop(name, None)
    return after


def totals_by_side(trades: list[dict]) -> dict[str, float]:  # type: ignore[type-arg]
    """Bought, sold and net amounts of a list of trades; cancelled ones do not count."""
    bought = 0
    sold = 0
    for trade in trades:
        if trade["cancelled"]:
            continue
        if trade["side"] == "buy":
            bought += trade["amount"]
        else:
            sold += trade["amount"]
    return {"bought": bought, "sold": sold, "net": bought - sold}


def follow_path(tree: dict, path: list[str], missing: int) -> int:  # type: ignore[type-arg]
    """What stands at the end of a path of keys, `missing` where it breaks off."""
    found = tree
    for key in path:
        if not isinstance(found, dict) or key not in found:
            return missing
        found = found[key]
    if isinstance(found, dict):
        return len(found)
    return found


def compare_keys(before: dict[str, int], after: dict[str, int]) -> dict[str, list[str]]:
    """Which keys came, went and changed their value, each sorted."""
    came = sorted(key for key in after if key not in before)
    went = sorted(key for key in before if key not in after)
    changed = []
    for key in before:
        if key in after and before[key] != after[key]:
            changed.append(key)
    return {"came": came, "went": went, "changed": sorted(changed)}


def vote(ballots: list[list[str]]) -> str:
    """The winner by points: 2 for a first place, 1 for a second; ties to the alphabet."""
    points: dict[str, int] = {}
    for ballot in ballots:
        for place, name in enumerate(ballot[:2]):
            points[name] = points.get(name, 0) + 2 - place
    if not points:
        return ""
    most = max(points.values())
    return min(name for name in points if points[name] == most)


_COUNTS = mapped("abcd", whole(0, 4))
_BRANCH = mapped("xy", whole(1, 9))

FUNCTIONS = (
    drawn(count_words, listed(one_of("up", "down", "flat"), 0, 7), whole(0, 3)),
    drawn(invert, mapped("dcba", whole(1, 3))),
    drawn(best_key, mapped("dbca", whole(-2, 3))),
    drawn(apply_changes, _COUNTS, mapped("abde", whole(-4, 3))),
    drawn(
        totals_by_side,
        listed(
            record(
                side=one_of("buy", "sell"),
                amount=whole(1, 9),
                cancelled=one_of(False, False, True),
            ),
            0,
            6,
        ),
    ),
    drawn(
        follow_path,
        mapped("xyz", either(whole(0, 9), _BRANCH)),
        listed(one_of("x", "y", "z"), 0, 3),
        whole(-2, 0),
    ),
    drawn(compare_keys, _COUNTS, _COUNTS),
    drawn(vote, listed(one_of(["a", "b"], ["b", "c", "a"], ["c"], ["a", "c"]), 0, 5)),
)
