"""What a tick asks for, read from the outputs of a stack, whatever they hold.

Two kinds of stack are read. One whose position_executor gives `intents`, and one with
the generic roles (enter_long, exit_long, long_stop_price, notional…). Both come out as
the same raw rows; nothing is believed of their numbers here: the risk law reads them.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from msgspec import Struct

from trading.shell.venue.orders import Purpose

Raw = Mapping[str, Any]
LONG, SHORT = "long", "short"
MOST_LEVERAGE = 1000  # far beyond any market: a multiple that is still a number


class Wants(Struct, frozen=True):
    """The raw rows of entries, their stop and target, why to exit, and a moved stop.

    `purpose` is what an exit is written down as: the stack's, or the law's own flatten.
    """

    entries: tuple[Raw, ...] = ()
    stop: Any = None
    target: Any = None
    exit: str = ""
    trail: Any = None
    purpose: Purpose = Purpose.EXIT

    def __bool__(self) -> bool:
        return bool(self.entries) or bool(self.exit) or self.trail is not None


NOTHING = Wants()


class Held(Protocol):
    """What is held of a symbol: 1 long, -1 short, 0 flat; and how its stop stands."""

    @property
    def held(self) -> int:
        """1 long, -1 short, 0 flat."""

    def is_tighter(self, level: Any) -> bool:
        """Whether a stop at `level` would lose less than the one there is."""


def wants_of(values: Mapping[str, Any], one: Held, share: float) -> Wants:
    """What `values` ask for, of what is held; a stop that tightens nothing is no wish.

    `share` is the money an entry takes when a generic stack names no size.
    """
    held = one.held
    stops = _exit_of(values, held)
    trail = _trail_of(values, held) if held else None
    if trail is not None and not one.is_tighter(trail):
        trail = None
    entries, stop, target = _entries_of(values, share)
    if not entries and not stops and trail is None:
        return NOTHING
    return Wants(entries, stop, target, stops, trail)


def _exit_of(values: Mapping[str, Any], held: int) -> str:
    """Why an open position is to be closed; "" when it is not."""
    if not held:
        return ""
    if values.get("exit_now") is True:
        return str(values.get("exit_reason") or "exit signal")
    if values.get("time_exit") is True:
        return "time exit"
    name = f"exit_{LONG if held > 0 else SHORT}"
    if values.get(name) is True:
        return name
    return "turned round" if _turned(values, held) else ""


def _turned(values: Mapping[str, Any], held: int) -> bool:
    other = "enter_short" if held > 0 else "enter_long"
    return _side(values) == -held and values.get(other) is True


def _trail_of(values: Mapping[str, Any], held: int) -> Any:
    side = LONG if held > 0 else SHORT
    found = values.get("trailing_stop")
    return values.get(f"{side}_trailing_stop_price") if found is None else found


def _entries_of(
    values: Mapping[str, Any], share: float
) -> tuple[tuple[Raw, ...], Any, Any]:
    if "intents" in values:
        return _listed(values["intents"], values.get("leverage", 1.0))
    side = _side(values)
    if not side:
        return (), None, None
    word = LONG if side > 0 else SHORT
    leverage = values.get("leverage", 1.0)
    notional = values.get("notional")
    usable = isinstance(leverage, int | float) and 1 <= leverage <= MOST_LEVERAGE
    times = leverage if usable else 1
    entry = {
        "purpose": "entry",
        "side": "buy" if side > 0 else "sell",
        "kind": "market",
        "notional": share * times if notional is None else notional,
        "leverage": leverage,
    }
    stop, target = f"{word}_stop_price", f"{word}_target_price"
    return (entry,), values.get(stop), values.get(target)


def _side(values: Mapping[str, Any]) -> int:
    """1 long, -1 short; both at once are none."""
    return bool(values.get("enter_long")) - bool(values.get("enter_short"))


def _listed(rows: Any, leverage: Any) -> tuple[tuple[Raw, ...], Any, Any]:
    """Every entry, and the first stop and target; no list of objects asks for nothing.

    `leverage` is for the rows that name none.
    """
    if not isinstance(rows, list):
        return (), None, None
    found = [row for row in rows if isinstance(row, Mapping)]
    wanted = (row for row in found if row.get("purpose") == "entry")
    entries = tuple({"leverage": leverage, **row} for row in wanted)
    return entries, _level(found, "stop"), _level(found, "target")


def _level(rows: Iterable[Raw], purpose: str) -> Any:
    return next((r.get("price") for r in rows if r.get("purpose") == purpose), None)
