"""The candles of one market with its trades: where, why, and what came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trading.shell.candles import Candles, timeframe_of
from trading.shell.engine.result import Result
from trading.shell.reporting.figures import GREEN, GREY, RED, dressed, moments
from trading.shell.reporting.stories import Story
from trading.shell.reporting.thinning import MOST_BARS, Bars, bars_of

MOST_TRADES = 400  # marked on one chart: their hover texts are most of a page
MARGIN = 40  # bars before the first and after the last trade
BELOW = {"orientation": "h", "y": -0.09, "yanchor": "top", "x": 0}
FIRST_VIEW = 260  # bars in view when the page opens


@dataclass(frozen=True)
class Market:
    """What one chart shows: `shown` candles as `bars`, `told` of `all` trades."""

    candles: Candles
    bars: Bars
    told: Sequence[Story]
    all: int
    shown: int

    @property
    def caption(self) -> str:
        """What is drawn, and what is left out."""
        each = timeframe_of(self.candles.step * self.bars.each)
        put = f", {self.bars.each} to a candle of {each}" if self.bars.each > 1 else ""
        return (
            f"{self.shown:,} of {len(self.candles):,} bars{put}; {len(self.told):,} of "
            f"{self.all:,} trades. Point at a mark for why it was traded."
        )


def market_of(candles: Candles, stories: Sequence[Story]) -> Market:
    """The part of `candles` around its newest trades, or its newest bars without any."""
    own = [one for one in stories if one.trade.symbol == candles.symbol]
    told = sorted(own, key=lambda one: one.trade.opened_at)[-MOST_TRADES:]
    first, end = _window(candles, told)
    return Market(candles, bars_of(candles, first, end), told, len(own), end - first)


def _window(candles: Candles, told: Sequence[Story]) -> tuple[int, int]:
    if not told:
        return max(0, len(candles) - MOST_BARS), len(candles)
    times = candles.frame["time"].to_numpy()
    opened = np.searchsorted(times, told[0].trade.opened_at)
    closed = np.searchsorted(times, max(one.trade.closed_at for one in told))
    return max(0, int(opened) - MARGIN), min(len(candles), int(closed) + MARGIN)


def market_figure(market: Market, result: Result) -> Any:
    """Candlesticks, a mark an entry and exit, a line a trade, levels on demand."""
    figure = go.Figure(_candlesticks(market.bars))
    for trace in (*_results(market.told), *_levels(market.told)):
        figure.add_trace(trace)
    for trace in _marks(market.told, result.account.quote):
        figure.add_trace(trace)
    dressed(figure, 520, result)
    figure.update_layout(hovermode="closest", legend=BELOW)
    figure.update_xaxes(rangeslider_visible=False, **_view(market.bars))
    figure.update_yaxes(**_span(market.bars), fixedrange=False)
    return figure


def _view(bars: Bars) -> dict[str, Any]:
    shown = moments(bars.times[-FIRST_VIEW:])
    buttons = [
        {"count": 7, "step": "day", "stepmode": "backward", "label": "week"},
        {"count": 1, "step": "month", "stepmode": "backward", "label": "month"},
        {"count": 6, "step": "month", "stepmode": "backward", "label": "½ year"},
        {"step": "all", "label": "all"},
    ]
    selector = {"buttons": buttons, "x": 0, "y": 1.02}
    ends = [float(shown[0]), float(shown[-1])] if len(shown) else None
    return {"rangeselector": selector, "range": ends}


def _span(bars: Bars) -> dict[str, Any]:
    """The price range of what is first in view."""
    if not len(bars):
        return {}
    low, high = bars.low[-FIRST_VIEW:].min(), bars.high[-FIRST_VIEW:].max()
    room = 0.04 * (high - low) or 0.01 * high
    return {"range": [float(low - room), float(high + room)]}


def _candlesticks(bars: Bars) -> Any:
    return go.Candlestick(
        x=moments(bars.times),
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        name="candles",
        showlegend=False,
        increasing={"line": {"color": GREEN, "width": 1}},
        decreasing={"line": {"color": RED, "width": 1}},
        opacity=0.75,
    )


def _results(told: Sequence[Story]) -> list[Any]:
    won = [one for one in told if one.trade.net > 0]
    other = [one for one in told if one.trade.net <= 0]
    return [_paths(won, "won", GREEN), _paths(other, "lost", RED)]


def _paths(told: Sequence[Story], name: str, colour: str) -> Any:
    trades = [one.trade for one in told]
    return go.Scatter(
        x=[x for t in trades for x in (t.opened_at * 1000, t.closed_at * 1000, None)],
        y=[
            y for t in trades for y in (float(t.entry_price), float(t.exit_price), None)
        ],
        name=name,
        mode="lines",
        line={"width": 2, "color": colour},
        hoverinfo="skip",
    )


def _levels(told: Sequence[Story]) -> list[Any]:
    return [_level(told, "stop", RED), _level(told, "target", GREEN)]


def _level(told: Sequence[Story], name: str, colour: str) -> Any:
    spans = [
        (one.trade, float(level))
        for one in told
        if (level := getattr(one.trade, name)) is not None
    ]
    return go.Scatter(
        x=[x for t, _ in spans for x in (t.opened_at * 1000, t.closed_at * 1000, None)],
        y=[y for _, level in spans for y in (level, level, None)],
        name=f"{name}s",
        mode="lines",
        line={"dash": "dot", "width": 1, "color": colour},
        hoverinfo="skip",
    )


def _marks(told: Sequence[Story], quote: str) -> list[Any]:
    longs = [one for one in told if one.trade.side != "short"]
    shorts = [one for one in told if one.trade.side == "short"]
    return [
        _entries(longs, "long entry", "triangle-up", GREEN),
        _entries(shorts, "short entry", "triangle-down", RED),
        go.Scatter(
            x=[one.trade.closed_at * 1000 for one in told],
            y=[float(one.trade.exit_price) for one in told],
            text=[one.exit_hover(quote) for one in told],
            name="exit",
            mode="markers",
            hoverinfo="text",
            marker={"symbol": "x", "size": 8, "color": GREY},
        ),
    ]


def _entries(told: Sequence[Story], name: str, shape: str, colour: str) -> Any:
    return go.Scatter(
        x=[one.trade.opened_at * 1000 for one in told],
        y=[float(one.trade.entry_price) for one in told],
        text=[one.entry_hover() for one in told],
        name=name,
        mode="markers",
        hoverinfo="text",
        marker={
            "symbol": shape,
            "size": 12,
            "color": colour,
            "line": {"width": 1, "color": "white"},
        },
    )
