"""Values as text between the CPython worker and us: nothing in it can run code.

JSON, with a tag where JSON has no word: tuples, sets, bytes, complex numbers and dicts
(whose keys may be anything) stay apart. What cannot be carried comes back as `Opaque`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from json.encoder import encode_basestring_ascii
from typing import Any

quoted = encode_basestring_ascii  # ours, whatever becomes of the module `json`
MOST_ITEMS = 10_000  # of a generator, which may have no end
_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+").sub
_LONGEST_TEXT = 2_000


class Endless(BaseException):
    """What is given lazily goes on; nothing that is run catches it by chance."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """An object that text cannot carry: its type's name and its repr, no address."""

    type: str
    text: str

    def __repr__(self) -> str:
        return self.text


def encoded(value: Any) -> str:
    """A value as one line of ASCII; what it gives lazily is listed, or Endless raised."""
    plain = _PLAIN.get(type(value))
    if plain is not None:
        return plain(value)
    for kind, write in _KINDS:
        if isinstance(value, kind):
            return write(value)
    listed = getattr(value, "tolist", None)  # an array's or a number's of numpy
    return encoded(listed()) if callable(listed) else _opaque(value)


def decoded(text: str) -> Any:
    """The value of a line; ValueError for what `encoded` does not write."""
    try:
        return _value(json.loads(text))
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError(f"no value of ours: {error}") from error


def _tagged(tag: str, inner: str) -> str:
    return f'{{"t":"{tag}","v":{inner}}}'


def _items(values: Iterable[Any]) -> str:
    return f"[{','.join(map(encoded, values))}]"


def _dict(value: dict[Any, Any]) -> str:
    pairs = (f"[{encoded(key)},{encoded(each)}]" for key, each in value.items())
    return _tagged("dict", f"[{','.join(pairs)}]")


def _float(value: float) -> str:
    text = float.__repr__(value)
    return _NOT_FINITE.get(text, text)


def _listed(values: Iterable[Any]) -> str:
    first = list(islice(values, MOST_ITEMS + 1))
    if len(first) > MOST_ITEMS:
        raise Endless(f"it gives more than {MOST_ITEMS:,} items")
    return _items(first)


def _opaque(value: Any) -> str:
    name, text = type(value).__name__, _ADDRESS("", repr(value))
    return _tagged("object", f"[{quoted(name)},{quoted(text[:_LONGEST_TEXT])}]")


_NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}

_PLAIN: dict[type, Callable[[Any], str]] = {
    type(None): lambda _: "null",
    bool: lambda value: "true" if value else "false",
    int: int.__repr__,
    float: _float,
    str: quoted,
    list: _items,
    dict: _dict,
    tuple: lambda value: _tagged("tuple", _items(value)),
}
_VIEWS = tuple(map(type, ({}.keys(), {}.values(), {}.items())))
_KINDS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (str, lambda value: quoted(str.__str__(value))),
    (int, int.__repr__),
    (float, _float),
    (complex, lambda value: _tagged("complex", _items((value.real, value.imag)))),
    ((bytes, bytearray), lambda value: _tagged("bytes", quoted(value.hex()))),
    (set, lambda value: _tagged("set", _items(value))),
    (frozenset, lambda value: _tagged("frozenset", _items(value))),
    (tuple, lambda value: _tagged("tuple", _items(value))),
    (list, _items),
    (dict, _dict),
    ((Iterator, range, *_VIEWS), _listed),
)

_READ: dict[str, Callable[[Any], Any]] = {
    "dict": lambda inner: {_value(key): _value(each) for key, each in inner},
    "tuple": lambda inner: tuple(map(_value, inner)),
    "set": lambda inner: set(map(_value, inner)),
    "frozenset": lambda inner: frozenset(map(_value, inner)),
    "bytes": bytes.fromhex,
    "complex": lambda inner: complex(*map(_value, inner)),
    "object": lambda inner: Opaque(str(inner[0]), str(inner[1])),
}


def _value(found: Any) -> Any:
    if isinstance(found, list):
        return list(map(_value, found))
    if isinstance(found, dict):
        return _READ[found["t"]](found["v"])
    return found
