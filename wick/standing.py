"""A module as it stands: its law, the version that runs, and what it has lived through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.atomic import read_text
from core.errors import StackError
from core.library import vocabulary_of
from core.module_file import text_hash
from core.places import module_path, spec_path, split_id, stack_folder
from core.spec import Spec, load_spec
from core.stack.file import read_stack_file
from core.store import LIVE, RETIRED, Modules, Recordings

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Recording, Store, VersionRow
    from core.vocabulary import Vocabulary


@dataclass(frozen=True)
class Standing:
    """The live version of a module with everything a repair of it is judged by.

    `vocabulary_name` is the dotted name its stack.toml gives; `history` every version,
    oldest first.
    """

    spec: Spec
    row: VersionRow
    vocabulary: Vocabulary
    vocabulary_name: str
    recordings: tuple[Recording, ...]
    history: tuple[VersionRow, ...]

    @property
    def earlier(self) -> list[VersionRow]:
        """Versions that ran before under this very spec, the newest first."""
        return [
            row
            for row in reversed(self.history)
            if row.state == RETIRED
            and row.version != self.row.version
            and row.certificate is not None
            and row.spec_digest == self.spec.digest
        ]


def standing(store: Store, settings: Settings, module: str) -> Standing:
    """The module as it stands now.

    StackError when no version of it runs, when its file was edited by hand, or when its
    spec is another than the one its version was made for: a person is at work there.
    """
    modules = Modules(store)
    row = modules.live(module)
    if row is None:
        raise _not_ours(module, "no version of it runs", f"`asza build {module}`")
    _refuse_edited(settings, row)
    stack, _ = split_id(module)
    words = vocabulary_of(settings, stack)
    spec = load_spec(spec_path(settings, module), words)
    if spec.digest != row.spec_digest:
        why = f"its spec has changed since version {row.version} was made"
        raise _not_ours(module, why, f"`asza build {module}` writes it anew")
    return Standing(
        spec,
        row,
        words,
        _vocabulary_name(settings, stack),
        tuple(Recordings(store).list(module)),
        tuple(modules.history(module)),
    )


def live_modules(store: Store, stack: str | None = None) -> list[str]:
    """The modules that run, of one stack or of all."""
    return [row.module for row in Modules(store).all_live(stack) if row.state == LIVE]


def _refuse_edited(settings: Settings, row: VersionRow) -> None:
    text = read_text(module_path(settings, row.module))
    if text is None or text_hash(text) != row.file_hash:
        raise _not_ours(
            row.module,
            "its file is not the one that was written: somebody edits it by hand",
            f"mend it by hand, or `asza build {row.module} --force`",
        )


def _vocabulary_name(settings: Settings, stack: str) -> str:
    folder = stack_folder(settings, stack)
    return read_stack_file(folder, chosen=settings.asza_vocabulary).vocabulary_name


def _not_ours(module: str, why: str, remedy: str) -> StackError:
    return StackError(
        f"{module} is not repaired: {why}", field="module", value=module, remedy=remedy
    )
