"""Trades and facts of a few numbers, to be checked by hand."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from trading.shell.ledger.trades import Trade
from trading.shell.statistics.facts import Facts

START = 1_704_067_200  # Monday 2024-01-01 00:00 UTC
HOUR = 3600


def trade(gross: float, hours: Sequence[int] = (0, 1), **other: Any) -> Trade:
    """A long of one coin, open between two hours after START."""
    opened, closed = hours
    given = {
        "id": "t",
        "symbol": "BTC/USD",
        "side": "long",
        "quantity": Decimal(1),
        "opened_at": START + HOUR * opened,
        "entry_price": Decimal(100),
        "closed_at": START + HOUR * closed,
        "exit_price": Decimal(str(100 + gross)),
        "gross": Decimal(str(gross)),
        "fees": Decimal(0),
        "funding": Decimal(0),
        "reason": "stop",
        "regime": "trend",
        "decision": "",
        "exit_decision": "",
    }
    return Trade(**(given | other))


def facts(
    trades: Sequence[Trade] = (), equity: Sequence[float] = (), **other: Any
) -> Facts:
    """Facts over hourly bars from START on."""
    return Facts(
        trades=trades,
        times=START + HOUR * np.arange(len(equity)),
        equity=np.array(equity, float),
        **other,
    )
