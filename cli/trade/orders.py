"""What a decision asks of the venue: as it was made, and as it would be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trading.shell.engine.replaying import Again
    from trading.shell.ledger.events import Decided
    from trading.shell.ledger.reading import Reading

ASKED = ("enter", "stop", "target", "exit", "trail")


@dataclass(frozen=True)
class AsIf:
    """What was held when the decision was made; each stop it asks for is shown."""

    held: int

    def is_tighter(self, level: Any) -> bool:
        """Whether the level is one at all."""
        return level is not None


def order_of(
    door: "Reading", found: "Decided", changed: "Sequence[Again]"
) -> dict[str, Any]:
    """What is asked of the venue, then and now; before the risk law is asked."""
    from trading.shell.engine.replaying import identical, values_after

    held = _held(door, found)
    then, now = (_asked_for(values_after(found, made), held) for made in ((), changed))
    return {"order": {"then": then, "now": now, "differs": not identical(then, now)}}


def _asked_for(values: Mapping[str, Any], held: int) -> dict[str, Any]:
    from trading.shell.engine.wants import wants_of

    wants = wants_of(values, AsIf(held), 1.0)
    told = (list(wants.entries), wants.stop, wants.target, wants.exit, wants.trail)
    return dict(zip(ASKED, told, strict=True))


def _held(door: "Reading", found: "Decided") -> int:
    """1 long, -1 short, 0 flat: when the decision was made."""
    from trading.shell.ledger.told import Which

    given = {name: v for link in found.trace for name, v in link["inputs"].items()}
    position = given.get("position")
    if position is None:
        past = Which(found.symbol, until=found.at + 1, limit=1_000_000)
        position = sum(one.side.sign * one.quantity for one in door.fills(past))
    return (position > 0) - (position < 0)
