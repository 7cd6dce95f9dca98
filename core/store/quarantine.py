"""Quarantine: what must not run, nor be made live by itself, until a person lifts it.

A module in quarantine is not run, whichever version is live. A version in quarantine is
not run while it is live, and Wick never makes it live.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from psycopg.rows import class_row

from core.errors import NotFound
from core.store.codec import plain
from core.store.connection import Connection, Store
from core.store.modules import Modules, VersionRow


@dataclass(frozen=True, slots=True)
class Quarantine:
    """One quarantine; `version` None is the whole module, `lifted_at` None: it holds."""

    id: int
    module: str
    version: int | None
    reason: str
    set_by: str
    at: datetime
    lifted_by: str
    lifted_at: datetime | None


COLUMNS = ", ".join(f.name for f in fields(Quarantine))
SELECT = f"SELECT {COLUMNS} FROM system_logs.quarantines"  # noqa: S608
SET = f"""
INSERT INTO system_logs.quarantines (module, version, reason, set_by)
VALUES (%(module)s, %(version)s, %(reason)s, %(by)s)
ON CONFLICT (module, coalesce(version, 0)) WHERE lifted_at IS NULL
    DO UPDATE SET reason = excluded.reason, set_by = excluded.set_by
RETURNING {COLUMNS}
"""  # noqa: S608  every part is a constant of this file
LIFT = f"""
UPDATE system_logs.quarantines SET lifted_by = %(by)s, lifted_at = clock_timestamp()
WHERE module = %(module)s AND version IS NOT DISTINCT FROM %(version)s::int
  AND lifted_at IS NULL
RETURNING {COLUMNS}
"""  # noqa: S608  every part is a constant of this file
BUMP = "UPDATE system_logs.counters SET value = value + 1 WHERE name = 'generation'"


class Quarantines:
    """The door to quarantines. Setting or lifting one tells every running stack."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def set(
        self, module: str, version: int | None = None, *, reason: str, by: str
    ) -> Quarantine:
        """From the next tick on it is not run; a second time only says why anew.

        NotFound when there is no such module or version.
        """
        self._demand(module, version)
        values = {
            "module": module,
            "version": version,
            "reason": plain(reason) or "no reason was given",
            "by": plain(by),
        }
        with self._store.connection("the quarantine was not set") as connection:
            return _changed(connection, SET, values)[0]

    def lift(self, module: str, version: int | None = None, *, by: str) -> Quarantine:
        """It runs again from the next tick on. NotFound when none holds."""
        values = {"module": module, "version": version, "by": plain(by)}
        with self._store.connection("the quarantine was not lifted") as connection:
            found = _changed(connection, LIFT, values)
        if not found:
            raise _not_set(module, version, self.holding(module))
        return found[0]

    def is_quarantined(self, module: str, version: int | None = None) -> bool:
        """Whether the module is, or this version of it."""
        return any(
            each.version is None or each.version == version
            for each in self.holding(module)
        )

    def holding(self, module: str | None = None) -> list[Quarantine]:
        """Those that hold now, of one module or of all, oldest first."""
        return self._select(
            "lifted_at IS NULL AND (%(module)s::text IS NULL OR module = %(module)s)"
            " ORDER BY id",
            {"module": module},
        )

    def history(self, module: str) -> list[Quarantine]:
        """All of a module, lifted ones too, oldest first."""
        return self._select("module = %(module)s ORDER BY id", {"module": module})

    def _demand(self, module: str, version: int | None) -> None:
        door = Modules(self._store)
        if version is not None:
            door.version(module, version)
        elif not door.history(module):
            raise NotFound(
                f"{module} has no versions",
                field="module",
                value=module,
                remedy="`asza list` shows the modules there are",
            )

    def _select(
        self, condition: str, values: dict[str, str | None]
    ) -> list[Quarantine]:
        query = f"{SELECT} WHERE {condition}"
        with self._store.connection("quarantines were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(Quarantine))
            return cursor.execute(query.encode(), values).fetchall()


@dataclass(frozen=True, slots=True)
class LiveModule:
    """A live version, and why it may not run: "" where nothing forbids it.

    `module_barred` holds for whatever stands on disk, `version_barred` for this very
    version only.
    """

    row: VersionRow
    module_barred: str
    version_barred: str

    def barred(self, *, edited: bool) -> str:
        """Why it may not run. A file that was `edited` is no version any more."""
        return self.module_barred or ("" if edited else self.version_barred)


# One query for both: a stack is loaded often, and quarantines are few.
LIVE = f"""
SELECT {", ".join(f"v.{f.name}" for f in fields(VersionRow))},
       coalesce(max(q.reason) FILTER (WHERE q.version IS NULL), ''),
       coalesce(max(q.reason) FILTER (WHERE q.version IS NOT NULL), '')
FROM system_logs.versions v
LEFT JOIN system_logs.quarantines q ON q.module = v.module AND q.lifted_at IS NULL
    AND (q.version IS NULL OR q.version = v.version)
WHERE v.state = 'live' AND starts_with(v.module, %(prefix)s)
GROUP BY v.module, v.version ORDER BY v.module
"""  # noqa: S608  every part is a constant of ours


def live_modules(store: Store, stack: str | None = None) -> list[LiveModule]:
    """The live versions of a stack or of all, and which may not run, in one query."""
    prefix = "" if stack is None else f"{stack}."
    with store.connection("versions were not read") as connection:
        rows = connection.execute(LIVE.encode(), {"prefix": prefix}).fetchall()
    return [LiveModule(VersionRow(*row[:-2]), *row[-2:]) for row in rows]


def _changed(
    connection: Connection, query: str, values: Mapping[str, object]
) -> list[Quarantine]:
    """Run it, and let running stacks look again if it changed anything."""
    cursor = connection.cursor(row_factory=class_row(Quarantine))
    found = cursor.execute(query.encode(), values).fetchall()
    if found:
        connection.execute(BUMP)
    return found


def _not_set(module: str, version: int | None, holding: list[Quarantine]) -> NotFound:
    what = module if version is None else f"version {version} of {module}"
    there = ", ".join(_named(each.version) for each in holding)
    return NotFound(
        f"{what} is not in quarantine",
        field="module" if version is None else "version",
        value=module if version is None else version,
        remedy=f"in quarantine is {there}" if there else "nothing is to be lifted",
    )


def _named(version: int | None) -> str:
    return "the whole module" if version is None else f"version {version}"
