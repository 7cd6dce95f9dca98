"""Reuse before writing: an existing module that already does what a spec asks.

Taken are only pure modules with the same names at their door, for which the spec's own
examples hold when run in the sandbox. The gate judges the body again for the new spec.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from difflib import SequenceMatcher
from functools import partial
from typing import Any

from core.body import function_source
from core.contract import Contract
from core.errors import AszaError
from core.llm import LibraryEntry
from core.llm.offline.values import same_values
from core.sandbox import Sandbox
from core.spec import Spec, normalised_intent

ENOUGH = 5
BY_EXAMPLES = "as the examples show"
ALIKE = 0.9

Holds = Callable[[Spec, LibraryEntry], bool]


def match(
    spec: Spec,
    library: Sequence[LibraryEntry],
    *,
    sandbox: Sandbox | None = None,
) -> LibraryEntry | None:
    """The first entry that may stand in for a body of `spec`, or None.

    In order: the same contract and normalised intent; five or more examples of the
    spec's own that all hold; a nearly equal intent with the same numbers in it.
    """
    fitting = [entry for entry in library if _fits(spec, entry)]
    if not fitting:
        return None
    if sandbox is not None:
        return _chosen(spec, fitting, partial(examples_hold, sandbox))
    with Sandbox(processes=1) as own:
        return _chosen(spec, fitting, partial(examples_hold, own))


def _chosen(
    spec: Spec, fitting: Sequence[LibraryEntry], holds: Holds
) -> LibraryEntry | None:
    shown = len(spec.contract.examples)
    likeness = partial(_likeness, spec)
    ranked = sorted(fitting, key=likeness, reverse=True)
    for entry in ranked:
        told = says_the_same(spec, entry.spec)
        proven = shown >= ENOUGH
        close = shown and likeness(entry) >= ALIKE and _numbers(spec, entry)
        if (told or proven or close) and holds(spec, entry):
            return entry
    return None


def says_the_same(spec: Spec, other: Spec) -> bool:
    """Same contract, examples and descriptions aside, and same normalised intent.

    An intent that points to its examples says nothing without them: two functions of
    two numbers, shown by different examples, are two functions.
    """
    intents = normalised_intent(spec.intent), normalised_intent(other.intent)
    if intents[0] != intents[1] or _law(spec.contract) != _law(other.contract):
        return False
    return BY_EXAMPLES not in spec.intent or _shown(spec) == _shown(other)


def _shown(spec: Spec) -> set[str]:
    """The examples as comparable texts."""
    return {
        json.dumps([dict(each.inputs), dict(each.out)], sort_keys=True)
        for each in spec.contract.examples
    }


def _law(contract: Contract) -> dict[str, Any]:
    """What a contract demands, without examples, fallback and words."""
    plain = contract.as_dict()
    return {
        key: _bare(plain[key])
        for key in ("input", "output", "assumes", "invariants", "state", "series")
    }


def _bare(value: Any) -> Any:
    if isinstance(value, Mapping):
        kept = (k for k in value if k not in ("description", "x-unit", "$schema"))
        return {key: _bare(value[key]) for key in kept}
    return [_bare(part) for part in value] if isinstance(value, list) else value


def _fits(spec: Spec, entry: LibraryEntry) -> bool:
    """The same names and types at the door, and nothing but a pure function."""
    asked, has = spec.contract, entry.spec.contract
    if asked.capabilities or has.capabilities or not entry.body:
        return False
    if dict(asked.initial_state()) != dict(has.initial_state()):
        return False
    return _types(asked.parameter_schemas) == _types(has.parameter_schemas) and (
        _types(asked.result_schemas) == _types(has.result_schemas)
    )


def _types(schemas: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: _type(schema) for name, schema in schemas.items()}


def _type(schema: Mapping[str, Any]) -> Any:
    """A schema's types alone; whole numbers and decimals count as one."""
    if schema.get("type") == "array":
        return ["array", _type(schema.get("items", {}))]
    if schema.get("type") == "object":
        return _types(schema.get("properties", {}))
    return "number" if schema.get("type") == "integer" else schema.get("type")


def _likeness(spec: Spec, entry: LibraryEntry) -> float:
    intents = normalised_intent(spec.intent), normalised_intent(entry.spec.intent)
    return SequenceMatcher(None, *intents, autojunk=False).ratio()


def _numbers(spec: Spec, entry: LibraryEntry) -> bool:
    """Texts that differ in a number ask for different things, however alike."""
    mine, theirs = (
        re.findall(r"\d+(?:\.\d+)?", text) for text in (spec.intent, entry.spec.intent)
    )
    return mine == theirs


def examples_hold(sandbox: Sandbox, spec: Spec, entry: LibraryEntry) -> bool:
    """True when the entry's body gives every example of `spec`, in the sandbox."""
    examples = spec.contract.examples
    if not examples:
        return True
    try:
        source = function_source(spec, entry.body)
    except AszaError:
        return False
    rows = [dict(example.inputs) for example in examples]
    outcomes = sandbox.batch(source, spec.name, rows)
    return all(
        outcome.ok and _gives(outcome.outputs, example.out)
        for outcome, example in zip(outcomes, examples, strict=True)
    )


def _gives(given: Any, wanted: Mapping[str, Any]) -> bool:
    return isinstance(given, Mapping) and same_values(given, wanted)
