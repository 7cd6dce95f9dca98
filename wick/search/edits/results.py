"""What a module may return early: whole results, of the shape its spec asks for."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

PLAIN = ("0.0", "1.0", "False", "True", "0", "1", "''", "None", "[]", "-1.0")
_PLAIN_VALUES: tuple[Any, ...] = (0, 1, False, True, "", None, -1)
_MOST = 24


def results(
    function: ast.FunctionDef, names: Sequence[str], expected: Sequence[Any]
) -> tuple[str, ...]:
    """Dicts with these names, as Python writes them, the likeliest first.

    `expected` are what the known cases want. What only one of them wants is left out,
    unless it is plain: a result that is copied from a case is no rule.
    """
    if not names:
        return ()
    found = [*_wanted(names, expected), *_returned(function, names), *_plain(names)]
    return tuple(dict.fromkeys(found))[:_MOST]


def _wanted(names: Sequence[str], expected: Sequence[Any]) -> Iterator[str]:
    whole = [one for one in expected if isinstance(one, Mapping)]
    counted = Counter(
        repr({name: one[name] for name in names})
        for one in whole
        if all(name in one for name in names)
    )
    plain = {
        repr({name: one[name] for name in names})
        for one in whole
        if all(_is_plain(one.get(name)) for name in names)
    }
    for text, count in counted.most_common():
        if count > 1 or text in plain:
            yield text


def _is_plain(value: Any) -> bool:
    return any(value == plain for plain in _PLAIN_VALUES)


def _returned(function: ast.FunctionDef, names: Sequence[str]) -> Iterator[str]:
    """What it returns elsewhere, with one value made plain or an input's."""
    given = [one.arg for one in function.args.args]
    for node in ast.walk(function):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
            parts = _parts(node.value)
            if len(names) > 1 and set(parts) == set(names):
                yield _text(parts)
                for name in names:
                    for other in (*PLAIN[:4], *given):
                        yield _text({**parts, name: other})


def _parts(node: ast.Dict) -> dict[str, str]:
    return {
        key.value: ast.unparse(value)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }


def _plain(names: Sequence[str]) -> Iterator[str]:
    for value in PLAIN:
        yield _text(dict.fromkeys(names, value))


def _text(parts: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"{name!r}: {value}" for name, value in parts.items()) + "}"
