"""Why each trade was taken and closed, in the words of the decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trading.shell.candles import stamp
from trading.shell.engine.result import Result
from trading.shell.ledger.events import Decided
from trading.shell.ledger.trades import Trade
from trading.shell.reporting.words import TIE, plain, signed, span_words
from trading.shell.statistics.evidence import is_score, scores

MOST_VALUES, MOST_MODULES = 8, 12
TOLD = ("signal", "confidence", "strategy", "regime")  # in the words above them
WIDE = 46  # characters of a line of hover text: a phone shows them whole
CLOSED = {
    "stop": "the stop was hit",
    "target": "the target was reached",
    "liquidation": "it was liquidated",
}


@dataclass(frozen=True)
class Story:
    """A trade with the decisions that opened and closed it, where they were kept."""

    trade: Trade
    opened_by: Decided | None
    closed_by: Decided | None

    @property
    def why(self) -> str:
        """Why it was taken."""
        if self.opened_by is None:
            return "the decision was not kept"
        return self.opened_by.reason or grounds(self.opened_by, self.trade.side)

    @property
    def ending(self) -> str:
        """Why it was closed."""
        if self.closed_by is not None and self.closed_by.reason:
            return self.closed_by.reason
        return CLOSED.get(self.trade.reason, self.trade.reason.replace("_", " "))

    def entry_hover(self) -> str:
        """What the chart says of the entry; every text escaped."""
        trade = self.trade
        lines = [
            f"<b>{plain(trade.side)}</b> {trade.quantity:.6g} at {price(trade.entry_price)}",
            f"{stamp(trade.opened_at)} UTC",
            f"<b>why</b> {plain(self.why, WIDE)}",
            f"<b>regime</b> {plain(trade.regime or 'unknown')}",
        ]
        if self.opened_by is not None:
            lines += _values(self.opened_by.values) + _modules(self.opened_by.versions)
        return "<br>".join(lines)

    def exit_hover(self, quote: str) -> str:
        """What the chart says of the exit; every text escaped."""
        trade = self.trade
        return "<br>".join(
            [
                f"<b>closed</b> at {price(trade.exit_price)}",
                f"{stamp(trade.closed_at)} UTC, after {_held(trade)}",
                f"<b>because</b> {plain(self.ending, WIDE)}",
                f"<b>net</b> {signed(float(trade.net), 2)} {plain(quote)} "
                f"(fees {signed(float(trade.fees), 2)})",
            ]
        )


def stories(result: Result) -> list[Story]:
    """One story a trade, in the order of the trades."""
    by_id = {decision.id: decision for decision in result.decisions}
    return [
        Story(one, by_id.get(one.decision), by_id.get(one.exit_decision))
        for one in result.trades
    ]


def price(value: Any) -> str:
    """A price with as many digits as it needs."""
    return f"{float(value):,.6g}" if float(value) < 1000 else f"{float(value):,.2f}"


def _held(trade: Trade) -> str:
    return span_words(trade.closed_at - trade.opened_at)


def grounds(decision: Decided, side: str) -> str:
    """What a decision that gave no reason rested on: its signal, and what spoke."""
    values = decision.values
    said = [f"{values.get('signal') or side} signal"]
    if isinstance(confidence := values.get("confidence"), int | float):
        said.append(f"confidence {confidence:.2f}")
    if strategy := values.get("strategy"):
        said.append(str(strategy))
    sign = -1 if side == "short" else 1
    heard = {name: sign * score for name, score in scores(values).items()}
    told = (
        _told("for it", {n: v for n, v in heard.items() if v > 0}),
        _told("against it", {n: v for n, v in heard.items() if v < 0}),
        _true(values),
    )
    return "; ".join([", ".join(said), *filter(None, told)])


def _told(which: str, heard: Mapping[str, float]) -> str:
    strongest = sorted(heard.items(), key=lambda one: -abs(one[1]))
    words = [f"{n.removesuffix('_score')} {signed(v, 2)}" for n, v in strongest]
    return f"{which}: {', '.join(words)}" if words else ""


def _true(values: Mapping[str, Any]) -> str:
    """The conditions that held."""
    held = [n for n, value in values.items() if value is True and "." not in n]
    return f"true: {', '.join(held[:MOST_VALUES])}" if held else ""


def _values(values: Mapping[str, Any]) -> list[str]:
    """What else a person may want to see: figures and words, no flags, no scores."""
    shown = [
        f"{plain(name)} = {plain(_short(value), WIDE)}"
        for name, value in values.items()
        if isinstance(value, str | int | float)
        and not (isinstance(value, bool) or is_score(name) or "." in name)
        and name not in TOLD
    ]
    return shown[:MOST_VALUES]


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)[:80]


def _modules(versions: Mapping[str, int]) -> list[str]:
    named = [f"{name}{TIE}v{number}" for name, number in versions.items()]
    more = [f"{len(named) - MOST_MODULES} more"] if len(named) > MOST_MODULES else []
    words = ", ".join([*named[:MOST_MODULES], *more])
    return [f"<b>modules</b> {plain(words, WIDE)}"] if words else []
