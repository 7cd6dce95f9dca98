"""What stays of a backtest: its ledger, its run, its page; each makes room of its own."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cli.context import Context

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.settings import Settings
    from core.stack import Stack
    from trading.shell.candles import Candles
    from trading.shell.engine.backtest import Backtest, Task
    from trading.shell.engine.result import Result
    from trading.shell.engine.trials import Variant
    from trading.shell.ledger.events import LedgerEvent
    from trading.shell.reporting.studies import Studies
    from trading.shell.statistics.measure import Metrics

KEPT = 10
"""Backtests whose ledger is kept, the newest."""
PAGES = 50
"""Pages that are kept in the folder of reports, of whatever session, the newest."""
MANY = 10_000

Search = Mapping[str, Any]
"""What a backtest tried, and over which markets: it is kept with its run."""


def page_path(settings: "Settings", name: str) -> Path:
    """Where the page of a session is."""
    return settings.home / "reports" / f"{name}.html"


def write_report(
    context: Context, result: "Result", metrics: "Metrics", studied: "Studies"
) -> Path:
    """The page of a session, written; its path."""
    from trading.shell.reporting.page import write_page

    path = page_path(context.settings, result.account.name)
    write_page(path, result, metrics, studied)
    _drop_old_pages(path.parent)
    return path


def _drop_old_pages(folder: Path) -> None:
    """Remove all but the newest pages: each has plotly.js in it, and takes 5 MB."""
    pages = sorted(folder.glob("*.html"), key=lambda one: one.stat().st_mtime)
    for old in pages[:-PAGES]:
        old.unlink(missing_ok=True)


@contextmanager
def booked(context: Context, name: str, stack: str, search: Search) -> Iterator[None]:
    """A backtest's run, on the books before anything is tried; failed if it raises."""
    from core.store import Runs
    from trading.shell.venue.orders import Mode

    runs, over = Runs(context.store), False
    runs.start(name, stack, Mode.BACKTEST.value, {"account": name, **search})
    try:
        yield
        over = True
    finally:
        if not over:
            runs.finish(name, {}, failed=True)


def keep(
    context: Context,
    result: "Result",
    events: "Sequence[LedgerEvent]",
    sharpes: "Sequence[float]" = (),
) -> int:
    """Write a booked backtest's ledger; how many older ledgers were forgotten.

    `asza trade … --account <name>` finds it afterwards. `sharpes` are the ratios of a
    sweep's trials: later sweeps are judged by them too.
    """
    from core.store import Runs
    from trading.shell.ledger.copying import copy_all

    account = result.account
    copy_all(context.store, account, events)
    told: dict[str, Any] = {"trades": len(result.trades), "scans": result.scans}
    if sharpes:
        told["sharpes"] = list(sharpes)
    Runs(context.store).finish(account.name, told)
    return _make_room(context)


def _make_room(context: Context) -> int:
    """Forget the ledgers of all but the newest backtests; a page needs none."""
    from trading.shell.ledger.copying import forget
    from trading.shell.ledger.reading import accounts
    from trading.shell.venue.orders import Mode

    known = [account for account, _ in accounts(context.store)]
    old = [one for one in known if one.mode is Mode.BACKTEST][:-KEPT]
    for account in old:
        forget(context.store, account)
    return len(old)


def ledger_of(played: "Backtest") -> "list[LedgerEvent]":
    """All that a backtest wrote, and how the account stands at the last close."""
    from trading.shell.ledger.events import Snapshot

    events, books = list(played.journal.everything()), played.engine.broker.books
    end = max(int(one.bars[0][-1]) for one in played.columns) + books.view.step
    snapshots = (one for one in reversed(events) if isinstance(one, Snapshot))
    newest = next(snapshots, None)
    if newest is None or newest.at < end:
        events.append(books.state.snapshot(end, books.marks()))
    return events


def search_of(
    task: "Task", stack: "Stack", variants: "Mapping[str, Variant]"
) -> Search:
    """What a backtest tries; `variants` are a sweep's, and its digest names them."""
    markets = sorted(f"{one.symbol} {one.timeframe}" for one in task.candles)
    if not variants:
        return {"markets": markets}
    told = _digest(task, stack, variants)
    return {"markets": markets, "sweep": told, "trials": len(variants)}


def _digest(task: "Task", stack: "Stack", variants: "Mapping[str, Variant]") -> str:
    """The same only for the same values, settings, limits, modules and candles."""
    tried = [
        [name, one.parameters, one.settings.model_dump(), asdict(one.limits)]
        for name, one in sorted(variants.items())
    ]
    candles = [_told(one) for one in (*task.candles, *task.detail)]
    funding = sorted((one, repr(series)) for one, series in task.funding.items())
    whole = [tried, stack.versions, task.first, candles, funding]
    text = json.dumps(whole, sort_keys=True, default=_plain)
    return sha256(text.encode()).hexdigest()[:12]


def _told(candles: "Candles") -> list[Any]:
    """Which candles these are: market, timeframe, their times and closes."""
    columns = (candles.frame[name].to_numpy().tobytes() for name in ("time", "close"))
    return [
        candles.symbol,
        candles.timeframe,
        *(sha256(c).hexdigest() for c in columns),
    ]


def _plain(value: Any) -> Any:
    return sorted(value) if isinstance(value, frozenset) else str(value)


class Earlier(NamedTuple):
    """Trials of earlier sweeps, and the Sharpe ratios of those that left one."""

    trials: int
    sharpes: tuple[float, ...]


def trials_before(context: Context, stack: str, search: Search) -> Earlier:
    """The trials of other sweeps of this stack over these markets, failed ones too.

    A sweep that was repeated as it was counts once, by the run that left most ratios.
    """
    from core.store import Runs

    found: dict[str, Earlier] = {}
    for run in Runs(context.store).list(stack, MANY):
        name, markets = run.detail.get("sweep"), run.detail.get("markets")
        if name and name != search.get("sweep") and markets == search["markets"]:
            left = tuple((run.summary or {}).get("sharpes", ()))
            one = Earlier(int(run.detail["trials"]), left)
            found[name] = max(found.get(name, one), one, key=_known)
    ratios = (ratio for one in found.values() for ratio in one.sharpes)
    return Earlier(sum(one.trials for one in found.values()), tuple(ratios))


def _known(earlier: Earlier) -> int:
    return len(earlier.sharpes)


def stack_of(context: Context, mode: str, account: str) -> str | None:
    """The stack that traded an account last; None where no run of it is known."""
    from core.store import Runs

    run = Runs(context.store).newest(mode, "account", account)
    return run.stack if run else None


def made_room(forgotten: int) -> str:
    """What is said of ledgers that `keep` let go."""
    if forgotten == 1:
        return "the ledger of 1 older backtest made room; its page stays"
    return f"the ledgers of {forgotten:,} older backtests made room; their pages stay"
