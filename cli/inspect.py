"""Commands that look: list, show, history, diff, rollback, reflections, thoughts, …"""

from dataclasses import asdict
from decimal import Decimal
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
    app.command("list")(list_modules)
    for command in (show, history, diff, rollback, reflections, thoughts, budget):
        app.command()(command)
    app.command()(doctor)


def list_modules(
    stack: Annotated[str | None, typer.Argument(help="Only this stack.")] = None,
    as_json: Json = False,
) -> None:
    """Every module: version, writer, whether it is certified, what it does."""
    from core.listing import list_modules as listed

    output = Output(as_json)
    with Context() as context:
        try:
            store = context.store
        except StoreError as error:
            output.say(f"{error} Showing what the files say.", "yellow")
            store = None
        rows = [asdict(each) for each in listed(context.settings, store, stack)]
    if stack and not rows:
        raise NotFound(
            f"there is no stack '{stack}' with a module",
            field="stack",
            value=stack,
            remedy="`asza list` shows all; `asza ask` makes one",
        )
    output.answer(rows, _list_view)


def _list_view(console: Console, rows: list[dict[str, Any]]) -> None:
    if not rows:
        console.print('No modules yet. Make some: [bold]asza ask "…"[/]')
        return
    cells = (
        (
            each["module"],
            each["version"],
            " ".join(filter(None, (each["writer"], f"({each['means']})"))),
            each["certified"],
            each["state"],
            each["description"],
        )
        for each in rows
    )
    columns = ("module", "version", "writer", "certified", "state", "what it does")
    console.print(views.table(f"{len(rows)} modules", columns, cells))


def show(name: ModuleName, as_json: Json = False) -> None:
    """A module whole: its spec, its ten lines, its certificate with every figure."""
    from core.store import Modules

    with Context() as context:
        entry, row = _entry(context, name), Modules(context.store).live(name)
    if row is None:
        raise NotFound(
            f"{name} is on disk, and the database does not know it",
            field="module",
            value=name,
            remedy=f"`asza build {name}` gates and adopts it",
        )
    data = {
        "module": name,
        "version": row.version,
        "writer": row.writer,
        "means": row.means,
        "cause": row.cause,
        "path": row.path,
        "spec": row.spec_text,
        "body": entry.body,
        "certificate": entry.certificate.as_dict() if entry.certificate else None,
    }
    Output(as_json).answer(data, _show_view)


def _entry(context: Context, name: str) -> Any:
    from core.library import library
    from core.places import split_id

    stack, _ = split_id(name)
    found = library(context.settings, context.store, stack)
    for entry in found:
        if entry.module == name:
            return entry
    raise NotFound(
        f"there is no module {name}",
        field="module",
        value=name,
        remedy="there are: " + (", ".join(e.module for e in found) or "none yet"),
    )


def _show_view(console: Console, data: dict[str, Any]) -> None:
    head = f"{data['module']} · version {data['version']} · {data['writer']}"
    console.print(views.code(data["body"], f"{head} ({data['means']})"))
    console.print(views.frame(data["spec"], "spec"))
    certificate = data["certificate"]
    if certificate is None:
        console.print("[yellow]no certificate for this text: it runs sandboxed[/]")
        return
    console.print(views.checks(certificate))
    if (strength := certificate.get("strength")) is not None:
        console.print(f"gate strength {strength:.0%}: that share of mutants was killed")
    console.print(f"[dim]{views.NOT_PROOF}[/]")


def history(name: ModuleName, as_json: Json = False) -> None:
    """Every version of a module: who wrote it, why, what it cost."""
    from core.lineage import history as versions

    with Context() as context:
        rows = [asdict(each) for each in versions(context.store, name)]
    Output(as_json).answer(rows, _history_view)


