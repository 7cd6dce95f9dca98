"""What a backtest was asked for, and the candles and funding that it runs over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.context import Context
from cli.output import Output
from cli.trade.sessions import (
    christened,
    market_of,
    require_timeframe,
    session_name,
    within,
)
from cli.trade.settings import Chosen, choose, say_held
from cli.uncertified import reservations
from core.errors import DataError

if TYPE_CHECKING:
    from core.stack import Stack as Whole
    from trading.shell.candles import Candles
    from trading.shell.engine.backtest import Task


@dataclass(frozen=True)
class Asked:
    """What was typed: the stack, its candles, and what differs from the files."""

    stack: str
    symbols: tuple[str, ...]
    csv: tuple[Path, ...]
    timeframe: str | None
    first: int | None
    last: int | None
    given: tuple[str, ...]
    limits: Path | None
    detail: tuple[Path, ...] = ()
    perpetual: bool = False
    funding: tuple[Path, ...] = ()

    def choose(self, stack: "Whole", more: Mapping[str, Any]) -> Chosen:
        """What a run of the stack uses, with `more` values over those typed."""
        from trading.shell.venue.orders import Mode

        return choose(
            stack,
            Mode.BACKTEST,
            self.given,
            symbols=self.symbols,
            timeframe=self.timeframe,
            limits_file=self.limits,
            more=more,
        )


def task_of(context: Context, output: Output, asked: Asked, chosen: Chosen) -> "Task":
    """The candles, said in a line each, and what the run does with them."""
    from trading.shell.engine.backtest import Task
    from trading.shell.funding_files import read_all
    from trading.shell.venue.assumptions import unfunded

    say_held(output, chosen)
    session = chosen.settings.session
    market = market_of(
        context,
        asked.csv,
        session.symbols,
        session.timeframe,
        sorted(chosen.stack.starts_for("symbol")),
        named=bool(asked.symbols),
        past=True,
        framed=asked.timeframe is not None,
    )
    require_timeframe(market, asked.timeframe)
    for line in market.describe()[: 1 if _sees_both(output) else None]:
        output.say(line)
    name = perpetual_of if asked.perpetual else spot_of
    detail = tuple(map(name, _detail(asked)))
    named = tuple(map(name, market.candles))
    _require_traded(detail, [one.symbol for one in named])
    candles = within(named, asked.first, asked.last)
    symbols = [one.symbol for one in candles]
    funding = read_all(asked.funding, symbols)
    unpaid = tuple(unfunded(symbols, funding, chosen.settings.costs.funding))
    for line in unpaid:
        output.say(line, "yellow")
    return Task(
        candles,
        chosen.settings,
        chosen.limits,
        name=session_name("backtest"),
        first=asked.first or 0,
        shown=chosen.shown,
        detail=detail,
        funding=funding,
        warnings=(*reservations(chosen.stack), *unpaid),
    )


def _detail(asked: Asked) -> "tuple[Candles, ...]":
    """The finer candles: a single file of no market is of the one that --symbols names,
    as with --csv."""
    from trading.shell.candle_files import read_all
    from trading.shell.candle_refusals import given_by

    with given_by("--detail"):
        return christened(tuple(read_all(asked.detail)), asked.symbols)


def _require_traded(detail: "Sequence[Candles]", traded: Sequence[str]) -> None:
    """Refuse finer candles of which none are of a traded market: DataError."""
    names = [one.symbol for one in detail]
    if names and not {*names} & {*traded}:
        raise DataError(
            f"the finer candles are of {', '.join(names)}, and {', '.join(traded)} "
            "is traded",
            field="--detail",
            value=", ".join(names),
            remedy="give files of the traded markets, named after them; a single file is "
            "of the one market that --symbols names",
        )


def _sees_both(output: Output) -> bool:
    """Whether whoever reads stderr reads the result, and its candles, as well."""
    return output.out.is_terminal and not output.json


def spot_of(candles: "Candles") -> "Candles":
    """The candles as they are named."""
    return candles


def perpetual_of(candles: "Candles") -> "Candles":
    """The same candles as those of the market's linear perpetual."""
    base, _, quote = candles.symbol.partition("/")
    if ":" in quote:
        return candles
    return replace(candles, symbol=f"{base}/{quote}:{quote}")
