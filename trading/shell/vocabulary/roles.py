"""What a trading module may be for, and the outputs the shell reads from it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from core.vocabulary import Phase, Role

PHASES = (
    Phase("scan"),
    Phase("rank", "portfolio"),
    Phase("decide"),
    Phase("allocate", "portfolio", needs="decide"),
    Phase("act", needs="decide"),
    Phase("account", "portfolio", asked=True),
    Phase("trouble", "portfolio", asked=True),
)

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
    Role("scan", "scan", "what is seen or counted at every candle, signal or not"),
    Role("rank", "rank", "an order or a choice among symbols"),
    Role("evidence", "decide", "one reading of the market, from -1 to 1 or a flag"),
    Role(
        "signal", "decide", "which side to trade, and how sure", {"confidence": "ratio"}
    ),
    Role(
        "gate", "decide", "a reason not to enter: a false `proceed` ends the decision"
    ),
    Role("bracket", "decide", "the stop and the target an entry is sent with"),
    Role(
        "allocation",
        "allocate",
        "how symbols share what the account can carry",
        {"allocation_share": "ratio"},
        {"allocation_share": "lower"},
    ),
    Role("order", "act", "the orders that are asked for"),
    Role("account", "account", "what the ledger's figures say, told to the cent"),
    Role("trouble", "trouble", "what to do about a failure"),
)

ROLES: Mapping[str, Role] = MappingProxyType({role.name: role for role in _ROLES})
