"""The three adapters against a real server that speaks their wire formats."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.llm import Exchange
from core.llm.adapter import StreamingWriter
from core.llm.anthropic import AnthropicWriter
from core.llm.compatible import CompatibleWriter
from core.llm.faults import EndpointError
from core.llm.faults import Fault as Kind
from core.llm.openai import OpenAIWriter
from tests.model_endpoint import Dropped, Fault, ModelEndpoint, Reply, tokens

SCHEMA = {
    "type": "object",
    "properties": {"body": {"type": "string"}},
    "required": ["body"],
    "additionalProperties": False,
}
OPEN_SCHEMA = {"type": "object", "properties": {"specs": {"type": "array"}}}
ASKED = Exchange("writer", "You write bodies.", "Write a body.", SCHEMA)
PLAIN = Exchange("writer", "You write bodies.", "Write a body.")
TEXT = '{"body": "return {\\"leverage\\": 1.0}"} — and a longer tail, ünïcode'

WRITERS = ("openai", "anthropic", "url")


def writer(
    kind: str, endpoint: ModelEndpoint, timeout: float = 60.0
) -> StreamingWriter:
    if kind == "openai":
        return OpenAIWriter("gpt-5", "key", endpoint.openai_url, timeout)
    if kind == "anthropic":
        url = endpoint.anthropic_url
        return AnthropicWriter("claude-sonnet-5", "key", url, timeout)
    return CompatibleWriter("llama3", "", endpoint.openai_url, timeout)


def fault(kind: str, scripted: object, timeout: float = 60.0) -> EndpointError:
    with ModelEndpoint([scripted]) as endpoint, pytest.raises(EndpointError) as caught:
        writer(kind, endpoint, timeout).answer(ASKED)
    return caught.value


@pytest.fixture(params=WRITERS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def test_an_answer_arrives_whole_with_its_tokens_and_in_pieces(kind: str) -> None:
    pieces: list[str] = []
    with ModelEndpoint([TEXT]) as endpoint:
        answer = writer(kind, endpoint).answer(PLAIN, pieces.append)
    assert answer.text == "".join(pieces) == TEXT
    assert len(pieces) > 2
    assert answer.input_tokens == tokens(PLAIN.system + PLAIN.user)
    assert answer.output_tokens == tokens(TEXT)
    assert (answer.stop, answer.means, answer.billed) == ("end", "model", True)
    assert answer.writer.startswith(kind)


def test_the_request_carries_prompt_model_limit_and_schema(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        writer(kind, endpoint).answer(ASKED)
        (ask,) = endpoint.asked
    assert ask.user == "Write a body."
    assert ask.system.startswith("You write bodies.")
    assert ask.wants_json
    assert 2_000 in ask.body.values()
    assert "additionalProperties" in str(ask.body)


def test_a_plain_exchange_asks_for_no_structure(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        writer(kind, endpoint).answer(PLAIN)
        assert not endpoint.asked[0].wants_json


def test_an_open_schema_is_never_enforced_strictly(kind: str) -> None:
    asked = Exchange("architect", "Plan.", "A request.", OPEN_SCHEMA)
    with ModelEndpoint([TEXT]) as endpoint:
        writer(kind, endpoint).answer(asked)
        (ask,) = endpoint.asked
    assert "'strict': True" not in str(ask.body)
    assert "specs" in str(ask.body)


def test_a_server_without_structured_output_is_asked_again_without_it(
    kind: str,
) -> None:
    def script(ask: object) -> object:
        return Fault(400, "unknown field") if ask.wants_json else TEXT

    with ModelEndpoint(script) as endpoint:
        model = writer(kind, endpoint)
        first, calls = model.answer(ASKED), len(endpoint.asked)
        second = model.answer(ASKED)
    assert first.text == second.text == TEXT
    assert len(endpoint.asked) == calls + 1, "what a server cannot do is remembered"
    assert "JSON Schema" in endpoint.asked[-1].system


def test_a_bad_request_that_is_bad_in_every_shape_is_told_once(kind: str) -> None:
    error = fault(kind, Fault(400, "the prompt is too long"))
    assert error.fault is Kind.BAD_REQUEST
    assert "too long" in error.message


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (401, "", Kind.UNAUTHORISED),
        (403, "", Kind.UNAUTHORISED),
        (404, "", Kind.BAD_REQUEST),
        (429, "", Kind.RATE_LIMITED),
        (429, "insufficient_quota", Kind.NO_CREDIT),
        (500, "", Kind.SERVER),
        (503, "", Kind.SERVER),
        (529, "", Kind.OVERLOADED),
    ],
)
def test_every_status_has_its_class(
    kind: str, status: int, code: str, expected: Kind
) -> None:
    error = fault(kind, Fault(status, "scripted", code))
    assert (error.fault, error.status) == (expected, status)
    assert not error.billed
    assert error.remedy


@pytest.mark.parametrize(
    ("header", "seconds"),
    [({"retry-after": "7"}, 7.0), ({"retry-after-ms": "250"}, 0.25), ({}, None)],
)
def test_the_servers_own_pause_is_read(
    kind: str, header: dict[str, str], seconds: float | None
) -> None:
    assert fault(kind, Fault(429, headers=header)).retry_after == seconds


def test_nobody_listening_is_unreachable_and_free(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        model = writer(kind, endpoint)
    with pytest.raises(EndpointError) as caught:
        model.answer(ASKED)
    assert caught.value.fault is Kind.UNREACHABLE
    assert not caught.value.billed


def test_a_connection_dropped_before_the_answer_may_be_billed(kind: str) -> None:
    error = fault(kind, Dropped())
    assert (error.fault, error.billed) == (Kind.CUT_OFF, True)


def test_silence_is_a_timeout_that_may_be_billed(kind: str) -> None:
    error = fault(kind, Dropped(after=60), timeout=0.2)
    assert error.fault is Kind.TIMEOUT
    assert error.billed


def test_an_answer_that_drips_past_the_timeout_is_cut_off(kind: str) -> None:
    error = fault(kind, Reply(TEXT * 10, pause=0.25), timeout=2.0)
    assert error.fault is Kind.CUT_OFF
    assert error.billed


@pytest.mark.parametrize("pieces", [2, 4])
def test_half_a_stream_is_cut_off_and_billed(kind: str, pieces: int) -> None:
    error = fault(kind, Reply(TEXT, cut=pieces))
    assert error.fault is Kind.CUT_OFF
    assert error.billed
    assert TEXT.startswith(error.partial.text)


def test_a_stream_that_ends_quietly_in_the_middle_is_cut_off(kind: str) -> None:
    error = fault(kind, Reply(TEXT, cut=3, error=None, quiet=True))
    assert error.fault is Kind.CUT_OFF


def test_an_error_inside_a_stream_has_its_class_and_is_billed(kind: str) -> None:
    codes = {"anthropic": "overloaded_error"}
    error = fault(kind, Reply(TEXT, cut=3, error=codes.get(kind, "server_error")))
    expected = Kind.OVERLOADED if kind == "anthropic" else Kind.SERVER
    assert (error.fault, error.billed) == (expected, True)


@pytest.mark.parametrize("raw", ["<html>hello</html>", "data: {not json\n\n", ""])
def test_a_page_that_is_not_the_api_is_malformed(kind: str, raw: str) -> None:
    error = fault(kind, Fault(200, raw=raw))
    assert (error.fault, error.billed) == (Kind.MALFORMED, True)


def test_broken_json_in_the_middle_of_a_stream_is_cut_off(kind: str) -> None:
    error = fault(kind, Reply(TEXT, cut=3, error="!raw"))
    assert error.fault in (Kind.CUT_OFF, Kind.MALFORMED)
    assert error.billed


@pytest.mark.parametrize("stop", ["length", "refusal"])
def test_why_the_model_stopped_is_kept(kind: str, stop: str) -> None:
    with ModelEndpoint([Reply(TEXT, stop=stop)]) as endpoint:
        answer = writer(kind, endpoint).answer(ASKED)
    expected = "filter" if (kind, stop) == ("url", "refusal") else stop
    assert answer.stop == expected
    assert answer.text == TEXT


def test_a_server_that_counts_no_tokens_still_answers() -> None:
    with ModelEndpoint([Reply(TEXT, count=False)]) as endpoint:
        answer = writer("url", endpoint).answer(ASKED)
    assert (answer.text, answer.output_tokens) == (TEXT, 0)


def test_an_answer_without_end_is_cut_off(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.llm.faults.LONGEST_ANSWER", 1_000)
    assert fault(kind, "x" * 2_000).fault is Kind.CUT_OFF


def test_the_key_never_stands_in_an_error(kind: str) -> None:
    with ModelEndpoint([Fault(401, "no")]) as endpoint:
        model = writer(kind, endpoint)
        model.api_key = "sk-very-secret-key-0123456789"
        with pytest.raises(EndpointError) as caught:
            model.answer(ASKED)
    assert "very-secret" not in f"{caught.value} {caught.value.as_dict()}"


def test_no_sdk_is_imported_before_a_model_is_called() -> None:
    code = (
        "import sys, core.llm, core.llm.openai, core.llm.anthropic,"
        " core.llm.compatible, core.llm.recorded, core.budget\n"
        "loaded = {'openai', 'anthropic', 'httpx2', 'genai_prices'} & set(sys.modules)\n"
        "print(','.join(loaded), end='')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
