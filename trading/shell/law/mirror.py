"""The halts in force as a Redis key, for other processes; the truth is in the ledger."""

from collections.abc import Mapping
from typing import Any

from core.errors import StoreError
from core.events import Events
from core.store import Store
from core.store.codec import decode, encode
from core.store.faults import store_errors
from trading.shell.law import Policy
from trading.shell.law.halts import Halts
from trading.shell.ledger import Account

HALTED = "trading.halted"
"""The event that wakes listeners when the halts of an account change."""


def show(store: Store, account: Account, halts: Halts, policy: Policy | None) -> bool:
    """Set the account's key and wake who listens; whether Redis took it."""
    value = {
        "mode": account.mode.value,
        "account": account.name,
        "policy": policy.value if policy else None,
        "halts": [
            {"cause": h.cause.value, "detail": h.detail, "since": h.since, "by": h.by}
            for h in halts.values()
        ],
    }
    try:
        with store_errors("the halt cannot be shown"):
            client = store.redis()
            client.set(_key(store, account), encode(value))
    except StoreError:
        return False
    return Events(client, store.settings.redis_prefix).publish(HALTED, value)


def seen(store: Store, account: Account) -> Mapping[str, Any] | None:
    """What `show` set last; None when nothing was. StoreError without Redis."""
    with store_errors("the halt cannot be read"):
        text = store.redis().get(_key(store, account))
    return decode(str(text)) if text is not None else None


def _key(store: Store, account: Account) -> str:
    return f"{store.settings.redis_prefix}halts:{account.mode}:{account.name}"
