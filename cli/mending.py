"""`asza wick watch`, `accept`, `retry`: repairs as they happen, and a person's word."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from decimal import Decimal
from threading import Event
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.beside import ending
from cli.context import Context
from cli.output import Json, Output
from core.errors import NotFound

if TYPE_CHECKING:
    from wick.bench import Bench, Limits
    from wick.launcher import Waiting, Wick
    from wick.telling import Tell, Told

Number = Annotated[int, typer.Argument(help="A defect, as `asza wick report` shows.")]
Without = Annotated[
    str, typer.Option(help="Rungs not to climb, comma between: 'last good,model'.")
]
Seconds = Annotated[
    float, typer.Option(min=0.1, max=3600, help="What one repair may take.")
]
Clones = Annotated[
    int, typer.Option(min=0, max=8, help="Clones at work at once; 0: one a core.")
]
Dollars = Annotated[
    float | None, typer.Option(min=0, help="What one repair may cost in all, USD.")
]


def register(app: typer.Typer) -> None:
    """Add these commands to `asza wick`."""
    for command in (watch, accept, retry):
        app.command()(command)


def watch(
    stack: Annotated[str | None, typer.Argument(help="Default: every stack.")] = None,
    once: Annotated[
        bool, typer.Option("--once", help="See through what is open, then end.")
    ] = False,
    without: Without = "",
    seconds: Seconds = 30.0,
    dollars: Dollars = None,
    clones: Clones = 0,
    attached: Annotated[bool, typer.Option("--attached", hidden=True)] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A line of JSON an event, on stdout.")
    ] = False,
) -> None:
    """Watch for modules that fail; diagnose, repair, prove and swap while they run."""
    from cli.watching import Board
    from wick.launcher import Wick, woken

    output, stop = Output(as_json), Event()
    chosen = limits(without, seconds, dollars)
    with Context() as context:
        if stack is not None:
            _demand_stack(context, stack)
        board = Board(output.out)
        tell = _line if as_json else board.tell
        with bench(context, tell, chosen, clones) as made:
            told = ending(stop, once=once, attached=attached)
            with board.shown(), woken(made, stop) as wait:
                wick = Wick(made, stack)
                wick.watch(told, _refusals_too(context, wick, wait))


def _refusals_too(context: Context, wick: "Wick", wait: "Waiting") -> "Waiting":
    """A wait that looks for refused intents of the stack that is watched, if it is one."""
    from cli.refused import Refused

    if wick.stack is None:
        return wait
    refused = Refused(context.store, wick.stack, wick.intake)
    refused.take()
    return refused.around(wait)


def limits(without: str, seconds: float, dollars: float | None) -> "Limits":
    """What was typed as limits; typer.BadParameter names the rungs there are."""
    from wick.bench import Limits
    from wick.clones import RUNGS

    left_out = {name.strip() for name in without.split(",") if name.strip()}
    if strange := sorted(left_out - set(RUNGS)):
        raise typer.BadParameter(
            f"'{strange[0]}' is no rung: use {', '.join(RUNGS)}", param_hint="--without"
        )
    rungs = tuple(rung for rung in RUNGS if rung not in left_out)
    money = None if dollars is None else Decimal(str(dollars))
    return Limits(rungs, seconds, money)


@contextmanager
def bench(
    context: Context, tell: "Tell", chosen: "Limits", clones: int = 0
) -> Iterator["Bench"]:
    """Everything a Wick works with, its workers warming up."""
    from wick.announcing import announcing
    from wick.bench import Bench
    from wick.executors import executor

    told = announcing(context.store, tell)
    with executor(context.settings, clones) as running:
        yield Bench(
            context.store, context.settings, context.sandbox, running, told, chosen
        )


def _line(told: "Told") -> None:
    if told.kind == "idle":
        return
    sys.stdout.write(json.dumps(asdict(told), default=str) + "\n")
    sys.stdout.flush()


def _demand_stack(context: Context, stack: str) -> None:
    from core.places import stack_folders

    names = [folder.name for folder in stack_folders(context.settings)]
    if stack not in names:
        raise NotFound(
            f"there is no stack {stack}",
            field="stack",
            value=stack,
            remedy=f"there are: {', '.join(names) or 'none yet'}",
        )


def accept(defect: Number, as_json: Json = False) -> None:
    """Say yes to a proposed repair: it goes through the gate again and becomes live."""
    from wick.accepting import accept as take

    with Context() as context:
        done = take(context.store, context.settings, context.sandbox, defect)
    Output(as_json).answer(
        asdict(done),
        lambda console, d: console.print(
            f"{d['module']}: version {d['version']} runs instead of {d['before']}, on "
            "probation",
            markup=False,
        ),
    )


def retry(defect: Number, as_json: Json = False) -> None:
    """Open a settled defect again: with another example, key or limit it may end well."""
    from core.store import Defects

    with Context() as context:
        done = Defects(context.store).reopen(defect)
    data: dict[str, Any] = {
        "defect": done.id,
        "module": done.module,
        "state": done.state,
    }
    Output(as_json).answer(
        data,
        lambda console, d: console.print(
            f"defect {d['defect']} of {d['module']} is open: `asza wick watch --once` "
            "sees it through",
            markup=False,
        ),
    )
