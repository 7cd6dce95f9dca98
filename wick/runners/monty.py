"""Candidates in Monty: many in one feed, and none of them can touch another.

A feed that is stopped tells how many candidates it had finished, so the one at fault
costs itself alone. A feed that does not compile, or a worker that dies, goes on in smaller
parts until the one at fault stands alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any, NamedTuple

import pydantic_monty as monty

from core.sandbox import Policy, Sandbox
from wick.runners.monty_answers import broken, own_line, rans
from wick.runners.monty_text import (
    HARNESS,
    asked,
    called_by,
    fed,
    marked,
    metered_preamble,
    named,
    reaches_harness,
    renewed,
)
from wick.subject import Case, Ran, Subject

_POLICY = Policy(seconds=0.25, memory=48 * 2**20)
_GRACE = 0.1
# A session keeps every function it was ever fed: some 3 kB each.
_MAX_FUNCTIONS = 4_000
# A feed that kills its worker tells nothing: its candidates go on in parts so small.
_PART = 16
_LARGEST, _SMALLEST, _FEED_SECONDS = 256, 8, 0.04
# A feed in which every candidate is endless still has time enough.
_FEED_STEPS = 100_000
_STEPS, _LEAST_STEPS, _STEPS_OVER = 20_000, 400, 10
_STOPPED = ("TimeoutError", "MemoryError")
_FORGED = Ran(False, error="NameError", message="it names what judges it", crashed=True)


class _Call(NamedTuple):
    """How candidates are called: on which case, in how many steps, by which function."""

    preamble: str
    case: Case
    most: int
    how: str


class MontyRunner:
    """Runs candidates in one Monty worker that is kept warm; not for two threads at once.

    `steps` is how many rounds of loops and calls of itself a source in `rows` may take.
    Those in `each` get ten times what the longest of those took, 400 at least.
    """

    name = "monty"

    def __init__(self, sandbox: Sandbox | None = None, *, steps: int = _STEPS) -> None:
        self._own = sandbox is None
        self._sandbox = sandbox or Sandbox(processes=2, grace=_GRACE)
        self._steps = steps
        self._session: monty.MontySession | None = None
        self._preamble = ""
        self._renewed = ""
        self._functions = 0
        self._size = 64
        self._taken = 0
        self._feeds = 0
        self._longest: dict[tuple[str, str], int] = {}

    def each(self, preamble: str, sources: Sequence[str], case: Case) -> list[Ran]:
        """Every source on one case. A source that never ends costs itself alone."""
        most = self._most(preamble, named(sources[0])) if sources else 0
        return self._every(_Call(preamble, case, most, called_by(case)), sources)

    def rows(self, preamble: str, source: str, cases: Sequence[Case]) -> list[Ran]:
        """One source on every case, defined afresh for each."""
        return [self._row(preamble, source, case) for case in cases]

    def lines(self, subject: Subject, cases: Sequence[Case]) -> list[frozenset[int]]:
        """Which lines of the function ran in each case (1 = its `def`)."""
        text = marked(subject.source)
        return [self._lines(subject.preamble, text, case) for case in cases]

    def supports(self, preamble: str, source: str) -> str:
        """Why Monty cannot run this: "" where it can."""
        try:
            session = self._ready(preamble)
            for text in (source, *asked(source)):
                session.feed_run(text)
        except SyntaxError as error:
            return f"it does not parse: {error}"
        except monty.MontyError as error:
            self._discard()
            return f"Monty cannot run it: {error}"
        return ""

    def close(self) -> None:
        """Stop its worker; the next use starts another."""
        self._discard()
        if self._own:
            self._sandbox.close()

    def _every(self, call: _Call, sources: Sequence[str]) -> list[Ran]:
        """What came of each; what reaches for the harness is not run at all."""
        fair = [one for one in sources if not reaches_harness(one)]
        if len(fair) == len(sources):
            return self._fairly(call, sources)
        rans = iter(self._fairly(call, fair))
        return [_FORGED if reaches_harness(one) else next(rans) for one in sources]

    def _fairly(self, call: _Call, sources: Sequence[str]) -> list[Ran]:
        found: list[Ran] = []
        while len(found) < len(sources):
            size = min(self._size, max(_SMALLEST, _FEED_STEPS // max(1, call.most)))
            chunk = sources[len(found) : len(found) + size]
            found += self._chunk(call, chunk)
        return found

    def _row(self, preamble: str, source: str, case: Case) -> Ran:
        call = _Call(preamble, case, self._steps, called_by(case))
        ran = self._every(call, [source])[0]
        if ran.ok:
            key = (preamble, named(source))
            self._longest[key] = max(self._taken, self._longest.get(key, 0))
        if ran.ok or ran.crashed:
            return ran
        return ran._replace(line=self._line(preamble, source, case))

    def _most(self, preamble: str, name: str) -> int:
        """The steps each of many candidates may take."""
        longest = self._longest.get((preamble, name), 0)
        return min(self._steps, max(_LEAST_STEPS, _STEPS_OVER * longest))

    def _lines(self, preamble: str, source: str, case: Case) -> frozenset[int]:
        call = _Call(preamble, case, self._steps, "_wick_trace")
        try:
            return frozenset(self._feed(call, [source])[0])
        except monty.MontyError:
            seen = self._after_stop("_wick_lines")
            self._discard()
            return frozenset(seen or ())

    def _line(self, preamble: str, source: str, case: Case) -> int | None:
        """The function's line that raises: the innermost of its own frames."""
        name = named(source)
        code = f"{self._renewed}{source}\n{name}(*_wick_given[0], **_wick_given[1])"
        start = self._renewed.count("\n")
        try:
            self._ready(preamble).feed_run(
                code,
                inputs={"_wick_given": (case.args, dict(case.kwargs))},
                print_callback=monty.CollectString(65_536),
            )
        except monty.MontyRuntimeError as error:
            return own_line(error, start, 1 + source.count("\n"))
        except monty.MontyError:
            self._discard()
        return None

    def _chunk(self, call: _Call, sources: Sequence[str]) -> list[Ran]:
        """What came of the first sources of a chunk; none where it must be smaller."""
        began = perf_counter()
        try:
            found = self._feed(call, sources)
        except monty.MontyRuntimeError as error:
            return self._stopped(call, sources, error)
        except monty.MontyError as error:
            self._discard()
            if len(sources) == 1:
                return [broken(error)]
            self._size = max(1, len(sources) // _PART)
            return []
        self._resize(len(sources), perf_counter() - began)
        return rans(call.case, sources, found)

    def _stopped(
        self, call: _Call, sources: Sequence[str], error: monty.MontyRuntimeError
    ) -> list[Ran]:
        """What had been finished; the one at fault too, once it stood alone.

        The limit is one of wall time: a machine that is busy may use up a whole feed's.
        """
        name = type(error.exception()).__name__
        found = self._after_stop("_wick_out")
        if found is None or name == "MemoryError":
            self._discard()
        if found is None and len(sources) > 1:
            self._size = max(1, len(sources) // _PART)
            return []
        done = rans(call.case, sources, found or [])
        if len(sources) > 1 and name in _STOPPED:
            self._size = 1
            return done
        return [*done, Ran(False, error=name, message=str(error), crashed=True)]

    def _after_stop(self, name: str) -> list[Any] | None:
        if self._session is None:
            return None
        try:
            begun, found = self._session.feed_run(f"(_wick_begun[0], {name})")
        except (monty.MontyError, RuntimeError):  # the latter: its worker is gone
            return None
        # A feed that Monty could not read left what an earlier one had found.
        return list(found) if begun == self._feeds else None

    def _resize(self, count: int, seconds: float) -> None:
        """So many candidates a feed that it takes a fraction of what it may."""
        fitting = int(count * _FEED_SECONDS / max(seconds, 1e-6))
        self._size = max(_SMALLEST, min(_LARGEST, 2 * max(1, self._size), fitting))

    def _feed(self, call: _Call, sources: Sequence[str]) -> list[Any]:
        session, name = self._ready(call.preamble), named(sources[0])
        self._functions += len(sources)
        self._feeds += 1
        found: list[Any]
        found, self._taken = session.feed_run(
            fed(sources, name, call.how, self._renewed, call.most, self._feeds),
            inputs={"_wick_given": (call.case.args, dict(call.case.kwargs))},
            print_callback=monty.CollectString(65_536),
        )
        return found

    def _ready(self, preamble: str) -> monty.MontySession:
        if self._functions >= _MAX_FUNCTIONS or preamble != self._preamble:
            self._discard()
        if self._session is None:
            self._session = self._opened(preamble)
        return self._session

    def _opened(self, preamble: str) -> monty.MontySession:
        session = self._sandbox.session(_POLICY).__enter__()
        self._functions, self._preamble = 0, preamble
        again = renewed(preamble)
        self._renewed = again and f"{again}\n"
        try:
            session.feed_run(HARNESS.format(steps=self._steps))
            session.feed_run(metered_preamble(preamble))
        except monty.MontyError:
            session.__exit__(None, None, None)
            raise
        return session

    def _discard(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.__exit__(None, None, None)
