"""`asza trade paper`: the stack on live or recorded candles, with money that is not real."""

import asyncio
import signal
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import PAPER, require_account_name
from cli.trade.beginning import beginning, unheeded
from cli.trade.board import Board
from cli.trade.desk import Asked, StackGrown, at_work
from cli.trade.options import Csv, LimitsFile, Set, Stack, Symbols, Timeframe
from cli.trade.sessions import market_of, open_whole, within
from cli.trade.settings import Chosen, choose, say_held, second_of, symbols_of
from cli.trade.weight import require_calibrated
from core.errors import StoreError
from trading.shell.engine.pause import Pause, Stopped

if TYPE_CHECKING:
    from trading.shell.engine.paper import Paper
    from trading.shell.market import Market

MADE_UP = "synthetic"  # the account of a market that is made up, where none is named
MOMENT = 0.05  # seconds in which a signal that has come is heard

Speed = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="Recorded candles go by so many times faster than life; 0 is as fast as "
        "they can.",
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="The paper account's name: `paper`, and `synthetic` where the market is "
        "made up. It keeps to one kind of market.",
    ),
]
Begin = Annotated[
    str | None,
    typer.Option("--from", help="First day of recorded candles a new account trades."),
]
Plain = Annotated[bool, typer.Option("--plain", help="Lines instead of a live board.")]


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(paper)


def paper(
    stack: Stack = "trading",
    symbols: Symbols = None,
    csv: Csv = None,
    timeframe: Timeframe = None,
    speed: Speed = None,
    first: Begin = None,
    given: Set = None,
    limits: LimitsFile = None,
    account: Name = None,
    plain: Plain = False,
    as_json: Json = False,
) -> int:
    """Trade on paper, candle by candle, until Ctrl-C; started again, it goes on."""
    from core.stack.parameters import parameters
    from core.store import Modules
    from trading.shell.law.lock import only_trader
    from trading.shell.venue.orders import Mode

    output = Output(as_json)
    begin = second_of(first, "--from")
    require_account_name(account)
    with Context() as context:
        loaded_at = Modules(context.store).generation()
        whole = open_whole(context, output, stack)
        wanted = symbols_of(symbols)
        chosen = choose(
            whole,
            Mode.PAPER,
            given or (),
            symbols=wanted,
            timeframe=timeframe,
            limits_file=limits,
        )
        say_held(output, chosen)
        require_calibrated(context, stack, [parameters(chosen.stack)], account)
        with only_trader(context.store, Mode.PAPER) as held:
            market = _market(context, chosen, csv or [], named=bool(wanted))
            for line in market.describe():
                output.say(line)
            if begin is not None:
                within(market.candles, begin, None)
            name = account or _account(context, market)
            asked = Asked(
                *(name, speed, begin, bool(csv), held.keep), generation=loaded_at
            )
            board = _to_the_end(context, output, chosen, market, asked, plain=plain)
    output.answer(board.summary(), lambda console, data: board.farewell(console, data))
    return 0


def _to_the_end(
    context: Context,
    output: Output,
    chosen: Chosen,
    market: "Market",
    asked: Asked,
    *,
    plain: bool,
) -> Board:
    """Trade, anew where the stack grows meanwhile; the board as it was in the end."""
    board: Board | None = None
    while True:
        try:
            with at_work(context, output, chosen, market, asked) as session:
                board = Board(
                    *(session, chosen.stack, output, market), plain=plain, before=board
                )
                session.begun = partial(_said, output, session, chosen, asked)
                with board:
                    _traded(session, asked)
        except StackGrown as grown:
            output.say(str(grown))
            market, chosen = grown.market, replace(chosen, stack=grown.stack)
            asked = replace(
                asked, pause=Pause(), again=True, generation=grown.generation
            )
        else:
            return board


def _market(
    context: Context, chosen: Chosen, csv: list[Path], *, named: bool
) -> "Market":
    session = chosen.settings.session
    return market_of(
        context,
        csv,
        session.symbols,
        session.timeframe,
        sorted(chosen.stack.starts_for("symbol")),
        named=named,
    )


def _account(context: Context, market: "Market") -> str:
    """The account where none was named: a made-up market has one of its own.

    Where the usual one trades Kraken's candles, no other market takes their place: the
    session is refused, so that what it holds is not forgotten.
    """
    from trading.shell.engine.kinds import kind_of
    from trading.shell.ledger import Account
    from trading.shell.ledger.postgres import PostgresJournal
    from trading.shell.ledger.reading import accounts
    from trading.shell.venue.orders import Mode

    if not market.synthetic:
        return PAPER
    usual = Account(Mode.PAPER, PAPER)
    known = [(one.mode, one.name) for one, _ in accounts(context.store)]
    if (usual.mode, usual.name) not in known:
        return MADE_UP
    kept = kind_of(PostgresJournal(context.store, usual).events())
    return PAPER if kept in ("", "kraken") else MADE_UP


def _said(output: Output, session: "Paper", chosen: Chosen, asked: Asked) -> None:
    for line in beginning(session):
        output.say(line, "yellow" if line.startswith("halted") else "dim")
    for line in () if asked.again else unheeded(session, chosen.shown, asked.begin):
        output.say(line, "yellow")


def _traded(session: "Paper", asked: Asked) -> None:
    """Trade until the candles end or a person stops it: the candle at hand is finished,
    unless the stack grew in it. Who stopped it then has it end as well."""

    async def until_stopped() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.ensure_future(session.trade())
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, asked.pause.end)
        try:
            await task
        except StackGrown:
            with suppress(Stopped):
                await asked.pause.sleep(MOMENT)  # a signal may be on its way
                raise

    asyncio.run(until_stopped())
    if session.engine.broker.books.lost:
        raise StoreError(
            f"the last events are not in the ledger: {session.engine.broker.books.lost}",
            remedy="bring the database back and start again: the venue is asked then",
        )
