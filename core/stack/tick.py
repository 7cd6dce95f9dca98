"""What one tick of a stack leaves behind: decisions, versions, state and a trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

SKIPPED = "skipped"
PORTFOLIO = ""  # the scope that is no symbol


class TraceEntry(NamedTuple):
    """One module's turn: what it got, gave and took; `outputs` is None if it did not."""

    phase: str
    module: str
    version: int
    symbol: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any] | None
    elapsed_ns: int
    outcome: str
    remark: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What the stack decided for one symbol (or, with symbol "", for the portfolio).

    `values` holds every output by name, and `<module>.proceed` and `<module>.reason`
    of the modules that give them. `faults` maps a module to what went wrong in it,
    whether its fallback answered or not; `failed` are those without one, which made
    nothing; `skipped` maps one that lacked an input to why. `state` is the state after
    the tick.
    """

    symbol: str
    values: Mapping[str, Any]
    proceed: bool
    reason: str
    ended_by: str
    faults: Mapping[str, str]
    skipped: Mapping[str, str]
    versions: Mapping[str, int]
    state: Mapping[str, Any]
    trace: tuple[TraceEntry, ...] = ()
    failed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tick(Mapping[str, Decision]):
    """One tick: a decision for each symbol, and the portfolio's if it has a phase.

    `asked` is the phase that was asked for, "" for a tick; its `number` is that of the
    last tick.
    """

    number: int
    generation: int
    decisions: Mapping[str, Decision]
    portfolio: Decision | None = None
    notes: tuple[str, ...] = ()
    asked: str = ""

    def __getitem__(self, symbol: str) -> Decision:
        return self.decisions[symbol]

    def __iter__(self) -> Iterator[str]:
        return iter(self.decisions)

    def __len__(self) -> int:
        return len(self.decisions)

    def trace(self) -> tuple[TraceEntry, ...]:
        """Every module's turn, symbols first and in order, then the portfolio's."""
        all_of_them = [
            *self.decisions.values(),
            *([self.portfolio] * bool(self.portfolio)),
        ]
        return tuple(entry for each in all_of_them if each for entry in each.trace)
