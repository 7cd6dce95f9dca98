"""What a module said at every candle that was scanned, with the price it said it at."""

from typing import NamedTuple

from core.store import Store
from trading.shell.ledger import Account
from trading.shell.ledger.row import seconds
from trading.shell.ledger.schema import prepare_ledger

SAID = (
    "SELECT symbol, at, price, figures ->> %s FROM trading_data.scan_results"
    " WHERE mode = %s AND account = %s ORDER BY at, symbol"
)
MODELS = (
    "SELECT model, count(*) FROM trading_data.decision_tape"
    " WHERE answer::text <> 'null' GROUP BY model ORDER BY model"
)


class Said(NamedTuple):
    """One scan: the close of the candle that opened at the UTC second `at`, and a word
    ("" where none was said)."""

    symbol: str
    at: int
    price: float
    word: str


def said(store: Store, account: Account, name: str) -> list[Said]:
    """An account's scans, the oldest first, with the value called `name` as its word."""
    prepare_ledger(store)
    rows = store.rows(SAID, (name, account.mode.value, account.name))
    return [Said(row[0], seconds(row[1]), float(row[2]), row[3] or "") for row in rows]


def models(store: Store) -> dict[str, int]:
    """Whose answers are on the decision tape, and how many of each."""
    prepare_ledger(store)
    return {str(model): int(count) for model, count in store.rows(MODELS)}
