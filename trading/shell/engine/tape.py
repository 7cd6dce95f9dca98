"""The decision tape: what a model answered, by question and candle.

A backtest or a replay asks the tape and nobody else, so it costs nothing and comes out
the same each time. A running session asks a model and writes the answer down; no answer
in time is an abstention, and is written down as one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from core.errors import StoreError
from trading.shell.ledger import Answer, Tape

CAPABILITY = "ask_model"

Ask = Callable[[str, int], str | None]
"""A question to a model about the candle of a UTC second; None without an answer."""


class EmptyTape:
    """Nothing was ever asked."""

    def read(self, prompt: str, at: int) -> Answer | None:  # noqa: ARG002
        """Never asked."""
        return None

    def write(self, prompt: str, at: int, answer: str | None) -> None:
        """Nothing is kept."""


@dataclass(frozen=True)
class CopiedTape:
    """Answers read beforehand, for a process without a database: nothing new is kept."""

    answers: Mapping[tuple[str, int], str | None]

    def read(self, prompt: str, at: int) -> Answer | None:
        """What was copied."""
        known = (prompt, at)
        return Answer(self.answers[known]) if known in self.answers else None

    def write(self, prompt: str, at: int, answer: str | None) -> None:
        """Nothing is kept."""


@dataclass
class Asking:
    """The host of `ask_model`: the tape first, then the model if there is one.

    `at` is the UTC second of the candle at hand, set by the engine. `asked` counts the
    questions the tape did not know, `answered` those that got an answer then.
    """

    tape: Tape
    ask: Ask | None = None
    at: int = 0
    asked: int = 0
    answered: int = 0

    def __call__(self, question: str) -> str | None:
        """An answer, or None: an abstention.

        What cannot be written down is not acted on: without a database it is None.
        """
        try:
            return self._answer(question, prompt_hash(question))
        except StoreError:
            return None

    def _answer(self, question: str, prompt: str) -> str | None:
        known = self.tape.read(prompt, self.at)
        if known is not None:
            return known.answer
        self.asked += 1
        if self.ask is None:
            return None
        answer = self.ask(question, self.at)
        self.tape.write(prompt, self.at, answer)
        self.answered += answer is not None
        return answer


def prompt_hash(question: str) -> str:
    """What the tape knows a question by."""
    return sha256(question.encode(errors="surrogatepass")).hexdigest()
