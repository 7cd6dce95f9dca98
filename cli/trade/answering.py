"""`asza trade answer`: the process that holds the keys and asks a model for the trader.

Questions come over Redis and are answered as they come, several at once. One past its
deadline is left out; what cannot be answered is an abstention at once.
"""

import json
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from threading import BoundedSemaphore, Event
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.beside import beside, ending
from cli.context import Context
from cli.trade.attendant import Attendant
from core.errors import AszaError, StoreError

if TYPE_CHECKING:
    from core.llm import Exchange, Writer
    from core.questions import Question, Questions
    from core.settings import Settings

AT_ONCE = 4
LOOK = 1.0  # seconds between two looks at whether to end
BACK_OFF = 5.0  # seconds after Redis failed
LONGEST_SHOWN = 60  # characters of a question or an answer in a line

Tell = Callable[[Mapping[str, Any]], None]
Seconds = Annotated[
    float | None,
    typer.Option(min=0.1, max=120, help="What a model may take. Default: ask_seconds."),
]


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(answer)


def answer(
    seconds: Seconds = None,
    attached: Annotated[bool, typer.Option("--attached", hidden=True)] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="A line of JSON an answer, on stdout.")
    ] = False,
) -> None:
    """Answer what modules ask a model (LLM_ASK), until Ctrl-C. Paper starts it itself."""
    from core.questions import questions
    from trading.shell.config import read_settings

    stop = Event()
    if attached:  # the session ends us, once it has finished its candle
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Context() as context:
        writer = writer_within(context, seconds or read_settings().session.ask_seconds)
        tell = _line if as_json else _text
        desk = Desk(writer, questions(context.store), tell)
        tell({"kind": "waiting", "text": f"{writer.name} answers{_hint(writer)}"})
        with suppress(KeyboardInterrupt):
            desk.serve(ending(stop, attached=attached), stop.wait)


def writer_within(context: Context, seconds: float) -> "Writer":
    """The writer of LLM_ASK, whose calls take so many seconds at most."""
    from core.llm import writer_for

    settings = context.settings
    cut = {"llm_timeout": min(settings.llm_timeout, seconds)}
    return writer_for("ask", settings.model_copy(update=cut), context.store)


@dataclass
class Desk:
    """Takes questions and answers them; `tell` hears of each."""

    writer: "Writer"
    door: "Questions"
    tell: Tell
    _room: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(AT_ONCE))

    def serve(self, over: Callable[[], bool], wait: Callable[[float], Any]) -> None:
        """Until `over`; a Redis that fails is waited for. What is begun is finished."""
        with ThreadPoolExecutor(AT_ONCE) as threads:
            while not over():
                try:
                    question = self._next()
                except StoreError as error:
                    self.tell({"kind": "failed", "text": str(error)})
                    wait(BACK_OFF)
                    continue
                if question is not None:
                    threads.submit(self._handled, question)

    def _next(self) -> "Question | None":
        """A question, once there is somebody free to answer it."""
        if not self._room.acquire(timeout=LOOK):
            return None
        question = None
        try:
            question = self.door.next(LOOK)
        finally:
            if question is None:
                self._room.release()
        return question

    def _handled(self, question: "Question") -> None:
        try:
            with suppress(StoreError):  # nobody to tell: the asker's time runs out
                self.answer(question)
        finally:
            self._room.release()

    def answer(self, question: "Question") -> None:
        """Answer one question in the time that is left of it, or abstain."""
        text: str | None = None
        try:
            why = text = self._asked(question)
        except AszaError as error:
            remedy = error.remedy.replace("LLM_TIMEOUT", "ask_seconds")
            why = f"{error}; {remedy}".removesuffix("; ")
        self.door.answer(question, text)
        self.tell(_told(question, text, why))

    def _asked(self, question: "Question") -> str:
        from core.llm.metered import MeteredWriter

        writer, ends = self.writer, monotonic() + question.left
        if isinstance(writer, MeteredWriter):
            writer = replace(writer, policy=replace(writer.policy, ends=ends))
        return writer.answer(exchange_of(question)).text.strip()


def exchange_of(question: "Question") -> "Exchange":
    """A question as a writer is asked it; a candle's questions are one request."""
    from core.llm import Exchange
    from core.prompting import ask_prompt

    prompt = ask_prompt(question.text)
    return Exchange(
        role="ask",
        system=prompt.system,
        user=prompt.user,
        cycle=question.cycle,
        step=question.id[:12],
    )


def _told(question: "Question", text: str | None, why: str) -> dict[str, Any]:
    kind = "abstained" if text is None else "answered"
    shown = f"{question.text[:LONGEST_SHOWN]} → {why[: 3 * LONGEST_SHOWN]}"
    return {"kind": kind, "text": shown, "cycle": question.cycle}


def _hint(writer: "Writer") -> str:
    if writer.name != "offline":
        return ""
    return (
        " nothing but abstentions: set LLM_ASK, as openai:gpt-5 with OPENAI_API_KEY, or "
        "url:<model> with LLM_API_URL"
    )


def _line(told: Mapping[str, Any]) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


def _text(told: Mapping[str, Any]) -> None:
    typer.echo(told["text"])


def is_configured(settings: "Settings") -> bool:
    """Whether a model stands behind `ask`: its name alone is read, no SDK is loaded."""
    from core.llm.routing import choice_of

    return choice_of("ask", settings).provider != "offline"


@contextmanager
def answering(
    settings: "Settings", seconds: float, say: Callable[[str], None]
) -> Iterator[None]:
    """The answering process beside a session, where a model is set; it ends with it."""
    if not is_configured(settings):
        yield
        return
    words = ("trade", "answer", "--seconds", str(seconds))
    attendant = Attendant(lambda: beside(settings, words), say)
    attendant.begin()
    try:
        yield
    finally:
        attendant.end()
