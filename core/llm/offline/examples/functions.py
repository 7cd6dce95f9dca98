"""Which function each example and each sentence of a request is about."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.llm.offline.examples.drafts import module_name
from core.llm.offline.examples.sightings import Sighting

_SIGNATURE = re.compile(
    r"(?<![\w.])(?:def\s+)?([A-Za-z_]\w*)\s*\(\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*\)"
)
_CALLED = re.compile(
    r"\b(?:called|named|function|module)\s+[`'\"“]?([A-Za-z_]\w*)", re.IGNORECASE
)
_NOT_NAMES = frozenset(
    "that which to for with where of takes taking returns returning called named "
    "and so such from in whose is it the a an on if when should must given f_ by as".split()
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


@dataclass(slots=True)
class Function:
    """A function of the request: its examples, and the sentences about it."""

    name: str
    sightings: list[Sighting] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    parameters: tuple[str, ...] = ()


def functions_of(text: str, seen: Sequence[Sighting]) -> dict[str, Function]:
    """The functions that examples are of, by the names their modules get."""
    named = [sighting.function for sighting in seen if sighting.function]
    nameless = named[0] if len(set(named)) == 1 else _called(text)
    functions: dict[str, Function] = {}
    for sighting in seen:
        name = sighting.function or nameless
        held = functions.setdefault(module_name(name), Function(module_name(name)))
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


def share_prose(
    text: str, seen: Sequence[Sighting], functions: dict[str, Function]
) -> str:
    """Give each sentence to the functions it is about; what is left over, as text."""
    left = []
    last: list[Function] = []
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
    prose: str, inside: Sequence[Sighting], functions: dict[str, Function]
) -> list[Function]:
    owned = [f for f in functions.values() if any(s in f.sightings for s in inside)]
    words = {module_name(word) for word in re.findall(r"[A-Za-z_]\w*", prose)}
    named = [f for name, f in functions.items() if name in words and f not in owned]
    return owned + named


def _says_something(prose: str) -> bool:
    words = re.findall(r"[A-Za-z0-9]+", _GLUE.sub(" ", prose))
    return len(words) >= 2


def tidied(prose: str) -> str:
    """Loose ends around removed examples, tidied into a sentence."""
    text = re.sub(r"(?:[,;:]\s*){2,}", ", ", re.sub(r"\s+([,.;:])", r"\1", prose))
    text = _LOOSE_END.sub("", text.strip(" ,:;"))
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")
