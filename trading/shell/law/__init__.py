"""The risk law: what no module and no model can change.

Nine named checks stand between an intent and the venue. A refusal is a value with its
figures, never an exception; a check that cannot be computed refuses.
"""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Any

from msgspec import Struct

from trading.shell.changed import changed
from trading.shell.venue.orders import Intent

__all__ = ["CHECKS", "Cause", "Part", "Policy", "Standing", "Verdict"]

CHECKS = (
    "mode_and_permission",
    "halted",
    "size_minimum",
    "size_maximum",
    "position_count",
    "exposure_and_open_risk",
    "trades_a_day",
    "daily_loss",
    "losses_and_drawdown",
)


class Cause(StrEnum):
    """Why trading is halted."""

    API_LOST = "api_lost"
    CIRCUIT_BREAKER = "circuit_breaker"
    UNEXPECTED_BALANCE = "unexpected_balance"
    DATABASE_LOST = "database_lost"
    MEMORY = "memory"
    STALE_DATA = "stale_data"
    RISK_VIOLATION = "risk_violation"
    DAILY_LOSS = "daily_loss"
    CONSECUTIVE_LOSSES = "consecutive_losses"
    DRAWDOWN = "drawdown"
    KILL_SWITCH = "kill_switch"
    BY_PERSON = "by_person"
    FLATTEN = "flatten"


class Policy(StrEnum):
    """What a halt does: no entry in either case, and stops stay until all is sold."""

    FREEZE = "freeze"
    FLATTEN = "flatten"


class Part(Struct, frozen=True):
    """A perpetual's position, or an entry of it that may still fill.

    `quantity` is signed; `broke` is the price at which its margin is gone, for an entry
    that of the worst fill; `stop` its furthest stop, None where any of it has none.
    """

    quantity: Decimal
    broke: Decimal
    stop: Decimal | None


class Standing(Struct, frozen=True):
    """The account as the law sees it before an order, all from the ledger.

    What works at the venue or may do so (unfilled and unresolved entries) counts as
    held: in `exposure`, `open_risk`, `positions` and `symbol_exposure`, not in `held`.
    `held` is the signed quantity of the intent's symbol, `leaving` how much of it exits
    at the market are to close, and `parts` what shares its margin, without a position
    that is left whole. `cash` is what is free to spend;
    `open_risk` what is lost if every stop is hit. `trades_today` and
    `symbol_trades_today` count entries of the UTC day; `day_start_equity` is the equity
    at its beginning; `peak_equity` the highest there was, and `consecutive_losses` the
    losing trades in a row, both since a person last resumed from such a halt. `trades`
    counts the closed ones. `halted` names the causes of halts in force.
    """

    at: int
    equity: Decimal
    cash: Decimal
    exposure: Decimal
    open_risk: Decimal
    positions: int
    holds_symbol: bool
    held: Decimal
    symbol_exposure: Decimal
    trades_today: int
    symbol_trades_today: int
    day_start_equity: Decimal
    peak_equity: Decimal
    consecutive_losses: int
    trades: int
    halted: str = ""
    permitted: bool = True
    reduce_only: bool = False
    leaving: Decimal = Decimal(0)
    parts: tuple[Part, ...] = ()


class Verdict(Struct, frozen=True):
    """The law's word on one intent: allowed with `quantity`, or refused by `check`.

    `quantity` and `leverage` may be smaller than was asked (clamped, and said in
    `reason`); `applied` is the order that may be sent.
    """

    allowed: bool
    quantity: Decimal
    leverage: Decimal = Decimal(1)
    check: str = ""
    reason: str = ""
    figures: Mapping[str, Any] | None = None

    def applied(self, intent: Intent) -> Intent:
        """The intent with what was allowed of it; only for an allowed one."""
        if not self.allowed:
            raise ValueError(f"{intent.id} was refused by {self.check}")
        return changed(intent, quantity=self.quantity, leverage=self.leverage)
