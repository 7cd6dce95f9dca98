"""`asza trade debug`: a symbol's whole lifecycle, as the ledger has it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import AccountName, reading
from cli.trade.looking import when
from cli.trade.seen import seen
from trading.shell.plain import plain


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(debug)


def debug(
    symbol: Annotated[str, typer.Argument(help="A market, as BTC/USD.")],
    account: AccountName = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 20,
    as_json: Json = False,
) -> None:
    """A symbol's whole lifecycle: seen, decided, ordered, filled, open now."""
    from trading.shell.ledger.told import Which

    with Context() as context:
        door = reading(context, account)
        data = plain(door.lifecycle(seen(door, symbol), Which(limit=limit)))
    Output(as_json).answer(data, _lifecycle)


SPARE = "regime", "fee", "fees", "purpose", "id"
LIFE = (
    ("evaluations", ("at", "price", "regime", "signal", "action", "confidence")),
    ("decisions", ("id", "at", "action", "ended_by", "reason", "regime")),
    ("signals", ("at", "acted", "rejected_by", "reason", "confidence")),
    ("executed", ("id", "purpose", "side", "quantity", "price", "fees", "at")),
    ("fills", ("id", "side", "quantity", "price", "fee", "at", "reason")),
    ("open_orders", ("id", "purpose", "side", "kind", "trigger", "status")),
)


def _lifecycle(console: Console, data: dict[str, Any]) -> None:
    for name, columns in LIFE:
        rows = [_row(one, columns) for one in data[name]]
        console.print(views.table(name.replace("_", " "), columns, rows, spare=SPARE))
    held = data["position"]
    console.print(
        f"holds {held['quantity']:f} since {when(held['opened_at'])}"
        if held
        else "flat"
    )


def _row(one: Mapping[str, Any], columns: Sequence[str]) -> list[Any]:
    return [when(one[key]) if key == "at" else one[key] for key in columns]
