"""`asza trade why`: the chain of calls behind an order, in words."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import AccountName, decision_of, one_of, reading
from cli.trade.kept import stack_of
from cli.trade.looking import when
from core.errors import AszaError
from trading.shell.plain import plain

if TYPE_CHECKING:
    from cli.trade.telling import Made
    from trading.shell.ledger.events import Decided, Halted
    from trading.shell.ledger.reading import Reading
    from trading.shell.ledger.told import OrderRow
    from trading.shell.ledger.trades import Trade

LONGEST = 100  # characters of a module's inputs or outputs in a table
SHOWN_ORDER = ("id", "purpose", "side", "kind", "quantity", "average_price", "status")


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(why)


def why(
    name: Annotated[
        str,
        typer.Argument(help="A trade's or a decision's id, or the start of one."),
    ],
    account: AccountName = None,
    as_json: Json = False,
) -> None:
    """Why a trade was made and closed, or why a decision came to nothing, in words."""
    with Context() as context:
        door = reading(context, account)
        trade = _trade(door, name)
        if trade is None:
            found = decision_of(door, name, "trade or decision")
            data = _decision_data(context, door, found)
        else:
            data = _trade_data(context, door, trade)
    Output(as_json).answer(data, _show)


def _trade(door: "Reading", name: str) -> "Trade | None":
    """The trade of that name; None where no trade's begins with it."""
    from trading.shell.ledger.told import Which

    rows = door.trades(Which(limit=None))
    ids = [one.id for one in rows]
    if not any(one.startswith(name) for one in ids):
        return None
    return one_of(rows, ids, name, "trade")


def _trade_data(context: Context, door: "Reading", trade: "Trade") -> dict[str, Any]:
    from cli.trade.telling import trade_words

    opened, closed = (
        None if one is None else _made(context, door, one)
        for one in door.decisions_of(trade)
    )
    both = [one for one in (opened, closed) if one is not None]
    return {
        "trade": {**plain(trade), "net": trade.net},
        "in_words": list(trade_words(trade, opened, closed)),
        "entry": _decision(opened),
        "exit": _decision(closed),
        "orders": [plain(order) for one in both for order in one.orders],
    }


def _decision_data(
    context: Context, door: "Reading", decided: "Decided"
) -> dict[str, Any]:
    from cli.trade.telling import decision_words

    made = _made(context, door, decided)
    return {
        "in_words": list(decision_words(made)),
        "decision": _decision(made),
        "orders": [plain(order) for order in made.orders],
    }


def _made(context: Context, door: "Reading", decided: "Decided") -> "Made":
    """A decision with all that the ledger has of it."""
    from cli.trade.telling import Made, gates

    signals, orders = door.signals_of(decided.id), door.orders_of(decided.id)
    fills = [fill for order in orders for fill in door.fills_of(order.id)]
    stopped = [module for module, passed, _ in gates(decided) if not passed]
    does = _does(context, door, stopped)
    return Made(decided, signals, orders, fills, does, _halts(door, orders))


def _halts(door: "Reading", orders: "list[OrderRow]") -> "list[Halted]":
    """Who had everything sold by these orders: a person, else every halt in force."""
    from cli.trade.telling import sold_all

    if not sold_all(orders):
        return []
    until = max(order.at for order in orders) + 1
    events = door.halts(until)[::-1]  # the newest first
    resumed = [at for at, one in enumerate(events) if one.cause == "resumed"]
    since = events[: resumed[0]] if resumed else events
    asked = [one for one in since if one.cause == "flatten"]
    return asked[:1] or since


def _does(
    context: Context, door: "Reading", modules: Iterable[str]
) -> Mapping[str, str]:
    """What modules are for, in their specs' words; what has no spec is left out."""
    from core.atomic import read_text
    from core.library import vocabulary_of
    from core.places import spec_path
    from core.spec import parse_spec

    account, found = door.account, {}
    stack = stack_of(context, account.mode.value, account.name)
    for module in modules if stack else ():
        text = read_text(spec_path(context.settings, f"{stack}.{module}"))
        try:
            words = vocabulary_of(context.settings, str(stack))
            spec = parse_spec(text or "", stack=str(stack), vocabulary=words)
        except AszaError:  # it was edited since: the story is told without it
            continue
        found[module] = spec.description
    return found


def _decision(made: "Made | None") -> dict[str, Any] | None:
    if made is None:
        return None
    decided = made.decided
    return {
        "id": decided.id,
        "at": when(decided.at),
        "action": decided.action,
        "reason": decided.reason,
        "ended_by": decided.ended_by,
        "regime": decided.regime,
        "faults": decided.faults,
        "versions": decided.versions,
        "signals": [plain(one) for one in made.signals],
        "chain": [_link(link) for link in decided.trace],
    }


def _link(link: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "phase": link["phase"],
        "module": f"{link['module']}@{link['version']}",
        "inputs": link["inputs"],
        "outputs": link["outputs"],
    }


def _show(console: Console, data: dict[str, Any]) -> None:
    """The story, and under it what it was made from."""
    for line in data["in_words"]:
        console.print(line, markup=False)
    console.print()
    for name in ("entry", "exit", "decision"):
        if data.get(name):
            _show_chain(console, name, data[name])
    rows = [[one[key] for key in SHOWN_ORDER] for one in data["orders"]]
    if rows:
        console.print(views.table("orders", SHOWN_ORDER, rows))


def _show_chain(console: Console, name: str, decision: dict[str, Any]) -> None:
    """Every module that ran for a decision, in order."""
    columns = ("module", "read", "made")
    rows = (
        (link["module"], _told(link["inputs"]), _told(link["outputs"]))
        for link in decision["chain"]
    )
    title = f"{name}: {decision['id']} · {decision['action']} · {decision['at']}"
    console.print(views.table(title, columns, rows))
    if not decision["chain"]:
        console.print("[dim]no chain was kept of this decision[/]")


def _told(values: Mapping[str, Any]) -> str:
    text = views.shown(values)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
