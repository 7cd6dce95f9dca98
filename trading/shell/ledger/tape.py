"""The decision tape in Postgres: one answer a prompt and candle, the first one stays."""

from core.store import Store
from core.store.codec import encode
from trading.shell.ledger import Answer
from trading.shell.ledger.row import moment, seconds
from trading.shell.ledger.schema import prepare_ledger

READ = (
    "SELECT answer FROM trading_data.decision_tape"
    " WHERE prompt_hash = %s AND symbol = %s AND candle_at = %s ORDER BY at LIMIT 1"
)
WRITE = (
    "INSERT INTO trading_data.decision_tape"
    " (prompt_hash, symbol, candle_at, model, answer) VALUES (%s, %s, %s, %s, %s)"
    " ON CONFLICT DO NOTHING"
)
COPY = (
    "SELECT prompt_hash, candle_at, answer FROM trading_data.decision_tape"
    " WHERE symbol = %s AND candle_at BETWEEN %s AND %s ORDER BY at DESC"
)
EVERY = ""  # the question names its symbol: the prompt's hash tells them apart


class PostgresTape:
    """The tape; what is written on it now was answered by `model`."""

    def __init__(self, store: Store, model: str = "") -> None:
        prepare_ledger(store)
        self._store, self._model = store, model

    def read(self, prompt: str, at: int) -> Answer | None:
        """What was answered at a candle, by whichever model; None if never asked."""
        row = self._store.row(READ, (prompt, EVERY, moment(at)))
        return None if row is None else Answer(row[0])

    def answers(self, first: int, last: int) -> dict[tuple[str, int], str | None]:
        """Every prompt's answer at the candles from `first` to `last` (UTC seconds)."""
        rows = self._store.rows(COPY, (EVERY, moment(first), moment(last)))
        return {(prompt, seconds(at)): answer for prompt, at, answer in rows}

    def write(self, prompt: str, at: int, answer: str | None) -> None:
        """Keep an answer."""
        values = (prompt, EVERY, moment(at), self._model, encode(answer))
        self._store.execute(WRITE, values)
