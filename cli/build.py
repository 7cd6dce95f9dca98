"""`asza build`: modules from specs that are there, missing ones or all afresh."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.context import Context
from cli.make import show_built, tell
from cli.output import Json, Output
from cli.pipeline import build_specs, settle


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
) -> None:
    """Write what is missing from the specs; adopt modules a fresh clone brought."""
    output = Output(as_json)
    with Context() as context:
        settle(context, output.say)
        built = build_specs(
            context,
            target,
            lambda progress: tell(output, progress),
            fresh=fresh,
            force=force,
        )
    if not built:
        output.say("nothing to build: every spec has its module (--fresh writes again)")
    output.answer(
        [asdict(each) for each in built], lambda console, _: show_built(console, built)
    )
