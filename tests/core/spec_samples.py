"""A stack's vocabulary and specs that the tests of specs and contracts share."""

from dataclasses import replace
from typing import Any

from core.contract import Contract
from core.spec import Spec, parse_spec
from core.vocabulary import (
    Catalogue,
    Role,
    StartingValue,
    Unit,
    Vocabulary,
    base_vocabulary,
)

PRICE = {"type": "number", "exclusiveMinimum": 0, "maximum": 1e7}


def desk_vocabulary() -> Vocabulary:
    """The base vocabulary with what a desk would add."""
    base = base_vocabulary()
    size = Role(
        "size", "run", "how much", {"notional": "number"}, {"notional": "lower"}
    )
    price = Unit("price", PRICE, "a price")
    prices = Unit(
        "prices", {"type": "array", "items": PRICE, "maxItems": 400}, "prices"
    )
    ema = StartingValue(
        "ema_{n}",
        "price",
        "exponential average of n closes",
        ranges={"n": (2, 400)},
        warm_up_of=lambda values: values["n"] * 3,
    )
    return replace(
        base,
        units={**base.units, "price": price, "prices": prices},
        roles={**base.roles, "risk": Role("risk", "run", "limits risk"), "size": size},
        starting=Catalogue((StartingValue("close", "price", "the last close"), ema)),
    )


DESK = desk_vocabulary()

LEVERAGE = """\
---
name: leverage_manager
role: risk                        # a role that the stack declares
inputs:
  confidence:   {unit: ratio}
  volatility:   {unit: ratio, description: ATR / close}
  max_leverage: {type: number, minimum: 1, maximum: 50}
outputs:
  leverage:     {type: number, minimum: 1, maximum: 50, safer: lower}
assumes: []
invariants: ["leverage <= max_leverage", "confidence > 0.5 or leverage == 1"]
examples:
  - {in: {confidence: 0.9, volatility: 0, max_leverage: 5}, out: {leverage: 4.2}}
capabilities: []
state: {}
fallback: {leverage: 1.0}
---
From 1 at confidence 0.5 rise linearly to max_leverage at confidence 1; divide the rise by
1 + 10 × volatility. At confidence 0.5 or less, use 1.
"""


def read(text: str, **rest: Any) -> Spec:
    """The spec in `text`, in the stack `desk`."""
    return parse_spec(text, stack="desk", vocabulary=DESK, **rest)


def leverage() -> Spec:
    """The spec of the design's example."""
    return read(LEVERAGE)


def draft(**changes: Any) -> dict[str, Any]:
    """A small valid draft with some keys changed; None takes a key away."""
    whole = {
        "name": "adder",
        "role": "function",
        "inputs": {"a": {"unit": "ratio"}, "b": {"unit": "ratio"}},
        "outputs": {"total": {"type": "number", "minimum": 0, "maximum": 2}},
        "intent": "Add a and b.",
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def contract_of(**changes: Any) -> Contract:
    """The contract of `draft(**changes)`."""
    from core.spec import spec_from_draft

    spec = spec_from_draft(draft(**changes), stack="desk", vocabulary=DESK)
    return spec.contract
