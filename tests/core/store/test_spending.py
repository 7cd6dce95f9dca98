"""Money: parallel calls share one limit, and a crash never makes any reappear."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from core.budget import Ledger, Limits, MemoryLedger, Totals
from core.errors import BudgetError, NotFound
from core.store import BudgetLedger, Store
from tests.conftest import empty

NOW = datetime(2025, 3, 31, 23, 30, tzinfo=UTC)
LIMITS = Limits(Decimal(1), Decimal(3), Decimal(5), Decimal(8))
CENTS = st.integers(0, 120).map(lambda cents: Decimal(cents) / 100)
MOMENTS = st.sampled_from(
    [
        NOW,
        NOW + timedelta(minutes=29),
        NOW + timedelta(hours=1),
        NOW - timedelta(days=1),
    ]
)
CALLS = st.lists(st.tuples(st.sampled_from("ab"), CENTS, MOMENTS, CENTS), max_size=12)


@pytest.fixture
def ledger(store: Store) -> BudgetLedger:
    return BudgetLedger(store)


def test_a_reservation_counts_until_it_is_settled(ledger: BudgetLedger) -> None:
    number = ledger.reserve("ask-1", Decimal("0.9"), LIMITS, NOW)
    assert ledger.totals("ask-1", NOW) == Totals(*[Decimal("0.9")] * 3)
    ledger.settle(number, Decimal("0.1"))
    assert ledger.totals("ask-1", NOW).day == Decimal("0.1")


def test_what_is_never_settled_counts_whole(ledger: BudgetLedger) -> None:
    for _ in range(3):
        ledger.reserve("ask-1", Decimal(1), LIMITS, NOW)
    with pytest.raises(BudgetError) as caught:
        ledger.reserve("ask-1", Decimal("0.01"), LIMITS, NOW)
    assert caught.value.field == "budget.request"


def test_parallel_calls_share_one_limit(ledger: BudgetLedger) -> None:
    def reserve(number: int) -> bool:
        try:
            ledger.reserve(f"ask-{number}", Decimal(1), LIMITS, NOW)
        except BudgetError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(reserve, range(16)))
    assert sum(allowed) == 5
    assert ledger.totals("", NOW).day == 5


def test_the_day_and_the_month_end_in_utc(ledger: BudgetLedger) -> None:
    ledger.reserve("a", Decimal(1), LIMITS, NOW)
    next_day = NOW + timedelta(hours=1)
    assert ledger.totals("", next_day) == Totals()
    assert ledger.totals("", NOW - timedelta(days=30)).month == 1


@effort(max_examples=10)
@given(CALLS)
def test_the_ledger_agrees_with_the_one_in_memory(
    store: Store, calls: list[tuple[str, Decimal, datetime, Decimal]]
) -> None:
    empty(store)
    ours, reference = BudgetLedger(store), MemoryLedger()
    for cycle, worst, at, spent in calls:
        expected = reserved(reference, cycle, worst, at)
        number = reserved(ours, cycle, worst, at)
        assert isinstance(number, str) == isinstance(expected, str)
        if isinstance(number, int) and isinstance(expected, int) and spent <= worst:
            reference.settle(expected, spent)
            ours.settle(number, spent)
        assert ours.totals(cycle, at) == reference.totals(cycle, at)


def reserved(ledger: Ledger, cycle: str, worst: Decimal, at: datetime) -> int | str:
    """The reservation's number, or the limit that refused it."""
    try:
        return ledger.reserve(cycle, worst, LIMITS, at)
    except BudgetError as error:
        return error.field


def test_an_unknown_reservation_is_refused(ledger: BudgetLedger) -> None:
    with pytest.raises(NotFound):
        ledger.settle(99, Decimal(0))


def test_each_cycle_shows_what_it_cost(ledger: BudgetLedger) -> None:
    number = ledger.reserve("ask-1", Decimal(1), LIMITS, NOW)
    ledger.settle(number, Decimal("0.25"))
    ledger.reserve("ask-1", Decimal("0.5"), LIMITS, NOW)
    [row] = ledger.cycles()
    assert (row.calls, row.spent, row.reserved) == (2, Decimal("0.25"), Decimal("0.5"))
