"""`asza trade accounts`: every account, and the sums that its equity is made of."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from cli.trade.looking import amount, when

if TYPE_CHECKING:
    from trading.shell.ledger.events import Snapshot
    from trading.shell.ledger.reading import Reading
    from trading.shell.ledger.trades import Trade

SUMS = (
    "gross, costs (fees and funding) and net are of closed trades, as in a report; net = "
    "gross − costs; open is what open positions came to, after the costs they have had; "
    "equity = deposits + net + open"
)
SPARE = ("mode", "as of", "costs", "gross")
MADE_OF = {
    "deposits": "deposits",
    "gross": "gross",
    "costs": "costs",
    "net": "net",
    "open": "open",
    "equity": "equity",
}


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(accounts)


def accounts(as_json: Json = False) -> None:
    """Every account there is: paper, and the backtests that are kept."""
    from trading.shell.ledger.reading import Reading
    from trading.shell.ledger.reading import accounts as known

    with Context() as context:
        rows = [
            _account(Reading(context.store, account), opened)
            for account, opened in known(context.store)
        ]
    Output(as_json).answer({"accounts": rows}, _show_accounts)


def _account(door: "Reading", opened: int) -> dict[str, Any]:
    from trading.shell.ledger.told import Which

    latest = door.latest()
    return {
        "account": door.account.name,
        "mode": door.account.mode.value,
        "opened": when(opened),
        "as_of": when(latest.at) if latest else None,
        **(
            _sum(latest, door.trades(Which(limit=None)))
            if latest
            else dict.fromkeys(MADE_OF)
        ),
    }


def _sum(latest: "Snapshot", trades: "list[Trade]") -> dict[str, Any]:
    """Equity and what it is made of: deposits, the net of closed trades, and open; what
    was realised and paid in all, by positions that are open too."""
    gross = _total(one.gross for one in trades)
    costs = _total(one.fees + one.funding for one in trades)
    paid = latest.fees + latest.funding
    deposits = latest.equity - latest.unrealised - latest.realised + paid
    return {
        "deposits": deposits,
        "gross": gross,
        "realised": latest.realised,
        "unrealised": latest.unrealised,
        "fees": latest.fees,
        "funding": latest.funding,
        "costs": costs,
        "net": gross - costs,
        "open": latest.equity - deposits - gross + costs,
        "equity": latest.equity,
    }


def _total(amounts: "Iterable[Decimal]") -> Decimal:
    return sum(amounts, start=Decimal(0))


def _show_accounts(console: Console, data: dict[str, Any]) -> None:
    columns = ("account", "mode")
    rows = [
        (
            *(one[name] for name in columns),
            (one["as_of"] or "")[:10],
            *(amount(name, one[name]) for name in MADE_OF),
        )
        for one in data["accounts"]
    ]
    named = ("account", "mode", "as of", *MADE_OF.values())
    console.print(views.table("accounts", named, rows, spare=SPARE))
    console.print(SUMS, style="dim")
