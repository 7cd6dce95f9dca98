"""Any writer with money, retries and the spool around it: what `writer_for` gives out.

Every attempt is reserved, made, settled and spooled by itself, so that a retried call
counts as often as the provider may count it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from decimal import Decimal

from core import thoughts
from core.budget import Budget, Charge, Price, most_tokens
from core.errors import AszaError
from core.llm import Answer, Exchange, OnText, Writer
from core.llm.faults import EndpointError
from core.llm.retry import RetryPolicy

ZERO = Decimal(0)


@dataclass(frozen=True)
class MeteredWriter:
    """A writer that pays, retries and remembers. Safe to share between threads."""

    inner: Writer
    price: Price
    budget: Budget
    spool: thoughts.Spool | None = None
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    sleep: Callable[[float], None] = time.sleep

    @property
    def name(self) -> str:
        """The inner writer's own."""
        return self.inner.name

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """The inner writer's answer with its cost. Raises what the inner one raises.

        `BudgetError` when the worst case of a call does not fit any more, before it.
        """

        def attempt() -> Answer:
            return self._once(exchange, on_text)

        return self.policy.call(attempt, sleep=self.sleep)

    def _once(self, exchange: Exchange, on_text: OnText | None) -> Answer:
        worst = self.worst_case(exchange)
        with self._reserved(exchange.cycle, worst) as charge:
            started = time.monotonic()
            try:
                answer = self.inner.answer(exchange, on_text)
            except AszaError as error:
                charge.spent = self._cost_of(error, worst)
                self._keep_failure(exchange, error, charge, started)
                raise
            charge.spent = self._cost(exchange, answer)
            answer = replace(
                answer, cost_usd=charge.spent, seconds=time.monotonic() - started
            )
        if self.spool is not None:
            self.spool.append(thoughts.answered(exchange, answer))
        return answer

    def worst_case(self, exchange: Exchange) -> Decimal:
        """US dollars, if every byte is a token and the answer is as long as it may be."""
        return self.price.cost(_input_bound(exchange), exchange.max_output_tokens)

    def _reserved(self, cycle: str, worst: Decimal) -> AbstractContextManager[Charge]:
        if not worst:
            return nullcontext(Charge(worst, worst))
        return self.budget.reserved(cycle, worst)

    def _cost(self, exchange: Exchange, answer: Answer) -> Decimal:
        """By the provider's counts; by ours, which are higher, where it gives none."""
        if not answer.billed:
            return ZERO
        return self.price.cost(
            answer.input_tokens or _input_bound(exchange),
            answer.output_tokens or most_tokens(answer.text),
        )

    def _cost_of(self, error: AszaError, worst: Decimal) -> Decimal:
        """What a failure costs: by the provider's final count, else at its worst."""
        if not isinstance(error, EndpointError) or not error.billed:
            return ZERO
        partial = error.partial
        if not partial.counted:
            return worst
        return self.price.cost(partial.input_tokens, partial.output_tokens)

    def _keep_failure(
        self, exchange: Exchange, error: AszaError, charge: Charge, started: float
    ) -> None:
        if self.spool is None:
            return
        row = thoughts.failed(
            exchange,
            self.name,
            error,
            partial=error.partial.text if isinstance(error, EndpointError) else "",
            cost_usd=charge.spent,
            seconds=time.monotonic() - started,
        )
        self.spool.append(row)


def _input_bound(exchange: Exchange) -> int:
    schema = json.dumps(exchange.schema, indent=1) if exchange.schema else ""
    return most_tokens(exchange.system, exchange.user, schema, schema)
