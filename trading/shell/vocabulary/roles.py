"""What a trading module may be for, and the outputs the shell reads from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.vocabulary import Phase, Role

PHASES = (Phase("decide"),)

_ROLES = (
    Role("condition", "decide", "a truth that other modules build on"),
    Role(
        "entry",
        "decide",
        "when to open a position",
        {"enter_long": "flag", "enter_short": "flag"},
    ),
    Role(
        "exit",
        "decide",
        "when to close the position",
        {"exit_long": "flag", "exit_short": "flag"},
    ),
    Role(
        "stop",
        "decide",
        "the price at which a losing position is closed",
        {
            "long_stop_price": "price",
            "short_stop_price": "price",
            "long_trailing_stop_price": "price",
            "short_trailing_stop_price": "price",
        },
        {
            "long_stop_price": "higher",
            "short_stop_price": "lower",
            "long_trailing_stop_price": "higher",
            "short_trailing_stop_price": "lower",
        },
    ),
    Role(
        "target",
        "decide",
        "the price at which a winning position is closed",
        {"long_target_price": "price", "short_target_price": "price"},
    ),
    Role(
        "size",
        "decide",
        "how much money a new position is worth",
        {"notional": "money"},
        {"notional": "lower"},
    ),
    Role(
        "leverage",
        "decide",
        "how many times the stake a position is worth",
        {"leverage": "leverage"},
        {"leverage": "lower"},
    ),
    Role("risk", "decide", "a limit or a measure of risk"),
    Role("function", "decide", "a pure function of its inputs"),
)

ROLES: Mapping[str, Role] = MappingProxyType({role.name: role for role in _ROLES})
