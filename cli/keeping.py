"""What a run keeps: its decisions, the state they leave, the versions it takes up."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol

from cli.uncertified import uncertified
from core.errors import AszaError, StackError, StoreError

if TYPE_CHECKING:
    from core.settings import Settings
    from core.stack import Stack, StackRun
    from core.stack.tick import Decision, Tick
    from core.store import DecisionRow, Store
    from core.wrapper import Runtime

Data = dict[str, Any]
State = dict[str, Data]
NATIVE, SANDBOX = "native", "sandbox"
EVERY = 0.25  # seconds between two looks at the generation
RETRY = 30.0  # seconds before a database that failed is asked again
BATCH = 500  # ticks of a walk that are committed together


class Say(Protocol):
    """Where a run's remarks go: a person's stderr."""

    def __call__(self, text: str, style: str = "dim") -> None:
        """Remark `text`."""


class Generation:
    """The store's generation, looked up every quarter second at most.

    While the database is away nothing is made live in it: the last answer holds.
    """

    def __init__(
        self, read: Callable[[], int], clock: Callable[[], float] = monotonic
    ) -> None:
        self._read, self._clock = read, clock
        self._known, self._next = 0, float("-inf")

    def __call__(self) -> int:
        """The generation, at most a quarter of a second old."""
        now = self._clock()
        if now < self._next:
            return self._known
        try:
            self._known, self._next = self._read(), now + EVERY
        except StoreError:
            self._next = now + RETRY
        return self._known


@dataclass(frozen=True)
class Policy:
    """How a run keeps what it decides: `batch` ticks at once, none of them if 0.

    With `restore` it goes on from the last committed state of its mode.
    """

    mode: str
    batch: int = 0
    restore: bool = False


@dataclass
class Keeper:
    """One run's stack runs, and everything that outlives their ticks."""

    settings: "Settings"
    store: "Store"
    stack: str
    run_id: str
    runtime: "Runtime"
    policy: Policy
    say: Say
    trace: bool = False
    clock: Callable[[], float] = monotonic
    loaded_at: int | None = None
    at: int | None = None
    state: State = field(default_factory=dict)
    engines: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    _remarks: dict[str, str] = field(default_factory=dict)
    _made: set[str] = field(default_factory=set)
    _rows: "list[DecisionRow]" = field(default_factory=list)
    _waiting: int = 0
    _runs: "dict[frozenset[str], StackRun]" = field(default_factory=dict)
    _run: "StackRun | None" = None
    _seen: Mapping[str, int] | None = None
    _versions: dict[str, int] = field(default_factory=dict)
    _phases: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        from core.store import Modules, Runs

        self._door = Runs(self.store)
        self._generation = Generation(Modules(self.store).generation, self.clock)
        if self.policy.restore:
            self.state = self._door.state(self.stack, self.policy.mode)

    def run_of(self, stack: "Stack", begins: Data | None = None) -> "StackRun":
        """The run of these modules, in the state all runs of this keeper left.

        `begins` is a state to begin with instead, by name.
        """
        modules, names = frozenset(stack.entries), _state_names(stack)
        run = self._runs.get(modules)
        if run is None or (names and (begins is not None or run is not self._run)):
            run = self._runs[modules] = self._start(stack, names, begins)
            self._look(run.stack)
        if run is not self._run:
            self._run = run
            self._phases = _phases(run.stack)
        return run

    def stand_at(self, time: int) -> None:
        """What is decided from now on is of the bar opened at `time`."""
        self.at = time

    def flush(self) -> None:
        """Commit what waits, decisions and state together."""
        if self._waiting:
            self._door.commit(
                self._rows, stack=self.stack, mode=self.policy.mode, state=self.state
            )
            self._rows, self._waiting = [], 0

    def silent(self) -> list[Data]:
        """Modules without a fallback that failed whenever asked, and never answered."""
        entries = {} if self._run is None else self._run.stack.entries
        return [
            {"module": name, "failures": count, "remark": self._remarks[name]}
            for name, count in self.failed.items()
            if entries[name].spec.contract.fallback is None
            and self._made.isdisjoint(_results(name, entries[name].spec.contract))
        ]

    def _start(
        self, stack: "Stack", names: set[str], begins: Data | None
    ) -> "StackRun":
        from core.stack import StackRun

        state: Mapping[str, Data] = self.state
        if begins is not None:
            state = dict.fromkeys(_keys(stack), begins)
        return StackRun(
            stack,
            self.runtime,
            state={
                key: {name: value for name, value in kept.items() if name in names}
                for key, kept in state.items()
            },
            trace=self.trace,
            generation=self._generation,
            reload=lambda: self._reload(stack),
            commit=self._take,
            loaded_at=self.loaded_at,
        )

    def _reload(self, stack: "Stack") -> "Stack":
        """These modules in their new versions; StackError if this run cannot use them."""
        from core.library import open_stack
        from core.stack.parts import part

        try:
            whole = open_stack(self.settings, self.stack, self.store)
            fresh = part(whole, frozenset(stack.entries))
        except StoreError:
            raise  # it may well be there at the next tick
        except AszaError as error:
            raise StackError(str(error)) from error
        gone = sorted(set(stack.entries) - set(fresh.entries))
        more = sorted(
            name
            for each in ("symbol", "portfolio")
            for name in fresh.starts_for(each) - stack.starts_for(each)
        )
        if gone or more:
            what = f"{', '.join(gone)} is gone" if gone else f"it reads {more[0]} now"
            raise StackError(
                f"{what}, and this run began without that",
                field="stack",
                value=self.stack,
                remedy="run it again",
            )
        return fresh

    def _take(self, tick: "Tick") -> None:
        """A tick, before its state is kept."""
        for note in tick.notes:
            self._note(note)
        decisions = [*tick.values(), *([tick.portfolio] if tick.portfolio else [])]
        for decision in decisions:
            self._made.update(decision.values)
            if decision.faults:
                self.failed.update(decision.faults.keys())
                self._remarks.update(decision.faults)
            if decision.versions is not self._seen:
                self._take_up(decision.versions)
        if self.policy.batch:
            self._rows += [self._row(decision) for decision in decisions]
            self._waiting += 1
        for decision in decisions:
            if decision.state:
                self.state.setdefault(decision.symbol, {}).update(decision.state)
        if self._waiting and self._waiting >= self.policy.batch:
            self.flush()

    def _take_up(self, versions: Mapping[str, int]) -> None:
        """Say which modules run in another version than before."""
        self._seen = versions
        for module, version in versions.items():
            before = self._versions.get(module, version)
            if before != version:
                self._note(f"{module}: {_named(version)} taken up after {before}")
        self._versions.update(versions)
        if self._run is not None:
            self._look(self._run.stack)
            self._phases = _phases(self._run.stack)

    def _look(self, stack: "Stack") -> None:
        """Note where each module runs; say which of them nothing vouches for."""
        told = dict(uncertified(stack))
        for name in stack.entries:
            native = name not in told and self.runtime.engine == NATIVE
            if name in told and name not in self.engines:
                self.say(told[name], "yellow")
            before = self.engines.get(name, NATIVE)
            self.engines[name] = before if native else SANDBOX

    def _note(self, text: str) -> None:
        self.notes.append(text)
        self.say(text, "yellow")

    def _row(self, decision: "Decision") -> "DecisionRow":
        from core.store import DecisionRow

        each = "*symbol" if decision.symbol else "*portfolio"
        last = self._phases.get(each, "")
        return DecisionRow(
            run_id=self.run_id,
            at=datetime.now(UTC)
            if self.at is None
            else datetime.fromtimestamp(self.at, UTC),
            phase=self._phases.get(decision.ended_by, last),
            key=decision.symbol,
            proceed=decision.proceed,
            reason=decision.reason,
            outputs=decision.values,
            versions=decision.versions,
        )


