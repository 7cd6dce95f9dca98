"""A chain of calls as it is kept: each value once, the names once for all chains alike.

A backtest keeps a chain a decision. As mappings of their own its links would take ten
times the room of the values that are in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

Link = Mapping[str, Any]
INPUTS, OUTPUTS = "inputs", "outputs"
Places = tuple[tuple[str, int], ...]
"""Names, and where among a chain's values each stands."""
Plan = tuple[tuple[tuple[tuple[str, Any], ...], Places, Places], ...]
"""Of each link: what it says of itself, and the places of what was read and made."""


class Chain(Sequence[Link]):
    """Links, oldest first: each a mapping made anew whenever it is looked at."""

    __slots__ = ("_plan", "_values")

    def __init__(self, plan: Plan = (), values: tuple[Any, ...] = ()) -> None:
        self._plan, self._values = plan, values

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


def planned(links: Sequence[Link]) -> tuple[Plan, list[Any]]:
    """The plan of links that have sources in the place of values, and those sources:
    each once, in order, where a chain's values stand."""
    named = [one[kind] for one in links for kind in (INPUTS, OUTPUTS)]
    sources = sorted({source for one in named for source in one.values()}, key=_order)
    place = {source: at for at, source in enumerate(sources)}

    def places(given: Mapping[str, Any]) -> Places:
        return tuple([(name, place[source]) for name, source in given.items()])

    plan = [(_own(one), places(one[INPUTS]), places(one[OUTPUTS])) for one in links]
    return tuple(plan), sources


def _own(link: Link) -> tuple[tuple[str, Any], ...]:
    return tuple([(k, v) for k, v in link.items() if k not in (INPUTS, OUTPUTS)])


def _order(source: Any) -> tuple[int, str]:
    """By kind first: values of one kind are taken together."""
    return source[0], repr(source)
