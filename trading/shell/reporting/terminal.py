"""A session in a terminal: the verdict, every figure, and why there are few trades."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from core.counting import counted
from trading.shell.engine.result import Result
from trading.shell.reporting import sentences, studies
from trading.shell.reporting.contributions import contributions
from trading.shell.reporting.costs import costs
from trading.shell.reporting.studies import Studies
from trading.shell.reporting.words import amount_words, figure_words, signed, title
from trading.shell.statistics import Figure
from trading.shell.statistics.groups import Group
from trading.shell.statistics.measure import Metrics

MOST_RULES = 8
TABLES = {"symbol": "market", "side": "side", "regime": "regime", "exit": "exit"}
TONED = ("net_pnl", "total_return", "expectancy", "excess_return", "open_result")


def show_result(
    console: Console,
    result: Result,
    metrics: Metrics,
    studied: Studies | None = None,
    page: Path | None = None,
) -> None:
    """Print the session; `page` is where its HTML page was written."""
    _show_head(console, result, metrics)
    console.print(_figures(result, metrics))
    for name, heading in TABLES.items():
        if len(metrics.groups[name]) > 1:
            console.print(_groups(heading, metrics.groups[name]))
    if metrics.rejections:
        console.print(_rejections(metrics))
    if result.near:
        console.print(_rules(result))
    if contributions(result):
        console.print(_modules(result))
    if metrics.evidence:
        console.print(_evidence(metrics))
    _show_studies(console, result, studied or Studies())
    _show_foot(console, result, page)


def _show_head(console: Console, result: Result, metrics: Metrics) -> None:
    if sentences.synthetic(result):
        console.print(Text(sentences.SYNTHETIC, style="bold white on red"))
    for line in sentences.traded(result):
        console.print(Text(line, style="dim"))
    for line in sentences.warnings(result):
        console.print(Text(line, style="yellow"))
    console.print(
        Panel(Text(sentences.verdict(result, metrics), style="bold"), expand=False)
    )
    for line in sentences.drought(result):
        console.print(Text(line, style="yellow"))


def _figures(result: Result, metrics: Metrics) -> Table:
    """All figures, in two columns of names and values."""
    shown = [*metrics.truths, *metrics.usual, *costs(result)[3:]]
    half = (len(shown) + 1) // 2
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2))
    for _ in range(2):
        table.add_column(style="dim")
        table.add_column(justify="right", overflow="fold")
    for left, right in zip_longest(shown[:half], shown[half:]):
        table.add_row(*_pair(left, result), *_pair(right, result))
    return table


def _pair(figure: Figure | None, result: Result) -> tuple[Text, Text]:
    if figure is None:
        return Text(), Text()
    if figure.value is None:
        return Text(title(figure.name)), Text(figure.reason, style="dim italic")
    words = Text(figure_words(figure, result.account.quote))
    if figure.name in TONED:
        words.stylize(_tone(float(figure.value)))
    return Text(title(figure.name)), words


def _tone(value: float) -> str:
    return "green" if value > 0 else "red" if value < 0 else ""


def _table(heading: str, names: Sequence[str], words: int = 1) -> Table:
    """A table whose first `words` columns are text and the others figures."""
    table = Table(
        title=f"\n{heading}", title_justify="left", box=None, title_style="bold"
    )
    for at, name in enumerate(names):
        table.add_column(name, justify="left" if at < words else "right")
    return table


def _fill(table: Table, rows: Iterable[Sequence[object]]) -> Table:
    for row in rows:
        table.add_row(
            *(one if isinstance(one, Text) else Text(str(one)) for one in row)
        )
    return table


def _groups(heading: str, rows: Sequence[Group]) -> Table:
    table = _table(f"By {heading}", (heading, "trades", "won", "net", "a trade"))
    return _fill(
        table,
        (
            (
                one.key,
                f"{one.trades:,}",
                amount_words(one.win_rate, "ratio"),
                Text(amount_words(one.net, "number"), style=_tone(float(one.net))),
                amount_words(one.average, "number"),
            )
            for one in rows
        ),
    )


def _rejections(metrics: Metrics) -> Table:
    table = _table("Signals rejected", ("check", "last reason", "times"), words=2)
    rows = ((one.check, one.reason, f"{one.count:,}") for one in metrics.rejections)
    return _fill(table, rows)


def _rules(result: Result) -> Table:
    table = _table("How near each rule came", ("rule", "ended", "of scans"))
    rows = (
        (
            one.rule,
            f"{one.count:,}",
            "" if one.share is None else amount_words(one.share, "ratio"),
        )
        for one in sentences.near_rules(result)[:MOST_RULES]
    )
    return _fill(table, rows)


def _modules(result: Result) -> Table:
    rows = (
        (one.module, f"{one.stopped:,}", _rate(one.share), one.failures or "")
        for one in contributions(result)[:MOST_RULES]
    )
    return _fill(_table("Modules", ("module", "ended", "of scans", "failed")), rows)


def _evidence(metrics: Metrics) -> Table:
    rows = (
        (
            one.name,
            *(_rate(one.win_rate_for), one.for_won + one.for_lost),
            *(_rate(one.win_rate_against), one.against_won + one.against_lost),
        )
        for one in metrics.evidence
    )
    names = ("evidence", "won with it", "trades", "won against it", "trades")
    return _fill(_table("Evidence", names), rows)


def _rate(rate: float | None) -> str:
    return "" if rate is None else amount_words(rate, "ratio")


def _show_studies(console: Console, result: Result, studied: Studies) -> None:
    drawn = studied.monte_carlo
    said = {
        "Monte Carlo": (
            studies.monte_carlo_sentences(drawn, result.account.quote) if drawn else []
        ),
        "Walk-forward": studies.walk_forward_sentences(studied.folds),
        "Parameter sweep": studies.sweep_sentences(studied.sweep)
        if studied.sweep
        else [],
    }
    for heading, lines in said.items():
        if lines:
            console.print(Text(f"\n{heading}", style="bold"))
            console.print(Text("\n".join(f"  {line}" for line in lines)))
    if studied.sweep is not None:
        console.print(_leading(studied))


def _leading(studied: Studies) -> Table:
    table = _table(
        "Best trials", ("parameters", "growth", "drawdown", "trades", "Sharpe a bar")
    )
    trials = studies.leading(studied.sweep)[:MOST_RULES] if studied.sweep else []
    rows = (
        (
            studies.parameter_words(one.parameters),
            amount_words(one.outcome.growth, "ratio"),
            amount_words(one.outcome.drawdown, "ratio"),
            one.outcome.trades,
            signed(one.outcome.sharpe, 4),
        )
        for one in trials
        if one.outcome is not None and one.outcome.sharpe is not None
    )
    return _fill(table, rows)


def _show_foot(console: Console, result: Result, page: Path | None) -> None:
    console.print()
    for line in result.notes:
        console.print(Text(f"note: {line}", style="dim"))
    console.print(Text(sentences.WARNINGS[result.account.mode], style="yellow"))
    many = counted(len(result.assumptions), "assumption")
    where = f"in {page}" if page else "in the HTML report"
    console.print(Text(f"{many}, and the trades with their reasons: {where}"))
