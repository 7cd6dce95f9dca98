"""The HTML report of a walk: one file that opens offline, in which text is only text.

Two guards against a request that carries markup: Jinja2 escapes every value, and the
page's content security policy runs only the scripts whose hashes it names and loads
nothing from anywhere.
"""

import base64
import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from core.errors import DataError
from trading.shell import charts
from trading.shell.candles import stamp
from trading.shell.summary import summarise, totals
from trading.shell.walk import ASSUMPTIONS, Walk

PlotlyJs = Literal["inline", "directory"]

MOST_TRADES, MOST_FAILURES = 500, 50
LIBRARY = "plotly.min.js"
CONFIG = (  # plotly offers to upload a chart unless it is told not to
    '{"config": {"responsive": true, "displaylogo": false, "showSendToCloud": false, '
    '"plotlyServerURL": ""}}'
)


@dataclass(frozen=True, slots=True)
class ReportModule:
    """A module as the report prints it: its ten lines and where they come from."""

    name: str
    role: str
    version: int
    body: str
    writer: str = ""
    intent: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its heading; `id` is the element plotly draws into."""

    id: str
    title: str
    caption: str
    figure: Any


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
    file, for many reports in one folder. Raises DataError when the disk refuses.
    """
    page = render(
        walk,
        request=request,
        reason=reason,
        plan=plan,
        modules=modules,
        plotly_js=plotly_js,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if plotly_js == "directory":
            _replace(path.with_name(LIBRARY), get_plotlyjs())
        _replace(path, page)
    except OSError as error:
        raise DataError(
            f"the report cannot be written: {error.strerror or error}",
            where=str(path),
            remedy="give a folder that can be written to",
        ) from error
    return path


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
    scripts, policy = _scripts(drawn, plotly_js)
    page: str = _template().render(
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
        scripts=scripts,
        policy=policy,
    )
    return page


def _template() -> Any:
    loader = FileSystemLoader(Path(__file__).parent)
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["words"] = _words
    return environment.get_template("report.html.j2")


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


def _scripts(drawn: Iterable[Chart], plotly_js: PlotlyJs) -> tuple[Markup, str]:
    """The page's scripts, and the policy that lets these and no others run."""
    draw = "\n".join(
        f'Plotly.newPlot("{chart.id}", Object.assign({_figure_json(chart)}, {CONFIG}));'
        for chart in drawn
    )
    if plotly_js == "inline":
        head, sources, inline = "", [], [get_plotlyjs(), draw]
    else:
        head = f'<script src="{LIBRARY}"></script>'
        sources, inline = ["file:", "'self'"], [draw]
    allowed = " ".join([*sources, *map(_hash, inline)])
    policy = (
        f"default-src 'none'; script-src {allowed}; "
        "style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
    )
    elements = head + "".join(f"<script>{script}</script>" for script in inline)
    return Markup(elements), policy  # noqa: S704  plotly's code and escaped JSON


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _figure_json(chart: Chart) -> str:
    """The figure as JSON that cannot end the script element it stands in."""
    text: str = chart.figure.to_json()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _replace(path: Path, text: str) -> None:
    """Write beside `path`, then rename: a reader sees the old file or the new one."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
