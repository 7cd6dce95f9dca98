"""The command line: everything a person or a script can ask of ASZA.

`asza ask "…"` does the whole job; each other command does one part of it.
Exit codes are in docs/commands.md and never change their meaning.
"""

import signal
import sys
import tomllib
import traceback
from io import TextIOWrapper
from pathlib import Path
from types import FrameType, TracebackType
from typing import Annotated

import typer

from cli import (
    breaking,
    build,
    data,
    graph,
    make,
    modules,
    origins,
    records,
    remove,
    repair,
    repairs,
    run,
    store,
    trade,
    wick,
)
from cli.output import UsageError, report_error
from core.errors import AszaError

INTERRUPTED = 130
TERMINATED = 143

app = typer.Typer(
    name="asza",
    no_args_is_help=False,
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
for commands in (
    make,
    build,
    run,
    modules,
    graph,
    records,
    remove,
    breaking,
    repair,
    repairs,
    origins,
):
    commands.register(app)
app.add_typer(store.app, name="store")
app.add_typer(data.app, name="data")
app.add_typer(wick.app, name="wick")
app.add_typer(trade.app, name="trade")


def version() -> str:
    """What this clone is; nothing is installed, so the project's own file says it."""
    project = Path(__file__).with_name("pyproject.toml").read_text(encoding="utf-8")
    return str(tomllib.loads(project)["project"]["version"])


@app.callback()
def start(
    context: typer.Context,
    show_version: Annotated[
        bool, typer.Option("--version", help="Say which version this is, and stop.")
    ] = False,
) -> None:
    """Software that builds software: a sentence in, proven ten-line modules out."""
    if show_version:
        typer.echo(f"asza {version()}")
        raise typer.Exit()
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    as_json = "--json" in given
    try:
        # not app(…): that would put an exception hook of its own over ours
        command = typer.main.get_command(app)
        code = command.main(given, prog_name="asza", standalone_mode=False)
    except AszaError as error:
        report_error(error, as_json=as_json)
        return error.exit_code
    except typer.TyperException as error:
        if error.format_message():  # none: `asza trade` alone, the help is printed
            report_error(UsageError.of(error), as_json=as_json)
        return UsageError.exit_code
    except (typer.Abort, KeyboardInterrupt):
        sys.stderr.write("interrupted: what was finished is kept\n")
        return INTERRUPTED
    if code == INTERRUPTED:  # typer has caught it already
        sys.stderr.write("interrupted: what was finished is kept\n")
    return code if isinstance(code, int) else 0


def report_bug(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Keep the traceback of our own mistake in a file, and tell the person where."""
    if issubclass(kind, KeyboardInterrupt):  # a second Ctrl-C, while the first ends
        return
    from core.atomic import write_atomically
    from core.home import PRIVATE, state_folder
    from core.settings import load_settings  # a bug may be in the settings themselves

    text = "".join(traceback.format_exception(kind, error, trace))
    settings = load_settings()
    path = state_folder(settings.home, "logs") / "bug.txt"
    write_atomically(path, settings.redacted(text), mode=PRIVATE)
    bug = AszaError(
        settings.redacted(f"asza has a bug: {kind.__name__}: {error}"),
        remedy=f"report it with {path} and the command you typed",
    )
    report_error(bug, as_json="--json" in sys.argv)


def leave(_number: int, _frame: FrameType | None) -> None:
    """Being asked to end is an ordinary end: locks and servers are let go."""
    sys.exit(TERMINATED)


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # an ASCII terminal shows ? for the rest
            stream.reconfigure(errors="replace")
    sys.excepthook = report_bug
    signal.signal(signal.SIGTERM, leave)
    sys.exit(main())
