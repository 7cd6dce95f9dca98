"""A quick test of short lists: of scalars, or of rows whose fields are scalars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Schema = Mapping[str, Any]
Test = Callable[[Schema, str], str]

_SHORT = 32  # the contract's own door is as quick for a longer one
_KEYS = {"type", "items", "minItems", "maxItems"}
_ROW = {"type", "properties", "required", "additionalProperties"}


def list_source(law: Schema, test: Test) -> str:
    """Source of `fits(v)`, true of plainly valid short lists only; "" if there is none.

    `test` gives the source of a scalar's test, "" for a schema without one.
    """
    items = law.get("items")
    if not set(law) <= _KEYS or not isinstance(items, Mapping):
        return ""
    if items.get("type") in ("array", None):
        return ""
    lines = (
        _row_lines(items, test) if items["type"] == "object" else _lines(items, test)
    )
    if not lines:
        return ""
    most = min(law.get("maxItems", _SHORT), _SHORT)
    size = f"{law.get('minItems', 0)} <= len(v) <= {most}"
    body = "".join(f"            {line}\n" for line in lines)
    return (
        f"def fits(v):\n    if type(v) is not list or not {size}: return False\n"
        f"    try:\n        for e in v:\n{body}"
        "    except KeyError: return False\n    return True"
    )


def _lines(items: Schema, test: Test) -> list[str]:
    found = test(items, "e")
    return [f"if not {found}: return False"] if found else []


def _row_lines(items: Schema, test: Test) -> list[str]:
    fields = items.get("properties", {})
    closed = items.get("additionalProperties") is False
    if not set(items) <= _ROW or not closed or not fields:
        return []
    if set(items.get("required", ())) != set(fields):
        return []
    if any(part.get("type") in ("array", "object", None) for part in fields.values()):
        return []
    tests = [test(part, f"p{n}") for n, part in enumerate(fields.values())]
    if not all(tests):
        return []
    taken = "; ".join(f"p{n} = e[{name!r}]" for n, name in enumerate(fields))
    return [
        f"if type(e) is not dict or len(e) != {len(fields)}: return False",
        taken,
        f"if not ({' and '.join(tests)}): return False",
    ]
