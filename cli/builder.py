"""From a spec to a module: a body drafted and judged, then filed, told as it happens."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from cli.context import Context
from core.counting import counted
from core.places import relative, shipped_path

# The stages bring libcst and the gate: a second that `asza list` need not wait for.
if TYPE_CHECKING:
    from code_generator import Event, Generated
    from core.gate import CheckResult
    from core.llm import LibraryEntry
    from core.spec import Spec
    from core.vocabulary import Vocabulary


SHORT_SEARCH = 150_000
"""Candidates a search tries where a body is shipped: what it finds in trading's specs
took 101,000 at most, what it does not find takes five times as long with all."""


@dataclass(frozen=True)
class Progress:
    """Where a module stands: `kind` is writing, check, drafted, made, unchanged, kept,
    failed."""

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
class Drafted:
    """A body that passed the gate and is not filed yet; `seconds` is what it took."""

    spec: "Spec"
    made: "Generated"
    strength: float
    seconds: float

    @property
    def weak(self) -> bool:
        """Whether the gate lets more wrong versions of it through than its spec allows."""
        return self.strength < self.spec.gate_strength

    @property
    def told(self) -> str:
        """Who it is from, and what the gate said, in a line."""
        answer, checks = self.made.answer, len(self.made.certificate.checks)
        return (
            f"{answer.writer} ({answer.means}) · {counted(checks, 'check')} passed · "
            f"gate strength {self.strength:.0%}"
        )


@dataclass(frozen=True)
class Builder:
    """What building needs: one for each build, whatever is built.

    With `fresh` no other module's body is taken before rules and search had their turn;
    without `library` none is taken at all, neither from a module nor as shipped.
    """

    context: Context
    vocabulary: "Vocabulary"
    tell: OnProgress
    cycle: str
    force: bool = False
    reused: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    library: bool = True

    def build(self, spec: "Spec", *, cause: str = "build") -> Built:
        """Write, gate and file one module. Raises what the stages raise."""
        return self.file(self.draft(spec), cause=cause)

    def draft(self, spec: "Spec") -> Drafted:
        """A body for the spec, through the whole gate; nothing is filed."""
        from core.gate.mutation import gate_strength

        started = perf_counter()
        made = self._reuse(spec) or self._generate(spec)
        strength = gate_strength(
            spec, made.body, sandbox=self.context.sandbox, vocabulary=self.vocabulary
        )
        return Drafted(spec, made, strength, perf_counter() - started)

    def file(
        self, drafted: Drafted, *, cause: str = "build", replaces: int | None = None
    ) -> Built:
        """Make a drafted body the live version; with `replaces` only of that one."""
        import file_creator

        spec, made, started = drafted.spec, drafted.made, perf_counter()
        created = file_creator.create(
            spec,
            made.body,
            made.certificate.with_strength(drafted.strength),
            store=self.context.store,
            settings=self.context.settings,
            writer=made.answer.writer,
            means=made.answer.means,
            cause=cause,
            cost_usd=made.cost_usd,
            force=self.force,
            replaces=replaces,
        )
        if created.kept:
            self.tell(kept(spec.stack, created.path, created.kept))
        seconds = drafted.seconds + perf_counter() - started
        kind = "unchanged" if created.unchanged else "made"
        self.tell(Progress(kind, spec.id, drafted.told, seconds))
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
            strength=drafted.strength,
            note=made.answer.note,
            weak=drafted.weak,
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

        context, shipped = self.context, self._shipped(spec)
        self.tell(Progress("writing", spec.id))
        return code_generator.generate(
            spec,
            writer=writer_for("writer", context.settings, context.store),
            sandbox=context.sandbox,
            vocabulary=self.vocabulary,
            library=self._library(spec),
            shipped=shipped if self.library else "",
            steps_of_search=SHORT_SEARCH if shipped else 0,
            recordings=Recordings(context.store).list(spec.id),
            cycle=self.cycle,
            on_event=lambda event: self._pass_on(event),
        )

    def _library(self, spec: "Spec") -> Sequence["LibraryEntry"]:
        """Everything proven, but not the module itself: it is to be written afresh."""
        if self.fresh or not self.library:
            return ()
        return [entry for entry in self._all if entry.spec.id != spec.id]

    def _shipped(self, spec: "Spec") -> str:
        """The body that came along with the spec; "" where there is none."""
        from core.atomic import read_text

        return read_text(shipped_path(self.context.settings, spec.id)) or ""

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


def kept(stack: str, path: Path, there: Path) -> Progress:
    """That a text edited by hand was put aside."""
    detail = f"{path.name} was edited by hand; its text is kept in {there}"
    return Progress("kept", f"{stack}.{path.stem}", detail)


def _checked(check: "CheckResult") -> str:
    verdict = "passed" if check.passed else "FAILED"
    return f"{check.name} {verdict}, {check.figure}"
