"""The ledger in Postgres: whole appends or none, one writer, nobody else's rows."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from msgspec import Struct

from core.errors import LedgerError, StoreError
from core.store import Runs, Store
from core.store.codec import plain
from tests.trading.ledger.story import (
    DEPOSIT,
    PERP,
    START,
    D,
    bought,
    funding,
    scanned,
    sold,
)
from tests.trading.ledger.test_journals import whole_story
from trading.shell.changed import changed
from trading.shell.ledger import Account, derived
from trading.shell.ledger.copying import copy_all, forget
from trading.shell.ledger.events import Deposited, Halted, Snapshot
from trading.shell.ledger.memory import changes_state, summed
from trading.shell.ledger.postgres import AnotherWriter, PostgresJournal
from trading.shell.ledger.reading import Reading, accounts
from trading.shell.ledger.rows import TABLES
from trading.shell.ledger.schema import prepare_ledger
from trading.shell.ledger.told import Which
from trading.shell.venue.orders import Mode

WRITTEN = [table.name for table in TABLES.values()] + [
    table.name
    for table in (
        derived.STANDING,
        derived.TRADES,
        derived.POSITIONS,
        derived.BALANCES,
    )
]
NOTHING = D(0)
SNAPSHOT = Snapshot(START + 4200, D(1), *([NOTHING] * 8))


def rows(store: Store, account: Account) -> dict[str, list[tuple[object, ...]]]:
    """Every row of an account but for the order of its events and whose it is."""
    owner = (account.mode.value, account.name)
    found = {}
    for name in sorted(WRITTEN):
        texts = store.rows(
            f"SELECT (to_jsonb(t) - 'account' - 'mode' - 'seq')::text"
            f" FROM trading_data.{name} t WHERE mode = %s AND account = %s ORDER BY 1",
            owner,
        )
        found[name] = texts
    return found


ODD = "\x00\ud800"
WORDS = {"action", "cause"}  # the ledger's own, which are read


def marred(event: Any) -> Any:
    """An event with a NUL and a lone surrogate at the end of every text in it."""
    if isinstance(event, Mapping):
        return {marred(k): marred(v) for k, v in event.items()}
    if isinstance(event, tuple):
        return tuple(marred(one) for one in event)
    if isinstance(event, Struct):
        names = set(event.__struct_fields__) - WORDS
        return changed(event, **{n: marred(getattr(event, n)) for n in names})
    return event + ODD if type(event) is str else event


def mended(event: Any) -> Any:
    """The same with the text as it is kept: nothing of it is lost."""
    if isinstance(event, Struct):
        names = event.__struct_fields__
        return changed(event, **{n: mended(getattr(event, n)) for n in names})
    return plain(event) if type(event) is str else event


def test_no_text_of_any_event_keeps_the_ledger_from_being_written(
    ledger_store: Store, account: Account
) -> None:
    """The incident: one NUL in a module's `regime`, and nothing was kept any more."""
    run = Account(Mode.BACKTEST, account.name)
    story = [marred(event) for event in [*whole_story(), SNAPSHOT]]
    assert {type(event) for event in story} == set(TABLES)
    PostgresJournal(ledger_store, account).append(story)
    copy_all(ledger_store, run, story)
    kept = [mended(event) for event in story if changes_state(event)]
    assert list(PostgresJournal(ledger_store, account).events()) == kept
    assert rows(ledger_store, run) == rows(ledger_store, account)
    reading = Reading(ledger_store, account)
    shown = [*reading.trades(), *reading.scans(), *reading.signals()]
    assert {plain("trend" + ODD)} == {one.regime for one in shown}
    assert marred({"rsi_14": 30.5}).items() <= reading.scans()[-1].values.items()


@pytest.mark.parametrize(
    "figure",
    [10**400, -(10**5000), D("1E+999"), D("sNaN")],
    ids=["long", "too long to print", "great", "none"],
)
def test_no_number_of_a_module_keeps_the_ledger_from_being_written(
    store: Store, account: Account, figure: Any
) -> None:
    values = {"rsi_14": figure, "odd": figure}
    PostgresJournal(store, account).append([scanned(values=values)])
    assert Reading(store, account).scans()[0].values.keys() == values.keys()


def dying_at(store: Store, table: str) -> None:
    """From now on the server drops the connection that writes to `table`."""
    store.execute(
        "CREATE OR REPLACE FUNCTION trading_data.die() RETURNS trigger LANGUAGE plpgsql"
        " AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$"
    )
    store.execute(
        f"CREATE TRIGGER die AFTER INSERT OR UPDATE ON trading_data.{table}"
        " FOR EACH ROW EXECUTE FUNCTION trading_data.die()"
    )


