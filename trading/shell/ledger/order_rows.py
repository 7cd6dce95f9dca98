"""Orders, answers, amendments, fills and ends as rows, and back."""

from trading.shell.ledger.events import (
    Amended,
    Answered,
    Ended,
    Filled,
    Intended,
)
from trading.shell.ledger.row import (
    Row,
    Table,
    maybe_moment,
    maybe_seconds,
    moment,
    seconds,
)
from trading.shell.venue.orders import (
    Closed,
    Fill,
    Intent,
    Kind,
    Outcome,
    Purpose,
    Receipt,
    Side,
)


def _write_order(event: Intended) -> Row:
    i = event.intent
    return (
        i.id,
        moment(event.at),
        i.symbol,
        i.side.value,
        i.kind.value,
        i.purpose.value,
        i.quantity,
        i.price,
        i.trigger,
        i.stop,
        i.target,
        i.leverage,
        moment(i.decided_at),
        maybe_moment(i.expires_at),
        i.decision,
        i.reason,
    )


def _read_order(row: Row) -> Intended:
    name, at, symbol, side, kind, purpose, quantity, price, trigger = row[:9]
    stop, target, leverage, decided_at, expires_at, decision, reason = row[9:]
    intent = Intent(
        name,
        symbol,
        Side(side),
        Kind(kind),
        Purpose(purpose),
        quantity,
        seconds(decided_at),
        price,
        trigger,
        stop,
        target,
        leverage,
        maybe_seconds(expires_at),
        decision,
        reason,
    )
    return Intended(intent, seconds(at))


def _write_answer(event: Answered) -> Row:
    r = event.receipt
    return (r.id, r.outcome.value, moment(r.at), r.venue_id, r.reason)


def _read_answer(row: Row) -> Answered:
    name, outcome, at, venue_id, reason = row
    return Answered(Receipt(name, Outcome(outcome), seconds(at), venue_id, reason))


def _write_fill(event: Filled) -> Row:
    f = event.fill
    head = (f.id, f.order, f.symbol, f.side.value, f.quantity, f.price, f.fee)
    return (*head, moment(f.at), f.maker, f.reason)


def _read_fill(row: Row) -> Filled:
    name, order, symbol, side, quantity, price, fee, at, maker, reason = row
    head = (name, order, symbol, Side(side), quantity, price, fee)
    return Filled(Fill(*head, seconds(at), maker, reason))


ORDERS = Table(
    "orders",
    tuple(
        "id at symbol side kind purpose quantity price trigger stop target leverage "
        "decided_at expires_at decision reason".split()
    ),
    _write_order,
    _read_order,
)
ANSWERS = Table(
    "answers",
    ("order_id", "outcome", "at", "venue_id", "reason"),
    _write_answer,
    _read_answer,
)
AMENDMENTS = Table(
    "amendments",
    ("order_id", "quantity", "trigger", "at"),
    lambda e: (e.order, e.quantity, e.trigger, moment(e.at)),
    lambda row: Amended(row[0], row[1], row[2], seconds(row[3])),
)
FILLS = Table(
    "fills",
    tuple("id order_id symbol side quantity price fee at maker reason".split()),
    _write_fill,
    _read_fill,
)
ENDS = Table(
    "ends",
    ("order_id", "at", "reason"),
    lambda e: (e.closed.order, moment(e.closed.at), e.closed.reason),
    lambda row: Ended(Closed(row[0], seconds(row[1]), row[2])),
)
