"""Defects: folded, owned by one process at a time, settled once, their fate told."""

import math
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound, StoreError
from core.settings import Settings
from core.store import Store
from core.store.claims import this_process
from core.store.defect import (
    AMBIGUOUS,
    NOT_REPAIRED,
    OPEN,
    REFUTED_BY_PERSON,
    REPAIRED,
    REPAIRING,
    REVERTED,
    SHOWN,
    WAITING,
    Defect,
    folded,
)
from core.store.defects import Defects

MODULE = "desk.half"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
# Claims the defect named on its command line, says so, and never lets go.
HOLD = """
import sys, time
from core.settings import load_settings
from core.store import open_store
from core.store.defects import Defects
with open_store(load_settings()) as store:
    with Defects(store).claim(int(sys.argv[1])) as mine:
        print(mine, flush=True)
        time.sleep(600)
"""


@pytest.fixture
def defects(store: Store) -> Defects:
    return Defects(store)


def report(
    door: Defects, signature: str = "ZeroDivisionError:1", **more: Any
) -> Defect:
    values = {"trigger": "exception", "remark": "ZeroDivisionError: by zero", **more}
    return door.report(MODULE, 1, signature, **values)


def test_a_defect_comes_back_as_it_was_reported(defects: Defects) -> None:
    seen = {"inputs": [{"a": math.inf, "b": 1e22}], "call_ids": [7], "note": "x\x00"}
    made = report(defects, evidence=seen, at=AT)
    assert made == defects.get(made.id)
    assert (made.module, made.version, made.state) == (MODULE, 1, OPEN)
    assert (made.times, made.first_at, made.last_at) == (1, AT, AT)
    assert made.evidence == seen
    assert (made.owner, made.fate, made.repaired_by) == ("", None, None)


def test_a_storm_is_one_defect_that_counts(defects: Defects) -> None:
    def fail(number: int) -> int:
        seen = {"inputs": [{"a": number % 3}], "call_ids": [number]}
        return report(defects, evidence=seen, at=AT + timedelta(seconds=number)).id

    with ThreadPoolExecutor(6) as pool:
        (only,) = set(pool.map(fail, range(40)))
    known = defects.get(only)
    assert (known.times, known.first_at, known.last_at) == (
        40,
        AT,
        AT + timedelta(seconds=39),
    )
    assert sorted(row["a"] for row in known.evidence["inputs"]) == [0, 1, 2]
    assert len(known.evidence["call_ids"]) == SHOWN
    assert report(defects, times=5).times == 45


def test_another_signature_or_version_is_another_defect(defects: Defects) -> None:
    first, second = report(defects), report(defects, "KeyError:2")
    third = defects.report(MODULE, 2, first.signature, trigger="exception", remark="x")
    assert len({first.id, second.id, third.id}) == 3
    assert [each.id for each in defects.open()] == [first.id, second.id, third.id]


@given(
    old=st.lists(st.integers(0, 30), max_size=30),
    new=st.lists(st.integers(0, 30), max_size=30),
)
def test_evidence_keeps_the_first_different_values(
    old: list[int], new: list[int]
) -> None:
    before = folded({}, {"inputs": old, "remark": "first"})
    both = folded(before, {"inputs": new, "remark": "second"})
    assert both["remark"] == "first"
    assert both["inputs"] == list(dict.fromkeys([*old, *new]))[:SHOWN]
    assert folded(both, {"inputs": new}) == both


def test_one_claim_at_a_time_and_the_next_when_it_is_let_go(defects: Defects) -> None:
    one = report(defects).id
    with defects.claim(one) as first, defects.claim(one) as second:
        assert (first, second) == (True, False)
        held = defects.get(one)
        assert (held.state, held.owner) == (REPAIRING, this_process())
    left = defects.get(one)
    assert (left.state, left.owner, left.owned_at) == (OPEN, "", None)
    with defects.claim(one) as again:
        assert again


def test_a_claim_that_is_refused_takes_nothing_from_its_owner(defects: Defects) -> None:
    one = report(defects).id
    with defects.claim(one):
        with defects.claim(one) as second:
            assert not second
        assert defects.get(one).state == REPAIRING


def test_two_defects_are_repaired_side_by_side(defects: Defects) -> None:
    first, second = report(defects).id, report(defects, "KeyError:2").id
    with defects.claim(first) as one, defects.claim(second) as other:
        assert (one, other) == (True, True)


def test_a_process_that_is_killed_lets_go(defects: Defects, settings: Settings) -> None:
    one = report(defects).id
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(one)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    with defects.claim(one) as ours:
        assert not ours
    with pytest.raises(StoreError, match="another process") as refused:
        defects.settle(one, AMBIGUOUS)
    assert str(holder.pid) in str(refused.value)
    holder.kill()
    holder.communicate()
    assert claimed_at_last(defects, one)
    assert defects.get(one).owner == ""


