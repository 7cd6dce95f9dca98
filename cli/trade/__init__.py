"""`asza trade …`: backtest, paper trading, and looking at what was traded."""

import typer

from cli.trade import (
    answering,
    backtest,
    calibrating,
    control,
    doctor,
    lifecycle,
    looking,
    paper,
    replay,
    sums,
    why,
)

app = typer.Typer(
    help="Trade with a stack: backtest, paper, and why it did what it did.",
    no_args_is_help=True,
)
for commands in (
    backtest,
    paper,
    answering,
    calibrating,
    sums,
    looking,
    why,
    lifecycle,
    replay,
    control,
    doctor,
):
    commands.register(app)
