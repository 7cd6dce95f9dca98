"""Sessions that engine tests run: a scripted market, and paper trading that can die."""

import asyncio
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.sandbox import Sandbox
from core.stack import Stack
from core.stack.fused import FusedRun
from core.store import Runs, Store
from tests.trading.engine.stacks import BEGIN, run_of
from trading.shell.candles import Candles, build
from trading.shell.config import TradeSettings, settings_of
from trading.shell.engine.assembly import rules_of
from trading.shell.engine.columns import columns_of
from trading.shell.engine.deciding import names_of
from trading.shell.engine.feeds import PacedFeed
from trading.shell.engine.paper import Paper
from trading.shell.law.limits import Limits, loosest
from trading.shell.ledger import Account
from trading.shell.ledger.events import Filled, LedgerEvent, Scanned, Snapshot
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.ledger.reading import Reading
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import Mode

BTC, ETH = "BTC/USD", "ETH/USD"
HOUR = 3600
Prices = Sequence[tuple[float, float, float, float]]

# open, high, low, close; every move is one that the scripted stack waits for
PLAY: Prices = [
    (100, 101, 99.5, 100),
    (100, 100.5, 99.5, 100.2),
    (100.2, 100.6, 99.8, 100),  # 2: a limit entry, which fills in two parts
    (100, 100.2, 99.5, 100.1),  # 3: the first part; the stop is moved
    (100.1, 100.4, 99.6, 100.2),  # 4: the second
    (100.2, 101.5, 100.1, 101.2),  # 5: the stop is moved again; the rest expires
    (101.2, 101.6, 101, 101.3),
    (101.3, 101.5, 101.1, 101.4),  # 7: out
    (101.4, 101.5, 100.8, 101),  # 8: a market entry
    (101, 103, 100.9, 102.9),
    (102.9, 105.5, 102.5, 105),  # 10: its target
    (105, 105.2, 104.6, 105),  # 11: another
    (105, 106.5, 104.9, 106),  # 12: its stop is moved
    (106, 106.2, 103, 103.5),  # 13: and hit
    (103.5, 104, 103, 103.6),  # 14: one at the market, one that never fills
    (103.6, 104, 103.2, 103.4),
    (103.4, 103.8, 103.1, 103.6),  # 16: out, and the other is withdrawn
    (
        103.6,
        104,
        101.8,
        103.7,
    ),  # 17: where the withdrawn one would fill; one that stays
    (103.7, 104.2, 103.4, 104),
    (104, 104.4, 103.8, 104.2),
]


def market(
    prices: Prices = PLAY,
    *,
    symbol: str = BTC,
    first: int = 0,
    volume: float = 0.5,
    scale: float = 400.0,
) -> Candles:
    """Hourly candles from (open, high, low, close) × `scale`, from the hour `first`."""
    columns: dict[str, list[Any]] = {
        "time": [BEGIN + HOUR * (first + at) for at in range(len(prices))],
        "volume": [volume] * len(prices),
    }
    for name, values in zip(
        ("open", "high", "low", "close"), zip(*prices, strict=True), strict=True
    ):
        columns[name] = [float(f"{value * scale:.8g}") for value in values]
    return build(columns, symbol=symbol, source="a play", where=str, timeframe="1h")


def settings(*symbols: str, deposit: int = 10_000, **session: Any) -> TradeSettings:
    """A session's settings with the usual costs."""
    named = {"symbols": symbols or (BTC,), "deposit": Decimal(deposit), **session}
    return settings_of({"session": named})


class Killed(BaseException):
    """The process is gone: nothing catches it."""


@dataclass
class Mortal:
    """A journal whose process dies just before append number `dies`; 0 is never."""

    inner: Any
    dies: int = 0
    appends: int = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    def append(self, events: Sequence[LedgerEvent], states: Any = None) -> None:
        self.appends += 1
        if self.appends == self.dies:
            raise Killed
        self.inner.append(events, states)


