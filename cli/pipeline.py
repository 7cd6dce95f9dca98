"""From a plan to modules on disk, told as it happens.

The specs and the stack file are written once the plan is whole; each module as soon
as it has passed, so that what was paid for is kept if a later one fails.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from cli.context import Context
from core.atomic import write_atomically
from core.errors import (
    AszaError,
    BodyRefused,
    FileEdited,
    NotFound,
    RequestRefused,
)
from core.home import PRIVATE, make_home
from core.places import (
    STACK_FILE,
    relative,
    spec_folder,
    stack_folder,
    stack_folders,
)

# The stages bring libcst and the gate: a second that `asza list` need not wait for.
if TYPE_CHECKING:
    from code_generator import Event, Generated
    from core.gate import CheckResult
    from core.llm import Answer, Exchange, LibraryEntry, OnText, Writer
    from core.plan import Plan
    from core.settings import Settings
    from core.spec import Spec
    from core.vocabulary import Vocabulary


FINAL_PROMPT = "final_prompt_to_architect.txt"


@dataclass(frozen=True)
class Progress:
    """Where a module stands: `kind` is writing, check, made, unchanged, kept or failed."""

    kind: str
    module: str
    detail: str = ""
    seconds: float = 0.0


OnProgress = Callable[[Progress], None]


@dataclass(frozen=True)
class Built:
    """One module as the build left it."""

    module: str
    path: str
    version: int
    writer: str
    means: str
    unchanged: bool
    attempts: int
    cost_usd: Decimal
    seconds: float
    strength: float | None = None
    note: str = ""
    weak: bool = False


@dataclass(frozen=True)
class Builder:
    """What building needs: one for each build, whatever is built."""

    context: Context
    vocabulary: "Vocabulary"
    tell: OnProgress
    cycle: str
    force: bool = False
    reused: Mapping[str, str] = field(default_factory=dict)

    def build(self, spec: "Spec", *, cause: str = "build") -> Built:
        """Write, gate and file one module. Raises what the stages raise."""
        import file_creator

        started = perf_counter()
        made = self._reuse(spec) or self._generate(spec)
        created = file_creator.create(
            spec,
            made.body,
            made.certificate,
            store=self.context.store,
            settings=self.context.settings,
            writer=made.answer.writer,
            means=made.answer.means,
            cause=cause,
            cost_usd=made.cost_usd,
            force=self.force,
        )
        if created.kept:
            self.tell(_kept(spec.stack, created.path, created.kept))
        strength = self._strength(spec, made, created.version)
        seconds = perf_counter() - started
        self._tell_made(spec, made, created.unchanged, strength, seconds)
        return Built(
            module=spec.id,
            path=relative(self.context.settings, created.path),
            version=created.version,
            writer=made.answer.writer,
            means=made.answer.means,
            unchanged=created.unchanged,
            attempts=len(made.attempts),
            cost_usd=made.cost_usd,
            seconds=seconds,
            strength=strength,
            note=made.answer.note,
            weak=strength < spec.gate_strength,
        )

    def _reuse(self, spec: "Spec") -> "Generated | None":
        """The body of the module the plan reuses, judged for this spec; $0."""
        import code_generator
        from core.library import library

        if spec.name not in self.reused:
            return None
        found = library(self.context.settings, self.context.store)
        entry = next(e for e in found if e.module == self.reused[spec.name])
        return code_generator.reuse(
            spec,
            entry,
            sandbox=self.context.sandbox,
            vocabulary=self.vocabulary,
        )

    def _generate(self, spec: "Spec") -> "Generated":
        import code_generator
        from core.llm import writer_for
        from core.store import Recordings

        context = self.context
        self.tell(Progress("writing", spec.id))
        return code_generator.generate(
            spec,
            writer=writer_for("writer", context.settings, context.store),
            sandbox=context.sandbox,
            vocabulary=self.vocabulary,
            library=self._library(spec),
            recordings=Recordings(context.store).list(spec.id),
            cycle=self.cycle,
            on_event=lambda event: self._pass_on(event),
        )

    def _strength(self, spec: "Spec", made: "Generated", version: int) -> float:
        """How many small wrong versions the gate refuses; kept with the certificate."""
        from core.gate.mutation import gate_strength
        from core.store import Modules

        strength = gate_strength(
            spec,
            made.body,
            sandbox=self.context.sandbox,
            vocabulary=self.vocabulary,
        )
        certificate = replace(made.certificate, strength=strength)
        Modules(self.context.store).set_certificate(
            spec.id, version, certificate.as_dict()
        )
        return strength

    def _library(self, spec: "Spec") -> Sequence["LibraryEntry"]:
        """Everything proven, but not the module itself: it is to be written afresh."""
        return [entry for entry in self._all if entry.spec.id != spec.id]

    @cached_property
    def _all(self) -> Sequence["LibraryEntry"]:
        """Read once a build: what a request makes, it does not reuse."""
        from core.library import library

        return library(self.context.settings, self.context.store)

    def _pass_on(self, event: "Event") -> None:
        if event.kind == "check" and event.check is not None:
            self.tell(Progress("check", event.module, _checked(event.check)))
        elif event.kind == "refused":
            self.tell(Progress("failed", event.module, event.text))

    def _tell_made(
        self,
        spec: "Spec",
        made: "Generated",
        unchanged: bool,
        strength: float,
        seconds: float,
    ) -> None:
        checks = len(made.certificate.checks)
        detail = (
            f"{made.answer.writer} ({made.answer.means}) · {checks} checks passed · "
            f"gate strength {strength:.0%}"
        )
        kind = "unchanged" if unchanged else "made"
        self.tell(Progress(kind, spec.id, detail, seconds))


def _checked(check: "CheckResult") -> str:
    verdict = "passed" if check.passed else "FAILED"
    return f"{check.name} {verdict}, {check.figure}"


@dataclass(frozen=True)
class _KeepsPrompt:
    """The architect, the last prompt it was given kept in a file a person can read."""

    inner: "Writer"
    settings: "Settings"

    @property
    def name(self) -> str:
        """Who answers."""
        return self.inner.name

    def answer(self, exchange: "Exchange", on_text: "OnText | None" = None) -> "Answer":
        """The architect's own answer."""
        path = make_home(self.settings.home) / FINAL_PROMPT
        text = f"{exchange.system}\n\n{exchange.user}\n"
        write_atomically(path, self.settings.redacted(text), mode=PRIVATE)
        return self.inner.answer(exchange, on_text)


