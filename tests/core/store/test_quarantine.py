"""Quarantine: set by a person, told to every running stack, lifted by a person."""

from dataclasses import replace

import pytest

from core.errors import NotFound
from core.store import LIVE, Modules, Store
from core.store.quarantine import Quarantines, live_modules
from tests.core.store.test_modules import ROW

MODULE = "demo.double"


@pytest.fixture
def quarantines(store: Store) -> Quarantines:
    for version in (1, 2):
        Modules(store).add_version(replace(ROW, version=version, state=LIVE))
    return Quarantines(store)


def test_a_module_is_quarantined_until_it_is_lifted(
    store: Store, quarantines: Quarantines
) -> None:
    assert not quarantines.is_quarantined(MODULE)
    made = quarantines.set(MODULE, reason="it lies", by="ann")
    assert (made.version, made.reason, made.set_by) == (None, "it lies", "ann")
    assert quarantines.is_quarantined(MODULE)
    assert quarantines.is_quarantined(MODULE, 1)
    assert quarantines.holding() == [made]
    lifted = quarantines.lift(MODULE, by="bob")
    assert (lifted.id, lifted.lifted_by) == (made.id, "bob")
    assert not quarantines.is_quarantined(MODULE, 1)
    assert quarantines.holding() == []
    assert quarantines.history(MODULE) == [lifted]


def test_a_quarantined_version_bars_itself_alone(quarantines: Quarantines) -> None:
    quarantines.set(MODULE, 1, reason="wrong", by="ann")
    assert quarantines.is_quarantined(MODULE, 1)
    assert not quarantines.is_quarantined(MODULE, 2)
    assert not quarantines.is_quarantined(MODULE)
    with pytest.raises(NotFound) as told:
        quarantines.lift(MODULE, by="ann")
    assert told.value.remedy == "in quarantine is version 1"


def test_each_change_moves_the_generation(
    store: Store, quarantines: Quarantines
) -> None:
    before = Modules(store).generation()
    quarantines.set(MODULE, reason="x", by="ann")
    quarantines.lift(MODULE, by="ann")
    with pytest.raises(NotFound):
        quarantines.lift(MODULE, by="ann")
    assert Modules(store).generation() == before + 2


def test_a_second_time_says_why_anew(quarantines: Quarantines) -> None:
    first = quarantines.set(MODULE, reason="x", by="ann")
    second = quarantines.set(MODULE, reason="y", by="bob")
    assert (second.id, second.reason) == (first.id, "y")
    assert quarantines.holding(MODULE) == [second]


def test_what_does_not_exist_cannot_be_quarantined(quarantines: Quarantines) -> None:
    with pytest.raises(NotFound, match="no versions"):
        quarantines.set("demo.nothing", reason="x", by="ann")
    with pytest.raises(NotFound, match="no version 7"):
        quarantines.set(MODULE, 7, reason="x", by="ann")
    assert quarantines.holding() == []


def test_live_rows_come_with_what_bars_them(
    store: Store, quarantines: Quarantines
) -> None:
    def barred() -> list[tuple[int, str, str]]:
        return [
            (one.row.version, one.module_barred, one.version_barred)
            for one in live_modules(store, "demo")
        ]

    assert [one.row for one in live_modules(store, "demo")] == Modules(store).all_live()
    assert barred() == [(2, "", "")]
    quarantines.set(MODULE, 1, reason="not live", by="ann")
    assert barred() == [(2, "", "")]
    quarantines.set(MODULE, 2, reason="wrong", by="ann")
    quarantines.set(MODULE, reason="all", by="ann")
    assert barred() == [(2, "all", "wrong")]
    assert live_modules(store, "dem") == []
