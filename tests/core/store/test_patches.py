"""Known patches: the likeliest first, and none that was refuted too often."""

import pytest

from core.store import Defects, Store
from core.store.patches import Patch, Patches

SIGNATURE, CONTRACT = "ZeroDivisionError:1", "a1b2c3"


@pytest.fixture
def patches(store: Store) -> Patches:
    return Patches(store)


def keep(door: Patches, body: str, before: str = "b1", defect: int = 1) -> Patch:
    return door.keep(
        SIGNATURE, CONTRACT, before, body, module="desk.half", defect=defect
    )


def bodies(door: Patches, before: str = "b1") -> list[str]:
    return [each.body for each in door.find(SIGNATURE, CONTRACT, before)]


def test_a_patch_comes_back_for_its_failure_and_contract_only(patches: Patches) -> None:
    made = keep(patches, "return {'b': 1}")
    assert patches.find(SIGNATURE, CONTRACT) == [made]
    assert (made.used, made.refuted, made.module) == (0, 0, "desk.half")
    assert patches.find("KeyError:1", CONTRACT) == []
    assert patches.find(SIGNATURE, "another") == []


def test_the_same_patch_is_kept_once_and_keeps_its_counts(patches: Patches) -> None:
    first = keep(patches, "return {'b': 1}")
    patches.count_use(first.id)
    second = keep(patches, "return {'b': 1}", defect=2)
    assert (second.id, second.used, second.defect) == (first.id, 1, 2)


def test_what_mended_this_very_body_comes_first(patches: Patches) -> None:
    other = keep(patches, "return {'b': 2}", before="b2")
    keep(patches, "return {'b': 1}", before="b1")
    for _ in range(3):
        patches.count_use(other.id)
    assert bodies(patches, "b1") == ["return {'b': 1}", "return {'b': 2}"]
    assert bodies(patches, "b2") == ["return {'b': 2}", "return {'b': 1}"]


def test_a_patch_whose_repair_was_wrong_is_not_tried_unless_it_mostly_works(
    store: Store, patches: Patches
) -> None:
    defects = Defects(store)
    told = {"trigger": "exception", "remark": "ZeroDivisionError: by zero"}
    defect = defects.report("desk.half", 1, SIGNATURE, **told).id
    made = keep(patches, "return {'b': 1}", defect=defect)
    for _ in range(2):  # what is told twice was wrong once
        defects.set_fate(defect, "refuted by person", "it is not a half")
    assert patches.find(SIGNATURE, CONTRACT) == []
    for _ in range(3):
        patches.count_use(made.id)
    (kept,) = patches.find(SIGNATURE, CONTRACT)
    assert (kept.used, kept.refuted) == (3, 1)
