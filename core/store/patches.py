"""Known patches: what once mended a failure, to be tried first when it comes again."""

from dataclasses import dataclass, fields
from datetime import datetime
from hashlib import sha256

from psycopg.rows import class_row

from core.store.codec import plain
from core.store.connection import Store


@dataclass(frozen=True, slots=True)
class Patch:
    """A body that mended the body with `before_hash`, under one contract.

    `used` counts where it was made live, `refuted` how often that turned out wrong
    (the fate of its defect says so).
    """

    id: int
    signature: str
    contract_digest: str
    before_hash: str
    after_hash: str
    body: str
    module: str
    defect: int
    used: int
    refuted: int
    at: datetime


COLUMNS = ", ".join(f.name for f in fields(Patch))
# A patch found again is the same patch: its counts go on.
KEEP = f"""
INSERT INTO system_logs.patches AS kept
    (signature, contract_digest, before_hash, after_hash, body, module, defect)
VALUES (%(signature)s, %(contract_digest)s, %(before_hash)s, %(after_hash)s, %(body)s,
        %(module)s, %(defect)s)
ON CONFLICT (signature, contract_digest, before_hash, after_hash)
    DO UPDATE SET defect = excluded.defect
RETURNING {COLUMNS}
"""  # noqa: S608  every part is a constant of this file
# What mended this very body comes before what mended another with the same failure.
FIND = f"""
SELECT {COLUMNS} FROM system_logs.patches
WHERE signature = %(signature)s AND contract_digest = %(contract_digest)s
  AND (refuted = 0 OR used > 2 * refuted)
ORDER BY (before_hash = %(before_hash)s) DESC, refuted, used DESC, id DESC
LIMIT %(limit)s
"""  # noqa: S608  every part is a constant of this file


class Patches:
    """The door to known patches."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def keep(
        self,
        signature: str,
        contract_digest: str,
        before_hash: str,
        body: str,
        *,
        module: str,
        defect: int,
    ) -> Patch:
        """Remember a body that mended this failure; the patch as it is now."""
        values = {
            "signature": plain(signature),
            "contract_digest": contract_digest,
            "before_hash": before_hash,
            "after_hash": sha256(body.encode(errors="surrogatepass")).hexdigest(),
            "body": plain(body),
            "module": module,
            "defect": defect,
        }
        with self._store.connection("a patch was not kept") as connection:
            cursor = connection.cursor(row_factory=class_row(Patch))
            return cursor.execute(KEEP.encode(), values).fetchall()[0]

    def find(
        self,
        signature: str,
        contract_digest: str,
        before_hash: str = "",
        limit: int = 5,
    ) -> list[Patch]:
        """Patches worth trying, the likeliest first; those refuted too often are not."""
        values = {
            "signature": plain(signature),
            "contract_digest": contract_digest,
            "before_hash": before_hash,
            "limit": limit,
        }
        with self._store.connection("patches were not read") as connection:
            cursor = connection.cursor(row_factory=class_row(Patch))
            return cursor.execute(FIND.encode(), values).fetchall()

    def count_use(self, patch: int) -> None:
        """It was made live."""
        self._store.execute(
            "UPDATE system_logs.patches SET used = used + 1 WHERE id = %s", (patch,)
        )
