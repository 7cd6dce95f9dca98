"""Commands by which a person decides: quarantine a module, approve what it answered."""

import getpass
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.modules import Limit, ModuleName
from cli.output import Json, Output, UsageError
from core.errors import DataError, NotFound

if TYPE_CHECKING:
    from core.store import Quarantine, Recording, Store

AnyModule = Annotated[
    str | None,
    typer.Argument(help="stack.module. Default: show what is in quarantine."),
]
Reason = Annotated[str | None, typer.Option(help="Why, in your words.")]


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.command()(quarantine)
    app.command()(approve)


def person() -> str:
    """Who types this, as the system knows them."""
    with suppress(KeyError, OSError, ImportError):
        return getpass.getuser()
    return "a person"


def quarantine(
    module: AnyModule = None,
    version: Annotated[
        int | None,
        typer.Option(min=1, help="Only this version: it is never made live by Wick."),
    ] = None,
    reason: Reason = None,
    lift: Annotated[bool, typer.Option("--lift", help="Let it run again.")] = False,
    as_json: Json = False,
) -> None:
    """Stop a module from running: its fallback answers until you lift it."""
    from core.store import Quarantines

    output = Output(as_json)
    if module is None:
        _refuse_options(version, reason, lift=lift)
        with Context() as context:
            rows = [asdict(each) for each in Quarantines(context.store).holding()]
        output.answer(rows, _holding_view)
        return
    if lift and reason:
        raise UsageError("--lift takes no --reason", remedy="give one of the two")
    with Context() as context:
        door = Quarantines(context.store)
        if lift:
            done = door.lift(module, version, by=person())
        else:
            why = reason or "no reason was given"
            done = door.set(module, version, reason=why, by=person())
        data = {**asdict(done), **_effect(context, done)}
    output.answer(data, _quarantine_view)


def _refuse_options(version: int | None, reason: str | None, *, lift: bool) -> None:
    if version is not None or reason or lift:
        raise UsageError(
            "name the module that is meant",
            remedy="`asza quarantine MODULE …`; `asza list` shows the modules",
        )


def _effect(context: Context, done: "Quarantine") -> dict[str, Any]:
    """Whether it concerns what runs now, and what answers in its place (None: nothing)."""
    from core.library import vocabulary_of
    from core.places import split_id
    from core.spec import parse_spec
    from core.store import Modules

    row = Modules(context.store).live(done.module)
    if row is None or done.version not in (None, row.version):
        return {"concerns_live": False, "fallback": None}
    stack, _ = split_id(done.module)
    words = vocabulary_of(context.settings, stack)
    contract = parse_spec(row.spec_text, stack=stack, vocabulary=words).contract
    return {"concerns_live": True, "fallback": contract.fallback}


def _holding_view(console: Console, rows: list[dict[str, Any]]) -> None:
    if not rows:
        console.print("Nothing is in quarantine.")
        return
    cells = (
        (
            each["module"],
            each["version"] or "all",
            each["reason"],
            each["set_by"],
            f"{each['at']:%Y-%m-%d %H:%M:%S}",
        )
        for each in rows
    )
    columns = ("module", "version", "reason", "by", "since")
    console.print(views.table("in quarantine", columns, cells))


def _quarantine_view(console: Console, data: dict[str, Any]) -> None:
    version = data["version"]
    what = data["module"] if version is None else f"{data['module']}@{version}"
    console.print(f"{what} {_told(data)}", markup=False)


def _told(data: Mapping[str, Any]) -> str:
    """What a quarantine, or its end, means for what runs."""
    if data["lifted_at"]:
        return "is out of quarantine" + (
            ": it runs again from the next tick on" if data["concerns_live"] else ""
        )
    if not data["concerns_live"]:
        return "is in quarantine: Wick never makes it live"
    if data["fallback"] is None:
        return (
            "is in quarantine from the next tick on; its spec has no fallback, so "
            "every call of it fails until it is lifted"
        )
    shown = views.shown(data["fallback"])
    return f"is in quarantine: from the next tick on its fallback answers, {shown}"


def approve(
    name: ModuleName,
    recording: Annotated[
        int | None, typer.Argument(help="Its number. Default: list them.")
    ] = None,
    reason: Reason = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="It is no law any more.")
    ] = False,
    limit: Limit = 15,
    as_json: Json = False,
) -> None:
    """Say that a recorded answer is right: every later body must give the same."""
    from core.store import Recordings

    output = Output(as_json)
    if recording is None and (withdraw or reason):
        raise UsageError(
            "name the recording that is meant",
            remedy=f"`asza approve {name}` lists them with their numbers",
        )
    with Context() as context:
        door = Recordings(context.store)
        kept = _kept(context.store, name)
        if recording is None:
            output.answer([_recorded(r) for r in kept[-limit:]], _recordings_view)
            return
        if withdraw:
            door.withdraw(name, recording, reason or "")
        else:
            _refuse_failed(name, recording, kept)
            door.approve(name, recording, reason or f"approved by {person()}")
        (one,) = (r for r in door.list(name) if r.id == recording)
    output.answer(_recorded(one), _recording_view)


def _kept(store: "Store", name: str) -> "list[Recording]":
    """A module's recordings; NotFound when there is none, and why."""
    from core.lineage import history
    from core.store import Recordings

    kept = Recordings(store).list(name)
    if not kept:
        history(store, name)  # NotFound where there is no such module
        raise NotFound(
            f"nothing of {name} was recorded yet",
            field="module",
            value=name,
            remedy=f"run its stack first: `asza run {name.partition('.')[0]}`",
        )
    return kept


def _refuse_failed(name: str, number: int, kept: "list[Recording]") -> None:
    """A call that failed has no answer of its own to approve."""
    for one in kept:
        if one.id == number and one.outcome != "ok":
            raise DataError(
                f"recording {number} of {name} is of a call that failed: {one.remark}",
                field="recording",
                value=number,
                remedy="approve a call that went well, or add an example to its spec",
            )


def _recorded(one: "Recording") -> dict[str, Any]:
    return {
        "recording": one.id,
        "module": one.module,
        "version": one.version,
        "kind": one.kind,
        "outcome": one.outcome,
        "inputs": one.inputs,
        "outputs": one.outputs,
        "remark": one.remark,
        "reason": one.reason,
        "at": datetime.fromtimestamp(one.at / 1e9, UTC),
    }


def _recordings_view(console: Console, rows: list[dict[str, Any]]) -> None:
    columns = "recording kind version inputs outputs reason remark".split()
    cells = ([each[column] for column in columns] for each in rows)
    console.print(views.table(rows[0]["module"], columns, cells))


def _recording_view(console: Console, one: dict[str, Any]) -> None:
    said = "must be answered the same way" if one["kind"] == "approved" else "is no law"
    console.print(
        f"recording {one['recording']} of {one['module']} {said} from now on: "
        f"{views.shown(one['inputs'])} → {views.shown(one['outputs'])}",
        markup=False,
    )
