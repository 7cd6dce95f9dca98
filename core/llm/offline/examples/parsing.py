"""Examples out of an English request: "f(2, 3) is 5", "given 3 and 4 it returns 7".

Every function that a request shows examples of becomes one spec draft. What was not
read as an example, or as words about one of the functions, is left in `rest`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.errors import RequestRefused
from core.llm.offline.examples.drafts import Shown, draft, module_name
from core.llm.offline.examples.literals import read_arguments, read_result, read_value

MOST_EXAMPLES = 200

_CALL = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s*\(")
_SIGNATURE = re.compile(
    r"(?<![\w.])(?:def\s+)?([A-Za-z_]\w*)\s*\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)"
)
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
_CALLED = re.compile(
    r"\b(?:called|named|function|module)\s+[`'\"“]?([A-Za-z_]\w*)", re.IGNORECASE
)
_NOT_NAMES = frozenset(
    [
        "that",
        "which",
        "to",
        "for",
        "with",
        "where",
        "of",
        "takes",
        "taking",
        "returns",
        "returning",
        "called",
        "named",
        "and",
        "so",
        "such",
        "from",
        "in",
        "whose",
        "is",
        "it",
        "the",
        "a",
        "an",
        "on",
        "if",
        "when",
        "should",
        "must",
        "given",
        "f_",
        "by",
        "as",
    ]
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\n+")
_ABOUT = re.compile(
    r"\s*(?:please\s+)?(?:write|make|create|build|give\s+me|i\s+(?:want|need)|we\s+need"
    r"|it|the\s+(?:function|module|result|answer|output|inputs?|rule)|its|round"
    r"|results?|inputs?|outputs?|examples?|an?\s+(?:function|module|rule)|where|return"
    r"|function|module|compute|calculate|use|here\s+(?:are|is))\b",
    re.IGNORECASE,
)
_GLUE = re.compile(
    r"\b(?:and|or|then|e\.g\.|eg|for\s+example|for\s+instance|such\s+that|so\s+that"
    r"|like|such\s+as|where|while|but|also|so|with|examples?|i\.e\.)\b",
    re.IGNORECASE,
)


_LOOSE_END = re.compile(
    r"(?:[\s,:;.]+|\b(?:and|or|e\.g|such\s+that|so\s+that|for\s+example|where)\b)+$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Examples:
    """Spec drafts (front matter plus `intent`), and the text that is not about them."""

    drafts: tuple[dict[str, Any], ...]
    rest: str


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


@dataclass(slots=True)
class _Function:
    name: str
    sightings: list[Sighting] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    parameters: tuple[str, ...] = ()


def parse_examples(text: str, *, settle: bool = True) -> Examples:
    """Read the examples of `text` into spec drafts.

    With `settle`, inputs are narrowed where the rule behind the examples needs it (a
    divisor is kept from zero). RequestRefused names examples that contradict.
    """
    seen = sorted(_sightings(text), key=lambda sighting: sighting.start)
    if not seen:
        return Examples((), text.strip())
    if len(seen) > MOST_EXAMPLES:
        raise RequestRefused(
            f"The request has {len(seen)} examples.",
            remedy=f"Keep the {MOST_EXAMPLES} that say most.",
        )
    functions = _functions(text, seen)
    rest = _share_prose(text, seen, functions)
    several = len(functions) > 1
    drafts = [
        draft(_shown(text, function), several=several, settle=settle)
        for function in functions.values()
    ]
    return Examples(tuple(drafts), rest)


def _sightings(text: str) -> list[Sighting]:
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


def _functions(text: str, seen: Sequence[Sighting]) -> dict[str, _Function]:
    named = [sighting.function for sighting in seen if sighting.function]
    nameless = named[0] if len(set(named)) == 1 else _called(text)
    functions: dict[str, _Function] = {}
    for sighting in seen:
        name = sighting.function or nameless
        held = functions.setdefault(module_name(name), _Function(module_name(name)))
        held.sightings.append(sighting)
    for signature in _SIGNATURE.finditer(text):
        known = functions.get(module_name(signature[1]))
        names = tuple(re.split(r"\s*,\s*", signature[2]))
        values = {"true", "false"} & {name.lower() for name in names}
        if known and not (known.parameters or values) and len(set(names)) == len(names):
            known.parameters = names
    return functions


def _called(text: str) -> str:
    """The name the request gives its function, if it does."""
    for found in _CALLED.finditer(text):
        if found[1].lower() not in _NOT_NAMES:
            return found[1]
    return "calculate"


def _share_prose(
    text: str, seen: Sequence[Sighting], functions: dict[str, _Function]
) -> str:
    """Give each sentence to the functions it is about; what is left over, as text."""
    left = []
    last: list[_Function] = []
    for start, end in _sentences(text, seen):
        inside = [s for s in seen if start <= s.start < end]
        prose = _without(text, start, end, inside)
        owners = _owners(prose, inside, functions)
        if not owners and len(functions) == 1 and _ABOUT.match(prose):
            owners = list(functions.values())
        if not owners and last and re.match(r"\s*(?:it|its|the result)\b", prose, re.I):
            owners = last
        if not owners:
            left.append(prose)
            continue
        last = owners
        if _says_something(prose):
            for owner in owners:
                owner.prose.append(prose)
    return " ".join(part for part in left if _says_something(part)).strip()


def _sentences(text: str, seen: Sequence[Sighting]) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in _SENTENCE.finditer(text):
        if not any(s.start < stop.end() and stop.start() < s.end for s in seen):
            yield start, stop.start()
            start = stop.end()
    if start < len(text):
        yield start, len(text)


def _without(text: str, start: int, end: int, inside: Sequence[Sighting]) -> str:
    parts, place = [], start
    for sighting in inside:
        parts.append(text[place : sighting.start])
        place = max(place, sighting.end)
    parts.append(text[place:end])
    return re.sub(r"\s+", " ", " ".join(parts)).strip()


def _owners(
    prose: str, inside: Sequence[Sighting], functions: dict[str, _Function]
) -> list[_Function]:
    owned = [f for f in functions.values() if any(s in f.sightings for s in inside)]
    words = {module_name(word) for word in re.findall(r"[A-Za-z_]\w*", prose)}
    named = [f for name, f in functions.items() if name in words and f not in owned]
    return owned + named


def _says_something(prose: str) -> bool:
    words = re.findall(r"[A-Za-z0-9]+", _GLUE.sub(" ", prose))
    return len(words) >= 2


def _shown(text: str, function: _Function) -> Shown:
    rows = []
    first = function.sightings[0]
    for sighting in function.sightings:
        if len(sighting.given) != len(first.given):
            raise RequestRefused(
                f"'{first.quoted(text)}' has {len(first.given)} inputs and"
                f" '{sighting.quoted(text)}' has {len(sighting.given)}.",
                remedy="Give every example of a function the same inputs.",
                field=function.name,
            )
        rows.append((sighting.given, sighting.result, sighting.quoted(text)))
    prose = [_sentence(part) for part in dict.fromkeys(function.prose)]
    return Shown(function.name, tuple(rows), " ".join(prose), function.parameters)


def _sentence(prose: str) -> str:
    """Loose ends around removed examples, tidied into a sentence."""
    text = re.sub(r"(?:[,;:]\s*){2,}", ", ", re.sub(r"\s+([,.;:])", r"\1", prose))
    text = _LOOSE_END.sub("", text.strip(" ,:;"))
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
