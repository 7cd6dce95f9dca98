"""One raw intent of a module: read whole, or refused by the field that is wrong."""

from decimal import Decimal
from typing import Any

import pytest

from trading.shell.law.proposals import Proposal, Refusal, from_module
from trading.shell.venue.orders import Kind, Purpose, Side

RAW = {
    "purpose": "entry",
    "side": "buy",
    "kind": "limit",
    "notional": 100.1,
    "price": 50,
    "leverage": 2.0,
}
ODD = [None, True, "1", [], {}, float("nan"), float("inf"), float("-inf"), -1.0]
HUGE = [1e300, 10**400, 5e-324, 0, 0.0]


def test_a_sound_intent_is_a_proposal_in_decimals() -> None:
    found = from_module(RAW)
    d = Decimal
    assert found == Proposal(
        Purpose.ENTRY, Side.BUY, Kind.LIMIT, d("100.1"), d(50), d("2.0")
    )


@pytest.mark.parametrize("field", ["notional", "price", "leverage"])
@pytest.mark.parametrize("value", [*ODD, *HUGE])
def test_a_number_that_is_none_is_refused_by_its_field(field: str, value: Any) -> None:
    found = from_module({**RAW, field: value})
    assert isinstance(found, Refusal)
    assert found.field == field
    assert len(str(found)) < 200


@pytest.mark.parametrize("field", ["purpose", "side", "kind"])
@pytest.mark.parametrize("value", [*ODD, "", "ENTRY", "flatten", "buy "])
def test_a_word_that_is_none_is_refused_by_its_field(field: str, value: Any) -> None:
    found = from_module({**RAW, field: value})
    assert isinstance(found, Refusal)
    assert found.field == field


@pytest.mark.parametrize("field", RAW)
def test_a_field_that_is_missing_is_refused(field: str) -> None:
    found = from_module({k: v for k, v in RAW.items() if k != field})
    assert isinstance(found, Refusal)
    assert (found.field, found.value) == (field, "missing")


@pytest.mark.parametrize("nothing", [None, 0, 0.0])
def test_what_an_order_does_not_need_may_be_nothing(nothing: Any) -> None:
    market = from_module({**RAW, "kind": "market", "price": nothing})
    assert isinstance(market, Proposal)
    assert market.price is None
    stop = {**RAW, "purpose": "stop", "kind": "stop"}
    found = from_module({**stop, "notional": nothing, "leverage": nothing})
    assert isinstance(found, Proposal)
    assert (found.notional, found.leverage) == (0, 1)


@pytest.mark.parametrize("leverage", [0.99, 1e-9])
def test_leverage_below_one_is_refused(leverage: float) -> None:
    assert isinstance(from_module({**RAW, "leverage": leverage}), Refusal)


@pytest.mark.parametrize("raw", [None, 3, "entry", [RAW], float("nan")])
def test_what_is_no_object_is_no_intent(raw: Any) -> None:
    assert isinstance(from_module(raw), Refusal)
