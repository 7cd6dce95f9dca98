"""Running a stack and gathering what a person or a machine is shown of it."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from time import sleep
from typing import TYPE_CHECKING, Any

from cli.calling import Call, called, given_calls, shown_calls
from cli.context import Context
from cli.keeping import BATCH, Keeper, Policy, Say, engine_of
from cli.recording import recorded
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.stack import Stack
    from core.stack.tick import Decision, Tick, TraceEntry

Data = dict[str, Any]
SYMBOLS, TIMEFRAME = ("BTC/USD",), "1h"
REMEMBERED = Policy("calls", batch=1, restore=True)  # one call, one transaction
TRACED = 20  # newest ticks whose trace is shown


@dataclass(frozen=True)
class RunOptions:
    """What a run is asked to use; nothing in `data` means: find a market.

    Without `symbols` and `timeframe` it is the market that the request named. With
    `record` every decision of a walk and every call of its modules is written down.
    """

    data: tuple[Path, ...] = ()
    given: tuple[dict[str, Any], ...] = ()
    trace: bool = False
    engine: str = "native"
    symbols: tuple[str, ...] = ()
    timeframe: str | None = None
    record: bool = False
    pace: float = 0.0
    loaded_at: int | None = None


def run_stack(context: Context, name: str, options: RunOptions, say: Say) -> Data:
    """Run a stack over candles, or over inputs when the caller supplies its values."""
    from core.stack.parts import called as called_parts
    from core.stack.parts import fed, part
    from core.store import Modules

    loaded_at = Modules(context.store).generation()
    stack = context.stack(name)
    _require_served(stack)
    options = replace(options, loaded_at=loaded_at)
    if options.given:
        given = given_calls(stack, options.given)
        return _call(context, stack, given, options, REMEMBERED, say)
    market, rest = fed(stack), called_parts(stack)
    shown = Policy("examples", BATCH if options.record else 0)
    calls = (
        _call(context, stack, shown_calls(rest), options, shown, say) if rest else {}
    )
    if not market:
        return calls
    walked = _walk(context, part(stack, market), options, say)
    return _both(walked, calls, options) if calls else {**walked, "calls": []}


def _require_served(stack: "Stack") -> None:
    """Refuse a stack whose modules call what only a trader answers: ConfigError."""
    if stack.capabilities:
        raise ConfigError(
            f"stack {stack.name} calls {', '.join(sorted(stack.capabilities))}, which "
            "only a trader answers",
            field="stack",
            value=stack.name,
            remedy=f"`asza trade backtest --stack {stack.name}`, or `asza trade paper "
            f"--stack {stack.name}`",
        )


def _both(walked: Data, calls: Data, options: RunOptions) -> Data:
    """One outcome of a stack that is walked in part and called in part."""
    engines = {**calls["engines"], **walked["engines"]}
    return {
        **walked,
        "calls": calls["calls"],
        "engine": engine_of(engines, options.engine),
        "engines": engines,
        "notes": [*walked["notes"], *calls["notes"]],
        "lost": walked["lost"] + calls["lost"],
        "trace": [*walked["trace"], *calls["trace"]],
    }


def _call(
    context: Context,
    stack: "Stack",
    calls: Iterable[Call],
    options: RunOptions,
    policy: Policy,
    say: Say,
) -> Data:
    """One tick a call."""
    made: list[tuple[Call, Tick]] = []
    with recorded(context, stack, options, policy, say) as kept:
        for call in calls:
            run = kept.keeper.run_of(call.part, call.begins)
            made.append((call, run.tick({"call": call.inputs}, call.inputs)))
        kept.summary = {"calls": len(made)}
    return {
        "kind": "calls",
        "stack": stack.name,
        **kept.told(options),
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
        option="--data",
        names=names,
        symbols=options.symbols or stack.file.settings.get("symbols", SYMBOLS),
        timeframe=options.timeframe or stack.file.settings.get("timeframe", TIMEFRAME),
        url=context.settings.kraken_api_url or KRAKEN,
    )
    for line in chosen.describe():
        say(line)
    policy = Policy("walk", BATCH if options.record else 0)
    with recorded(context, stack, options, policy, say) as kept:
        keeper = kept.keeper
        run = keeper.run_of(stack)
        walked = walk.walk(run, chosen.candles, on_bar=_paced(keeper, options.pace))
        totals = summary.totals(walked)
        kept.summary = totals
    report = _report(context, stack, walked, chosen.reason)
    return {
        "kind": "walk",
        "stack": stack.name,
        **kept.told(options),
        "versions": dict(walked.versions),
        "market": chosen.describe(),
        "totals": totals,
        "decided": summary.summarise(walked),
        "failures": [each._asdict() for each in walked.failures[:50]],
        "silent": keeper.silent(),
        "report": str(report),
        "trace": _trace(decided.decision for decided in walked.decisions),
    }


def _paced(keeper: Keeper, pace: float) -> Callable[[int], None]:
    """What a walk does at each bar: say when it is, and wait for the next as long."""

    def stand(time: int) -> None:
        keeper.stand_at(time)
        sleep(pace)

    return stand if pace else keeper.stand_at


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
