"""The ledger: a candle written to Postgres, an event added up, a ledger read again."""

import time
from collections.abc import Iterator
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.measure import Figure
from core.settings import load_settings
from core.store import Store, open_store
from trading.shell.ledger import Account
from trading.shell.ledger.copying import copy_all
from trading.shell.ledger.events import (
    Answered,
    Decided,
    Deposited,
    Filled,
    Intended,
    LedgerEvent,
    Scanned,
    Signalled,
)
from trading.shell.ledger.memory import MemoryJournal, summed
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.venue.orders import (
    Fill,
    Intent,
    Kind,
    Mode,
    Outcome,
    Purpose,
    Receipt,
    Side,
)

D = Decimal
SYMBOLS = ("BTC/USD", "ETH/USD", "SOL/USD")
STEP = 300
CANDLES = 400
VALUES = {"ema_9": 1.5, "ema_21": 2.5, "rsi_14": 30.5, "volume_ratio_20": 1.25}
TRACE = tuple(
    {"module": f"m{n}", "inputs": VALUES, "outputs": {"x": 2.5}} for n in range(45)
)


def figures() -> Iterator[Figure]:
    """Write latency a candle of three symbols with one entry and one exit, and the rest."""
    with TemporaryDirectory() as home, open_store(load_settings(Path(home))) as s:
        half, worst = _written(s)
        reread, copied = _in_bulk(s)
    yield Figure("ledger: write of a candle, p50", half * 1e3, "ms", 10.0, "3 symbols")
    yield Figure("ledger: write of a candle, p99", worst * 1e3, "ms", 10.0, "3 symbols")
    yield Figure("ledger: event added up", _added() * 1e6, "µs", 60.0, "in memory")
    yield Figure("ledger: event read again", reread * 1e6, "µs", 200.0, "at a restart")
    yield Figure("ledger: event copied at once", copied * 1e6, "µs", 300.0, "COPY")


def _written(store: Store) -> tuple[float, float]:
    journal = PostgresJournal(store, Account(Mode.PAPER, "bench"), stack="bench")
    journal.append([Deposited(D(10_000), 0)])
    taken = []
    for number in range(CANDLES):
        events = [*_seen(number), *_traded(number)]
        events.append(journal.state.snapshot(number * STEP + STEP, {}))
        start = time.perf_counter()
        journal.append(events, {"BTC/USD": {"steps": number}})
        taken.append(time.perf_counter() - start)
    taken = sorted(taken[CANDLES // 10 :])
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def _added() -> float:
    journal, numbers = MemoryJournal(), count()
    journal.append([Deposited(D(10_000), 0)])
    candles = [_traded(next(numbers)) for _ in range(2_000)]
    start = time.perf_counter()
    for events in candles:
        journal.append(events)
    return (time.perf_counter() - start) / sum(map(len, candles))


def _in_bulk(store: Store) -> tuple[float, float]:
    account = Account(Mode.BACKTEST, "bench")
    story: list[LedgerEvent] = [Deposited(D(10_000), 0)]
    for number in range(2_000):
        story += _traded(number)
    start = time.perf_counter()
    copy_all(store, account, story)
    copied = time.perf_counter() - start
    start = time.perf_counter()
    summed(PostgresJournal(store, account).events())
    return (time.perf_counter() - start) / len(story), copied / len(story)


def _seen(number: int) -> Iterator[LedgerEvent]:
    at = number * STEP
    for symbol in SYMBOLS:
        name, enters = f"{symbol}{number}", symbol == SYMBOLS[0]
        action = "enter" if enters else "none"
        yield Scanned(symbol, at, 100.5, "trend", enters, "long", 0.7, VALUES)
        yield Decided(
            name, symbol, at, action, enters, "", "", "trend", VALUES, {}, {}, TRACE
        )
        if enters:
            yield Signalled(
                name, symbol, at, "long", True, "", "", "trend", 0.7, VALUES
            )


def _traded(number: int) -> list[LedgerEvent]:
    """An entry filled, its stop written down and filled: flat again."""
    entry = _intent(f"in{number}", Side.BUY, Purpose.ENTRY, number)
    stop = _intent(f"out{number}", Side.SELL, Purpose.STOP, number)
    return [
        event
        for order, price in ((entry, "100.5"), (stop, "100.7"))
        for event in (
            Intended(order, number * STEP),
            Answered(Receipt(order.id, Outcome.CONFIRMED, number * STEP)),
            Filled(_fill(order, price, number)),
        )
    ]


def _intent(name: str, side: Side, purpose: Purpose, number: int) -> Intent:
    at = number * STEP
    return Intent(name, SYMBOLS[0], side, Kind.MARKET, purpose, D("0.01"), at)


def _fill(order: Intent, price: str, number: int) -> Fill:
    size, at = order.quantity, number * STEP
    return Fill(
        f"f{order.id}",
        order.id,
        order.symbol,
        order.side,
        size,
        D(price),
        D("0.01"),
        at,
    )
