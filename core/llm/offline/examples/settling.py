"""Inputs narrowed as far as the rule behind their examples needs."""

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.contract import Contract, Example
from core.llm.offline.examples.schemas import Draft, Schema
from core.llm.offline.search import rule_for
from core.llm.offline.search.domain import draw_rows, failing_row

MOST_TRIALS = 80
SETTLE_STEPS = 300_000


def contract_of(found: Draft) -> Contract:
    """The contract of a draft whose schemas are plain."""
    return Contract(
        inputs=found["inputs"],
        outputs=found["outputs"],
        assumes=tuple(found.get("assumes", ())),
        examples=tuple(Example(e["in"], e["out"]) for e in found["examples"]),
    )


def settled(found: Draft) -> Draft:
    """The draft with inputs narrowed as far as the rule behind its examples needs."""
    contract = contract_of(found)
    prose = f"{found['name']}\n{found['intent']}"
    terms = rule_for(contract, prose, steps=SETTLE_STEPS)
    if terms is None or failing_row(contract, terms, draw_rows(contract)) is None:
        return found
    for change in itertools.islice(_changes(contract), MOST_TRIALS):
        narrower = replace(
            contract,
            inputs={**contract.inputs, **change.inputs},
            assumes=change.assumes,
        )
        rows = draw_rows(narrower)
        if len(rows) > 20 and failing_row(narrower, terms, rows) is None:
            return _narrowed(found, change)
    return found


def _narrowed(found: Draft, change: "Change") -> Draft:
    told = {name: _told(schema) for name, schema in change.inputs.items()}
    more = {"assumes": list(change.assumes)} if change.assumes else {}
    return {**found, "inputs": {**found["inputs"], **told}, **more}


def _told(schema: Schema) -> Schema:
    said = str(schema.get("description", "")).split(",")[0]
    if "minimum" in schema:
        said += f", {schema['minimum']:g} to {schema['maximum']:g} allowed by the rule"
    elif schema.get("minItems"):
        said += f", at least {schema['minItems']} needed by the rule"
    elif schema.get("minLength"):
        said += f", at least {schema['minLength']} needed by the rule"
    return {**schema, "description": said}


@dataclass(frozen=True, slots=True)
class Change:
    """Inputs to narrow, and assumptions to make."""

    inputs: Mapping[str, Schema]
    assumes: tuple[str, ...] = ()


def _changes(contract: Contract) -> Iterator[Change]:
    """One input at a time, then one assumption, then all alike, then pairs."""
    options = {name: list(_options(contract, name)) for name in contract.inputs}
    singles = [Change({n: s}) for n, found in options.items() for s in found]
    yield from singles
    yield from (Change({}, (rule,)) for rule in _rules(contract))
    for depth in range(max(map(len, options.values()), default=0)):
        yield Change(
            {
                n: found[min(depth, len(found) - 1)]
                for n, found in options.items()
                if found
            }
        )
    for first, second in itertools.combinations(singles, 2):
        if set(first.inputs) != set(second.inputs):
            yield Change({**first.inputs, **second.inputs})


def _options(contract: Contract, name: str) -> Iterator[Schema]:
    schema = dict(contract.inputs[name])
    values = [example.inputs[name] for example in contract.examples]
    if schema["type"] in ("integer", "number"):
        yield from _ranges(schema, values)
    elif schema["type"] in ("array", "string"):
        key = "minItems" if schema["type"] == "array" else "minLength"
        least = min(map(len, values))
        yield from (
            {**schema, key: size}
            for size in dict.fromkeys((1, least))
            if least >= size > 0
        )


def _ranges(schema: Schema, values: Sequence[float]) -> Iterator[Schema]:
    low, high = min(values), max(values)
    if low >= 0:
        yield {**schema, "minimum": 0}
    if low > 0:
        whole = schema["type"] == "integer"
        least = 1 if whole else min(0.01, 10.0 ** (math.floor(math.log10(low)) - 1))
        yield {**schema, "minimum": least}
    if low >= 0 and high <= 1:
        yield {**schema, "minimum": 0, "maximum": 1}
    if low >= 0:
        yield {**schema, "minimum": 0, "maximum": max(10, math.ceil(2 * high))}
    if low >= 0 and high < 1:
        yield {**schema, "minimum": 0, "maximum": 0.99}


def _rules(contract: Contract) -> Iterator[str]:
    """Assumptions about one or two inputs that every example keeps."""
    plain = [
        name
        for name, schema in contract.inputs.items()
        if schema["type"] in ("integer", "number")
    ]
    for name in plain:
        whole = contract.inputs[name]["type"] == "integer"
        if all(example.inputs[name] for example in contract.examples):
            yield f"{name} != 0" if whole else f"abs({name}) >= 0.01"
    for left, right in itertools.permutations(plain, 2):
        pairs = [(e.inputs[left], e.inputs[right]) for e in contract.examples]
        whole = {contract.inputs[n]["type"] for n in (left, right)} == {"integer"}
        if all(a >= b for a, b in pairs):
            yield f"{left} >= {right}"
        if all(a > b for a, b in pairs):
            yield f"{left} > {right}" if whole else f"{left} - {right} >= 0.01"
        if left < right and all(a != b for a, b in pairs):
            yield f"{left} != {right}" if whole else f"abs({left} - {right}) >= 0.01"
