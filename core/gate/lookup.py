"""Answers remembered instead of computed: a body that asks which known case this is.

A body may compare an input with a constant: the spec says so, or the input has few
values. One that compares for equality with values only the known cases hold, case by
case, is a table of their answers. Tables that hide better fail on held-back cases.
"""

import ast
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from core.findings import Finding
from core.gate.compare import shortened
from core.gate.trial import Trial
from core.spec import Spec

# One may be chance, or a point that the request treats apart.
MOST_REMEMBERED = 1
_SMALL_DOMAIN = 64
_TELLING_TEXT = 4
_MOST = 0.6
_EQUALITY = (ast.Eq, ast.NotEq, ast.Is, ast.IsNot, ast.In, ast.NotIn)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")


class Known(NamedTuple):
    """Inputs and what they must give, as an example or a recording holds them."""

    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]


def lookup_findings(trial: Trial) -> Iterator[Finding]:
    """A refusal where the body remembers the results of known cases."""
    found = remembered(trial.spec, trial.body.text, known_of(trial))
    if len(found) > MOST_REMEMBERED:
        yield Finding(
            "examples",
            f"it compares its inputs with values of known cases ({_told(found)}) "
            "instead of computing the result",
            "write the rule that the cases follow, not their answers",
        )


def known_of(trial: Trial) -> list[Known]:
    """Every example and recording with outputs."""
    examples = [Known(one.inputs, one.out) for one in trial.contract.examples]
    lived = [Known(r.inputs, r.outputs) for r in trial.recordings if r.outputs]
    return [*examples, *lived]


def remembered(spec: Spec, body: str, known: Sequence[Known]) -> list[Any]:
    """The values of known inputs that the body tests for, case by case.

    Empty where other values it tests for outweigh them: then it is a rule.
    """
    source = f"def body():\n{_indented(body)}"
    asked = _telling(spec, asked_constants(source))
    if not asked:
        return []
    constants = keys(_constants(ast.parse(source)))
    wide = [name for name in spec.contract.parameters if not _small(spec, name)]
    found = recalled(asked, (_of_case(case, wide, constants, asked) for case in known))
    return found if len(found) >= _MOST * len(asked) else []


def recalled(asked: Mapping[str, Any], given: Iterable[Iterable[str]]) -> list[Any]:
    """Those of the values that a text tests for which known cases hold.

    `asked` as `asked_constants` gives them; `given` are the keys of each case's values.
    """
    taken = set(chain.from_iterable(given))
    return [value for key, value in asked.items() if key in taken]


def asked_constants(source: str, *, alone: bool = False) -> dict[str, Any]:
    """Constants that a text compares for equality with, or looks up by; by their keys.

    `alone` leaves out what is only part of a computation, as 7 and 3 in `x % 7 == 3`.
    What anybody would write, such as 0, 1 or "", is left out.
    """
    constants = _alone if alone else _constants
    sides = chain.from_iterable(map(_sides, ast.walk(ast.parse(source))))
    return {key_of(value): value for value in constants(*sides) if _distinctive(value)}


def _of_case(
    case: Known, wide: Sequence[str], constants: set[str], asked: Mapping[str, Any]
) -> Iterator[str]:
    """Keys of the values of one case that the body tests for.

    A value that others may share counts only if the body also holds the case's result.
    """
    given = keys(_leaves([case.inputs[n] for n in wide if n in case.inputs]))
    results = {key_of(v) for v in _leaves(case.outputs) if _distinctive(v)}
    answered = bool(results & constants)
    for key in given & asked.keys():
        if answered or _unmistakable(asked[key]):
            yield key


def _sides(node: ast.AST) -> list[ast.expr]:
    """What is compared for equality, or looked up by."""
    if isinstance(node, ast.Compare):
        return _compared(node)
    if isinstance(node, ast.Dict):
        return [key for key in node.keys if key is not None]
    return [node.value] if isinstance(node, ast.MatchValue) else []


