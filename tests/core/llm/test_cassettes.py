"""The exact bytes on the wire, held by vcr cassettes: the SDKs may not change them unseen.

The cassettes were recorded against tests/model_endpoint.py. To record them again after a
change of an SDK or a prompt, delete them and run with ASZA_RECORD=1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import vcr

from core.llm import Exchange
from core.llm.adapter import StreamingWriter
from core.llm.anthropic import AnthropicWriter
from core.llm.compatible import CompatibleWriter
from core.llm.faults import EndpointError
from core.llm.faults import Fault as Kind
from core.llm.openai import OpenAIWriter
from tests.model_endpoint import Fault, ModelEndpoint, Scripted

FOLDER = Path(__file__).parent / "cassettes"
RECORDING = bool(os.environ.get("ASZA_RECORD"))
SECRET = "sk-recorded-key-0123456789"
ASKED = Exchange(
    "writer",
    "You write bodies.",
    "Write the body of `one`: always 1.",
    {
        "type": "object",
        "properties": {"body": {"type": "string"}},
        "required": ["body"],
        "additionalProperties": False,
    },
    max_output_tokens=500,
)
TEXT = '{"body": "return {\\"one\\": 1}"}'
REPLAYED = "http://127.0.0.1:1"  # nobody listens there


def writer(kind: str, url: str) -> StreamingWriter:
    if kind == "anthropic":
        return AnthropicWriter("claude-sonnet-5", SECRET, url)
    if kind == "openai":
        return OpenAIWriter("gpt-5", SECRET, f"{url}/v1")
    return CompatibleWriter("llama3", SECRET, f"{url}/v1")


@contextmanager
def taped(name: str, scripted: Scripted) -> Iterator[str]:
    """The address to call: a real server while recording, a closed port in replay."""
    tape = vcr.VCR(
        cassette_library_dir=str(FOLDER),
        record_mode="once" if RECORDING else "none",
        match_on=["method", "path", "body"],
        filter_headers=["authorization", "x-api-key"],
        before_record_request=_anonymous,
    )
    if RECORDING:
        with ModelEndpoint([scripted]) as endpoint, tape.use_cassette(f"{name}.yaml"):
            yield endpoint.url
        return
    with tape.use_cassette(f"{name}.yaml") as cassette:
        yield REPLAYED
        assert cassette.all_played


def _anonymous(request: vcr.request.Request) -> vcr.request.Request:
    """Neither this machine nor this port is part of the wire format."""
    request.uri = f"{REPLAYED}{request.path}"
    for header in list(request.headers):
        if header.lower().startswith(("x-stainless", "user-agent", "host")):
            del request.headers[header]
    return request


@pytest.fixture(params=["openai", "anthropic", "url"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def test_the_same_request_gets_the_same_answer_without_a_network(kind: str) -> None:
    with taped(f"{kind}_answer", TEXT) as url:
        answer = writer(kind, url).answer(ASKED)
    assert (answer.text, answer.stop) == (TEXT, "end")
    assert answer.input_tokens > 0


def test_a_recorded_fault_is_the_same_fault(kind: str) -> None:
    fault = Fault(429, "slow down", headers={"retry-after": "3"})
    with (
        taped(f"{kind}_rate_limited", fault) as url,
        pytest.raises(EndpointError) as caught,
    ):
        writer(kind, url).answer(ASKED)
    assert (caught.value.fault, caught.value.retry_after) == (Kind.RATE_LIMITED, 3.0)


def test_no_cassette_holds_a_key_or_a_machine() -> None:
    tapes = list(FOLDER.glob("*.yaml"))
    assert len(tapes) == 6
    for tape in tapes:
        text = tape.read_text(encoding="utf-8")
        assert "sk-recorded" not in text
        assert "x-stainless" not in text.lower()
