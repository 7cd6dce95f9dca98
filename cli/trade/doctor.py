"""`asza trade doctor`: can this machine trade this stack now, and what stands against it."""

import typer

from cli.context import Context
from cli.output import Json, Output
from cli.records import doctor_view
from cli.trade.accounts import Examined, reading
from cli.trade.options import LimitsFile, Stack
from core.errors import StoreError


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(doctor)


def doctor(
    stack: Stack = "trading",
    limits: LimitsFile = None,
    account: Examined = None,
    as_json: Json = False,
) -> None:
    """Settings, limits, modules, ledger, candles, clock: exit code 9 if one is wrong."""
    from cli.trade.checks import examine
    from core.doctor import healthy

    with Context() as context:
        asked = None if account is None else reading(context, account).account
        checks = examine(context, stack, limits, asked)
    Output(as_json).answer([each.as_dict() for each in checks], doctor_view)
    if not healthy(checks):
        raise typer.Exit(StoreError.exit_code)
