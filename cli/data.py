"""`asza data …`: historical candles from files and Kraken, stored, checked and built."""

import time
from pathlib import Path
from typing import Annotated

import typer

from cli import data_views
from cli.context import Context
from cli.data_stored import (
    agreed,
    built_higher,
    from_files,
    held,
    market,
    markets,
    or_imported,
    require_built,
    stored_symbols,
    tiers_of,
    words,
)
from cli.output import Json, Output

app = typer.Typer(help="Historical candles and what is stored.", no_args_is_help=True)

Symbols = Annotated[str, typer.Option(help="Only these markets, like BTC/USD,ETH/USD.")]
Timeframes = Annotated[str, typer.Option(help="Only these timeframes, like 5m,1h.")]
Replace = Annotated[
    bool,
    typer.Option(help="Other values replace what is stored, instead of the reverse."),
]
LIMIT = (
    "Kraken gives the newest 720 candles of a timeframe and nothing older: 2.5 days of "
    "5m, 30 days of 1h. Older history is in its OHLCVT files: `asza data import`."
)


@app.command(name="import")
def import_(
    files: Annotated[
        list[Path], typer.Argument(help="CSV, CSV.gz or ZIP files, or folders of them.")
    ],
    symbol: Annotated[
        str, typer.Option(help="The market, where no name says it.")
    ] = "",
    timeframe: Annotated[str, typer.Option(help="The timeframe of these files.")] = "",
    symbols: Symbols = "",
    timeframes: Timeframes = "",
    build: Annotated[
        bool, typer.Option(help="Build higher timeframes from what came in.")
    ] = False,
    replace: Replace = False,
    as_json: Json = False,
) -> None:
    """Import candle files, Kraken's OHLCVT exports among them: a file whole or not at all."""
    from trading.shell.data.importing import Imported, Wanted, import_files

    output = Output(as_json)
    wanted = Wanted(
        market(symbol),
        timeframe,
        markets(symbols),
        words(timeframes),
        replace,
    )
    done: list[Imported] = []
    with Context() as context:
        for one in import_files(context.store, files, wanted):
            done.append(one)
            output.say(data_views.said(one))
        built = built_higher(context, {one.symbol for one in done}) if build else []
    output.answer(
        {"imported": [one.as_dict() for one in done], "built": built},
        data_views.imported,
    )


@app.command()
def fetch(
    symbols: Annotated[str, typer.Option(help="Markets, like BTC/USD,ETH/USD.")] = (
        "BTC/USD,ETH/USD,SOL/USD"
    ),
    timeframe: Annotated[str, typer.Option(help="5m, 1h, 4h, 1d…")] = "1h",
    build: Annotated[
        bool, typer.Option(help="Build higher timeframes from what came in.")
    ] = False,
    replace: Replace = False,
    as_json: Json = False,
) -> None:
    """Merge Kraken's newest closed candles into the store; no key is needed."""
    from trading.shell.data.importing import import_fetched
    from trading.shell.fetch import KRAKEN
    from trading.shell.fetch import fetch as ask

    output = Output(as_json)
    output.say(LIMIT)
    with Context() as context:
        url = context.settings.kraken_api_url or KRAKEN
        with or_imported():
            candles = ask(markets(symbols), timeframe, url=url)
        done = import_fetched(context.store, candles, replace=replace)
        built = built_higher(context, {one.symbol for one in done}) if build else []
    for one in done:
        output.say(data_views.said(one))
    output.answer(
        {
            "fetched": [one.as_dict() for one in done],
            "built": built,
            "limit": LIMIT,
        },
        data_views.imported,
    )


@app.command()
def check(
    symbols: Symbols = "",
    timeframes: Timeframes = "",
    csv: Annotated[
        list[Path] | None, typer.Option(help="Check files instead; nothing is stored.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Gaps, duplicates, zero volume, outliers, coverage, freshness of each market."""
    from trading.shell.data.checking import check as examine

    candles = from_files(csv) if csv else held(markets(symbols), words(timeframes))
    now = int(time.time())
    reports = [examine(one, now).as_dict() for one in candles]
    Output(as_json).answer(reports, data_views.checked)


@app.command(name="list")
def list_(as_json: Json = False) -> None:
    """What is stored: span, rows, sources and size of each market and timeframe."""
    from dataclasses import asdict

    from trading.shell.ledger.candles import CandleTable

    with Context() as context:
        rows = [asdict(each) for each in CandleTable(context.store).held()]
    Output(as_json).answer(rows, data_views.listed)


@app.command()
def build(
    symbols: Symbols = "",
    timeframes: Timeframes = "15m,1h,4h,1d",
    most_missing: Annotated[
        int, typer.Option(min=0, help="How many of its candles a bar may lack.")
    ] = 0,
    replace: Replace = False,
    as_json: Json = False,
) -> None:
    """Build higher timeframes from lower ones, by UTC; a bar that is not whole is not built."""
    with Context() as context:
        wanted = stored_symbols(context, markets(symbols))
        higher = words(timeframes)
        built = built_higher(context, wanted, higher, most_missing, replace=replace)
        require_built(context, built, wanted, higher)
    Output(as_json).answer(built, data_views.built_bars)


@app.command()
def prune(
    keep: Annotated[
        list[str] | None, typer.Option(help="Days of a tier, like 5m=30; repeatable.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do it, not only show it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Show what is past its time; with --yes build what stands in for it and delete it."""
    from dataclasses import asdict

    from trading.shell.data import retention

    tiers = tiers_of(keep or ())
    now = int(time.time())
    with Context() as context:
        act = retention.prune if yes else retention.plan
        found = [
            {**asdict(one), "kept": one.kept} for one in act(context.store, now, tiers)
        ]
    Output(as_json).answer(
        {"done": yes, "tiers": tiers, "old": found}, data_views.pruned
    )


@app.command()
def remove(
    symbol: Annotated[str, typer.Argument(help="The market, as `list` shows it.")],
    timeframe: Annotated[
        str, typer.Option(help="Only this timeframe; all without it.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do it without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Delete a market's stored candles, after a yes."""
    from dataclasses import asdict

    from trading.shell.data import removing

    output = Output(as_json)
    with Context() as context:
        found = removing.stored_as(context.store, symbol, timeframe)
        done = yes or agreed(output, found)
        gone = removing.remove(context.store, found) if done else found
    output.answer(
        {"done": done, "markets": [asdict(one) for one in gone]}, data_views.removed
    )