def test_a_connection_that_dies_at_any_step_of_an_append_leaves_nothing_of_it(
    store: Store, account: Account
) -> None:
    journal = PostgresJournal(store, account)
    journal.append([DEPOSIT])
    before = rows(store, account)
    story = [*whole_story()[1:], Deposited(D(1), START + 1), SNAPSHOT]
    for table in [*WRITTEN, "accounts"]:
        dying_at(store, table)
        with pytest.raises(StoreError):
            journal.append(story)
        store.execute(f"DROP TRIGGER die ON trading_data.{table}")
        assert rows(store, account) == before, table
    journal.append(story)
    assert journal.state == summed([DEPOSIT, *story])


WRITER = "a writer that is killed"
SESSIONS = "SELECT 1 FROM pg_stat_activity WHERE application_name = %s"
APPENDING = """
import sys
from core.settings import Settings
from core.store import open_store
from tests.trading.ledger.story import DEPOSIT, bought, sold
from trading.shell.ledger import Account
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.venue.orders import Mode
from pathlib import Path

with open_store(Settings(asza_home=Path(sys.argv[1]))) as store:
    journal = PostgresJournal(store, Account(Mode.PAPER, sys.argv[2]))
    journal.append([DEPOSIT])
    for number in range(10_000):
        at = 100 + number * 10
        journal.append([
            *bought(f"in{number}", 100, at), *sold(f"out{number}", 101, at + 5)
        ])
        print(number, flush=True)
"""


def test_a_killed_writer_leaves_whole_appends_and_all_it_had_returned_from(
    store: Store, home: Path, account: Account
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", APPENDING, str(home), account.name],
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3]),
            "PGAPPNAME": WRITER,
        },
    ) as process:
        assert process.stdout is not None
        returned = [int(process.stdout.readline()) for _ in range(3)]
        process.send_signal(signal.SIGKILL)
        returned += map(int, process.stdout.read().split())
    while store.rows(SESSIONS, (WRITER,)):  # the server may be at a last commit
        sleep(0.02)
    journal = PostgresJournal(store, account)
    assert len(journal.state.trades) in (len(returned), len(returned) + 1)
    assert journal.state.holdings == journal.state.working == {}
    assert len(list(journal.events())) == 1 + 6 * len(journal.state.trades)


def test_a_second_writer_is_told_and_writes_nothing(
    ledger_store: Store, account: Account
) -> None:
    first = PostgresJournal(ledger_store, account)
    second = PostgresJournal(ledger_store, account)
    assert first.state == second.state
    first.append([DEPOSIT])
    for _ in range(2):  # it is not over with the next attempt
        with pytest.raises(AnotherWriter, match="another process writes"):
            second.append([Deposited(D(5), START)])
    assert summed(first.events()).deposits == 1000
    first.append([Deposited(D(5), START)])
    assert first.state.deposits == 1005


def test_what_another_wrote_while_an_append_failed_is_not_taken_for_ours(
    store: Store, account: Account
) -> None:
    """The incident: after an error the ledger was read again, whoever had written it."""
    journal, other = (PostgresJournal(store, account) for _ in range(2))
    journal.append([DEPOSIT])
    assert other.state == journal.state
    dying_at(store, "balances")
    with pytest.raises(StoreError):
        journal.append([Deposited(D(1), START + 1)])
    store.execute("DROP TRIGGER die ON trading_data.balances")
    other.append([Deposited(D(-3), START + 2)])
    for _ in range(2):
        with pytest.raises(AnotherWriter):
            journal.append([Deposited(D(1), START + 3)])
    assert other.state.deposits == 997


def test_an_append_of_ours_that_came_late_is_not_taken_for_anothers(
    ledger_store: Store, account: Account
) -> None:
    """The incident: a commit that outlived its connection stopped the lone trader."""
    journal = PostgresJournal(ledger_store, account)
    journal.append([DEPOSIT])
    ledger_store.execute("UPDATE trading_data.accounts SET last_seq = last_seq + 1")
    with pytest.raises(StoreError, match="came late"):
        journal.append([Deposited(D(1), START + 1)])
    journal.append([Deposited(D(1), START + 1)])
    assert journal.state.deposits == 1001


