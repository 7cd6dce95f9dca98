"""The modules there are, ready to be run or reused: spec, body, proof, version.

A body is what stands on disk. It carries a certificate only where the database has
one for this very body hash and spec digest; whatever else runs, runs sandboxed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.atomic import read_text
from core.errors import AszaError, BodyRefused, NotFound, StackError
from core.listing import ListedModule as ListedModule
from core.listing import list_modules as list_modules
from core.llm import LibraryEntry
from core.places import module_path, spec_folder, stack_folder, stack_folders
from core.stack import Stack, load_stack
from core.stack.file import read_stack_file

if TYPE_CHECKING:
    from core.gate import Certificate
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store, VersionRow
    from core.store.quarantine import LiveModule
    from core.vocabulary import Vocabulary


@dataclass(frozen=True)
class Module(LibraryEntry):
    """A library entry that stands on disk, with who wrote it and its live row.

    `version` is 0 where the file is not the live version's: edited, or not adopted.
    """

    writer: str = ""
    means: str = ""
    path: Path | None = None
    row: VersionRow | None = None

    @property
    def edited(self) -> bool:
        """Whether its file was changed by hand since its live version was written."""
        return self.row is not None and self.version == 0


def library(
    settings: Settings, store: Store | None = None, stack: str | None = None
) -> list[Module]:
    """The modules of one stack, or of all that can be read, by stack and name.

    A spec without a module is left out. Asked for one stack, whatever is wrong in it
    is raised; asked for all, what cannot be read is left out.
    """
    if stack is not None:
        return list(_of_stack(settings, store, stack_folder(settings, stack)))
    found: list[Module] = []
    for folder in stack_folders(settings):
        with suppress(AszaError):
            found += _of_stack(settings, store, folder, whole_only=True)
    return found


def proven(settings: Settings, store: Store, stack: str) -> set[str]:
    """The names of a stack's modules whose file and spec are those the gate judged."""
    from core.module_file import text_hash
    from core.spec import load_specs

    words, live = vocabulary_of(settings, stack), _live(store, stack)
    found = set()
    for spec in load_specs(spec_folder(settings, stack), words):
        known, text = live.get(spec.id), read_text(module_path(settings, spec.id))
        if known is None or text is None or text_hash(text) != known.row.file_hash:
            continue
        if _certificate(spec, known.row) is not None:
            found.add(spec.name)
    return found


def vocabulary_of(settings: Settings, stack: str) -> Vocabulary:
    """The vocabulary that the stack's stack.toml names."""
    return _words(settings, stack_folder(settings, stack))


def open_stack(settings: Settings, stack: str, store: Store | None = None) -> Stack:
    """The stack with a module for every spec, ready to be run.

    StackError if it cannot be wired, or with every module that is missing or broken.
    """
    folder = stack_folder(settings, stack)
    words = _words(settings, folder)
    return load_stack(folder, _whole(settings, store, folder, words), words)


def _whole(
    settings: Settings, store: Store | None, folder: Path, words: Vocabulary
) -> list[Module]:
    """A module for every spec: a stack that lost its stop is another stack."""
    from core.spec import load_specs

    live, found = _live(store, folder.name), []
    wrong: dict[str, AszaError] = {}
    for spec in load_specs(spec_folder(settings, folder.name), words):
        try:
            found.append(_on_disk(settings, spec, live))
        except (BodyRefused, NotFound) as error:
            wrong[spec.name] = error
    if wrong:
        told = "; ".join(f"{name}: {why}" for name, why in wrong.items())
        remedies = sorted({error.remedy for error in wrong.values() if error.remedy})
        raise StackError(
            f"stack {folder.name} is not whole: {told}",
            field="modules",
            value=list(wrong),
            where=str(folder),
            remedy="; ".join(
                [f"`asza build {folder.name}` writes what is missing", *remedies]
            ),
        )
    return found


def _words(settings: Settings, folder: Path) -> Vocabulary:
    return read_stack_file(folder, chosen=settings.asza_vocabulary).vocabulary


def _of_stack(
    settings: Settings,
    store: Store | None,
    folder: Path,
    *,
    whole_only: bool = False,
) -> Iterator[Module]:
    from core.spec import load_specs

    words = _words(settings, folder)
    live = _live(store, folder.name)
    left_out = (NotFound, BodyRefused) if whole_only else (NotFound,)
    for spec in load_specs(spec_folder(settings, folder.name), words):
        with suppress(*left_out):
            yield _on_disk(settings, spec, live)


def _live(store: Store | None, stack: str) -> dict[str, LiveModule]:
    if store is None:
        return {}
    from core.store.quarantine import live_modules

    return {known.row.module: known for known in live_modules(store, stack)}


def _on_disk(settings: Settings, spec: Spec, live: Mapping[str, LiveModule]) -> Module:
    """The spec's module; NotFound without its file, BodyRefused if that is broken."""
    path = module_path(settings, spec.id)
    text = read_text(path)
    if text is None:
        raise NotFound("it has no module file", field="module", value=spec.id)
    return _module(spec, path, text, live.get(spec.id))


def _module(spec: Spec, path: Path, text: str, known: LiveModule | None) -> Module:
    from core.module_file import text_hash

    row = known.row if known else None
    edited = row is None or text_hash(text) != row.file_hash
    if row is None or edited:
        body, version, certificate = _body_on_disk(path), 0, None
    else:
        body, version, certificate = row.body, row.version, _certificate(spec, row)
    return Module(
        spec=spec,
        body=body,
        certificate=certificate,
        module=spec.id,
        version=version,
        quarantined=known.barred(edited=edited) if known else "",
        writer=row.writer if row else "",
        means=row.means if row else "",
        path=path,
        row=row,
    )


def _body_on_disk(path: Path) -> str:
    from core.module_file import read_module

    return read_module(path).canonical().text


def _certificate(spec: Spec, row: VersionRow) -> Certificate | None:
    """The row's certificate if it holds for this body and this spec, else None."""
    if row.certificate is None:
        return None
    from core.gate import Certificate

    certificate = Certificate.from_dict(row.certificate)
    holds = row.body_hash == _hash(row.body) and certificate.holds_for(
        spec, row.body_hash
    )
    return certificate if holds else None


def _hash(body: str) -> str:
    from hashlib import sha256

    return sha256(body.encode(errors="surrogatepass")).hexdigest()
