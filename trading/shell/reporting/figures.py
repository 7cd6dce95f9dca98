"""A session as plotly figures: equity and drawdown, hours of the week, Monte Carlo."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray
from plotly.colors import hex_to_rgb
from plotly.subplots import make_subplots

from trading.shell.engine.result import Result
from trading.shell.ledger.trades import Trade
from trading.shell.reporting.thinning import thinned
from trading.shell.statistics.drawdown import drawdowns
from trading.shell.statistics.facts import Facts
from trading.shell.statistics.groups import WEEKDAYS, Group, heatmap
from trading.shell.statistics.measure import Metrics
from trading.shell.statistics.monte_carlo import LEVELS, MonteCarlo
from trading.shell.watermark import mark_synthetic

INK, BLUE, GREEN, RED, GREY, PALE = (
    *("#1f2933", "#2563a8", "#12805c", "#c2352b", "#8793a1", "#e6eaee"),
)
NEUTRAL = "#f6f1e4"  # a rate that is the overall one
FONT = "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"
PULL, SWING = 3, 0.25  # trades of the overall rate in a cell; rates to full colour
TOOLBAR = 34  # pixels over a chart without a legend, for plotly's buttons
FAR = 3  # times the highest equity: buy and hold beyond it would flatten the line


def equity_figure(result: Result, metrics: Metrics) -> Any:
    """Equity with buy and hold above, drawdown below, on one time axis."""
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.7, 0.3], vertical_spacing=0.04
    )
    facts = metrics.facts
    figure.add_trace(_equity(facts), row=1, col=1)
    if metrics.held.size:
        figure.add_trace(_held(metrics), row=1, col=1)
    falls = drawdowns(facts.equity)
    figure.add_trace(_drawdown(facts.times, -falls), row=2, col=1)
    figure.update_yaxes(title_text=result.account.quote[:12], row=1, col=1)
    depth = [-max(0.01, 1.05 * float(falls.max())), 0]
    figure.update_yaxes(tickformat=".0%", range=depth, row=2, col=1)
    return dressed(figure, 460, result)


def _equity(facts: Facts) -> Any:
    kept = thinned(facts.equity)
    return go.Scatter(
        x=moments(facts.times[kept]),
        y=facts.equity[kept],
        name="equity",
        mode="lines",
        line={"width": 1.8, "color": BLUE},
    )


def _held(metrics: Metrics) -> Any:
    kept = thinned(metrics.held)
    far = metrics.held.max() > FAR * metrics.facts.equity.max()
    return go.Scatter(
        x=moments(metrics.facts.times[kept]),
        y=metrics.held[kept],
        name="buy and hold" + (" (click to show)" if far else ""),
        mode="lines",
        line={"width": 1.2, "color": GREY, "dash": "dot"},
        visible="legendonly" if far else True,
    )


def _drawdown(times: NDArray[np.int64], falls: NDArray[np.float64]) -> Any:
    kept = thinned(falls)
    return go.Scatter(
        x=moments(times[kept]),
        y=falls[kept],
        name="drawdown",
        mode="lines",
        fill="tozeroy",
        line={"width": 1, "color": RED},
        fillcolor="rgba(194, 53, 43, 0.18)",
    )


def heat_figure(trades: Sequence[Trade], result: Result) -> Any:
    """Win rate by weekday and UTC hour of the entry; trades must not be empty.

    The colour is the rate drawn toward the overall one, (wins + k·p) / (trades + k) with
    k = PULL, so that a single trade does not shine; the hover text gives the counts.
    """
    found = heatmap(trades)
    overall = sum(trade.net > 0 for trade in trades) / len(trades)
    least, most = max(0.0, overall - SWING), min(1.0, overall + SWING)
    cells = [[found.get((day, hour)) for hour in range(24)] for day in range(7)]
    heat = go.Heatmap(
        x=[f"{hour:02d}" for hour in range(24)],
        y=list(WEEKDAYS),
        z=[[_pulled(one, overall) for one in row] for row in cells],
        text=[
            [_cell(one, day, hour) for hour, one in enumerate(row)]
            for day, row in enumerate(cells)
        ],
        hoverinfo="text",
        zmin=least,
        zmax=most,
        xgap=2,
        ygap=2,
        colorscale=_shades(least, overall, most),
        colorbar={"tickformat": ".0%", "thickness": 10, "outlinewidth": 0},
    )
    figure = dressed(go.Figure(heat), 282 + TOOLBAR, result, crosshair=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(showgrid=False, title_text="hour of the entry, UTC", dtick=3)
    return figure.update_layout(plot_bgcolor="#fafbfc", margin_t=TOOLBAR)


def _shades(least: float, overall: float, most: float) -> list[tuple[float, str]]:
    """Red below the overall rate, green above it; one end where no rate lies beyond."""
    shades = [((overall - least) / (most - least), NEUTRAL)]
    if overall > least:
        shades.insert(0, (0, _toward(RED, overall - least)))
    if overall < most:
        shades.append((1, _toward(GREEN, most - overall)))
    return shades


def _toward(full: str, apart: float) -> str:
    """The colour of a rate so far `apart` from the overall one; `full` from SWING on."""
    share = min(1.0, apart / SWING)
    pairs = zip(hex_to_rgb(NEUTRAL), hex_to_rgb(full), strict=True)
    red, green, blue = (round(a + share * (b - a)) for a, b in pairs)
    return f"rgb({red}, {green}, {blue})"


def _pulled(group: Group | None, overall: float) -> float | None:
    if group is None:
        return None
    return (group.wins + PULL * overall) / (group.trades + PULL)


def _cell(group: Group | None, day: int, hour: int) -> str:
    when = f"{WEEKDAYS[day]} {hour:02d}:00"
    if group is None:
        return f"{when}<br>no trade"
    return f"{when}<br>{group.wins} of {group.trades} won<br>net {group.net:,.2f}"


def fan_figure(drawn: MonteCarlo, result: Result) -> Any:
    """The fan of equity after each trade: middle half dark, nine of ten pale."""
    figure = go.Figure()
    rows = dict(zip(LEVELS, drawn.fan, strict=True))
    for low, high, shade in ((5, 95, 0.12), (25, 75, 0.22)):
        figure.add_trace(_edge(drawn, rows[high], ""))
        band = _edge(drawn, rows[low], f"{high - low} of 100 runs")
        band.update(fill="tonexty", fillcolor=f"rgba(37, 99, 168, {shade})")
        figure.add_trace(band)
    middle = _edge(drawn, rows[50], "median")
    middle.update(line={"width": 2, "color": BLUE})
    figure.add_trace(middle)
    figure.add_hline(y=drawn.start, line={"dash": "dot", "width": 1, "color": GREY})
    figure.update_xaxes(title_text="trades")
    return dressed(figure, 320, result, dates=False)


def _edge(drawn: MonteCarlo, line: NDArray[np.float64], name: str) -> Any:
    return go.Scatter(
        x=drawn.after,
        y=line,
        name=name,
        mode="lines",
        line={"width": 0, "color": BLUE},
        showlegend=bool(name),
        hoverinfo="skip" if not name else None,
    )


def moments(times: NDArray[np.int64]) -> NDArray[np.float64]:
    """UTC seconds as what a date axis takes: milliseconds."""
    return np.asarray(times, np.float64) * 1000


def dressed(
    figure: Any,
    height: int,
    result: Result,
    *,
    dates: bool = True,
    crosshair: bool = True,
) -> Any:
    """The look that all charts share, SYNTHETIC written across generated candles."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        template="plotly_white",
        font={"family": FONT, "size": 12, "color": INK},
        hovermode="x unified" if crosshair else "closest",
        hoverlabel={"align": "left", "bgcolor": "white", "font": {"color": INK}},
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": GREY, "activecolor": BLUE},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode="zoom",
    )
    figure.update_xaxes(automargin=True, gridcolor=PALE, linecolor=PALE)
    figure.update_yaxes(automargin=True, gridcolor=PALE, zerolinecolor=PALE)
    if dates and crosshair:
        figure.update_xaxes(type="date")
    if any(one.synthetic for one in result.candles):
        mark_synthetic(figure, 44)
    return figure
