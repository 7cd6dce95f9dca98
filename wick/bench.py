"""What a Wick works with: opened once, used for every defect."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from wick.clones import RUNGS
from wick.telling import Kind, Tell, Told

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.store import Store
    from core.store.defect import Defect


@dataclass(frozen=True, slots=True)
class Limits:
    """What one repair may use: its rungs, seconds in all, dollars in all."""

    rungs: tuple[str, ...] = RUNGS
    seconds: float = 30.0
    dollars: Decimal | None = None


@dataclass(frozen=True)
class Bench:
    """The store, the workers, and where to say what happens."""

    store: Store
    settings: Settings
    sandbox: Sandbox
    executor: Executor
    tell: Tell
    limits: Limits = Limits()

    def say(self, kind: Kind, text: str, defect: Defect, /, **data: Any) -> None:
        """Tell of one defect."""
        self.tell(Told(kind, text, defect.module, defect.id, data))

    def telling(self, defect: Defect) -> Callable[[Told], None]:
        """Where what others tell of this defect goes: with its number."""

        def tell(told: Told) -> None:
            self.tell(Told(told.kind, told.text, defect.module, defect.id, told.data))

        return tell
