"""The token counts in an answer that came whole where a stream was due.

It is of no use, but it is billed, and it says for how much: the three wire formats keep
that in one place and under two pairs of names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from core.llm.faults import Partial

_INPUT = (
    "input_tokens",
    "prompt_tokens",
    "cache_creation_input_tokens",
    "cache_read_input_tokens",
)
_OUTPUT = ("output_tokens", "completion_tokens")


def is_plain_json(headers: Mapping[str, str]) -> bool:
    """Whether an answer says that it is one JSON document, not a stream of events."""
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json"


def keep_usage(body: bytes, partial: Partial) -> None:
    """Put the counts in `body` into `partial`; where there are none, it stays as it is."""
    usage = _usage(body)
    asked, answered = _sum(usage, _INPUT), _sum(usage, _OUTPUT)
    if asked > 0 and answered > 0:
        partial.input_tokens, partial.output_tokens = asked, answered
        partial.counted = True


def _usage(body: bytes) -> Mapping[str, Any]:
    try:
        whole = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    usage = whole.get("usage") if isinstance(whole, dict) else None
    return usage if isinstance(usage, dict) else {}


def _sum(usage: Mapping[str, Any], names: tuple[str, ...]) -> int:
    counts = (usage.get(name) for name in names)
    return sum(n for n in counts if type(n) is int and n > 0)
