"""`asza ask` and `asza plan`: from a sentence to a running stack, shown as it happens."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, Group
from rich.markup import escape

from cli import views
from cli.act import show_act
from cli.apart import holds_keys, run_apart
from cli.builder import Built, Progress
from cli.calling import failure_of
from cli.context import Context
from cli.output import Json, Output, UsageError
from cli.pipeline import build_plan, make_plan, plan_data
from cli.run import Data, Engine, Symbols, Timeframe, Trace, options, show_run
from cli.running import RunOptions, run_stack
from core.errors import ModuleFailed, NotFound, RequestRefused

if TYPE_CHECKING:
    from core.plan import Plan

LONGEST_PATH = 255  # characters; systems refuse to look for longer names
DEFAULT_REQUEST = (
    "Buy BTC when EMA 9 crosses above EMA 21, RSI 14 is below 70 and volume is above "
    "1.2 times its 20-bar average. Sell when EMA 9 crosses below EMA 21 or RSI 14 is "
    "above 80. Stop loss 2 ATR, take profit 3 ATR. Risk 1 % of equity per trade."
)

WEAK = (
    "the gate lets most wrong versions of it through too; "
    "add examples or invariants to its spec before you trust it"
)

Request = Annotated[
    str | None,
    typer.Argument(
        envvar="ASK",
        help="What you want, in your words. Default: a moving-average strategy.",
        show_envvar=False,
    ),
]
RequestFile = Annotated[
    Path | None,
    typer.Option("--file", "-f", help="Read the request from a file; - is stdin."),
]
StackName = Annotated[
    str | None, typer.Option("--stack", help="Its name. Default: made of the request.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(ask)
    app.command()(plan)


def plan(
    request: Request = None,
    stack: StackName = None,
    file: RequestFile = None,
    as_json: Json = False,
) -> None:
    """Show the plan and stop; nothing is written."""
    output = Output(as_json)
    asked = requested(request, file)
    with Context() as context:
        made = make_plan(context, DEFAULT_REQUEST if asked is None else asked, stack)
    if as_json:  # one document: the plan, or the refusal
        refuse_gaps(made)
    output.answer(plan_data(made), views.plan)
    refuse_gaps(made)


def ask(
    request: Request = None,
    stack: StackName = None,
    file: RequestFile = None,
    data: Data = None,
    given: Annotated[str | None, typer.Option("--in", help="Inputs as JSON.")] = None,
    trace: Trace = False,
    engine: Engine = "native",
    symbol: Symbols = None,
    timeframe: Timeframe = None,
    run: Annotated[bool, typer.Option(help="Run the stack once it is built.")] = True,
    force: Annotated[
        bool, typer.Option(help="Overwrite files edited by hand.")
    ] = False,
    act: Annotated[
        bool, typer.Option("--act", help="Then break a module and watch it repaired.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Plan, build and run a request: the whole job."""
    output = Output(as_json)
    chosen = options(data, given, trace, engine, symbol, timeframe)
    if run and chosen.data:
        read_candles(chosen.data)
    asked = requested(request, file)
    with Context() as context:
        if asked is None:
            output.say("no request given, so the default one is used")
        made = make_plan(context, DEFAULT_REQUEST if asked is None else asked, stack)
        # What joins a stack is run with that stack, by the commands that trade it.
        run = run and not made.joins
        if not as_json:
            output.show(views.frame(made.request, "request"))
            views.plan(output.out, plan_data(made))
        refuse_gaps(made)
        built = build_plan(
            context, made, lambda progress: tell(output, progress), force=force
        )
        answer: dict[str, Any] = {"plan": plan_data(made)}
        answer["built"] = [asdict(each) for each in built]
        if not as_json:
            show_built(output.out, built)
        if run:
            answer["run"] = _run(context, made.stack, chosen, output)
            if not as_json:
                show_run(output.out, answer["run"])
        if run and act:
            answer["act"] = _act(context, made.stack, output)
    failed = _failure(answer.get("run", {}), made.stack)
    return output.conclude(
        answer, lambda to, told: _show_end(to, told, made, built), failed
    )


def requested(request: str | None, file: Path | None) -> str | None:
    """What was typed, or what stands in a file or on stdin; None when nothing is said."""
    if file is None and request != "-":
        _refuse_path(request or "")
        return request
    if file is not None and request is not None:
        raise typer.BadParameter("say the request, or --file, not both")
    try:
        if file is None or str(file) == "-":
            return sys.stdin.read()
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotFound(
            f"the request cannot be read: {error}",
            field="--file",
            value=str(file),
            remedy="name a text file in UTF-8, or - for stdin",
        ) from error


