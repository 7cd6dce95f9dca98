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

from cli.context import Context
from core.errors import DataError, StoreError

if TYPE_CHECKING:
    from core.events import Events
    from core.records import Reflection
    from core.stack import Stack, StackRun
    from core.stack_tick import Decision, Tick, TraceEntry

Say = Callable[[str], None]
Data = dict[str, Any]
TRACED = 20  # newest ticks whose trace is shown


@dataclass(frozen=True)
class RunOptions:
    """What a run is asked to use; nothing in `data` means: find a market."""

    data: tuple[Path, ...] = ()
    given: tuple[dict[str, Any], ...] = ()
    trace: bool = False
    engine: str = "native"
    symbols: tuple[str, ...] = ("BTC/USD",)
    timeframe: str = "1h"


def run_stack(context: Context, name: str, options: RunOptions, say: Say) -> Data:
    """Run a stack over candles, or over inputs when the caller supplies its values."""
    from core.library import open_stack

    stack = open_stack(context.settings, name, context.store)
    if not stack.entries:
        raise DataError(
            f"stack {name} has no module yet",
            field="stack",
            value=name,
            remedy=f"`asza build {name}` writes them from its specs",
        )
    if options.given or _is_called(stack):
        return _call(context, stack, options)
    return _walk(context, stack, options, say)


def _is_called(stack: "Stack") -> bool:
    """Whether the caller gives the stack's starting values, not a market."""
    return not any(map(stack.file.vocabulary.starting_value, stack.starting))


@dataclass
class _Recorded:
    """A run in the making: what it ran, and the summary that is kept of it."""

    run: "StackRun"
    run_id: str
    summary: Data = field(default_factory=dict)


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
        made = _Recorded(StackRun(stack, runtime, trace=options.trace), run_id)
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


def _call(context: Context, stack: "Stack", options: RunOptions) -> Data:
    """One tick a row of inputs: those given, else the specs' own examples."""
    examples = [] if options.given else list(_examples(stack))
    rows = list(options.given) or [inputs for inputs, _ in examples]
    expected: list[Data | None] = [out for _, out in examples]
    expected = expected or [None] * len(rows)
    with _recorded(context, stack, options, "calls") as recorded:
        ticks = [recorded.run.tick({"call": row}) for row in map(_known(stack), rows)]
        calls = [
            _called(row, tick, out)
            for row, tick, out in zip(rows, ticks, expected, strict=True)
        ]
        recorded.summary = {"calls": len(calls)}
    return {
        "kind": "calls",
        "stack": stack.name,
        "run": recorded.run_id,
        "engine": options.engine,
        "versions": stack.versions,
        "calls": calls,
        "trace": _trace(tick["call"] for tick in ticks),
    }


def _examples(stack: "Stack") -> Iterator[tuple[Data, Data]]:
    """Every example that gives a value to each name the stack starts from."""
    for entry in stack.entries.values():
        for example in entry.spec.contract.examples:
            if set(stack.starting) <= set(example.inputs):
                yield dict(example.inputs), dict(example.out)


def _known(stack: "Stack") -> Callable[[Data], Data]:
    """Refuse a row with a name that no module reads: it is a slip of the pen."""

    def known(row: Data) -> Data:
        if strange := sorted(set(row) - set(stack.starting)):
            raise DataError(
                f"stack {stack.name} reads no {', '.join(strange)}",
                field="--in",
                value=row,
                remedy=f"it reads {', '.join(stack.starting)}",
            )
        return row

    return known


def _called(row: Data, tick: "Tick", expected: Data | None) -> Data:
    decision = tick["call"]
    return {
        "inputs": row,
        "outputs": dict(decision.values),
        "expected": expected,
        "remark": "; ".join([*decision.faults.values(), *decision.skipped.values()]),
    }


def _walk(context: Context, stack: "Stack", options: RunOptions, say: Say) -> Data:
    """The stack over candles, with a report."""
    from trading.shell import market, summary, walk
    from trading.shell.fetch import KRAKEN

    names = stack.starts_for("symbol")
    chosen = market.choose(
        options.data,
        names=names,
        symbols=options.symbols,
        timeframe=options.timeframe,
        url=context.settings.kraken_api_url or KRAKEN,
    )
    for line in chosen.describe():
        say(line)
    with _recorded(context, stack, options, "walk") as recorded:
        walked = walk.walk(recorded.run, chosen.candles)
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
    wires = [f"{w.name}: {w.source} → {w.consumer}" for w in stack.wiring.wires]
    return write_report(
        context.settings.home / "reports" / f"{stack.name}.html",
        walked,
        request=stack.file.request,
        reason=reason,
        plan=wires,
        modules=modules,
    )


def _trace(decisions: Iterable["Decision"]) -> list[Data]:
    """The turns of the newest decisions, as plain data; empty without `--trace`."""
    newest = deque(decisions, maxlen=TRACED)
    return [_turn(entry) for decision in newest for entry in decision.trace]


def _turn(entry: "TraceEntry") -> Data:
    turn = entry._asdict()
    turn["elapsed_us"] = turn.pop("elapsed_ns") / 1000
    return turn
