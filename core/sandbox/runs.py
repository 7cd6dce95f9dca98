"""Run a body in a Monty session that is already checked out, alone or over rows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from time import perf_counter
from typing import Any

import pydantic_monty as monty

from core.calls import CapabilityCall, Host, Served
from core.outcome import STOPPED, Outcome
from core.sandbox.policy import Policy
from core.sandbox.source import body_start, watched_call

_PRINTED = 64 * 1024
Row = Mapping[str, Any]
_NEW_OUTCOME: Callable[[tuple[Any, ...]], Outcome] = partial(tuple.__new__, Outcome)
Calls = tuple[CapabilityCall, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """What is run: a source, its function, its capabilities and its policy."""

    source: str
    name: str
    capabilities: Mapping[str, Host]
    policy: Policy

    def served(self) -> Served:
        return Served(self.capabilities, self.policy.calls)


def swallow() -> monty.CollectString:
    """Where prints go: kept from the screen, and bounded."""
    return monty.CollectString(_PRINTED)


def run_alone(session: monty.MontySession, run: Run, inputs: Row) -> Outcome:
    """Define the function and call it once."""
    served, began = run.served(), perf_counter()
    code = watched_call(run.name, served.lookup, watch=run.policy.watch_inputs)
    try:
        session.feed_run(run.source, print_callback=swallow())
        changed, outputs = session.feed_run(
            code,
            inputs={"_asza_row": dict(inputs)},
            external_lookup=served.lookup,
            print_callback=swallow(),
        )
    except monty.MontyError as error:
        took = perf_counter() - began
        return failure(error, body_start(run.source), tuple(served.calls), took)
    took, calls = perf_counter() - began, tuple(served.calls)
    return Outcome(True, outputs, seconds=took, calls=calls, changed_inputs=changed)


def run_together(
    session: monty.MontySession, many: str, run: Run, rows: Sequence[Row]
) -> list[Outcome]:
    """One outcome a row from one feed of `many`; MontyError when it fails as a whole."""
    ledger, began = _Ledger(run.served()), perf_counter()
    outputs, errors, changed = session.feed_run(
        f"{many}(_asza_rows)",
        inputs={"_asza_rows": _plain(rows)},
        external_lookup={**ledger.served.lookup, "_asza_begin": ledger.begin},
        print_callback=swallow(),
    )
    each = (perf_counter() - began) / max(1, len(rows))
    outcomes = _went_well(outputs, each)
    for n in {*errors, *changed, *ledger.asked()}:
        outcomes[n] = _outcome(
            outputs[n], errors.get(n), each, ledger.of(n), n in changed
        )
    return outcomes


def _plain(rows: Sequence[Row]) -> list[Any]:
    return list(rows) if {dict}.issuperset(map(type, rows)) else list(map(dict, rows))


class _Ledger:
    """Which capability calls belong to which row of a feed."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self._rows: list[list[CapabilityCall]] = []

    def begin(self) -> None:
        self.served.start()
        self._rows.append(self.served.calls)

    def asked(self) -> range:
        return range(len(self._rows))

    def of(self, row: int) -> Calls:
        return tuple(self._rows[row]) if row < len(self._rows) else ()


def _went_well(outputs: Sequence[Any], seconds: float) -> list[Outcome]:
    # Zipped, not called: a batch of scalars spends as much here as in the worker.
    no, yes, empty = repeat(False), repeat(True), repeat("")
    calls: repeat[Calls] = repeat(())
    parts = (yes, outputs, empty, empty, repeat(None), repeat(seconds), calls, no, no)
    return list(map(_NEW_OUTCOME, zip(*parts, strict=False)))


def _outcome(
    value: Any,
    error: tuple[str, str] | None,
    seconds: float,
    calls: Calls,
    changed: bool,
) -> Outcome:
    name, message = error or ("", "")
    return Outcome(not name, value, name, message, None, seconds, calls, changed)


def failure(
    error: monty.MontyError, start: int, calls: Calls, seconds: float
) -> Outcome:
    """A Monty error as an outcome; `start` lines of source precede the body."""
    name = type(error.exception()).__name__
    if isinstance(error, monty.MontyCrashedError):
        name = "TimeoutError" if error.timed_out else "WorkerCrashed"
    return Outcome(
        False,
        error=name,
        message=_message(error),
        line=_line(error, start),
        seconds=seconds,
        calls=calls,
        crashed=name in STOPPED,
    )


def _message(error: monty.MontyError) -> str:
    if isinstance(error, monty.MontyRuntimeError | monty.MontySyntaxError):
        return error.display("msg")
    return str(error)


def _line(error: monty.MontyError, start: int) -> int | None:
    """The body's line that raised: the innermost frame that lies in it."""
    if not isinstance(error, monty.MontyRuntimeError):
        return None
    inside = [
        frame.line - start
        for frame in error.traceback()
        if frame.function_name not in (None, "<module>") and frame.line > start
    ]
    return inside[-1] if inside else None
