"""Money: nothing is spent that was not reserved, and no limit is ever passed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.budget import (
    Budget,
    CataloguePrice,
    FlatPrice,
    Limits,
    MemoryLedger,
    Totals,
    check,
    most_tokens,
)
from core.errors import BudgetError

NOW = datetime(2026, 3, 31, 23, 30, tzinfo=UTC)
DOLLARS = st.decimals(0, 10, places=4)
CENT = Decimal("0.01")


def budget(ledger: MemoryLedger | None = None, **limits: str) -> Budget:
    wide = dict.fromkeys(("call", "request", "day", "month"), Decimal(1000))
    given_ = Limits(**(wide | {span: Decimal(v) for span, v in limits.items()}))
    return Budget(given_, ledger or MemoryLedger(), lambda: NOW)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), DOLLARS, DOLLARS, st.integers(0, 90))),
    st.builds(Limits, DOLLARS, DOLLARS, DOLLARS, DOLLARS),
)
def test_no_sequence_of_calls_passes_a_limit(
    calls: list[tuple[str, Decimal, Decimal, int]], limits: Limits
) -> None:
    ledger = MemoryLedger()
    for cycle, worst, share, hours in calls:
        at = NOW + timedelta(hours=hours)
        try:
            number = ledger.reserve(cycle, worst, limits, at)
        except BudgetError:
            continue
        ledger.settle(number, min(worst, share))
        totals = ledger.totals(cycle, at)
        assert worst <= limits.call
        assert totals.request <= limits.request
        assert totals.day <= limits.day
        assert totals.month <= limits.month


@given(DOLLARS, DOLLARS, DOLLARS)
def test_a_refused_amount_is_one_that_does_not_fit(
    used: Decimal, limit: Decimal, amount: Decimal
) -> None:
    limits = Limits(Decimal(1000), Decimal(1000), limit, Decimal(1000))
    if used + amount <= limit:
        check(limits, Totals(day=used), amount)
    else:
        with pytest.raises(BudgetError, match="for the day"):
            check(limits, Totals(day=used), amount)


@pytest.mark.parametrize("span", ["call", "request", "day", "month"])
def test_a_refusal_names_the_limit_and_its_setting(span: str) -> None:
    with (
        pytest.raises(BudgetError) as caught,
        budget(**{span: "0.01"}).reserved("c", Decimal("0.02")),
    ):
        pass
    assert f"for the {span}" in caught.value.message
    assert f"BUDGET_PER_{span.upper()}" in caught.value.remedy


def test_a_call_that_breaks_keeps_its_worst_case() -> None:
    ledger = MemoryLedger()
    with pytest.raises(ZeroDivisionError), budget(ledger).reserved("c", CENT):
        raise ZeroDivisionError
    assert ledger.totals("c", NOW).day == CENT


def test_a_settled_call_gives_back_what_it_did_not_use() -> None:
    ledger = MemoryLedger()
    with budget(ledger).reserved("c", CENT) as charge:
        assert ledger.totals("c", NOW).request == CENT
        charge.spent = Decimal("0.001")
    assert ledger.totals("c", NOW).request == Decimal("0.001")


def test_parallel_calls_share_one_pool() -> None:
    pool = budget(request="0.05")
    barrier = Barrier(12)

    def call(_: int) -> bool:
        barrier.wait()
        try:
            with pool.reserved("c", CENT):
                return True
        except BudgetError:
            return False

    with ThreadPoolExecutor(12) as threads:
        granted = list(threads.map(call, range(12)))
    assert granted.count(True) == 5


def test_days_and_months_begin_at_midnight_utc() -> None:
    ledger = MemoryLedger()
    limits = Limits(Decimal(1), Decimal(9), CENT, CENT)
    ledger.reserve("a", CENT, limits, NOW)
    with pytest.raises(BudgetError):
        ledger.reserve("b", CENT, limits, NOW + timedelta(minutes=29))
    ledger.reserve("b", CENT, limits, NOW + timedelta(minutes=30))


def test_an_unknown_price_is_refused_and_says_what_to_set() -> None:
    with pytest.raises(BudgetError) as caught:
        CataloguePrice("openai", "gpt-nobody-knows").cost(1, 1)
    assert "LLM_PRICE_INPUT" in caught.value.remedy


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "gpt-5"), ("anthropic", "claude-sonnet-5")]
)
def test_the_models_a_key_alone_chooses_have_a_price(provider: str, model: str) -> None:
    price = CataloguePrice(provider, model)
    assert Decimal(0) < price.cost(1000, 1000) < price.cost(2000, 8000) < Decimal(1)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_flat_price_never_rounds_down(tokens_in: int, tokens_out: int) -> None:
    price = FlatPrice(Decimal("1.25"), Decimal(10))
    exact = (tokens_in * Decimal("1.25") + tokens_out * 10) / 10**6
    assert exact <= price.cost(tokens_in, tokens_out) < exact + Decimal("0.000001")


@given(st.text(max_size=200))
def test_the_bound_on_tokens_is_never_below_the_bytes(text: str) -> None:
    assert most_tokens(text) > len(text.encode("utf-8", "surrogatepass"))
