"""Which modules of a stack nothing vouches for: they run in the sandbox only."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.stack import Stack


def uncertified(stack: "Stack") -> Iterator[tuple[str, str]]:
    """Their names, each with what a person is told of it."""
    from core.stack import runnable

    for name, entry in stack.entries.items():
        if not runnable(entry).certified:
            yield (
                name,
                f"{entry.spec.id} has no valid certificate, so it runs in the sandbox: "
                f"`asza build {entry.spec.id}` gates it",
            )
