"""The name that was meant, where a stack or a module was mistyped."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.names import nearest

if TYPE_CHECKING:
    from core.settings import Settings

ASKED = "did you mean '{}'?"
NAMED = re.compile(r"\w+(\.\w+)?")  # a stack, or a module of one


def suggested(settings: "Settings", error: NotFound) -> str:
    """The error's remedy; where its name is nobody's, and like a known one, that one."""
    if error.remedy.startswith("did you mean"):
        return error.remedy
    near = _meant(settings, error.field, str(error.value))
    return ASKED.format(near) if near else error.remedy


def _meant(settings: "Settings", field: str, name: str) -> str | None:
    """The known name most like this one; None if it is known, or none is like it."""
    from core.places import stack_folders

    stacks = [folder.name for folder in stack_folders(settings)]
    if field in ("stack", "target") and "." not in name:
        return None if name in stacks else nearest(name, stacks)
    if field not in ("module", "target") or not NAMED.fullmatch(name):
        return None
    return _module(settings, name, stacks)


def _module(settings: "Settings", name: str, stacks: Iterable[str]) -> str | None:
    """The module most like `stack.name`, or like a name alone, of any stack then."""
    from core.listing import list_modules

    stack, _, bare = name.rpartition(".")
    of = stack if stack in stacks else nearest(stack, stacks)
    alike = {
        each.name: each.module for each in list_modules(settings, None, of or None)
    }
    close = nearest(bare, alike) if of or not stack else None
    return None if close is None or alike[close] == name else alike[close]
