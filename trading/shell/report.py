"""The HTML report of a walk: one file that opens offline, in which text is only text."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trading.shell import charts
from trading.shell.candles import stamp
from trading.shell.page import Chart, PlotlyJs, save, scripts, template
from trading.shell.summary import summarise, totals
from trading.shell.walk import ASSUMPTIONS, Walk

TEMPLATE = Path(__file__).with_name("report.html.j2")
MOST_TRADES, MOST_FAILURES = 500, 50


@dataclass(frozen=True, slots=True)
class ReportModule:
    """A module as the report prints it: its ten lines and where they come from."""

    name: str
    role: str
    version: int
    body: str
    writer: str = ""
    intent: str = ""


def write_report(
    path: Path,
    walk: Walk,
    *,
    request: str = "",
    reason: str = "",
    plan: Sequence[str] = (),
    modules: Sequence[ReportModule] = (),
    plotly_js: PlotlyJs = "inline",
) -> Path:
    """Write the report of `walk` to `path` and return it.

    "inline" puts plotly.js (5 MB) into the file; "directory" writes it once beside the
    file, for many reports in one folder. Raises StoreError when the disk refuses.
    """
    page = render(
        walk,
        request=request,
        reason=reason,
        plan=plan,
        modules=modules,
        plotly_js=plotly_js,
    )
    return save(path, page, plotly_js)


def render(
    walk: Walk,
    *,
    request: str = "",
    reason: str = "",
    plan: Sequence[str] = (),
    modules: Sequence[ReportModule] = (),
    plotly_js: PlotlyJs = "inline",
) -> str:
    """The report as HTML text; the same walk gives the same text."""
    drawn = _charts(walk)
    elements, policy = scripts(drawn, plotly_js)
    page: str = template(TEMPLATE, {"words": _words}).render(
        walk=walk,
        request=request,
        reason=reason,
        plan=plan,
        modules=modules,
        rows=summarise(walk),
        totals=totals(walk),
        charts=drawn,
        trades=walk.trades[: -MOST_TRADES - 1 : -1],
        failures=walk.failures[-MOST_FAILURES:],
        assumptions=ASSUMPTIONS,
        stamp=stamp,
        scripts=elements,
        policy=policy,
    )
    return page


def _words(value: Any) -> str:
    """A figure of the totals as a person writes it."""
    if isinstance(value, dict):
        return ", ".join(f"{n:,} {name}" for name, n in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return (
        f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else f"{value}"
    )


def _charts(walk: Walk) -> list[Chart]:
    equity = Chart(
        "equity",
        "Equity before any cost",
        "Cash and positions at each bar's close: no fees, no slippage, no funding.",
        charts.equity_figure(walk),
    )
    markets = (
        Chart(
            f"market{number}",
            f"{one.symbol} {one.timeframe}",
            _caption(len(one)),
            charts.candle_figure(walk, one),
        )
        for number, one in enumerate(walk.candles)
    )
    return [*markets, equity]


def _caption(bars: int) -> str:
    if bars <= charts.MOST_BARS:
        return f"All {bars:,} bars."
    return f"The newest {charts.MOST_BARS:,} of {bars:,} bars; the tables cover all."
