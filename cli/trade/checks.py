"""What `asza trade doctor` asks: of the machine, the stack, the ledger and the law."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cli.context import Context
from cli.uncertified import EDIT, is_edited
from core import doctor as machine
from core.counting import counted
from core.doctor import Check, Question, ask
from core.errors import DataError, NotFound
from trading.shell.law.examined import limit_checks

if TYPE_CHECKING:
    from core.stack import Stack as Whole
    from core.store import Store
    from trading.shell.ledger import Account
    from trading.shell.ledger.candles import Held
    from trading.shell.venue.orders import Mode

SKEW = 2.0  # seconds between this clock and Kraken's
LEAST_MEMORY = 512 << 20  # bytes free
BARS = 600  # synthetic candles that an indicator is proven on, at least
DAY = 24  # more of them, of which the first may lie before a midnight


def examine(
    context: Context, stack: str, limits: Path | None, account: "Account | None" = None
) -> list[Check]:
    """Ask everything, of one account or of all; never raises an AszaError."""
    return [*limit_checks(limits), *ask(_questions(context, stack, account))]


def _questions(
    context: Context, stack: str, account: "Account | None"
) -> list[Question]:
    settings = context.settings
    return [
        ("trading settings", trading_settings),
        ("memory", memory),
        ("disk", lambda: machine.disk_space(settings)),
        ("clock", lambda: kraken_clock(settings.kraken_api_url)),
        ("postgres", lambda: machine.database(context.store)),
        ("sizes", lambda: machine.table_sizes(context.store)),
        ("journal", lambda: machine.unfinished(context.store)),
        ("stack", lambda: modules(context, stack)),
        ("indicators", lambda: indicators(context, stack)),
        ("candles", lambda: candles(context.store)),
        ("ledger", lambda: ledger(_examined(context.store, account), context.store)),
        ("halts", lambda: halts(_examined(context.store, account), context.store)),
        ("kill switch", lambda: switch(context)),
        ("traders", lambda: traders(context.store)),
    ]


def trading_settings() -> Check:
    """trading/settings.toml can be read."""
    from trading.shell.config import read_settings

    session = read_settings().session
    symbols = ", ".join(session.symbols)
    detail = f"{symbols} {session.timeframe}, {session.deposit} to begin with"
    return Check("trading settings", True, detail)


def memory() -> Check:
    """There is room for a trader."""
    import psutil

    free = psutil.virtual_memory().available
    ok = free >= LEAST_MEMORY
    remedy = (
        "" if ok else f"end other programs: {machine.size(LEAST_MEMORY)} are needed"
    )
    return Check("memory", ok, f"{machine.size(free)} available", remedy)


def kraken_clock(url: str | None) -> Check:
    """This clock and Kraken's agree; without a network nobody can say."""
    from trading.shell.fetch import KRAKEN, KrakenUnavailable, server_time

    before = time.time()
    try:
        theirs = server_time(url=url or KRAKEN)
    except KrakenUnavailable as error:
        return Check("clock", True, f"offline: {error.message}")
    skew = (before + time.time()) / 2 - theirs
    ok = abs(skew) < SKEW
    remedy = "" if ok else "synchronise the clock (NTP): candles close by it"
    return Check("clock", ok, f"{skew:+.2f} s against Kraken's", remedy)


def modules(context: Context, name: str) -> Check:
    """The stack loads, and each module is certified and in no quarantine."""
    from core.library import open_stack

    whole = open_stack(context.settings, name, context.store)
    if not whole.entries:
        raise NotFound(
            f"stack {name} has no module yet", remedy=f"run `asza build {name}`"
        )
    told = list(_not_native(whole))
    wrong = any(e.quarantined or e.certificate is None for e in whole.entries.values())
    native = len(whole.entries) - len(told)
    detail = f"{name}: {counted(len(whole.entries), 'module')}, {native} certified to run natively"
    remedy = "; ".join(_remedies(whole)) if wrong else ""
    return Check("stack", not wrong, "; ".join([detail, *told]), remedy)


def _remedies(whole: "Whole") -> Iterator[str]:
    """What to do about modules that nothing vouches for, or that are put away."""
    entries = whole.entries.values()
    by_hand = [one for one in entries if is_edited(one)]
    for one in by_hand:
        yield f"{one.spec.name}: {EDIT.format(one.spec.id)}"
    if any(one.certificate is None and one not in by_hand for one in entries):
        yield "`asza build` puts modules through the gate"
    if any(one.quarantined for one in entries):
        yield "`asza quarantine` lists those in quarantine, --lift ends it"


def _not_native(whole: "Whole") -> Iterator[str]:
    """The modules that are not run, or in the sandbox only, and why."""
    from core.stack import runnable

    for name, entry in whole.entries.items():
        target = runnable(entry)
        if target.quarantined:
            yield f"{name} is in quarantine: {target.quarantined}"
        elif is_edited(entry):
            yield f"{name} was edited by hand, so it runs in the sandbox only"
        elif target.sandboxed:
            yield f"{name} runs in the sandbox only: {target.sandboxed}"


