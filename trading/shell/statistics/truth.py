"""The 28 truth metrics: each a pure function that a person can check by hand.

No module and no model can change them. A trade's result is its `net`: after fees and
funding. One that has no value here says why; nothing is 0 or infinite for want of data.
"""

from collections.abc import Sequence
from decimal import Decimal
from hashlib import blake2b
from itertools import takewhile

from trading.shell.statistics import Figure, Rule, Undefined, Value
from trading.shell.statistics.drawdown import drawdowns, longest_under_water
from trading.shell.statistics.facts import (
    Facts,
    held_seconds,
    in_time,
    losses,
    nets,
    wins,
)

ZERO = Decimal(0)
NO_TRADES = Undefined("no trade was closed")
NO_WINS = Undefined("no trade was won")
NO_LOSSES = Undefined("no trade was lost")
NO_EQUITY = Undefined("equity was never recorded")


def truths(facts: Facts) -> list[Figure]:
    """All 28, in the order in which they are shown."""
    return [rule.figure(facts) for rule in TRUTHS]


def net_pnl(facts: Facts) -> Value:
    return sum(nets(facts), ZERO)


def trade_count(facts: Facts) -> Value:
    return len(facts.trades)


def win_count(facts: Facts) -> Value:
    return len(wins(facts))


def loss_count(facts: Facts) -> Value:
    return len(losses(facts))


def win_rate(facts: Facts) -> Value:
    if not facts.trades:
        return NO_TRADES
    return len(wins(facts)) / len(facts.trades)


def total_fees(facts: Facts) -> Value:
    return facts.fees


def portfolio_value(facts: Facts) -> Value:
    return float(facts.equity[-1]) if facts.equity.size else NO_EQUITY


def max_drawdown(facts: Facts) -> Value:
    if not facts.equity.size:
        return NO_EQUITY
    if facts.equity.max() <= 0:
        return Undefined("there was never any equity to lose")
    return float(drawdowns(facts.equity).max())


def consecutive_losses(facts: Facts) -> Value:
    newest_first = reversed(in_time(facts.trades))
    return sum(1 for _ in takewhile(lambda trade: trade.net < 0, newest_first))


def system_uptime(facts: Facts) -> Value:
    return facts.uptime


def total_scans(facts: Facts) -> Value:
    return facts.scans


def total_signals(facts: Facts) -> Value:
    return facts.signals


def signal_act_rate(facts: Facts) -> Value:
    if not facts.signals:
        return Undefined("nothing asked for a trade")
    return facts.acted / facts.signals


def scans_since_startup(facts: Facts) -> Value:
    return facts.scans_since_start


def scan_success_rate(facts: Facts) -> Value:
    if not facts.expected:
        return Undefined("no bar was due to be scanned")
    return facts.scans / facts.expected


def data_freshness(facts: Facts) -> Value:
    if facts.now is None or facts.newest is None:
        return Undefined("only a running session has it")
    return facts.now - facts.newest


def expectancy(facts: Facts) -> Value:
    return _mean(nets(facts), NO_TRADES)


def strategy_version(facts: Facts) -> Value:
    if not facts.versions:
        return Undefined("no module ran")
    lines = [f"{name}@{number}" for name, number in sorted(facts.versions.items())]
    digest = blake2b("\n".join(lines).encode(), digest_size=4)
    return f"{facts.stack}@{digest.hexdigest()}"


def gross_profit(facts: Facts) -> Value:
    return sum(wins(facts), ZERO)


def gross_loss(facts: Facts) -> Value:
    return -sum(losses(facts), ZERO)


def profit_factor(facts: Facts) -> Value:
    if not facts.trades:
        return NO_TRADES
    lost = -sum(losses(facts), ZERO)
    return float(sum(wins(facts), ZERO) / lost) if lost else NO_LOSSES


def avg_win(facts: Facts) -> Value:
    return _mean(wins(facts), NO_WINS)


