"""Functions that call themselves: nests, trees, counting, dividing."""

from __future__ import annotations

from random import Random
from typing import Any

from bench.repair.draws import drawn, listed, nested, text, whole


def flatten(items: list) -> list:  # type: ignore[type-arg]
    """Nested lists as one flat list."""
    flat = []
    for item in items:
        if isinstance(item, list):
            flat.extend(flatten(item))
        else:
            flat.append(item)
    return flat


def deepest(items: list) -> int:  # type: ignore[type-arg]
    """How deep lists are nested, 1 for a flat one."""
    depth = 0
    for item in items:
        if isinstance(item, list):
            depth = max(depth, deepest(item))
    return depth + 1


def weighted_sum(items: list, weight: int) -> int:  # type: ignore[type-arg]
    """Each number times its depth, the outermost being `weight`."""
    total = 0
    for item in items:
        if isinstance(item, list):
            total += weighted_sum(item, weight + 1)
        else:
            total += item * weight
    return total


def power(base: int, exponent: int) -> int:
    """A power by repeated squaring."""
    if exponent == 0:
        return 1
    half = power(base, exponent // 2)
    if exponent % 2 == 1:
        return half * half * base
    return half * half


def choose(total: int, taken: int) -> int:
    """In how many ways `taken` of `total` can be picked."""
    if taken < 0 or taken > total:
        return 0
    if taken == 0 or taken == total:
        return 1
    return choose(total - 1, taken - 1) + choose(total - 1, taken)


def ways_to_pay(amount: int, coins: list[int]) -> int:
    """In how many ways coins add up to an amount, each as often as one likes."""
    if amount == 0:
        return 1
    if amount < 0 or not coins:
        return 0
    return ways_to_pay(amount - coins[0], coins) + ways_to_pay(amount, coins[1:])


def quick_sort(values: list[int]) -> list[int]:
    """The values in falling order, equal ones kept."""
    if len(values) <= 1:
        return values
    pivot = values[0]
    above = [value for value in values[1:] if value > pivot]
    rest = [value for value in values[1:] if value <= pivot]
    return quick_sort(above) + [pivot] + quick_sort(rest)  # noqa: RUF005


def edit_distance(left: str, right: str) -> int:
    """The fewest insertions, deletions and replacements between two words."""
    if not left:
        return len(right)
    if not right:
        return len(left)
    if left[0] == right[0]:
        return edit_distance(left[1:], right[1:])
    inserted = edit_distance(left, right[1:])
    deleted = edit_distance(left[1:], right)
    replaced = edit_distance(left[1:], right[1:])
    return 1 + min(inserted, deleted, replaced)


def leaf_values(tree: Any, least: int) -> list[int]:
    """The values of a tree's leaves from left to right, those below `least` left out."""
    if tree is None:
        return []
    if tree["left"] is None and tree["right"] is None:
        return [tree["value"]] if tree["value"] >= least else []
    return leaf_values(tree["left"], least) + leaf_values(tree["right"], least)


def orderings(letters: str) -> list[str]:
    """Every order of the letters, each once, sorted."""
    if len(letters) <= 1:
        return [letters]
    found = []
    for place, letter in enumerate(letters):
        rest = letters[:place] + letters[place + 1 :]
        for tail in orderings(rest):
            if letter + tail not in found:
                found.append(letter + tail)
    return sorted(found)


def _tree(random: Random, depth: int = 4) -> Any:
    if depth == 0 or random.random() < 0.25:
        return None
    left, right = _tree(random, depth - 1), _tree(random, depth - 1)
    return {"value": random.randint(0, 9), "left": left, "right": right}


_NESTED = nested(whole(-3, 9), 4)

FUNCTIONS = (
    drawn(flatten, _NESTED),
    drawn(deepest, _NESTED),
    drawn(weighted_sum, _NESTED, whole(1, 3)),
    drawn(power, whole(-3, 5), whole(0, 9)),
    drawn(choose, whole(0, 7), whole(-1, 8)),
    drawn(ways_to_pay, whole(-1, 14), listed(whole(1, 6), 0, 3)),
    drawn(quick_sort, listed(whole(-4, 6), 0, 7)),
    drawn(edit_distance, text("abc", 0, 4), text("abc", 0, 4)),
    drawn(leaf_values, _tree, whole(0, 5)),
    drawn(orderings, text("abc", 0, 4)),
)
