"""`asza trade calibrate`: what a model's answers were worth. It is kept, and sets nothing."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import AccountName, reading
from cli.trade.kept import stack_of
from cli.trade.weight import keep_weight
from core.counting import counted

if TYPE_CHECKING:
    from trading.shell.statistics.calibration import Calibration

SAID = "gpt_said"

Bars = Annotated[
    int, typer.Option(min=1, max=10_000, help="Bars after which an answer is scored.")
]
Least = Annotated[
    int, typer.Option(min=30, help="Independent answers that a weight above 0 needs.")
]
Value = Annotated[str, typer.Option(help="The value that says buy, sell or wait.")]


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(calibrate)


def calibrate(
    account: AccountName = None,
    bars: Bars = 12,
    least: Least = 100,
    value: Value = SAID,
    as_json: Json = False,
) -> None:
    """Score a model's answers against what the market did next; keep the weight."""
    from trading.shell.ledger.said import models, said
    from trading.shell.statistics.calibration import calibrate as score

    with Context() as context:
        whose = reading(context, account).account
        found = score(said(context.store, whose, value), bars=bars, least=least)
        stack = stack_of(context, whose.mode.value, whose.name)
        if stack and value == SAID:
            keep_weight(context, stack, whose.name, found)
        data = {
            "account": whose.name,
            "kept_for": stack if value == SAID else None,
            "bars": bars,
            "least": least,
            "models": models(context.store),
            **asdict(found),
        }
    Output(as_json).answer(data, lambda console, told: _show(console, told, found))


def _show(console: Console, data: dict[str, Any], found: "Calibration") -> None:
    asked = ", ".join(f"{model} ({n})" for model, n in data["models"].items())
    console.print(
        f"{counted(found.answers, 'answer')} scored {counted(data['bars'], 'bar')} later, "
        f"{found.draws} of them independent; {found.waits} said wait, "
        f"{counted(found.abstained, 'was an abstention', 'were abstentions')}",
        markup=False,
    )
    console.print(f"on the decision tape: {asked or 'nothing'}", markup=False)
    if len(data["models"]) > 1:
        console.print("several models answered: this is their mixture", style="yellow")
    rows = [
        ("right", _share(found.hit_rate)),
        ("right by the base rate", _share(found.base_rate)),
        ("edge", _share(found.edge)),
        ("95 % interval of the edge", f"{_share(found.low)} to {_share(found.high)}"),
        ("Brier score", _number(found.brier)),
        ("Brier score of the base rate", _number(found.base_brier)),
    ]
    console.print(views.table("what they were worth", ("figure", "value"), rows))
    console.print(f"gpt_weight they justify: {found.weight:g} ({found.why})")
    if data["kept_for"] is None:
        console.print("it was not kept: no stack says this value here", style="dim")
    elif found.weight:
        console.print(
            f"nothing was set: --set gpt_weight={found.weight:g} uses it", style="dim"
        )


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
