"""`asza graph`: how a stack's modules are connected, drawn, as text or as data."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli.context import Context
from cli.output import Json, Output
from core.errors import NotFound
from core.names import suggest

if TYPE_CHECKING:
    from core.settings import Settings

Svg = Annotated[
    Path | None, typer.Option("--svg", help="Write the drawing to this file.")
]
Page = Annotated[
    Path | None,
    typer.Option("--page", help="Renew the tables between the markers of this page."),
]


def register(app: typer.Typer) -> None:
    """Add this command to the application."""
    app.command()(graph)


def graph(
    stack: Annotated[str, typer.Argument(help="As `asza list` shows.")] = "trading",
    svg: Svg = None,
    page: Page = None,
    as_json: Json = False,
) -> None:
    """Show how a stack's modules are connected by the names they read and make."""
    output = Output(as_json)
    with Context() as context:
        data, text = _graphed(context.settings, stack, svg, page)
    written = data["written"]
    output.answer(data, lambda console, _: _show(console, text, written))


def _graphed(
    settings: "Settings", stack: str, svg: Path | None, page: Path | None
) -> tuple[dict[str, Any], str]:
    """The graph as data and as text; the files asked for, written."""
    from core.atomic import write_atomically
    from trading.shell.reporting.graph import drawn, opened, renewed, written

    _require_stack(settings, stack)
    whole = opened(settings, stack)
    files: list[str] = []
    if svg is not None:
        write_atomically(svg, drawn(whole.graph))
        files.append(str(svg))
    if page is not None:
        write_atomically(page, renewed(page, whole))
        files.append(str(page))
    return {**whole.graph.as_dict(), "written": files}, written(whole.graph)


def _require_stack(settings: "Settings", stack: str) -> None:
    """Refuse the name of no stack: NotFound has the nearest, a module's its stack."""
    from core.places import stack_folders

    known = [folder.name for folder in stack_folders(settings)]
    if stack in known:
        return
    own = stack.partition(".")[0]
    raise NotFound(
        f"there is no stack '{stack}'",
        field="stack",
        value=stack,
        remedy=f"{stack} is a module: `asza graph {own}` shows its stack"
        if own in known
        else f"{suggest(stack, known)}; `asza list` shows the stacks",
    )


def _show(console: Console, text: str, written: list[str]) -> None:
    if not written:
        console.print(text, markup=False, highlight=False, soft_wrap=True)
    for path in written:
        console.print(f"written: {path}", markup=False, soft_wrap=True)
