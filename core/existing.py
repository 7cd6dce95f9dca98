"""Stacks that stand at the top of the project: a person declared them in a stack.toml.

What a request of their name says joins them: nothing of theirs is written again. (What
stands under generated/ was made by one request, and is that request's alone.)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import AszaError, NotFound, StackError
from core.names import name_fault
from core.places import STACK_FILE, spec_folder, stack_folder, stack_folders
from core.stack.file import read_stack_file
from core.stack.wiring import wire

if TYPE_CHECKING:
    from core.settings import Settings
    from core.spec import Spec
    from core.stack.file import StackFile
    from core.stack.wiring import Wiring

SLIP = (
    0.8  # how like a name is that was mistyped: two letters swapped in seven are 0.86
)


@dataclass(frozen=True)
class ExistingStack:
    """A stack as its stack.toml and its specs declare it, whatever is built of it."""

    file: StackFile
    specs: tuple[Spec, ...]

    @property
    def name(self) -> str:
        """The stack's name, which is its folder's."""
        return self.file.name

    def wiring(self, added: Sequence[Spec] = ()) -> Wiring:
        """How its names connect, with more specs; StackError if they do not."""
        specs = [*self.specs, *added]
        file = self.file
        return wire(specs, file.vocabulary, phases=file.phases, own=file.own)

    def idle(self, added: Sequence[Spec]) -> Iterator[str]:
        """What is added to no effect: it ends no decision, and nothing reads it."""
        read = {wire_.source for wire_ in self.wiring(added).wires}
        for spec in added:
            if "proceed" not in spec.contract.results and spec.name not in read:
                made = ", ".join(spec.contract.results)
                yield f"nothing in {self.name} would read {made}"


def existing_stack(settings: Settings, name: str) -> ExistingStack | None:
    """The stack of that name at the top of the project, if there is one."""
    there = (settings.root / name / STACK_FILE).is_file() and not name_fault(name)
    return declared_stack(settings, name) if there else None


def refuse_slip(settings: Settings, name: str) -> None:
    """Refuse a new stack called almost as one at the top: NotFound asks for that one.

    A name that holds the other whole, as `trading2` does, was meant.
    """
    folders = stack_folders(settings)
    if name in [folder.name for folder in folders]:
        return
    tops = [f.name for f in folders if f.parent == settings.root and f.name not in name]
    for meant in get_close_matches(name, tops, n=1, cutoff=SLIP):
        raise NotFound(
            f"there is no stack '{name}' to join, and its name is too like "
            f"'{meant}' for a new one",
            field="stack",
            value=name,
            remedy=f"did you mean '{meant}'? A new stack needs a name of its own",
        )


def declared_stack(settings: Settings, name: str) -> ExistingStack:
    """The stack of that name, wherever it stands; NotFound when there is none."""
    from core.spec import load_specs

    folder = stack_folder(settings, name)
    file = read_stack_file(folder, chosen=settings.asza_vocabulary)
    specs = load_specs(spec_folder(settings, name), file.vocabulary)
    return ExistingStack(file, tuple(specs))


def stack_asked_by(settings: Settings, request: str) -> ExistingStack | None:
    """The stack at the top that this very request is written down for."""
    wanted = " ".join(request.split())
    tops = [f for f in stack_folders(settings) if f.parent == settings.root]
    asked = (f.name for f in tops if wanted and _request_of(settings, f) == wanted)
    name = next(asked, None)
    return existing_stack(settings, name) if name else None


def _request_of(settings: Settings, folder: Path) -> str:
    """The request on one line; "" where the stack.toml is broken: that is told later."""
    with suppress(AszaError):
        file = read_stack_file(folder, chosen=settings.asza_vocabulary)
        return " ".join(file.request.split())
    return ""


def without(stack: ExistingStack, module: str) -> None:
    """StackError where the stack would not be whole without one of its modules."""
    rest = tuple(spec for spec in stack.specs if spec.name != module)
    try:
        ExistingStack(stack.file, rest).wiring()
    except StackError as error:
        raise StackError(
            f"{stack.name} needs {module}: without it, {error.message}",
            field="module",
            value=f"{stack.name}.{module}",
            where=str(stack.file.path),
            remedy="remove what reads it first, or roll it back instead",
        ) from error
