"""Model endpoints that do not answer as they should: one sentence, exit 7, nothing half."""

import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from core.llm.retry import RetryPolicy
from core.store import BudgetLedger, Modules, Store, Thoughts
from tests.faults.conftest import RULE, Asza, check_whole, tree
from tests.model_endpoint import Dropped, Fault, ModelEndpoint, Reply, Scripted

Refused = Callable[..., dict[str, Any]]
WIRES = ("url", "openai", "anthropic")
TEXT = json.dumps({"specs": [], "not_understood": [], "notes": []})

FAULTS: dict[str, tuple[Scripted, str]] = {
    "401": (Fault(401, "bad key"), "key"),
    "403": (Fault(403, "not yours"), "key"),
    "404": (Fault(404, "no such model"), "model"),
    "400": (Fault(400, "bad request"), "model"),
    "429": (Fault(429, "slow down"), "wait"),
    "no credit": (Fault(429, "pay", code="insufficient_quota"), "credit"),
    "500": (Fault(500), "later"),
    "503 in HTML": (Fault(503, raw="<html>down</html>"), "later"),
    "529": (Fault(529, code="overloaded_error"), "later"),
    "hung up": (Dropped(), "network"),
    "half a stream": (Reply(TEXT, cut=2), "counted in the budget"),
    "an error in the stream": (Reply(TEXT, cut=2, error="overloaded_error"), ""),
    "garbage in the stream": (Reply(TEXT, cut=2, error="!raw"), ""),
    "no stream": (Fault(200, raw="garbage {"), ""),
}


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries wait for nothing: what is tested is that they end."""
    monkeypatch.setattr(RetryPolicy, "wait", lambda _self, _state: 0.0)


@pytest.fixture
def endpoint(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., ModelEndpoint]]:
    """Names an endpoint as architect and writer; `wire` is how it is spoken to."""
    with _opened() as opened:

        def serve(wire: str, *script: Scripted) -> ModelEndpoint:
            server = opened(script)
            point_to(monkeypatch, wire, server.openai_url, server.anthropic_url)
            return server

        yield serve


@contextmanager
def _opened() -> Iterator[Callable[[Sequence[Scripted]], ModelEndpoint]]:
    with ExitStack() as stack:
        yield lambda script: stack.enter_context(ModelEndpoint(list(script)))


def point_to(
    monkeypatch: pytest.MonkeyPatch, wire: str, openai: str, anthropic: str
) -> None:
    values = {
        "LLM_API_URL": openai,
        "OPENAI_BASE_URL": openai,
        "ANTHROPIC_BASE_URL": anthropic,
        "OPENAI_API_KEY": "sk-test-0123456789abcdef",
        "ANTHROPIC_API_KEY": "sk-ant-test-0123456789abcdef",
        "LLM_PRICE_INPUT": "1",
        "LLM_PRICE_OUTPUT": "1",
        "LLM_ARCHITECT": f"{wire}:model-1",
        "LLM_WRITER": f"{wire}:model-1",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("what", FAULTS)
def test_a_faulty_endpoint_is_told_in_a_sentence(
    asza: Asza,
    store: Store,
    endpoint: Callable[..., ModelEndpoint],
    wire: str,
    what: str,
) -> None:
    fault, says = FAULTS[what]
    server = endpoint(wire, fault)
    before = tree(store.settings.root)
    done = asza("ask", RULE, "--no-run", "--json").refused(7)
    assert done.json["error"] in ("EndpointError", "ModelError")
    assert says in done.json["remedy"]
    assert 1 <= len(server.asked) <= 4
    assert tree(store.settings.root) == before
    assert "sk-test" not in done.err + done.out
    assert not any(cycle.reserved for cycle in BudgetLedger(store).cycles(10))
    assert Thoughts(store).list(None, 10), "the failed exchange is kept"


def test_what_cannot_be_billed_costs_nothing_and_half_a_stream_does(
    asza: Asza, store: Store, endpoint: Callable[..., ModelEndpoint]
) -> None:
    endpoint("url", Fault(500))
    asza("plan", RULE).refused(7)
    assert BudgetLedger(store).totals().month == 0
    endpoint("url", Reply(TEXT, cut=2))
    asza("plan", RULE).refused(7)
    assert BudgetLedger(store).totals().month > 0


@pytest.mark.parametrize("wire", WIRES)
def test_a_closed_port_is_told_and_the_offline_writer_still_works(
    asza: Asza, store: Store, monkeypatch: pytest.MonkeyPatch, wire: str
) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"
    point_to(monkeypatch, wire, f"{url}/v1", url)
    asza("ask", RULE, "--no-run").refused(7, "could not be reached", "check the")
    monkeypatch.setenv("LLM_ARCHITECT", "offline")
    monkeypatch.setenv("LLM_WRITER", "offline")
    asza("ask", RULE, "--no-run").went()
    check_whole(store)


@pytest.mark.parametrize("wire", WIRES)
def test_a_slow_endpoint_is_given_up_after_the_timeout(
    asza: Asza,
    endpoint: Callable[..., ModelEndpoint],
    monkeypatch: pytest.MonkeyPatch,
    wire: str,
) -> None:
    monkeypatch.setenv("LLM_TIMEOUT", "0.15")
    monkeypatch.setattr(RetryPolicy, "attempts", 2, raising=False)
    endpoint(wire, Dropped(after=60))
    asza("plan", RULE).refused(7, "LLM_TIMEOUT")


@pytest.mark.parametrize(
    "text",
    [
        "I cannot help with that.",
        "{",
        "[]",
        '{"specs": "none"}',
        '{"specs": [{"name": "../../x"}], "not_understood": [], "notes": []}',
        '{"specs": [], "not_understood": [], "notes": []}',
        "\x00\x1b[2J",
        "",
        "[" * 100_000,
        '{"specs": ' + "[" * 50_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_an_answer_that_is_no_plan_is_asked_for_once_more_and_then_refused(
    asza: Asza,
    store: Store,
    endpoint: Callable[..., ModelEndpoint],
    text: str,
) -> None:
    server = endpoint("url", text)
    before = tree(store.settings.root)
    done = asza("ask", RULE, "--no-run")
    assert done.code in (5, 7), done.err
    done.refused(done.code)
    assert "\x1b" not in done.err
    assert len(server.asked) >= 2
    assert tree(store.settings.root) == before


def test_a_writer_that_dies_after_the_plan_leaves_specs_that_can_be_built(
    asza: Asza,
    store: Store,
    endpoint: Callable[..., ModelEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint("url", Fault(500))
    monkeypatch.setenv("LLM_ARCHITECT", "offline")
    asza("ask", RULE, "--stack", "dips", "--no-run").refused(7)
    assert Modules(store).all_live() == []
    check_whole(store)
    asza("list").went()
    monkeypatch.setenv("LLM_WRITER", "offline")
    asza("build", "dips").went()
    check_whole(store)


@pytest.mark.parametrize(
    "body",
    [
        "import os\nreturn {'enter_long': os.system('id') == 0}",
        "return {'enter_long': open('/etc/passwd').read() == ''}",
        "while True: pass",
        "return {}",
        "Sorry, as a language model I cannot.",
        "return {'enter_long': 1 / 0 > 1}",
    ],
    ids=lambda body: body[:20],
)
def test_a_body_that_fails_the_gate_is_never_written(
    asza: Asza,
    store: Store,
    endpoint: Callable[..., ModelEndpoint],
    monkeypatch: pytest.MonkeyPatch,
    body: str,
) -> None:
    endpoint("url", json.dumps({"body": body}))
    monkeypatch.setenv("LLM_ARCHITECT", "offline")
    asza("ask", RULE, "--stack", "dips", "--no-run").refused(6, "dips.long_entry")
    assert Modules(store).all_live() == []
    assert not list((store.settings.root / "generated").glob("*/*.py"))
    check_whole(store)


def test_an_unknown_price_is_refused_before_the_call(
    asza: Asza,
    endpoint: Callable[..., ModelEndpoint],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server = endpoint("url", TEXT)
    monkeypatch.setenv("LLM_PRICE_INPUT", "")
    monkeypatch.setenv("LLM_PRICE_OUTPUT", "")
    asza("plan", RULE).refused(8, "LLM_PRICE_INPUT")
    assert server.asked == []


@pytest.mark.parametrize(
    "limit", ["BUDGET_PER_CALL", "BUDGET_PER_REQUEST", "BUDGET_PER_DAY"]
)
def test_a_budget_that_is_used_up_refuses_before_the_call(
    asza: Asza,
    endpoint: Callable[..., ModelEndpoint],
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
) -> None:
    server = endpoint("url", TEXT)
    monkeypatch.setenv(limit, "0")
    asza("plan", RULE).refused(8, limit)
    assert server.asked == []


@pytest.mark.parametrize("wire", ["openai", "anthropic"])
def test_a_missing_key_names_the_variable(
    asza: Asza,
    endpoint: Callable[..., ModelEndpoint],
    monkeypatch: pytest.MonkeyPatch,
    wire: str,
) -> None:
    server = endpoint(wire, TEXT)
    name = f"{wire.upper()}_API_KEY"
    monkeypatch.setenv(name, "")
    asza("plan", RULE).refused(3, name)
    assert server.asked == []


def test_a_recording_that_is_missing_says_so(
    asza: Asza, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_ARCHITECT", "recorded:tapes")
    asza("plan", RULE).refused(7, "record")
