"""A chain of calls as it is kept: each value once, the names once for all chains alike.

A backtest keeps a chain a decision. As mappings of their own its links would take ten
times the room of the values that are in them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, overload

Link = Mapping[str, Any]
INPUTS, OUTPUTS = "inputs", "outputs"
Places = tuple[tuple[str, int], ...]
"""Names, and where among a chain's values each stands."""
Plan = tuple[tuple[tuple[tuple[str, Any], ...], Places, Places], ...]
"""Of each link: what it says of itself, and the places of what was read and made."""
MOST_PLANS = 1000


class Chain(Sequence[Link]):
    """Links, oldest first: each a mapping made anew whenever it is looked at."""

    __slots__ = ("_plan", "_values")

    def __init__(self, links: Iterable[Link] = ()) -> None:
        values: list[Any] = []
        at: dict[str, int] = {}
        plan = tuple([_planned(link, values, at) for link in links])
        self._plan, self._values = _shared(plan), tuple(values)

    def __len__(self) -> int:
        return len(self._plan)

    def __iter__(self) -> Iterator[Link]:
        return map(self._link, range(len(self)))

    @overload
    def __getitem__(self, at: int) -> Link: ...

    @overload
    def __getitem__(self, at: slice) -> tuple[Link, ...]: ...

    def __getitem__(self, at: int | slice) -> Link | tuple[Link, ...]:
        return tuple(self)[at] if isinstance(at, slice) else self._link(at)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Chain | tuple) and tuple(self) == tuple(other)

    def __repr__(self) -> str:
        return repr(tuple(self))

    def _link(self, at: int) -> Link:
        own, read, made = self._plan[at]
        return {**dict(own), INPUTS: self._named(read), OUTPUTS: self._named(made)}

    def _named(self, places: Places) -> dict[str, Any]:
        return {name: self._values[at] for name, at in places}


def _planned(link: Link, values: list[Any], at: dict[str, int]) -> Any:
    """A link's part of the plan; its values are added where they are not there yet."""
    own = tuple([(k, v) for k, v in link.items() if k not in (INPUTS, OUTPUTS)])
    read = [(name, _place(name, v, values, at)) for name, v in link[INPUTS].items()]
    made = [(name, _put(name, v, values, at)) for name, v in link[OUTPUTS].items()]
    return own, tuple(read), tuple(made)


def _place(name: str, value: Any, values: list[Any], at: dict[str, int]) -> int:
    """Where a value stands that may have been read or made before under its name."""
    if (place := at.get(name)) is not None and values[place] is value:
        return place
    return _put(name, value, values, at)


def _put(name: str, value: Any, values: list[Any], at: dict[str, int]) -> int:
    at[name] = len(values)
    values.append(value)
    return at[name]


@lru_cache(MOST_PLANS)
def _shared(plan: Plan) -> Plan:
    """The plan that was met first of those alike."""
    return plan
