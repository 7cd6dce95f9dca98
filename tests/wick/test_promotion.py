"""A repair is swapped in whole or not at all, and never over somebody else's version."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from core.body import parse_body
from core.errors import FileEdited, StoreError
from core.gate.report import Certificate
from core.module_file import read_module
from core.module_writer import Superseded
from core.store import LIVE, RETIRED, Modules, Store
from file_creator import recover
from tests.module_samples import (
    FIRST,
    MODULE,
    SECOND,
    THIRD,
    lay_out,
    make,
    module_file,
    proof,
    spec_in,
)
from wick.promotion import Promoted, Proven, promote


@pytest.fixture
def desk(store: Store) -> Store:
    lay_out(store.settings)
    make(store, FIRST)
    make(store, SECOND)
    return store


def proven(store: Store, body: str, version: int | None = None) -> Proven:
    spec = spec_in(store.settings)
    certificate: Certificate | None = proof(spec, body) if version is None else None
    cause = "repair: exception ValueError line 1"
    return Proven(spec, body, certificate, "search", cause, version=version)


def swap(store: Store, body: str, replaces: int, **more: object) -> Promoted:
    return promote(
        store, store.settings, proven(store, body), replaces=replaces, **more
    )  # type: ignore[arg-type]


def live_body(store: Store) -> str:
    live = Modules(store).live(MODULE)
    assert live is not None
    found = read_module(module_file(store.settings))
    assert found.hash == live.file_hash
    assert found.canonical().hash == live.body_hash
    return live.body


def test_a_repair_is_a_version_that_says_what_it_mends_and_who_found_it(
    desk: Store,
) -> None:
    done = swap(desk, THIRD, replaces=2)
    assert (done.version, done.before) == (3, 2)
    assert "+b = a - a / 2" in done.diff
    row = Modules(desk).live(MODULE)
    assert row is not None
    assert (row.writer, row.means, row.parent) == ("wick", "search", 2)
    assert row.cause == "repair: exception ValueError line 1"
    text = " ".join(module_file(desk.settings).read_text().split())
    assert "writer wick (search) · parent 2 (repair: exception" in text


def test_an_earlier_version_comes_back_as_it_was(desk: Store) -> None:
    back = promote(desk, desk.settings, proven(desk, FIRST, 1), replaces=2)
    assert (back.version, back.before) == (1, 2)
    assert live_body(desk) == parse_body(FIRST).text


def test_of_two_repairs_of_one_version_one_is_swapped_in(desk: Store) -> None:
    """Two Wicks on one defect: the second would undo the first."""

    def attempt(body: str) -> str:
        try:
            return str(swap(desk, body, replaces=2).version)
        except Superseded:
            return "superseded"

    bodies = [f"b = a / 2 + {k} * 0\nreturn {{'b': b}}" for k in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ended = sorted(pool.map(attempt, bodies))
    assert ended == ["3", "superseded", "superseded", "superseded"]
    states = [row.state for row in Modules(desk).history(MODULE)]
    assert states == [RETIRED, RETIRED, LIVE]


def test_a_file_a_person_edits_is_not_swapped_away(desk: Store) -> None:
    path = module_file(desk.settings)
    mine = path.read_text().replace("0.5", "0.50")
    path.write_text(mine)
    with pytest.raises(FileEdited):
        swap(desk, THIRD, replaces=2)
    assert path.read_text() == mine


@pytest.mark.parametrize("step", ["journalled", "prepared", "renamed", "settled"])
def test_a_database_that_goes_away_mid_swap_leaves_one_whole_version(
    desk: Store, step: str
) -> None:
    lost: list[str] = []

    def lose(done: str) -> None:
        if done == step:
            lost.append(done)
            raise StoreError("the database is gone")

    with pytest.raises(StoreError):
        swap(desk, THIRD, replaces=2, on_step=lose)
    assert lost == [step]
    recover(desk, desk.settings)
    assert live_body(desk) in {parse_body(SECOND).text, parse_body(THIRD).text}
    swap(desk, "return {'b': a * 0.5 + 0}", replaces=_live(desk))
    assert live_body(desk) == parse_body("return {'b': a * 0.5 + 0}").text


def _live(store: Store) -> int:
    row = Modules(store).live(MODULE)
    assert row is not None
    return row.version
