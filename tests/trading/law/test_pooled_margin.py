"""Several entries of one perpetual: no fill of them is liquidated before a stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from tests.trading.law.orders_before_the_law import ENTRY, FUTURES, D
from trading.shell.changed import changed
from trading.shell.config import Costs
from trading.shell.law import Verdict
from trading.shell.law.checks import judge
from trading.shell.law.counting import standing
from trading.shell.law.limits import loosest
from trading.shell.ledger.events import Answered, Deposited, Filled, Intended
from trading.shell.ledger.memory import MemoryJournal
from trading.shell.venue.brackets import conditional_closes
from trading.shell.venue.fees import FeeTable
from trading.shell.venue.orders import (
    Fill,
    Intent,
    Kind,
    Mode,
    Outcome,
    Purpose,
    Receipt,
    Side,
)
from trading.shell.venue.rules import Rules

PERP = FUTURES.symbol
MARKET = changed(FUTURES, maintenance=D("0.01"))
RULES = Rules(3600, FeeTable({}), {PERP: MARKET}, Costs(slippage=D(0), spread=D(0)))
LIMITS = changed(loosest(Mode.PAPER), leverage=D(50), cost_of_move=D(100))
AT = 86_400 * 100


@dataclass(frozen=True)
class Asked:
    """An entry at a price, its stop `near` its own liquidation, and how much fills now."""

    side: Side
    price: Decimal
    leverage: Decimal
    near: Decimal
    now: Decimal

    def intent(self, number: int) -> Intent:
        away = max(1 / self.leverage - MARKET.maintenance - self.near, D("0.001"))
        return changed(
            ENTRY,
            id=f"az{number}",
            symbol=PERP,
            side=self.side,
            kind=Kind.LIMIT,
            price=self.price,
            quantity=D(1),
            leverage=self.leverage,
            stop=(self.price * (1 - self.side.sign * away)).quantize(D("0.001")),
            target=None,
        )


class Account:
    """A ledger whose entries the law has judged."""

    def __init__(self) -> None:
        self.journal = MemoryJournal()
        self.journal.append([Deposited(D(100_000), AT)])
        self.taken: list[Intent] = []

    def judged(self, intent: Intent, mark: Decimal) -> Verdict:
        stands = standing(self.journal.state, PERP, AT, {PERP: mark})
        verdict = judge(LIMITS, stands, intent, MARKET, mark)
        if verdict.allowed:
            allowed = verdict.applied(intent)
            self.taken.append(allowed)
            orders = (allowed, *conditional_closes(allowed))
            self.journal.append([Intended(one, AT) for one in orders])
        return verdict

    def fill(self, intent: Intent, quantity: Decimal) -> None:
        """So much of it at its price; its stop rests from then on."""
        if not quantity:
            return
        price = intent.price or D(100)
        name = f"{intent.id}-{quantity}"
        fill = Fill(name, intent.id, PERP, intent.side, quantity, price, D(0), AT)
        closes = conditional_closes(intent)
        rest = [Answered(Receipt(c.id, Outcome.CONFIRMED, AT)) for c in closes]
        self.journal.append([Filled(fill), *rest])

    def leave(self, quantity: Decimal) -> None:
        """An exit of so much, under way."""
        exit_ = changed(
            ENTRY,
            id="azout",
            symbol=PERP,
            side=Side.SELL,
            purpose=Purpose.EXIT,
            quantity=quantity,
            stop=None,
            target=None,
        )
        self.journal.append([Intended(exit_, AT)])

    def every_stop_comes_first(self) -> bool:
        """Whether the venue would liquidate the position only beyond all its stops."""
        position = self.journal.state.position(PERP)
        if position is None:
            return True
        end = RULES.liquidation_price(position)
        assert end is not None
        filled = [
            one
            for one in self.taken
            if (order := self.journal.state.order(one.id)) and order.filled
        ]
        assert {one.side for one in filled} == {position.side}
        sign = position.side.sign
        return all(sign * ((one.stop or D(0)) - end) > 0 for one in filled)


ASKED = st.builds(
    Asked,
    side=st.sampled_from([Side.BUY, Side.BUY, Side.BUY, Side.SELL]),
    price=st.decimals(80, 120, places=1),
    leverage=st.sampled_from([D(1), D(2), D(5), D(10), D(20)]),
    near=st.decimals("0.0001", "0.6", places=4),
    now=st.sampled_from([D(0), D("0.4"), D(1), D(1)]),
)
WIDE_THEN_NEAR = [
    Asked(Side.BUY, D(100), D(2), D("0.09"), D(1)),  # its stop is at 60
    Asked(Side.BUY, D(100), D(10), D("0.06"), D(1)),
]


@given(asked=st.lists(ASKED, min_size=2, max_size=5), short=st.booleans())
@example(asked=WIDE_THEN_NEAR, short=False)
@example(asked=WIDE_THEN_NEAR, short=True)
@settings(max_examples=150)
def test_no_pool_of_allowed_entries_is_liquidated_before_a_stop_of_them(
    asked: Sequence[Asked], short: bool
) -> None:
    account = Account()
    for number, one in enumerate(asked):
        side = one.side.opposite if short else one.side
        intent = changed(one, side=side).intent(number)
        verdict = account.judged(intent, one.price)
        if not verdict.allowed:
            event(f"{len(account.taken)} taken: {verdict.check} {verdict.reason[:30]}")
            continue
        account.fill(account.taken[-1], one.now * verdict.quantity)
        assert account.every_stop_comes_first()
    event(f"{len(account.taken)} taken in all")
    for intent in account.taken:
        order = account.journal.state.order(intent.id)
        assert order is not None
        account.fill(intent, intent.quantity - order.filled)
        assert account.every_stop_comes_first()


@pytest.mark.parametrize(
    ("leaving", "lawful"), [(D(0), False), (D("0.9"), False), (D(1), True)]
)
def test_an_entry_against_what_is_held_needs_an_exit_of_all_of_it(
    leaving: Decimal, lawful: bool
) -> None:
    account = Account()
    long = Asked(Side.BUY, D(100), D(5), D("0.1"), D(1)).intent(1)
    assert account.judged(long, D(100)).allowed
    account.fill(long, long.quantity)
    if leaving:
        account.leave(leaving)
    short = Asked(Side.SELL, D(100), D(5), D("0.1"), D(1)).intent(2)
    verdict = account.judged(short, D(100))
    assert verdict.allowed is lawful
    assert verdict.check == ("" if lawful else "mode_and_permission")


def test_an_entry_against_one_that_may_still_fill_is_refused() -> None:
    account = Account()
    entries = [
        Asked(side, D(100), D(5), D("0.1"), D(0)).intent(number)
        for number, side in enumerate((Side.BUY, Side.SELL))
    ]
    verdicts = [account.judged(one, D(100)) for one in entries]
    assert [one.check for one in verdicts] == ["", "mode_and_permission"]
    assert "other side" in verdicts[1].reason
