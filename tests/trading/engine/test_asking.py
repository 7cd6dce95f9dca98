"""A model is asked over Redis within a deadline; the tape answers what was asked before."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event, Thread
from time import monotonic, sleep, time
from typing import Any

import psutil
import pytest

from cli.trade import answering, attendant
from cli.trade.answering import Desk
from core.errors import StoreError
from core.llm import writer_for
from core.llm.offline import OfflineWriter
from core.questions import Question, Questions, questions
from core.records import Memory
from core.sandbox import Sandbox
from core.settings import load_settings
from core.stack.fused import FusedRun
from core.store import BudgetLedger, Store, Thoughts
from core.wrapper import Runtime
from tests.conftest import ROOT
from tests.model_endpoint import Ask, ModelEndpoint
from tests.trading.engine.sessions import PLAY, Bench, market, settings, traded
from tests.trading.engine.stacks import SCRIPTED, stack_of
from trading.shell.engine.asking import RedisAsk
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.tape import Asking, CopiedTape
from trading.shell.law.limits import loosest
from trading.shell.ledger.events import Scanned
from trading.shell.ledger.tape import PostgresTape
from trading.shell.venue.orders import Mode

LONG = 100.0  # seconds no test waits
ADVISER = (
    """---
name: adviser
role: scan
inputs:
  close: {unit: price}
outputs:
  said: {type: string, maxLength: 40}
capabilities: [ask_model]
---
What the model says of a close.
""",
    """answer = ask_model(question=f"buy at {close}?")
return {"said": "nothing" if answer is None else answer}
""",
)
CANDLES = market(PLAY[:3])


class Person:
    """A paper account whose modules ask; each session is a new process to it."""

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        self.sandbox = sandbox
        self.stack = stack_of(folder, {**SCRIPTED, "adviser": ADVISER})
        self.bench = Bench(sandbox, self.stack, folder)

    def run(self, asking: Asking) -> FusedRun:
        hosts = {"ask_model": asking}
        return FusedRun(self.stack, Runtime(Memory(99), "native", capabilities=hosts))

    def paper(self, name: str, asking: Asking, monkeypatch: Any) -> list[str]:
        """What the module said at each candle of a session."""
        made = "tests.trading.engine.sessions.run_of"
        monkeypatch.setattr(made, lambda *_, **__: self.run(asking))
        session = self.bench.paper(name, [CANDLES], settings=settings(), asking=asking)
        traded(session)
        events = self.bench.ledgers[name].everything()
        return [str(e.values["said"]) for e in events if isinstance(e, Scanned)]


@pytest.fixture
def person(sandbox: Sandbox, tmp_path: Path) -> Person:
    return Person(sandbox, tmp_path)


@contextmanager
def at_the_desk(store: Store, writer: Any, told: list[Any]) -> Iterator[None]:
    """The answering process, as a thread."""
    stop = Event()
    desk = Desk(writer, questions(store), told.append)
    thread = Thread(target=desk.serve, args=(stop.is_set, stop.wait))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def model(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> Callable[[ModelEndpoint], Any]:
    """The writer of LLM_ASK at an endpoint, a dollar a million tokens."""
    monkeypatch.setattr(answering, "LOOK", 0.05)

    def made(endpoint: ModelEndpoint) -> Any:
        told = {
            "LLM_ASK": "url:m",
            "LLM_API_URL": endpoint.openai_url,
            "LLM_PRICE_INPUT": "1",
            "LLM_PRICE_OUTPUT": "1",
        }
        for name, value in told.items():
            monkeypatch.setenv(name, value)
        return writer_for("ask", load_settings(store.settings.root), store)

    return made


def asking(store: Store, seconds: float = LONG) -> Asking:
    """A trader's: the tape, and Redis behind it."""
    return Asking(
        PostgresTape(store, "url:m"), RedisAsk(lambda: questions(store), seconds)
    )


