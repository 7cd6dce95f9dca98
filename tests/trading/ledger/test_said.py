"""What a module said is read back with the price it said it at, of one account only."""

from decimal import Decimal

from core.store import Store
from trading.shell.ledger import Account
from trading.shell.ledger.events import Deposited, Scanned
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.ledger.said import Said, models, said
from trading.shell.ledger.tape import PostgresTape
from trading.shell.venue.orders import Mode

HOUR = 3600


def scan(at: int, price: float, **values: object) -> Scanned:
    return Scanned("BTC/USD", at, price, "", False, "none", None, values)


def test_words_are_read_in_order_with_their_prices(store: Store) -> None:
    mine, other = Account(Mode.PAPER, "mine"), Account(Mode.PAPER, "other")
    for account in (mine, other):
        journal = PostgresJournal(store, account, stack="trading")
        journal.append([Deposited(Decimal(200), 0)])
        journal.append([scan(HOUR, 101.5, gpt_said="sell"), scan(0, 100.0, said=1)])
    assert said(store, mine, "gpt_said") == [
        Said("BTC/USD", 0, 100.0, ""),
        Said("BTC/USD", HOUR, 101.5, "sell"),
    ]


def test_models_are_counted_by_their_answers_without_abstentions(store: Store) -> None:
    for at, answer in enumerate(["buy", None, "sell"]):
        PostgresTape(store, "url:m").write("q", at * HOUR, answer)
    assert models(store) == {"url:m": 2}
