"""Ends of repairs as events: a desk or a notifier listens, nothing depends on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.events import Events, events
from core.store.defect import REPAIRED, REVERTED
from wick.telling import Tell, Told

if TYPE_CHECKING:
    from core.store import Store

MODULE_REPAIRED, MODULE_UNREPAIRED = "module.repaired", "module.unrepaired"
MODULE_REVERTED = "module.reverted"


def announcing(store: Store, tell: Tell) -> Tell:
    """`tell`, and an event for each verdict and each repair taken back.

    Without Redis nobody is woken, and nothing else changes.
    """
    try:
        wire: Events | None = events(store)
    except StoreError:
        wire = None

    def both(told: Told) -> None:
        tell(told)
        name = event_of(told)
        if name and wire is not None:
            wire.publish(name, payload_of(told))

    return both


def event_of(told: Told) -> str:
    """The event that something told is; "" for what is only told."""
    if told.kind == "verdict":
        done = told.data.get("state") == REPAIRED
        return MODULE_REPAIRED if done else MODULE_UNREPAIRED
    if told.kind == "probation" and told.data.get("fate") == REVERTED:
        return MODULE_REVERTED
    return ""


def payload_of(told: Told) -> Mapping[str, Any]:
    """What goes with it: which module, which defect, in words."""
    return {"module": told.module, "defect": told.defect, "text": told.text}
