"""Deposits, funding, equity snapshots and halts as rows, and back."""

from trading.shell.ledger.events import (
    Deposited,
    FundingPaid,
    Halted,
    Snapshot,
)
from trading.shell.ledger.row import (
    Row,
    Table,
    moment,
    seconds,
)
from trading.shell.venue.orders import (
    Funding,
)


def _write_snapshot(event: Snapshot) -> Row:
    money = tuple(getattr(event, name) for name in MONEY)
    return (moment(event.at), *money)


MONEY = tuple(
    "equity cash unrealised realised fees funding deposits exposure drawdown".split()
)

DEPOSITS = Table(
    "deposits",
    ("at", "amount", "remark"),
    lambda e: (moment(e.at), e.amount, e.remark),
    lambda row: Deposited(row[1], seconds(row[0]), row[2]),
)
FUNDING = Table(
    "funding",
    ("symbol", "amount", "rate", "at"),
    lambda e: (
        e.funding.symbol,
        e.funding.amount,
        e.funding.rate,
        moment(e.funding.at),
    ),
    lambda row: FundingPaid(Funding(row[0], row[1], row[2], seconds(row[3]))),
)
SNAPSHOTS = Table(
    "equity_snapshots",
    ("at", *MONEY),
    _write_snapshot,
    lambda row: Snapshot(seconds(row[0]), *row[1:]),
)
HALTS = Table(
    "halts",
    ("at", "cause", "detail", "by"),
    lambda e: (moment(e.at), e.cause, e.detail, e.by),
    lambda row: Halted(seconds(row[0]), *row[1:]),
)
