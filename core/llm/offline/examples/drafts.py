"""From examples to a spec draft: names, types, bounds with stated margins."""

import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core.contract import Contract, Example
from core.errors import RequestRefused
from core.llm.offline.search import rule_for
from core.llm.offline.search.domain import draw_rows, failing_row
from core.llm.offline.search.terms import freeze, same
from core.names import RESERVED_OUTPUTS, STATE_PREFIX, name_fault

WIDEST = 10**15
LEAST_MARGIN = 1000
MOST_TRIALS = 80
SETTLE_STEPS = 300_000

Draft = dict[str, Any]
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """One function as a request shows it: (arguments, result, as written) each."""

    name: str
    rows: tuple[tuple[tuple[tuple[str, Any], ...], Any, str], ...]
    prose: str
    parameters: tuple[str, ...] = ()


def module_name(written: str) -> str:
    """A name a spec may have, from the one the request uses."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", written)
    name = re.sub(r"_+", "_", spaced.lower()).strip("_") or "calculate"
    return name if not name_fault(name) else f"{name}_of"


def draft(shown: Shown, *, several: bool, settle: bool) -> Draft:
    """The spec draft of one function; RequestRefused when its examples contradict."""
    names = _parameter_names(shown)
    rows = [
        (_inputs(names, row), _outputs(shown, row[1], several)) for row in shown.rows
    ]
    _refuse_contradiction(shown, rows)
    columns = {name: [row[0][name] for row in rows] for name in names}
    results = {name: [row[1][name] for row in rows] for name in rows[0][1]}
    decimal = any("number" in _kinds(_flat(seen)) for seen in columns.values())
    unique = [
        row
        for n, row in enumerate(rows)
        if not any(_alike(row[0], other[0]) for other in rows[:n])
    ]
    found: Draft = {
        "name": shown.name,
        "role": "function",
        "inputs": {name: input_schema(name, seen) for name, seen in columns.items()},
        "outputs": {
            name: output_schema(name, seen, decimal=decimal)
            for name, seen in results.items()
        },
        "examples": [{"in": given, "out": out} for given, out in unique],
        "intent": shown.prose or _plain_intent(shown.name, names, rows[0][1]),
    }
    return settled(found) if settle else found


def _plain_intent(name: str, inputs: Sequence[str], outputs: Mapping[str, Any]) -> str:
    given, out = " and ".join(inputs), " and ".join(outputs)
    return f"Give the {out} of {name} for {given}, as the examples show."


def _parameter_names(shown: Shown) -> list[str]:
    first = shown.rows[0][0]
    given = [name for name, _ in first]
    if not all(given):
        stated = shown.parameters if len(shown.parameters) == len(first) else ()
        letters = stated or tuple("abcdefghijklmnopqrstuvwxyz"[: len(first)])
        given = [name or letters[place] for place, name in enumerate(given)]
    if len(first) > 26:
        raise RequestRefused(
            f"'{shown.rows[0][2]}' has {len(first)} inputs.",
            remedy="Give a list instead, as in f([1, 2, 3]) is 6.",
        )
    return [_own_name(name) for name in given]


def _own_name(name: str) -> str:
    plain = re.sub(r"_+", "_", name.lower()).strip("_")
    taken = plain in RESERVED_OUTPUTS or plain.startswith(STATE_PREFIX)
    return (
        f"{plain}_value" if taken or name_fault(plain) or plain == "result" else plain
    )


def _inputs(
    names: Sequence[str], row: tuple[tuple[tuple[str, Any], ...], Any, str]
) -> dict[str, Any]:
    given, _, written = row
    if len({name for name, _ in given if name}) < len([n for n, _ in given if n]):
        raise RequestRefused(
            f"'{written}' gives one input twice.", remedy="Give each input once."
        )
    free = [name for name in names if name not in {_own_name(n) for n, _ in given if n}]
    values: dict[str, Any] = {}
    for name, value in given:
        key = _own_name(name) if name else free.pop(0)
        if key not in names:
            raise RequestRefused(
                f"'{written}' has an input '{key}' that the first example has not.",
                remedy=f"Use the same inputs in every example: {', '.join(names)}.",
            )
        values[key] = value
    return {name: values[name] for name in names}


def _outputs(shown: Shown, result: Any, several: bool) -> dict[str, Any]:
    if isinstance(result, Mapping):
        return {_own_name(name): value for name, value in result.items()}
    named = re.search(
        r"\b(?:output|result)\s+(?:is\s+)?(?:called|named)\s+[`'\"]?([A-Za-z_]\w*)",
        shown.prose,
    )
    if named:
        return {_own_name(named[1]): result}
    return {f"{shown.name}_result" if several else "result": result}


def _refuse_contradiction(
    shown: Shown, rows: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]
) -> None:
    for (place, (given, out)), (other, (again, differs)) in itertools.combinations(
        enumerate(rows), 2
    ):
        if set(out) != set(differs):
            problem = "do not have the same outputs"
        elif _alike(given, again) and not _alike(out, differs):
            problem = "contradict each other"
        else:
            continue
        raise RequestRefused(
            f"'{shown.rows[place][2]}' and '{shown.rows[other][2]}' {problem}.",
            remedy="Correct one of the two examples.",
            field=shown.name,
        )


def _alike(left: Mapping[str, Any], right: Mapping[str, Any]) -> bool:
    """Equal values under equal names; True is not 1."""
    return all(same(freeze(left[name]), freeze(right[name])) for name in left)


def _kinds(values: Sequence[Any]) -> set[str]:
    words = {bool: "flag", int: "integer", float: "number", str: "text", list: "list"}
    return {words.get(type(value), "other") for value in values}


def _one_kind(name: str, values: Sequence[Any]) -> str:
    kinds = _kinds(values)
    if kinds <= {"integer", "number"}:
        return "number" if "number" in kinds else "integer"
    if len(kinds) == 1 and "other" not in kinds:
        return kinds.pop()
    shown = ", ".join(repr(value) for value in values[:4])
    raise RequestRefused(
        f"The values of '{name}' are not of one kind: {shown}.",
        remedy="Use numbers only, text only, true/false only, or flat lists of those.",
        field=name,
    )


def input_schema(name: str, values: Sequence[Any]) -> Schema:
    """What an input admits: what the examples show, and a stated margin around it."""
    kind = _one_kind(name, values)
    if kind == "flag":
        return {"type": "boolean"}
    if kind == "text":
        longest = max(map(len, values))
        most = max(100, 10 * longest)
        said = f"up to {longest} characters in the examples, {most} allowed"
        return {"type": "string", "maxLength": most, "description": said}
    if kind == "list":
        return _list_schema(name, values)
    bound = margin(values)
    low, high = min(values), max(values)
    said = f"{low:g} to {high:g} in the examples, {-bound} to {bound} allowed"
    return {"type": kind, "minimum": -bound, "maximum": bound, "description": said}


def margin(values: Sequence[float]) -> int:
    """Ten times the largest example, rounded up to a power of ten; at least 1000."""
    largest = max((abs(value) for value in values), default=0)
    power = 10 * 10 ** math.ceil(math.log10(max(1, largest)))
    return int(min(max(LEAST_MARGIN, power), WIDEST))


def _list_schema(name: str, values: Sequence[Sequence[Any]]) -> Schema:
    items = [item for value in values for item in value]
    inner = input_schema(name, items) if items else {"type": "integer"}
    if inner.get("type") == "array":
        raise RequestRefused(
            f"'{name}' is a list of lists.", remedy="Use flat lists.", field=name
        )
    inner.pop("description", None)
    longest = max(map(len, values))
    most = max(50, 10 * longest)
    said = f"up to {longest} items in the examples, {most} allowed"
    return {"type": "array", "items": inner, "maxItems": most, "description": said}


def _flat(values: Sequence[Any]) -> list[Any]:
    return [item for v in values for item in (v if isinstance(v, list) else [v])]


def output_schema(name: str, values: Sequence[Any], *, decimal: bool = False) -> Schema:
    """What an output may be: its kind, as wide as any rule could need.

    From `decimal` inputs a whole result is likely a decimal one seen at whole values.
    """
    kind = _one_kind(name, values)
    if kind in ("integer", "number"):
        kind = "number" if decimal else kind
        return {"type": kind, "minimum": -WIDEST, "maximum": WIDEST}
    if kind == "list":
        items = [item for value in values for item in value]
        inner = (
            output_schema(name, items, decimal=decimal) if items else {"type": "number"}
        )
        return {"type": "array", "items": inner, "maxItems": 1000}
    return (
        {"type": "boolean"}
        if kind == "flag"
        else {"type": "string", "maxLength": 10_000}
    )


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
