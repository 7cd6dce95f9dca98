"""A local model server: OpenAI (responses, chat completions) and Anthropic (messages).

Real HTTP on a free port of 127.0.0.1, streaming included. What it answers is a script, a
function from the request to a text or to a fault:

    with ModelEndpoint(lambda ask: "return {'leverage': 1.0}") as endpoint:
        ...  # OPENAI_BASE_URL=endpoint.openai_url, LLM_API_URL=endpoint.openai_url,
             # ANTHROPIC_BASE_URL=endpoint.anthropic_url
    assert endpoint.asked[0].user.startswith("Write the body")

A list of replies is used up in order; `by_content({...})` chooses by what a prompt says.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any


@dataclass(frozen=True)
class Ask:
    """One request as the server saw it: the wire (its path's last word), and its body."""

    wire: str
    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def model(self) -> str:
        return self.body["model"]

    @property
    def system(self) -> str:
        if self.wire == "completions":
            return self.body["messages"][0]["content"]
        return self.body.get("system") or self.body.get("instructions") or ""

    @property
    def user(self) -> str:
        if self.wire == "responses":
            return self.body["input"]
        return self.body["messages"][-1]["content"]

    @property
    def wants_json(self) -> bool:
        """Whether the request asks for structured output in its own format."""
        return any(
            self.body.get(key, {}).get("format") or self.body.get(key, {}).get("type")
            for key in ("text", "response_format", "output_config")
        )


@dataclass(frozen=True)
class Reply:
    """A text in the wire's own stream; `stop` is end, length or refusal.

    `cut` drops the connection after that many events (half a stream); with `quiet` the
    stream ends there as if it were whole, with `error` an error event of that code stands
    there ("!raw": something that is not JSON). `pause` waits before each event (seconds).
    """

    text: str
    stop: str = "end"
    cut: int | None = None
    error: str | None = None
    quiet: bool = False
    pause: float = 0.0
    count: bool = True


@dataclass(frozen=True)
class Fault:
    """An error answer: a status with the provider's own body, or raw text.

    `kind` is the content type it says it has.
    """

    status: int
    message: str = "scripted fault"
    code: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: str | None = None
    kind: str = "application/json"


@dataclass(frozen=True)
class Dropped:
    """The connection is closed without an answer; `after` seconds of silence first."""

    after: float = 0.0


Scripted = str | Reply | Fault | Dropped
Script = Callable[[Ask], Scripted] | Sequence[Scripted]


def by_content(answers: Mapping[str, Scripted]) -> Callable[[Ask], Scripted]:
    """A script that answers by the first key that stands in the prompt."""

    def script(ask: Ask) -> Scripted:
        for words, scripted in answers.items():
            if words in ask.user or words in ask.system:
                return scripted
        return Fault(400, f"nothing is scripted for: {ask.user[:200]}")

    return script


class ModelEndpoint:
    """The server as a context manager; `asked` are the requests it saw, in order."""

    def __init__(self, script: Script) -> None:
        self.asked: list[Ask] = []
        self._script = script
        self._lock = threading.Lock()
        self._server = _server_for(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def openai_url(self) -> str:
        return f"{self.url}/v1"

    @property
    def anthropic_url(self) -> str:
        return self.url

    def __enter__(self) -> ModelEndpoint:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def reply_to(self, ask: Ask) -> Scripted:
        with self._lock:
            self.asked.append(ask)
            if callable(self._script):
                return self._script(ask)
            return self._script[min(len(self.asked), len(self._script)) - 1]


def _server_for(endpoint: ModelEndpoint) -> ThreadingHTTPServer:
    class Handler(_Handler):
        scripted_by = endpoint

    return _Server(("127.0.0.1", 0), Handler)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is part of many a test; anything else is told."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scripted_by: ModelEndpoint

    def do_POST(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = json.loads(self.rfile.read(length))
        ask = Ask(self.path.rstrip("/").rpartition("/")[2], body, dict(self.headers))
        scripted = self.scripted_by.reply_to(ask)
        match scripted:
            case Fault():
                self._fault(ask, scripted)
            case Dropped():
                time.sleep(scripted.after)
                self.close_connection = True
            case str():
                self._stream(ask, Reply(scripted))
            case Reply():
                self._stream(ask, scripted)

    def _fault(self, ask: Ask, fault: Fault) -> None:
        text = fault.raw if fault.raw is not None else json.dumps(_error(ask, fault))
        self._head(fault.status, fault.kind, fault.headers)
        if text:
            self._chunk(text.encode())
        self._chunk(b"")

    def _stream(self, ask: Ask, reply: Reply) -> None:
        self._head(200, "text/event-stream", {})
        events = _EVENTS[ask.wire](ask, reply)
        try:
            for number, event in enumerate(events):
                if number == reply.cut:
                    return self._break(ask, reply)
                time.sleep(reply.pause)
                self._chunk(event.encode())
            self._chunk(b"")
        except (BrokenPipeError, ConnectionResetError):  # the client hung up
            self.close_connection = True

    def _break(self, ask: Ask, reply: Reply) -> None:
        if reply.error is not None:
            self._chunk(_stream_error(ask, reply.error).encode())
        if reply.error is not None or reply.quiet:
            self._chunk(b"")
        self.close_connection = True

    def _head(self, status: int, kind: str, headers: Mapping[str, str]) -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on stderr."""


def _error(ask: Ask, fault: Fault) -> dict[str, Any]:
    kind = fault.code or _KINDS.get(fault.status, "api_error")
    if ask.wire == "messages":
        return {"type": "error", "error": {"type": kind, "message": fault.message}}
    return {
        "error": {"message": fault.message, "type": kind, "code": fault.code or None}
    }


_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    429: "rate_limit_error",
    529: "overloaded_error",
}


def _stream_error(ask: Ask, code: str) -> str:
    if code == "!raw":
        return "event: message_delta\ndata: {broken\n\n"
    if ask.wire == "messages":
        error = {"type": "error", "error": {"type": code, "message": "in the stream"}}
        return _named("error", error)
    if ask.wire == "responses":
        return _named(
            "error", {"type": "error", "code": code, "message": "in the stream"}
        )
    return _data({"error": {"message": "in the stream", "type": code, "code": code}})


def _data(value: Any) -> str:
    return f"data: {json.dumps(value)}\n\n"


def _named(name: str, value: Mapping[str, Any]) -> str:
    return f"event: {name}\n{_data(value)}"


def _pieces(text: str) -> list[str]:
    return [text[i : i + 16] for i in range(0, len(text), 16)]


def tokens(text: str) -> int:
    """What the server counts: four characters a token."""
    return -(-len(text) // 4)


def _responses(ask: Ask, reply: Reply) -> Iterator[str]:
    usage = {
        "input_tokens": tokens(ask.system + ask.user),
        "output_tokens": tokens(reply.text),
        "total_tokens": tokens(ask.system + ask.user) + tokens(reply.text),
        "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
        "output_tokens_details": {"reasoning_tokens": 0},
    }
    base = {"id": "resp_1", "object": "response", "created_at": 0, "model": ask.model}
    opened = base | {"status": "in_progress", "output": []}
    yield _named("response.created", {"type": "response.created", "response": opened})
    refused = reply.stop == "refusal"
    kind = "response.refusal.delta" if refused else "response.output_text.delta"
    for piece in _pieces(reply.text):
        yield _named(kind, {"type": kind, "item_id": "msg_1", "delta": piece})
    whole = reply.stop != "length"
    final = base | {
        "status": "completed" if whole else "incomplete",
        "incomplete_details": None if whole else {"reason": "max_output_tokens"},
        "output": [],
        "usage": usage if reply.count else None,
    }
    name = f"response.{final['status']}"
    yield _named(name, {"type": name, "response": final})


def _completions(ask: Ask, reply: Reply) -> Iterator[str]:
    base = {
        "id": "c1",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": ask.model,
    }

    def chunk(delta: Mapping[str, Any], stop: str | None = None) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": stop}
        return _data(base | {"choices": [choice]})

    yield chunk({"role": "assistant", "content": ""})
    for piece in _pieces(reply.text):
        yield chunk({"content": piece})
    stops = {"end": "stop", "length": "length", "refusal": "content_filter"}
    yield chunk({}, stops[reply.stop])
    if reply.count and ask.body.get("stream_options", {}).get("include_usage"):
        used = (tokens(ask.system + ask.user), tokens(reply.text))
        yield _data(base | {"choices": [], "usage": _chat_usage(*used)})
    yield "data: [DONE]\n\n"


def _chat_usage(asked: int, answered: int) -> dict[str, int]:
    return {
        "prompt_tokens": asked,
        "completion_tokens": answered,
        "total_tokens": asked + answered,
    }


def _messages(ask: Ask, reply: Reply) -> Iterator[str]:
    usage = {"input_tokens": tokens(ask.system + ask.user), "output_tokens": 1}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": ask.model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": usage,
    }
    yield _named("message_start", {"type": "message_start", "message": message})
    block = {"type": "text", "text": ""}
    started = {"type": "content_block_start", "index": 0, "content_block": block}
    yield _named("content_block_start", started)
    for piece in _pieces(reply.text):
        delta = {"type": "text_delta", "text": piece}
        event = {"type": "content_block_delta", "index": 0, "delta": delta}
        yield _named("content_block_delta", event)
    yield _named("content_block_stop", {"type": "content_block_stop", "index": 0})
    stops = {"end": "end_turn", "length": "max_tokens", "refusal": "refusal"}
    ended = {"stop_reason": stops[reply.stop], "stop_sequence": None}
    counted = {"output_tokens": tokens(reply.text)}
    final = {"type": "message_delta", "delta": ended, "usage": counted}
    yield _named("message_delta", final)
    yield _named("message_stop", {"type": "message_stop"})


_EVENTS: Mapping[str, Callable[[Ask, Reply], Iterator[str]]] = {
    "responses": _responses,
    "completions": _completions,
    "messages": _messages,
}