def make_plan(context: Context, request: str, stack: str | None) -> "Plan":
    """The architect's plan; nothing is written."""
    import ask_architect
    from core.library import library
    from core.llm import writer_for
    from core.vocabulary import load_vocabulary

    settings, store = context.settings, context.store
    return ask_architect.plan(
        request,
        settings=settings,
        writer=_KeepsPrompt(writer_for("architect", settings, store), settings),
        vocabulary=load_vocabulary(settings.asza_vocabulary, settings.asza_vocabulary),
        library=library(settings, store),
        stack=stack,
    )


def plan_data(plan: "Plan") -> dict[str, Any]:
    """A plan as a person and a machine are shown it."""
    data = plan.as_dict()
    data["specs"] = [
        {
            "name": spec.name,
            "role": spec.role,
            "intent": spec.intent,
            "inputs": list(spec.contract.parameters),
            "outputs": list(spec.contract.results),
            "reused": plan.reused.get(spec.name),
        }
        for spec in plan.specs
    ]
    return data


def build_plan(
    context: Context, plan: "Plan", tell: OnProgress, *, force: bool = False
) -> list[Built]:
    """Write the plan's stack file and specs, then its modules one by one."""
    from core.plan_files import write_plan
    from core.store import Plans

    settle(context, lambda _text: None)
    new = not (stack_folder(context.settings, plan.stack) / STACK_FILE).exists()
    written = write_plan(
        plan,
        context.settings,
        context.store,
        force=force,
        on_kept=lambda path, kept: tell(_kept(plan.stack, path, kept)),
    )
    Plans(context.store).save(
        plan.stack, plan.request, plan.as_dict(), plan.architect, plan.cost_usd
    )
    builder = Builder(context, plan.vocabulary, tell, plan.cycle, force, plan.reused)
    built: list[Built] = []
    try:
        built += map(builder.build, plan.specs)
    except (BodyRefused, RequestRefused):
        if new and not built:
            _take_away(written)
        raise
    return built


