"""The eight figures a report leads with, each beside what it should be read against."""

from dataclasses import dataclass
from math import sqrt

from core.counting import counted
from trading.shell.candles import timeframe_of
from trading.shell.engine.result import Result
from trading.shell.reporting.words import TIE, amount_words, figure_words, title
from trading.shell.statistics.measure import Metrics
from trading.shell.statistics.returns import bars_a_year

TONED = ("net_pnl", "total_return", "expectancy")


@dataclass(frozen=True)
class Card:
    """A figure in large, what it is beside in small; `tone` is good, bad or neither."""

    title: str
    words: str
    beside: str
    tone: str


def cards(result: Result, metrics: Metrics) -> list[Card]:
    """The cards, in the order in which they stand."""
    return [
        _card(name, words, result, metrics)
        for name, words in _beside(result, metrics).items()
    ]


def _card(name: str, beside: str, result: Result, metrics: Metrics) -> Card:
    figure = metrics.figure(name)
    if figure.value is None:
        beside = figure.reason
    tone = ""
    if name in TONED and figure.value is not None:
        value = float(figure.value)
        tone = "good" if value > 0 else "bad" if value < 0 else ""
    return Card(title(name), figure_words(figure, result.account.quote), beside, tone)


def _beside(result: Result, metrics: Metrics) -> dict[str, str]:
    quote = result.account.quote

    def said(name: str) -> str:
        return figure_words(metrics.figure(name), quote)

    def whole(name: str) -> str:
        figure = metrics.figure(name)
        return f"{amount_words(float(figure.value or 0), 'count')}{TIE}{quote}"

    timeframe = timeframe_of(metrics.facts.step)
    trades = int(metrics.figure("trade_count").value or 0)
    yearly = sqrt(bars_a_year(metrics.facts))
    return {
        "net_pnl": f"of {counted(trades, 'closed trade')}, after costs",
        "total_return": f"buy and hold {said('buy_and_hold')}",
        "max_drawdown": f"buy and hold {said('hold_drawdown')}",
        "sharpe": f"{timeframe} returns × {yearly:.1f}; Sortino {said('sortino')}",
        "win_rate": f"{said('win_count')} won, {said('loss_count')} lost",
        "profit_factor": f"{whole('gross_profit')} won / {whole('gross_loss')} lost",
        "expectancy": f"a trade; held {said('avg_hold_h')} on average",
        "total_fees": "and funding " + amount_words(result.funding, "money", quote),
    }
