"""What a report says first: what came of the session, and what that does not prove."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.counting import counted
from trading.shell.candles import Candles, stamp
from trading.shell.engine.result import Result
from trading.shell.ledger.events import Signalled
from trading.shell.reporting.words import amount_words, figure_words, span_words
from trading.shell.statistics.facts import begun
from trading.shell.statistics.measure import Metrics
from trading.shell.venue.orders import Mode

NUMBER = re.compile(r"(?<![A-Za-z_])[-+−]?\d[\d.,]*")
FEW = 10  # trades: with fewer, why there are so few is the news
LONG_SHARE = 0.25  # of the session without a trade at its end
LONG_GAPS = 10  # times the usual time from trade to trade

SYNTHETIC = (
    "SYNTHETIC MARKET: these candles were generated. They are no market's, and prove "
    "nothing about one."
)
WARNINGS = {
    Mode.BACKTEST: "A backtest is not profit. It plays past candles under the "
    "assumptions below; what it would have earned says little of what it will earn.",
    Mode.PAPER: "Paper trading is not profit. No order reached a market; its fills "
    "follow the assumptions below.",
    Mode.LIVE: "Past results say little of what comes next.",
}


@dataclass(frozen=True)
class NearRule:
    """A rule that ended decisions before they could enter, and how often."""

    rule: str
    count: int
    share: float | None


def synthetic(result: Result) -> bool:
    """Whether any of the candles were generated."""
    return any(one.synthetic for one in result.candles)


def verdict(result: Result, metrics: Metrics) -> str:
    """The result in one sentence, beside holding the same markets."""
    quote = result.account.quote
    trades = len(result.trades)
    if not trades:
        return f"No trade was closed in {_span(metrics)}."
    net = float(sum(trade.net for trade in result.trades))
    word = "Gained" if net > 0 else "Lost" if net < 0 else "Neither gained nor lost:"
    share = metrics.figure("total_return")
    held = metrics.figure("buy_and_hold")
    compared = (
        f"; buying and holding: {figure_words(held)}" if held.value is not None else ""
    )
    deposits = amount_words(float(result.deposits), "money", quote)
    many = counted(trades, "trade")
    return (
        f"{word} {amount_words(abs(net), 'money', quote)} after costs in {many} over "
        f"{_span(metrics)} (equity {figure_words(share)} of {deposits}{compared})."
    )


def period(result: Result) -> str:
    """From the first candle that was decided on to the last, UTC."""
    first = begun(result)
    if first is None or not result.times.size:
        return "no bars"
    return f"{stamp(first)} to {stamp(int(result.times[-1]))} UTC"


def traded(result: Result) -> list[str]:
    """The candles decided on, a line each market, and since when others warm up."""
    return [_traded(one, result.first) for one in result.candles]


def _traded(candles: Candles, first: int) -> str:
    times = candles.frame["time"]
    before = int(times.searchsorted(first))
    if before in (0, len(candles)):
        return candles.describe()
    since = stamp(int(times.iloc[0]))
    return (
        f"{candles.since(before).describe()}; earlier ones, since {since}, only warm up"
    )


def _span(metrics: Metrics) -> str:
    times = metrics.facts.times
    return span_words(float(times[-1] - times[0])) if times.size else "no time"


def near_rules(result: Result) -> list[NearRule]:
    """The rules that ended decisions, most often first, as shares of the scans.

    Reasons that differ in their numbers only are one rule, and its numbers are left out.
    """
    alike: dict[str, list[tuple[str, int]]] = {}
    for reason, count in result.near.items():
        alike.setdefault(NUMBER.sub("…", reason), []).append((reason, count))
    rules = [
        _near(
            one[0][0] if len(one) == 1 else masked, sum(n for _, n in one), result.scans
        )
        for masked, one in alike.items()
    ]
    return sorted(rules, key=lambda rule: (-rule.count, rule.rule))


def _near(rule: str, count: int, scans: int) -> NearRule:
    return NearRule(rule, count, count / scans if scans else None)


def unnamed(result: Result) -> list[str]:
    """Which candles are of no market that has a name, and how to name it."""
    return [
        f"{one.symbol} names no market: its least order and its price steps are guessed "
        "from its first price. To name it: --csv FILE --symbols BTC/USD"
        for one in result.candles
        if "/" not in one.symbol and not one.synthetic
    ]


def warnings(result: Result) -> list[str]:
    """What a reader must have seen before the figures."""
    return [*result.warnings, *unnamed(result)]


def drought(result: Result) -> list[str]:
    """Why there were so few trades, or none for long; empty where there were enough."""
    return [*_few(result), *_silence(result)]


def _silence(result: Result) -> list[str]:
    """When the last trade was, where that is long ago, and what came of signals since."""
    if not result.trades or not result.times.size:
        return []
    last, end = max(one.closed_at for one in result.trades), int(result.times[-1])
    acted = max((one.at for one in result.signals if one.acted), default=last)
    if not _is_long(result, end - max(last, acted)):
        return []
    since = [one for one in result.signals if one.at > last]
    return [
        f"Last trade on {stamp(last)[:10]}, none in the last {span_words(end - last)}: "
        f"{_refused(since)}."
    ]


def _is_long(result: Result, silent: int) -> bool:
    """Whether trades came so often before that a silence of that length is news."""
    span = int(result.times[-1]) - max(int(result.times[0]), result.first)
    usual = (span - silent) / len(result.trades)
    return silent > span * LONG_SHARE or silent > LONG_GAPS * usual


def _refused(signals: Sequence[Signalled]) -> str:
    """What rejected most of the signals."""
    rejected = [one for one in signals if not one.acted]
    if not rejected:
        return "no signal was acted on or rejected since"
    check, count = Counter(one.rejected_by for one in rejected).most_common(1)[0]
    reason = [one.reason for one in rejected if one.rejected_by == check][-1]
    all_, verb = counted(len(signals), "signal"), "was" if count == 1 else "were"
    return f"{count:,} of {all_} since {verb} rejected by {check} ({reason})"


def _few(result: Result) -> list[str]:
    trades = len(result.trades)
    if trades >= FEW:
        return []
    acted = sum(signal.acted for signal in result.signals)
    said = [
        f"{counted(trades, 'closed trade')} in {counted(result.scans, 'scan')}: "
        f"{counted(len(result.signals), 'signal')}, {acted:,} of them acted on."
    ]
    rules = near_rules(result)
    if rules and rules[0].share is not None:
        said.append(
            f"Most decisions ended at “{rules[0].rule}”: {rules[0].count:,}, "
            f"{amount_words(rules[0].share, 'ratio')} of the scans."
        )
    if not rules and not result.signals:
        said.append("No rule ended a decision either: nothing was ever asked for.")
    return said
