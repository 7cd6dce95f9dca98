"""What every session of `asza trade` needs: the stack, its candles, its reflections."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from cli.context import Context
from cli.output import Output
from cli.pipeline import settle
from cli.trade.history import with_stored
from core.errors import DataError

if TYPE_CHECKING:
    from core.stack import Stack
    from core.stack.fused import FusedRun
    from trading.shell.candles import Candles
    from trading.shell.engine.tape import Asking
    from trading.shell.market import Market


def open_whole(context: Context, output: Output, name: str) -> "Stack":
    """The stack, adopted and whole; NotFound where it has no module."""
    settle(context, output.say, name)
    return context.stack(name)


def session_name(mode: str) -> str:
    """A name no other session has."""
    return f"{mode}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"


@contextmanager
def native_run(
    context: Context, stack: "Stack", name: str, asking: "Asking"
) -> Iterator["FusedRun"]:
    """The stack on the native engine, with a sample of its calls kept."""
    from core.reflections import Reflector
    from core.runtimes import make_runtime
    from core.stack.fused import FusedRun

    with Reflector(context.store, context.settings, "sample") as sink:
        runtime = make_runtime(
            context.settings,
            sink,
            context.sandbox,
            engine="native",
            run_id=name,
            capabilities={"ask_model": asking},
        )
        yield FusedRun(stack, runtime)


def market_of(
    context: Context,
    data: Sequence[Path],
    symbols: Sequence[str],
    timeframe: str,
    names: Sequence[str],
    *,
    named: bool,
    past: bool = False,
    framed: bool = False,
) -> "Market":
    """The candles of a session: files, else what is stored, else Kraken, else synthetic.

    With `named` the symbols were typed: a single file whose name is no market is of the
    single one, a file of another market is refused; with `framed` the timeframe was. Only
    a session over the `past` takes what is stored, and what comes nearest to what nobody
    typed; another has it before the candles that Kraken gives. Markets stand in the order
    of their symbols: whoever stands first is decided on first, and gets the cash.
    """
    from trading.shell.data.loading import stored_market
    from trading.shell.market import choose

    if data:
        market = choose(data, names=names)
        if named:
            candles = christened(market.candles, symbols)
            market = _only(replace(market, candles=candles), symbols)
    elif past and (kept := stored_market(context.store, symbols, timeframe, names)):
        market = kept
    elif past and (
        near := _nearest_stored(
            context, symbols, timeframe, names, named=named, framed=framed
        )
    ):
        market = near
    elif past:
        _require_stored(context, symbols, timeframe)
        market = _newest(context, symbols, timeframe, names, named=named)
    else:
        newest = _newest(context, symbols, timeframe, names, named=named)
        market = newest if newest.synthetic else with_stored(context.store, newest)
    return replace(market, candles=tuple(sorted(market.candles, key=_symbol)))


def _nearest_stored(
    context: Context,
    symbols: Sequence[str],
    timeframe: str,
    names: Sequence[str],
    *,
    named: bool,
    framed: bool,
) -> "Market | None":
    """What is stored in place of what nobody typed; None where nothing will do."""
    from trading.shell.data.loading import nearest_stored, stored_market
    from trading.shell.ledger.candles import CandleTable

    held = CandleTable(context.store).held()
    found = nearest_stored(held, symbols, timeframe, named=named, framed=framed)
    market = stored_market(context.store, *found, names) if found else None
    if found is None or market is None:
        return None
    reason = (
        f"not all of {', '.join(symbols)} is stored at {timeframe}, so the stored candles "
        f"of {', '.join(found[0])} at {found[1]} are used"
    )
    return replace(market, reason=reason)


def _newest(
    context: Context,
    symbols: Sequence[str],
    timeframe: str,
    names: Sequence[str],
    *,
    named: bool,
) -> "Market":
    """Kraken's newest candles, else a made-up market: of markets that there are."""
    from trading.shell.fetch import KRAKEN
    from trading.shell.market import choose

    market = choose(
        (),
        names=names,
        symbols=symbols,
        timeframe=timeframe,
        url=context.settings.kraken_api_url or KRAKEN,
    )
    if named and market.synthetic:
        _require_known(symbols)
    return market


