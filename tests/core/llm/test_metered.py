"""Budget, retries and spool around real adapters and a real (scripted) server."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from decimal import Decimal
from threading import Event

import pytest

from core.budget import FREE, Budget, FlatPrice, Limits, MemoryLedger
from core.errors import BudgetError
from core.llm import Answer, Exchange, OnText
from core.llm.anthropic import AnthropicWriter
from core.llm.compatible import CompatibleWriter
from core.llm.faults import EndpointError
from core.llm.metered import MeteredWriter
from core.llm.openai import OpenAIWriter
from core.store.thoughts import ThoughtRow
from tests.model_endpoint import Ask, Dropped, Fault, ModelEndpoint, Reply, tokens

ASKED = Exchange(
    "writer", "System.", "Write.", max_output_tokens=100, cycle="c", step="write m"
)
PRICE = FlatPrice(Decimal(1), Decimal(10))
PATIENCE = 60.0  # seconds; no test here is about a slow answer
TEXT = "return {'leverage': 1.0}, and more of it"


@dataclass
class Spool:
    rows: list[ThoughtRow] = field(default_factory=list)

    def append(self, row: ThoughtRow, /) -> int:
        self.rows.append(row)
        return len(self.rows)


@dataclass
class Bench:
    """A metered writer over a scripted server, with everything it leaves behind."""

    writer: MeteredWriter
    ledger: MemoryLedger
    spool: Spool
    pauses: list[float]

    @property
    def spent(self) -> list[Decimal]:
        return [entry.amount for entry in self.ledger.entries]


def bench(endpoint: ModelEndpoint, *, kind: str = "openai", limit: str = "1") -> Bench:
    inner = {
        "openai": lambda: OpenAIWriter("gpt-5", "k", endpoint.openai_url, PATIENCE),
        "anthropic": lambda: AnthropicWriter(
            "claude", "k", endpoint.anthropic_url, PATIENCE
        ),
        "url": lambda: CompatibleWriter("llama3", "", endpoint.openai_url, PATIENCE),
    }[kind]()
    ledger, spool, pauses = MemoryLedger(), Spool(), list[float]()
    budget = Budget(replace(Limits(), request=Decimal(limit)), ledger)
    writer = MeteredWriter(inner, PRICE, budget, spool, sleep=pauses.append)
    return Bench(writer, ledger, spool, pauses)


@pytest.fixture(params=["openai", "anthropic", "url"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def test_an_answer_costs_what_the_provider_counted(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
        answer = at.writer.answer(ASKED)
    expected = PRICE.cost(tokens("System.Write."), tokens(TEXT))
    assert answer.cost_usd == expected == at.spent[0]
    assert answer.cost_usd < at.writer.worst_case(ASKED)
    assert answer.seconds > 0


def test_an_exchange_is_spooled_whole(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
        answer = at.writer.answer(replace(ASKED, schema={"type": "object"}))
    (row,) = at.spool.rows
    assert (row.cycle, row.step, row.role) == ("c", "write m", "writer")
    assert (row.prompt, row.answer, row.error) == ("Write.", TEXT, "")
    assert row.system.startswith("System.")
    assert '{"type": "object"}' in row.system
    assert (row.cost_usd, row.seconds) == (answer.cost_usd, answer.seconds)


@pytest.mark.parametrize("status", [429, 500, 503, 529])
def test_a_fault_that_passes_is_retried_for_nothing(kind: str, status: int) -> None:
    with ModelEndpoint([Fault(status), Fault(status), TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
        assert at.writer.answer(ASKED).text == TEXT
    assert at.spent[:2] == [0, 0]
    assert [bool(row.error) for row in at.spool.rows] == [True, True, False]
    assert len(at.pauses) == 2


def test_the_servers_retry_after_is_kept(kind: str) -> None:
    with ModelEndpoint([Fault(429, headers={"retry-after": "9"}), TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
        at.writer.answer(ASKED)
    assert at.pauses == [9.0]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_fault_that_stays_is_not_retried(kind: str, status: int) -> None:
    with ModelEndpoint([Fault(status)]) as endpoint:
        at = bench(endpoint, kind=kind)
        with pytest.raises(EndpointError):
            at.writer.answer(ASKED)
    assert at.pauses == []
    assert at.spent == [0]


def test_half_a_stream_is_retried_and_both_are_paid(kind: str) -> None:
    with ModelEndpoint([Reply(TEXT, cut=3), TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
        assert at.writer.answer(ASKED).text == TEXT
    first, second = at.spent
    assert first == at.writer.worst_case(ASKED) > second > 0
    assert at.spool.rows[0].cost_usd == first
    assert TEXT.startswith(at.spool.rows[0].answer)


def test_a_dead_server_costs_nothing_however_often_it_is_tried(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
    with pytest.raises(EndpointError):
        at.writer.answer(ASKED)
    assert at.spent == [0] * at.writer.policy.attempts


def test_a_server_that_took_the_request_and_hung_up_is_paid(kind: str) -> None:
    with ModelEndpoint([Dropped(), TEXT]) as endpoint:
        at = bench(endpoint, kind=kind)
        assert at.writer.answer(ASKED).text == TEXT
    assert at.spent[0] == at.writer.worst_case(ASKED) > 0
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize("page", ["", "<html>hello</html>", "data: {not json\n\n"])
def test_what_is_not_the_api_is_paid_and_asked_twice_at_most(
    kind: str, page: str
) -> None:
    with ModelEndpoint([Fault(200, raw=page, kind="text/event-stream")]) as endpoint:
        at = bench(endpoint, kind=kind)
        with pytest.raises(EndpointError):
            at.writer.answer(ASKED)
    assert at.spent == [at.writer.worst_case(ASKED)] * 2
    assert len(endpoint.asked) == 2


@pytest.mark.parametrize(
    "usage",
    [
        {"input_tokens": 500, "output_tokens": 700},
        {"prompt_tokens": 500, "completion_tokens": 700},
    ],
)
def test_a_whole_answer_for_a_stream_costs_what_it_counted(
    kind: str, usage: dict[str, int]
) -> None:
    body = json.dumps({"choices": [], "usage": usage})
    with ModelEndpoint([Fault(200, raw=body)]) as endpoint:
        at = bench(endpoint, kind=kind)
        with pytest.raises(EndpointError, match="stream format"):
            at.writer.answer(ASKED)
    assert at.spent == [PRICE.cost(500, 700)] * 2


@pytest.mark.parametrize(
    "body", ["[]", "{", "[" * 5000, '{"usage": {"input_tokens": -1}}', '{"usage": 3}']
)
def test_a_whole_answer_without_counts_costs_its_worst_case(
    kind: str, body: str
) -> None:
    with ModelEndpoint([Fault(200, raw=body)]) as endpoint:
        at = bench(endpoint, kind=kind)
        with pytest.raises(EndpointError):
            at.writer.answer(ASKED)
    assert at.spent == [at.writer.worst_case(ASKED)] * 2


def test_no_call_is_made_when_the_money_is_not_there(kind: str) -> None:
    with ModelEndpoint([TEXT]) as endpoint:
        at = bench(endpoint, kind=kind, limit="0.0001")
        with pytest.raises(BudgetError, match="for the request"):
            at.writer.answer(ASKED)
        assert endpoint.asked == []


def test_a_retry_that_no_longer_fits_is_not_made() -> None:
    with ModelEndpoint([Reply(TEXT, cut=3), TEXT]) as endpoint:
        at = bench(endpoint, limit="0.0015")
        with pytest.raises(BudgetError):
            at.writer.answer(ASKED)
        assert len(endpoint.asked) == 1


def test_parallel_calls_never_reserve_more_than_there_is() -> None:
    refused, all_refused = list[BudgetError](), Event()

    def call(at: Bench) -> bool:
        try:
            return bool(at.writer.answer(ASKED))
        except BudgetError as error:
            refused.append(error)
            if len(refused) == 3:
                all_refused.set()
            return False

    def late(_: Ask) -> str:
        all_refused.wait(PATIENCE)  # what is settled before makes room for more
        return TEXT

    with ModelEndpoint(late) as endpoint:
        at = bench(endpoint, limit="0.004")
        with ThreadPoolExecutor(6) as threads:
            granted = list(threads.map(call, [at] * 6))
    worst = at.writer.worst_case(ASKED)
    assert granted.count(True) == int(Decimal("0.004") / worst) == 3
    assert sum(at.spent) <= Decimal("0.004")


def test_tokens_that_are_not_counted_are_charged_by_our_own_bound() -> None:
    with ModelEndpoint([Reply(TEXT, count=False)]) as endpoint:
        at = bench(endpoint, kind="url")
        answer = at.writer.answer(ASKED)
    assert answer.cost_usd >= PRICE.cost(tokens("System.Write."), tokens(TEXT))


@dataclass(frozen=True)
class Free:
    name: str = "free"

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        return Answer("return {}", self.name, "search")


def test_a_writer_that_costs_nothing_needs_no_money() -> None:
    nothing = Limits(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    spool = Spool()
    writer = MeteredWriter(Free(), FREE, Budget(nothing, MemoryLedger()), spool)
    assert writer.answer(ASKED).cost_usd == 0
    assert [row.means for row in spool.rows] == ["search"]
