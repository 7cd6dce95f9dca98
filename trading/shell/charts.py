"""A walk as plotly figures: candles with entries, exits and levels; equity."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from trading.shell import series
from trading.shell.book import Trade
from trading.shell.candles import Candles
from trading.shell.indicators import compute
from trading.shell.walk import Walk
from trading.shell.watermark import mark_synthetic

MOST_BARS = 1500  # a browser stays quick with that many candles
MOST_POINTS = 4000
PANEL = 170  # pixels of each panel below the candles
GREEN, RED, GREY = "#1a9850", "#d73027", "#888888"


@dataclass(frozen=True)
class _Window:
    """The newest bars of one market: what the candle chart shows."""

    candles: Candles
    first: int
    times: list[datetime]

    @property
    def since(self) -> int:
        return int(self.candles.frame["time"].iloc[self.first])

    def column(self, name: str) -> list[float]:
        return self._cut(self.candles.frame[name].tolist())

    def cut_series(self, name: str) -> list[float | None]:
        """An indicator over all bars, its newest part; None where it has no value."""
        values = compute([name], self.candles.frame)[name]
        return self._cut([None if v != v else v for v in values.tolist()])

    def _cut(self, values: list[Any]) -> list[Any]:
        return values[self.first :]


def candle_figure(walk: Walk, candles: Candles) -> Any:
    """The newest candles of one market with its trades and the series it reads."""
    window = _window(candles)
    panels = _panels(window, _shown_names(walk))
    figure = _rows(len(panels) - 1)
    figure.add_trace(_candlesticks(window), row=1, col=1)
    for row, names in enumerate(panels, start=1):
        for name in names:
            line = _line(window.times, window.cut_series(name), name)
            figure.add_trace(line, row=row, col=1)
    trades = [t for t in walk.trades if _in_window(t, window)]
    for trace in _trade_traces(trades):
        figure.add_trace(trace, row=1, col=1)
    height = 520 + PANEL * (len(panels) - 1)
    return _dressed(figure, height, candles.synthetic)


def equity_figure(walk: Walk) -> Any:
    """Equity at each bar's close, before any cost, thinned to what a screen shows."""
    every = max(1, len(walk.equity) // MOST_POINTS)
    points = [*walk.equity[:-1:every], walk.equity[-1]]
    times, values = [moment(time) for time, _ in points], [v for _, v in points]
    figure = go.Figure(_line(times, values, "equity"))
    return _dressed(figure, 320, walk.synthetic)


def moment(time: int) -> datetime:
    """A UTC second as a datetime."""
    return datetime.fromtimestamp(time, UTC)


def _window(candles: Candles) -> _Window:
    first = max(0, len(candles) - MOST_BARS)
    times: list[int] = candles.frame["time"].tolist()
    return _Window(candles, first, [moment(time) for time in times[first:]])


def _shown_names(walk: Walk) -> list[str]:
    """The series worth a line: what the stack reads, but not candles or shifted copies."""
    kinds = {name: series.require(name).family.kind for name in walk.shape.names}
    drawn = {n for n, kind in kinds.items() if kind in ("indicator", "derived")}
    return sorted(n for n in drawn if n.removeprefix("prior_") not in drawn - {n})


def _panels(window: _Window, names: Sequence[str]) -> list[list[str]]:
    """Names drawn over the candles, then one list for each scale of its own."""
    level = median(window.column("close"))
    over = [name for name in names if _near(window.cut_series(name), level)]
    under: dict[str, list[str]] = {}
    for name in names:
        if name not in over:
            under.setdefault(_scale(name), []).append(name)
    return [over, *under.values()]


def _scale(name: str) -> str:
    """Series of one unit share a panel; bands that hug the price are drawn over it."""
    return str(series.require(name).unit)


def _near(values: Iterable[float | None], level: float) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and level / 2 < median(known) < level * 2


def _rows(under: int) -> Any:
    """The candles' panel and `under` lower ones below it."""
    height = 520 + PANEL * under
    return make_subplots(
        rows=1 + under,
        cols=1,
        shared_xaxes=True,
        row_heights=[520 / height, *[PANEL / height] * under],
        vertical_spacing=0.04 / max(1, under),
    )


def _candlesticks(window: _Window) -> Any:
    return go.Candlestick(
        x=window.times,
        open=window.column("open"),
        high=window.column("high"),
        low=window.column("low"),
        close=window.column("close"),
        name="candles",
        increasing_line_color=GREEN,
        decreasing_line_color=RED,
    )


def _line(times: Sequence[datetime], values: Sequence[Any], name: str) -> Any:
    return go.Scatter(x=times, y=values, mode="lines", name=name, line={"width": 1.2})


def _in_window(trade: Trade, window: _Window) -> bool:
    return trade.symbol == window.candles.symbol and trade.entry_time >= window.since


def _trade_traces(trades: Sequence[Trade]) -> list[Any]:
    longs = [t for t in trades if t.side == "long"]
    shorts = [t for t in trades if t.side == "short"]
    return [
        _marks(longs, "long entry", "triangle-up", GREEN, _entry),
        _marks(shorts, "short entry", "triangle-down", RED, _entry),
        _marks(trades, "exit", "x", GREY, _exit),
        _levels(trades, "stop", RED, lambda trade: trade.stop),
        _levels(trades, "target", GREEN, lambda trade: trade.target),
    ]


def _entry(trade: Trade) -> tuple[int, float, str]:
    return trade.entry_time, trade.entry_price, f"{trade.side} {trade.quantity:.6g}"


def _exit(trade: Trade) -> tuple[int, float, str]:
    return trade.exit_time, trade.exit_price, f"{trade.side} closed by {trade.reason}"


def _marks(
    trades: Sequence[Trade],
    name: str,
    shape: str,
    colour: str,
    read: Callable[[Trade], tuple[int, float, str]],
) -> Any:
    points = [read(trade) for trade in trades]
    return go.Scatter(
        x=[moment(time) for time, _, _ in points],
        y=[price for _, price, _ in points],
        text=[text for _, _, text in points],
        mode="markers",
        name=name,
        marker={"symbol": shape, "size": 10, "color": colour},
    )


def _levels(
    trades: Sequence[Trade],
    name: str,
    colour: str,
    read: Callable[[Trade], float | None],
) -> Any:
    """Each trade's level as a dotted line from its entry to its exit."""
    spans = [(t, level) for t in trades if (level := read(t)) is not None]
    xs = [
        x for t, _ in spans for x in (moment(t.entry_time), moment(t.exit_time), None)
    ]
    ys = [y for _, level in spans for y in (level, level, None)]
    return go.Scatter(
        x=xs,
        y=ys,
        mode="lines",
        name=name,
        line={"dash": "dot", "width": 1, "color": colour},
    )


def _dressed(figure: Any, height: int, synthetic: bool) -> Any:
    figure.update_layout(
        height=height,
        margin={"l": 60, "r": 20, "t": 30, "b": 40},
        template="plotly_white",
        hovermode="x",
        legend={"orientation": "h"},
        showlegend=True,
    )
    figure.update_xaxes(rangeslider_visible=False)
    if synthetic:
        mark_synthetic(figure, 90)
    return figure