def _symbol(candles: "Candles") -> str:
    return candles.symbol


def _named(held: str) -> str:
    """The options that take one of what is stored."""
    symbol, timeframe = held.split()
    return f"--symbols {symbol} --timeframe {timeframe}"


def _require_stored(context: Context, symbols: Sequence[str], timeframe: str) -> None:
    """Where candles are stored, a session uses them or is refused: DataError says what
    there is. Nothing is made up beside them."""
    from trading.shell.ledger.candles import CandleTable

    held = [
        f"{one.symbol} {one.timeframe}" for one in CandleTable(context.store).held()
    ]
    if held:
        raise DataError(
            f"not all of {', '.join(symbols)} is stored at {timeframe}",
            field="symbols",
            value=",".join(symbols),
            remedy=f"stored are {', '.join(sorted(held))}: name them, as `{_named(held[0])}`,"
            " import the rest, or give files with --csv",
        )


def _require_known(symbols: Sequence[str]) -> None:
    """A market that was typed is made up only if there is such a market."""
    from trading.shell.venue.instruments import is_documented

    strange = [one for one in symbols if not is_documented(one)]
    if strange:
        raise DataError(
            f"there are no candles of {', '.join(strange)}, and Kraken cannot be asked",
            field="symbols",
            value=",".join(strange),
            remedy="check the spelling, give candles with --csv, or `asza data import`",
        )


def christened(
    candles: "tuple[Candles, ...]", symbols: Sequence[str]
) -> "tuple[Candles, ...]":
    """A single file's candles as the single market's, where its name is no market."""
    if len(candles) != 1 or len(symbols) != 1 or "/" in candles[0].symbol:
        return candles
    return (replace(candles[0], symbol=symbols[0]),)


def _only(market: "Market", symbols: Sequence[str]) -> "Market":
    missing = [one for one in symbols if one not in market.symbols]
    if missing:
        raise DataError(
            f"the files have no candles of {', '.join(missing)}",
            field="symbols",
            value=",".join(missing),
            remedy=f"they hold {', '.join(market.symbols)}",
        )
    kept = tuple(one for one in market.candles if one.symbol in symbols)
    return replace(market, candles=kept)


def require_timeframe(market: "Market", typed: str | None) -> None:
    """Refuse candles of another timeframe than the one that was typed: DataError."""
    found = market.candles[0].timeframe
    if typed is not None and found != typed:
        raise DataError(
            f"these candles are of {found}, and {typed} was asked for",
            field="timeframe",
            value=typed,
            remedy="leave --timeframe out, or build them: `asza data import`, "
            "`asza data build`",
        )


def within(
    candles: Sequence["Candles"], first: int | None, last: int | None
) -> tuple["Candles", ...]:
    """The candles before `last`; those before `first` stay, for what needs a past.

    DataError where nothing is left to decide on.
    """
    if first is not None and last is not None and first >= last:
        raise DataError(
            f"--from {_day(first)} is not before --to {_day(last)}",
            field="from",
            value=_day(first),
            remedy="give an earlier --from or a later --to",
        )
    kept = tuple(_until(one, last) for one in candles)
    if not any(_decided_on(one, first or 0) for one in kept):
        raise DataError(
            "no candle lies between --from and --to",
            field="from",
            value=f"{_day(first) or 'the first'} to {_day(last) or 'the last'}",
            remedy="; ".join(one.describe() for one in candles),
        )
    return tuple(one for one in kept if len(one))


def _until(candles: "Candles", last: int | None) -> "Candles":
    if last is None:
        return candles
    frame = candles.frame[candles.frame["time"] < last].reset_index(drop=True)
    return replace(candles, frame=frame)


def _decided_on(candles: "Candles", first: int) -> bool:
    times = candles.frame["time"]
    return bool(len(times)) and int(times.iloc[-1]) >= first


def _day(second: int | None) -> str | None:
    return None if second is None else f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}"
