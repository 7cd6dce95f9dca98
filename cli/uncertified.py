"""Which modules of a stack are not run, or run in the sandbox only as nothing vouches for
them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.llm import LibraryEntry
    from core.stack import Stack

EDIT = (
    "leave it to keep the edit, or `asza build {} --force` writes it anew from its spec "
    "and puts the edited text aside"
)


def reservations(stack: "Stack") -> Iterator[str]:
    """What a person is told of a stack before it decides on anything."""
    held = dict(quarantined(stack))
    yield from held.values()
    yield from (told for name, told in uncertified(stack) if name not in held)


def uncertified(stack: "Stack") -> Iterator[tuple[str, str]]:
    """Names of modules nothing vouches for, each with what a person is told of it."""
    from core.stack import runnable

    for name, entry in stack.entries.items():
        if is_edited(entry):
            module = entry.spec.id
            yield (
                name,
                f"{module} was edited by hand, so it runs in the sandbox: "
                + EDIT.format(module),
            )
        elif not runnable(entry).certified:
            yield (
                name,
                f"{entry.spec.id} has no valid certificate, so it runs in the sandbox: "
                f"`asza build {entry.spec.id}` gates it",
            )


def is_edited(entry: "LibraryEntry") -> bool:
    """Whether a person has changed the module's file."""
    from core.library import Module

    return isinstance(entry, Module) and entry.edited


def quarantined(stack: "Stack") -> Iterator[tuple[str, str]]:
    """Names of modules in quarantine, each with what stands in for it."""
    for name, entry in stack.entries.items():
        if entry.quarantined:
            module, fallback = entry.spec.id, entry.spec.contract.fallback
            instead = (
                "every call of it fails, for it has no fallback"
                if fallback is None
                else "its fallback answers"
            )
            yield (
                name,
                f"{module} is in quarantine ({entry.quarantined}), so {instead}: "
                f"`asza quarantine {module} --lift` ends it",
            )
