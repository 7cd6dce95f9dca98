"""The ledger of repairs: every figure follows from the defects, and none is made up."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFound
from core.store.defect import (
    KEPT,
    NOT_OURS,
    NOT_REPAIRED,
    OPEN,
    REFUTED_BY_HELD_BACK,
    REFUTED_BY_PERSON,
    REPAIRED,
    REPAIRING,
    REVERTED,
    WAITING,
    Defect,
)
from wick.clones import LAST_GOOD, MODEL, RUNGS, SEARCH
from wick.ledger import ledger, repairs, spent_on
from wick.proposal import pending

AT = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = Defect(
    id=1,
    module="desk.half",
    version=1,
    signature="exception ZeroDivisionError line 1",
    trigger="exception",
    remark="ZeroDivisionError: by zero",
    times=1,
    first_at=AT,
    last_at=AT,
    state=OPEN,
    owner="",
    owned_at=None,
    evidence={},
    diagnosis={},
    rungs=[],
    candidates=0,
    survivors=0,
    verdict={},
    proposed=None,
    repaired_by=None,
    seconds=0.0,
    cost_usd=Decimal(0),
    settled_at=None,
    fate=None,
    fate_reason="",
    fate_at=None,
    earlier=[],
)
FATES = [None, KEPT, REVERTED, REFUTED_BY_HELD_BACK, REFUTED_BY_PERSON]


def repaired(rung: str = SEARCH, seconds: float = 1.0, **more: Any) -> Defect:
    return replace(
        PLAIN, state=REPAIRED, verdict={"rung": rung}, seconds=seconds, **more
    )


def test_nothing_gives_no_rate_and_no_median() -> None:
    told = ledger([]).as_dict()
    assert (told["defects"], told["repairs"], told["spent_usd"]) == (0, 0, 0)
    for name in ("repair_rate", "false_fix_rate", "median_seconds", "median_usd"):
        assert told[name] is None


def test_only_settled_faults_of_a_module_count_for_the_repair_rate() -> None:
    states = [OPEN, REPAIRING, NOT_OURS, NOT_REPAIRED, WAITING]
    found = ledger([repaired(), *(replace(PLAIN, state=each) for each in states)])
    assert (found.total.defects, found.total.settled, found.total.repaired) == (6, 3, 1)
    assert found.total.repair_rate == pytest.approx(1 / 3)
    assert found.states == {REPAIRED: 1, **dict.fromkeys(states, 1)}


@given(st.lists(st.sampled_from(FATES), min_size=1, max_size=20))
def test_a_repair_is_false_whoever_found_it_out(fates: list[str | None]) -> None:
    found = ledger([repaired(fate=fate) for fate in fates]).total
    wrong = sum(fate not in (None, KEPT) for fate in fates)
    assert found.figures.false_fix_rate == wrong / len(fates)
    assert found.repaired == len(fates) - wrong


def test_a_repair_that_was_wrong_counts_after_the_defect_is_repaired_anew() -> None:
    past = {"rung": SEARCH, "seconds": 3.0, "cost_usd": "0.02", "fate": REVERTED}
    found = ledger([repaired(MODEL, 1.0, cost_usd=Decimal("0.05"), earlier=[past])])
    assert (found.total.repaired, found.total.figures.repairs) == (1, 2)
    assert found.total.figures.false_fix_rate == 0.5
    assert found.total.figures.median_seconds == 2.0
    assert found.total.figures.median_usd == Decimal("0.035")
    assert found.spent == Decimal("0.05"), "what a defect cost includes its first try"
    assert {rung: each.wrong for rung, each in found.by_rung.items()} == {
        SEARCH: 1,
        MODEL: 0,
    }


def test_rungs_stand_in_the_order_they_are_climbed() -> None:
    made = [repaired(rung) for rung in reversed(RUNGS)]
    assert tuple(ledger(made).by_rung) == RUNGS


def test_each_kind_of_failure_has_figures_of_its_own() -> None:
    found = ledger(
        [
            repaired(LAST_GOOD, 0.5),
            repaired(SEARCH, 1.5),
            replace(PLAIN, trigger="timeout", state=NOT_REPAIRED),
        ]
    ).by_failure
    assert found["exception"].figures.median_seconds == 1.0
    assert (found["exception"].repair_rate, found["timeout"].repair_rate) == (1.0, 0.0)


@given(st.lists(st.sampled_from([OPEN, REPAIRED, NOT_REPAIRED, NOT_OURS]), max_size=12))
def test_the_parts_add_up_to_the_whole(states: list[str]) -> None:
    defects = [
        replace(
            repaired(RUNGS[n % 3], seconds=float(n), cost_usd=Decimal(n)),
            state=state,
            trigger=("exception", "output")[n % 2],
        )
        for n, state in enumerate(states)
    ]
    found = ledger(defects)
    assert sum(each.defects for each in found.by_failure.values()) == len(states)
    assert sum(each.repairs for each in found.by_rung.values()) == states.count(
        REPAIRED
    )
    assert sum(found.states.values()) == len(states)
    assert found.spent == sum(map(spent_on, defects))
    assert sum(len(repairs(d)) for d in defects) == found.total.figures.repairs


def test_what_waits_for_a_person_is_told_whole() -> None:
    asked = {"body": "return {'b': a}\n", "spec_digest": "ab12", "rung": SEARCH}
    found = pending(replace(PLAIN, state=WAITING, proposed=asked))
    assert (found.module, found.version, found.defect) == ("desk.half", 1, 1)
    assert (found.body, found.spec_digest, found.rung) == tuple(asked.values())
    for nothing in (PLAIN, replace(PLAIN, state=REPAIRED, proposed=asked)):
        with pytest.raises(NotFound, match=nothing.state):
            pending(nothing)
