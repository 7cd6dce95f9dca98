"""Units of what the shell tells of an account in rows: holdings, ledger steps, trades."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.vocabulary import Unit

_TEXT = {"type": "string", "maxLength": 40}
_PRICE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1e7}
_AMOUNT = {"type": "number", "minimum": -1e6, "maximum": 1e6}
_CENTS = {"type": "integer", "minimum": -(10**13), "maximum": 10**13}
_TIME = {"type": "integer", "minimum": 0, "maximum": 4_102_444_800}

HOLDING: Mapping[str, Any] = {
    "symbol": _TEXT,
    "quantity": _AMOUNT,
    "entry_price": _PRICE,
    "mark_price": _PRICE,
}
LEDGER_STEP: Mapping[str, Any] = {
    "event": {"type": "string", "minLength": 1, "maxLength": 40},
    "change_cents": _CENTS,
    "equity_cents": _CENTS,
}
CLOSED_TRADE: Mapping[str, Any] = {
    "symbol": _TEXT,
    "side": {"type": "string", "enum": ["long", "short"]},
    "quantity": {"type": "number", "exclusiveMinimum": 0, "maximum": 1e6},
    "entry_price": _PRICE,
    "exit_price": _PRICE,
    "gross_cents": _CENTS,
    "fees_cents": _CENTS,
    "funding_cents": _CENTS,
    "opened_at": _TIME,
    "closed_at": _TIME,
    "reason": _TEXT,
    "regime": _TEXT,
}


def account_units() -> tuple[Unit, ...]:
    """The units of lists of rows, oldest first."""
    return (
        Unit("holdings", _rows(HOLDING, 50), "open positions, quantity signed"),
        Unit(
            "ledger_steps",
            _rows(LEDGER_STEP, 200),
            "events: how each should change equity, and equity after it",
        ),
        Unit("closed_trades", _rows(CLOSED_TRADE, 50), "closed positions"),
    )


def _rows(fields: Mapping[str, Any], most: int) -> Mapping[str, Any]:
    item = {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }
    return {"type": "array", "items": item, "maxItems": most}
