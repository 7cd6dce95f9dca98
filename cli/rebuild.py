"""Modules from specs that are there already: which are wanted, and the missing ones."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cli.builder import Builder, Built, OnProgress, Progress
from cli.context import Context
from core.errors import (
    AszaError,
    BodyRefused,
    FileEdited,
    NotFound,
    RequestRefused,
)
from core.places import spec_folder, stack_folders

if TYPE_CHECKING:
    from core.spec import Spec


@dataclass(frozen=True)
class Wanted:
    """What is to be built: everything asked for, or with `fresh` all of it again.

    `force` overwrites files edited by hand; without `library` no body is taken that
    exists already, however well it fits.
    """

    target: str | None = None
    fresh: bool = False
    force: bool = False
    library: bool = True


@dataclass(frozen=True)
class Rebuilt:
    """What a build made, and why some modules could not be."""

    built: tuple[Built, ...] = ()
    failures: tuple[AszaError, ...] = ()
    library: bool = True

    @property
    def failure(self) -> AszaError | None:
        """The first failure, saying how many more there are."""
        if not self.failures:
            return None
        if not self.library:
            return unwritten(self.failures)
        first, *more = self.failures
        if more:
            first.message = f"{first.message} (and {len(more)} more)"
        return first


def unwritten(failures: tuple[AszaError, ...]) -> BodyRefused:
    """What can be written by nobody here, once the library is switched off."""
    named = ", ".join(failure.field or failure.where for failure in failures)
    some = "one module" if len(failures) == 1 else f"{len(failures)} modules"
    return BodyRefused(
        f"{some} cannot be written without the library: {named}",
        field="--no-library",
        value=named,
        remedy="leave --no-library out, add examples to their specs, or set a "
        "model's key in .env",
    )


def build_specs(context: Context, wanted: Wanted, tell: OnProgress) -> Rebuilt:
    """Modules for the specs of one module, one stack or all; missing ones only.

    One that cannot be made does not stop the others; money or a database that is not
    there does.
    """
    built: list[Built] = []
    failures: list[AszaError] = []
    for builder, spec in each_wanted(context, wanted, tell):
        try:
            built.append(builder.build(spec))
        except (BodyRefused, RequestRefused, FileEdited) as failure:
            tell(Progress("failed", spec.id, failure.message))
            failures.append(failure)
    return Rebuilt(tuple(built), tuple(failures), wanted.library)


def each_wanted(
    context: Context, wanted: Wanted, tell: OnProgress
) -> Iterator[tuple[Builder, "Spec"]]:
    """Every spec to be built with its builder, stack by stack."""
    for stack in _stacks(context, wanted.target):
        builder, specs = _of_stack(context, stack, wanted, tell)
        for spec in specs:
            yield builder, spec


def _stacks(context: Context, target: str | None) -> list[str]:
    """The stacks a target means; NotFound when there is none."""
    names = [folder.name for folder in stack_folders(context.settings)]
    if target is None:
        return names
    from core.plan_files import restore_stack_file

    stack = target.partition(".")[0]
    if stack not in names and not restore_stack_file(
        context.settings, context.store, stack
    ):
        raise NotFound(
            f"there is no stack {stack}",
            field="target",
            value=target,
            remedy=f"there are: {', '.join(names) or 'none yet'}",
        )
    return [stack]


def _of_stack(
    context: Context, stack: str, wanted: Wanted, tell: OnProgress
) -> tuple[Builder, list["Spec"]]:
    """Specs without a module that is whole and of this very spec; all if fresh."""
    from core.library import proven, vocabulary_of
    from core.spec import load_specs

    settings, words = context.settings, vocabulary_of(context.settings, stack)
    specs = load_specs(spec_folder(settings, stack), words)
    target = wanted.target
    meant = [s for s in specs if target in (None, stack, s.id)]
    if not meant and target not in (None, stack):
        raise NotFound(
            f"there is no spec for {target}",
            field="target",
            value=target,
            remedy=f"there are: {', '.join(s.id for s in specs) or 'none'}",
        )
    whole = set() if wanted.fresh else proven(settings, context.store, stack)
    lacking = [s for s in meant if s.name not in whole]
    builder = Builder(
        context,
        words,
        _Counting(tell, len(lacking)),
        f"build {stack}",
        wanted.force,
        fresh=wanted.fresh,
        library=wanted.library,
    )
    return builder, lacking


@dataclass
class _Counting:
    """Tells of each module that is being written which of how many it is."""

    tell: OnProgress
    of: int
    _seen: set[str] = field(default_factory=set)

    def __call__(self, progress: Progress) -> None:
        self._seen.add(progress.module)
        if progress.kind == "writing" and self.of > 1:
            progress = replace(progress, detail=f"{len(self._seen)} of {self.of}")
        self.tell(progress)
