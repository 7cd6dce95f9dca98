"""Running a stack and gathering what a person or a machine is shown of it."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cli.calling import Call, called, given_calls, shown_calls
from cli.context import Context
from core.errors import NotFound, StoreError

if TYPE_CHECKING:
    from core.events import Events
    from core.records import Reflection
    from core.stack import Stack, StackRun
    from core.stack.tick import Decision, Tick, TraceEntry

Say = Callable[[str], None]
Data = dict[str, Any]
SYMBOLS, TIMEFRAME = ("BTC/USD",), "1h"
TRACED = 20  # newest ticks whose trace is shown


@dataclass(frozen=True)
class RunOptions:
    """What a run is asked to use; nothing in `data` means: find a market.

    Without `symbols` and `timeframe` it is the market that the request named.
    """

    data: tuple[Path, ...] = ()
    given: tuple[dict[str, Any], ...] = ()
    trace: bool = False
    engine: str = "native"
    symbols: tuple[str, ...] = ()
    timeframe: str | None = None


def run_stack(context: Context, name: str, options: RunOptions, say: Say) -> Data:
    """Run a stack over candles, or over inputs when the caller supplies its values."""
    from core.library import open_stack
    from core.stack.parts import called as called_parts
    from core.stack.parts import fed, part

    stack = open_stack(context.settings, name, context.store)
    if not stack.entries:
        raise NotFound(
            f"stack {name} has no module yet",
            field="stack",
            value=name,
            remedy=f"`asza build {name}` writes them from its specs",
        )
    if options.given:
        return _call(context, stack, given_calls(stack, options.given), options)
    market, rest = fed(stack), called_parts(stack)
    calls = _call(context, stack, shown_calls(rest), options) if rest else {}
    if not market:
        return calls
    walked = _walk(context, part(stack, market), options, say)
    trace = [*walked["trace"], *calls.get("trace", ())]
    return {**walked, "calls": calls.get("calls", []), "trace": trace}


@dataclass
class _Recorded:
    """A run in the making: how it runs stacks, and the summary that is kept of it."""

    run_id: str
    start: Callable[["Stack"], "StackRun"]
    summary: Data = field(default_factory=dict)
    runs: dict[frozenset[str], "StackRun"] = field(default_factory=dict)

    def run_of(self, stack: "Stack") -> "StackRun":
        """The run of these modules: one for the whole of it, since it keeps state."""
        modules = frozenset(stack.entries)
        if modules not in self.runs:
            self.runs[modules] = self.start(stack)
        return self.runs[modules]


@contextmanager
def _recorded(
    context: Context, stack: "Stack", options: RunOptions, mode: str
) -> Iterator[_Recorded]:
    """The stack at work; its run and its reflections are kept, however it ends."""
    from core.reflections import Reflector
    from core.runtimes import make_runtime
    from core.stack import StackRun
    from core.store import Runs
    from core.store.retention import retain

    run_id = f"{stack.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"
    runs, settings = Runs(context.store), context.settings
    runs.start(run_id, stack.name, mode, {"engine": options.engine})
    finished = False
    with Reflector(context.store, settings, "sample") as sink:
        runtime = make_runtime(
            settings,
            sink,
            context.sandbox,
            engine=options.engine,
            run_id=run_id,
            notice=_announce(context),
        )
        made = _Recorded(
            run_id, lambda part: StackRun(part, runtime, trace=options.trace)
        )
        try:
            yield made
            finished = True
        finally:
            runs.finish(run_id, made.summary, failed=not finished)
    retain(context.store)


def _announce(context: Context) -> Callable[["Reflection"], None]:
    """Wake whoever listens when a module fails; the failure itself is in the database.

    Redis is opened by the first failure. Without it nobody is woken, and the run goes on.
    """

    @cache
    def events() -> "Events | None":
        from core.events import Events

        try:
            return Events(context.store.redis(), context.settings.redis_prefix)
        except StoreError:
            return None

    def announce(failure: "Reflection") -> None:
        said = {"module": failure.module, "version": failure.version}
        if opened := events():
            opened.publish("module.failed", {**said, "remark": failure.remark})

    return announce


def _call(
    context: Context, stack: "Stack", calls: Iterable[Call], options: RunOptions
) -> Data:
    """One tick a call."""
    made: list[tuple[Call, Tick]] = []
    with _recorded(context, stack, options, "calls") as recorded:
        for call in calls:
            run = recorded.run_of(call.part)
            made.append((call, run.tick({"call": call.inputs}, call.inputs)))
        recorded.summary = {"calls": len(made)}
    return {
        "kind": "calls",
        "stack": stack.name,
        "run": recorded.run_id,
        "engine": options.engine,
        "versions": stack.versions,
        "calls": [called(call, tick) for call, tick in made],
        "trace": _trace(tick["call"] for _, tick in made),
    }


def _walk(context: Context, stack: "Stack", options: RunOptions, say: Say) -> Data:
    """The stack over candles, with a report."""
    from trading.shell import market, summary, walk
    from trading.shell.fetch import KRAKEN

    names = stack.starts_for("symbol")
    chosen = market.choose(
        options.data,
        names=names,
        symbols=options.symbols or stack.file.settings.get("symbols", SYMBOLS),
        timeframe=options.timeframe or stack.file.settings.get("timeframe", TIMEFRAME),
        url=context.settings.kraken_api_url or KRAKEN,
    )
    for line in chosen.describe():
        say(line)
    with _recorded(context, stack, options, "walk") as recorded:
        walked = walk.walk(recorded.run_of(stack), chosen.candles)
        totals = summary.totals(walked)
        recorded.summary = totals
    report = _report(context, stack, walked, chosen.reason)
    return {
        "kind": "walk",
        "stack": stack.name,
        "run": recorded.run_id,
        "engine": options.engine,
        "versions": dict(walked.versions),
        "market": chosen.describe(),
        "totals": totals,
        "decided": summary.summarise(walked),
        "failures": [each._asdict() for each in walked.failures[:50]],
        "report": str(report),
        "trace": _trace(decided.decision for decided in walked.decisions),
    }


def _report(context: Context, stack: "Stack", walked: Any, reason: str) -> Path:
    from trading.shell.report import ReportModule, write_report

    modules = [
        ReportModule(
            name=entry.spec.name,
            role=entry.spec.role,
            version=entry.version,
            body=entry.body,
            writer=getattr(entry, "writer", ""),
            intent=entry.spec.intent,
        )
        for entry in stack.entries.values()
    ]
    return write_report(
        context.settings.home / "reports" / f"{stack.name}.html",
        walked,
        request=stack.file.request,
        reason=reason,
        plan=[_reads(stack, name) for name in stack.entries],
        modules=modules,
    )


def _reads(stack: "Stack", module: str) -> str:
    """A module of the plan in a line: what it reads, and from which module."""
    sources = stack.wiring.sources(module)
    names = [
        name if source in ("starting", "state") else f"{name} (from {source})"
        for name, source in sources.items()
    ]
    outputs = ", ".join(stack.entries[module].spec.contract.results)
    return f"{module}: {', '.join(names)} → {outputs}"


def _trace(decisions: Iterable["Decision"]) -> list[Data]:
    """The turns of the newest decisions, as plain data; empty without `--trace`."""
    newest = deque(decisions, maxlen=TRACED)
    return [_turn(entry) for decision in newest for entry in decision.trace]


def _turn(entry: "TraceEntry") -> Data:
    turn = entry._asdict()
    turn["elapsed_us"] = turn.pop("elapsed_ns") / 1000
    return turn
