"""What a value may be after many rounds of a loop, from what a few rounds made of it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from core.body.values import FLOAT, FLOOR, INF, MAX_BITS, Span, Value


def linear(seen: list[Value | None], rounds: float) -> Value:
    return _drawn(seen, lambda steps: _reach(steps, rounds, by_bits=False))


def geometric(seen: list[Value | None], rounds: float) -> Value:
    return _drawn(seen, lambda steps: _reach(steps, rounds, by_bits=True))


def _drawn(seen: list[Value | None], reach: Callable[[list[Any]], Any]) -> Value:
    """The last value seen, with everything that grew drawn out by `reach`."""
    known = [value for value in seen if value is not None]
    last = known[-1]
    items = [value.item for value in known if value.item is not None]
    lengths = [v.length for v in known if v.length is not None]
    return Value(
        _span_reach([v.whole for v in known if v.whole], reach),
        None if last.real is None else _real_reach(known),
        reach(lengths) if lengths else None,
        _drawn(list(items), reach) if items else None,
        last.text,
    )


def _span_reach(spans: list[Span], reach: Callable[[list[Any]], Any]) -> Span | None:
    if not spans:
        return None
    low = reach([-low for low, _ in spans])
    return -low, reach([high for _, high in spans])


def _real_reach(known: list[Value]) -> Span:
    spans = [v.real for v in known if v.real]
    return spans[-1] if spans[-1] == spans[0] else FLOAT


def _reach(steps: list[Any], rounds: float, *, by_bits: bool) -> Any:
    last = steps[-1]
    if steps[-2:-1] in ([], [last]) or last in (INF, -INF):
        return last
    if not by_bits or not isinstance(last, int):
        most = max(b - a for a, b in pairwise(steps))
        return last + int(rounds) * most
    sizes = [abs(int(step)).bit_length() for step in steps]
    most = max(b - a for a, b in pairwise(sizes))
    size = sizes[-1] + int(rounds) * most
    if size > MAX_BITS:
        return INF
    return 2 ** int(size)


def within(value: Value, most: Value) -> bool:
    """Is everything `value` may be also something `most` may be?"""
    spans = ((value.whole, most.whole), (value.real, most.real))
    if any(a and (not b or a[0] < b[0] or a[1] > b[1]) for a, b in spans):
        return False
    if value.length is not None and value.length > (
        -1 if most.length is None else most.length
    ):
        return False
    if value.item is None:
        return True
    return most.item is not None and within(value.item, most.item)


def widest(value: Value) -> Value:
    return Value(
        value.whole and FLOOR,
        value.real and FLOAT,
        value.length,
        value.item and widest(value.item),
        value.text,
    )
