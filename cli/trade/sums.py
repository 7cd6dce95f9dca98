"""`asza trade accounts`: every account, and the sums that its equity is made of."""

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

SUMS = (
    "gross is realised, before costs; costs are fees and funding; net = gross − costs; "
    "equity = deposits + net + open"
)
SPARE = ("mode", "as of", "costs", "gross")
MADE_OF = {
    "deposits": "deposits",
    "realised": "gross",
    "costs": "costs",
    "net": "net",
    "unrealised": "open",
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
    latest = door.latest()
    return {
        "account": door.account.name,
        "mode": door.account.mode.value,
        "opened": when(opened),
        "as_of": when(latest.at) if latest else None,
        **(_sum(latest) if latest else dict.fromkeys(MADE_OF)),
    }


def _sum(latest: "Snapshot") -> dict[str, Any]:
    """Equity and what it is made of: deposits, net and unrealised."""
    costs = latest.fees + latest.funding
    net = latest.realised - costs
    return {
        "deposits": latest.equity - latest.unrealised - net,
        "realised": latest.realised,
        "fees": latest.fees,
        "funding": latest.funding,
        "costs": costs,
        "net": net,
        "unrealised": latest.unrealised,
        "equity": latest.equity,
    }


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
