"""A plan on disk: stack.toml and one spec a module, all checked before any is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tomli_w

from core.atomic import OnStep, nothing, read_text, write_atomically
from core.body import parse_body
from core.changes import KEPT, Change, keep
from core.errors import FileEdited, SpecError, StackError
from core.module_file import render_module, text_hash
from core.module_writer import ModuleWriter, unified
from core.places import STACK_FILE, module_path, relative, spec_folder, stack_folder
from core.spec import parse_spec
from core.stack.file import read_stack_file
from core.stack.phases import default_phases, with_roles
from core.template_header import VersionInfo
from core.vocabulary import Vocabulary, load_vocabulary

if TYPE_CHECKING:
    from core.plan import Plan
    from core.settings import Settings
    from core.store import Store, VersionRow

OnKept = Callable[[Path, Path], None]


def _unheard(_path: Path, _kept: Path) -> None:
    """The listener of a caller that does not listen."""


def write_plan(
    plan: Plan,
    settings: Settings,
    store: Store,
    *,
    force: bool = False,
    on_kept: OnKept = _unheard,
    on_step: OnStep = nothing,
) -> list[Path]:
    """Write what differs; the files that did. Specs come first, stack.toml last.

    Files of an earlier plan that this one does not have go, and their modules are
    retired: nothing is live without its file. Raises FileEdited with every diff when a
    person changed a file since, and StackError when a stack of this name was made for
    another request; `force` overrides both, and `on_kept` hears where the text of each
    edited file is kept.
    """
    desk = ModuleWriter(store, settings, on_step)
    with desk.turn():
        draft = _Draft(plan, settings, _live(store, plan.stack), desk)
        changes = list(draft.changes())
        edited = [change for change in changes if draft.is_edited(change)]
        if not force:
            draft.refuse(edited)
        for change in edited:
            on_kept(change.path, keep(settings, change.path, change.replaces or ""))
        retired = draft.retired()
        if changes or retired:
            desk.replan(plan.stack, changes, retired)
    return [change.path for change in changes]


def stack_text(plan: Plan) -> str:
    """The stack.toml of a plan: what was asked, its phases, the caller's own values."""
    roles = {spec.role for spec in plan.specs}
    return _stack_text(plan.as_dict(), plan.vocabulary, roles)


def restore_stack_file(settings: Settings, store: Store, stack: str) -> bool:
    """Write a stack.toml that is gone again, from the newest plan of its stack.

    Whether it could be: its specs must be there, and the database must know the plan.
    """
    from core.spec import load_specs
    from core.store import Plans

    row = Plans(store).latest(stack)
    path = stack_folder(settings, stack) / STACK_FILE
    folder = spec_folder(settings, stack)
    joined = row is not None and row.plan.get("joins")  # its stack.toml is a person's
    if row is None or joined or path.exists() or not any(folder.glob("*.md")):
        return False
    words = load_vocabulary(row.plan["vocabulary"], settings.asza_vocabulary)
    roles = {spec.role for spec in load_specs(folder, words)}
    write_atomically(path, _stack_text(row.plan, words, roles))
    return True


def _stack_text(
    plan: Mapping[str, Any], vocabulary: Vocabulary, roles: set[str]
) -> str:
    data: dict[str, Any] = {
        "name": plan["stack"],
        "vocabulary": vocabulary.name,
        "request": plan["request"],
        "phases": [
            phase.as_toml() for phase in with_roles(default_phases(vocabulary), roles)
        ],
    }
    if plan["settings"]:
        data["settings"] = dict(plan["settings"])
    if plan["own"]:
        data["starting"] = {
            name: {"unit": unit, "each": "symbol"} for name, unit in plan["own"].items()
        }
    return tomli_w.dumps(data, multiline_strings=True)


