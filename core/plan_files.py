"""A plan on disk: stack.toml and one spec a module, all checked before any is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from core.atomic import read_text, remove_durably, write_atomically
from core.errors import FileEdited, StackError
from core.module_file import text_hash
from core.module_writer import ModuleWriter, unified
from core.places import STACK_FILE, module_path, relative, spec_folder, stack_folder
from core.stack.file import read_stack_file
from core.stack.wiring import default_phases

if TYPE_CHECKING:
    from core.plan import Plan
    from core.settings import Settings
    from core.store import Store, VersionRow


@dataclass(frozen=True, slots=True)
class _Change:
    """A file as it is to be; `text` None: it goes."""

    path: Path
    text: str | None


def write_plan(
    plan: Plan, settings: Settings, store: Store, *, force: bool = False
) -> list[Path]:
    """Write what differs; the files that did. Specs come first, stack.toml last.

    Raises FileEdited with the diff when a person changed a file since, and StackError
    when a stack of this name was made for another request; `force` overrides both.
    """
    with ModuleWriter(store, settings).turn():
        desk = _Desk(plan, settings, _live(store, plan.stack), force)
        changes = list(desk.changes())
        for change in changes:
            if change.text is None:
                remove_durably(change.path)
            else:
                write_atomically(change.path, change.text)
    return [change.path for change in changes]


def stack_text(plan: Plan) -> str:
    """The stack.toml of a plan: what was asked, its phases, the caller's own values."""
    roles = {spec.role for spec in plan.specs}
    data: dict[str, Any] = {
        "name": plan.stack,
        "vocabulary": plan.vocabulary.name,
        "request": plan.request,
        "phases": [
            {"name": phase.name, "each": phase.each, "roles": list(phase.roles)}
            for phase in default_phases(plan.vocabulary)
            if roles & set(phase.roles)
        ],
    }
    if plan.settings:
        data["settings"] = dict(plan.settings)
    if plan.own:
        data["starting"] = {
            name: {"unit": unit, "each": "symbol"} for name, unit in plan.own.items()
        }
    return tomli_w.dumps(data, multiline_strings=True)


@dataclass(frozen=True)
class _Desk:
    """The plan beside what stands on disk and what the database knows of it."""

    plan: Plan
    settings: Settings
    live: dict[str, VersionRow]
    force: bool

    def changes(self) -> Iterator[_Change]:
        """Every change, each checked; nothing has been written when one is refused."""
        self._refuse_another_request()
        wanted = {
            spec_folder(self.settings, self.plan.stack) / f"{spec.name}.md": spec.text
            for spec in self.plan.specs
        }
        yield from self._stale(wanted)
        for path, text in wanted.items():
            yield from self._changed(path, text, self._spec_texts(path.stem))
        folder = stack_folder(self.settings, self.plan.stack)
        yield from self._changed(folder / STACK_FILE, stack_text(self.plan), set())

    def _refuse_another_request(self) -> None:
        folder = stack_folder(self.settings, self.plan.stack)
        if self.force or not (folder / STACK_FILE).exists():
            return
        asked = read_stack_file(folder).request
        if asked != self.plan.request:
            raise StackError(
                f"stack {self.plan.stack} was made for another request",
                field="--stack",
                value=asked,
                where=relative(self.settings, folder / STACK_FILE),
                remedy="give another --stack name, or --force to replace it",
            )

    def _stale(self, wanted: dict[Path, str]) -> Iterator[_Change]:
        """Specs of an earlier plan, and their modules, that this one does not have."""
        for path in sorted(spec_folder(self.settings, self.plan.stack).glob("*.md")):
            if path in wanted:
                continue
            module = module_path(self.settings, f"{self.plan.stack}.{path.stem}")
            yield from self._changed(path, None, self._spec_texts(path.stem))
            row = self.live.get(path.stem)
            yield from self._changed(module, None, {row.file_hash} if row else set())

    def _spec_texts(self, name: str) -> set[str]:
        row = self.live.get(name)
        return {text_hash(row.spec_text)} if row else set()

    def _changed(
        self, path: Path, text: str | None, ours: set[str]
    ) -> Iterator[_Change]:
        old = read_text(path)
        if old == text:
            return
        if old is not None and not self.force and text_hash(old) not in ours:
            self._refuse_edited(path, old, text or "")
        yield _Change(path, text)

    def _refuse_edited(self, path: Path, old: str, new: str) -> None:
        shown = relative(self.settings, path)
        raise FileEdited(
            "this file is not what the plan would write, and may be your own",
            field="path",
            value=unified(old, new, f"{shown} (on disk)", f"{shown} (to be written)"),
            where=shown,
            remedy="keep it and use `asza build`, give another --stack name, or say "
            "--force to overwrite it as the diff shows",
        )


def _live(store: Store, stack: str) -> dict[str, VersionRow]:
    from core.store import Modules

    return {
        row.module.rpartition(".")[2]: row for row in Modules(store).all_live(stack)
    }
