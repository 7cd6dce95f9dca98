"""What is measured: one scalar module and one series module, as a spec would give them."""

from core.body import function_source, parse_body
from core.gate import Certificate, run_gate
from core.llm import LibraryEntry
from core.sandbox import Sandbox
from core.spec import Spec, parse_spec
from core.vocabulary import Vocabulary, base_vocabulary

SCALAR_SPEC = """---
name: leverage_manager
role: function
inputs:
  confidence: {unit: ratio}
  volatility: {unit: ratio}
  max_leverage: {type: number, minimum: 1, maximum: 50}
outputs:
  leverage: {type: number, minimum: 1, maximum: 50}
examples:
  - {in: {confidence: 0.9, volatility: 0, max_leverage: 5}, out: {leverage: 4.2}}
fallback: {leverage: 1.0}
---
From 1 at confidence 0.5 rise linearly to max_leverage at confidence 1; divide the rise
by 1 + 10 × volatility. At confidence 0.5 or less, use 1.
"""
SCALAR_BODY = """if confidence <= 0.5:
    return {"leverage": 1.0}
raw = 1 + (confidence - 0.5) * 2 * (max_leverage - 1) / (1 + 10 * volatility)
return {"leverage": min(max_leverage, max(1.0, raw))}
"""
SERIES_SPEC = """---
name: running_high
role: function
series: true
inputs:
  values: {unit: numbers}
outputs:
  highs: {unit: numbers}
---
The highest value so far, for each place of the series.
"""
SERIES_BODY = """highs = []
for value in values:
    highs.append(max(value, highs[-1]) if highs else value)
return {"highs": highs}
"""
INPUTS = {"confidence": 0.9, "volatility": 0.1, "max_leverage": 5.0}


def spec(text: str, vocabulary: Vocabulary | None = None) -> Spec:
    """A spec from its text, in a stack called bench."""
    return parse_spec(text, stack="bench", vocabulary=vocabulary or base_vocabulary())


def source(of: Spec, body: str) -> str:
    """The whole function as both engines take it."""
    return function_source(of, parse_body(body))


def certified(of: Spec, body: str, sandbox: Sandbox) -> LibraryEntry:
    """The body with a certificate of its own; a refusal here is a broken benchmark."""
    proof: Certificate = run_gate(
        of, body, sandbox=sandbox, vocabulary=base_vocabulary()
    )
    if not proof.passed:
        failed = next(check for check in proof.checks if not check.passed)
        raise SystemExit(f"{of.id} does not pass: {failed.findings}")
    return LibraryEntry(of, parse_body(body).text, proof, of.id, 1)
