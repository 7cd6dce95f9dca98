"""Versions in the database and files on disk, kept in step by a journal.

Each write opens a journal entry before it touches a file. The rename of the module's
file is the point of no return: recovery completes an entry whose file is there, and
takes back one whose file is not. A lock file lets one writer in at a time.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock

from core.atomic import (
    OnStep,
    nothing,
    read_text,
    remove_leftovers,
    write_atomically,
)
from core.changes import Change, change_from, keep, put
from core.errors import BodyRefused, FileEdited, NotFound, StoreError
from core.home import state_folder
from core.module_file import text_hash
from core.places import relative, stack_folders
from core.store.journal import Journal, JournalEntry
from core.store.modules import LIVE, PREPARED, Modules, VersionRow

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store.connection import Store

KIND, PLAN = "module", "plan"
_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file as it is to be; `replaces` is the text that stands there now, if any."""

    path: Path
    text: str
    replaces: str | None


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one half-made write: "completed" or "undone".

    `module` is a stack's name where a plan's files were being written.
    """

    module: str
    version: int | None
    outcome: str
    remark: str


class ModuleWriter:
    """Writes modules one at a time; make one, use it, let it go.

    `on_step` hears the name of each step when it is done, for progress and for tests
    that stop there.
    """

    def __init__(
        self, store: Store, settings: Settings, on_step: OnStep = nothing
    ) -> None:
        self.modules = Modules(store)
        self.settings = settings
        self.kept: list[Path] = []
        self._journal = Journal(store)
        self._on_step = on_step

    @contextmanager
    def turn(self) -> Iterator[list[Recovered]]:
        """Wait for our turn; what the one before us left half-made is settled first."""
        lock = self.settings.home / "locks" / "modules.lock"
        with _held(lock):
            self._sweep()
            yield self._recover()

    def write(self, row: VersionRow, files: Sequence[NewFile]) -> int:
        """Write the files, the module's last, and make `row` live; the generation.

        `row` is a new version, or one that is there and becomes live again.
        """
        entry = self._journal.open(KIND, row.module, self._detail(files), row.version)
        self._on_step("journalled")
        if row.state == PREPARED:
            self.modules.add_version(row)
        self._on_step("prepared")
        try:
            for file in files:
                write_atomically(file.path, file.text, self._on_step)
        except StoreError as error:
            self._take_back(self._entry(entry), error.message)
            raise
        written = _file_of(self.settings, files[-1])
        generation = self.modules.set_live(row.module, row.version, written)
        self._on_step("live")
        self._journal.complete(entry)
        self._on_step("completed")
        return generation

    def replan(
        self, stack: str, changes: Sequence[Change], retired: Sequence[str]
    ) -> None:
        """Write and remove a plan's files; retire the modules it does not have.

        Killed in between, the rest is done by whoever has the next turn.
        """
        files = [change.as_dict(self.settings) for change in changes]
        root = str(self.settings.root)
        detail = {"root": root, "files": files, "retired": list(retired)}
        entry = self._journal.open(PLAN, stack, detail)
        self._on_step("journalled")
        done: list[Change] = []
        try:
            for change in changes:
                change.apply(self._on_step)
                done.append(change)
        except StoreError as error:
            for change in reversed(done):
                change.take_back()
            self._journal.undo(entry, error.message)
            raise
        self._on_step("replaced")
        self._retire(retired)
        self._journal.complete(entry)
        self._on_step("completed")

    def written(self, stack: str) -> dict[str, set[str]]:
        """What plans have written here: the hashes of their texts, by path."""
        found: dict[str, set[str]] = {}
        for entry in self._journal.completed(PLAN, stack):
            for file in entry.detail["files"]:
                if file["text"] is not None:
                    found.setdefault(file["path"], set()).add(text_hash(file["text"]))
        return found

    def check_unedited(
        self, path: Path, row_texts: set[str], new: str, *, force: bool = False
    ) -> str | None:
        """The text on disk; FileEdited with the diff if nobody here wrote it.

        With `force` it is kept aside instead, and `self.kept` says where.
        """
        text = read_text(path)
        if text is None or text == new or text_hash(text) in row_texts:
            return text
        if force:
            self.kept.append(keep(self.settings, path, text))
            return text
        shown = relative(self.settings, path)
        raise FileEdited(
            "this file was edited by hand since ASZA wrote it",
            field="path",
            value=unified(text, new, f"{shown} (on disk)", f"{shown} (to be written)"),
            where=shown,
            remedy="keep the edit, or say --force to overwrite it as the diff shows",
        )

    def _detail(self, files: Sequence[NewFile]) -> dict[str, Any]:
        return {
            "root": str(self.settings.root),
            "files": [
                {
                    "path": relative(self.settings, file.path),
                    "hash": text_hash(file.text),
                    "replaces": file.replaces,
                }
                for file in files
            ],
        }

    def _entry(self, number: int) -> JournalEntry:
        return next(e for e in self._journal.pending() if e.id == number)

    def _sweep(self) -> None:
        """Nobody else writes here now: what a killed writer left half-written goes."""
        root = self.settings.root
        for folder in (*root.glob("prompts/*/"), *root.glob("generated/*/")):
            remove_leftovers(folder)
        for folder in stack_folders(self.settings):
            remove_leftovers(folder)

    def _recover(self) -> list[Recovered]:
        """Complete or take back every entry of this project that is still open."""
        mine = str(self.settings.root)
        settlers = {KIND: self._settle, PLAN: self._settle_plan}
        pending = [e for e in self._journal.pending() if e.kind in settlers]
        mine_only = [e for e in pending if e.detail.get("root") == mine]
        return [settlers[entry.kind](entry) for entry in mine_only]

    def _settle_plan(self, entry: JournalEntry) -> Recovered:
        """Finish it: it was checked whole. What a person wrote since is kept aside."""
        for change in (change_from(d, self.settings) for d in entry.detail["files"]):
            now = read_text(change.path)
            if now is not None and now not in (change.text, change.replaces):
                self.kept.append(keep(self.settings, change.path, now))
            if now != change.text:
                change.apply()
        self._retire(entry.detail["retired"])
        remark = "the rest of its plan's files was written"
        self._journal.complete(entry.id, remark)
        return Recovered(entry.module, None, "completed", remark)

    def _retire(self, modules: Sequence[str]) -> None:
        for module in modules:
            self.modules.retire(module)
            self._on_step("retired")

    def _settle(self, entry: JournalEntry) -> Recovered:
        files = self._files(entry)
        path, wanted, _replaces = files[-1]
        row = self._row(entry)
        if row is None or _hash_of(path) != wanted:
            remark = "its file had not been written"
            self._take_back(entry, remark)
            return Recovered(entry.module, entry.version, "undone", remark)
        if row.state != LIVE or row.file_hash != wanted:
            file = (relative(self.settings, path), wanted)
            self.modules.set_live(row.module, row.version, file)
        remark = "its file was written already"
        self._journal.complete(entry.id, remark)
        return Recovered(entry.module, entry.version, "completed", remark)

    def _take_back(self, entry: JournalEntry, remark: str) -> None:
        """As if it had never been begun."""
        for path, new, replaces in self._files(entry):
            if _hash_of(path) == new:
                put(path, replaces)
        row = self._row(entry)
        if row is not None and row.state == PREPARED:
            self.modules.undo(row.module, row.version)
        self._journal.undo(entry.id, remark)

    def _files(self, entry: JournalEntry) -> list[tuple[Path, str, str | None]]:
        return [
            (self.settings.root / each["path"], each["hash"], each["replaces"])
            for each in entry.detail["files"]
        ]

    def _row(self, entry: JournalEntry) -> VersionRow | None:
        try:
            return self.modules.version(entry.module, entry.version or 0)
        except NotFound:
            return None


class Superseded(BodyRefused):
    """The version that was to be replaced runs no more."""


def refuse_superseded(module: str, live: VersionRow | None, wanted: int | None) -> None:
    """Superseded unless the live version is the `wanted` one; None wants any."""
    now = live.version if live else None
    if wanted not in (None, now):
        raise Superseded(
            f"{module} is not written: version {now} runs, not version {wanted}",
            field="replaces",
            value=wanted,
            remedy=f"see `asza history {module}`: somebody else was quicker",
        )


def unified(old: str, new: str, old_name: str, new_name: str) -> str:
    """A unified diff of two texts."""
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        old_name,
        new_name,
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _hash_of(path: Path) -> str | None:
    text = read_text(path)
    return None if text is None else text_hash(text)


def _file_of(settings: Settings, file: NewFile) -> tuple[str, str]:
    return relative(settings, file.path), text_hash(file.text)


@contextmanager
def _held(lock: Path) -> Iterator[None]:
    try:
        state_folder(lock.parent.parent, lock.parent.name)
        with filelock.FileLock(lock, timeout=_PATIENCE):
            yield
    except filelock.Timeout as error:
        raise StoreError(
            f"another process has been writing modules for {_PATIENCE:.0f} s",
            where=str(lock),
            remedy="wait for it to finish, or end it; its work will be recovered",
        ) from error
