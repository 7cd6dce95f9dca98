"""`LedgerState`: what an account's events add up to. Pure: no clock, no store.

    equity == deposits + realised + unrealised - fees - funding      (exactly)

Spot moves cash by what is bought and sold. A perpetual moves cash only by fees, funding
and realised P&L; its margin is cash that is set aside.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal

from core.errors import LedgerError
from trading.shell.ledger.curve import DAY, Curve, Entries
from trading.shell.ledger.events import Ended, Halted, LedgerEvent, Snapshot
from trading.shell.ledger.exact import exactly, impossible
from trading.shell.ledger.holding import Holding
from trading.shell.ledger.order import Order
from trading.shell.ledger.steps import STEPS
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import ZERO, Closed, OpenOrder, Position, is_futures

Marks = Mapping[str, Decimal]


@dataclass(slots=True)
class LedgerState:
    """The sum of an account's events; `apply` adds one. The same events make equal states.

    `tolerance` is how far (seconds) an event may lie before the newest one. `cash`
    includes the margin that is set aside. `working` are the orders that are not done,
    `finished` the others; `closed_at` says when each symbol's position was last closed.
    `halts` are those in force; `forgiven` the losses in a row a person has looked at.
    """

    tolerance: int = DAY
    clock: int = 0
    cash: Decimal = ZERO
    deposits: Decimal = ZERO
    realised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    holdings: dict[str, Holding] = field(default_factory=dict)
    working: dict[str, Order] = field(default_factory=dict)
    finished: dict[str, Order] = field(default_factory=dict)
    fills: set[str] = field(default_factory=set)
    trades: list[Trade] = field(default_factory=list)
    closed_at: dict[str, int] = field(default_factory=dict)
    curve: Curve = field(default_factory=Curve)
    entries: Entries = field(default_factory=Entries)
    consecutive_wins: int = 0
    consecutive_losses: int = 0
    forgiven: int = 0
    halts: dict[str, Halted] = field(default_factory=dict)
    regimes: dict[str, str] = field(default_factory=dict)
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def apply(self, event: LedgerEvent) -> bool:
        """Add one event; False when it had been added before, and nothing changed.

        Raises LedgerError for what cannot have happened; then nothing changed either.
        """
        step = STEPS.get(type(event))
        if step is None:
            return True
        with exactly():
            return step(self, event)

    def advance(self, event: object, at: int) -> None:
        """Time goes on; LedgerError when it goes back further than the tolerance."""
        if at < self.clock - self.tolerance:
            raise impossible(event, f"time went backwards from {self.clock}")
        self.clock = max(self.clock, at)

    def keep(self, order: Order) -> None:
        """An order as it now is."""
        self.working.pop(order.intent.id, None)
        place = self.finished if order.status.done else self.working
        place[order.intent.id] = order

    def record(self, trade: Trade) -> None:
        """A position was closed. One that earned nothing after costs is a loss."""
        self.trades.append(trade)
        won = trade.net > 0
        self.consecutive_wins = self.consecutive_wins + 1 if won else 0
        self.consecutive_losses = 0 if won else self.consecutive_losses + 1
        self.forgiven = 0 if won else self.forgiven

    # -- orders and positions -----------------------------------------------------------

    def order(self, name: str) -> Order | None:
        """An order by its client id, done or not."""
        return self.working.get(name) or self.finished.get(name)

    def without(self, name: str, at: int) -> "LedgerState":
        """What this would be had an order ended at `at`; this stays as it is."""
        other = deepcopy(self)
        other.apply(Ended(Closed(name, at, "never sent")))
        return other

    def open_orders(self) -> list[OpenOrder]:
        """What may still be filled, oldest first; unsettled ones too."""
        return [order.open_order() for order in self.working.values()]

    def position(self, symbol: str) -> Position | None:
        """What is held of a symbol."""
        held = self.holdings.get(symbol)
        return held.position() if held else None

    def positions(self) -> list[Position]:
        """What is held."""
        return [held.position() for held in self.holdings.values()]

    # -- money ----------------------------------------------------------------------------

    def equity(self, marks: Marks) -> Decimal:
        """Cash and what is held at `marks`; LedgerError where one is missing."""
        with exactly():
            return self.cash + sum(
                (_worth(held, _mark(held, marks)) for held in self.holdings.values()),
                ZERO,
            )

    def unrealised(self, marks: Marks) -> Decimal:
        """What closing everything at `marks` would realise, before fees."""
        with exactly():
            return sum(
                (
                    held.unrealised(_mark(held, marks))
                    for held in self.holdings.values()
                ),
                ZERO,
            )

    def exposure(self, marks: Marks) -> Decimal:
        """The absolute value of what is held, spot and perpetuals together."""
        with exactly():
            return sum(
                (abs(h.quantity) * _mark(h, marks) for h in self.holdings.values()),
                ZERO,
            )

    @property
    def margin(self) -> Decimal:
        """Cash that is set aside for perpetuals."""
        return sum((held.margin for held in self.holdings.values()), ZERO)

    @property
    def available(self) -> Decimal:
        """Cash that is not set aside."""
        return self.cash - self.margin

    def snapshot(self, at: int, marks: Marks) -> Snapshot:
        """Equity and its parts as an event; its drawdown is of this very equity."""
        equity = self.equity(marks)
        peak = max(self.curve.peak, equity)
        return Snapshot(
            at,
            equity,
            self.cash,
            self.unrealised(marks),
            self.realised,
            self.fees,
            self.funding,
            self.deposits,
            self.exposure(marks),
            (peak - equity) / peak if peak > 0 else ZERO,
        )

    # -- what the risk law asks -------------------------------------------------------------

    def trades_today(self, at: int) -> int:
        """Entries of the UTC day of `at`, those that came to nothing left out."""
        return self.entries.of(at)

    def symbol_trades_today(self, symbol: str, at: int) -> int:
        """The same of one symbol."""
        return self.entries.of(at, symbol)

    def day_start_equity(self, at: int) -> Decimal:
        """Equity when the UTC day of `at` began; money put in since counts with it."""
        return self.curve.day_start(at)

    @property
    def peak_equity(self) -> Decimal:
        """The highest equity a snapshot has shown; deposits move it."""
        return self.curve.peak

    @property
    def losses_to_answer(self) -> int:
        """Losing trades in a row since a person last resumed from such a halt."""
        return self.consecutive_losses - self.forgiven

    @property
    def drawdown(self) -> Decimal:
        """How far the last snapshot is below the peak, as a share of the peak."""
        return self.curve.drawdown

    def win_rate(self, trades: int) -> Decimal | None:
        """The share of the last `trades` trades that earned money; None before the first."""
        recent = self.trades[-trades:] if trades > 0 else []
        won = sum(trade.net > 0 for trade in recent)
        return Decimal(won) / len(recent) if recent else None


def _worth(held: Holding, mark: Decimal) -> Decimal:
    """What a position adds to cash: a perpetual's cost was never paid."""
    futures = is_futures(held.symbol)
    return held.unrealised(mark) if futures else held.quantity * mark


def _mark(held: Holding, marks: Marks) -> Decimal:
    if (mark := marks.get(held.symbol)) is not None:
        return mark
    raise LedgerError(
        f"there is no price for {held.symbol}, which is held",
        field="marks",
        value=held.symbol,
        remedy="give the last price there was",
    )
