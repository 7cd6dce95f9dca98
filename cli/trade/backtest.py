"""`asza trade backtest`: a stack over history, with costs, and what is true of it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console

from cli.context import Context
from cli.output import Json, Output
from cli.trade.kept import (
    booked,
    keep,
    ledger_of,
    made_room,
    search_of,
    trials_before,
    write_report,
)
from cli.trade.options import (
    Csv,
    Detail,
    Draws,
    Folds,
    From,
    Funding,
    Jobs,
    LimitsFile,
    Perpetual,
    Set,
    Stack,
    Sweep,
    Symbols,
    Timeframe,
    To,
)
from cli.trade.progress import Bars
from cli.trade.sessions import native_run, open_whole
from cli.trade.settings import Chosen, second_of, symbols_of
from cli.trade.studies import Subject, Wanted, announced, studied, windows_of
from cli.trade.task import Asked, task_of
from cli.trade.weight import require_calibrated
from core.counting import counted

if TYPE_CHECKING:
    from core.stack import Stack as Whole
    from trading.shell.engine.backtest import Backtest, Task
    from trading.shell.engine.result import Result
    from trading.shell.engine.trials import Variant
    from trading.shell.reporting.studies import Studies
    from trading.shell.statistics.measure import Metrics

View = Callable[[Console, Any], None]


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(backtest)


def backtest(
    stack: Stack = "trading",
    symbols: Symbols = None,
    csv: Csv = None,
    timeframe: Timeframe = None,
    first: From = None,
    last: To = None,
    given: Set = None,
    limits: LimitsFile = None,
    detail: Detail = None,
    perpetual: Perpetual = False,
    funding: Funding = None,
    sweep: Sweep = None,
    walk_forward: Folds = None,
    monte_carlo: Draws = None,
    jobs: Jobs = 0,
    as_json: Json = False,
) -> int:
    """Run a stack over past candles, with fees, slippage and the risk law."""
    asked = Asked(
        stack,
        symbols_of(symbols),
        tuple(csv or ()),
        timeframe,
        second_of(first, "--from"),
        second_of(last, "--to"),
        tuple(given or ()),
        limits,
        tuple(detail or ()),
        perpetual,
        tuple(funding or ()),
    )
    wanted = Wanted(tuple(sweep or ()), walk_forward or 0, monte_carlo or 0, jobs)
    output = Output(as_json)
    with Context() as context:
        answer = _backtest(context, output, asked, wanted)
    output.answer(*answer)
    return 0


def _backtest(
    context: Context, output: Output, asked: Asked, wanted: Wanted
) -> tuple[dict[str, Any], View]:
    """Play it, study it, keep it; the answer as data and as a view."""
    from core.stack.parameters import parameters
    from trading.shell.statistics.measure import measure

    whole = open_whole(context, output, asked.stack)
    chosen = asked.choose(whole, {})
    variants = _variants(whole, asked, wanted)
    tried = [parameters(chosen.stack), *(one.parameters for one in variants.values())]
    require_calibrated(context, asked.stack, tried)
    task = task_of(context, output, asked, chosen)
    if search_words := announced(wanted, task):
        output.say(search_words)
    cut = windows_of(wanted.folds, whole, task)
    subject = Subject(whole, task, variants, cut)
    search = search_of(task, whole, variants if wanted.ranges else {})
    earlier = trials_before(context, asked.stack, search)
    with booked(context, task.name, asked.stack, search):
        played, result = _played(context, output, chosen, task)
        extra = studied(context, output, wanted, subject, result, earlier)
        metrics = measure(result)
        page = write_report(context, result, metrics, extra)
        swept = extra.sweep.sharpes if extra.sweep else ()
        forgotten = keep(context, result, ledger_of(played), swept)
    if forgotten:
        output.say(made_room(forgotten))
    return _answer(result, metrics, extra, page)


def _variants(whole: "Whole", asked: Asked, wanted: Wanted) -> "Mapping[str, Variant]":
    """Every combination of a search, checked before anything runs."""
    from core.stack.parameters import parameters
    from trading.shell.engine.trials import Variant, named

    found = {}
    for one in wanted.combinations() if wanted.searches else ():
        chosen = asked.choose(whole, one)
        found[named(one)] = Variant(
            parameters(chosen.stack), chosen.settings, chosen.limits
        )
    return found


def _played(
    context: Context, output: Output, chosen: Chosen, task: "Task"
) -> "tuple[Backtest, Result]":
    """The backtest, run; its journal holds the ledger."""
    from trading.shell.engine.backtest import Backtest
    from trading.shell.engine.tape import Asking
    from trading.shell.ledger.tape import PostgresTape

    asking = Asking(PostgresTape(context.store))
    with native_run(context, chosen.stack, task.name, asking) as run:
        played = Backtest(run, task, asking)
        with Bars(output) as bars:
            result = played.play(bars.told("candles"))
    if asking.asked:
        asked = counted(
            asking.asked, "question to a model is", "questions to a model are"
        )
        output.say(
            f"{asked} not on the decision tape: each counts as an abstention",
            "yellow",
        )
    return played, result


def _answer(
    result: "Result", metrics: "Metrics", extra: "Studies", page: Path
) -> tuple[dict[str, Any], View]:
    from trading.shell.reporting.data import result_data
    from trading.shell.reporting.terminal import show_result

    data = {**result_data(result, metrics, extra), "report": page}
    return data, lambda console, _: show_result(console, result, metrics, extra, page)
