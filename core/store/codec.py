"""Values to JSON text and back, exactly; and text that Postgres accepts.

JSON has no NaN, Postgres' JSON no lone surrogate and its text no NUL, and a module that
failed may have been given or have produced any of them, or something that is no JSON at
all. Nothing is lost that can be kept: floats, true ints, text and order come back as they
were; what is no JSON comes back as `{"$repr": ...}`.
"""

import json
import math
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

LARGEST = 2_000_000  # characters of one value
MOST_BITS = 14_000  # of a whole number: Python refuses to print more than 4,300 digits


def encode(value: Any) -> str:
    """The JSON text of any value; it never raises."""
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
        if '"$' not in text and "\\u0000" not in text and "\\ud" not in text:
            return _bounded(text)
    except (TypeError, ValueError, RecursionError):
        pass  # the slow way below can say what is there
    try:
        return _bounded(json.dumps(_safe(value), separators=(",", ":")))
    except RecursionError:
        return json.dumps({"$repr": "a value nested too deeply"})


def decode(text: str) -> Any:
    """The value `encode` was given: tuples come back as lists."""
    if '"$' not in text:
        return json.loads(text)
    return json.loads(text, object_hook=_restored)


def loads(data: str | bytes) -> Any:
    """`decode` for psycopg's loader."""
    return decode(data if isinstance(data, str) else bytes(data).decode())


def plain(text: str) -> str:
    """Text that Postgres can store: NUL and lone surrogates shown as escapes."""
    whole = text.encode("utf-8", "backslashreplace").decode()
    return whole.replace("\x00", "\\x00")


_DESCRIBABLE = (bytes, complex, set, frozenset, Decimal, date, range)


def _safe(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else {"$float": repr(value)}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= MOST_BITS else {"$repr": _bits(value)}
    if isinstance(value, str):
        return value if plain(value) == value else {"$text": list(map(ord, value))}
    if isinstance(value, Mapping):
        return _safe_object(value)
    if isinstance(value, list | tuple):
        return [_safe(item) for item in value]
    return {"$repr": plain(_described(value))[:1000]}


def _safe_object(value: Mapping[Any, Any]) -> dict[str, Any]:
    """An object; as a list of pairs where a key could not be one, or would mislead."""
    if all(isinstance(k, str) and plain(k) == k and k[:1] != "$" for k in value):
        return {k: _safe(v) for k, v in value.items()}
    return {"$pairs": [[_safe(k), _safe(v)] for k, v in value.items()]}


def _bits(value: int) -> str:
    return f"int: a number of {value.bit_length()} bits"


def _described(value: Any) -> str:
    """A value JSON cannot hold; of a type we do not know, its name only: its own
    __repr__ might raise, and must not hide the failure that is being recorded."""
    kind = type(value).__name__
    return f"{kind}: {value!r}" if isinstance(value, _DESCRIBABLE) else kind


def _restored(pairs: dict[str, Any]) -> Any:
    if "$float" in pairs:
        return float(pairs["$float"])
    if "$text" in pairs:
        return "".join(map(chr, pairs["$text"]))
    return dict(pairs["$pairs"]) if "$pairs" in pairs else pairs


def _bounded(text: str) -> str:
    if len(text) <= LARGEST:
        return text
    return json.dumps({"$cut": text[:1000], "characters": len(text)})
