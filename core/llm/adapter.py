"""What the adapters share: streaming under a deadline, and stepping down to what a server can.

A server that refuses structured output is asked again without it, with the schema in the
prompt instead; what it can is remembered for as long as the writer lives.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from types import ModuleType
from typing import Any, ClassVar, TypeVar

from core.llm import Answer, Exchange, OnText
from core.llm.faults import (
    LONGEST_ANSWER,
    EndpointError,
    Fault,
    Partial,
    cut_off,
    keeping,
    translated,
)
from core.llm.usage import is_plain_json, keep_usage

T = TypeVar("T")


class Shape(Enum):
    """How much of structured output a request asks for, most first."""

    SCHEMA = "the answer must satisfy a JSON Schema"
    JSON = "the answer must be JSON"
    PLAIN = "the schema stands in the prompt only"
    BARE = "as plain, without optional fields of the API"


# What both providers' strict modes accept; anything else is sent as a wish.
STRICT_WORDS = frozenset(
    [
        "type",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "enum",
        "const",
        "description",
        "anyOf",
        "title",
    ]
)


@dataclass
class StreamingWriter(ABC):
    """A writer over an HTTP API that streams. Subclasses speak one wire format each."""

    model: str
    api_key: str
    base_url: str = ""
    timeout: float = 120.0

    provider: ClassVar[str]
    shapes: ClassVar[tuple[Shape, ...]]

    def __post_init__(self) -> None:
        self._first_shape = 0

    @property
    def name(self) -> str:
        """As it stands in a module's header."""
        return f"{self.provider} {self.model}"

    def _connected(self, client: Callable[..., T]) -> T:
        """The SDK's client for this server; trying again is `core.llm.retry`'s work."""
        return client(
            api_key=self.api_key,
            base_url=self.base_url or None,
            timeout=self.timeout,
            max_retries=0,
        )

    @abstractmethod
    def _sdk(self) -> ModuleType:
        """The SDK, imported when it is first needed."""

    @abstractmethod
    def _ask(
        self, exchange: Exchange, shape: Shape, partial: Partial, sink: OnText
    ) -> str:
        """Stream one answer into the sink, its tokens into `partial`; why it stopped.

        Returns "" when the stream broke off before it said so.
        """

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """One call. Raises `EndpointError`; never retries what may be billed."""
        first = self._first_shape if exchange.schema else self.shapes.index(Shape.PLAIN)
        refusal: EndpointError | None = None
        for index in range(max(first, self._first_shape), len(self.shapes)):
            try:
                answer = self._once(exchange, self.shapes[index], on_text)
            except EndpointError as error:
                if not _steps_down(error):
                    raise
                refusal = refusal or error
            else:
                self._first_shape = index if refusal else self._first_shape
                return answer
        raise refusal or AssertionError("an adapter has at least one shape")

    def _once(self, exchange: Exchange, shape: Shape, on_text: OnText | None) -> Answer:
        partial = Partial()
        started = time.monotonic()
        with translated(self._sdk(), self.name, partial):
            stop = self._ask(exchange, shape, partial, keeping(partial, on_text))
        if not stop:
            raise _ended_early(self.name, partial)
        return Answer(
            text=partial.text,
            writer=self.name,
            means="model",
            input_tokens=partial.input_tokens,
            output_tokens=partial.output_tokens,
            seconds=time.monotonic() - started,
            stop=stop,
            billed=True,
        )

    def _until_deadline(self, events: Iterable[T], partial: Partial) -> Iterator[T]:
        """The events of a stream; one that drips for longer than the timeout is cut."""
        deadline = time.monotonic() + self.timeout
        for event in events:
            partial.started = True
            if time.monotonic() > deadline:
                message = f"{self.name} was still answering after {self.timeout:g} s"
                raise cut_off(message, partial)
            yield event

    def _streamed(self, stream: T, partial: Partial) -> T:
        """The stream itself; MALFORMED, with its usage, for an answer that is none."""
        response = getattr(stream, "response", None)
        if response is None or not is_plain_json(response.headers):
            return stream
        body = bytearray()
        for block in self._until_deadline(response.iter_bytes(), partial):
            body += block
            if len(body) > LONGEST_ANSWER:
                raise cut_off("the answer does not end", partial)
        keep_usage(bytes(body), partial)
        raise _no_stream(self.name, partial)


def _steps_down(error: EndpointError) -> bool:
    return error.fault is Fault.BAD_REQUEST and error.status in (400, 422)


def _ended_early(name: str, partial: Partial) -> EndpointError:
    if partial.started:
        return cut_off(f"{name} stopped in the middle of its answer", partial)
    return _no_stream(name, partial)


def _no_stream(name: str, partial: Partial) -> EndpointError:
    message = f"{name} sent no answer in the stream format of its API"
    return EndpointError(Fault.MALFORMED, message, partial=partial)


def is_strict(schema: Any) -> bool:
    """Whether a schema may be enforced: closed objects, all required, plain keywords."""
    if not isinstance(schema, Mapping) or not STRICT_WORDS.issuperset(schema):
        return False
    if schema.get("type") == "object" and not _is_closed(schema):
        return False
    parts = [*schema.get("properties", {}).values(), *schema.get("anyOf", ())]
    return all(
        is_strict(p)
        for p in [*parts, *([schema["items"]] if "items" in schema else [])]
    )


def _is_closed(schema: Mapping[str, Any]) -> bool:
    names = set(schema.get("properties", {}))
    closed = schema.get("additionalProperties") is False
    return bool(names) and closed and names == set(schema.get("required", ()))


def system_text(exchange: Exchange, *, enforced: bool) -> str:
    """The system prompt, with the schema in it where the API does not enforce it."""
    if exchange.schema is None or enforced:
        return exchange.system
    schema = json.dumps(exchange.schema, indent=1, ensure_ascii=False)
    rule = "Answer with one JSON value and nothing else. It satisfies this JSON Schema:"
    return f"{exchange.system}\n\n{rule}\n{schema}"