def indicators(context: Context, name: str) -> Check:
    """Every series that the stack has computed from candles knows nothing of the future
    and warms up as declared, measured just now."""
    from core.library import open_stack

    whole = open_stack(context.settings, name, context.store)
    read = [one for one in sorted(whole.starts_for("symbol")) if _is_computed(one)]
    faults = [fault for one in read if (fault := _refusal(one))]
    detail = f"all {len(read)} proven free of the future" if read else "none is read"
    remedy = "trade nothing on it: run the tests of trading/shell" if faults else ""
    return Check("indicators", not faults, "; ".join(faults) or detail, remedy)


def _is_computed(name: str) -> bool:
    from trading.shell import series

    return series.require(name).family.kind in ("indicator", "derived")


def _refusal(name: str) -> str:
    """Why a series is not admitted; "" where it is."""
    from trading.shell import series
    from trading.shell.certificates import admit, certify
    from trading.shell.synthetic import generate

    bars = max(BARS, 3 * series.require(name).warm_up + DAY)
    try:
        admit(certify(name, generate(bars=bars)))
    except DataError as error:
        return error.message
    return ""


def candles(store: "Store") -> Check:
    """What is stored, and how old the newest of it is."""
    from trading.shell.ledger.candles import CandleTable

    held = CandleTable(store).held()
    if not held:
        return Check("candles", True, "none stored: Kraken's newest are used")
    return Check("candles", True, "; ".join(map(_age, held)))


def _age(held: "Held") -> str:
    newest = datetime.fromtimestamp(held.last, UTC)
    old = timedelta(seconds=max(0, int(time.time()) - held.last))
    days = counted(old.days, "day") if old.days else f"{old.seconds // 3600} h"
    return (
        f"{held.symbol} {held.timeframe} {held.rows:,} to {newest:%Y-%m-%d %H:%M}, "
        f"{days} old"
    )


def _examined(store: "Store", account: "Account | None") -> "list[Account]":
    """The account that was asked about, or every one."""
    from trading.shell.ledger.reading import accounts

    return [one for one, _ in accounts(store)] if account is None else [account]


def ledger(known: "Sequence[Account]", store: "Store") -> Check:
    """Every account's equity is the sum of its parts, to the cent."""
    broken = [told for account in known if (told := _broken(store, account))]
    many = "1 account" if len(known) == 1 else f"{len(known)} accounts"
    detail = f"{many} proven to the cent" if known else "no account yet"
    remedy = "stop trading, and keep a backup: `asza store backup`" if broken else ""
    return Check("ledger", not broken, "; ".join(broken) or detail, remedy)


def _broken(store: "Store", account: "Account") -> str:
    """Where the ledger of an account breaks; "" where it does not."""
    from trading.shell.ledger.postgres import PostgresJournal
    from trading.shell.ledger.proof import prove

    event = prove(PostgresJournal(store, account).events())
    if event is None:
        return ""
    return f"{account.mode} {account.name} does not add up after {event}"


def halts(known: "Sequence[Account]", store: "Store") -> Check:
    """Nothing halts an account that trades."""
    from trading.shell.venue.orders import Mode

    found = [
        f"{account.name}: {halt}"
        for account in known
        if account.mode is not Mode.BACKTEST
        for halt in _halts_of(store, account)
    ]
    remedy = "look into it, then `asza trade resume` with a remark" if found else ""
    return Check("halts", not found, "; ".join(found) or "none in force", remedy)


def _halts_of(store: "Store", account: "Account") -> list[str]:
    from trading.shell.law.halts import halts_of
    from trading.shell.ledger.reading import Reading

    events = Reading(store, account).halts()
    return [str(one) for one in halts_of(events).values()]


def switch(context: Context) -> Check:
    """No kill switch is thrown."""
    from trading.shell.law.switch import kill_switch

    home = context.settings.home
    thrown = {mode: told for mode in _modes() if (told := kill_switch(home, mode))}
    told = "; ".join(f"{mode}: {why}" for mode, why in thrown.items())
    remedy = "remove the file when what it was thrown for is over" if thrown else ""
    return Check("kill switch", not thrown, told or "not thrown", remedy)


def traders(store: "Store") -> Check:
    """Who trades now: one process a mode."""
    from trading.shell.law import lock

    owners = {mode: lock.trader(store, mode) for mode in _modes()}
    told = [f"{mode}: {lock.told(one)}" for mode, one in owners.items() if one]
    return Check("traders", True, "; ".join(told) or "nobody trades")


def _modes() -> "Sequence[Mode]":
    from trading.shell.venue.orders import Mode

    return [mode for mode in Mode if mode is not Mode.BACKTEST]
