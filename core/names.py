"""Names a spec may use, and the nearest known name to one that is not known."""

import builtins
import difflib
import keyword
import re
from collections.abc import Iterable

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
STATE_PREFIX = "previous_"
RESERVED_OUTPUTS = {"proceed": "boolean", "reason": "string"}

# Builtins no body may call, whose names the field needs (`open` is a price).
_FREE_BUILTINS = {"open", "id", "hash", "exit", "quit", "license", "credits", "help"}
_TAKEN = ({name for name in dir(builtins) if name.islower()} - _FREE_BUILTINS) | {
    "math",
    "isclose",
}


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name most like `name`, if any is close."""
    found = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.5)
    return found[0] if found else None


def suggest(name: str, known: Iterable[str]) -> str:
    """A remedy for an unknown name: the nearest known one, or all of them."""
    names = sorted(known)
    close = nearest(name, names)
    if close:
        return f"did you mean '{close}'?"
    return f"use one of: {', '.join(names)}" if names else "none is declared"


def name_fault(name: object) -> str | None:
    """Why `name` cannot name a module, an input, an output or a capability."""
    if not isinstance(name, str):
        return f"{name!r} is not text"
    if not NAME.fullmatch(name):
        return f"'{name}' is not a lowercase name of letters, digits and underscores"
    if "__" in name:
        return f"'{name}' has a double underscore"
    if keyword.iskeyword(name):
        return f"'{name}' is a Python keyword"
    if name in _TAKEN:
        return f"'{name}' is a name Python already uses in bodies"
    return None
