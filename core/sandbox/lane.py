"""Functions kept defined in a long-lived session: prepared calls, and batches."""

from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from time import perf_counter
from typing import Any

import pydantic_monty as monty

from core.outcome import Outcome
from core.sandbox.runs import Row, Run, failure, run_together, swallow
from core.sandbox.shielding import shielded
from core.sandbox.source import MANY, body_start, many_calls, one_call

OpenSession = Callable[[], monty.MontySession]
# A session that has seen this many functions starts afresh.
_MAX_FUNCTIONS = 256


class Lane:
    """One session that several functions share.

    A function cannot write globals, so it cannot reach another. A crash forgets all
    of them, and each comes back at its next call.
    """

    def __init__(self, open_session: OpenSession) -> None:
        self._open = open_session
        self._session: monty.MontySession | None = None
        self._aliases: dict[str, str] = {}
        self.lock = RLock()

    def ready(self, definition: str, name: str) -> tuple[monty.MontySession, str]:
        """The session with what `definition` calls `name` in it, and its alias."""
        if len(self._aliases) >= _MAX_FUNCTIONS:
            self.discard()
        if self._session is None:
            with shielded():
                self._session = self._open().__enter__()
        alias = self._aliases.get(definition)
        return self._session, alias or self._define(self._session, definition, name)

    def _define(self, session: monty.MontySession, definition: str, name: str) -> str:
        alias = f"_asza_{len(self._aliases)}"
        session.feed_run(f"{definition}\n{alias} = {name}", print_callback=swallow())
        self._aliases[definition] = alias
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
        session, alias = self._lane.ready(self._run.source, self._run.name)
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


def run_in_lane(lane: Lane, run: Run, rows: Sequence[Row]) -> list[Outcome] | None:
    """One outcome a row from one feed; None when it was stopped or failed whole."""
    definition = f"{run.source}\n{many_calls(run.name, tuple(run.capabilities), watch=run.policy.watch_inputs)}"
    try:
        session, alias = lane.ready(definition, MANY)
        return run_together(session, alias, run, rows)
    except monty.MontyError:
        lane.discard()
        return None
