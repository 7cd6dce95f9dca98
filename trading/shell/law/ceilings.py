"""The hard law: how far a limits file may go, per profile, and why no farther.

These are constants on purpose: a file, a flag or a model cannot change them, a person
who changes the code can.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from trading.shell.law import Cause
from trading.shell.venue.orders import Mode

Kind = Literal["amount", "count", "flag", "causes"]
Bound = Decimal | int | bool | frozenset[str]

SELF_ENDING = frozenset(
    {Cause.API_LOST, Cause.CIRCUIT_BREAKER, Cause.DATABASE_LOST, Cause.STALE_DATA}
)
"""Halts whose end can be seen without a person."""

FLATTENING = frozenset(
    {
        Cause.CONSECUTIVE_LOSSES,
        Cause.DAILY_LOSS,
        Cause.DRAWDOWN,
        Cause.KILL_SWITCH,
        Cause.BY_PERSON,
        Cause.RISK_VIOLATION,
    }
)
"""Halts in which the account can still be seen, so that selling is not done blind."""

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The loosest value of one key: `backtest`, `paper`, `live`.

    With `least`, smaller is looser, and the value may not lie below.
    """

    kind: Kind
    backtest: Bound
    paper: Bound
    live: Bound
    why: str
    least: bool = False

    def of(self, profile: Mode) -> Bound:
        """The loosest value of a profile."""
        bound: Bound = getattr(self, profile.value)
        return bound


def _amount(
    backtest: str, paper: str, live: str, why: str, *, least: bool = False
) -> Ceiling:
    bounds = (Decimal(backtest), Decimal(paper), Decimal(live))
    return Ceiling("amount", *bounds, why, least)


CEILINGS = {
    "position_money": _amount(
        "1e12", "1e9", "10", "real money starts at 10 a position"
    ),
    "position_share": _amount("50", "10", "1", "a live position is never borrowed"),
    "least_notional": _amount(
        "0", "0.5", "0.5", "Kraken takes no order below about 0.50", least=True
    ),
    "cost_of_move": _amount(
        "1000", "1", "1", "a trade whose costs eat its whole move cannot win"
    ),
    "positions": Ceiling("count", 1000, 50, 3, "a person can watch over so many"),
    "exposure_money": _amount("1e12", "1e9", "10", "real money starts at 10 in all"),
    "exposure_share": _amount("50", "10", "1", "live exposure is never borrowed"),
    "open_risk_share": _amount(
        "50", "0.5", "0.25", "every stop may be hit in one candle"
    ),
    "stop_required": Ceiling(
        "flag", False, False, True, "real money never lies without a stop", least=True
    ),
    "trades_symbol_day": Ceiling(
        "count", 10**6, 100, 10, "more is a module running wild"
    ),
    "trades_day": Ceiling("count", 10**6, 300, 30, "more is a module running wild"),
    "daily_loss_share": _amount("1", "0.5", "0.10", "a bad day must leave a next one"),
    "consecutive_losses": Ceiling(
        "count", 10**6, 20, 10, "ten in a row is no accident"
    ),
    "consecutive_losses_learning": Ceiling(
        "count", 10**6, 20, 20, "even a learner stops at twenty"
    ),
    "learning_trades": Ceiling("count", 10**6, 1000, 200, "learning ends some day"),
    "drawdown_share": _amount(
        "1", "0.40", "0.25", "what a quarter takes, a third must earn back"
    ),
    "leverage": _amount("50", "10", "3", "Kraken lends 50 times, the law does not"),
    "api_seconds": Ceiling("count", 10**6, 300, 30, "blind is halted"),
    "breaker_failures": Ceiling("count", 10**6, 10, 3, "three failures are a pattern"),
    "breaker_seconds": Ceiling(
        "count", 0, 60, 300, "an exchange in trouble is left alone", least=True
    ),
    "stale_bars": Ceiling("count", 10**6, 10, 3, "old candles are no market"),
    "memory_mb": Ceiling("count", 10**6, 500, 500, "a trader that grows has a fault"),
    "balance_gap": _amount("1e12", "1", "1", "money that moves unseen is not ours"),
    "ends_itself": Ceiling(
        "causes",
        SELF_ENDING,
        SELF_ENDING,
        NONE,
        "only an end that shows itself; with real money a person looks first",
    ),
    "flatten": Ceiling(
        "causes",
        FLATTENING,
        FLATTENING,
        FLATTENING,
        "who cannot see the account must not sell it",
    ),
}
"""Every key of a profile in trading/risk_limits.toml."""
