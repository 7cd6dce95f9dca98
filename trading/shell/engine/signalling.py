"""What became of what a decision asked for, as the ledger keeps it: a row a refusal."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from msgspec import Struct

from trading.shell.changed import changed
from trading.shell.engine.books import Books
from trading.shell.law import Verdict
from trading.shell.ledger.events import Decided, Signalled
from trading.shell.ledger.steps import ENTER
from trading.shell.venue.orders import Intent, Outcome, Receipt

PROPOSAL = "proposal"  # who refuses what is no order at all
VENUE, TRAILING = "venue", "trailing_stop"
NO_ANSWER = "no_answer"  # what keeps an order from being sent a second time
AMEND = "amend"


class Moment(Struct, frozen=True):
    """One symbol at the close of one candle: `now` is the UTC second of the close."""

    symbol: str
    time: int
    now: int
    close: float
    decision: Decided
    confidence: float | None = None

    @property
    def price(self) -> Decimal:
        """The close as money."""
        return Decimal(repr(self.close))


def tell(books: Books, moment: Moment, told: Signalled) -> None:
    """Write down what became of a signal, under its decision."""
    books.book([moment.decision, told])


def told_of(signals: Sequence[Signalled]) -> tuple[list[Signalled], list[Signalled]]:
    """The signal that speaks for a decision's entries, one that was sent if any was; and
    the refusals of the others, each under its number: "enter 2"."""
    sent = [one for one in signals if one.acted]
    told = (sent or list(signals))[:1]
    others = [
        changed(one, action=f"{ENTER} {number}")
        for number, one in enumerate(signals, 1)
        if not one.acted and one is not told[0]
    ]
    return told, others


def unmoved(moment: Moment, by: str, reason: str, level: Any) -> Signalled:
    """That a stop stays where it is though `level` was asked for, and who said so."""
    figures = {"stop": level, "price": moment.close}
    return _signalled(moment, AMEND, False, by, reason, figures)


def held_back(moment: Moment, action: str, why: str) -> Signalled:
    """That nothing was sent in the place of an order which may be at work."""
    return _signalled(moment, action, False, NO_ANSWER, why, {"price": moment.close})


def signal(
    moment: Moment,
    intent: Intent | None = None,
    verdict: Verdict | None = None,
    receipt: Receipt | None = None,
    proposal: str = "",
    action: str = ENTER,
) -> Signalled:
    """What became of one order that was asked for."""
    acted = receipt is not None and receipt.outcome is not Outcome.REFUSED
    by, reason = PROPOSAL, proposal
    if verdict is not None:
        by, reason = verdict.check, verdict.reason
    if receipt is not None and not acted:
        by, reason = VENUE, receipt.reason
    figures = {} if verdict is None else dict(verdict.figures or {})
    if intent is not None:
        figures |= {"quantity": intent.quantity, "price": moment.close}
    return _signalled(moment, action, acted, "" if acted else by, reason, figures)


def _signalled(
    moment: Moment,
    action: str,
    acted: bool,
    by: str,
    reason: str,
    figures: Mapping[str, Any],
) -> Signalled:
    return Signalled(
        decision=moment.decision.id,
        symbol=moment.symbol,
        at=moment.time,
        action=action,
        acted=acted,
        rejected_by=by,
        reason=reason,
        regime=moment.decision.regime,
        confidence=moment.confidence,
        figures={key: _shown(value) for key, value in figures.items()},
    )


def _shown(value: Any) -> Any:
    return str(value) if isinstance(value, Decimal) else value
