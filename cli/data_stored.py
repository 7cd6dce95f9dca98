"""What `asza data …` takes from words on the command line and from the store."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from cli.context import Context
from cli.output import Output, UsageError
from core.counting import counted

if TYPE_CHECKING:
    from core.errors import DataError
    from trading.shell.data.sources import Source
    from trading.shell.ledger.candles import Held


def words(text: str) -> tuple[str, ...]:
    """`BTC/USD, ETH/USD` as its parts."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def markets(text: str, option: str = "--symbols") -> tuple[str, ...]:
    """Markets as typed, commas between; none when nothing was."""
    from cli.trade.settings import symbols_of

    return symbols_of(text, option) if text else ()


def market(text: str) -> str:
    """One market as typed, or "" when nothing was."""
    found = markets(text, "--symbol")
    if len(found) > 1:
        raise UsageError(
            f"these are {len(found)} markets, and a file is of one",
            field="--symbol",
            value=text,
            remedy="leave the others out; --symbols takes several, as a filter",
        )
    return "".join(found)


def held(symbols: Sequence[str], timeframes: Sequence[str]) -> list[Any]:
    """Everything stored that was asked for, as candles. Raises DataError for none."""
    from trading.shell.data.loading import held_candles
    from trading.shell.ledger.candles import CandleTable

    with Context() as context:
        table = CandleTable(context.store)
        found = [
            one
            for one in table.held()
            if (not symbols or one.symbol in symbols)
            and (not timeframes or one.timeframe in timeframes)
        ]
        if not found:
            raise not_stored(symbols, timeframes)
        return [held_candles(table, one.symbol, one.timeframe) for one in found]


def not_stored(symbols: Sequence[str], timeframes: Sequence[str] = ()) -> "DataError":
    """The refusal of candles that nobody has imported."""
    from core.errors import DataError

    return DataError(
        "no such candles are stored",
        field="symbols",
        value=", ".join([*symbols, *timeframes]),
        remedy="`asza data list` shows what is; `asza data import FILE` adds",
    )


def from_files(paths: Sequence[Path]) -> list[Any]:
    from trading.shell.candle_refusals import given_by
    from trading.shell.data.sources import sources

    with given_by("--csv"):
        return [_candles_of(one) for one in sources(paths)]


def _candles_of(source: "Source") -> Any:
    from trading.shell.candle_files import candles_in
    from trading.shell.data.steps import require_named_step

    candles = candles_in(source.read(), source.where, source.symbol, source.timeframe)
    require_named_step(source, candles)
    return candles


@contextmanager
def or_imported() -> Iterator[None]:
    """Within, a silent Kraken is answered with the command that takes files."""
    from trading.shell.fetch import KrakenUnavailable

    try:
        yield
    except KrakenUnavailable as error:
        error.remedy = "check the network, or take files: `asza data import FILE`"
        raise


def stored_symbols(context: Context, wanted: Sequence[str] = ()) -> tuple[str, ...]:
    """The markets that are stored, or those wanted of them: DataError where one is not."""
    from trading.shell.ledger.candles import CandleTable

    there = {one.symbol for one in CandleTable(context.store).held()}
    absent = [one for one in wanted if one not in there]
    if absent or not there:
        raise not_stored(absent)
    return tuple(wanted) or tuple(sorted(there))


def built_higher(
    context: Context,
    symbols: Sequence[str] | set[str],
    timeframes: Sequence[str] = (),
    most_missing: int = 0,
    *,
    replace: bool = False,
) -> list[dict[str, Any]]:
    from dataclasses import asdict

    from trading.shell.data.resampling import LADDER, build_higher

    return [
        asdict(built)
        for symbol in sorted(symbols)
        for built in build_higher(
            context.store,
            symbol,
            tuple(timeframes) or LADDER,
            most_missing=most_missing,
            replace=replace,
        )
    ]


def require_built(
    context: Context,
    built: Sequence[dict[str, Any]],
    symbols: Sequence[str],
    timeframes: Sequence[str],
) -> None:
    """Refuse an order to build of which nothing could be begun: DataError."""
    from core.errors import DataError
    from trading.shell.ledger.candles import CandleTable

    if built:
        return
    held = CandleTable(context.store).held()
    there = [f"{one.symbol} {one.timeframe}" for one in held if one.symbol in symbols]
    raise DataError(
        "nothing was built: no stored timeframe is lower and fills these whole",
        field="timeframes",
        value=", ".join(timeframes),
        remedy=f"stored are {', '.join(there)}: say a higher one with --timeframes, or "
        "import a lower one with `asza data import FILE`",
    )


def tiers_of(keep: Sequence[str]) -> dict[str, int]:
    """The retention tiers, with what `--keep 5m=30` says of one."""
    from trading.shell.data.retention import TIERS

    tiers = dict(TIERS)
    for text in keep:
        name, _, days = text.partition("=")
        if name not in tiers or not days.isdigit() or not int(days):
            raise UsageError(
                f"--keep {text!r} is not a tier and its days",
                field="keep",
                value=text,
                remedy=f"say one of {', '.join(f'{t}=DAYS' for t in TIERS)}",
            )
        tiers[name] = int(days)
    return tiers


def agreed(output: Output, found: Sequence["Held"]) -> bool:
    """What a person at a terminal says to deleting these; nobody else can say yes."""
    if output.json or not sys.stdin.isatty():
        return False
    rows = sum(one.rows for one in found)
    names = ", ".join(f"{one.symbol} {one.timeframe}" for one in found)
    return typer.confirm(f"Delete {counted(rows, 'candle')} ({names})?", err=True)
