"""`asza repair`: any Python function, mended by its cases alone."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import views
from cli.context import Context
from cli.output import Json, Output, UsageError
from core.counting import counted
from core.errors import Ambiguous, AszaError, ConfigError, NotRepaired

# The search brings libcst and Monty: `asza --help` need not wait for them.
if TYPE_CHECKING:
    from wick.plain.repair import Asking
    from wick.plain.report import Report

Data = dict[str, Any]
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m)?")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, None: 1.0}
_LEAST, _MOST = 0.1, 3_600.0
_STYLES = {"repaired": "bold green", "nothing to repair": "green"}

Target = Annotated[
    str, typer.Argument(help="FILE.py::function, or FILE.py::Class.static_method.")
]
Cases = Annotated[
    str,
    typer.Option(
        "--cases", help='JSON list of {"in": […], "out": …}; - reads it from stdin.'
    ),
]
Budget = Annotated[
    str, typer.Option("--budget", help="How long to look: 30s, 2m, 1500ms.")
]
Model = Annotated[
    bool,
    typer.Option("--model", help="Ask LLM_WRITER too, if searching is not enough."),
]
Write = Annotated[
    bool,
    typer.Option("--write", help="Put the repair into the file once it is agreed."),
]


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command()(repair)


def repair(
    target: Target,
    cases: Cases,
    budget: Budget = "30s",
    model: Model = False,
    write: Write = False,
    as_json: Json = False,
) -> int:
    """Repair a Python function, given as it stands in its file, by its cases."""
    output = Output(as_json)
    wish = _Wish(target, cases, span(budget), model=model, write=write)
    with Context() as context:
        report, written = _repaired(context, wish, output)
    data = {**report.as_dict(), "written": written}
    return output.conclude(data, _view, _failed(report))


@dataclass(frozen=True)
class _Wish:
    """What was asked for on the command line."""

    target: str
    cases: str
    seconds: float
    model: bool
    write: bool


def _repaired(context: Context, wish: _Wish, output: Output) -> "tuple[Report, bool]":
    from wick.plain.cases import read_cases, refuse_strange_errors
    from wick.plain.extract import find
    from wick.plain.repair import repair as mend
    from wick.plain.report import REPAIRED
    from wick.plain.signature import signature_of
    from wick.plain.writing import write_back

    found = find(wish.target)
    given = read_cases(wish.cases, signature_of(found.subject.source))
    refuse_strange_errors(given, found.text)
    report = mend(
        found,
        given,
        seconds=wish.seconds,
        model=_asking(context) if wish.model else None,
        cycle=f"repair-{found.node.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}",
        tell=output.say,
    )
    wanted = wish.write and report.verdict == REPAIRED
    if wanted:
        write_back(found, report.text)
    return report, wanted


def _asking(context: Context) -> "Asking":
    """Who asks the model of `.env` until the time is up; ConfigError if it is offline."""
    from core.llm import writer_for
    from wick.clones.money import purse

    settings, store = context.settings, context.store
    writer = writer_for("writer", settings, store)
    if writer.name.startswith("offline"):
        raise ConfigError(
            "--model asks a model, and none is set",
            field="LLM_WRITER",
            value=writer.name,
            remedy="name one in .env, such as LLM_WRITER=openai:gpt-5; or leave --model out",
        )
    return lambda ends: purse(settings, store, ends, None).writer("writer")


def span(text: str) -> float:
    """Seconds of `30s`, `2m`, `1500ms` or a bare number."""
    found = _SPAN.fullmatch(text.strip())
    seconds = float(found[1]) * _SECONDS[found[2]] if found else -1.0
    if not _LEAST <= seconds <= _MOST:
        raise UsageError(
            f"{text!r} is no time between {_LEAST:g} s and {_MOST:g} s",
            field="--budget",
            value=text,
            remedy="write 30s, 2m or 1500ms",
        )
    return seconds


def _failed(report: "Report") -> AszaError | None:
    """The verdict as an exit code."""
    if report.verdict == "ambiguous":
        return Ambiguous(
            f"{report.function} may be repaired in {report.groups} ways that differ: "
            f"{report.why}",
            field="cases",
            remedy="add one of the cases shown, the one that is right, and run it again"
            if report.questions
            else "add a case, and run it again",
        )
    if report.verdict == "not repaired":
        return NotRepaired(
            f"{report.function} is not repaired: {report.why}",
            field="function",
            value=report.function,
            remedy="give it more time (--budget), a case that is simpler, or a model "
            "(--model); the file is as it was",
        )
    return None


def _view(console: Console, data: Data) -> None:
    style = _STYLES.get(data["verdict"], "bold yellow")
    head = f"{Path(data['file']).name}::{data['function']}"
    console.print(f"{escape(head)}: [{style}]{data['verdict']}[/]")
    for line in data["failing"]:
        console.print(f"[dim]  wrong before:[/] {escape(line)}", soft_wrap=True)
    if data["diff"]:
        console.print(views.difference(data["diff"]), soft_wrap=True)
    console.print(views.table("", ("", ""), _rows(data), show_header=False))
    _show_questions(console, data)
    for note in data["notes"]:
        console.print(f"[dim]note[/] {escape(note)}")
    if data["verdict"] != "not repaired":
        console.print(f"[dim]{escape(data['note'])}[/]")


def _rows(data: Data) -> list[tuple[str, str]]:
    first = data["first_seconds"]
    rows = [
        ("cases", f"{data['cases']}, {len(data['failing'])} came out wrong"),
        ("engine", f"{data['engine']}: {data['engine_why']}"),
        ("isolation", ", ".join(data["isolation"])),
        ("tried", counted(data["tried"], "candidate")),
        ("survivors", f"{counted(data['survivors'], 'gives', 'give')} every case"),
        ("change", f"{'; '.join(data['edits'])} ({data['rung']})"),
        ("quorum", f"{data['why']}; {data['fresh_inputs']} fresh inputs"),
        (
            "time",
            f"{data['seconds']:.2f} s" + (f", first {first:.2f} s" if first else ""),
        ),
        ("cost", views.dollars(data["cost_usd"])),
        ("file", "written" if data["written"] else "as it was"),
    ]
    searched = (
        {"tried", "survivors", "quorum", "cost"} if not data["failing"] else set()
    )
    hidden = searched | (set() if data["edits"] else {"change", "quorum"})
    return [row for row in rows if row[0] not in hidden]


def _show_questions(console: Console, data: Data) -> None:
    """What survivors disagree on, and the case lines that settle it."""
    if data["verdict"] != "ambiguous" or not data["questions"]:
        return
    console.print("[bold]one more example settles it[/]: add the line that is right")
    for question in data["questions"]:
        console.print(
            f"  {data['function']}({escape(question['inputs'])})", soft_wrap=True
        )
        for each in question["answers"]:
            count = f"{each['survivors']} survivor{'s' * (each['survivors'] > 1)}"
            line = each["case"] or each["gives"]
            console.print(f"    {escape(line)}  [dim]{count}[/]", soft_wrap=True)
