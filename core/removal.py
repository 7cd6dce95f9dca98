"""Taking a module out of its stack; `rollback` brings it back as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.atomic import OnStep, nothing, read_text
from core.changes import Change, keep
from core.errors import NotFound
from core.existing import declared_stack, without
from core.module_file import text_hash
from core.module_writer import ModuleWriter
from core.places import module_path, relative, spec_path, split_id
from core.store import LIVE
from core.store.modules import VersionRow

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store


@dataclass(frozen=True, slots=True)
class Removed:
    """What went: the files, and the version that ran (None where none did).

    `kept` is where texts are that no version of the module has.
    """

    module: str
    version: int | None
    files: tuple[str, ...]
    kept: tuple[Path, ...] = ()


def remove(
    store: Store, settings: Settings, module: str, *, on_step: OnStep = nothing
) -> Removed:
    """Take the module's file and spec away and retire its live version.

    Its history stays. NotFound when there is no such module; StackError, and nothing
    has changed, when its stack cannot be wired without it.
    """
    stack, name = split_id(module)
    found = declared_stack(settings, stack)
    desk = ModuleWriter(store, settings, on_step)
    with desk.turn():
        changes = list(_files(settings, module))
        if not changes:
            raise NotFound(
                f"there is no module {module}",
                field="module",
                value=module,
                remedy="there are: " + ", ".join(f"{s.id}" for s in found.specs),
            )
        without(found, name)
        rows = desk.modules.history(module)
        kept = [
            keep(settings, each.path, text)
            for each in changes
            if (text := each.replaces) and not _known(each.path, text, rows)
        ]
        live = next((row for row in rows if row.state == LIVE), None)
        desk.replan(stack, changes, [module] if live else [])
    files = tuple(relative(settings, each.path) for each in changes)
    return Removed(module, live.version if live else None, files, tuple(kept))


def _files(settings: Settings, module: str) -> Iterator[Change]:
    for path in (spec_path(settings, module), module_path(settings, module)):
        text = read_text(path)
        if text is not None:
            yield Change(path, None, text)


def _known(path: Path, text: str, rows: list[VersionRow]) -> bool:
    """Whether a version has this very text, so that rolling back brings it again."""
    if path.suffix == ".md":
        return any(row.spec_text == text for row in rows)
    return any(row.file_hash == text_hash(text) for row in rows)
