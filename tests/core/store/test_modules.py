"""Versions: numbered, exactly one live, and the generation tells of every swap."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal

import pytest

from core.errors import NotFound, StoreError
from core.store import LIVE, PREPARED, RETIRED, UNDONE, Modules, Store, VersionRow

ROW = VersionRow(
    module="demo.double",
    version=0,
    body='return {"y": x * 2}',
    body_hash="ab" * 32,
    spec_text="---\nname: double\n---\nTwice x.",
    spec_digest="1f3c9a",
    writer="offline",
    means="search",
    parent=None,
    cause="build",
    cost_usd=Decimal("0.00012345"),
    certificate={"passed": True, "strength": 0.75},
    path="generated/demo/double.py",
    file_hash="cd" * 32,
)


@pytest.fixture
def modules(store: Store) -> Modules:
    return Modules(store)


def test_a_version_comes_back_as_it_was(modules: Modules) -> None:
    added = modules.add_version(ROW)
    assert added == replace(ROW, version=1)
    assert modules.version("demo.double", 1) == added


def test_versions_are_numbered_from_one_for_each_module(modules: Modules) -> None:
    numbers = [modules.add_version(ROW).version for _ in range(3)]
    other = modules.add_version(replace(ROW, module="demo.triple"))
    assert (numbers, other.version) == ([1, 2, 3], 1)


def test_a_prepared_version_is_not_live(modules: Modules) -> None:
    modules.add_version(ROW)
    assert modules.live("demo.double") is None
    assert modules.generation() == 0


def test_a_swap_retires_the_live_version_and_counts_the_generation(
    modules: Modules,
) -> None:
    for _ in range(2):
        modules.add_version(ROW)
    first, second = (
        modules.set_live("demo.double", 1),
        modules.set_live("demo.double", 2),
    )
    assert second == first + 1 == modules.generation()
    assert [v.state for v in modules.history("demo.double")] == [RETIRED, LIVE]


def test_an_earlier_version_can_be_live_again(modules: Modules) -> None:
    for _ in range(2):
        modules.add_version(replace(ROW, state=LIVE))
    modules.set_live("demo.double", 1)
    live = modules.live("demo.double")
    assert live is not None
    assert live.version == 1


def test_a_swap_to_a_version_that_does_not_exist_changes_nothing(
    modules: Modules,
) -> None:
    modules.add_version(replace(ROW, state=LIVE))
    generation = modules.generation()
    with pytest.raises(NotFound):
        modules.set_live("demo.double", 7)
    live = modules.live("demo.double")
    assert live is not None
    assert (live.version, modules.generation()) == (1, generation)


def test_an_undone_version_keeps_its_number(modules: Modules) -> None:
    modules.add_version(ROW)
    modules.undo("demo.double", 1)
    assert modules.add_version(ROW).version == 2
    assert [v.state for v in modules.history("demo.double")] == [UNDONE, PREPARED]


def test_the_same_number_twice_is_refused(modules: Modules) -> None:
    modules.add_version(ROW)
    with pytest.raises(StoreError, match="not recorded"):
        modules.add_version(replace(ROW, version=1))


def test_writers_at_once_get_different_numbers_and_one_is_live(
    modules: Modules,
) -> None:
    with ThreadPoolExecutor(6) as pool:
        rows = [replace(ROW, state=LIVE)] * 12
        numbers = [row.version for row in pool.map(modules.add_version, rows)]
    assert sorted(numbers) == list(range(1, 13))
    states = [v.state for v in modules.history("demo.double")]
    assert states.count(LIVE) == 1
    assert modules.generation() == 12


def test_the_live_modules_of_a_stack_are_its_own(modules: Modules) -> None:
    for name in ("demo.double", "demo_2.double", "demo.a"):
        modules.add_version(replace(ROW, module=name, state=LIVE))
    assert [v.module for v in modules.all_live("demo")] == ["demo.a", "demo.double"]
    assert len(modules.all_live()) == 3


def test_a_certificate_can_be_completed_later(modules: Modules) -> None:
    modules.add_version(replace(ROW, certificate=None))
    modules.set_certificate("demo.double", 1, {"strength": 0.9})
    assert modules.version("demo.double", 1).certificate == {"strength": 0.9}
    with pytest.raises(NotFound):
        modules.set_certificate("demo.double", 2, {})


def test_a_missing_version_names_those_there_are(modules: Modules) -> None:
    modules.add_version(ROW)
    with pytest.raises(NotFound) as caught:
        modules.version("demo.double", 9)
    assert "[1]" in caught.value.remedy


def test_a_body_is_found_by_its_hash(modules: Modules) -> None:
    modules.add_version(ROW)
    assert [v.module for v in modules.with_body("ab" * 32)] == ["demo.double"]
    assert modules.with_body("00") == []
