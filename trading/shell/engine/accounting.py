"""The account phase: the stack asked to reckon what the ledger says, in whole cents.

The stack's modules judge; the shell proves. Where they find that equity is not what its
parts add up to, the ledger itself is replayed to name the event that broke it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from core.stack import Stack, StackRun
from core.stack.tick import Decision
from trading.shell.engine.books import Books
from trading.shell.engine.ledger_steps import cents, change_of, named, stood_at
from trading.shell.ledger.events import (
    Decided,
    Deposited,
    Filled,
    FundingPaid,
    LedgerEvent,
)
from trading.shell.ledger.proof import prove
from trading.shell.ledger.state import LedgerState
from trading.shell.ledger.trades import Trade
from trading.shell.venue.orders import ZERO

PHASE = "account"
MOST_STEPS, MOST_TRADES = 200, 50

MONEY = (Filled, FundingPaid, Deposited)

Values = dict[str, Any]


@dataclass
class Accountant:
    """Asks the phase `account` after a candle in which something happened."""

    run: StackRun
    books: Books
    broken: str = ""
    _equity: Decimal = ZERO
    _marks: dict[str, Decimal] = field(default_factory=dict)
    _held: dict[str, Decimal] = field(default_factory=dict)
    _trades: int = 0
    _heard: list[LedgerEvent] = field(default_factory=list)
    _stood: dict[LedgerEvent, LedgerState] = field(default_factory=dict)
    _known_stack: Stack | None = None
    _names: frozenset[str] = frozenset()

    @property
    def wanted(self) -> bool:
        """Whether the stack has such a phase."""
        return any(p.name == PHASE and p.modules for p in self.run.stack.wiring.phases)

    def begin(self) -> None:
        """Reckon from what the ledger says now."""
        self._remember(self.books.marks())
        self.books.before = self._before if self.wanted else None

    def _before(self, event: LedgerEvent) -> None:
        """Remember cash and positions as they stand before an event that moves money."""
        if isinstance(event, MONEY) and event not in self._stood:
            state = self.books.state
            self._stood[event] = LedgerState(
                cash=state.cash, holdings=dict(state.holdings)
            )

    def hear(self, happened: Sequence[LedgerEvent]) -> bool:
        """Remember what moved money until it is reckoned; whether any of it did."""
        moved = [one for one in happened if isinstance(one, MONEY)]
        self._heard += moved
        return bool(moved)

    def reckon(self, time: int) -> Decided:
        """Ask the stack about all that was heard, and keep its answer in mind."""
        happened = self._heard
        traded = [one.fill.symbol for one in happened if isinstance(one, Filled)]
        marks = self.books.marks((*self._held, *traded))
        values = self._values(marks, happened)
        tick = self.run.ask(PHASE, {name: values[name] for name in self._asked()})
        decision = tick.portfolio
        made = dict(decision.values) if decision else {}
        if made.get("reconciled") is False:
            self.broken = self._culprit(made, marks)
        self._remember(marks)
        self._heard = []
        return _told(time, made, decision)

    def _asked(self) -> frozenset[str]:
        """What the phase reads, found once for a stack."""
        if self._known_stack is not (stack := self.run.stack):
            self._known_stack = stack
            self._names = stack.starts_for("portfolio", asked=PHASE)
        return self._names

    def _values(
        self, marks: Mapping[str, Decimal], happened: Sequence[LedgerEvent]
    ) -> Values:
        state = self.books.state
        equity = state.equity(marks)
        return {
            **_parts(state, state.unrealised(marks)),
            "equity_cents": cents(equity),
            "equity_before_cents": cents(self._equity),
            "peak_equity_cents": cents(max(state.peak_equity, equity)),
            "day_start_cents": cents(state.curve.start),
            "holdings": [
                {
                    "symbol": one.symbol,
                    "quantity": float(one.quantity),
                    "entry_price": float(one.cost / one.quantity),
                    "mark_price": float(marks[one.symbol]),
                }
                for one in state.holdings.values()
            ],
            "ledger_steps": self._steps(marks, happened, equity),
            "closed_trades": [
                _trade_row(one) for one in state.trades[self._trades :][-MOST_TRADES:]
            ],
        }

    def _steps(
        self,
        marks: Mapping[str, Decimal],
        happened: Sequence[LedgerEvent],
        equity: Decimal,
    ) -> list[Values]:
        """What each event should have changed equity by, and equity after it, as the
        ledger stood before the next one."""
        known = self._known(marks, happened)
        changes = [("prices", self._moved(known))]
        changes += [(named(one), change_of(one, known)) for one in happened]
        stood = [self._stood.get(one) for one in happened]
        if len(changes) > MOST_STEPS:
            rest = sum((change for _, change in changes[MOST_STEPS - 1 :]), ZERO)
            changes = [*changes[: MOST_STEPS - 1], ("the rest", rest)]
        rows: list[Values] = []
        running = self._equity
        for (name, change), after in zip_longest(changes, stood[: len(changes) - 1]):
            before, running = cents(running), running + change
            step = {"event": name, "change_cents": cents(running) - before}
            found = stood_at(running, after, known)
            rows.append({**step, "equity_cents": cents(found)})
        rows[-1]["equity_cents"] = cents(equity)
        return rows

    def _known(
        self, marks: Mapping[str, Decimal], happened: Sequence[LedgerEvent]
    ) -> Mapping[str, Decimal]:
        """One mark a symbol, for those too that are held no longer and have none now.

        Whichever it is, it falls out of the sum once the position is gone.
        """
        fills = [one.fill for one in happened if isinstance(one, Filled)]
        return {**{fill.symbol: fill.price for fill in fills}, **self._marks, **marks}

    def _moved(self, marks: Mapping[str, Decimal]) -> Decimal:
        """What the prices' moves made of what was held when it was last reckoned."""
        moves = (
            quantity * (marks[symbol] - self._marks[symbol])
            for symbol, quantity in self._held.items()
        )
        return sum(moves, ZERO)

    def _remember(self, marks: Mapping[str, Decimal]) -> None:
        state = self.books.state
        self._marks = dict(marks)
        self._equity = state.equity(marks)
        self._held = {one.symbol: one.quantity for one in state.holdings.values()}
        self._trades = len(state.trades)
        self._stood.clear()

    def _culprit(self, made: Values, marks: Mapping[str, Decimal]) -> str:
        """The event that broke the ledger, or what the module says of it."""
        found = prove(self.books.journal.events(), marks)
        if found is not None:
            return f"equity is not its parts after {found}"[:500]
        return f"{made.get('broken_event') or 'the account'}: " + (
            f"{made.get('difference_cents', 0)} cents differ"
        )


