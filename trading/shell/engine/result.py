"""What a session leaves: the figures a report is made of, all of them from the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trading.shell.candles import Candles
from trading.shell.ledger import Account
from trading.shell.ledger.events import Decided, Signalled
from trading.shell.ledger.trades import Trade


@dataclass(frozen=True)
class Result:
    """One session: a backtest, a stretch of paper trading, or a replay.

    `times` (UTC seconds of the bar's open) and `equity` (at its close) have one element
    a bar of the timeline. `decisions` are those that acted or failed, `signals` all that
    asked for a trade. `near` says of each rule that gated an entry how often it ended
    the decision ("module: reason" -> count), `contributions` how many each module ended
    (module -> {"stopped": count}). `bars` are those of all symbols together, `warm_up`
    those of one, `scans` the bars that were scanned; nothing was decided on before `first`
    (UTC seconds). `settings` are the values the session
    ran with; `assumptions` the sentences of what was assumed, `warnings` those that
    a reader must have seen before the figures; `seconds` its own time.
    """

    account: Account
    stack: str
    candles: tuple[Candles, ...]
    deposits: Decimal
    times: NDArray[np.int64]
    equity: NDArray[np.float64]
    trades: Sequence[Trade]
    decisions: Sequence[Decided]
    signals: Sequence[Signalled]
    near: Mapping[str, int]
    contributions: Mapping[str, Mapping[str, int]]
    fees: Decimal
    funding: Decimal
    versions: Mapping[str, int]
    settings: Mapping[str, Any]
    assumptions: Sequence[str]
    notes: Sequence[str]
    failures: Mapping[str, int]
    warm_up: int
    bars: int
    scans: int
    seconds: float
    first: int = 0
    warnings: Sequence[str] = ()
