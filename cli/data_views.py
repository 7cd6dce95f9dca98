"""How stored candles look to a person: tables from the same data `--json` prints."""

from typing import Any

from rich.console import Console

from cli import views
from core.counting import counted


def said(one: Any) -> str:
    """One import in a line; conflicts and what is missing are not kept back."""
    from trading.shell.candles import stamp

    written = one.written
    parts = [
        f"{one.where}: {one.symbol} {one.timeframe}, {counted(one.rows, 'candle')} "
        f"{stamp(one.first)} to {stamp(one.last)}; {one.layout}".rstrip("; "),
        f"{written.added:,} new, {written.same:,} stored already",
    ]
    if written.conflicts:
        won = "replaced" if written.replaced else "the stored ones stay (--replace)"
        parts.append(
            f"{counted(written.conflicts, 'differs', 'differ')} from stored ones: {won}"
        )
    if written.filled:
        have = "has" if written.filled == 1 else "have"
        parts.append(f"{written.filled:,} of these had no volume, and {have} it now")
    if one.missing:
        parts.append(f"{counted(one.missing, 'bar')} missing within")
    if one.apart:
        parts.append(
            f"{counted(one.apart, 'bar lies', 'bars lie')} between these and what was stored"
        )
    return "; ".join(parts)


def imported(console: Console, data: dict[str, Any]) -> None:
    """What was imported or fetched, the conflicts one by one, and what was built."""
    done = data.get("imported", data.get("fetched", []))
    cells = [
        (
            each["symbol"],
            each["timeframe"],
            each["rows"],
            each["written"]["added"],
            each["written"]["same"],
            each["written"]["conflicts"],
            each["missing"],
        )
        for each in done
    ]
    titles = ("symbol", "timeframe", "candles", "new", "same", "differ", "missing")
    console.print(views.table("candles", titles, cells))
    for each in done:
        _conflicts(console, each)
    if data["built"]:
        built_bars(console, data["built"])


def _conflicts(console: Console, each: dict[str, Any]) -> None:
    """The first candles that two sources tell differently."""
    from trading.shell.candles import stamp

    for told in each["written"]["examples"]:
        apart = "; ".join(
            f"{one['column']} {_exact(one['kept'])} from {told['kept_source']}, "
            f"{_exact(one['given'])} from {each['where']}"
            for one in told["differences"]
        )
        console.print(
            f"{each['symbol']} {each['timeframe']} {stamp(told['time'])}: {apart}",
            markup=False,
        )


def _exact(value: float) -> str:
    """To the last digit, as two numbers that differ must not look alike."""
    return repr(value).removesuffix(".0")


def built_bars(console: Console, built: list[dict[str, Any]]) -> None:
    """Higher timeframes: bars built, and those left out for what they lack."""
    cells = [
        (
            each["symbol"],
            each["timeframe"],
            each["lower"],
            each["rows"],
            (each["written"] or {}).get("added", 0),
            (each["written"] or {}).get("conflicts", 0),
            each["incomplete"],
        )
        for each in built
    ]
    titles = ("symbol", "timeframe", "from", "bars", "new", "differ", "not whole")
    console.print(views.table("built", titles, cells))


def checked(console: Console, reports: list[dict[str, Any]]) -> None:
    """A line a market, then its largest gaps and outliers."""
    from trading.shell.candles import stamp

    cells = [
        (
            each["symbol"],
            each["timeframe"],
            f"{each['rows']:,}",
            f"{stamp(each['first'])} to {stamp(each['last'])}",
            f"{100 * each['coverage']:.2f} %",
            "; ".join(each["trouble"]) or "none",
        )
        for each in reports
    ]
    titles = ("symbol", "timeframe", "candles", "opens (UTC)", "coverage", "trouble")
    console.print(views.table("check", titles, cells))
    for each in reports:
        _details(console, each)


def _details(console: Console, each: dict[str, Any]) -> None:
    """The largest gaps and the outliers of one report."""
    from trading.shell.candles import stamp

    market = f"{each['symbol']} {each['timeframe']}"
    for gap in each["largest_gaps"]:
        text = f"{market}: {gap['missing']} missing after {stamp(gap['after'])}"
        console.print(text, markup=False)
    for out in each["examples"]:
        text = (
            f"{market}: {out['column']} {out['price']:g} at {stamp(out['time'])}, "
            f"{out['move']:+.1%} and back"
        )
        console.print(text, markup=False)
    if (rest := each["outliers"] - len(each["examples"])) > 0:
        console.print(f"{market}: {rest} smaller ones", markup=False)


def listed(console: Console, rows: list[dict[str, Any]]) -> None:
    """A line a market and timeframe."""
    from core.doctor import size
    from trading.shell.candles import stamp

    cells = [
        (
            each["symbol"],
            each["timeframe"],
            f"{each['rows']:,}",
            stamp(each["first"]),
            stamp(each["last"]),
            size(each["bytes"]),
            ", ".join(each["sources"]),
        )
        for each in rows
    ]
    titles = ("symbol", "timeframe", "candles", "first", "last", "size", "sources")
    console.print(
        views.table("stored candles", titles, cells, spare=("sources", "size"))
    )


def pruned(console: Console, data: dict[str, Any]) -> None:
    """What is past its time, and what became of it or would."""
    from trading.shell.candles import stamp

    cells = [
        (
            each["symbol"],
            each["timeframe"],
            counted(each["days"], "day"),
            stamp(each["before"]),
            each["into"],
            each["old"],
            each["gone"],
            each["kept"],
        )
        for each in data["old"]
    ]
    titles = (
        "symbol",
        "timeframe",
        "kept for",
        "before",
        "becomes",
        "old",
        "gone" if data["done"] else "to go",
        "not whole",
    )
    console.print(views.table("past their time", titles, cells))
    if not data["done"] and cells:
        console.print("nothing was deleted; --yes does it", markup=False)


def removed(console: Console, data: dict[str, Any]) -> None:
    """What went of a market, or would have gone."""
    from trading.shell.candles import stamp

    for each in data["markets"]:
        span = f"{stamp(each['first'])} to {stamp(each['last'])}"
        verb = "is" if each["rows"] == 1 else "are"
        console.print(
            f"{counted(each['rows'], 'candle')} of {each['symbol']} {each['timeframe']}, "
            f"{span}, {verb} {'gone' if data['done'] else 'stored'}",
            markup=False,
        )
    if not data["done"]:
        console.print("nothing was deleted; --yes does it", markup=False)
