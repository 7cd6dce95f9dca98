"""Prepared calls: functions kept defined in one long-lived session a policy."""

from collections.abc import Callable, Mapping
from threading import RLock
from time import perf_counter
from typing import Any

import pydantic_monty as monty

from core.outcome import Outcome
from core.policy import Policy
from core.sandbox_runs import Run, failure, swallow
from core.sandbox_source import body_start, one_call

OpenSession = Callable[[Policy], monty.MontySession]


class Lane:
    """One session that prepared calls share. A function there cannot write globals,
    so it cannot reach another; a crash forgets all of them, and each comes back at
    its next call."""

    def __init__(self, open_session: OpenSession, policy: Policy) -> None:
        self._open = open_session
        self._policy = policy
        self._session: monty.MontySession | None = None
        self._aliases: dict[tuple[str, str], str] = {}
        self.lock = RLock()

    def ready(self, run: Run) -> tuple[monty.MontySession, str]:
        """The session with `run`'s function in it, and its name there."""
        if self._session is None:
            self._session = self._open(self._policy).__enter__()
        alias = self._aliases.get((run.source, run.name))
        return self._session, alias or self._define(self._session, run)

    def _define(self, session: monty.MontySession, run: Run) -> str:
        alias = f"_asza_{len(self._aliases)}"
        session.feed_run(f"{run.source}\n{alias} = {run.name}")
        self._aliases[run.source, run.name] = alias
        return alias

    def discard(self) -> None:
        """Give the worker back; the next call starts afresh."""
        session, self._session = self._session, None
        self._aliases.clear()
        if session is not None:
            session.__exit__(None, None, None)


class PreparedCall:
    """A function kept in a worker: the runner's hot path."""

    def __init__(self, lane: Lane, run: Run) -> None:
        self._lane = lane
        self._run = run
        self._served = run.served()
        self._start = body_start(run.source)

    def call(self, inputs: Mapping[str, Any]) -> Outcome:
        """Run it once on keyword inputs; a worker that dies is replaced."""
        with self._lane.lock:
            began = perf_counter()
            self._served.start()
            try:
                outputs = self._feed(dict(inputs))
            except monty.MontyError as error:
                return self._failed(error, perf_counter() - began)
            took = perf_counter() - began
            return Outcome(True, outputs, seconds=took, calls=tuple(self._served.calls))

    def _feed(self, inputs: dict[str, Any]) -> Any:
        session, alias = self._lane.ready(self._run)
        lookup = self._served.lookup
        return session.feed_run(
            one_call(alias, lookup),
            inputs={"_asza_row": inputs},
            external_lookup=lookup,
            print_callback=swallow(),
        )

    def _failed(self, error: monty.MontyError, took: float) -> Outcome:
        calls = tuple(self._served.calls)
        outcome = failure(error, self._start, calls, took)
        if outcome.crashed:
            self._lane.discard()
        return outcome
