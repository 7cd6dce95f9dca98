"""Whoever listens hears how repairs end; without Redis nothing else changes."""

import pytest

from core.errors import StoreError
from core.events import events
from core.store import Store
from wick.announcing import (
    MODULE_REPAIRED,
    MODULE_REVERTED,
    MODULE_UNREPAIRED,
    announcing,
)
from wick.telling import Told

MODULE = "desk.share"
TOLD = (
    Told("rung", "search ended", MODULE, 3),
    Told("verdict", "it is repaired", MODULE, 3, {"state": "repaired"}),
    Told("verdict", "survivors disagree", MODULE, 4, {"state": "ambiguous"}),
    Told("probation", "it held", MODULE, data={"fate": "kept"}),
    Told("probation", "it failed", MODULE, data={"fate": "reverted"}),
)


def test_ends_are_heard_with_their_module_and_defect_and_nothing_else(
    store: Store,
) -> None:
    heard: list[Told] = []
    with events(store).subscribe() as listener:
        tell = announcing(store, heard.append)
        for told in TOLD:
            tell(told)
        found = [listener.get(100) for _ in range(3)]
        assert listener.get(0) is None
    assert heard == list(TOLD)
    assert [(each.name, each.payload["defect"]) for each in found if each] == [
        (MODULE_REPAIRED, 3),
        (MODULE_UNREPAIRED, 4),
        (MODULE_REVERTED, 0),
    ]


def test_without_redis_what_is_told_is_told(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nothing(_: Store) -> None:
        raise StoreError("there is no Redis")

    monkeypatch.setattr("wick.announcing.events", nothing)
    heard: list[Told] = []
    tell = announcing(store, heard.append)
    for told in TOLD:
        tell(told)
    assert heard == list(TOLD)
