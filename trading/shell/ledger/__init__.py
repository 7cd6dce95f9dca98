"""The ledger: the only source of truth for orders, fills, balances and P&L.

An account is a mode and a name ("paper", or a backtest's run id); its rows never meet
another's. One writer appends events; `LedgerState` is their sum.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from trading.shell.ledger.events import LedgerEvent
from trading.shell.venue.orders import Mode

if TYPE_CHECKING:
    from core.store.runs import State
    from trading.shell.ledger.state import LedgerState

__all__ = ["Account", "Answer", "Journal", "Tape"]


@dataclass(frozen=True, slots=True)
class Account:
    """Whose rows: a mode and a name within it. `quote` is the currency of its money."""

    mode: Mode
    name: str
    quote: str = "USD"

    @property
    def keeps(self) -> str:
        """Under what its modules' state is kept beside the stack: one account's is not
        another's. The account that is called like its mode keeps it under the mode."""
        mode = self.mode.value
        return mode if self.name == mode else f"{mode} {self.name}"


class Journal(Protocol):
    """Where events are appended. What `append` returned from is durable."""

    @property
    def state(self) -> "LedgerState":
        """The sum of what was appended; ask again after an append that raised."""

    def append(
        self, events: Sequence[LedgerEvent], states: "State | None" = None
    ) -> None:
        """Write events in order, all or none, each once; module states with them.

        StoreError when they cannot be kept, LedgerError when one cannot have happened.
        """

    def events(self) -> Sequence[LedgerEvent]:
        """Everything that changes balances, orders and positions, oldest first."""


class Answer(NamedTuple):
    """What is on the decision tape: a model's words, or None for an abstention."""

    answer: str | None


class Tape(Protocol):
    """Where a model's answers are kept, by the hash of the prompt and the candle."""

    def read(self, prompt: str, at: int) -> Answer | None:
        """What was answered at a candle (UTC second); None if it was never asked."""

    def write(self, prompt: str, at: int, answer: str | None) -> None:
        """Keep an answer; the first one stays."""
