"""What a healthy installation looks like, as a list of questions with answers.

Every check answers for itself: one that fails says what to do, and never stops the next.
No check shows a key.
"""

import platform
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.errors import AszaError
from core.home import make_home
from core.settings import SECRETS, Settings, load_settings, unknown_variables
from core.store import Journal, Store, open_store
from core.store.faults import disk_remedy, store_errors
from core.store.retention import sizes

PYTHONS = ((3, 11), (3, 13))
GIGABYTE = 1 << 30
LEAST_DISK = GIGABYTE  # bytes
SLOW = 0.1  # seconds for one query
LOOKS = 5  # queries, of which the quickest counts
SKEW = 2.0  # seconds between this clock and the database's
SMALLER = (
    "where the disk has room, raise STORE_GB; else lower REFLECTION_DAYS or "
    "RECORDINGS_PER_MODULE and run `asza store retain`, `asza data prune --yes`, then "
    "`asza store backup` and `asza store restore FILE`, which gives the room back"
)


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `ok` is false where something must be done; `remedy` says what."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


Question = tuple[str, Callable[[], Check]]


def examine(root: Path | None = None) -> list[Check]:
    """Ask everything; never raises an AszaError."""
    try:
        settings = load_settings(root)
    except AszaError as error:
        return [python_version(), _failed("settings", error)]
    alone: list[Question] = [
        ("python", python_version),
        ("settings", lambda: known_settings(settings)),
        ("disk", lambda: disk_space(settings)),
        ("keys", lambda: keys(settings)),
        ("sandbox", sandbox_works),
    ]
    return [*ask(alone), *_store_checks(settings)]


def python_version() -> Check:
    """3.11 to 3.13."""
    version = platform.python_version()
    ok = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    remedy = (
        "" if ok else "delete .venv and run `make run` with Python 3.11, 3.12 or 3.13"
    )
    return Check("python", ok, version, remedy)


def known_settings(settings: Settings) -> Check:
    """Every name in `.env` is one that ASZA reads."""
    strangers = unknown_variables(settings.root)
    if not strangers:
        return Check("settings", True, f"valid, project {settings.root}")
    hints = [f"{n} (did you mean {m}?)" if m else n for n, m in strangers.items()]
    return Check(
        "settings",
        False,
        f".env has names that mean nothing here: {', '.join(hints)}",
        "correct or delete them; docs/configuration.md lists every variable",
    )


def disk_space(settings: Settings) -> Check:
    """The state folder can be written and has room."""
    try:
        make_home(settings.home)
        probe = settings.home / ".doctor"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
        free = shutil.disk_usage(settings.home).free
    except OSError as error:
        return Check("disk", False, f"{settings.home}: {error}", disk_remedy(error))
    ok = free >= LEAST_DISK
    remedy = "" if ok else f"free at least {size(LEAST_DISK)}, or move ASZA_HOME"
    return Check("disk", ok, f"{size(free)} free in {settings.home}", remedy)


def keys(settings: Settings) -> Check:
    """Which keys are set: none is needed, none is shown."""
    there = [name for name in SECRETS if settings.has_secret(name)]
    absent = [name for name in SECRETS if name not in there]
    parts = [("set", there), ("not set, not needed", absent)]
    detail = "; ".join(f"{word}: {', '.join(names)}" for word, names in parts if names)
    return Check("keys", True, detail)


def sandbox_works() -> Check:
    """A worker starts and computes."""
    from core.sandbox import Sandbox  # only this check pays for it

    source = "def double(x: float) -> dict:\n    return {'y': x * 2}\n"
    start = time.perf_counter()
    with Sandbox() as sandbox:
        outcome = sandbox.call(source, "double", {"x": 21.0})
    took = time.perf_counter() - start
    ok = outcome.ok and outcome.outputs == {"y": 42.0}
    detail = f"first call after {took * 1000:.0f} ms" if ok else outcome.message
    remedy = "" if ok else "delete .venv and run `make run`: pydantic-monty is damaged"
    return Check("sandbox", ok, detail, remedy)


