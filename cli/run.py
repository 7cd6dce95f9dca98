"""`asza run`: a stack over candles, or over inputs a person gives."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import views
from cli.calling import failure_of
from cli.context import Context
from cli.output import Json, Output
from cli.pipeline import settle
from cli.running import RunOptions, run_stack
from core.counting import counted
from core.errors import DataError

Data = Annotated[
    list[Path] | None,
    typer.Option(
        "--data",
        envvar="DATA",
        show_envvar=False,
        help="Candles: a CSV, a CSV.gz, or a folder. May be given several times. "
        "Default: Kraken's newest candles, else a synthetic market, labelled so.",
    ),
]
Given = Annotated[
    str | None,
    typer.Option("--in", help='Inputs as JSON, one object or a list: {"a": 2}.'),
]
Trace = Annotated[
    bool, typer.Option("--trace", help="Show each module's inputs, outputs, time.")
]
Engine = Annotated[
    str, typer.Option(help="native (certified bodies only) or sandbox (all).")
]
Symbols = Annotated[
    str | None,
    typer.Option(
        "--symbol",
        help="Markets to fetch, comma between. Default: the request's, else BTC/USD.",
    ),
]
Timeframe = Annotated[
    str | None,
    typer.Option(
        help="Candles to fetch: 1m, 15m, 1h… Default: the request's, else 1h."
    ),
]
Record = Annotated[
    bool,
    typer.Option(
        "--record", help="Write down every decision of a walk and every module's call."
    ),
]
Pace = Annotated[
    float,
    typer.Option(
        min=0, max=3600, help="Seconds to wait at each bar: a run that goes on."
    ),
]
ENGINES = ("native", "sandbox")


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(run)


def run(
    stack: Annotated[str, typer.Argument(help="As `asza list` shows.")],
    data: Data = None,
    given: Given = None,
    trace: Trace = False,
    engine: Engine = "native",
    symbol: Symbols = None,
    timeframe: Timeframe = None,
    record: Record = False,
    pace: Pace = 0.0,
    as_json: Json = False,
) -> int:
    """Run a stack over candles (or `--in` inputs) and show what it decided."""
    output = Output(as_json)
    chosen = options(
        data, given, trace, engine, symbol, timeframe, record=record, pace=pace
    )
    with Context() as context:
        settle(context, output.say, stack)
        outcome = run_stack(context, stack, chosen, output.say)
    failed = failure_of(outcome, stack)
    return output.conclude(outcome, show_run, failed)


def options(
    data: list[Path] | None,
    given: str | None,
    trace: bool,
    engine: str,
    symbol: str | None,
    timeframe: str | None,
    *,
    record: bool = False,
    pace: float = 0.0,
) -> RunOptions:
    """What was typed, checked; typer.BadParameter or DataError for what cannot be."""
    if engine not in ENGINES:
        raise typer.BadParameter(f"'{engine}' is no engine: use native or sandbox")
    symbols = tuple(s.strip() for s in (symbol or "").split(",") if s.strip())
    if symbol is not None and not symbols:
        raise typer.BadParameter("name at least one market, as BTC/USD")
    return RunOptions(
        data=tuple(data or ()),
        given=rows_of(given) if given is not None else (),
        trace=trace,
        engine=engine,
        symbols=symbols,
        timeframe=timeframe,
        record=record,
        pace=pace,
    )


def rows_of(text: str) -> tuple[dict[str, Any], ...]:
    """`--in` as rows; DataError when it is no JSON object or list of objects."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _bad_rows(text, str(error)) from error
    rows = found if isinstance(found, list) else [found]
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise _bad_rows(text, "it is no object and no list of objects")
    return tuple(rows)


def _bad_rows(text: str, why: str) -> DataError:
    return DataError(
        f"--in cannot be read: {why}",
        field="--in",
        value=text,
        remedy="""give one JSON object, as --in '{"a": 2, "b": 3}', or a list of them""",
    )


def show_run(console: Console, outcome: dict[str, Any]) -> None:
    """What a run decided, for a person."""
    if outcome["kind"] == "calls":
        _show_calls(console, outcome)
        console.print(f"engine: {outcome['engine']}", markup=False)
    else:
        _show_walk(console, outcome)
        if outcome["calls"]:
            _show_calls(console, outcome)
    if outcome["lost"]:
        lost = counted(outcome["lost"], "call is", "calls are")
        them = "it" if outcome["lost"] == 1 else "them"
        console.print(
            f"[yellow]{lost} recorded nowhere[/]: neither the database nor the spool "
            f"took {them}"
        )
    for entry in outcome.get("trace", ()):
        console.print(escape(trace_line(entry)))


def _show_calls(console: Console, outcome: dict[str, Any]) -> None:
    cells = (
        (each["inputs"], each["outputs"], each["expected"], each["remark"])
        for each in outcome["calls"]
    )
    columns = ("inputs", "outputs", "example says", "remark")
    console.print(views.table(f"{outcome['stack']} called", columns, cells))


def _show_walk(console: Console, outcome: dict[str, Any]) -> None:
    totals = outcome["totals"]
    if totals["synthetic"]:
        console.print("[bold black on yellow] SYNTHETIC MARKET [/] not real candles")
    head = (
        f"what {outcome['stack']} decided · {', '.join(totals['symbols'])} "
        f"{totals['timeframe']} · {totals['from']} to {totals['to']}"
    )
    cells = (
        (each["module"], each["output"], each["said"], each["failures"])
        for each in outcome["decided"]
    )
    columns = ("module", "output", "over all decisions", "failures")
    console.print(views.table(head, columns, cells))
    console.print(
        f"{counted(totals['bars'], 'bar')}, {counted(totals['decisions'], 'decision')}, "
        f"{counted(totals['trades'], 'trade')}, {counted(totals['failures'], 'failure')}, "
        f"{totals['seconds']:.2f} s ({outcome['engine']})"
    )
    console.print("[dim]No fees, no slippage: this is no backtest and no profit.[/]")
    console.print(f"report: {outcome['report']}", markup=False, soft_wrap=True)


def trace_line(entry: Mapping[str, Any]) -> str:
    """One module's turn in a line."""
    inputs, outputs = views.shown(entry["inputs"]), views.shown(entry["outputs"])
    head = f"{entry['symbol']} {entry['module']}@{entry['version']}"
    tail = f"{entry['elapsed_us']:.0f} µs {entry['outcome']} {entry['remark']}"
    return f"{head}  {inputs}  →  {outputs}  ({tail.strip()})"
