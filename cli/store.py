"""`asza store …`: backup, restore, purge, retention, sizes, migrations."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from core.counting import counted

app = typer.Typer(help="The database and what it keeps.", no_args_is_help=True)


@app.command()
def backup(
    path: Annotated[Path | None, typer.Argument(help="Default: .asza/backups/")] = None,
    as_json: Json = False,
) -> None:
    """Write everything in our two schemas to one file, whole or not at all."""
    from core.store.backup import backup as write

    with Context() as context:
        written, manifest = write(context.store, path)
    data = {"path": written, "rows": manifest.rows}
    Output(as_json).answer(data, _backup_view)


def _backup_view(console: Console, data: dict[str, Any]) -> None:
    console.print(f"{counted(data['rows'], 'row')} in {data['path']}", markup=False)


@app.command()
def restore(
    path: Annotated[Path, typer.Argument(help="A file that `store backup` wrote.")],
    as_json: Json = False,
) -> None:
    """Replace everything in our schemas by a backup, whole or not at all."""
    from core.store.restore import restore as put_back
    from trading.shell.ledger.schema import LEDGER

    with Context() as context:
        manifest = put_back(context.store, path, also=[LEDGER])
    data = {"path": path, "rows": manifest.rows}
    Output(as_json).answer(
        data,
        lambda console, d: console.print(
            f"{counted(d['rows'], 'row')} restored from {d['path']}", markup=False
        ),
    )


@app.command()
def purge(
    yes: Annotated[
        str | None, typer.Option(help="YES in capitals, for scripts.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Back up, then drop our two schemas and our Redis keys; nothing of anybody else."""
    from core.store.purge import purge as empty

    output = Output(as_json)
    with Context() as context:
        store = context.store
        if yes is None:
            output.say(
                "This drops schemas trading_data and system_logs and the Redis keys "
                f"{context.settings.redis_prefix}*, after a backup.",
                "yellow",
            )
        typed = yes if yes is not None else _typed("Type YES: ")
        purged = empty(store, typed)
    output.answer(asdict(purged), _purge_view)


def _typed(prompt: str) -> str:
    """A line from the keyboard; typer's prompt would put a blank on stdout."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _purge_view(console: Console, data: dict[str, Any]) -> None:
    console.print(
        f"{counted(data['rows'], 'row')} and {counted(data['keys'], 'key')} are gone; "
        f"the backup is {data['backup']}",
        markup=False,
    )


@app.command()
def retain(as_json: Json = False) -> None:
    """Aggregate reflections past their days; let go of recordings past their number."""
    from core.store.retention import retain as tidy

    with Context() as context:
        done = asdict(tidy(context.store))
    Output(as_json).answer(
        done,
        lambda console, d: console.print(
            f"{counted(d['aggregated'], 'reflection')} aggregated, "
            f"{counted(d['recordings'], 'recording')} let go"
        ),
    )


@app.command()
def sizes(as_json: Json = False) -> None:
    """Every table of ours, the largest first."""
    from core.store.retention import sizes as tables

    with Context() as context:
        rows = [asdict(each) for each in tables(context.store)]
    Output(as_json).answer(rows, _sizes_view)


def _sizes_view(console: Console, rows: list[dict[str, Any]]) -> None:
    from core.doctor import size

    cells = ((each["name"], each["rows"], size(each["bytes"])) for each in rows)
    console.print(views.table("tables", ("table", "rows (estimate)", "size"), cells))


@app.command()
def migrate(as_json: Json = False) -> None:
    """Bring the database to the newest migrations; every command does so at start, but
    the ledger's tables are made by the first command that trades, or by this one."""
    from core.store.migrate import applied
    from trading.shell.ledger.schema import LEDGER, prepare_ledger

    with Context() as context:
        prepare_ledger(context.store)
        with context.store.connection() as connection:
            numbers = sorted(applied(connection))
            ledger = sorted(applied(connection, LEDGER))
    Output(as_json).answer({"applied": numbers, "ledger": ledger}, _migrate_view)


def _migrate_view(console: Console, data: dict[str, Any]) -> None:
    for label, key in (("migrations", "applied"), ("the ledger's", "ledger")):
        console.print(f"{label} applied: {', '.join(map(str, data[key]))}")
