"""The thought spool: every exchange with a writer as one row, whole, failures included."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from decimal import Decimal

    from core.errors import AszaError
    from core.llm import Answer, Exchange
    from core.store.thoughts import ThoughtRow


class Spool(Protocol):
    """Where thoughts are kept; `core.store.Thoughts` takes their secrets out."""

    def append(self, row: ThoughtRow, /) -> int:
        """Keep one exchange; its number."""
        ...


def answered(exchange: Exchange, answer: Answer) -> ThoughtRow:
    """An exchange that was answered."""
    from core.store.thoughts import ThoughtRow

    return ThoughtRow(
        cycle=exchange.cycle,
        step=exchange.step,
        attempt=exchange.attempt,
        role=exchange.role,
        writer=answer.writer,
        means=answer.means,
        system=whole_system(exchange),
        prompt=exchange.user,
        answer=answer.text,
        stop=answer.stop,
        input_tokens=answer.input_tokens,
        output_tokens=answer.output_tokens,
        cost_usd=answer.cost_usd,
        seconds=answer.seconds,
        request_hash=_hash(exchange),
    )


def failed(
    exchange: Exchange,
    writer: str,
    error: AszaError,
    *,
    partial: str,
    cost_usd: Decimal,
    seconds: float,
) -> ThoughtRow:
    """An exchange without a usable answer: what had arrived of it, and why it ended."""
    from core.store.thoughts import ThoughtRow

    return ThoughtRow(
        cycle=exchange.cycle,
        step=exchange.step,
        attempt=exchange.attempt,
        role=exchange.role,
        writer=writer,
        means="",
        system=whole_system(exchange),
        prompt=exchange.user,
        answer=partial,
        stop="failed",
        error=f"{type(error).__name__}: {error}",
        cost_usd=cost_usd,
        seconds=seconds,
        request_hash=_hash(exchange),
    )


def whole_system(exchange: Exchange) -> str:
    """The system prompt and, below it, the schema that went with it."""
    if exchange.schema is None:
        return exchange.system
    schema = json.dumps(exchange.schema, ensure_ascii=False)
    return f"{exchange.system}\n\nSchema of the answer: {schema}"


def _hash(exchange: Exchange) -> str:
    from core.llm.recorded import request_hash

    return request_hash(exchange)