def _parts(state: Any, unrealised: Decimal) -> Values:
    """What equity is made of in cents, which add up to the rounded sum of the amounts.

    Each rounded by itself, five parts may differ from their sum by two cents; what
    rounding leaves over is the unrealised part's.
    """
    sums = {
        "deposits_cents": cents(state.deposits),
        "realised_cents": cents(state.realised),
        "fees_cents": cents(state.fees),
        "funding_cents": cents(state.funding),
    }
    settled = state.deposits + state.realised - state.fees - state.funding
    costs = sums["fees_cents"] + sums["funding_cents"]
    kept = sums["deposits_cents"] + sums["realised_cents"] - costs
    return {**sums, "unrealised_cents": cents(settled + unrealised) - kept}


def _trade_row(trade: Trade) -> Values:
    return {
        "symbol": trade.symbol,
        "side": trade.side,
        "quantity": float(trade.quantity),
        "entry_price": float(trade.entry_price),
        "exit_price": float(trade.exit_price),
        "gross_cents": cents(trade.gross),
        "fees_cents": cents(trade.fees),
        "funding_cents": cents(trade.funding),
        "opened_at": trade.opened_at,
        "closed_at": trade.closed_at,
        "reason": trade.reason,
        "regime": trade.regime,
    }


def _told(time: int, made: Values, decision: Decision | None) -> Decided:
    return Decided(
        id=f"account-{time}",
        symbol="",
        at=time,
        action="none",
        proceed=True,
        reason="",
        ended_by="",
        regime="",
        values=made,
        versions=decision.versions if decision else {},
        faults=decision.faults if decision else {},
    )
