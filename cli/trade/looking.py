"""`asza trade status|positions|trades`: what the ledger says, and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from time import time
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from cli import views
from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import AccountName, reading
from cli.trade.kept import stack_of
from cli.trade.mended import mended
from cli.trade.seen import seen
from cli.trade.traders import shown_trader, traded_by
from trading.shell.plain import plain

if TYPE_CHECKING:
    from trading.shell.ledger.reading import Reading
    from trading.shell.ledger.trades import Trade

LAUNCHES = 3  # newest words on whether Wick was started
UNKEPT = "scans", "decisions"  # of a backtest: it keeps what acted
SHORT = 10  # characters of an id that a table shows; more than enough to name it

SPARE = ("regime", "fees", "opened", "side", "why it ended", "id")

HEADINGS = {"realised": "realised before fees"}

Limit = Annotated[int, typer.Option(min=1, max=10_000, help="How many, newest first.")]
Of = Annotated[str | None, typer.Option("--symbol", help="Of one market only.")]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (status, positions, trades):
        app.command()(command)


def status(account: AccountName = None, as_json: Json = False) -> None:
    """How an account stands: money, positions, today's counts, halts, who trades."""
    with Context() as context:
        door = reading(context, account)
        data = _status(context, door)
    Output(as_json).answer(data, _show_status)


def _status(context: Context, door: "Reading") -> dict[str, Any]:
    from trading.shell.law.halts import halts_of
    from trading.shell.ledger.told import Which

    latest = door.latest()
    halts = halts_of(door.halts())
    launches = door.launches(Which(limit=LAUNCHES))
    stack = stack_of(context, door.account.mode.value, door.account.name)
    failed = [str(one.values.get("module")) for one in launches]
    return {
        "account": door.account.name,
        "mode": door.account.mode.value,
        "stack": stack,
        "as_of": when(latest.at) if latest else None,
        "money": plain(latest) if latest else None,
        "balances": [plain(one) for one in door.balances()],
        "positions": [plain(one) for one in door.positions()],
        "open_orders": [plain(one) for one in door.open_orders()],
        "last_24h": _counts(door, latest.at if latest else int(time())),
        "halts": [str(one) for one in halts.values()],
        "wick": [
            {"at": when(one.at), "why": one.reason, **one.values} for one in launches
        ],
        "repaired": mended(context, stack, failed),
        "waiting": _waiting(context, door),
        "trader": shown_trader(traded_by(context, door.account.mode)),
    }


def _waiting(context: Context, door: "Reading") -> list[str]:
    """What was said to the account's trader and is not carried out yet."""
    from trading.shell.law.switch import heard

    one = door.account
    words = (word for _, word in heard(context.settings.home, one.mode, one.name))
    return [str(word) for word in words]


def _running(data: dict[str, Any]) -> str:
    """Who trades the account, for a person."""
    trader = data["trader"]
    if trader is None:
        return "not running"
    told = str(trader["told"])
    if trader["account"] in ("", data["account"]):
        return told
    return f"not running; account {trader['account']} is traded by {told}"


def _counts(door: "Reading", now: int) -> dict[str, int | None]:
    """How many there were in the last 24 hours; None of what a backtest does not keep:
    every scan, and the decisions that came to nothing."""
    counts = plain(door.counts(now))
    unkept = UNKEPT if door.account.mode.value == "backtest" else ()
    return {**counts, **dict.fromkeys(unkept)}


