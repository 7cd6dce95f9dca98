"""`asza wick …`: what failed, what was repaired, how that was proven, what became of it."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import act, mending, views
from cli.context import Context
from cli.output import Json, Output
from core.counting import counted

if TYPE_CHECKING:
    from core.store import Defect

app = typer.Typer(help="The repair of modules that fail.", no_args_is_help=True)
mending.register(app)
act.register(app)
Number = Annotated[int, typer.Argument(help="A defect, as `asza wick report` shows.")]
Module = Annotated[str | None, typer.Argument(help="Only this module: stack.module.")]
FARED = ("repairs", "false fixes", "median time", "median cost")
MOST = 100_000  # defects the figures are made of


@app.command()
def report(
    module: Module = None,
    limit: Annotated[
        int, typer.Option(min=1, max=10_000, help="Newest defects shown.")
    ] = 20,
    as_json: Json = False,
) -> None:
    """Repair rate, false fixes, medians, by rung and kind of failure; newest defects."""
    from core.store import Defects
    from wick.ledger import ledger

    with Context() as context:
        found = Defects(context.store).list(module, MOST)
    data = ledger(found).as_dict()
    data |= {"module": module, "newest": [_row(each) for each in found[:limit]]}
    Output(as_json).answer(data, _report_view)


def _row(defect: "Defect") -> dict[str, Any]:
    """A defect in a line."""
    return {
        "defect": defect.id,
        "module": defect.module,
        "version": defect.version,
        "failure": defect.signature,
        "times": defect.times,
        "last_at": defect.last_at,
        "state": defect.state,
        "rung": defect.verdict.get("rung", ""),
        "candidates": defect.candidates,
        "repaired_by": defect.repaired_by,
        "seconds": defect.seconds,
        "cost_usd": defect.cost_usd,
        "fate": defect.fate,
    }


def _report_view(console: Console, data: dict[str, Any]) -> None:
    if not data["defects"]:
        of = f" of {data['module']}" if data["module"] else ""
        console.print(f"No defect{of} was ever seen.", markup=False)
        return
    for line in _summary(data):
        console.print(line, markup=False)
    console.print(_figures("by rung", "rung", data["by_rung"]))
    console.print(_failures(data["by_failure"]))
    columns = "defect module version failure times state rung seconds cost fate"
    cells = (
        (
            *(each[name] for name in columns.split()[:8]),
            views.dollars(each["cost_usd"]),
            each["fate"],
        )
        for each in data["newest"]
    )
    console.print(views.table("newest defects", columns.split(), cells))


def _summary(data: dict[str, Any]) -> list[str]:
    """The four figures in words."""
    states = ", ".join(f"{count} {state}" for state, count in data["states"].items())
    return [
        f"{counted(data['defects'], 'defect')}: {states}",
        f"repair rate {_percent(data['repair_rate'])} "
        f"({data['repaired']} of {data['settled']} settled faults of modules)",
        f"false-fix rate {_percent(data['false_fix_rate'])} ({data['wrong']} of "
        f"{counted(data['repairs'], 'repair')} reverted or refuted)",
        f"median {_seconds(data['median_seconds'])}, {_dollars(data['median_usd'])} "
        f"a repair; {views.dollars(data['spent_usd'])} spent in all",
    ]


def _figures(title: str, first: str, groups: dict[str, Any]) -> Any:
    cells = ((name or "unknown", *_fared(each)) for name, each in groups.items())
    return views.table(title, (first, *FARED), cells)


def _failures(groups: dict[str, Any]) -> Any:
    cells = (
        (kind, each["defects"], _percent(each["repair_rate"]), *_fared(each))
        for kind, each in groups.items()
    )
    columns = ("failure", "defects", "repair rate", *FARED)
    return views.table("by kind of failure", columns, cells)


def _fared(each: dict[str, Any]) -> tuple[Any, ...]:
    return (
        each["repairs"],
        _percent(each["false_fix_rate"]),
        _seconds(each["median_seconds"]),
        _dollars(each["median_usd"]),
    )


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{share:.1%}"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.2f} s"


def _dollars(amount: Any) -> str:
    return "–" if amount is None else views.dollars(amount)


@app.command()
def show(defect: Number, as_json: Json = False) -> None:
    """One defect whole: evidence, diagnosis, rungs, verdict, what became of it."""
    from core.store import Defects

    with Context() as context:
        data = asdict(Defects(context.store).get(defect))
    Output(as_json).answer(data, _show_view)


def _show_view(console: Console, data: dict[str, Any]) -> None:
    for line in _head(data):
        console.print(line, markup=False)
    for title, part in (("evidence", "evidence"), ("diagnosis", "diagnosis")):
        if data[part]:
            rows = ((name, value) for name, value in data[part].items())
            console.print(views.table(title, ("what", "found"), rows))
    if data["rungs"]:
        console.print(_rungs(data["rungs"]))
    if data["verdict"]:
        _show_verdict(console, data)
    if data["proposed"]:
        console.print(views.code(str(data["proposed"].get("body", "")), "proposed"))
        console.print(f"say yes with [bold]asza wick accept {data['id']}[/]")
    for past in data["earlier"]:
        console.print(
            f"[yellow]earlier[/] version {past['repaired_by']} was {past['fate']}: "
            f"{escape(str(past['fate_reason']))}"
        )


def _head(data: dict[str, Any]) -> list[str]:
    """Which defect it is, and how it stands, in words."""
    lines = [
        f"defect {data['id']} of {data['module']}@{data['version']}: "
        f"{data['signature']}",
        f"{data['remark']}",
        f"seen {counted(data['times'], 'time')}, {data['first_at']:%Y-%m-%d %H:%M:%S} to "
        f"{data['last_at']:%Y-%m-%d %H:%M:%S}",
        f"state: {data['state']}" + (f" by {data['owner']}" if data["owner"] else ""),
    ]
    if data["repaired_by"] is not None:
        lines.append(f"version {data['repaired_by']} runs instead")
    if data["fate"]:
        told = f"{data['fate']}: {data['fate_reason']}".removesuffix(": ")
        lines.append(f"fate: {told} ({data['fate_at']:%Y-%m-%d %H:%M:%S})")
    return lines


def _rungs(rungs: Any) -> Any:
    """A table of whatever the rungs say of themselves, in the order of the first."""
    columns = list(dict.fromkeys(name for rung in rungs for name in rung))
    cells = ([rung.get(name) for name in columns] for rung in rungs)
    return views.table("rungs", columns, cells)


def _show_verdict(console: Console, data: dict[str, Any]) -> None:
    from cli.watching import verdict_panel

    known = {"state": data["state"], "module": data["module"], "defect": data["id"]}
    figures = {"tried": data["candidates"], "survivors": data["survivors"]}
    took = {"seconds": data["seconds"], "cost_usd": data["cost_usd"]}
    console.print(verdict_panel({**figures, **took, **data["verdict"], **known}))


@app.command()
def refute(
    defect: Number,
    reason: Annotated[str, typer.Option(help="What is wrong with the repair.")],
    as_json: Json = False,
) -> None:
    """Say that a repair is wrong: it counts as a false fix, and is not tried again."""
    from core.store import Defects, Modules
    from core.store.defect import REFUTED_BY_PERSON

    if not reason.strip():
        raise typer.BadParameter("say what is wrong with it", param_hint="--reason")

    with Context() as context:
        door = Defects(context.store)
        _refuse_without_repair(door.get(defect))
        told = door.set_fate(defect, REFUTED_BY_PERSON, reason)
        live = Modules(context.store).live(told.module)
    runs = live is not None and live.version == told.repaired_by
    Output(as_json).answer({**_row(told), "runs": runs}, _refute_view)


def _refuse_without_repair(defect: "Defect") -> None:
    from core.errors import NotFound

    if defect.repaired_by is None:
        raise NotFound(
            f"defect {defect.id} has no repair to refute: it is {defect.state}",
            field="defect",
            value=defect.id,
            remedy="`asza wick report` shows which are repaired",
        )


def _refute_view(console: Console, row: dict[str, Any]) -> None:
    told = f"the repair of defect {row['defect']} is {row['fate']}"
    if row["runs"]:
        told += (
            f"; version {row['repaired_by']} of {row['module']} still runs: "
            f"`asza rollback {row['module']}` takes it back"
        )
    console.print(told, markup=False)
