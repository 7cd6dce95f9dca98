"""Defects: what failed, who repairs it, what came of it, and what became of that.

One row a module, version and signature; the same failure again only counts.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any, Unpack

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from core.errors import NotFound, StoreError
from core.store.claims import sole_owner, this_process
from core.store.codec import encode, plain
from core.store.connection import Connection, Store
from core.store.defect import OPEN, REPAIRED, WRONG, Defect, Found, folded, folding
from core.store.faults import store_errors

Listed = list[Defect]
COLUMNS = ", ".join(f.name for f in fields(Defect))
SELECT = f"SELECT {COLUMNS} FROM system_logs.defects"  # noqa: S608
# Counted where it is known: an insert that only counts would use up a number.
REPORT = f"""
WITH seen AS (
    UPDATE system_logs.defects SET
        times = times + %(times)s,
        first_at = least(first_at, %(at)s),
        last_at = greatest(last_at, %(at)s)
    WHERE module = %(module)s AND version = %(version)s AND signature = %(signature)s
    RETURNING {COLUMNS}
), made AS (
    INSERT INTO system_logs.defects AS kept
        (module, version, signature, trigger, remark, times, first_at, last_at, evidence)
    SELECT %(module)s, %(version)s, %(signature)s, %(trigger)s, %(remark)s, %(times)s,
           %(at)s, %(at)s, %(evidence)s
    WHERE NOT EXISTS (SELECT 1 FROM seen)
    ON CONFLICT (module, version, signature) DO UPDATE SET
        times = kept.times + excluded.times,
        first_at = least(kept.first_at, excluded.first_at),
        last_at = greatest(kept.last_at, excluded.last_at)
    RETURNING {COLUMNS}
)
SELECT {COLUMNS} FROM seen UNION ALL SELECT {COLUMNS} FROM made
"""  # noqa: S608  every part is a constant of this file
TAKE = (
    "UPDATE system_logs.defects SET state = 'repairing', owner = %(owner)s,"
    " owned_at = clock_timestamp() WHERE id = %(id)s AND state IN ('open', 'repairing')"
)
FATE = "SELECT fate FROM system_logs.defects WHERE id = %s FOR UPDATE"
REFUTE = "UPDATE system_logs.patches SET refuted = refuted + 1 WHERE defect = %s"
LET_GO = (
    "UPDATE system_logs.defects SET state = 'open', owner = '', owned_at = NULL"
    " WHERE id = %(id)s AND state = 'repairing' AND owner = %(owner)s"
)


class Defects:
    """The door to defects."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def report(
        self,
        module: str,
        version: int,
        signature: str,
        *,
        trigger: str,
        remark: str,
        evidence: Mapping[str, Any] | None = None,
        times: int = 1,
        at: datetime | None = None,
    ) -> Defect:
        """Record a failure, or count it where it is known; the defect as it is now.

        The evidence's lists grow to 20 different values. A defect whose repair turned
        out wrong, and that is seen again, is open again.
        """
        known = dict(evidence or {})
        values = {
            "module": plain(module),
            "version": version,
            "signature": plain(signature),
            "trigger": plain(trigger),
            "remark": plain(remark),
            "times": times,
            "at": at or datetime.now(UTC),
            "evidence": encode(folded({}, known)),
        }
        with self._store.connection("a defect was not recorded") as connection:
            defect = _one(connection, REPORT, values)
            changes = folding(defect, known)
            return _update(connection, defect.id, changes) if changes else defect

    @contextmanager
    def claim(self, defect: int) -> Iterator[bool]:
        """Whether this defect is ours to repair, for as long as the block lasts.

        False while another process has it, and when it is settled. Whoever leaves
        without settling it leaves it open. NotFound when there is no such defect.
        """
        self.get(defect)
        who = {"id": defect, "owner": this_process()}
        with sole_owner(self._store, f"defect {defect}") as connection:
            with store_errors("a defect was not claimed"):
                mine = bool(connection and connection.execute(TAKE, who).rowcount)
            try:
                yield mine
            finally:
                if connection and mine:
                    with suppress(psycopg.Error):  # the lock went with the connection
                        connection.execute(LET_GO, who)

    def open(self) -> Listed:
        """What nobody has settled, oldest first; some may be in another's hands."""
        return self._select("state IN ('open', 'repairing') ORDER BY id")

    def list(
        self, module: str | None = None, limit: int = 20, *, state: str | None = None
    ) -> Listed:
        """The defects seen last, newest first."""
        return self._select(
            "(%(module)s::text IS NULL OR module = %(module)s)"
            " AND (%(state)s::text IS NULL OR state = %(state)s)"
            " ORDER BY last_at DESC, id DESC LIMIT %(limit)s",
            {"module": module, "state": state, "limit": limit},
        )

    def get(self, defect: int) -> Defect:
        """One defect; NotFound naming the newest there are."""
        found = self._select("id = %(id)s", {"id": defect})
        if not found:
            raise _not_found(defect, [each.id for each in self.list()])
        return found[0]

    def repaired_by(self, module: str, version: int) -> Listed:
        """The defects that this version was made live for."""
        return self._select(
            "module = %(module)s AND repaired_by = %(version)s ORDER BY id",
            {"module": module, "version": version},
        )

    def note(self, defect: int, **found: Unpack[Found]) -> Defect:
        """Keep what is known so far; its state stays."""
        return self._change(defect, dict(found))

    def settle(self, defect: int, state: str, **found: Unpack[Found]) -> Defect:
        """It is settled: one of the states, and everything that was found.

        StoreError when another process owns it now: ours was thought dead.
        """
        ended = {
            **found,
            "state": state,
            "owner": "",
            "owned_at": None,
            "settled_at": datetime.now(UTC),
        }
        return self._change(defect, ended)

    def reopen(self, defect: int) -> Defect:
        """Look for a repair again. NotFound without it or when it is repaired."""
        known = self.get(defect)
        if known.state == REPAIRED:
            raise NotFound(
                f"defect {defect} is repaired: version {known.repaired_by} runs",
                field="defect",
                value=defect,
                remedy="say `asza wick refute` if that repair is wrong",
            )
        return self._change(defect, {"state": OPEN, "settled_at": None})

    def open_again(self, defect: int) -> bool:
        """Open one that was set aside; False when somebody else has done so."""
        done = self._store.execute(
            "UPDATE system_logs.defects SET state = 'open', settled_at = NULL"
            " WHERE id = %s AND state = 'not ours'",
            (defect,),
        )
        return done > 0

    def set_fate(self, defect: int, fate: str, reason: str = "") -> Defect:
        """What became of its repair: kept, reverted, refuted by whom.

        Where it was wrong, the patches it left are wrong once more; and that it was
        wrong stays, though it is told to be kept later.
        """
        told = {
            "fate": fate,
            "fate_reason": plain(reason),
            "fate_at": datetime.now(UTC),
        }
        with self._store.connection("a repair's fate was not recorded") as connection:
            row = connection.execute(FATE, (defect,)).fetchone()
            was_wrong = bool(row and row[0] in WRONG)
            if was_wrong and fate not in WRONG:
                told = {"fate": row[0] if row else fate}
            elif fate in WRONG and not was_wrong:
                connection.execute(REFUTE, (defect,))
            return _update(connection, defect, told)

    def _change(self, defect: int, values: dict[str, Any]) -> Defect:
        with self._store.connection("a defect was not settled") as connection:
            row = connection.execute(
                "SELECT owner FROM system_logs.defects WHERE id = %s FOR UPDATE",
                (defect,),
            ).fetchone()
            if row and row[0] not in ("", this_process()):
                raise _owned(defect, str(row[0]))
            return _update(connection, defect, values)

    def _select(
        self, condition: str, values: Mapping[str, Any] | None = None
    ) -> Listed:
        query = f"{SELECT} WHERE {condition}"
        with self._store.connection("defects were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(Defect))
            return cursor.execute(query.encode(), values).fetchall()


def _update(connection: Connection, defect: int, values: Mapping[str, Any]) -> Defect:
    sets = [
        sql.SQL("{} = {}").format(sql.Identifier(n), sql.Placeholder(n)) for n in values
    ]
    query = sql.SQL(
        "UPDATE system_logs.defects SET {} WHERE id = %(which)s RETURNING {}"
    )
    columns = sql.SQL(", ").join(sql.Identifier(f.name) for f in fields(Defect))
    made = query.format(sql.SQL(", ").join(sets), columns)
    stored = {name: _stored(value) for name, value in values.items()}
    return _one(connection, made, {**stored, "which": defect})


def _stored(value: Any) -> Any:
    if isinstance(value, Mapping | list | tuple):
        return encode(dict(value) if isinstance(value, Mapping) else list(value))
    return value


def _one(
    connection: Connection, query: str | sql.Composed, values: Mapping[str, Any]
) -> Defect:
    text = query.encode() if isinstance(query, str) else query
    cursor = connection.cursor(row_factory=class_row(Defect))
    row = cursor.execute(text, values).fetchone()
    if row is None:
        raise _not_found(values.get("which"), [])
    return row


def _not_found(defect: Any, known: Sequence[int]) -> NotFound:
    there = (
        f"the newest are {', '.join(map(str, known))}"
        if known
        else "none was ever reported"
    )
    return NotFound(
        f"there is no defect {defect}", field="defect", value=defect, remedy=there
    )


def _owned(defect: int, owner: str) -> StoreError:
    return StoreError(
        f"defect {defect} is repaired by another process now: {owner}",
        field="owner",
        value=owner,
        remedy="leave it to that process; `asza wick show` tells what it does",
    )
