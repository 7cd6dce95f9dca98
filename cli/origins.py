"""Commands that look back: which version changed an answer, and which wrote a line."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from cli import views
from cli.context import Context
from cli.modules import ModuleName
from cli.output import Json, Output, UsageError
from core.errors import DataError, NotFound

if TYPE_CHECKING:
    from core.gate.trial import Case
    from core.store import Defect, Probation, Store, VersionRow

Data = dict[str, Any]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(bisect)
    app.command()(blame)


def bisect(
    name: ModuleName,
    given: Annotated[
        str | None, typer.Option("--input", help='As JSON: {"a": 2, "b": 3}.')
    ] = None,
    recording: Annotated[
        int | None,
        typer.Option(help="A recorded call instead, by its number in `asza approve`."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Run every version on one input: the first whose answer differs, and each change."""
    from core.bisection import answers

    if (given is None) == (recording is None):
        raise UsageError(
            "say on which input the versions are compared",
            remedy="""give --input '{"a": 2}' or --recording NUMBER, one of the two""",
        )
    with Context() as context:
        case = _case(context.store, name, given, recording)
        found = answers(context.store, context.settings, context.sandbox, name, case)
    rows = [each.as_dict() for each in found]
    changes = [row["version"] for row in rows if row["changed"]]
    data = {
        "module": name,
        "input": dict(case.inputs),
        "first_change": changes[0] if changes else None,
        "changes": changes,
        "versions": rows,
    }
    Output(as_json).answer(data, _bisect_view)


def _case(
    store: "Store", name: str, given: str | None, recording: int | None
) -> "Case":
    """The input to compare on; one that is typed has no recorded capability answers."""
    from core.gate.trial import Case, recorded_case
    from core.store import Recordings

    if given is not None:
        return Case(_inputs(given))
    found = Recordings(store).list(name)
    for one in found:
        if one.id == recording:
            return recorded_case(one)
    raise NotFound(
        f"{name} has no recording {recording}",
        field="--recording",
        value=recording,
        remedy=f"`asza approve {name}` lists those there are",
    )


def _inputs(text: str) -> Data:
    """`--input` as named values; DataError when it is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(text, str(error)) from error
    if not isinstance(found, dict):
        raise _unreadable(text, "it is no object")
    return found


def _unreadable(text: str, why: str) -> DataError:
    return DataError(
        f"--input cannot be read: {why}",
        field="--input",
        value=text,
        remedy="""give one JSON object, as --input '{"a": 2, "b": 3}'""",
    )


def _bisect_view(console: Console, data: Data) -> None:
    cells = (
        (
            each["version"],
            "changed" if each["changed"] else "",
            each["answer"],
            each["state"],
            each["cause"],
        )
        for each in data["versions"]
    )
    columns = ("version", "", "answer", "state", "cause")
    console.print(views.table(data["module"], columns, cells))
    console.print(_first_change(data), markup=False)


def _first_change(data: Data) -> str:
    first, *more = data["changes"] or [None]
    if first is None:
        return "every version answers the same"
    said = f"the answer first changed with version {first}"
    return said + (f", and again with {', '.join(map(str, more))}" if more else "")


def blame(name: ModuleName, as_json: Json = False) -> None:
    """Why each version exists, what became of it, and which wrote each line."""
    from core.blame import blamed
    from core.lineage import history
    from core.store import LIVE, Defects, Probations

    with Context() as context:
        rows = {row.version: row for row in history(context.store, name)}
        defects = Defects(context.store).list(name, 10_000)
        probations = Probations(context.store).history(name)
    live = next((v for v, row in rows.items() if row.state == LIVE), max(rows))
    data = {
        "module": name,
        "version": live,
        "lines": [line._asdict() for line in blamed(rows, live)],
        "versions": [
            _why(rows, row, _healed(defects, row.version), probations)
            for row in rows.values()
        ],
    }
    Output(as_json).answer(data, _blame_view)


def _healed(defects: "Sequence[Defect]", version: int) -> "list[Defect]":
    """The defects a version was made live for, also where it was wrong for them."""
    return [
        defect
        for defect in reversed(defects)
        if defect.repaired_by == version
        or any(past.get("repaired_by") == version for past in defect.earlier)
    ]


def _why(
    rows: "Mapping[int, VersionRow]",
    row: "VersionRow",
    defects: "Sequence[Defect]",
    probations: "Sequence[Probation]",
) -> Data:
    """One version: where it came from, and what became of it."""
    from core.blame import changed

    lines = changed(rows, row)
    trial = [each for each in probations if each.version == row.version]
    return {
        "version": row.version,
        "state": row.state,
        "parent": row.parent,
        "cause": row.cause,
        "writer": row.writer,
        "means": row.means,
        "cost_usd": row.cost_usd,
        "created_at": row.created_at,
        "added": lines.added,
        "removed": lines.removed,
        "probation": trial[-1].state if trial else None,
        "probation_reason": trial[-1].reason if trial else "",
        "defects": [_repair(defect, row.version) for defect in defects],
    }


def _repair(defect: "Defect", version: int) -> Data:
    """What a version did for a defect: by which rung, at what price, for how long."""
    told = {"defect": defect.id, "failure": defect.signature}
    if defect.repaired_by == version:
        rung, cost = str(defect.verdict.get("rung", "")), defect.cost_usd
        fate, reason = defect.fate, defect.fate_reason
    else:
        past = next(p for p in defect.earlier if p.get("repaired_by") == version)
        rung, cost = str(past.get("rung", "")), Decimal(str(past.get("cost_usd", 0)))
        fate, reason = past.get("fate"), str(past.get("fate_reason", ""))
    return {**told, "rung": rung, "cost_usd": cost, "fate": fate, "reason": reason}


def _blame_view(console: Console, data: Data) -> None:
    width = max(len(str(line["version"])) for line in data["lines"])
    for line in data["lines"]:
        number = f"{line['version']:>{width}}"
        console.print(
            f"[cyan]{number}[/] [dim]│[/] {escape(line['text'])}", soft_wrap=True
        )
    cells = (
        (
            each["version"],
            each["state"],
            f"{each['writer']} ({each['means']})",
            each["cause"],
            f"+{each['added']} −{each['removed']}",
            views.dollars(each["cost_usd"]),
            _became(each),
        )
        for each in data["versions"]
    )
    columns = ("version", "state", "writer", "cause", "lines", "cost", "what became")
    console.print(views.table(data["module"], columns, cells))


def _became(each: Data) -> str:
    """Probation and repairs of a version in words."""
    told = [f"probation {each['probation']}"] if each["probation"] else []
    for one in each["defects"]:
        by = f" by {one['rung']}" if one["rung"] else ""
        fate = f", {one['fate']}" if one["fate"] else ""
        told.append(f"repaired defect {one['defect']}{by}{fate}")
    return "; ".join(told)
