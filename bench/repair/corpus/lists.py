"""Lists: searching, merging, windows, runs, order."""

from __future__ import annotations

from bench.repair.draws import drawn, grid, listed, ordered, whole


def running_total(values: list[int], start: int) -> list[int]:
    """The sum so far, for each place of the list."""
    totals = []
    total = start
    for value in values:
        total += value
        totals.append(total)
    return totals


def rotate(values: list[int], count: int) -> list[int]:
    """The list turned left by `count` places, right where it is negative."""
    if not values:
        return []
    count = count % len(values)
    return values[count:] + values[:count]


def chunk(values: list[int], size: int) -> list[list[int]]:
    """The list cut into pieces of `size`, the last one shorter."""
    if size < 1:
        raise ValueError("a piece holds at least one")
    pieces = []
    for start in range(0, len(values), size):
        pieces.append(values[start : start + size])
    return pieces


def merge_sorted(left: list[int], right: list[int]) -> list[int]:
    """Two sorted lists as one."""
    merged = []
    i = 0
    j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    merged.extend(left[i:])
    merged.extend(right[j:])
    return merged


def longest_run(values: list[int]) -> int:
    """How often the same value stands in a row at most."""
    best = 0
    length = 0
    previous = None
    for value in values:
        if value == previous:
            length += 1
        else:
            length = 1
        previous = value
        best = max(best, length)
    return best


def second_largest(values: list[int]) -> int | None:
    """The largest value but one, equal ones counted once; None where there is none."""
    first = None
    second = None
    for value in values:
        if first is None or value > first:
            second = first
            first = value
        elif value != first and (second is None or value > second):
            second = value
    return second


def three_ways(values: list[int], pivot: int) -> list[list[int]]:
    """Below, at and above the pivot, each in the order met."""
    below = []
    at = []
    above = []
    for value in values:
        if value < pivot:
            below.append(value)
        elif value == pivot:
            at.append(value)
        else:
            above.append(value)
    return [below, at, above]


def moving_average(values: list[int], window: int) -> list[float]:
    """The mean of each full window."""
    if window < 1 or window > len(values):
        return []
    means = []
    for end in range(window, len(values) + 1):
        part = values[end - window : end]
        means.append(sum(part) / window)
    return means


def first_unique(values: list[int], limit: int) -> list[int]:
    """Each value once, in the order met, `limit` of them at most."""
    kept: list[int] = []
    for value in values:
        if len(kept) == limit:
            break
        if value not in kept:
            kept.append(value)
    return kept


def binary_search(values: list[int], target: int) -> int:
    """The first place of a target in a sorted list, -1 where it is not."""
    low = 0
    high = len(values)
    while low < high:
        middle = (low + high) // 2
        if values[middle] < target:
            low = middle + 1
        else:
            high = middle
    if low < len(values) and values[low] == target:
        return low
    return -1


def column_sums(rows: list[list[int]]) -> list[int]:
    """The sum of each column of a rectangle."""
    sums = [0] * len(rows[0])
    for row in rows:
        for place, value in enumerate(row):
            sums[place] += value
    return sums


def pairs_with_sum(values: list[int], target: int) -> int:
    """How many pairs of places add up to the target."""
    count = 0
    for i in range(len(values)):
        for j in range(i + 1, len(values)):
            if values[i] + values[j] == target:
                count += 1
    return count


def local_peaks(values: list[int]) -> list[int]:
    """The places that stand above both neighbours."""
    places = []
    for i in range(1, len(values) - 1):
        if values[i] > values[i - 1] and values[i] > values[i + 1]:
            places.append(i)
    return places


def insertion_sort(values: list[int]) -> list[int]:
    """The values in rising order."""
    ordered_values = list(values)
    for i in range(1, len(ordered_values)):
        value = ordered_values[i]
        j = i - 1
        while j >= 0 and ordered_values[j] > value:
            ordered_values[j + 1] = ordered_values[j]
            j -= 1
        ordered_values[j + 1] = value
    return ordered_values


_SMALL = listed(whole(-4, 9), 0, 8)

FUNCTIONS = (
    drawn(running_total, _SMALL, whole(-5, 5)),
    drawn(rotate, _SMALL, whole(-9, 9)),
    drawn(chunk, _SMALL, whole(0, 5)),
    drawn(merge_sorted, ordered(_SMALL), ordered(_SMALL)),
    drawn(longest_run, listed(whole(0, 1), 0, 9)),
    drawn(second_largest, listed(whole(-3, 6), 0, 6)),
    drawn(three_ways, _SMALL, whole(-2, 6)),
    drawn(moving_average, _SMALL, whole(0, 5)),
    drawn(first_unique, listed(whole(0, 5), 0, 9), whole(0, 5)),
    drawn(binary_search, ordered(_SMALL), whole(-5, 10)),
    drawn(column_sums, grid(whole(-5, 9), 4, 4)),
    drawn(pairs_with_sum, listed(whole(0, 6), 0, 7), whole(0, 10)),
    drawn(local_peaks, listed(whole(0, 5), 0, 9)),
    drawn(insertion_sort, _SMALL),
)
