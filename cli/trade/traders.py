"""Who trades in a mode, which account, and where it listens."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli.context import Context
from core.errors import RequestRefused

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store.claims import Owner
    from trading.shell.venue.orders import Mode


@dataclass(frozen=True)
class Trader:
    """A running trader; `account` is "" until its session has begun, `detail` is what it
    began with."""

    owner: "Owner"
    detail: Mapping[str, Any] = field(default_factory=dict)

    @property
    def account(self) -> str:
        """Whose money it trades."""
        return str(self.detail.get("account", ""))


def shown_trader(trader: Trader | None) -> dict[str, str] | None:
    """Who trades, in words too, since when, and which account; None where nobody does."""
    from trading.shell.law.lock import told

    if trader is None:
        return None
    since = datetime.fromtimestamp(trader.owner.since, UTC)
    return {
        "name": trader.owner.name,
        "since": f"{since:%Y-%m-%d %H:%M}",
        "account": trader.account,
        "told": told(trader.owner),
    }


def place_of(settings: "Settings") -> dict[str, str]:
    """Where a trader of this process finds the words that are left for it."""
    return {"host": socket.gethostname(), "home": str(settings.home.resolve())}


def traded_by(context: Context, mode: "Mode") -> Trader | None:
    """The trader of a mode; None where nobody trades."""
    from core.store import Runs
    from trading.shell.law.lock import trader

    owner = trader(context.store, mode)
    if owner is None:
        return None
    run = Runs(context.store).newest(mode.value, "trader", owner.name)
    return Trader(owner, run.detail if run and run.state == "running" else {})


def require_near(trader: Trader, settings: "Settings") -> None:
    """Refuse to leave a word where the trader does not look: RequestRefused."""
    here = place_of(settings)
    there = {name: trader.detail.get(name, here[name]) for name in here}
    if there != here:
        raise RequestRefused(
            f"account {trader.account} is traded on {there['host']} with the state folder "
            f"{there['home']}, and hears no word that is left in {here['home']}",
            field="ASZA_HOME",
            value=here["home"],
            remedy=f"say it on {there['host']} with ASZA_HOME={there['home']}",
        )
