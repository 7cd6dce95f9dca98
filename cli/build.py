"""`asza build`: modules from specs that are there, missing ones or all afresh."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.builder import Built
from cli.context import Context
from cli.make import show_built, tell
from cli.output import Json, Output
from cli.pipeline import settle
from cli.rebuild import Rebuilt, Wanted, build_specs

if TYPE_CHECKING:
    from cli.fresh import Candidate


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(build)


def build(
    target: Annotated[
        str | None, typer.Argument(help="A stack or stack.module. Default: all.")
    ] = None,
    fresh: Annotated[
        bool,
        typer.Option(
            "--fresh", help="Write all of it anew; show what changes before a swap."
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --fresh: swap without asking.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --fresh: show, swap nothing.")
    ] = False,
    library: Annotated[
        bool,
        typer.Option(
            "--library/--no-library",
            help="Whether bodies that exist may be taken: modules', and shipped ones.",
        ),
    ] = True,
    force: Annotated[
        bool, typer.Option(help="Overwrite files edited by hand.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Write what is missing from the specs; adopt modules a fresh clone brought."""
    output = Output(as_json)
    if (yes or dry_run) and not fresh:
        raise typer.BadParameter("--yes and --dry-run go with --fresh")
    wanted = Wanted(target, fresh, force, library)
    with Context() as context:
        settle(context, output.say)
        if fresh:
            return _fresh(context, wanted, output, yes=yes, dry_run=dry_run)
        made = build_specs(context, wanted, lambda progress: tell(output, progress))
    if not made.built and made.failure is None:
        output.say("nothing to build: every spec has its module (--fresh writes again)")
    return _conclude(output, {}, made)


def _conclude(output: Output, answer: dict[str, Any], made: Rebuilt) -> int:
    data = {**answer, "built": [asdict(each) for each in made.built]}
    show = _show_swapped if answer else _show
    return output.conclude(data, lambda to, _: show(to, made.built), made.failure)


def _show(console: Console, built: Sequence[Built]) -> None:
    if built:
        show_built(console, built)


def _show_swapped(console: Console, built: Sequence[Built]) -> None:
    swapped = [each for each in built if not each.unchanged]
    _show(console, swapped)
    if not swapped:
        console.print("nothing was swapped")


def _fresh(
    context: Context, wanted: Wanted, output: Output, *, yes: bool, dry_run: bool
) -> int:
    """Draft all, show what would change, swap what is agreed to."""
    from cli.fresh import draft_all, swap

    drafted = draft_all(context, wanted, lambda progress: tell(output, progress))
    rows = drafted.rows()
    output.show(_table(rows))
    answer = {"drafted": rows, "swapped": not dry_run}
    if dry_run:
        failures = tuple(error for _, error in drafted.unwritten)
        return _conclude(output, answer, Rebuilt((), failures, wanted.library))
    made = swap(drafted, lambda waiting: yes or _asked(output, waiting))
    return _conclude(output, answer, made)


def _table(rows: Sequence[dict[str, Any]]) -> Any:
    cells = (
        (
            row["module"].rpartition(".")[2],
            row["means"] or "not written",
            row["writer"],
            f"{row['checks']} passed" if row["means"] else "",
            f"{row['strength']:.0%}" if row["means"] else "",
            row["told"],
        )
        for row in rows
    )
    columns = ("module", "means", "writer", "checks", "gate strength", "behaviour")
    return views.table("drafted, nothing is swapped yet", columns, cells)


def _asked(output: Output, waiting: "Sequence[Candidate]") -> bool:
    """What a person at a terminal says; nobody else can say yes here."""
    if output.json or not sys.stdin.isatty():
        return False
    names = ", ".join(each.module for each in waiting)
    return typer.confirm(f"Swap in what changes behaviour ({names})?", err=True)