def _kept(stack: str, path: Path, kept: Path) -> Progress:
    detail = f"{path.name} was edited by hand; its text is kept in {kept}"
    return Progress("kept", f"{stack}.{path.stem}", detail)


def _take_away(written: Sequence[Path]) -> None:
    """A request of which nothing came leaves nothing behind."""
    for path in written:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in written}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


@dataclass(frozen=True)
class Rebuilt:
    """What a build made, and why some modules could not be."""

    built: tuple[Built, ...]
    failures: tuple[AszaError, ...]

    @property
    def failure(self) -> AszaError | None:
        """The first failure, saying how many more there are."""
        if not self.failures:
            return None
        first, *more = self.failures
        if more:
            first.message = f"{first.message} (and {len(more)} more)"
        return first


def build_specs(
    context: Context,
    target: str | None,
    tell: OnProgress,
    *,
    fresh: bool = False,
    force: bool = False,
) -> Rebuilt:
    """Modules for the specs of one module, one stack or all; missing ones only.

    One that cannot be made does not stop the others; money or a database that is not
    there does.
    """
    built: list[Built] = []
    failures: list[AszaError] = []
    for stack in _stacks(context, target):
        builder, specs = _wanted(context, stack, target, tell, fresh=fresh, force=force)
        for spec in specs:
            try:
                built.append(builder.build(spec, cause="fresh" if fresh else "build"))
            except (BodyRefused, RequestRefused, FileEdited) as failure:
                tell(Progress("failed", spec.id, failure.message))
                failures.append(failure)
    return Rebuilt(tuple(built), tuple(failures))


def settle(
    context: Context, say: Callable[[str], None], stack: str | None = None
) -> None:
    """Finish or undo what a crash left half-made; adopt what a clone brought.

    With `stack` nothing of another stack is adopted.
    """
    import file_creator
    from cli.scene import clear_up

    store, settings = context.store, context.settings
    for done in file_creator.recover(store, settings):
        say(f"recovered {done.module}: {done.outcome}, {done.remark}")
    clear_up(context, say)
    for each in file_creator.adopt(
        store=store, settings=settings, sandbox=context.sandbox, stack=stack
    ):
        if each.refused:
            say(f"{each.module} was not adopted: {each.refused}")
        else:
            say(f"adopted {each.module}: it passed the gate")


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


def _wanted(
    context: Context,
    stack: str,
    target: str | None,
    tell: OnProgress,
    *,
    fresh: bool,
    force: bool,
) -> tuple[Builder, list["Spec"]]:
    """Specs without a module that is whole and of this very spec; all if fresh."""
    from core.library import proven, vocabulary_of
    from core.spec import load_specs

    settings, words = context.settings, vocabulary_of(context.settings, stack)
    specs = load_specs(spec_folder(settings, stack), words)
    whole = proven(settings, context.store, stack)
    wanted = [s for s in specs if target in (None, stack, s.id)]
    if not wanted and target not in (None, stack):
        raise NotFound(
            f"there is no spec for {target}",
            field="target",
            value=target,
            remedy=f"there are: {', '.join(s.id for s in specs) or 'none'}",
        )
    builder = Builder(context, words, tell, f"build {stack}", force)
    return builder, [s for s in wanted if fresh or s.name not in whole]
