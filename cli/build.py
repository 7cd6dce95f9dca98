"""`asza build`: modules from specs that are there, missing ones or all afresh."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from cli.context import Context
from cli.make import show_built, tell
from cli.output import Json, Output
from cli.pipeline import Built, build_specs, settle


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(build)


def build(
    target: Annotated[
        str | None, typer.Argument(help="A stack or stack.module. Default: all.")
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Write again what is there already.")
    ] = False,
    force: Annotated[
        bool, typer.Option(help="Overwrite files edited by hand.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Write what is missing from the specs; adopt modules a fresh clone brought."""
    output = Output(as_json)
    with Context() as context:
        settle(context, output.say)
        made = build_specs(
            context,
            target,
            lambda progress: tell(output, progress),
            fresh=fresh,
            force=force,
        )
    if not made.built and made.failure is None:
        output.say("nothing to build: every spec has its module (--fresh writes again)")
    data = {"built": [asdict(each) for each in made.built]}
    return output.conclude(data, lambda to, _: _show(to, made.built), made.failure)


def _show(console: Console, built: Sequence[Built]) -> None:
    if built:
        show_built(console, built)
