"""The few lines of Monty source around a body, and where its lines start."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from operator import methodcaller
from typing import Any

# Measured: a leaf (number, text, key) of converted inputs takes some 130 bytes in a
# worker; a body that copies its inputs needs as much again.
_BYTES_A_LEAF = 512
_MAX_ROWS = 512
MANY = "_asza_many"
_BODY = "_asza_body"
Row = Mapping[str, Any]
_values = methodcaller("values")
_SCALARS = frozenset({float, int, bool, type(None)})


def one_call(name: str, capabilities: Iterable[str]) -> str:
    """Call `name` on the mapping `_asza_row`, with the capabilities as keywords."""
    given = "".join(f", {ask}={ask}" for ask in capabilities)
    return f"{name}(**_asza_row{given})"


def watched_call(name: str, capabilities: Iterable[str], *, watch: bool) -> str:
    """One call that gives (did the inputs change, outputs)."""
    call = one_call(name, capabilities)
    if not watch:
        return f"(False, {call})"
    return (
        "_asza_before = repr(_asza_row)\n"
        f"_asza_outputs = {call}\n"
        "(repr(_asza_row) != _asza_before, _asza_outputs)"
    )


def many_calls(name: str, capabilities: Sequence[str], *, watch: bool) -> str:
    """A function of many rows: (outputs, {row: (error, message)}, changed rows).

    What went well comes back as plain outputs: nothing is converted for nothing.
    """
    begin = "\n        _asza_begin()" if capabilities else ""
    before = "\n        before = repr(_asza_row)" if watch else ""
    after = (
        "\n        if repr(_asza_row) != before:\n            changed.append(len(outputs) - 1)"
        if watch
        else ""
    )
    # Bound as a default: another body of this name may be defined in the session later.
    return f"""
def {MANY}(rows, {_BODY}={name}):{"" if begin or watch else _all_well(_BODY)}
    outputs, errors, changed = [], {{}}, []
    for _asza_row in rows:{begin}{before}
        try:
            outputs.append({one_call(_BODY, capabilities)})
        except Exception as error:
            errors[len(outputs)] = (type(error).__name__, str(error))
            outputs.append(None){after}
    return outputs, errors, changed
"""


def _all_well(name: str) -> str:
    """The rows at once, as where none raises; else they are run again one by one.

    Nothing but an impure body can tell, and purity watches for those.
    """
    return f"""
    try:
        return [{name}(**row) for row in rows], {{}}, []
    except Exception:
        pass"""


def body_start(source: str) -> int:
    """How many lines of `source` come before the body's first."""
    for number, row in enumerate(source.split("\n"), 1):
        if row.startswith("def "):
            return number
    return 0


def chunks(rows: Sequence[Row], memory: int) -> Iterator[Sequence[Row]]:
    """Rows in groups that surely fit in a worker's memory together."""
    room = memory // _BYTES_A_LEAF
    if _SCALARS.issuperset(map(type, chain.from_iterable(map(_values, rows)))):
        widest = max(map(len, rows), default=1)
        size = max(1, min(_MAX_ROWS, room // max(1, widest)))
        return (rows[n : n + size] for n in range(0, len(rows), size))
    return _by_size(rows, room)


def _by_size(rows: Sequence[Row], room: int) -> Iterator[Sequence[Row]]:
    chunk: list[Row] = []
    filled = 0
    for row in rows:
        size = leaves(row)
        if chunk and (filled + size > room or len(chunk) >= _MAX_ROWS):
            yield chunk
            chunk, filled = [], 0
        chunk.append(row)
        filled += size
    if chunk:
        yield chunk


def leaves(value: Any) -> int:
    """How many values there are in `value`, taking a list's first for all."""
    kind = type(value)
    if kind is float or kind is int:
        return 1
    if kind is dict:
        return 1 + sum(map(leaves, value.values()))
    if kind is list:
        return 1 + len(value) * (leaves(value[0]) if value else 0)
    return 1 + len(value) // 64 if kind is str else 1