def _history_view(console: Console, rows: list[dict[str, Any]]) -> None:
    cells = (
        (
            each["version"],
            each["state"],
            f"{each['writer']} ({each['means']})",
            each["cause"],
            each["parent"],
            _dollars(each["cost_usd"]),
            f"{each['created_at']:%Y-%m-%d %H:%M:%S}",
            each["body_hash"][:6],
        )
        for each in rows
    )
    columns = [
        "version",
        "state",
        "writer",
        "cause",
        "parent",
        "cost",
        "written",
        "hash",
    ]
    console.print(views.table(rows[0]["module"], columns, cells))


def diff(
    name: ModuleName,
    older: Annotated[int | None, typer.Argument(help="Default: the parent.")] = None,
    newer: Annotated[int | None, typer.Argument(help="Default: the live one.")] = None,
    as_json: Json = False,
) -> None:
    """What changed between two versions of a module."""
    from core.lineage import diff as difference

    with Context() as context:
        text = difference(context.store, name, older, newer)
    Output(as_json).answer(
        {"module": name, "diff": text},
        lambda console, data: console.print(views.difference(data["diff"])),
    )


def rollback(
    name: ModuleName,
    version: Annotated[
        int | None, typer.Argument(min=1, help="Default: the one that ran before.")
    ] = None,
    force: Annotated[
        bool, typer.Option(help="Overwrite a file edited by hand.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make an earlier version live again; a running stack takes it at its next tick."""
    from core.lineage import rollback as restore

    with Context() as context:
        done = restore(context.store, context.settings, name, version, force=force)
    data = asdict(done)
    Output(as_json).answer(
        data,
        lambda console, d: console.print(
            f"{d['module']} is version {d['version']} again (it was {d['before']}): "
            f"{escape(str(d['path']))}"
        ),
    )


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
    output.answer(rows, _thoughts_view)


def _thoughts_view(console: Console, rows: list[dict[str, Any]]) -> None:
    cells = (
        (
            each["cycle"],
            each["step"],
            each["attempt"],
            each["role"],
            f"{each['writer']} ({each['means']})",
            f"{each['input_tokens']}/{each['output_tokens']}",
            _dollars(each["cost_usd"]),
            f"{each['seconds']:.2f} s",
            each["error"],
        )
        for each in rows
    )
    columns = [
        "cycle",
        "step",
        "attempt",
        "role",
        "writer",
        "tokens",
        "cost",
        "time",
        "error",
    ]
    console.print(views.table("thoughts", columns, cells))


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
        (each["limit"], *(_dollars(each[name]) for name in ("used", "of", "left")))
        for each in data["limits"]
    )
    console.print(views.table("budget", ("limit", "used", "of", "left"), cells))
    console.print(
        f"one call may cost {_dollars(data['per_call'])} at worst, "
        f"one request {_dollars(data['per_request'])}"
    )
    if data["requests"]:
        rows = (
            (
                each["cycle"],
                each["calls"],
                _dollars(each["spent"]),
                _dollars(each["reserved"]),
            )
            for each in data["requests"]
        )
        columns = ("request", "calls", "spent", "reserved")
        console.print(views.table("newest requests", columns, rows))


def _dollars(amount: Decimal) -> str:
    return f"${amount:.4f}".rstrip("0").rstrip(".")


def doctor(as_json: Json = False) -> None:
    """Is this machine able, and what to do if not. Exit code 9 when it is not."""
    from core.doctor import examine, healthy

    checks = examine()
    Output(as_json).answer([each.as_dict() for each in checks], _doctor_view)
    if not healthy(checks):
        raise typer.Exit(StoreError.exit_code)


def _doctor_view(console: Console, rows: list[dict[str, Any]]) -> None:
    for each in rows:
        mark = "[green]ok[/]  " if each["ok"] else "[red]bad[/] "
        console.print(f"{mark} {escape(each['name'])}: {escape(each['detail'])}")
        if not each["ok"] and each["remedy"]:
            console.print(f"      [green]to do[/] {escape(each['remedy'])}")
