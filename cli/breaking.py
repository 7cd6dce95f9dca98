"""The command `break`: put a realistic fault into a module, to watch Wick work."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import views
from cli.context import Context
from cli.modules import ModuleName
from cli.output import Json, Output
from core.counting import counted
from wick.faults import Kind

Data = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("break")(break_module)


def break_module(
    name: ModuleName,
    seed: Annotated[int, typer.Option(help="Another number, another fault.")] = 0,
    kind: Annotated[
        Kind | None, typer.Option(help="Only a fault of this kind.")
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="Show the faults there are; change nothing.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Put one realistic fault into a module, uncertified, so that Wick has work."""
    output = Output(as_json)
    if listed:
        output.answer(_listed(name, kind), _list_view)
        return
    from wick.breaking import inject

    stack = name.partition(".")[0]
    with Context() as context:
        done = inject(
            context.store, context.settings, context.sandbox, name, seed, kind
        )
        runs = _runs(context, stack)
    data = {
        **asdict(done),
        "seed": seed,
        "next": {
            **runs,
            "repair it without a run": f"asza wick watch {stack} --once",
            "take it back": f"asza rollback {name}",
        },
    }
    output.answer(data, _view)


def _runs(context: Context, name: str) -> Data:
    """The command that runs the stack while Wick watches it."""
    from core.library import open_stack

    stack = open_stack(context.settings, name, context.store)
    if not stack.capabilities:
        return {"see it fail and be repaired": f"asza run {name} --pace 0.05"}
    return {
        "see it fail and be repaired in a trader, one that runs or a new one": (
            f"asza trade paper --stack {name}"
        )
    }


def _listed(name: str, kind: Kind | None) -> list[Data]:
    from wick.breaking import injectable

    with Context() as context:
        found = injectable(context.store, context.settings, context.sandbox, name, kind)
    return [
        {
            "line": each.fault.line,
            "kind": str(each.fault.kind),
            "words": each.fault.words,
            "inputs": each.shown.inputs,
            "happens": each.shown.happens,
        }
        for each in found
    ]


def _list_view(console: Console, rows: list[Data]) -> None:
    columns = ("line", "kind", "fault", "what happens", "with")
    cells = (
        (each["line"], each["kind"], each["words"], each["happens"], _inputs(each, 80))
        for each in rows
    )
    title = counted(len(rows), "fault that shows", "faults that show")
    console.print(views.table(title, columns, cells))


def _view(console: Console, data: Data) -> None:
    console.print(
        f"{escape(data['module'])} is broken now: version {data['version']} has a fault "
        f"in line {data['line']} ({data['kind']}) and no certificate, so it runs in the "
        "sandbox only",
        soft_wrap=True,
    )
    console.print(views.difference(data["diff"]), soft_wrap=True, end="")
    told = f"with {_inputs(data, 400)}\nit {data['happens']}"
    console.print(escape(told), soft_wrap=True)
    for what, command in data["next"].items():
        console.print(f"[dim]{what}[/] ./{escape(command)}", soft_wrap=True)


def _inputs(data: Data, limit: int) -> str:
    """The inputs in a line; a series is long."""
    text = views.shown(data["inputs"])
    return text if len(text) <= limit else f"{text[:limit]}…"
