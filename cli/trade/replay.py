"""`asza trade replay`: a decision made again from its recordings, bit for bit."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import AccountName, decision_of, reading
from cli.trade.bench import Bench
from cli.trade.kept import stack_of
from cli.trade.looking import when
from cli.trade.orders import ASKED, order_of
from core.counting import counted
from core.errors import NotFound
from core.names import suggest

if TYPE_CHECKING:
    from trading.shell.engine.replaying import Again
    from trading.shell.ledger.events import Decided
    from trading.shell.ledger.reading import Reading

DecisionId = Annotated[
    str, typer.Argument(help="A decision's id, as `asza trade why` and `debug` show.")
]
With = Annotated[
    list[str] | None,
    typer.Option(
        "--with",
        help="module@version: that version instead, and all that follows from it.",
    ),
]
StackName = Annotated[
    str | None, typer.Option("--stack", help="Where the account does not say which.")
]


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(replay)


def replay(
    decision: DecisionId,
    account: AccountName = None,
    versions: With = None,
    stack: StackName = None,
    as_json: Json = False,
) -> int:
    """Make a decision again from its recordings; what another version would change."""
    from trading.shell.engine.replaying import again, otherwise

    asked = dict(map(_pair, versions or ()))
    with Context() as context:
        door = reading(context, account)
        found = decision_of(door, decision)
        _require_chain(found)
        name = stack or _stack(context, door)
        bench = Bench(context, name, found)
        _require_modules(bench, asked)
        made = again(found, bench.call)
        changed = (
            otherwise(bench.stack_with(asked), found, bench.call, asked)
            if asked
            else []
        )
        data = _data(found, name, asked, made, changed, bench)
        if asked:
            data |= order_of(door, found, changed)
    Output(as_json).answer(data, _show)
    return 0


def _pair(text: str) -> tuple[str, int]:
    module, at, version = text.rpartition("@")
    if not (at and version.isdigit() and module):
        raise typer.BadParameter(f"'{text}' is not module@version", param_hint="--with")
    return module.rpartition(".")[2], int(version)


def _require_chain(found: "Decided") -> None:
    if not found.trace:
        raise NotFound(
            f"no chain of calls was kept of {found.id}",
            field="decision",
            value=found.id,
            remedy="a backtest keeps it of decisions that acted, paper of all",
        )


def _stack(context: Context, door: "Reading") -> str:
    account = door.account
    name = stack_of(context, account.mode.value, account.name)
    if name is None:
        raise NotFound(
            f"it is not known which stack traded {account.name}",
            field="stack",
            value=account.name,
            remedy="say it with --stack",
        )
    return name


def _require_modules(bench: "Bench", asked: Mapping[str, int]) -> None:
    for module, version in asked.items():
        if module not in bench.live.entries:
            raise NotFound(
                f"stack {bench.name} has no module '{module}'",
                field="--with",
                value=module,
                remedy=suggest(module, bench.live.entries),
            )
        bench.entry(module, version)


def _data(
    found: "Decided",
    stack: str,
    asked: Mapping[str, int],
    made: "Sequence[Again]",
    changed: "Sequence[Again]",
    bench: Bench,
) -> dict[str, Any]:
    return {
        "decision": found.id,
        "stack": stack,
        "at": when(found.at),
        "action": found.action,
        "modules": len(made),
        "same": sum(one.same for one in made),
        "different": [_told(one) for one in made if not one.same],
        "unanswered": bench.asking.asked,
        "with": dict(asked),
        "called": sorted(_called(found)),
        "not_called": sorted(asked.keys() - _called(found)),
        "called_again": len(changed),
        "changed": [_told(one) for one in changed if not one.same],
    }


def _called(found: "Decided") -> set[str]:
    return {link["module"] for link in found.trace}


def _told(one: "Again") -> dict[str, Any]:
    changes = {name: list(pair) for name, pair in one.changes().items()}
    return {
        "phase": one.phase,
        "module": f"{one.module}@{one.version}",
        "inputs": one.inputs,
        "then": one.recorded,
        "now": one.made,
        "changes": changes,
        "remark": one.remark,
    }


def _show(console: Console, data: dict[str, Any]) -> None:
    title = f"{data['decision']} · {data['stack']} · {data['at']} · {data['action']}"
    console.print(title, markup=False)
    console.print(f"{data['same']} of {data['modules']} modules gave the same")
    if data["different"]:
        console.print(_table("not the same", data["different"]))
    if data["unanswered"]:
        told = counted(
            data["unanswered"], "question to a model is", "questions to a model are"
        )
        console.print(f"{told} not on the decision tape")
    if data["with"]:
        _show_with(console, data)


def _show_with(console: Console, data: dict[str, Any]) -> None:
    named = ", ".join(f"{name}@{number}" for name, number in data["with"].items())
    count = f"{counted(data['called_again'], 'call')} made again, {counted(len(data['changed']), 'differs', 'differ')}"
    console.print(f"with {named}: {count}", markup=False)
    for name in data["not_called"]:
        called = ", ".join(data["called"])
        console.print(
            f"{name} was not called in this decision; called were {called}",
            markup=False,
        )
    if data["changed"]:
        console.print(_table("what it changes", data["changed"]))
    order = data["order"]
    if not order["differs"]:
        console.print("the order would be the same")
        return
    rows = [
        (name, views.shown(order["then"][name]), views.shown(order["now"][name]))
        for name in ASKED
        if order["then"][name] != order["now"][name]
    ]
    console.print(views.table("the order would differ", ("", "then", "now"), rows))


def _table(title: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    cells = [cell for row in rows for cell in _cells(row)]
    return views.table(title, ("module", "output", "then", "now", "remark"), cells)


def _cells(row: Mapping[str, Any]) -> list[tuple[str, ...]]:
    if row["now"] is None or not row["changes"]:
        return [(row["module"], "–", "", "", row["remark"])]
    return [
        (row["module"], name, views.shown(then), views.shown(now), row["remark"])
        for name, (then, now) in row["changes"].items()
    ]