def test_paper_asks_once_and_what_is_on_the_tape_is_replayed_for_nothing(
    store: Store, person: Person, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    with ModelEndpoint(lambda ask: "buy") as endpoint:
        with at_the_desk(store, model(endpoint), told):
            assert person.paper("first", asking(store), monkeypatch) == ["buy"] * 3
        asked, spent = len(endpoint.asked), BudgetLedger(store).totals().month
        again = asking(store)
        assert person.paper("again", again, monkeypatch) == ["buy"] * 3
        replay = Asking(PostgresTape(store))
        task = Task((CANDLES,), settings(), loosest(Mode.BACKTEST))
        Backtest(person.run(replay), task, replay).play()
        assert (asked, len(endpoint.asked), again.asked, replay.asked) == (3, 3, 0, 0)
    assert {one["kind"] for one in told} == {"answered"}
    rows = Thoughts(store).list()
    assert [(one.role, one.answer, one.cycle[:4]) for one in rows] == [
        ("ask", "buy", "ask-")
    ] * 3
    assert BudgetLedger(store).totals().month == spent == sum(r.cost_usd for r in rows)
    assert spent > 0


def test_no_answer_in_time_is_an_abstention_that_stays(
    store: Store, person: Person, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = Event()

    def slow(_: Ask) -> str:
        release.wait(LONG)
        return "buy"

    with ModelEndpoint(slow) as endpoint, at_the_desk(store, model(endpoint), []):
        began = monotonic()
        said = person.paper("slow", asking(store, 0.1), monkeypatch)
        took = monotonic() - began
        release.set()
    assert said == ["nothing"] * 3
    assert took < LONG / 2
    again = asking(store)
    assert person.paper("again", again, monkeypatch) == ["nothing"] * 3
    assert again.asked == 0


def test_the_questions_of_one_candle_share_a_deadline(store: Store) -> None:
    now = [100.0]
    ask = RedisAsk(lambda: questions(store), 0.8, clock=lambda: now[0])
    waiting, redis = f"{store.settings.redis_prefix}ask:waiting", store.redis()

    def wait_for(questions: int) -> None:
        until = monotonic() + LONG  # a thread may put it after its end
        while redis.llen(waiting) < questions and monotonic() < until:
            sleep(0.01)

    assert ask("nobody is there", 3600) is None
    wait_for(1)
    now[0] += 0.9
    assert ask("and nobody is asked", 3600) is None
    assert redis.llen(waiting) == 1
    assert ask("a new candle, a new deadline", 7200) is None
    wait_for(2)
    assert redis.llen(waiting) == 2


def test_a_server_that_fails_or_hangs_is_no_answer_and_no_error() -> None:
    def gone() -> Questions:
        raise StoreError("no server")

    release = Event()

    def hanging() -> Questions:
        release.wait(LONG)
        raise StoreError("too late")

    began = monotonic()
    assert RedisAsk(gone, LONG)("up or down?", 0) is None
    assert RedisAsk(hanging, 0.05)("up or down?", 0) is None
    release.set()
    assert monotonic() - began < LONG / 2


def test_a_question_past_its_deadline_is_left_out(store: Store) -> None:
    door = questions(store)
    late = Question("1", "too late", "ask-1", time() - 1)
    due = Question("2", "in time", "ask-1", time() + LONG)
    assert door.ask(late) is None
    door.answer(due, "wait")
    assert door.ask(due) == "wait"
    assert door.next(LONG) == due
    assert door.next(0.01) is None


def test_without_a_model_the_answer_is_an_abstention_at_once(store: Store) -> None:
    told: list[Any] = []
    door = questions(store)
    question = Question("1", "buy?", "ask-1", time() + LONG)
    Desk(OfflineWriter(), door, told.append).answer(question)
    assert door.ask(question) is None
    assert question.left > LONG / 2
    assert [one["kind"] for one in told] == ["abstained"]
    assert "LLM_ASK" in answering._hint(OfflineWriter())


def test_the_tape_keeps_the_first_answer_and_no_database_is_an_abstention(
    store: Store,
) -> None:
    answers = iter(["buy", "sell"])
    one = Asking(PostgresTape(store), lambda *_: next(answers))
    assert [one("which way?"), one("which way?")] == ["buy", "buy"]
    one.at = 3600
    assert one("which way?") == "sell"
    assert (one.asked, one.answered) == (2, 2)

    class Lost:
        def read(self, prompt: str, at: int) -> None:
            raise StoreError("the database is away")

        write = read

    assert Asking(Lost(), lambda *_: "buy")("which way?") is None  # type: ignore[arg-type]


def answerers() -> list[psutil.Process]:
    """The answering processes that this one has started and that live."""
    return [one for one in psutil.Process().children() if answers(one)]


def answers(one: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):  # it has ended just now
        return one.status() != psutil.STATUS_ZOMBIE and "answer" in one.cmdline()
    return False


def killed(number: int = 1) -> None:
    """-9 to so many answering processes, each as soon as it is there."""
    for _ in range(number):
        until = monotonic() + LONG
        while not (found := answerers()) and monotonic() < until:
            sleep(0.05)
        found[0].kill()
        found[0].wait()


def test_an_answering_process_that_dies_is_started_again_and_answers(
    store: Store, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(attendant, "AGAIN", 0.0)
    with ModelEndpoint(lambda ask: "buy") as endpoint:
        settings = model(endpoint) and load_settings(store.settings.root)
        with answering.answering(settings, LONG, said.append):
            killed()
            assert asking(store)("which way?") == "buy"
    assert [one for one in said if "started again" in one] == [
        "answer: the process that asks the model ended; it is started again"
    ]
    assert not answerers()


def test_an_answering_process_that_dies_again_and_again_is_given_up_and_said(
    store: Store, model: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    over, said = Event(), list[str]()
    monkeypatch.setattr(attendant, "AGAIN", 0.0)
    monkeypatch.setattr(attendant, "RESTARTS", 1)

    def say(line: str) -> None:
        said.append(line)
        if "not started again" in line:
            over.set()

    with ModelEndpoint(lambda ask: "buy") as endpoint:
        settings = model(endpoint) and load_settings(store.settings.root)
        with answering.answering(settings, LONG, say):
            killed(2)
            assert over.wait(LONG)
            assert not answerers()
    assert "ended 2 times in an hour" in said[-1]


def test_a_copy_of_the_tape_says_what_the_tape_says(store: Store) -> None:
    tape = PostgresTape(store, "one")
    tape.write("q", 0, "buy")
    tape.write("q", 3600, None)
    tape.write("r", 7200, "sell")
    PostgresTape(store, "another").write("q", 0, "sell")
    copy = CopiedTape(tape.answers(0, 3600))
    for prompt, at in (("q", 0), ("q", 3600), ("r", 0)):
        assert copy.read(prompt, at) == tape.read(prompt, at)
    assert copy.read("q", 0) == ("buy",)
    assert copy.read("r", 7200) is None


def test_the_trader_loads_no_model_sdk() -> None:
    script = (
        "import sys\n"
        "from cli.trade import answering, company, paper\n"
        "from core.settings import load_settings\n"
        "from trading.shell.engine import asking, paper as engine, tape\n"
        "from core.runtimes import make_runtime\n"
        "assert answering.is_configured(load_settings())\n"
        "print(sorted({'openai', 'anthropic'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={"LLM_ASK": "openai:gpt-5", "ASZA_ROOT": str(ROOT), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