class Lasting(MemoryJournal):
    """A journal in memory that outlives its writers, with the modules' state beside."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.account = Account(Mode.PAPER, name)
        self.states: dict[str, Any] = {}
        self.appends: list[tuple[Sequence[LedgerEvent], Any]] = []

    def append(self, events: Sequence[LedgerEvent], states: Any = None) -> None:
        super().append(events, states)
        self.appends.append((events, states))
        self.states |= states or {}

    def until(self, number: int) -> "Lasting":
        """What a process that died after so many appends has left."""
        left = Lasting(self.account.name)
        for events, states in self.appends[:number]:
            left.append(events, states)
        return left

    @property
    def decided(self) -> dict[str, int]:
        """The newest candle of each symbol whose decisions are on record."""
        scans = [e for e in self.everything() if isinstance(e, Scanned)]
        return {e.symbol: e.at for e in sorted(scans, key=lambda one: one.at)}


@dataclass
class Bench:
    """Where paper accounts are opened, again and again: one stack, ledgers in memory."""

    sandbox: Sandbox
    stack: Stack
    home: Path
    limits: Limits = field(default_factory=lambda: loosest(Mode.PAPER))
    said: list[str] = field(default_factory=list)
    ledgers: dict[str, Lasting] = field(default_factory=dict)

    def paper(
        self,
        name: str,
        candles: Sequence[Candles],
        *,
        settings: TradeSettings,
        dies: int = 0,
        **more: Any,
    ) -> Paper:
        """The account `name` at work on candles, taken up where it stands."""
        kept = self.ledgers.setdefault(name, Lasting(name))
        run = run_of(self.stack, self.sandbox, state=deepcopy(kept.states))
        return _paper(
            self, run, Mortal(kept, dies), kept.decided, candles, settings, **more
        )


def _paper(
    place: Any,
    run: FusedRun,
    journal: Any,
    decided: dict[str, int],
    candles: Sequence[Candles],
    settings: TradeSettings,
    *,
    feed: Any = None,
    **more: Any,
) -> Paper:
    names = names_of(run.symbol_names).series
    # What the test process itself holds would halt the trader.
    more.setdefault("memory", lambda: 100.0)
    return Paper(
        run=run,
        journal=journal,
        feed=feed or PacedFeed([columns_of(one, names) for one in candles], HOUR),
        rules=rules_of(candles, settings),
        settings=settings,
        limits=place.limits,
        home=place.home,
        decided=decided,
        say=place.said.append,
        **more,
    )


@dataclass
class Desk:
    """The same with ledgers in the database."""

    store: Store
    sandbox: Sandbox
    stack: Stack
    home: Path
    limits: Limits = field(default_factory=lambda: loosest(Mode.PAPER))
    said: list[str] = field(default_factory=list)

    def paper(
        self,
        name: str,
        candles: Sequence[Candles],
        *,
        settings: TradeSettings,
        dies: int = 0,
        **more: Any,
    ) -> Paper:
        """The account `name` at work on candles, taken up where it stands."""
        account = Account(Mode.PAPER, name)
        kept = PostgresJournal(self.store, account, stack=self.stack.name)
        state = Runs(self.store).state(self.stack.name, account.keeps)
        run = run_of(self.stack, self.sandbox, state=state)
        decided = Reading(self.store, account).newest_scans()
        return _paper(self, run, Mortal(kept, dies), decided, candles, settings, **more)

    def journal(self, name: str) -> PostgresJournal:
        """What the database holds of an account."""
        return PostgresJournal(self.store, Account(Mode.PAPER, name))


def traded(session: Paper) -> Paper:
    """A session traded to the end of its candles."""
    asyncio.run(session.trade())
    return session


def dealt(trades: Sequence[Trade]) -> list[tuple[Any, ...]]:
    """Trades without the ids, which hold the account's name."""
    return [
        (
            *(one.symbol, one.side, one.quantity, one.opened_at, one.entry_price),
            *(one.closed_at, one.exit_price, one.gross, one.fees, one.funding),
            *(one.reason, one.decision, one.exit_decision, one.stop, one.target),
        )
        for one in trades
    ]


def fills_of(events: Sequence[LedgerEvent]) -> list[tuple[Any, ...]]:
    """Fills without their ids."""
    return [
        (one.symbol, one.side, one.quantity, one.price, one.fee, one.at, one.maker)
        for one in (event.fill for event in events if isinstance(event, Filled))
    ]


def curve_of(events: Sequence[LedgerEvent]) -> list[tuple[int, float]]:
    """When a candle closed, and equity then."""
    return [(e.at, float(e.equity)) for e in events if isinstance(e, Snapshot)]
