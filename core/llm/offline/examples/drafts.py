"""From examples to a spec draft: names, types, bounds with stated margins."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import RequestRefused
from core.llm.offline.examples.schemas import (
    Draft,
    flat,
    input_schema,
    kinds_of,
    output_schema,
)
from core.llm.offline.examples.settling import settled
from core.llm.offline.values import same_values
from core.names import RESERVED_OUTPUTS, STATE_PREFIX, name_fault


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
    decimal = any("number" in kinds_of(flat(seen)) for seen in columns.values())
    unique = [
        row
        for n, row in enumerate(rows)
        if not any(same_values(row[0], other[0]) for other in rows[:n])
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
        elif same_values(given, again) and not same_values(out, differs):
            problem = "contradict each other"
        else:
            continue
        raise RequestRefused(
            f"'{shown.rows[place][2]}' and '{shown.rows[other][2]}' {problem}.",
            remedy="Correct one of the two examples.",
            field=shown.name,
        )
