"""Why an entry that nothing stopped came to no order: which module made its size 0."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Link = Mapping[str, Any]
ORDERS = "intents"


def unsized(values: Mapping[str, Any], trace: Sequence[Link]) -> str:
    """Who made the first 0 that an empty list of orders comes from; "" where there is
    an order, or where no module made a 0. `trace` is the chain of calls behind `values`."""
    if values.get(ORDERS) != []:
        return ""
    name, maker = ORDERS, _maker(trace, ORDERS)
    while maker is not None:
        before = trace[: _place(trace, maker)]
        found = next(_zeros(before, maker), None)
        if found is None:
            return "" if name == ORDERS else _words(name, maker)
        name, maker = found
    return ""


def _zeros(before: Sequence[Link], maker: Link) -> Iterator[tuple[str, Link]]:
    """The inputs of a call that are nothing, with the earlier call that made each so."""
    for name, value in maker["inputs"].items():
        if _is_nothing(value) and (link := _maker(before, name)) is not None:
            yield name, link


def _maker(links: Sequence[Link], name: str) -> Link | None:
    made = (link for link in reversed(links) if name in link["outputs"])
    return next(made, None)


def _place(trace: Sequence[Link], link: Link) -> int:
    names = [one["module"] for one in trace]
    return names.index(link["module"])


def _is_nothing(value: Any) -> bool:
    return value == [] or (value == 0 and not isinstance(value, bool))


def _words(name: str, maker: Link) -> str:
    given = [one for one, value in maker["inputs"].items() if _is_nothing(value)]
    made = "nothing" if maker["outputs"][name] == [] else "0"
    because = f", as {' and '.join(given)} {_is(given)} 0" if given else ""
    return f"no size: {maker['module']} made {name} {made}{because}"


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
