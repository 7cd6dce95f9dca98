"""The HTML page of a session: one file that opens offline and shows all of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from trading.shell.candles import stamp
from trading.shell.engine.result import Result
from trading.shell.page import Chart, PlotlyJs, save, scripts, template
from trading.shell.reporting import sentences, studies, words
from trading.shell.reporting.cards import cards
from trading.shell.reporting.contributions import contributions
from trading.shell.reporting.costs import costs
from trading.shell.reporting.figures import equity_figure, fan_figure, heat_figure
from trading.shell.reporting.market_figure import market_figure, market_of
from trading.shell.reporting.stories import price, stories
from trading.shell.reporting.studies import Studies
from trading.shell.statistics.measure import Metrics, measure

TEMPLATE = Path(__file__).with_name("session.html.j2")
REFIT = Path(__file__).with_name("refit.js")
MOST_ROWS = 200  # trades in the table
MOST_RULES = 40


def write_page(
    path: Path,
    result: Result,
    metrics: Metrics | None = None,
    studied: Studies | None = None,
    *,
    plotly_js: PlotlyJs = "inline",
) -> Path:
    """Write the page of `result` to `path` and return it.

    "inline" puts plotly.js (5 MB) into the file; "directory" writes it once beside the
    file, for many pages in one folder. Raises StoreError when the disk refuses.
    """
    page = render_page(result, metrics, studied, plotly_js=plotly_js)
    return save(path, page, plotly_js)


def render_page(
    result: Result,
    metrics: Metrics | None = None,
    studied: Studies | None = None,
    *,
    plotly_js: PlotlyJs = "inline",
) -> str:
    """The page as HTML text; the same result gives the same text."""
    measured = metrics or measure(result)
    extra = studied or Studies()
    drawn = _charts(result, measured, extra)
    elements, policy = scripts(drawn.values(), plotly_js, [REFIT.read_text("utf-8")])
    return template(TEMPLATE, _filters(result.account.quote)).render(
        result=result,
        metrics=measured,
        studied=extra,
        charts=drawn,
        scripts=elements,
        policy=policy,
        **_said(result, measured, extra),
    )


def _said(result: Result, metrics: Metrics, extra: Studies) -> dict[str, Any]:
    """Everything the page says in words and tables."""
    told = stories(result)
    drawn, swept = extra.monte_carlo, extra.sweep
    return {
        "synthetic": sentences.synthetic(result),
        "synthetic_words": sentences.SYNTHETIC,
        "warning": sentences.WARNINGS[result.account.mode],
        "verdict": sentences.verdict(result, metrics),
        "period": sentences.period(result),
        "traded": sentences.traded(result),
        "warnings": sentences.warnings(result),
        "drought": sentences.drought(result),
        "near": sentences.near_rules(result)[:MOST_RULES],
        "cards": cards(result, metrics),
        "costs": costs(result),
        "modules": contributions(result),
        "told": told[: -MOST_ROWS - 1 : -1],
        "settings": words.flat(result.settings),
        "folds": studies.fold_rows(extra.folds, result.times),
        "fold_words": studies.walk_forward_sentences(extra.folds),
        "drawn_words": (
            studies.monte_carlo_sentences(drawn, result.account.quote) if drawn else []
        ),
        "sweep_words": studies.sweep_sentences(swept) if swept else [],
        "leading": studies.leading(swept) if swept else [],
    }


def _filters(quote: str) -> Mapping[str, Any]:
    return {
        "figure": lambda figure: words.figure_words(figure, quote),
        "amount": lambda value, unit: words.amount_words(value, unit, quote),
        "digits": words.signed,
        "parameters": studies.parameter_words,
        "title": words.title,
        "price": price,
        "stamp": stamp,
    }


def _charts(result: Result, metrics: Metrics, extra: Studies) -> dict[str, Chart]:
    """The page's charts by their ids."""
    charts = _markets(result)
    if result.equity.size:
        figure = equity_figure(result, metrics)
        charts.append(Chart("equity", "Equity", "", figure))
    if result.trades:
        charts.append(Chart("heat", "Hours", "", heat_figure(result.trades, result)))
    if extra.monte_carlo is not None:
        figure = fan_figure(extra.monte_carlo, result)
        charts.append(Chart("fan", "Monte Carlo", "", figure))
    return {chart.id: chart for chart in charts}


def _markets(result: Result) -> list[Chart]:
    told = stories(result)
    shown: Sequence[Any] = [market_of(one, told) for one in result.candles]
    return [
        Chart(
            f"market{number}",
            f"{market.candles.symbol} {market.candles.timeframe}",
            market.caption,
            market_figure(market, result),
        )
        for number, market in enumerate(shown)
    ]