class _Draft:
    """The plan beside what stands on disk and what the database knows of it."""

    def __init__(
        self,
        plan: Plan,
        settings: Settings,
        live: Mapping[str, VersionRow],
        desk: ModuleWriter,
    ) -> None:
        self._plan, self._settings, self._live = plan, settings, live
        self._specs = {spec.name: spec.text for spec in plan.specs}
        self._folder = stack_folder(settings, plan.stack)
        self._written = desk.written(plan.stack)

    def changes(self) -> Iterator[Change]:
        """What differs: files that go, specs, stack.toml."""
        specs = spec_folder(self._settings, self._plan.stack)
        there = {path.stem for path in specs.glob("*.md")}
        for name in sorted((there | self._live.keys()) - self._specs.keys()):
            yield from self._changed(specs / f"{name}.md", None)
            yield from self._changed(self._module(name), None)
        for name, text in self._specs.items():
            yield from self._changed(specs / f"{name}.md", text)
        yield from self._changed(self._folder / STACK_FILE, stack_text(self._plan))

    def retired(self) -> list[str]:
        """The live modules that this plan does not have."""
        return [
            row.module for name, row in self._live.items() if name not in self._specs
        ]

    def is_edited(self, change: Change) -> bool:
        """Whether the text that goes is not known to be ASZA's own."""
        if change.replaces is None:
            return False
        ours = set(self._written.get(relative(self._settings, change.path), ()))
        if row := self._live.get(change.path.stem):
            ours |= {row.file_hash, text_hash(row.spec_text)}
        return text_hash(change.replaces) not in ours

    def refuse(self, edited: Sequence[Change]) -> None:
        """Another request's stack, or a person's text: shown before it can go."""
        other = self._other_request()
        if other is not None:
            edited = [*edited, *self._edited_modules()]
        if edited:
            raise self._edited(edited, other)
        if other is not None:
            raise StackError(
                self._made_for_another,
                field="--stack",
                value=other,
                where=relative(self._settings, self._folder / STACK_FILE),
                remedy="give another --stack name, or --force to replace it",
            )

    @property
    def _made_for_another(self) -> str:
        return f"stack {self._plan.stack} was made for another request"

    def _other_request(self) -> str | None:
        """What the stack was made for, if that is not what is asked now."""
        if not (self._folder / STACK_FILE).exists():
            return None
        chosen = self._settings.asza_vocabulary
        asked = read_stack_file(self._folder, chosen=chosen).request
        return asked if asked != self._plan.request else None

    def _edited(self, edited: Sequence[Change], other: str | None) -> FileEdited:
        names = [relative(self._settings, change.path) for change in edited]
        what = "not what the plan would write, and may be your own"
        if other is not None:
            what = f"edited by hand, and {self._made_for_another}"
        some = "this file is" if len(names) == 1 else "these files are"
        return FileEdited(
            f"{some} {what}: {', '.join(names)}",
            field="path",
            value="".join(map(self._diff, edited)),
            where=names[0],
            remedy="keep it and use `asza build`, give another --stack name, or say "
            "--force to overwrite it as the diff shows; the text is then kept in "
            f"{self._settings.home / KEPT / self._plan.stack}",
        )

    def _diff(self, change: Change) -> str:
        shown = relative(self._settings, change.path)
        old, new = change.replaces or "", change.text or ""
        return unified(old, new, f"{shown} (on disk)", f"{shown} (to be written)")

    def _edited_modules(self) -> Iterator[Change]:
        """Modules that the plan has too: with --force they are built again."""
        for name, row in self._live.items():
            text = read_text(path := self._module(name))
            if name in self._specs and text and text_hash(text) != row.file_hash:
                yield Change(path, self._as_made(row), text)

    def _as_made(self, row: VersionRow) -> str:
        info = VersionInfo(row.version, row.writer, row.means, row.parent, row.cause)
        stack, words = self._plan.stack, self._plan.vocabulary
        try:
            spec = parse_spec(row.spec_text, stack=stack, vocabulary=words)
        except SpecError:  # its vocabulary was another one
            return row.body
        return render_module(spec, parse_body(row.body), info)

    def _module(self, name: str) -> Path:
        return module_path(self._settings, f"{self._plan.stack}.{name}")

    def _changed(self, path: Path, text: str | None) -> Iterator[Change]:
        old = read_text(path)
        if old != text:
            yield Change(path, text, old)


def _live(store: Store, stack: str) -> dict[str, VersionRow]:
    from core.store import Modules

    return {
        row.module.rpartition(".")[2]: row for row in Modules(store).all_live(stack)
    }
