"""Stored candles: the table `trading_data.candles`, and the only SQL on it.

A candle is known by symbol, timeframe and the second it opened. The first that was
written stays: another with other values is a conflict, told and left out unless it is to
replace. Times are UTC seconds here, prices and volumes floats; a volume may be missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any, cast

import pandas as pd

from core.store import Statements
from trading.shell.candles import seconds_of
from trading.shell.ledger.schema import prepare_ledger

COLUMNS = ("time", "open", "high", "low", "close", "volume")
PIECE = 100_000  # rows sent at a time
TOLD = 5  # conflicts told one by one

INCOMING = """
CREATE TEMP TABLE IF NOT EXISTS incoming (
    time bigint PRIMARY KEY, open float8 NOT NULL, high float8 NOT NULL,
    low float8 NOT NULL, close float8 NOT NULL, volume float8
) ON COMMIT DROP
"""
# One for all writes of a transaction: each table holds locks until its end.
EMPTY_INCOMING = "TRUNCATE incoming"
COPY_IN = "COPY incoming (time, open, high, low, close, volume) FROM STDIN (FORMAT csv)"
DIFFERENT = """
(k.open, k.high, k.low, k.close) IS DISTINCT FROM (i.open, i.high, i.low, i.close)
    OR k.volume <> i.volume
"""  # a volume that one of them lacks is no difference
MEETING = """
FROM incoming i JOIN trading_data.candles k
    ON k.symbol = %(symbol)s AND k.timeframe = %(timeframe)s
    AND k.time = to_timestamp(i.time)
"""
COUNT_CONFLICTS = f"SELECT count(*) {MEETING} WHERE {DIFFERENT}"
PAIRS = ", ".join(f"k.{name}, i.{name}" for name in COLUMNS[1:])
TELL_CONFLICTS = (
    f"SELECT i.time, k.source, {PAIRS} {MEETING}"
    f" WHERE {DIFFERENT} ORDER BY i.time LIMIT {TOLD}"
)
REPLACE = f"""
UPDATE trading_data.candles k
SET open = i.open, high = i.high, low = i.low, close = i.close,
    volume = coalesce(i.volume, k.volume), source = %(source)s
FROM incoming i
WHERE k.symbol = %(symbol)s AND k.timeframe = %(timeframe)s
    AND k.time = to_timestamp(i.time) AND ({DIFFERENT})
"""  # noqa: S608  every part is a constant of ours
FILL = """
UPDATE trading_data.candles k SET volume = i.volume
FROM incoming i
WHERE k.symbol = %(symbol)s AND k.timeframe = %(timeframe)s
    AND k.time = to_timestamp(i.time) AND k.volume IS NULL AND i.volume IS NOT NULL
    AND (k.open, k.high, k.low, k.close) = (i.open, i.high, i.low, i.close)
"""  # one candle without a volume leaves its whole market without
ADD = """
INSERT INTO trading_data.candles
    (symbol, timeframe, time, open, high, low, close, volume, source)
SELECT %(symbol)s, %(timeframe)s, to_timestamp(time), open, high, low, close, volume,
    %(source)s
FROM incoming
ON CONFLICT (symbol, timeframe, time) DO NOTHING
"""
READ = """
SELECT string_agg(concat_ws(',', second, open, high, low, close,
                            coalesce(volume::text, '')), E'\n' ORDER BY second)
FROM (
    SELECT extract(epoch FROM time)::bigint AS second, open, high, low, close, volume
    FROM trading_data.candles
    WHERE symbol = %(symbol)s AND timeframe = %(timeframe)s
        AND time >= to_timestamp(%(since)s) AND time < to_timestamp(%(until)s)
) c
GROUP BY second / %(block)s ORDER BY second / %(block)s
"""  # a million rows one by one would take the driver five seconds
HELD = """
SELECT symbol, timeframe, count(*), extract(epoch FROM min(time))::bigint,
       extract(epoch FROM max(time))::bigint, array_agg(DISTINCT source ORDER BY source),
       (pg_total_relation_size('trading_data.candles')
           * count(*) / sum(count(*)) OVER ())::bigint
FROM trading_data.candles GROUP BY symbol, timeframe ORDER BY symbol, timeframe
"""
OLD = """
FROM trading_data.candles c
WHERE symbol = %(symbol)s AND timeframe = %(timeframe)s
    AND time < to_timestamp(%(before)s)
"""
STANDS_IN = """
AND EXISTS (
    SELECT FROM trading_data.candles h
    WHERE h.symbol = %(symbol)s AND h.timeframe = %(coarse)s AND h.time = to_timestamp(
        floor(extract(epoch FROM c.time) / %(step)s) * %(step)s)
)
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """One column of a candle: what is stored, and what a later source gives."""

    column: str
    kept: float
    given: float