def test_no_row_of_one_mode_is_read_in_another(store: Store) -> None:
    kept = {mode: Account(mode, "same name") for mode in Mode}
    for number, account in enumerate(kept.values()):
        story = [*whole_story(), SNAPSHOT, *bought(f"only{number}", 9, 5000)]
        if account.mode is Mode.BACKTEST:
            copy_all(store, account, story)
        else:
            PostgresJournal(store, account).append(story)
    everything = Which(limit=1000)
    for number, account in enumerate(kept.values()):
        reading = Reading(store, account)
        mine = [order.id for order in reading.orders(everything)]
        assert [name for name in mine if name.startswith("only")] == [f"only{number}"]
        assert len(reading.fills(everything)) == 6
        assert len(reading.decisions()) == len(reading.scans()) == 2
        assert len(reading.signals()) == 2
        assert len(reading.trades()) == len(reading.equity()) == 1
        assert len(reading.positions()) == 2
        assert len(reading.halts()) == 2
        assert len(reading.funding()) == 1
        assert len(reading.executed()) == 6
        assert reading.counts(START + 5000).fills == 6
    forget(store, kept[Mode.BACKTEST])
    assert Reading(store, kept[Mode.BACKTEST]).orders() == []
    assert len(Reading(store, kept[Mode.PAPER]).fills()) == 6
    assert [a.mode for a, _ in accounts(store)] == [Mode.PAPER, Mode.LIVE]


def test_a_backtest_copied_at_once_is_the_same_as_appended(
    ledger_store: Store, account: Account
) -> None:
    run = Account(Mode.BACKTEST, account.name)
    story = [*whole_story(), SNAPSHOT]
    PostgresJournal(ledger_store, account).append(story)
    copied = copy_all(ledger_store, run, story)
    assert copy_all(ledger_store, run, story) == copied
    assert rows(ledger_store, run) == rows(ledger_store, account)
    again = PostgresJournal(ledger_store, run)
    assert list(again.events()) == [e for e in story if changes_state(e)]
    again.append([Deposited(D(1), START + 5000)])
    assert again.state.deposits == 1001


def test_only_a_backtest_can_be_copied_over(store: Store, account: Account) -> None:
    for change in (
        lambda: copy_all(store, account, []),
        lambda: forget(store, account),
    ):
        with pytest.raises(LedgerError, match="cannot be copied"):
            change()


def test_module_states_are_kept_with_the_events_or_not_at_all(
    store: Store, account: Account
) -> None:
    journal = PostgresJournal(store, account, stack="trading")
    journal.append([DEPOSIT], {"BTC/USD": {"steps": 3}})
    dying_at(store, "balances")
    with pytest.raises(StoreError):
        journal.append([Deposited(D(1), START + 9)], {"BTC/USD": {"steps": 4}})
    assert Runs(store).state("trading", account.keeps) == {"BTC/USD": {"steps": 3}}


def test_derived_tables_say_what_the_events_add_up_to(
    store: Store, account: Account
) -> None:
    journal = PostgresJournal(store, account)
    short = {"side": "sell", "symbol": PERP, "leverage": D(4)}
    for event in [
        DEPOSIT,
        *bought("a", 100, quantity=2),
        *bought("s", 50, 70, **short),
    ]:
        journal.append([event])
    journal.append([funding(1), *sold("b", 110, 4000)])
    reading, state = Reading(store, account), journal.state
    assert {b.currency: (b.amount, b.set_aside) for b in reading.balances()} == {
        "USD": (state.cash, D("11.5")),
        "BTC": (1, 0),
    }
    held = {p.symbol: (p.quantity, p.cost, p.margin) for p in reading.positions()}
    assert held == {p.symbol: (p.quantity, p.cost, p.margin) for p in state.positions()}
    journal.append(sold("c", 120, 4100))
    assert [p.symbol for p in reading.positions()] == [PERP]
    assert reading.trades() == state.trades


@pytest.mark.parametrize("words", range(2, 7))
def test_every_word_within_one_candle_outlives_the_process(
    ledger_store: Store, account: Account, words: int
) -> None:
    """The incident: the second resumption of a candle was heard and not kept."""
    halt = Halted(START, "flatten", "enough", "ann")
    resumed = Halted(START, "resumed", "flatten: too much", "ann")
    other = Halted(START, "resumed", "flatten: on we go", "ann")
    story = [halt, resumed, halt, other, halt, resumed][:words]
    journal = PostgresJournal(ledger_store, account)
    for event in story:
        journal.append([event])
    again = PostgresJournal(ledger_store, account)
    assert again.events() == story
    assert again.state.halts == journal.state.halts
    assert bool(again.state.halts) is bool(words % 2)


def test_tables_are_made_once_however_often_they_are_asked_for(store: Store) -> None:
    prepare_ledger(store)
    prepare_ledger(store)
    assert store.rows("SELECT number FROM trading_data.migrations") == [
        (1,),
        (2,),
        (3,),
    ]
