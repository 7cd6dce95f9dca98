"""Commands about modules: list, show, history, diff, rollback."""

from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import views
from cli.context import Context
from cli.output import Json, Output
from core.counting import counted
from core.errors import NotFound, StoreError

ModuleName = Annotated[str, typer.Argument(help="stack.module, as `asza list` shows.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most this many.")]
SPARE = "state", "writer", "version", "certified"
"""Columns that a narrow listing does without."""


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command("list")(list_modules)
    for command in (show, history, diff, rollback):
        app.command()(command)


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
            "in quarantine" if each["quarantined"] else each["state"],
            each["description"],
        )
        for each in rows
    )
    columns = ("module", "version", "writer", "certified", "state", "what it does")
    title = counted(len(rows), "module")
    console.print(views.table(title, columns, cells, spare=SPARE))


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
            views.dollars(each["cost_usd"]),
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
    spare = "hash", "parent", "cost", "cause"
    console.print(views.table(rows[0]["module"], columns, cells, spare=spare))


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
        lambda console, data: console.print(
            views.difference(data["diff"]), soft_wrap=True, end=""
        ),
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
        if done.before not in (None, done.version):
            _tell_fate(context, name, done.before)
    data = asdict(done)
    Output(as_json).answer(
        data,
        lambda console, d: console.print(
            f"{d['module']} is version {d['version']} again "
            f"(it was {d['before'] or 'retired'}): {escape(str(d['path']))}"
            + "".join(f"\nkept: {escape(str(kept))}" for kept in d["kept"])
        ),
    )


def _tell_fate(context: Context, name: str, version: int) -> None:
    """A repair that a person takes back did not hold."""
    from core.store import Defects
    from core.store.defect import REVERTED, WRONG

    door = Defects(context.store)
    for defect in door.repaired_by(name, version):
        if defect.fate not in WRONG:
            door.set_fate(defect.id, REVERTED, "rolled back by a person")