def _compared(node: ast.Compare) -> list[ast.expr]:
    sides = [node.left, *node.comparators]
    if any(isinstance(op, _EQUALITY) for op in node.ops):
        return [*sides, *(part for side in sides for part in _parts(side))]
    # abs(x - 3.7) < 0.01 asks for 3.7
    near = [s for s in sides if isinstance(s, ast.Call) and _names(s) == "abs"]
    return [argument for call in near for argument in call.args]


def _parts(side: ast.expr) -> list[ast.expr]:
    """(a, b) == (1, 2) asks for 1 as well."""
    return side.elts if isinstance(side, ast.Tuple | ast.List | ast.Set) else []


def _alone(*nodes: ast.AST) -> Iterator[Any]:
    """The nodes that are a constant, or a display of constants, each as one value."""
    for node in nodes:
        if not isinstance(node, ast.expr):
            continue
        try:
            yield ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue


def _names(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _constants(*nodes: ast.AST) -> Iterator[Any]:
    """Every constant below some nodes, with its sign; lists of constants whole too."""
    for node in nodes:
        if isinstance(node, ast.Constant | ast.UnaryOp | ast.List | ast.Tuple):
            try:
                yield from _leaves(ast.literal_eval(node))
                continue
            except (ValueError, TypeError):
                pass
        yield from _constants(*ast.iter_child_nodes(node))


def _telling(spec: Spec, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The values that the spec does not say."""
    said = _said(spec)
    return {
        key: value
        for key, value in asked.items()
        if key not in said and not (isinstance(value, str) and value in spec.intent)
    }


def _distinctive(value: Any) -> bool:
    if isinstance(value, bool) or value is None:
        return False
    if isinstance(value, int | float):
        return math.isfinite(value) and (abs(value) > 2 or not _whole(value))
    return bool(value)


def _unmistakable(value: Any) -> bool:
    """Whether nobody tests for equality with such a value by chance."""
    if isinstance(value, str):
        return len(value) >= _TELLING_TEXT
    return not isinstance(value, int | float) or not _whole(value)


def _whole(value: float) -> bool:
    return isinstance(value, int) or value.is_integer()


@lru_cache(maxsize=256)
def _said(spec: Spec) -> frozenset[str]:
    """Keys of what the spec itself names: in its prose, its schemas and its rules."""
    contract = spec.contract
    schemas = [contract.input_schema(), contract.output_schema(), contract.fallback]
    rules = [*contract.assumes, *contract.invariants]
    text = " ".join([spec.intent, *rules, json.dumps(schemas, default=dict)])
    numbers = [float(found) for found in _NUMBER.findall(text)]
    # "5 %" is 0.05 in a body, and a ratio of 0.05 may be written as 5.
    scaled = [n * factor for n in numbers for factor in (1, -1, 0.01, -0.01, 100)]
    words = re.findall(r"[^\s\"',;:()\[\]{}]+", text)
    return frozenset(keys([*scaled, *words]))


def _small(spec: Spec, name: str) -> bool:
    """Whether an input has so few values that telling them apart is natural."""
    schema = spec.contract.parameter_schemas[name]
    if {"enum", "const"} & schema.keys() or schema.get("type") == "boolean":
        return True
    if schema.get("type") != "integer":
        return False
    low, high = schema.get("minimum"), schema.get("maximum")
    return low is not None and high is not None and high - low <= _SMALL_DOMAIN


def _leaves(value: Any) -> Iterator[Any]:
    """Every value inside, and every list whole."""
    if isinstance(value, Mapping):
        for part in value.values():
            yield from _leaves(part)
        return
    yield value
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part)


def keys(values: Iterable[Any]) -> set[str]:
    """The keys of some values."""
    return set(map(key_of, values))


def key_of(value: Any) -> str:
    """Equal for equal values: 3 and 3.0, (1, 2) and [1, 2]."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if _whole(value) else f"{value:.12g}"
    if isinstance(value, list | tuple):
        return repr([key_of(part) for part in value])
    return repr(value)


def _told(values: Sequence[Any]) -> str:
    return ", ".join(shortened(value, 30) for value in values[:3])


def _indented(body: str) -> str:
    return "".join(f"    {row}\n" for row in body.splitlines())