def _show_status(console: Console, data: dict[str, Any]) -> None:
    money = data["money"] or {}
    names = ("equity", "cash", "realised", "unrealised", "fees", "funding", "drawdown")
    row = [amount(name, money.get(name)) for name in names]
    title = " · ".join(_title(data))
    headings = [HEADINGS.get(name, name) for name in names]
    console.print(views.table(title, headings, [row]))
    _show_positions(console, data["positions"])
    if data["open_orders"]:
        columns = (
            "symbol",
            "purpose",
            "side",
            "kind",
            "trigger",
            "remaining",
            "status",
        )
        rows = [[one[name] for name in columns] for one in data["open_orders"]]
        console.print(views.table("open orders", columns, rows))
    counts = data["last_24h"]
    row = ["not kept" if one is None else one for one in counts.values()]
    console.print(views.table("last 24 hours before that candle", tuple(counts), [row]))
    for one in reversed(data["wick"]):
        console.print(f"wick: {one['at']} {one['why']}", markup=False)
    for line in data["repaired"]:
        console.print(f"wick: {line}", markup=False, style="green")
    halted = "; ".join(data["halts"]) or "none"
    console.print(f"halts: {halted}", markup=False)
    for line in data["waiting"]:
        console.print(f"waiting to be carried out: {line}", markup=False)
    console.print(f"trader: {_running(data)}", markup=False)


def _title(data: dict[str, Any]) -> Iterator[str]:
    yield from (data["mode"], data["account"])
    if data["stack"]:
        yield f"stack {data['stack']}"
    yield data["as_of"] or "no candle yet"


def amount(name: str, value: Any) -> str:
    """A figure of an account as a person reads it; a drawdown is a share."""
    if value is None:
        return "–"
    return f"{value:.2%}" if name == "drawdown" else f"{value:,.2f}"


def positions(account: AccountName = None, as_json: Json = False) -> None:
    """What is held, and what it was bought for."""
    with Context() as context:
        rows = [plain(one) for one in reading(context, account).positions()]
    Output(as_json).answer(
        {"positions": rows}, lambda c, d: _show_positions(c, d["positions"])
    )


def _show_positions(console: Console, rows: list[dict[str, Any]]) -> None:
    columns = ("symbol", "quantity", "entry price", "since", "leverage", "decision")
    shown = [
        (
            one["symbol"],
            f"{one['quantity']:f}",
            f"{one['entry_price']:,.8g}",
            when(one["opened_at"]),
            f"{one['leverage']:f}",
            one["decision"],
        )
        for one in rows
    ]
    flat = [("flat", "", "", "", "", "")]
    console.print(views.table("positions", columns, shown or flat, spare=("leverage",)))


def trades(
    account: AccountName = None,
    symbol: Of = None,
    limit: Limit = 30,
    as_json: Json = False,
) -> None:
    """Closed positions, newest first; `asza trade why <id>` says why."""
    from trading.shell.ledger.told import Which

    with Context() as context:
        door = reading(context, account)
        market = None if symbol is None else seen(door, symbol)
        every = door.trades(Which(symbol=market, limit=None))
    rows = every[:limit]
    data = {"trades": [{**plain(one), "net": one.net} for one in rows]}
    Output(as_json).answer(data, lambda console, _: _show_trades(console, rows, every))


def _show_trades(console: Console, rows: "list[Trade]", every: "list[Trade]") -> None:
    columns = (
        *("id", "symbol", "side", "opened", "closed", "entry", "exit"),
        *("net", "fees", "why it ended", "regime"),
    )
    shown = (
        (
            one.id[:SHORT],
            one.symbol,
            one.side,
            when(one.opened_at),
            when(one.closed_at),
            f"{one.entry_price:,.7g}",
            f"{one.exit_price:,.7g}",
            f"{one.net:+,.2f}",
            f"{one.fees:,.2f}",
            one.reason,
            one.regime,
        )
        for one in rows
    )
    console.print(views.table("trades", columns, shown, spare=SPARE))
    console.print(f"{len(rows)} shown, together {_together(rows)} after costs")
    if len(every) > len(rows):
        told = f"{len(every):,} in all, together {_together(every)}"
        console.print(f"{told}: --limit {len(every)} shows them")


def _together(rows: "list[Trade]") -> str:
    return f"{sum((one.net for one in rows), start=Decimal(0)):+,.2f}"


def when(second: int) -> str:
    """A UTC second as a person reads it."""
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d %H:%M}"
