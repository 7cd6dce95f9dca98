"""Commands about what is recorded: reflections, thoughts, budget; and the doctor."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import views
from cli.context import Context
from cli.output import Json, Output
from core.errors import NotFound, StoreError

ModuleName = Annotated[str, typer.Argument(help="stack.module, as `asza list` shows.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (reflections, thoughts, budget):
        app.command()(command)
    app.command()(doctor)


def reflections(
    name: Annotated[str | None, typer.Argument(help="Only this module.")] = None,
    as_json: Json = False,
) -> None:
    """Calls, failure rate, latency, drift of inputs, and the last failures in words."""
    from core.store import Reflections

    with Context() as context:
        door = Reflections(context.store)
        names = [name] if name else door.modules()
        rows = [_reflected(door, each) for each in names]
    Output(as_json).answer(rows, _reflections_view)


def _reflected(door: Any, name: str) -> dict[str, Any]:
    from core.drift import drift

    stats = door.stats(name)
    if not stats.calls:
        raise NotFound(
            f"{name} was never called",
            field="module",
            value=name,
            remedy="run its stack first: `asza run`",
        )
    return {
        "module": name,
        "calls": stats.calls,
        "failures": stats.failures,
        "failure_rate": stats.failure_rate,
        "p50_us": stats.p50_ns / 1000 if stats.p50_ns is not None else None,
        "p99_us": stats.p99_ns / 1000 if stats.p99_ns is not None else None,
        "drift": [asdict(each) for each in drift(door, name)],
        "last_failures": [
            {"at": each.at, "remark": each.remark, "inputs": each.inputs}
            for each in door.last_failures(name, 5)
        ],
    }


def _reflections_view(console: Console, rows: list[dict[str, Any]]) -> None:
    cells = (
        (
            each["module"],
            each["calls"],
            f"{each['failure_rate']:.2%}",
            each["p50_us"],
            each["p99_us"],
            ", ".join(d["words"] for d in each["drift"]) or "none seen",
        )
        for each in rows
    )
    columns = ("module", "calls", "failed", "p50 µs", "p99 µs", "drift of inputs")
    console.print(views.table("what was lived through", columns, cells))
    for each in rows:
        for failure in each["last_failures"]:
            console.print(
                f"[red]{escape(each['module'])}[/] {escape(failure['remark'])} "
                f"[dim]with {escape(views.shown(failure['inputs']))}[/]"
            )


def thoughts(
    cycle: Annotated[str | None, typer.Argument(help="A request or repair.")] = None,
    step: Annotated[str | None, typer.Argument(help="One step of it, whole.")] = None,
    limit: Limit = 20,
    as_json: Json = False,
) -> None:
    """Every exchange with a writer, whole, secrets redacted."""
    from core.store import Thoughts

    output = Output(as_json)
    with Context() as context:
        door = Thoughts(context.store)
        if step and cycle:
            output.answer(asdict(door.thought(cycle, step)), _thought_view)
            return
        rows = [asdict(each) for each in door.list(cycle, limit)]
    if cycle and not rows:
        raise NotFound(
            f"nothing was thought in {cycle}",
            field="cycle",
            value=cycle,
            remedy="`asza thoughts` lists the newest",
        )
    output.answer(rows, _thoughts_view)


def _thoughts_view(console: Console, rows: list[dict[str, Any]]) -> None:
    cells = (
        (
            each["cycle"],
            each["step"] + (f" ({each['attempt'] + 1})" if each["attempt"] else ""),
            f"{each['writer']} ({each['means']})",
            f"{each['input_tokens']}/{each['output_tokens']}",
            views.dollars(each["cost_usd"]),
            f"{each['seconds']:.2f} s",
        )
        for each in rows
    )
    columns = "cycle step writer tokens cost time".split()
    console.print(views.table("thoughts", columns, cells))
    for each in rows:
        if each["error"]:
            console.print(f"[red]{escape(each['step'])}[/] {escape(each['error'])}")


def _thought_view(console: Console, each: dict[str, Any]) -> None:
    console.print(views.frame(each["system"], "system"))
    console.print(views.frame(each["prompt"], "prompt"))
    console.print(views.frame(each["answer"] or each["error"], each["writer"]))


def budget(as_json: Json = False) -> None:
    """What was spent and reserved, and what is left of each limit."""
    from core.store import BudgetLedger

    with Context() as context:
        settings, ledger = context.settings, BudgetLedger(context.store)
        totals, cycles = ledger.totals(), ledger.cycles(10)
    used = {
        "day": (totals.day, settings.budget_per_day),
        "month": (totals.month, settings.budget_per_month),
    }
    data = {
        "limits": [
            {"limit": name, "used": spent, "of": most, "left": max(most - spent, 0)}
            for name, (spent, most) in used.items()
        ],
        "per_call": settings.budget_per_call,
        "per_request": settings.budget_per_request,
        "requests": [asdict(each) for each in cycles],
    }
    Output(as_json).answer(data, _budget_view)


def _budget_view(console: Console, data: dict[str, Any]) -> None:
    cells = (
        (each["limit"], *(views.dollars(each[name]) for name in ("used", "of", "left")))
        for each in data["limits"]
    )
    console.print(views.table("budget", ("limit", "used", "of", "left"), cells))
    console.print(
        f"one call may cost {views.dollars(data['per_call'])} at worst, "
        f"one request {views.dollars(data['per_request'])}"
    )
    if data["requests"]:
        rows = (
            (
                each["cycle"],
                each["calls"],
                views.dollars(each["spent"]),
                views.dollars(each["reserved"]),
            )
            for each in data["requests"]
        )
        columns = ("request", "calls", "spent", "reserved")
        console.print(views.table("newest requests", columns, rows))


def doctor(as_json: Json = False) -> None:
    """Is this machine able, and what to do if not. Exit code 9 when it is not."""
    from core.doctor import examine, healthy
    from trading.shell.law.examined import limit_checks

    checks = [*examine(), *limit_checks()]
    Output(as_json).answer([each.as_dict() for each in checks], doctor_view)
    if not healthy(checks):
        raise typer.Exit(StoreError.exit_code)


def doctor_view(console: Console, rows: list[dict[str, Any]]) -> None:
    """Each answer in a line, and what to do where it is bad."""
    for each in rows:
        mark = "[green]ok[/]  " if each["ok"] else "[red]bad[/] "
        console.print(f"{mark} {escape(each['name'])}: {escape(each['detail'])}")
        if not each["ok"] and each["remedy"]:
            console.print(f"      [green]to do[/] {escape(each['remedy'])}")
