"""What a rung that asks a model may use: settings cut to the climb's time and money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from time import monotonic, perf_counter
from typing import TYPE_CHECKING

from core.errors import AszaError, ModelError
from core.llm import Answer, Exchange, OnText, Role, Writer, writer_for
from core.llm.config import Choice
from core.llm.metered import MeteredWriter
from core.llm.retry import RetryPolicy
from core.llm.routing import choice_of
from wick.clones import Clone, Task

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store

# A defect has other rungs to try: a dead endpoint is not waited for as a request's is.
_RETRY = RetryPolicy(attempts=2, longest=2.0, patience=5.0)


@dataclass(frozen=True)
class Purse:
    """Who may be asked and what it may cost; built when it is first needed.

    `ends` is when the time is up, on the monotonic clock.
    """

    settings: Settings
    store: Store | None
    ends: float

    def choice(self, role: Role) -> Choice:
        """The provider and model of a role."""
        return choice_of(role, self.settings)

    def offline(self, role: Role = "writer") -> bool:
        """Whether no model stands behind a role."""
        return self.choice(role).provider == "offline"

    def writer(self, role: Role) -> Writer:
        """A role's writer, metered. ConfigError when it lacks its key or address."""
        writer = writer_for(role, self.settings, self.store)
        if isinstance(writer, MeteredWriter):
            writer = replace(writer, policy=replace(_RETRY, ends=self.ends))
        return TimedWriter(writer, self.ends)

    def spent(self, cycle: str) -> Decimal:
        """US dollars spent or reserved for a defect so far."""
        if self.store is None:
            return Decimal(0)
        from core.store import BudgetLedger

        return BudgetLedger(self.store).totals(cycle).request


def purse(
    settings: Settings, store: Store | None, ends: float, dollars: Decimal | None
) -> Purse:
    """What is left of the time until `ends`, and at most `dollars` for the defect."""
    limit = settings.budget_per_request
    cut = {
        "llm_timeout": min(settings.llm_timeout, max(ends - monotonic(), 0.1)),
        "budget_per_request": limit if dollars is None else min(limit, dollars),
    }
    return Purse(settings.model_copy(update=cut), store, ends)


@dataclass(frozen=True)
class TimedWriter:
    """A writer that is not asked any more once the time is up."""

    inner: Writer
    ends: float

    @property
    def name(self) -> str:
        """The inner writer's own."""
        return self.inner.name

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """The inner writer's answer. ModelError, before the call, without time."""
        if monotonic() >= self.ends:
            raise ModelError(
                "the time for this repair is up",
                field="seconds",
                remedy="give it a larger budget of time",
            )
        return self.inner.answer(exchange, on_text)


@dataclass
class Tally:
    """What a rung has so far, so that an error in the middle loses none of it."""

    clone: Clone

    def note(self, text: str) -> None:
        """Add a remark to what is noted already."""
        noted = "; ".join(filter(None, (self.clone.note, text)))
        self.clone = replace(self.clone, note=noted)


def charged(
    rung: str, task: Task, money: Purse, work: Callable[[Tally], None]
) -> Clone:
    """A rung's clone with its time and cost; an error of ASZA's ends it as its note."""
    began, tally = perf_counter(), Tally(Clone(rung))
    cost = Decimal(0)
    try:
        before = money.spent(task.cycle)
        try:
            work(tally)
        finally:
            cost = money.spent(task.cycle) - before
    except AszaError as error:
        tally.note(str(error))
    return replace(tally.clone, seconds=perf_counter() - began, cost_usd=cost)
