"""Specs and bodies that the tests of bodies, sandbox and gate share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.spec import Spec, parse_spec
from core.vocabulary import base_vocabulary

VOCABULARY = base_vocabulary()

LEVERAGE = """---
name: leverage_manager
role: function
inputs:
  confidence:   {unit: ratio}
  volatility:   {unit: ratio, description: ATR / close}
  max_leverage: {type: number, minimum: 1, maximum: 50}
outputs:
  leverage:     {type: number, minimum: 1, maximum: 50, safer: lower}
invariants: ["leverage <= max_leverage", "confidence > 0.5 or leverage == 1"]
examples:
  - {in: {confidence: 0.9, volatility: 0, max_leverage: 5}, out: {leverage: 4.2}}
fallback: {leverage: 1.0}
---
From 1 at confidence 0.5 rise linearly to max_leverage at confidence 1.
"""
LEVERAGE_BODY = """if confidence <= 0.5:
    return {"leverage": 1.0}
raw = 1 + (confidence - 0.5) * 2 * (max_leverage - 1) / (1 + 10 * volatility)
return {"leverage": min(max_leverage, max(1.0, raw))}
"""

TREND = """---
name: trend
role: function
inputs:
  candles:
    type: array
    minItems: 1
    maxItems: 60
    items:
      type: object
      properties:
        close: {type: number, minimum: 1, maximum: 1000}
        volume: {type: number, minimum: 0, maximum: 1000}
outputs:
  up: {unit: flag}
  mean: {unit: number}
---
Is the last close above the mean of closes?
"""
TREND_BODY = """closes = [candle["close"] for candle in candles]
mean = sum(closes) / len(closes)
return {"up": closes[-1] > mean, "mean": mean}
"""

SMOOTH = """---
name: smooth
role: function
series: true
inputs:
  values: {unit: numbers}
outputs:
  smoothed: {unit: numbers}
---
An exponential mean of the values up to each.
"""
SMOOTH_BODY = """out = []
for value in values:
    out.append(value if not out else out[-1] + 0.2 * (value - out[-1]))
return {"smoothed": out}
"""

ASK = """---
name: asker
role: function
inputs:
  x: {unit: ratio}
capabilities: [ask_model]
outputs:
  verdict: {unit: text}
---
Ask whether x is good; unknown when there is no answer.
"""
ASK_BODY = """answer = ask_model(question=f"is {x:.2f} good?")
return {"verdict": "unknown" if answer is None else answer}
"""

JUDGE = """---
name: judge
role: function
inputs:
  x: {unit: ratio}
  name: {type: string, maxLength: 20}
  rows:
    type: array
    maxItems: 5
    items: {type: object, properties: {close: {unit: ratio}}}
outputs:
  out: {unit: number}
---
Whatever a hostile writer makes of it.
"""

COUNTER = """---
name: counter
role: function
inputs:
  step: {type: integer, minimum: 0, maximum: 5}
state:
  total: {type: integer, minimum: 0, maximum: 1000000, initial: 0}
outputs:
  big: {unit: flag}
---
Count the steps.
"""


def read(text: str) -> Spec:
    return parse_spec(text, stack="t", vocabulary=VOCABULARY)


@dataclass(frozen=True)
class Lived:
    """A recording, as the store would give it."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None
    approved: bool = False
    calls: Sequence[Any] = ()
    outcome: str = "ok"
