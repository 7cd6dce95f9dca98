"""OpenAI's models over the Responses API, by the official SDK."""

from __future__ import annotations

from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from core.llm import Exchange, OnText
from core.llm.adapter import Shape, StreamingWriter, is_strict, system_text
from core.llm.faults import EndpointError, Partial, fault_of

if TYPE_CHECKING:
    import openai

_STOPS = {"max_output_tokens": "length", "content_filter": "filter"}


class OpenAIWriter(StreamingWriter):
    """`openai:<model>` in `.env`. The answer is not kept at the provider (`store`)."""

    provider: ClassVar[str] = "openai"
    shapes: ClassVar[tuple[Shape, ...]] = (Shape.SCHEMA, Shape.JSON, Shape.PLAIN)

    def _sdk(self) -> ModuleType:
        import openai

        return openai

    @cached_property
    def _client(self) -> openai.OpenAI:
        import openai

        return self._connected(openai.OpenAI)

    def _ask(
        self, exchange: Exchange, shape: Shape, partial: Partial, sink: OnText
    ) -> str:
        events = self._client.responses.create(
            model=self.model,
            instructions=system_text(exchange, enforced=shape is Shape.SCHEMA),
            input=exchange.user,
            max_output_tokens=exchange.max_output_tokens,
            store=False,
            stream=True,
            **_text_format(exchange, shape),
        )
        stops = {
            self._take(event, partial, sink)
            for event in self._until_deadline(self._streamed(events, partial), partial)
        }
        finished = stops - {"", "refusal"}
        return "refusal" if finished and "refusal" in stops else "".join(finished)

    def _take(self, event: Any, partial: Partial, sink: OnText) -> str:
        match event.type:
            case "response.output_text.delta":
                sink(event.delta)
            case "response.refusal.delta":
                sink(event.delta)
                return "refusal"
            case "response.completed" | "response.incomplete":
                return _finish(event.response, partial)
            case "response.failed" | "error":
                raise self._failed(event, partial)
        return ""

    def _failed(self, event: Any, partial: Partial) -> EndpointError:
        problem = event.response.error if event.type == "response.failed" else event
        code, message = problem.code or "", problem.message
        text = f"{self.name} failed while answering: {message}"
        return EndpointError(fault_of(None, (code,)), text, partial=partial)


def _text_format(exchange: Exchange, shape: Shape) -> dict[str, Any]:
    if shape is Shape.JSON:
        return {"text": {"format": {"type": "json_object"}}}
    if shape is not Shape.SCHEMA or exchange.schema is None:
        return {}
    wanted = {
        "type": "json_schema",
        "name": exchange.role,
        "schema": dict(exchange.schema),
        "strict": is_strict(exchange.schema),
    }
    return {"text": {"format": wanted}}


def _finish(response: Any, partial: Partial) -> str:
    if response.usage is not None:
        partial.input_tokens = response.usage.input_tokens
        partial.output_tokens = response.usage.output_tokens
    if response.status == "completed":
        return "end"
    reason = response.incomplete_details and response.incomplete_details.reason
    return _STOPS.get(reason or "", "length")
