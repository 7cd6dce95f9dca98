"""Questions to a model over Redis: put by one process, answered by another, in time.

Nothing here is kept: a question that nobody answered by its end is worth nothing any
more, and is left out by whoever finds it later.
"""

import time
from typing import NamedTuple

import redis

from core.store.codec import decode, encode
from core.store.connection import Store
from core.store.faults import store_errors

SLICE = 2.0  # seconds of one wait: less than a client's own limit for an answer
MOST = 1_000  # questions that wait; an older one goes
KEPT = 120  # seconds that an answer nobody took stays


class Question(NamedTuple):
    """What is asked. `cycle` names what it belongs to in the thoughts; `ends` is the
    UTC second after which no answer is wanted."""

    id: str
    text: str
    cycle: str
    ends: float

    @property
    def left(self) -> float:
        """Seconds until its end; 0 or less afterwards."""
        return self.ends - time.time()


class Questions:
    """The door for both sides, under the settings' prefix. StoreError without Redis."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        self._waiting = f"{prefix}ask:waiting"
        self._answer = f"{prefix}ask:answer:"

    def ask(self, question: Question) -> str | None:
        """Put a question and wait until its end; None for an abstention or no answer."""
        with store_errors("a model cannot be asked"):
            with self._client.pipeline() as put:
                put.rpush(self._waiting, encode(list(question)))
                put.ltrim(self._waiting, -MOST, -1)
                put.execute()
            while (left := question.left) > 0:
                found = self._popped(self._answer + question.id, left)
                if found is not None:
                    return _told(found)
        return None

    def next(self, seconds: float) -> Question | None:
        """The oldest question that is still wanted; None when none came in so long."""
        until = time.monotonic() + seconds
        with store_errors("questions cannot be received"):
            while (left := until - time.monotonic()) > 0:
                found = self._popped(self._waiting, left)
                question = _question(found) if found is not None else None
                if question is not None and question.left > 0:
                    return question
        return None

    def answer(self, question: Question, text: str | None) -> None:
        """Answer; None is an abstention, and spares the asker the wait."""
        key = self._answer + question.id
        with (
            store_errors("an answer cannot be given"),
            self._client.pipeline() as put,
        ):
            put.rpush(key, encode({"answer": text}))
            put.expire(key, KEPT)
            put.execute()

    def _popped(self, key: str, seconds: float) -> str | None:
        found = self._client.blpop([key], timeout=min(seconds, SLICE))
        return str(found[1]) if found else None


def questions(store: Store) -> Questions:
    """The store's questions; starts or reaches Redis. StoreError when there is none."""
    return Questions(store.redis(), store.settings.redis_prefix)


def _told(said: str) -> str | None:
    """What somebody else may have put on our key is no answer."""
    try:
        answer = decode(said)["answer"]
    except (ValueError, TypeError, KeyError):
        return None
    return answer if isinstance(answer, str) else None


def _question(said: str) -> Question | None:
    try:
        name, text, cycle, ends = decode(said)
        return Question(str(name), str(text), str(cycle), float(ends))
    except (ValueError, TypeError):
        return None