def claimed_at_last(defects: Defects, one: int) -> bool:
    """The server notices a dead client within moments."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        with defects.claim(one) as ours:
            if ours:
                return True
    return False


def test_an_error_while_repairing_leaves_the_defect_open(defects: Defects) -> None:
    one = report(defects).id
    with pytest.raises(ZeroDivisionError), defects.claim(one):
        raise ZeroDivisionError
    assert defects.get(one).state == OPEN


def test_what_is_settled_is_kept_whole_and_no_longer_open(defects: Defects) -> None:
    one = report(defects).id
    rungs = [{"rung": "search", "tried": 120, "survivors": 2, "seconds": 0.4}]
    verdict = {"rung": "search", "before": ["a"], "after": ["b"], "radius": {"n": 3}}
    with defects.claim(one) as mine:
        assert mine
        defects.note(one, diagnosis={"kind": "module fault"})
        assert defects.get(one).state == REPAIRING
        done = defects.settle(
            one,
            REPAIRED,
            rungs=rungs,
            candidates=120,
            survivors=2,
            verdict=verdict,
            repaired_by=2,
            seconds=0.5,
            cost_usd=Decimal("0.00012"),
        )
    assert done == defects.get(one)
    assert done.diagnosis == {"kind": "module fault"}
    assert (done.rungs, done.verdict) == (rungs, verdict)
    assert (done.candidates, done.survivors, done.repaired_by) == (120, 2, 2)
    assert (done.seconds, done.cost_usd) == (0.5, Decimal("0.00012"))
    assert (done.state, done.owner) == (REPAIRED, "")
    assert done.settled_at is not None
    assert defects.open() == []
    assert defects.repaired_by(MODULE, 2) == [done]
    with defects.claim(one) as again:
        assert not again


@pytest.mark.parametrize("state", [NOT_REPAIRED, AMBIGUOUS, WAITING])
def test_what_is_settled_is_tried_again_once_it_is_opened_and_not_before(
    defects: Defects, state: str
) -> None:
    """A second Wick with an older list must not try again what waits for a person."""
    one = report(defects).id
    defects.settle(one, state)
    with defects.claim(one) as mine:
        assert not mine
    assert defects.reopen(one).state == OPEN
    with defects.claim(one) as mine:
        assert mine


def test_what_is_repaired_is_not_opened_again(defects: Defects) -> None:
    one = report(defects).id
    defects.settle(one, REPAIRED, repaired_by=2)
    with pytest.raises(NotFound, match="is repaired"):
        defects.reopen(one)


def test_a_storm_uses_up_no_numbers(defects: Defects) -> None:
    first = report(defects)
    for _ in range(20):
        report(defects)
    other = defects.report(
        MODULE, 9, "exception KeyError", trigger="exception", remark=""
    )
    assert other.id == first.id + 1


def test_a_state_that_does_not_exist_is_refused(defects: Defects) -> None:
    one = report(defects).id
    with pytest.raises(StoreError, match="not settled"):
        defects.settle(one, "fine")
    assert defects.get(one).state == OPEN


@pytest.mark.parametrize("fate", [REVERTED, REFUTED_BY_PERSON])
def test_a_repair_that_was_wrong_is_opened_by_the_next_failure_and_remembered(
    defects: Defects, fate: str
) -> None:
    one = report(defects).id
    verdict = {"rung": "search"}
    defects.settle(one, REPAIRED, repaired_by=2, seconds=0.25, verdict=verdict)
    assert report(defects).state == REPAIRED
    told = defects.set_fate(one, fate, "it failed again")
    assert (told.fate, told.fate_reason) == (fate, "it failed again")
    again = report(defects)
    assert (again.state, again.fate, again.repaired_by) == (OPEN, None, None)
    (past,) = again.earlier
    assert (past["fate"], past["repaired_by"]) == (fate, 2)
    assert (past["rung"], past["seconds"]) == ("search", 0.25)
    with defects.claim(one) as mine:
        assert mine


def test_a_repair_that_was_kept_stays_repaired(defects: Defects) -> None:
    one = report(defects).id
    defects.settle(one, REPAIRED, repaired_by=2)
    defects.set_fate(one, "kept")
    assert report(defects).state == REPAIRED


def test_what_was_wrong_is_not_kept_afterwards(defects: Defects) -> None:
    one = report(defects).id
    defects.settle(one, REPAIRED, repaired_by=2)
    defects.set_fate(one, REFUTED_BY_PERSON, "it loses cents")
    told = defects.set_fate(one, "kept", "100 calls")
    assert (told.fate, told.fate_reason) == (REFUTED_BY_PERSON, "it loses cents")


def test_the_newest_are_listed_first_and_a_missing_one_is_told(
    defects: Defects,
) -> None:
    ids = [report(defects, f"E:{n}", at=AT + timedelta(hours=n)).id for n in range(3)]
    assert [each.id for each in defects.list(MODULE)] == ids[::-1]
    assert [each.id for each in defects.list(limit=1)] == ids[-1:]
    assert defects.list("desk.other") == []
    for ask in (defects.get, lambda number: defects.claim(number).__enter__()):
        with pytest.raises(NotFound) as told:
            ask(99)
        assert f"{ids[2]}, {ids[1]}, {ids[0]}" in told.value.remedy