def avg_loss(facts: Facts) -> Value:
    return _mean([-loss for loss in losses(facts)], NO_LOSSES)


def avg_hold_h(facts: Facts) -> Value:
    held = [(trade.closed_at - trade.opened_at) / 3600 for trade in facts.trades]
    return sum(held) / len(held) if held else NO_TRADES


def longest_drawdown_h(facts: Facts) -> Value:
    if not facts.equity.size:
        return NO_EQUITY
    return longest_under_water(facts.times, facts.equity) / 3600


def exposure_pct(facts: Facts) -> Value:
    if not facts.times.size:
        return NO_EQUITY
    start, end = int(facts.times[0]), int(facts.times[-1]) + facts.step
    return 100 * held_seconds(facts, start, end) / (end - start)


def rejected_signals(facts: Facts) -> Value:
    return facts.signals - facts.acted


def llm_cost(facts: Facts) -> Value:
    if facts.model_cost is None:
        return Undefined("no spending was recorded")
    return facts.model_cost


def _mean(values: Sequence[Decimal], otherwise: Undefined) -> Value:
    return sum(values, ZERO) / len(values) if values else otherwise


TRUTHS = (
    Rule("net_pnl", "money", "Σ (gross − fees − funding) of closed trades", net_pnl),
    Rule("trade_count", "count", "closed trades", trade_count),
    Rule("win_count", "count", "closed trades with net > 0", win_count),
    Rule("loss_count", "count", "closed trades with net < 0", loss_count),
    Rule("win_rate", "ratio", "win_count / trade_count", win_rate),
    Rule("total_fees", "money", "Σ fees of all fills, open positions too", total_fees),
    Rule("portfolio_value", "money", "equity at the last bar's close", portfolio_value),
    Rule("max_drawdown", "ratio", "max (peak − equity) / peak", max_drawdown),
    Rule(
        "consecutive_losses",
        "count",
        "newest closed trades in a row with net < 0",
        consecutive_losses,
    ),
    Rule("system_uptime", "seconds", "seconds this session has run", system_uptime),
    Rule("total_scans", "count", "symbol-bars scanned", total_scans),
    Rule("total_signals", "count", "decisions that asked for a trade", total_signals),
    Rule("signal_act_rate", "ratio", "signals acted on / signals", signal_act_rate),
    Rule(
        "scans_since_startup",
        "count",
        "symbol-bars scanned since the process started",
        scans_since_startup,
    ),
    Rule(
        "scan_success_rate",
        "ratio",
        "symbol-bars scanned / symbol-bars after the warm-up",
        scan_success_rate,
    ),
    Rule("data_freshness", "seconds", "now − newest candle's close", data_freshness),
    Rule("expectancy", "money", "net_pnl / trade_count", expectancy),
    Rule(
        "strategy_version",
        "text",
        "stack @ BLAKE2b of module@version lines, sorted",
        strategy_version,
    ),
    Rule("gross_profit", "money", "Σ net of trades with net > 0", gross_profit),
    Rule("gross_loss", "money", "−Σ net of trades with net < 0", gross_loss),
    Rule("profit_factor", "number", "gross_profit / gross_loss", profit_factor),
    Rule("avg_win", "money", "gross_profit / win_count", avg_win),
    Rule("avg_loss", "money", "gross_loss / loss_count", avg_loss),
    Rule("avg_hold_h", "hours", "mean (closed − opened) of closed trades", avg_hold_h),
    Rule(
        "longest_drawdown_h",
        "hours",
        "longest time from a peak to the next as high, or to the end",
        longest_drawdown_h,
    ),
    Rule(
        "exposure_pct",
        "percent",
        "time in which a closed trade was open / whole time",
        exposure_pct,
    ),
    Rule("rejected_signals", "count", "signals − signals acted on", rejected_signals),
    Rule("llm_cost", "usd", "dollars spent on model answers", llm_cost),
)
"""The truth metrics' rules."""
