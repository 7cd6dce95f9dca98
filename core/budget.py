"""Money: prices, limits and reservations. Pure arithmetic over a ledger that can lock.

The worst case of a call is reserved before it is made and settled after it. Whatever goes
wrong in between, the reservation stands at its worst case: a crash never makes money
reappear. An unknown price is refused, not guessed. All amounts are US dollars.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import ROUND_UP, Decimal
from threading import Lock
from typing import Protocol

from core.errors import BudgetError

MICRO_DOLLAR = Decimal("0.000001")
MILLION = Decimal(1_000_000)


class Price(Protocol):
    """What a model charges."""

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """US dollars for one call. Never less than the provider's bill."""
        ...


@dataclass(frozen=True)
class FlatPrice:
    """US dollars for a million tokens in, and for a million out."""

    per_million_in: Decimal
    per_million_out: Decimal

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Linear in both counts."""
        used = input_tokens * self.per_million_in + output_tokens * self.per_million_out
        return rounded_up(used / MILLION)


@dataclass(frozen=True)
class CataloguePrice:
    """A price from the `genai-prices` catalogue, tiers included.

    Cached input is charged as fresh input: the bill may be lower, never higher.
    `otherwise` is the price of a model that the catalogue does not know.
    """

    provider: str
    model: str
    otherwise: Price | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """The catalogue's price of one call; `BudgetError` when nobody has one."""
        from genai_prices import Usage, calc_price

        usage = Usage(input_tokens=input_tokens, output_tokens=output_tokens)
        try:
            found = calc_price(usage, self.model, provider_id=self.provider)
        except LookupError as error:
            if self.otherwise is not None:
                return self.otherwise.cost(input_tokens, output_tokens)
            raise unknown_price(self.provider, self.model) from error
        return rounded_up(found.total_price)


FREE = FlatPrice(Decimal(0), Decimal(0))


def rounded_up(amount: Decimal) -> Decimal:
    """To a millionth of a dollar, upwards."""
    return amount.quantize(MICRO_DOLLAR, rounding=ROUND_UP)


def unknown_price(provider: str, model: str) -> BudgetError:
    """The refusal of a model whose price nobody told us."""
    return BudgetError(
        f"the price of {provider} model {model!r} is not known",
        field="model",
        value=model,
        remedy="set LLM_PRICE_INPUT and LLM_PRICE_OUTPUT (US dollars a million tokens), "
        "or choose a model that is in the catalogue",
    )


@dataclass(frozen=True)
class Limits:
    """The most that may be spent: on one call, one request, one day, one month (UTC)."""

    call: Decimal = Decimal("0.50")
    request: Decimal = Decimal("2.00")
    day: Decimal = Decimal("5.00")
    month: Decimal = Decimal("50.00")


@dataclass(frozen=True)
class Totals:
    """What is spent or reserved so far, in the request, the day and the month at hand."""

    request: Decimal = Decimal(0)
    day: Decimal = Decimal(0)
    month: Decimal = Decimal(0)


def check(limits: Limits, totals: Totals, amount: Decimal) -> None:
    """Refuse an amount that would go over a limit, naming the limit and what is left."""
    spans = (
        ("call", limits.call, Decimal(0)),
        ("request", limits.request, totals.request),
        ("day", limits.day, totals.day),
        ("month", limits.month, totals.month),
    )
    for span, limit, used in spans:
        if used + amount > limit:
            raise over_limit(span, limit, used, amount)


def over_limit(
    span: str, limit: Decimal, used: Decimal, amount: Decimal
) -> BudgetError:
    """The refusal of a call that would go over a limit."""
    left = max(limit - used, Decimal(0))
    return BudgetError(
        f"this call could cost ${amount:f}, and ${left:f} of ${limit:f} are left "
        f"for the {span}",
        field=f"budget.{span}",
        value=amount,
        remedy=f"raise BUDGET_PER_{span.upper()}, choose a cheaper model, or use offline",
    )


class Ledger(Protocol):
    """Where reservations live. Checking and adding is one step under one lock."""

    def reserve(self, cycle: str, amount: Decimal, limits: Limits, at: datetime) -> int:
        """Add a reservation, or raise `BudgetError`. Returns its number."""
        ...

    def settle(self, reservation: int, spent: Decimal) -> None:
        """Replace a reservation by what was spent."""
        ...


@dataclass
class _Entry:
    cycle: str
    amount: Decimal
    at: datetime


@dataclass
class MemoryLedger:
    """A ledger that lives as long as the process: for what is free, and for dry runs."""

    entries: list[_Entry] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def reserve(self, cycle: str, amount: Decimal, limits: Limits, at: datetime) -> int:
        """See `Ledger.reserve`."""
        with self._lock:
            check(limits, self.totals(cycle, at), amount)
            self.entries.append(_Entry(cycle, amount, at))
            return len(self.entries) - 1

    def settle(self, reservation: int, spent: Decimal) -> None:
        """See `Ledger.settle`."""
        with self._lock:
            self.entries[reservation].amount = spent

    def totals(self, cycle: str, at: datetime) -> Totals:
        """What counts against each limit at a moment."""

        def total(counts: Callable[[_Entry], bool]) -> Decimal:
            return sum((e.amount for e in self.entries if counts(e)), Decimal(0))

        return Totals(
            total(lambda e: e.cycle == cycle),
            total(lambda e: e.at.date() == at.date()),
            total(lambda e: (e.at.year, e.at.month) == (at.year, at.month)),
        )


@dataclass
class Charge:
    """One reservation while its call runs: `spent` stays at the worst case until told."""

    worst: Decimal
    spent: Decimal


@dataclass(frozen=True)
class Budget:
    """The limits over one ledger, shared by every parallel call."""

    limits: Limits
    ledger: Ledger
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    @contextmanager
    def reserved(self, cycle: str, worst: Decimal) -> Iterator[Charge]:
        """Hold the worst case while a call runs; afterwards keep what it says it spent.

        Raises `BudgetError` before the call when the money is not there.
        """
        charge = Charge(worst, worst)
        reservation = self.ledger.reserve(cycle, worst, self.limits, self.clock())
        try:
            yield charge
        finally:
            self.ledger.settle(reservation, charge.spent)


def most_tokens(*texts: str) -> int:
    """An upper bound on the tokens of a prompt: no byte-level tokenizer exceeds bytes.

    A little is added for the messages' own framing.
    """
    return sum(len(text.encode("utf-8", "surrogatepass")) for text in texts) + 200
