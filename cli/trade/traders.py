"""Who trades in a mode, and which account."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cli.context import Context

if TYPE_CHECKING:
    from core.store.claims import Owner
    from trading.shell.venue.orders import Mode


@dataclass(frozen=True)
class Trader:
    """A running trader; `account` is "" until its session has begun."""

    owner: "Owner"
    account: str


def traded_by(context: Context, mode: "Mode") -> Trader | None:
    """The trader of a mode; None where nobody trades."""
    from core.store import Runs
    from trading.shell.law.lock import trader

    owner = trader(context.store, mode)
    if owner is None:
        return None
    run = Runs(context.store).newest(mode.value, since=owner.since)
    return Trader(owner, run.detail.get("account", "") if run else "")
