"""Examples as they stand in a text: calls, `given 3 and 4 it gives 7`, `3 -> 9`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from core.llm.offline.examples.literals import read_arguments, read_result, read_value

_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\(")
_IS = (
    r"(?:should|must|will|would|has\s+to|ought\s+to)?\s*"
    r"(?:be\s+equal\s+to|be|is\s+equal\s+to|is|are|equals?|returns?|gives?\s+back|gives?"
    r"|yields?|becomes?|produces?|outputs?|evaluates?\s+to|results?\s+in|maps?\s+to"
    r"|comes?\s+to|makes?)"
)
_MARK = r"(?:==?>?|->|→|⇒|=>|:)"
_NOISE = r"(?:\s+(?:exactly|just|the\s+(?:number|list|text|string|value|word)))?"
_GIVES = re.compile(rf"\s*,?\s*(?:{_IS}\b{_NOISE}|{_MARK})\s*", re.IGNORECASE)
_LEAD = re.compile(
    r"(?<!\w)(?:when\s+given|if\s+given|given|for|with|from|on|when|if|inputs?(?:\s+of)?)"
    r"\s*:?\s+",
    re.IGNORECASE,
)
_SUBJECT = (
    r"(?:it|we|you|they|the\s+(?:function|module|result|answer|output|value|rule))?"
    r"(?:\s+(?:get|see|expect|want))?"
)
_THEN = re.compile(
    rf"\s*,?\s*(?:then\s+)?{_SUBJECT}\s*(?:{_IS}\b{_NOISE}|{_MARK})?\s*", re.IGNORECASE
)
_SHOWS = re.compile(
    r"\s*(?:->|→|⇒|=>|(?:should\s+|must\s+)?(?:gives?|becomes?|returns?|yields?"
    r"|maps?\s+to|return|give))\s*",
    re.IGNORECASE,
)
_NAMED = re.compile(r"([A-Za-z_]\w*)\s*(?:=|is|of|:)\s*")
_AND = re.compile(r"\s*(?:,\s*and\b|,|and\b|&)\s*")
_BARE = re.compile(r"(?<![\w.\])])(?=[-−\d\[\"'“]|true\b|false\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One example as written: whose, its arguments, its result, and where it stands."""

    function: str
    given: tuple[tuple[str, Any], ...]
    result: Any
    start: int
    end: int

    def quoted(self, text: str) -> str:
        """The example as the request has it."""
        return text[self.start : self.end].strip()


def sightings_in(text: str) -> list[Sighting]:
    """Calls first; then what is written without a name, outside of them."""
    found = list(_calls(text))
    taken = [(sighting.start, sighting.end) for sighting in found]
    for reader in (_given, _bare):
        for sighting in reader(text):
            if not _overlaps(taken, sighting.start, sighting.end):
                found.append(sighting)
                taken.append((sighting.start, sighting.end))
    return found


def _overlaps(taken: Sequence[tuple[int, int]], start: int, end: int) -> bool:
    return any(start < right and left < end for left, right in taken)


def _calls(text: str) -> Iterator[Sighting]:
    for call in _CALL.finditer(text):
        arguments = read_arguments(text, call.end())
        gives = arguments and _GIVES.match(text, arguments[1])
        found = gives and _result(text, gives.end())
        if arguments and arguments[0] and found:
            given = tuple(arguments[0])
            yield Sighting(call[1], given, found[0], call.start(), found[1])


def _result(text: str, at: int) -> tuple[Any, int] | None:
    """A literal that is not the beginning of something longer, such as 5x."""
    found = read_result(text, at)
    if found is None or re.match(r"\w|\s*[-+*/(]\s*\w", text[found[1] : found[1] + 4]):
        return None
    return found


def _given(text: str) -> Iterator[Sighting]:
    for lead in _LEAD.finditer(text):
        arguments = _listed(text, lead.end())
        then = arguments and _THEN.match(text, arguments[1])
        found = then and then[0].strip(" ,") and _result(text, then.end())
        if arguments and found:
            yield Sighting("", arguments[0], found[0], lead.start(), found[1])


def _bare(text: str) -> Iterator[Sighting]:
    reached = 0
    for place in _BARE.finditer(text):
        if place.start() < reached:
            continue
        arguments = _listed(text, place.start())
        gives = arguments and _SHOWS.match(text, arguments[1])
        found = gives and _result(text, gives.end())
        if arguments and found:
            reached = found[1]
            yield Sighting("", arguments[0], found[0], place.start(), found[1])


def _listed(text: str, at: int) -> tuple[tuple[tuple[str, Any], ...], int] | None:
    """Values separated by commas or 'and', each perhaps named: "a = 3 and b = 4"."""
    given: list[tuple[str, Any]] = []
    place, end = at, at
    while True:
        name = _NAMED.match(text, place)
        found = read_value(text, name.end() if name else place)
        if found is None:
            break
        given.append((name[1] if name else "", found[0]))
        end = found[1]
        link = _AND.match(text, end)
        if not link:
            break
        place = link.end()
    return (tuple(given), end) if given else None
