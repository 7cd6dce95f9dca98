"""Anthropic's models over the Messages API, by the official SDK."""

from __future__ import annotations

from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from core.llm import Exchange, OnText
from core.llm.adapter import Shape, StreamingWriter, is_strict, system_text
from core.llm.faults import Partial

if TYPE_CHECKING:
    import anthropic

_STOPS = {
    "end_turn": "end",
    "stop_sequence": "end",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}


class AnthropicWriter(StreamingWriter):
    """`anthropic:<model>` in `.env`."""

    provider: ClassVar[str] = "anthropic"
    shapes: ClassVar[tuple[Shape, ...]] = (Shape.SCHEMA, Shape.PLAIN)

    def _sdk(self) -> ModuleType:
        import anthropic

        return anthropic

    @cached_property
    def _client(self) -> anthropic.Anthropic:
        import anthropic

        return self._connected(anthropic.Anthropic)

    def _ask(
        self, exchange: Exchange, shape: Shape, partial: Partial, sink: OnText
    ) -> str:
        # The API takes closed schemas only; a plan's open ones stand in the prompt.
        enforced = shape is Shape.SCHEMA and is_strict(exchange.schema)
        events = self._client.messages.create(
            model=self.model,
            max_tokens=exchange.max_output_tokens,
            system=system_text(exchange, enforced=enforced),
            messages=[{"role": "user", "content": exchange.user}],
            stream=True,
            **(_output_config(exchange) if enforced else {}),
        )
        reason, ended = "", False
        for event in self._until_deadline(self._streamed(events, partial), partial):
            reason = _take(event, partial, sink) or reason
            ended = ended or event.type == "message_stop"
        return _STOPS.get(reason, "end") if ended else ""


def _output_config(exchange: Exchange) -> dict[str, Any]:
    schema = dict(exchange.schema or {})
    return {"output_config": {"format": {"type": "json_schema", "schema": schema}}}


def _take(event: Any, partial: Partial, sink: OnText) -> str:
    match event.type:
        case "message_start":
            _count(event.message.usage, partial)
        case "content_block_delta" if event.delta.type == "text_delta":
            sink(event.delta.text)
        case "message_delta":
            _count(event.usage, partial)
            return event.delta.stop_reason or ""
    return ""


def _count(usage: Any, partial: Partial) -> None:
    cached = (usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
    if usage.input_tokens is not None:
        partial.input_tokens = usage.input_tokens + sum(n or 0 for n in cached)
    partial.output_tokens = usage.output_tokens
