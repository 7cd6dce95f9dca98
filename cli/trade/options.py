"""The options of a backtest; paper trading has the first of them too."""

from pathlib import Path
from typing import Annotated

import typer

Stack = Annotated[str, typer.Option("--stack", help="As `asza list` shows.")]
Symbols = Annotated[
    str | None,
    typer.Option("--symbols", help="Markets, comma between: BTC/USD,ETH/USD."),
]
Csv = Annotated[
    list[Path] | None,
    typer.Option("--csv", help="Candles: a CSV, a CSV.gz or a folder; repeatable."),
]
Timeframe = Annotated[
    str | None, typer.Option(help="Candles to use: 5m, 1h… Default: settings.toml.")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="name=value: a parameter of the stack, or costs.…, session.…, limits.…",
    ),
]
LimitsFile = Annotated[
    Path | None, typer.Option("--limits", help="Risk limits of your own, as TOML.")
]
From = Annotated[
    str | None, typer.Option("--from", help="First day (or time) decided on, UTC.")
]
To = Annotated[str | None, typer.Option("--to", help="First day no longer used, UTC.")]
Detail = Annotated[
    list[Path] | None,
    typer.Option(
        "--detail",
        help="Finer candles of the same markets: which of stop and target came first.",
    ),
]
Funding = Annotated[
    list[Path] | None,
    typer.Option(
        "--funding",
        help="Funding rates of a perpetual: a CSV with time and funding_rate; repeatable.",
    ),
]
Perpetual = Annotated[
    bool,
    typer.Option(
        "--perpetual",
        help="Trade each market's perpetual on these candles: shorts and leverage.",
    ),
]
Sweep = Annotated[
    list[str] | None,
    typer.Option(
        "--sweep",
        help="name=10:30:5 or name=0.5,1,2: runs every combination; repeatable.",
    ),
]
Folds = Annotated[
    int | None,
    typer.Option(
        "--walk-forward", min=1, max=500, help="Judge on so many stretches in turn."
    ),
]
Draws = Annotated[
    int | None,
    typer.Option(
        "--monte-carlo", min=1, max=1_000_000, help="Draw the trades so many times."
    ),
]
Jobs = Annotated[
    int, typer.Option(min=0, max=256, help="Processes of a search; 0 is one a core.")
]
