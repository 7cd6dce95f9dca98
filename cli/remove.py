"""`asza remove`: a module out of its stack, so that the next run goes without it."""

from dataclasses import asdict
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape

from cli.context import Context
from cli.modules import ModuleName
from cli.output import Json, Output


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(remove)


def remove(name: ModuleName, as_json: Json = False) -> None:
    """Take a module out of its stack; `rollback` brings it back."""
    from core.removal import remove as take_out

    with Context() as context:
        done = asdict(take_out(context.store, context.settings, name))
    Output(as_json).answer(done, _show)


def _show(console: Console, done: dict[str, Any]) -> None:
    module, version = done["module"], done["version"]
    console.print(f"{module} is out of its stack: {', '.join(done['files'])} went")
    for kept in done["kept"]:
        console.print(f"kept: {escape(str(kept))}")
    if version:
        console.print(f"[dim]./asza rollback {module} {version} brings it back[/]")
