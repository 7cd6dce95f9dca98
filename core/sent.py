"""A stack as plain data, for a process that has no database: what it needs to run it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from core.library import vocabulary_of
from core.llm import LibraryEntry
from core.places import stack_folder
from core.stack import Stack, load_stack

if TYPE_CHECKING:
    from core.settings import Settings
    from core.vocabulary import Vocabulary


class Sent(NamedTuple):
    """A module: its spec's text, its body, and the proof that came with it."""

    spec: str
    body: str
    version: int
    certificate: Mapping[str, Any] | None
    quarantined: str


def sent(stack: Stack) -> tuple[Sent, ...]:
    """The modules of a stack, ready to be pickled."""
    return tuple(map(_sent, stack.entries.values()))


def _sent(entry: LibraryEntry) -> Sent:
    proof = entry.certificate.as_dict() if entry.certificate else None
    return Sent(entry.spec.text, entry.body, entry.version, proof, entry.quarantined)


def received(settings: Settings, name: str, modules: Sequence[Sent]) -> Stack:
    """The stack `name` of these modules, wired by its stack.toml.

    A certificate is worth what it says: it holds for this body and spec, or not at all.
    """
    words = vocabulary_of(settings, name)
    entries = [_received(one, name, words) for one in modules]
    return load_stack(stack_folder(settings, name), entries, words)


def _received(one: Sent, stack: str, words: Vocabulary) -> LibraryEntry:
    from core.gate import Certificate
    from core.spec import parse_spec

    spec = parse_spec(one.spec, stack=stack, vocabulary=words)
    proof = Certificate.from_dict(one.certificate) if one.certificate else None
    return LibraryEntry(spec, one.body, proof, spec.id, one.version, one.quarantined)
