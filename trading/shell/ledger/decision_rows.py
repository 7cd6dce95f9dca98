"""Decisions, scans and signals as rows, and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.store.codec import encode
from trading.shell.ledger.events import (
    Decided,
    Scanned,
    Signalled,
)
from trading.shell.ledger.row import (
    Row,
    Table,
    figures,
    moment,
    seconds,
)


def _write_decision(event: Decided) -> Row:
    return (
        event.id,
        event.symbol,
        moment(event.at),
        event.action,
        event.proceed,
        event.reason,
        event.ended_by,
        event.regime,
        figures(event.values),
        encode(dict(event.versions)),
        encode(dict(event.faults)),
        encode([dict(step) for step in event.trace]),
    )


def _read_decision(row: Row) -> Decided:
    name, symbol, at, action, proceed, reason, ended_by, regime = row[:8]
    values, versions, faults, trace = row[8:]
    why = (action, proceed, reason, ended_by, regime)
    kept = (values, versions, faults, tuple(trace))
    return Decided(name, symbol, seconds(at), *why, *kept)


def _write_scan(event: Scanned) -> Row:
    v = event.values
    return (
        event.symbol,
        moment(event.at),
        event.price,
        *(number(v, name, last=name == "ema_slow") for name in INDICATORS),
        event.regime,
        event.signal,
        event.action,
        event.confidence,
        figures(v),
    )


def _read_scan(row: Row) -> Scanned:
    symbol, at, price = row[:3]
    regime, signal, action, confidence, values = row[3 + len(INDICATORS) :]
    return Scanned(
        symbol, seconds(at), price, regime, signal, action, confidence, values
    )


def number(values: Mapping[str, Any], name: str, *, last: bool = False) -> float | None:
    """A figure of that name, or of that name with a period: `rsi` is also `rsi_14`,
    `ema_fast` the shortest `ema_9`, and `last` means the longest."""
    stem = name.removesuffix("_fast").removesuffix("_slow")
    periods = sorted(
        (int(rest), key)
        for key in values
        if key.startswith(f"{stem}_") and (rest := key[len(stem) + 1 :]).isdigit()
    )
    found = values.get(name)
    if found is None and periods:
        found = values[periods[-1 if last else 0][1]]
    return _real(found) if isinstance(found, int | float | Decimal) else None


def _real(figure: float | Decimal) -> float | None:
    """A module's number as a float; None for what no float can hold."""
    try:
        return float(figure)
    except (OverflowError, ValueError):
        return None


def _write_signal(event: Signalled) -> Row:
    return (
        event.decision,
        event.symbol,
        moment(event.at),
        event.action,
        event.acted,
        event.rejected_by,
        event.reason,
        event.regime,
        event.confidence,
        figures(event.figures),
    )


INDICATORS = ("ema_fast", "ema_slow", "rsi", "volume_ratio", "spread")

DECISIONS = Table(
    "decisions",
    tuple(
        "id symbol at action proceed reason ended_by regime figures versions faults "
        "trace".split()
    ),
    _write_decision,
    _read_decision,
)
SCANS = Table(
    "scan_results",
    (
        "symbol",
        "at",
        "price",
        *INDICATORS,
        *(
            "strategy_regime signal_generated signal_action signal_confidence "
            "figures".split()
        ),
    ),
    _write_scan,
    _read_scan,
    sequenced=False,
)
SIGNALS = Table(
    "signals",
    tuple(
        "decision symbol at action acted rejected_by reason strategy_regime confidence "
        "figures".split()
    ),
    _write_signal,
    lambda row: Signalled(row[0], row[1], seconds(row[2]), *row[3:]),
    sequenced=False,
)
