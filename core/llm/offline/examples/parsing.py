"""Examples out of an English request: "f(2, 3) is 5", "given 3 and 4 it returns 7".

Every function that a request shows examples of becomes one spec draft. What was not
read as an example, or as words about one of the functions, is left in `rest`.
"""

from dataclasses import dataclass
from typing import Any

from core.errors import RequestRefused
from core.llm.offline.examples.drafts import Shown, draft
from core.llm.offline.examples.functions import (
    Function,
    functions_of,
    share_prose,
    tidied,
)
from core.llm.offline.examples.sightings import sightings_in

MOST_EXAMPLES = 200


@dataclass(frozen=True, slots=True)
class Examples:
    """Spec drafts (front matter plus `intent`), and the text that is not about them."""

    drafts: tuple[dict[str, Any], ...]
    rest: str


def parse_examples(text: str, *, settle: bool = True) -> Examples:
    """Read the examples of `text` into spec drafts.

    With `settle`, inputs are narrowed where the rule behind the examples needs it (a
    divisor is kept from zero). RequestRefused names examples that contradict.
    """
    seen = sorted(sightings_in(text), key=lambda sighting: sighting.start)
    if not seen:
        return Examples((), text.strip())
    if len(seen) > MOST_EXAMPLES:
        raise RequestRefused(
            f"The request has {len(seen)} examples.",
            remedy=f"Keep the {MOST_EXAMPLES} that say most.",
        )
    functions = functions_of(text, seen)
    rest = share_prose(text, seen, functions)
    several = len(functions) > 1
    drafts = [
        draft(_shown(text, function), several=several, settle=settle)
        for function in functions.values()
    ]
    return Examples(tuple(drafts), rest)


def _shown(text: str, function: Function) -> Shown:
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
    prose = [tidied(part) for part in dict.fromkeys(function.prose)]
    return Shown(function.name, tuple(rows), " ".join(prose), function.parameters)