def database(store: Store) -> Check:
    """Postgres answers, and quickly."""
    took, (version,) = _timed(lambda: store.row("SHOW server_version") or ("?",))
    ok = took < SLOW
    kind = "embedded" if store.embedded else "external"
    remedy = "" if ok else "the machine is overloaded or the database far away"
    return Check(
        "postgres", ok, f"{kind} {version}, {took * 1000:.1f} ms a query", remedy
    )


def clock(store: Store) -> Check:
    """This machine's clock and the database's agree."""
    before = time.time()
    row = store.row("SELECT extract(epoch FROM clock_timestamp())::float8")
    after = time.time()
    skew = float(row[0]) - (before + after) / 2 if row else 0.0
    ok = abs(skew) < SKEW
    remedy = (
        "" if ok else "synchronise the clocks (NTP): budgets are counted by the day"
    )
    return Check("clock", ok, f"{skew:+.3f} s against the database", remedy)


def redis_server(store: Store) -> Check:
    """Redis answers, and quickly."""
    client = store.redis()
    with store_errors("Redis does not answer"):
        took, _ = _timed(client.ping)
        version = client.info("server").get("redis_version", "?")
    kind = "external" if store.settings.redis_url else "embedded"
    ok = took < SLOW
    remedy = "" if ok else "the machine is overloaded or the server far away"
    return Check("redis", ok, f"{kind} {version}, {took * 1000:.1f} ms a ping", remedy)


def unfinished(store: Store) -> Check:
    """Nothing was begun and left lying."""
    pending = Journal(store).pending()
    if not pending:
        return Check("journal", True, "nothing unfinished")
    modules = ", ".join(sorted({entry.module for entry in pending}))
    return Check(
        "journal",
        False,
        f"{len(pending)} unfinished: {modules}",
        "run `asza build`: it completes or undoes them (so do `asza ask` and "
        "`asza rollback`, before they begin)",
    )


def table_sizes(store: Store) -> Check:
    """How large the store is, its largest tables first."""
    tables = sizes(store)
    total = sum(table.bytes for table in tables)
    shown = ", ".join(f"{t.name} {size(t.bytes)}" for t in tables[:4])
    most = store.settings.store_gb
    ok = total <= most * GIGABYTE
    detail = f"{size(total)} in all, STORE_GB = {most:g}; {shown}"
    return Check("sizes", ok, detail, "" if ok else SMALLER)


def size(count: int) -> str:
    """Bytes for people: 1.5 MB."""
    amount = float(count)
    for unit in ("B", "kB", "MB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} GB"


def healthy(checks: Iterable[Check]) -> bool:
    """Whether nothing has to be done."""
    return all(check.ok for check in checks)


def _store_checks(settings: Settings) -> list[Check]:
    with ExitStack() as stack:
        try:
            store = stack.enter_context(open_store(settings))
        except AszaError as error:
            return [_failed("postgres", error)]
        return ask(
            [
                ("postgres", lambda: database(store)),
                ("clock", lambda: clock(store)),
                ("redis", lambda: redis_server(store)),
                ("journal", lambda: unfinished(store)),
                ("sizes", lambda: table_sizes(store)),
            ]
        )


def ask(questions: Sequence[Question]) -> list[Check]:
    """Ask each; one that raises an AszaError is answered by it."""
    return [_answer(name, question) for name, question in questions]


def _answer(name: str, question: Callable[[], Check]) -> Check:
    try:
        return question()
    except AszaError as error:
        return _failed(name, error)


def _failed(name: str, error: AszaError) -> Check:
    return Check(name, False, str(error), error.remedy)


def _timed(ask: Callable[[], Any]) -> tuple[float, Any]:
    ask()  # the first one opens the connection
    took = []
    for _ in range(LOOKS):  # a machine that is busy for a moment is no slow server
        start = time.perf_counter()
        answer = ask()
        took.append(time.perf_counter() - start)
    return min(took), answer
