"""What a walk decided, as rows a table or JSON can show."""

from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Any

from core.stack.tick import Decision
from trading.shell.candles import stamp
from trading.shell.walk import ModuleShape, Walk

Row = dict[str, Any]


def summarise(walk: Walk) -> list[Row]:
    """One row an output of each module, in the order they run.

    Keys: module, role, version, output, given (decisions that hold it), said (in
    words), share (of decisions where a flag was true, else None), failures.
    """
    failed = Counter(failure.module for failure in walk.failures)
    decisions = [decided.decision for decided in walk.decisions]
    return [
        _row(module, output, decisions, failed[module.name])
        for module in walk.shape.modules
        for output in module.outputs
    ]


def totals(walk: Walk) -> Row:
    """The walk in figures: bars, decisions, trades, equity before any cost, failures."""
    first, last = walk.equity[0][0], walk.equity[-1][0]
    return {
        "stack": walk.shape.stack,
        "symbols": [one.symbol for one in walk.candles],
        "timeframe": walk.candles[0].timeframe,
        "synthetic": walk.synthetic,
        "from": stamp(first),
        "to": stamp(last),
        "bars": walk.bars,
        "warm_up": walk.warm_up,
        "decisions": len(walk.decisions),
        "bars_without_values": walk.unready,
        "trades": len(walk.trades),
        "sides": dict(Counter(trade.side for trade in walk.trades)),
        "closed_by": dict(Counter(trade.reason for trade in walk.trades)),
        "open_positions": len(walk.open_positions),
        "entries_cut_to_limit": walk.cut,
        "equity_at_start": walk.cash,
        "equity_at_end_before_costs": walk.equity[-1][1],
        "failures": len(walk.failures),
        "notes": list(walk.notes),
        "seconds": round(walk.seconds, 3),
    }


def _row(
    module: ModuleShape, output: str, decisions: Sequence[Decision], failures: int
) -> Row:
    reserved = f"{module.name}.{output}"
    key = reserved if output in ("proceed", "reason") else output
    values = [one.values[key] for one in decisions if key in one.values]
    said, share = _said(values)
    return {
        "module": module.name,
        "role": module.role,
        "version": module.version,
        "output": output,
        "given": len(values),
        "said": said,
        "share": share,
        "failures": failures,
    }


def _said(values: Sequence[Any]) -> tuple[str, float | None]:
    known = [value for value in values if value is not None]
    if not known:
        return "nothing", None
    if all(isinstance(value, bool) for value in known):
        share = sum(known) / len(known)
        return f"true on {sum(known):,} of {len(known):,} ({share:.1%})", share
    if all(isinstance(value, int | float) for value in known):
        low, middle, high = min(known), median(known), max(known)
        return f"{low:,.6g} to {high:,.6g}, median {middle:,.6g}", None
    kinds = Counter(str(value)[:60] for value in known)
    return ", ".join(f"{text} ×{n:,}" for text, n in kinds.most_common(3)), None