@dataclass(frozen=True, slots=True)
class Conflict:
    """One candle that two sources tell differently: who was first, and what differs."""

    time: int
    kept_source: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What became of candles: `added`, `same` as stored, in conflict, `replaced`; of
    the same ones `filled` had no volume, and have it now."""

    added: int
    same: int
    conflicts: int
    replaced: int
    examples: tuple[Conflict, ...] = ()
    filled: int = 0


@dataclass(frozen=True, slots=True)
class Held:
    """What is stored of one symbol and timeframe; `first` and `last` are opens."""

    symbol: str
    timeframe: str
    rows: int
    first: int
    last: int
    sources: tuple[str, ...]
    bytes: int


class CandleTable:
    """The door to stored candles. Raises StoreError when the database cannot be used."""

    def __init__(self, store: Statements) -> None:
        prepare_ledger(store)
        self._store = store

    def write(
        self,
        frame: pd.DataFrame,
        symbol: str,
        timeframe: str,
        source: str,
        *,
        replace: bool = False,
    ) -> Written:
        """Write checked candles (`COLUMNS`, volume optional), all or none."""
        values = {"symbol": symbol, "timeframe": timeframe, "source": source}
        with self._store.connection("the candles were not written") as connection:
            connection.execute(INCOMING)
            connection.execute(EMPTY_INCOMING)
            with connection.cursor().copy(COPY_IN) as copy:
                for piece in _pieces(frame):
                    copy.write(piece)
            conflicts = _one(connection.execute(COUNT_CONFLICTS.encode(), values))
            rows = connection.execute(TELL_CONFLICTS.encode(), values).fetchall()
            replaced = (
                connection.execute(REPLACE.encode(), values).rowcount if replace else 0
            )
            filled = connection.execute(FILL, values).rowcount
            added = connection.execute(ADD, values).rowcount
        same, told = len(frame) - added - conflicts, tuple(map(_conflict, rows))
        return Written(added, same, conflicts, replaced, told, filled)

    def read(
        self, symbol: str, timeframe: str, since: int = 0, until: int = 2**33
    ) -> pd.DataFrame:
        """The candles opened from `since` up to before `until`, oldest first."""
        block = PIECE * seconds_of(timeframe)
        market = {"symbol": symbol, "timeframe": timeframe, "block": block}
        rows = self._store.rows(READ, {**market, "since": since, "until": until})
        return _frame("\n".join(text for (text,) in rows))

    def held(self) -> list[Held]:
        """Everything stored, a symbol and timeframe each; bytes are a fair share."""
        return [
            Held(symbol, timeframe, rows, first, last, tuple(sources), size)
            for symbol, timeframe, rows, first, last, sources, size in self._store.rows(
                HELD
            )
        ]

    def count_old(self, symbol: str, timeframe: str, before: int) -> int:
        """How many candles opened before a second."""
        row = self._store.row("SELECT count(*) " + OLD, _old(symbol, timeframe, before))
        return int(row[0]) if row else 0

    def delete_old(
        self, symbol: str, timeframe: str, before: int, coarse: tuple[str, int] | None
    ) -> int:
        """Delete candles opened before a second; how many went.

        With a `coarse` timeframe and its step in seconds, only those for which a candle
        of it is stored.
        """
        values: dict[str, Any] = _old(symbol, timeframe, before)
        if coarse is None:
            return self._store.execute("DELETE " + OLD, values)
        values |= {"coarse": coarse[0], "step": coarse[1]}
        return self._store.execute("DELETE " + OLD + STANDS_IN, values)


def _old(symbol: str, timeframe: str, before: int) -> dict[str, Any]:
    return {"symbol": symbol, "timeframe": timeframe, "before": before}


def _conflict(row: Sequence[Any]) -> Conflict:
    """A row of TELL_CONFLICTS: of the columns those that both know and tell differently."""
    time, source, *values = row
    pairs = zip(COLUMNS[1:], values[::2], values[1::2], strict=True)
    apart = [
        Difference(name, kept, given)
        for name, kept, given in pairs
        if None not in (kept, given) and kept != given
    ]
    return Conflict(time, source, tuple(apart))


def _one(cursor: Any) -> int:
    return int(cursor.fetchone()[0])


def _pieces(frame: pd.DataFrame) -> Iterator[str]:
    """The rows as CSV, floats to their last digit, a missing volume empty."""
    whole = frame.reindex(columns=list(COLUMNS))
    for at in range(0, len(whole), PIECE):
        yield whole.iloc[at : at + PIECE].to_csv(header=False, index=False)


def _frame(text: str) -> pd.DataFrame:
    """Rows of the table as candles; without a volume where one of them has none."""
    types: Mapping[str, str] = dict.fromkeys(COLUMNS[1:], "float64")
    frame = pd.read_csv(
        StringIO(text),
        names=list(COLUMNS),
        dtype=cast(Any, {"time": "int64", **types}),
    )
    return frame if frame["volume"].notna().all() else frame.drop(columns="volume")
