"""Every version of a module: what changed between two, and the way back to one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.atomic import OnStep, nothing, read_text
from core.body import parse_body
from core.errors import NotFound, SpecError, StackError
from core.library import vocabulary_of
from core.llm import LibraryEntry
from core.module_file import render_module
from core.module_writer import (
    ModuleWriter,
    NewFile,
    refuse_superseded,
    unified,
)
from core.places import module_path, relative, spec_path, split_id, stack_folder
from core.spec import Spec, parse_spec
from core.stack.file import read_stack_file
from core.store import LIVE, RETIRED, Modules, VersionRow
from core.template_header import VersionInfo

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store
    from core.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class RolledBack:
    """Which version runs now, which ran before, and whether the spec went back too.

    `kept` is where texts edited by hand are that were replaced.
    """

    module: str
    version: int
    before: int | None
    path: Path
    spec_restored: bool
    generation: int
    kept: tuple[Path, ...] = ()


def history(store: Store, module: str) -> list[VersionRow]:
    """Every version, oldest first; NotFound when there is none."""
    rows = Modules(store).history(module)
    if not rows:
        raise NotFound(
            f"{module} has no versions",
            field="module",
            value=module,
            remedy="`asza list` shows the modules; `asza build` makes one",
        )
    return rows


def entry_at(
    store: Store, module: str, version: int, vocabulary: Vocabulary
) -> LibraryEntry:
    """A version as it was, ready to be run; NotFound names those there are."""
    from core.gate import Certificate

    row = Modules(store).version(module, version)
    stack, _name = split_id(module)
    spec = parse_spec(row.spec_text, stack=stack, vocabulary=vocabulary)
    proof = Certificate.from_dict(row.certificate) if row.certificate else None
    return LibraryEntry(spec, row.body, proof, module, row.version)


def diff(
    store: Store, module: str, old: int | None = None, new: int | None = None
) -> str:
    """A unified diff of two bodies: by default the live one against its parent, or,
    where it has none, against the newest other version that ran.

    Where the spec changed between them, its diff follows. "" when nothing differs.
    """
    rows = {row.version: row for row in history(store, module)}
    after = _pick(rows, module, new) if new is not None else _live_or_last(rows)
    before = _pick(rows, module, old) if old is not None else _before(rows, after)
    left, right = (f"{module}@{row.version if row else 0}" for row in (before, after))
    old_body, old_spec = (before.body, before.spec_text) if before else ("", "")
    bodies = unified(old_body, after.body, left, right)
    return bodies + unified(old_spec, after.spec_text, f"{left} spec", f"{right} spec")


def rollback(
    store: Store,
    settings: Settings,
    module: str,
    version: int | None = None,
    *,
    force: bool = False,
    replaces: int | None = None,
    on_step: OnStep = nothing,
) -> RolledBack:
    """Make an earlier version live again, by default the one that ran before.

    Nobody is asked: it was promoted once. Its file is written again as it was, and
    its spec too if that has changed since. Raises NotFound, or FileEdited when the
    module or its spec was edited by hand and `force` is not said; StackError when
    the module was removed from its stack and the stack has no place for it now;
    Superseded when `replaces` names a version that is not the live one.
    """
    desk = ModuleWriter(store, settings, on_step)
    with desk.turn():
        rows = {row.version: row for row in history(store, module)}
        row = _promoted(rows, module, version)
        live = next((r for r in rows.values() if r.state == LIVE), None)
        refuse_superseded(module, live, replaces)
        spec = _spec_of(settings, row)
        if live is None:
            _refuse_without_place(settings, spec)
        info = VersionInfo(row.version, row.writer, row.means, row.parent, row.cause)
        text = render_module(spec, parse_body(row.body), info)
        files = _files(desk, spec, rows, text, force)
        generation = desk.write(row, files)
    before = live.version if live else None
    path = module_path(settings, module)
    return RolledBack(
        module=module,
        version=row.version,
        before=before,
        path=path,
        spec_restored=len(files) > 1,
        generation=generation,
        kept=tuple(desk.kept),
    )


def _files(
    desk: ModuleWriter, spec: Spec, rows: dict[int, VersionRow], text: str, force: bool
) -> list[NewFile]:
    """The spec's file if it differs, then the module's."""
    path, spec_file = (
        module_path(desk.settings, spec.id),
        spec_path(desk.settings, spec.id),
    )
    modules = {row.file_hash for row in rows.values()}
    old = desk.check_unedited(path, modules, text, force=force)
    files = [NewFile(path, text, old)]
    now = read_text(spec_file)
    digest = _digest(now, desk.settings, spec)
    if digest != spec.digest:
        ours = digest in {row.spec_digest for row in rows.values()}
        if not ours:
            desk.check_unedited(spec_file, set(), spec.text, force=force)
        files.insert(0, NewFile(spec_file, spec.text, now))
    return files


def _refuse_without_place(settings: Settings, spec: Spec) -> None:
    """A module that a later plan removed may have a role that no phase runs now."""
    folder = stack_folder(settings, spec.stack)
    file = read_stack_file(folder, chosen=settings.asza_vocabulary)
    if not any(spec.role in phase.roles for phase in file.phases):
        raise StackError(
            f"{spec.id} was removed from its stack, which has no phase for the role "
            f"{spec.role} now",
            field="role",
            value=spec.role,
            where=relative(settings, file.path),
            remedy="add the role to a phase there, or ask for it under another --stack",
        )


def _digest(text: str | None, settings: Settings, spec: Spec) -> str:
    """The digest of the spec that stands on disk; "" where none can be read."""
    try:
        words = vocabulary_of(settings, spec.stack)
        return parse_spec(text or "", stack=spec.stack, vocabulary=words).digest
    except SpecError:
        return ""


def _spec_of(settings: Settings, row: VersionRow) -> Spec:
    stack, _name = split_id(row.module)
    return parse_spec(
        row.spec_text, stack=stack, vocabulary=vocabulary_of(settings, stack)
    )


def _pick(rows: dict[int, VersionRow], module: str, number: int) -> VersionRow:
    if number not in rows:
        raise NotFound(
            f"{module} has no version {number}",
            field="version",
            value=number,
            remedy=f"it has {', '.join(map(str, rows))}",
        )
    return rows[number]


def _live_or_last(rows: dict[int, VersionRow]) -> VersionRow:
    live = [row for row in rows.values() if row.state == LIVE]
    return live[0] if live else rows[max(rows)]


def _before(rows: dict[int, VersionRow], row: VersionRow) -> VersionRow | None:
    """Its parent, or the newest other that ran: an early version may be live again."""
    if row.parent is not None:
        return rows.get(row.parent)
    others = (each for each in rows.values() if each.state == RETIRED)
    return max(others, key=lambda each: each.version, default=None)


def _promoted(
    rows: dict[int, VersionRow], module: str, number: int | None
) -> VersionRow:
    """The version to go back to: it must have been live once.

    Unasked, to one with a certificate where there is one: a fault may have been put
    into another.
    """
    live = (row.version for row in rows.values() if row.state == LIVE)
    now = next(live, max(rows) + 1)
    ran = [r for r in rows.values() if r.state == RETIRED and r.version < now]
    once = [row.version for row in ran if row.certificate] or [r.version for r in ran]
    if number is None and once:
        return rows[once[-1]]
    row = _pick(rows, module, number) if number is not None else None
    if row is None or row.state not in (LIVE, RETIRED):
        raise NotFound(
            f"{module} has no earlier version to go back to"
            if row is None
            else f"version {row.version} of {module} never ran ({row.state})",
            field="version",
            value=number,
            remedy=f"see `asza history {module}`",
        )
    return row
