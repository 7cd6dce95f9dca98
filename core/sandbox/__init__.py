"""The only place generated code runs untrusted: Monty workers under a policy.

Monty is an interpreter of its own in worker processes: code there has no file,
network, environment or process to reach. The policy bounds time, memory, recursion
and capability calls and freezes clock and seed. A crashed worker costs one call.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from threading import RLock
from time import perf_counter
from types import TracebackType
from typing import Self

import pydantic_monty as monty

from core.calls import Host
from core.errors import AszaError
from core.outcome import Outcome
from core.sandbox.lane import Lane, PreparedCall, run_in_lane
from core.sandbox.policy import DEFAULT_POLICY, Policy
from core.sandbox.runs import Row, Run, run_alone
from core.sandbox.shielding import shielded
from core.sandbox.source import chunks

__all__ = ["DEFAULT_POLICY", "Outcome", "Policy", "PreparedCall", "Sandbox"]

_GRACE = 1.0
_WAIT_FOR_WORKER = 60.0
# Backstop for what no limit inside a worker covers, such as its type checker.
_REQUEST = 120.0
# Stopped rows a batch may cost before the rest is not run: each takes all its time.
_MAX_STOPPED = 3
_NOT_RUN = Outcome(
    False,
    error="TimeoutError",
    message="not run: the rows before took all the time there is",
    crashed=True,
)


class Sandbox:
    """A pool of Monty workers, spawned at the first use and closed on exit.

    `grace` is the seconds after a feed's own time at which a worker that does not stop
    is killed.
    """

    def __init__(self, processes: int = 8, *, grace: float = _GRACE) -> None:
        self._processes = processes
        self._grace = grace
        self._pool: monty.Monty | None = None
        self._lanes: dict[Policy, Lane] = {}
        self._warm: dict[tuple[Policy, int], Lane] = {}
        self._lock = RLock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop every worker; the next use starts new ones."""
        with self._lock:
            for lane in (*self._lanes.values(), *self._warm.values()):
                lane.discard()
            self._lanes.clear()
            self._warm.clear()
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.__exit__(None, None, None)

    def call(
        self,
        source: str,
        name: str,
        inputs: Row,
        *,
        capabilities: Mapping[str, Host] | None = None,
        policy: Policy = DEFAULT_POLICY,
    ) -> Outcome:
        """Run the function `name` of `source` once, in a session of its own."""
        run = Run(source, name, dict(capabilities or {}), policy)
        with self.session(policy) as session:
            return run_alone(session, run, inputs)

    def batch(
        self,
        source: str,
        name: str,
        rows: Sequence[Row],
        *,
        capabilities: Mapping[str, Host] | None = None,
        policy: Policy = DEFAULT_POLICY,
    ) -> list[Outcome]:
        """One outcome a row; a row that raises fails alone.

        The rows go to a worker in few feeds. Where a feed is stopped, its rows run
        again one at a time; after three stopped rows, or twice the time a feed has,
        the rest is not run.
        """
        run = Run(source, name, dict(capabilities or {}), policy)
        outcomes: list[Outcome] = []
        for chunk in chunks(rows, policy.memory):
            found = self._chunk(run, chunk)
            outcomes += found if found is not None else self._one_by_one(run, chunk)
        return outcomes

    def prepared(
        self,
        source: str,
        name: str,
        policy: Policy = DEFAULT_POLICY,
        capabilities: Mapping[str, Host] | None = None,
    ) -> "PreparedCall":
        """The function kept defined in a worker that calls under one policy share."""
        with self._lock:
            lane = self._lanes.setdefault(policy, Lane(lambda: self.session(policy)))
        return PreparedCall(lane, Run(source, name, dict(capabilities or {}), policy))

    def type_check(self, source: str, stubs: str) -> list[str]:
        """What Monty's type checker says, one `line:column: rule message` each."""
        with self._running().checkout(
            limits=DEFAULT_POLICY.limits(),
            type_check=True,
            type_check_stubs=stubs,
            type_check_format="concise",
        ) as session:
            try:
                session.feed_run(source)
            except monty.MontyTypingError as error:
                return error.display().strip().splitlines()
            except monty.MontyError as error:
                return [f"main.py:1:1: error {error}"]
        return []

    def session(self, policy: Policy, rows: int = 1) -> monty.MontySession:
        """A session not yet entered, with time for this many rows a feed."""
        return self._running().checkout(
            limits=policy.limits(rows), os_policy=policy.system()
        )

    def _running(self) -> monty.Monty:
        with self._lock:
            if self._pool is None:
                with shielded():
                    self._pool = _spawned(self._processes, self._grace)
            return self._pool

    def _chunk(self, run: Run, rows: Sequence[Row]) -> list[Outcome] | None:
        """The rows in one feed; None when it was stopped."""
        size = 1 << (len(rows) - 1).bit_length()
        with self._batch_lane(run.policy, size) as lane:
            return run_in_lane(lane, run, rows)

    @contextmanager
    def _batch_lane(self, policy: Policy, size: int) -> Iterator[Lane]:
        """A lane of one's own, kept warm for the next batch of this policy and size."""
        key = (policy, size)
        with self._lock:
            kept = self._warm.pop(key, None)
        lane = kept or Lane(lambda: self.session(policy, size))
        try:
            yield lane
        finally:
            with self._lock:
                idle, self._warm = self._warm, {key: lane}
            for other in idle.values():
                other.discard()

    def _one_by_one(self, run: Run, rows: Sequence[Row]) -> list[Outcome]:
        """Each row alone, until too many were stopped or the time of two feeds is up."""
        outcomes: list[Outcome] = []
        ends = perf_counter() + 2 * run.policy.feed_seconds(len(rows))
        stopped = 0
        for row in rows:
            if stopped >= _MAX_STOPPED or perf_counter() > ends:
                return outcomes + [_NOT_RUN] * (len(rows) - len(outcomes))
            with self.session(run.policy) as session:
                outcomes.append(run_alone(session, run, row))
            stopped += outcomes[-1].crashed
        return outcomes


def _spawned(processes: int, grace: float) -> monty.Monty:
    try:
        return monty.Monty(
            max_processes=processes,
            checkout_timeout=_WAIT_FOR_WORKER,
            request_timeout=_REQUEST,
            feed_duration_limit_grace=grace,
        ).__enter__()
    except (OSError, RuntimeError) as error:
        raise AszaError(
            f"the sandbox cannot start: {error}",
            remedy="install requirements.txt again; it brings the monty binary",
        ) from error
