"""Any OpenAI-compatible server at LLM_API_URL: Ollama, vLLM, llama.cpp.

Chat completions, the one format all of them speak. What a server does not know (JSON
Schema, JSON mode, token counts in a stream) is left out when it says so.
"""

from __future__ import annotations

from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar

from core.llm import Exchange, OnText
from core.llm.adapter import Shape, StreamingWriter, system_text
from core.llm.faults import Partial

if TYPE_CHECKING:
    import openai

_STOPS = {"length": "length", "content_filter": "filter"}


class CompatibleWriter(StreamingWriter):
    """`url:<model>` in `.env`, with LLM_API_URL and, where it asks for one, LLM_API_KEY."""

    provider: ClassVar[str] = "url"
    shapes: ClassVar[tuple[Shape, ...]] = tuple(Shape)

    def _sdk(self) -> ModuleType:
        import openai

        return openai

    @cached_property
    def _client(self) -> openai.OpenAI:
        import openai

        return openai.OpenAI(
            api_key=self.api_key or "none",
            base_url=self.base_url,
            timeout=self.timeout,
            max_retries=0,
        )

    def _ask(
        self, exchange: Exchange, shape: Shape, partial: Partial, sink: OnText
    ) -> str:
        system = system_text(exchange, enforced=False)
        chunks = self._client.chat.completions.create(
            model=self.model,
            messages=[
                {"role": "system", "content": system},
                {"role": "user", "content": exchange.user},
            ],
            max_tokens=exchange.max_output_tokens,
            stream=True,
            **_extras(exchange, shape),
        )
        stops = {
            _take(chunk, partial, sink)
            for chunk in self._until_deadline(self._streamed(chunks, partial), partial)
        }
        return "".join(stops - {""})


def _extras(exchange: Exchange, shape: Shape) -> dict[str, Any]:
    if shape is Shape.BARE:
        return {}
    usage = {"stream_options": {"include_usage": True}}
    return usage | _response_format(exchange, shape)


def _response_format(exchange: Exchange, shape: Shape) -> dict[str, Any]:
    if shape is Shape.JSON:
        return {"response_format": {"type": "json_object"}}
    if shape is not Shape.SCHEMA or exchange.schema is None:
        return {}
    wanted = {"name": exchange.role, "schema": dict(exchange.schema)}
    return {"response_format": {"type": "json_schema", "json_schema": wanted}}


def _take(chunk: Any, partial: Partial, sink: OnText) -> str:
    if chunk.usage is not None:
        partial.input_tokens = chunk.usage.prompt_tokens
        partial.output_tokens = chunk.usage.completion_tokens
    if not chunk.choices:
        return ""
    choice = chunk.choices[0]
    if piece := choice.delta.content or choice.delta.refusal:
        sink(piece)
    return _STOPS.get(choice.finish_reason, "end") if choice.finish_reason else ""