def _refuse_path(request: str) -> None:
    """A request is words; who types a file's path means what stands in it."""
    if (
        len(request.split()) == 1
        and len(request) < LONGEST_PATH
        and Path(request).is_file()
    ):
        raise UsageError(
            f"'{request}' is a file, and a request is a sentence",
            field="request",
            value=request,
            remedy=f"say --file {request} to read the request from it",
        )


def read_candles(data: Sequence[Path]) -> None:
    """Refuse candles that cannot be used before anything is planned or built."""
    from trading.shell.candle_files import read_all
    from trading.shell.candle_refusals import given_by

    with given_by("--data"):
        read_all(data)


def _run(
    context: Context, stack: str, chosen: RunOptions, output: Output
) -> dict[str, Any]:
    """Run what was built: in another process if this one may have read a key."""
    if chosen.engine == "native" and holds_keys(context.settings):
        return run_apart(stack, chosen, context.settings)
    return run_stack(context, stack, chosen, output.say)


def _failure(outcome: dict[str, Any], stack: str) -> ModuleFailed | None:
    """Why the run is no success; what was run apart has its failure in its answer."""
    failed = failure_of(outcome, stack)
    if failed:
        failed.told = "exit_code" in outcome
    return failed


def _act(context: Context, stack: str, output: Output) -> dict[str, Any]:
    """A fault on purpose, and its repair; {} where no fault of this stack shows."""
    from cli.act import play

    try:
        return play(context, stack, output)
    except RequestRefused as refused:
        output.say(f"no act: {refused}")
        return {}


def _show_end(
    console: Console, answer: dict[str, Any], plan: "Plan", built: Sequence[Built]
) -> None:
    """What a person has not seen yet: how the act went, and what to try."""
    if answer.get("act"):
        show_act(console, answer["act"])
    console.print(joined_commands(plan, built) if plan.joins else next_commands(plan))


def refuse_gaps(plan: "Plan") -> None:
    """A plan with a part that nobody understood is shown, and not built."""
    if not plan.not_understood:
        return
    quoted = "; ".join(f"“{part[:200]}”" for part in plan.not_understood)
    raise RequestRefused(
        f"this part was not understood: {quoted}",
        field="request",
        value=plan.not_understood[0],
        remedy="say it another way (docs/rules.md has the sentences), leave it out, "
        "give examples as “f(2, 3) is 5”, or set a model's key in .env",
    )


def tell(output: Output, progress: Progress) -> None:
    """A line as each module goes on; checks are shown while they run."""
    if progress.kind == "check":
        return
    mark = {
        "made": "✓",
        "drafted": "✓",
        "unchanged": "=",
        "failed": "✗",
        "writing": "…",
        "kept": "!",
    }
    name = progress.module.rpartition(".")[2]
    line = f"{mark[progress.kind]} {name} {progress.detail}".rstrip()
    if progress.kind in ("made", "drafted", "unchanged"):
        line = f"{line} · {progress.seconds:.2f} s"
    style = {"failed": "yellow", "kept": "yellow", "made": "green"}.get(
        progress.kind, "dim"
    )
    output.say(line, style)


def show_built(console: Console, built: Sequence[Built]) -> None:
    """The files, who wrote them, and how."""
    if not built:
        console.print("nothing was written: every module is there already")
        return
    rows = (
        (
            each.path,
            f"version {each.version}" + (" (unchanged)" if each.unchanged else ""),
            f"{each.writer} ({each.means})",
            "–" if each.strength is None else f"{each.strength:.0%}",
            f"${each.cost_usd:.4f}",
        )
        for each in built
    )
    columns = ("file", "", "writer", "gate strength", "cost")
    console.print(views.table("files", columns, rows))
    for each in built:
        name = each.module.rpartition(".")[2]
        if each.weak:
            console.print(f"[yellow]weak[/] {escape(name)}: {WEAK}")
        if each.note:
            console.print(f"[yellow]note[/] {escape(f'{name}: {each.note}')}")


def next_commands(plan: "Plan") -> Group:
    """Three commands worth typing now."""
    first = plan.specs[0].id
    lines = (
        (f"./asza show {first}", "its ten lines and its certificate"),
        (f"./asza run {plan.stack} --trace", "each module's inputs, outputs, time"),
        (f"./asza break {first}", "a fault on purpose; `asza wick watch` mends it"),
    )
    return _commands(lines)


def joined_commands(plan: "Plan", built: Sequence[Built]) -> Group:
    """What to do with what joined a stack, and how to take it out again."""
    lines = [(f"./asza show {each.module}", "its ten lines") for each in built[:1]]
    lines.append((f"./asza list {plan.stack}", "every module of the stack"))
    lines += [
        (f"./asza remove {each.module}", "takes it out again") for each in built[:1]
    ]
    return _commands(lines)


def _commands(lines: Sequence[tuple[str, str]]) -> Group:
    shown = [f"  [bold]{escape(line)}[/]  [dim]{what}[/]" for line, what in lines]
    return Group("next:", *shown)
