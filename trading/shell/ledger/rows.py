"""Which table keeps which kind of event."""

from collections.abc import Mapping

from trading.shell.ledger import account_rows, decision_rows, order_rows
from trading.shell.ledger.events import (
    Amended,
    Answered,
    Decided,
    Deposited,
    Ended,
    Filled,
    FundingPaid,
    Halted,
    Intended,
    Scanned,
    Signalled,
    Snapshot,
)
from trading.shell.ledger.row import (
    Table,
)

TABLES: Mapping[type, Table] = {
    Deposited: account_rows.DEPOSITS,
    Intended: order_rows.ORDERS,
    Answered: order_rows.ANSWERS,
    Amended: order_rows.AMENDMENTS,
    Filled: order_rows.FILLS,
    Ended: order_rows.ENDS,
    FundingPaid: account_rows.FUNDING,
    Snapshot: account_rows.SNAPSHOTS,
    Halted: account_rows.HALTS,
    Decided: decision_rows.DECISIONS,
    Scanned: decision_rows.SCANS,
    Signalled: decision_rows.SIGNALS,
}
