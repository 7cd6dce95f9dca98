"""What trading cost: fees and funding, beside what was made before them."""

from decimal import Decimal

from trading.shell.engine.result import Result
from trading.shell.statistics import Figure, Rule, Undefined, Value

ZERO = Decimal(0)


def costs(result: Result) -> list[Figure]:
    """The costs of a session; spread and slippage are inside the prices of its fills."""
    return [rule.figure(result) for rule in COSTS]


def _gross(result: Result) -> Value:
    return sum((trade.gross for trade in result.trades), ZERO)


def _fees(result: Result) -> Value:
    return result.fees


def _funding(result: Result) -> Value:
    return result.funding


def _a_trade(result: Result) -> Value:
    if not result.trades:
        return Undefined("no trade was closed")
    return (result.fees + result.funding) / len(result.trades)


def _of_gross(result: Result) -> Value:
    made = sum((trade.gross for trade in result.trades), ZERO)
    if made <= 0:
        return Undefined("nothing was made before costs")
    return float((result.fees + result.funding) / made)


def _break_even(result: Result) -> Value:
    turned = sum((trade.entry_price * trade.quantity for trade in result.trades), ZERO)
    if not turned:
        return Undefined("no trade was closed")
    paid = sum((trade.fees + trade.funding for trade in result.trades), ZERO)
    return 100 * float(paid / turned)


COSTS = (
    Rule("gross_result", "money", "Σ gross of closed trades, before costs", _gross),
    Rule("fees", "money", "Σ fees of all fills", _fees),
    Rule("funding", "money", "Σ funding paid, negative when received", _funding),
    Rule("costs_a_trade", "money", "(fees + funding) / trades", _a_trade),
    Rule("costs_of_gross", "ratio", "(fees + funding) / gross_result", _of_gross),
    Rule(
        "break_even_move",
        "percent",
        "Σ (fees + funding) / Σ (entry price × quantity) of closed trades",
        _break_even,
    ),
)
"""The costs' rules."""
