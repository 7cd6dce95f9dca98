"""A stack on disk: its stack.toml, its modules, and how names connect them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StackError
from core.stack.file import StackFile, read_stack_file
from core.stack.wiring import Wiring, wire
from core.wrapper import Runnable

if TYPE_CHECKING:
    from core.body import Body
    from core.llm import LibraryEntry
    from core.vocabulary import Vocabulary


@dataclass(frozen=True)
class Stack:
    """Modules wired by the names of their inputs and outputs, ready to be run."""

    file: StackFile
    wiring: Wiring
    entries: Mapping[str, LibraryEntry]

    @property
    def name(self) -> str:
        """The stack's name, which is its folder's."""
        return self.file.name

    @property
    def starting(self) -> tuple[str, ...]:
        """The names the caller of a tick must give."""
        return self.wiring.starting

    @property
    def versions(self) -> dict[str, int]:
        """The version of each module, in the order they run."""
        order = [module for phase in self.wiring.phases for module in phase.modules]
        return {module: self.entries[module].version for module in order}

    @property
    def capabilities(self) -> frozenset[str]:
        """The host functions that its modules may call."""
        contracts = (entry.spec.contract for entry in self.entries.values())
        return frozenset(name for one in contracts for name in one.capabilities)

    def starts_for(self, each: str, asked: str = "") -> frozenset[str]:
        """The starting names given once a "symbol", or once for the "portfolio".

        Those of a tick, or those of the `asked` phase of that name.
        """
        read = self.wiring.read_in(asked)
        return frozenset(name for name in read if self._each(name) == each)

    def warm_up(self) -> int:
        """Bars that must pass before every starting value exists."""
        found = map(self.file.vocabulary.starting_value, self.starting)
        return max((value.warm_up for value in found if value), default=0)

    def _each(self, name: str) -> str:
        if name in self.file.own:
            return self.file.own[name].each
        value = self.file.vocabulary.starting_value(name)
        return value.each if value else "symbol"


def load_stack(
    folder: Path,
    entries: Iterable[LibraryEntry],
    vocabulary: Vocabulary | None = None,
) -> Stack:
    """The stack in `folder` made of `entries`; StackError if it cannot be wired."""
    file = read_stack_file(folder, vocabulary)
    named = {entry.spec.name: entry for entry in entries}
    specs = [entry.spec for entry in named.values()]
    try:
        wiring = wire(specs, file.vocabulary, phases=file.phases, own=file.own)
    except StackError as error:
        error.where = str(file.path)
        raise
    return Stack(file, wiring, named)


def demand(
    stack: Stack, who: str, wanted: frozenset[str], given: Collection[str]
) -> None:
    """StackError that names the starting values `who` was not given."""
    if not wanted.issubset(given):
        missing = ", ".join(sorted(wanted.difference(given)))
        raise StackError(
            f"{who} has no {missing}",
            field="starting",
            value=missing,
            where=str(stack.file.path),
            remedy="give every starting value the stack names, at every tick",
        )


def quarantine_notes(stack: Stack, before: Stack | None = None) -> list[str]:
    """Which modules must not run, and which may again, since `before`."""
    then = {} if before is None else before.entries
    notes = []
    for name, entry in stack.entries.items():
        was = then[name].quarantined if name in then else ""
        if entry.quarantined and entry.quarantined != was:
            notes.append(f"{name} is in quarantine and not run: {entry.quarantined}")
        elif was and not entry.quarantined:
            notes.append(f"{name} is out of quarantine")
    return notes


def runnable(entry: LibraryEntry) -> Runnable:
    """The entry as the wrapper binds it; native only when certified and bounded.

    An entry's body is canonical already, so that nothing has to be formatted here.
    """
    from core.body import Body, source_with
    from core.spec import signature

    text = entry.body
    lines = text.count("\n")
    body = Body(text, sha256(text.encode(errors="surrogatepass")).hexdigest(), lines)
    source, why = source_with(signature(entry.spec), body), _sandboxed(entry, body)
    return Runnable(
        module=entry.spec.id,
        version=entry.version,
        contract=entry.spec.contract,
        source=source,
        first=source.count("\n") - lines,
        certified=not why,
        sandboxed=why,
        quarantined=entry.quarantined,
    )


def _sandboxed(entry: LibraryEntry, body: Body) -> str:
    """Why the body may run in the sandbox only; "" when it may run natively."""
    from core.body.bounds import unbounded

    if entry.certificate is None:
        return "it has no certificate"
    if not entry.certificate.holds_for(entry.spec, body.hash):
        return "its certificate is of another body, spec, contract or gate"
    if reason := unbounded(entry.spec, body):
        return f"not provably bounded, {reason}"
    return ""