def engine_of(engines: Mapping[str, str], asked: str) -> str:
    """Which engine ran the modules, in words: not what was asked, but what was done."""
    boxed = sorted(name for name, engine in engines.items() if engine == SANDBOX)
    if not boxed or len(boxed) == len(engines):
        return SANDBOX if boxed else asked
    return (
        f"mixed: {len(boxed)} of {len(engines)} sandboxed "
        f"(no certificate for: {', '.join(boxed)})"
    )


def _named(version: int) -> str:
    return f"version {version}" if version else "the file as it was edited"


def _phases(stack: "Stack") -> dict[str, str]:
    """The phase of each module, and the last one of the symbols and the portfolio."""
    found: dict[str, str] = {}
    for phase in stack.wiring.phases:
        found.update(dict.fromkeys(phase.modules, phase.name))
        if phase.modules and not phase.asked:
            found[f"*{phase.each}"] = phase.name
    return found


def _state_names(stack: "Stack") -> set[str]:
    return {n for entry in stack.entries.values() for n in entry.spec.contract.state}


def _keys(stack: "Stack") -> Iterator[str]:
    """The scopes of a call that have a state: the symbol "call", the portfolio ""."""
    for phase in stack.wiring.phases:
        if any(stack.entries[name].spec.contract.state for name in phase.modules):
            yield "call" if phase.each == "symbol" else ""


def _results(module: str, contract: Any) -> set[str]:
    from core.stack.wiring import RESERVED

    return {f"{module}.{n}" if n in RESERVED else n for n in contract.results}
