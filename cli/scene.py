"""The act's run: a stack at work, a fault in one module, Wick in a thread beside it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from cli import views
from cli.calling import shown_calls
from cli.context import Context
from cli.keeping import Keeper, Policy
from cli.output import Output
from core.errors import AszaError, StoreError

if TYPE_CHECKING:
    from core.stack import Stack
    from core.stack.tick import Decision, Tick
    from core.store import Modules, VersionRow
    from wick.bench import Bench
    from wick.breaking import Injected

Data = dict[str, Any]
HEALTHY = 25  # ticks before the fault, and after the repair
PACE = 0.01  # seconds a tick waits while the module is broken
MOST_TICKS = 100_000
WRITER = "wick"  # of faults and of repairs
ACT = "act: fault injected"  # how the cause of such a version begins


@dataclass
class Scene:
    """The run, the fault, Wick in a thread of its own, and what was seen of it all."""

    context: Context
    bench: "Bench"
    stack: "Stack"
    module: str
    seed: int
    output: Output
    seconds: float
    ticks: int = 0
    failures: int = 0
    injected: "Injected | None" = None
    began: float = 0.0
    failed_at: float = 0.0
    healed_at: float = 0.0
    healthy: int = 0
    first_failure: str = ""
    next_call: Data = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    verdict: Mapping[str, Any] = field(default_factory=dict)
    settled: Event = field(default_factory=Event)

    def play(self) -> None:
        """Run until the repair was seen to work, Wick gave up, or the time is up."""
        with self._run() as steps:
            for tick in steps:
                self._seen(tick)
                if self._over():
                    return

    def restore(self) -> None:
        """The version that ran before runs again, unless somebody made another live."""
        from core.lineage import rollback
        from core.store import Modules, Probations
        from core.store.probation import REPLACED

        found = self.injected
        if found is None:
            return
        live = Modules(self.context.store).live(found.module)
        ours = live is not None and (
            live.version == found.version
            or (live.parent == found.version and live.writer == WRITER)
        )
        if live is None or not ours:
            self.output.say(
                f"{found.module} was changed by another meanwhile", "yellow"
            )
            return
        store, settings = self.context.store, self.context.settings
        rollback(store, settings, found.module, found.before, replaces=live.version)
        probations = Probations(store)
        if running := probations.running(found.module):
            probations.finish(running.id, REPLACED, "the act is over")
        self.output.say(
            f"the act is over: version {found.before} of {found.module} runs again"
        )

    def told(self) -> Data:
        """What came of it."""
        found = self.injected
        return {
            "kind": "act",
            "stack": self.stack.name,
            "module": found.module if found else self.module,
            "fault": asdict(found) if found else {},
            "ticks": self.ticks,
            "failures": self.failures,
            "first_failure": self.first_failure,
            "repaired": self.healed_at > 0,
            "seconds": round(self.healed_at - self.failed_at, 3)
            if self.healed_at
            else None,
            "next_call": self.next_call,
            "verdict": dict(self.verdict),
            "notes": self.notes,
        }

    def _seen(self, tick: "Tick") -> None:
        """One tick: inject, count failures, or see that the module answers again."""
        self.ticks += 1
        decision = next(iter(tick.values()))
        if self.injected is None:
            if self.ticks >= HEALTHY:
                self._inject()
            return
        if self.module in decision.faults:
            self._failure(decision)
        elif self.verdict and decision.versions[self.module] != self.injected.version:
            self._answers(decision)
        if not self.healed_at:
            sleep(PACE)

    def _inject(self) -> None:
        from wick.breaking import inject

        context = self.context
        self.injected = inject(
            context.store,
            context.settings,
            context.sandbox,
            f"{self.stack.name}.{self.module}",
            self.seed,
            why=ACT,
        )
        self.output.show(views.difference(self.injected.diff))
        self.began = monotonic()
        Thread(target=self._mend, name="wick", daemon=True).start()

    def _mend(self) -> None:
        """Wick, until it has settled the defect."""
        from wick.launcher import Wick

        try:
            wick = Wick(self.bench, self.stack.name)
            while not self.verdict and monotonic() - self.began < self.seconds:
                wick.check_now()
                for defect in wick.round():
                    if self.injected and defect.version == self.injected.version:
                        self.verdict = {"state": defect.state, **defect.verdict}
                sleep(PACE)
        except AszaError as error:
            self.notes.append(f"Wick stopped: {error}")
        finally:
            self.settled.set()

    def _failure(self, decision: "Decision") -> None:
        self.failures += 1
        if not self.first_failure:
            self.failed_at = monotonic()
            self.first_failure = decision.faults[self.module]
            self.output.say(
                f"tick {self.ticks}: {self.module} fails: {self.first_failure}. "
                "The run goes on.",
                "yellow",
            )

    def _answers(self, decision: "Decision") -> None:
        self.healthy += 1
        if self.healed_at:
            return
        self.healed_at = monotonic()
        self.failed_at = self.failed_at or self.began
        names = self.stack.entries[self.module].spec.contract.outputs
        outputs = {n: decision.values[n] for n in names if n in decision.values}
        version = decision.versions[self.module]
        self.next_call = {"tick": self.ticks, "version": version, "outputs": outputs}
        self.output.say(
            f"tick {self.ticks}: version {version} was taken up and answers "
            f"{views.shown(outputs)}",
            "green",
        )

    def _over(self) -> bool:
        if self.healthy >= HEALTHY or self.ticks >= MOST_TICKS:
            return True
        late = bool(self.began) and monotonic() - self.began > self.seconds + 5
        given_up = self.settled.is_set() and self.verdict.get("state") != "repaired"
        return late or given_up

    @contextmanager
    def _run(self) -> "Iterator[Iterator[Tick]]":
        """The stack at work, its failures recorded, one tick at a time."""
        from core.reflections import Reflector
        from core.runtimes import make_runtime

        context, name = self.context, self.stack.name
        with Reflector(context.store, context.settings, "sample") as sink:
            runtime = make_runtime(context.settings, sink, context.sandbox)
            keeper = Keeper(
                context.settings,
                context.store,
                name,
                runtime.run_id,
                runtime,
                Policy("act"),
                lambda _text, _style="dim": None,
            )
            yield _ticks(self.stack, self.module, keeper)
        self.notes += keeper.notes


def _ticks(stack: "Stack", module: str, keeper: Keeper) -> "Iterator[Tick]":
    """Ticks without end: over candles where the module reads a market, else examples."""
    from core.stack.parts import called, fed, part

    market = fed(stack)
    if module in market:
        yield from _over_candles(part(stack, market), keeper)
        return
    while True:
        for call in shown_calls(called(stack)):
            if module in call.part.entries:
                run = keeper.run_of(call.part, call.begins)
                yield run.tick({"call": call.inputs}, call.inputs)


def _over_candles(stack: "Stack", keeper: Keeper) -> "Iterator[Tick]":
    from trading.shell import walk
    from trading.shell.synthetic import generate

    run = keeper.run_of(stack)
    market = generate(bars=600)
    while True:
        yield from walk.ticks(run, [market])


def clear_up(context: Context, say: Callable[[str], None]) -> None:
    """Take back the fault of an act that was killed; one that is playing is left alone."""
    from core.lineage import rollback
    from core.store import Modules
    from core.store.claims import sole_owner

    left = list(_left_by_acts(Modules(context.store)))
    if not left:
        return
    with sole_owner(context.store, ACT) as alone:
        for row, before in left if alone is not None else ():
            store, settings = context.store, context.settings
            try:
                rollback(store, settings, row.module, before, replaces=row.version)
            except StoreError:
                raise
            except AszaError as error:
                say(f"the act on {row.module} was not cleared up: {error}")
            else:
                say(
                    f"recovered {row.module}: an act was cut short, {before} runs again"
                )


def _left_by_acts(modules: "Modules") -> "Iterator[tuple[VersionRow, int]]":
    """Live versions that are an act's fault or Wick's repair of it, and what ran before."""
    for row in modules.all_live():
        fault = row
        if row.writer == WRITER and row.parent is not None:
            parent = modules.version(row.module, row.parent)
            fault = parent if parent.cause.startswith(ACT) else row
        if fault.cause.startswith(ACT) and fault.parent is not None:
            yield row, fault.parent
