"""Orders that the venue has not answered for: looked up, never sent again blind."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import VenueError
from core.sandbox import Sandbox
from core.stack import Stack
from tests.trading.engine import sessions
from tests.trading.engine.sessions import (
    BTC,
    HOUR,
    PLAY,
    Bench,
    Killed,
    dealt,
    market,
    traded,
)
from tests.trading.engine.stacks import BEGIN, SCRIPTED, Texts, run_of, stack_of
from trading.shell.changed import changed
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.paper import Paper
from trading.shell.engine.settling import NEVER_ARRIVED, unanswered
from trading.shell.law.limits import loosest
from trading.shell.law.switch import Word, leave
from trading.shell.ledger.events import Amended, Answered, Filled, Intended, Signalled
from trading.shell.ledger.proof import prove
from trading.shell.venue.admission import NOTHING_HELD
from trading.shell.venue.orders import Intent, Mode, Outcome, Purpose, Receipt
from trading.shell.venue.simulated import PaperVenue

ANSWERED, ARRIVED, LOST = "answered", "arrived", "lost"
QUIET = (104.2, 104.3, 104.1, 104.2)
LONG = [*PLAY, *[QUIET] * 12]


@dataclass
class Shaky:
    """A venue whose answers get lost. Each order placed has the next of `fates`, of the
    orders of `purposes` only; of each the first `silent` look-ups find nobody, and so do
    the first `cuts` cancellations, though every other one arrives.

    `sent` and `asked` are what was placed and looked up, `at` when it was placed last.
    """

    inner: PaperVenue
    fates: Iterable[str]
    silent: int = 0
    purposes: frozenset[Purpose] = frozenset(Purpose)
    sent: list[Intent] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    at: int = BEGIN
    cuts: int = 0
    silences: int = 0

    def __post_init__(self) -> None:
        self.fates = iter(self.fates)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def place(self, intent: Intent) -> Receipt:
        if intent.purpose not in self.purposes:
            return await self.inner.place(intent)
        self.sent.append(intent)
        self.at = intent.decided_at + HOUR
        fate = next(iter(self.fates), ANSWERED)
        receipt = None if fate == LOST else await self.inner.place(intent)
        return receipt if receipt and fate == ANSWERED else self.silence(intent.id)

    async def find(self, order: str) -> Receipt | None:
        self.asked.append(order)
        if self.asked.count(order) > self.silent:
            return await self.inner.find(order)
        return self.silence(order)

    async def cancel(self, order: str) -> Receipt:
        self.cuts -= 1
        if self.cuts % 2 or self.cuts < 0:
            receipt = await self.inner.cancel(order)
        return receipt if self.cuts < 0 else self.silence(order)

    def silence(self, order: str) -> Receipt:
        """Either way of saying that nobody answered."""
        self.silences += 1
        if self.silences % 2:
            raise VenueError("the exchange cannot be reached")
        return Receipt(order, Outcome.UNRESOLVED, self.at, reason="timed out")


def through(session: Paper, fates: Iterable[str], **how: Any) -> Shaky:
    """The session's orders go through such a venue from now on."""
    engine = session.engine
    shaky = Shaky(engine.broker.venue, fates, **how)  # type: ignore[arg-type]
    engine.broker = replace(engine.broker, venue=shaky)
    return shaky


def opened(bench: Bench, **how: Any) -> Paper:
    candles = how.pop("candles", None) or market(LONG)
    name = how.pop("name", "main")
    return bench.paper(name, [candles], settings=sessions.settings(), **how)


def hour(at: int) -> int:
    return (at - BEGIN) // HOUR


def exits(sent: Iterable[Intent]) -> list[int]:
    return [hour(one.decided_at) for one in sent if one.purpose is Purpose.EXIT]


def whole(session: Paper) -> None:
    """Cash and position are the signed fills, here and at the venue; nothing was sold
    that was not held, and every exit that was decided closed its position."""
    state, venue = session.engine.broker.books.state, session.engine.played
    events = session.journal.events()
    fills = [e.fill for e in events if isinstance(e, Filled)]
    held, cash = Decimal(0), state.deposits
    for fill in fills:
        held += fill.side.sign * fill.quantity
        cash -= fill.side.sign * fill.quantity * fill.price + fill.fee
        assert held >= 0
    position = state.position(BTC)
    assert (state.cash, position.quantity if position else 0) == (cash, held)
    assert isinstance(venue, PaperVenue)
    assert list(venue.matching.mirror.positions.values()) == state.positions()
    assert venue.cash == state.available
    assert prove(events) is None
    assert not unanswered(state)
    assert all(o.reason != NOTHING_HELD for o in state.finished.values())
    last = max((t.closed_at for t in state.trades), default=0)
    for event in events:
        if isinstance(event, Intended) and event.intent.purpose is Purpose.EXIT:
            assert event.at <= last
            assert position is None or position.opened_at >= event.at


fates = st.sampled_from([ANSWERED, ARRIVED, LOST])


@settings(
    max_examples=60,
    deadline=None,
)
@given(
    st.lists(fates, max_size=10),
    st.integers(0, 3),
    st.integers(0, 3),
    st.integers(0, 90),
)
def test_whatever_answers_get_lost_the_ledger_is_the_sum_of_what_happened(
    sandbox: Sandbox,
    scripted: Stack,
    tmp_path: Path,
    lost: list[str],
    silent: int,
    cuts: int,
    dies: int,
) -> None:
    """Killed at an append, too, and taken up again by a process that hears no better."""
    bench = Bench(sandbox, scripted, tmp_path)
    session = opened(bench, dies=dies)
    shaky = through(session, lost, silent=silent, cuts=cuts)
    try:
        traded(session)
    except Killed:
        session = opened(bench)
        through(session, shaky.fates, silent=silent)
        traded(session)
    whole(session)


@pytest.mark.parametrize("silent", [0, 1, 3])
def test_an_exit_that_arrived_unheard_is_sent_once(bench: Bench, silent: int) -> None:
    """The incident: twelve exits of full size were sent, one a candle, each with another
    id, and nobody ever asked what had become of the first."""
    session = opened(bench)
    shaky = through(session, [ARRIVED], silent=silent, purposes={Purpose.EXIT})
    traded(session)
    assert exits(shaky.sent) == [7, 16]
    first = session.engine.broker.books.state.trades[0]
    assert (first.reason, hour(first.closed_at)) == ("the play says so", 8)
    whole(session)


@pytest.mark.parametrize("silent", [0, 1, 2])
def test_an_exit_that_is_not_done_is_the_only_one(
    bench: Bench, tmp_path: Path, silent: int
) -> None:
    """The stack asks for it at every candle, and is told what it waits for."""
    spec, body = SCRIPTED["leave"]
    asking = body.replace("step in (7, 16)", "step >= 6")
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "leave": (spec, asking)})
    session = opened(bench)
    shaky = through(session, [LOST], silent=silent, purposes={Purpose.EXIT})
    traded(session)
    assert exits(shaky.sent)[:2] == [6, 7 + silent]
    told = [e for e in session.journal.everything() if isinstance(e, Signalled)]
    held = [e for e in told if e.rejected_by == "no_answer"]
    waiting = [e for e in held if e.action == "exit"]
    assert [hour(e.at) for e in waiting] == list(range(7, 7 + silent))
    entered = [e for e in held if e.action == "enter"]
    assert [hour(e.at) for e in entered] == ([8] if silent == 2 else [])
    assert all(shaky.sent[0].id in e.reason for e in waiting)
    whole(session)


@pytest.mark.parametrize(("lost", "silent"), [(1, 0), (1, 1), (2, 0)])
def test_an_exit_that_never_arrived_is_sent_for_what_is_held_once_that_is_known(
    bench: Bench, lost: int, silent: int
) -> None:
    """The stack asks for it at one candle only: nothing else would close the position."""
    session = opened(bench)
    shaky = through(session, [LOST] * lost, silent=silent, purposes={Purpose.EXIT})
    traded(session)
    assert exits(shaky.sent)[: lost + 1] == [*range(7, 7 + lost), 7 + lost + silent]
    trade = session.engine.broker.books.state.trades[0]
    assert trade.reason == "the play says so"
    assert hour(trade.closed_at) == 8 + lost + silent
    assert 17 in entered(session)
    whole(session)


def entered(session: Paper) -> list[int]:
    """The hours whose entries were written down."""
    intents = (e.intent for e in session.journal.events() if isinstance(e, Intended))
    return [hour(o.decided_at) for o in intents if o.purpose is Purpose.ENTRY]


def test_an_exit_of_a_position_that_is_gone_closes_no_other(bench: Bench) -> None:
    """Its target is hit in hour 10, another is opened in hour 12; then it is known that
    the exit of hour 7 never arrived."""
    session = opened(bench)
    shaky = through(session, [LOST], silent=4, purposes={Purpose.EXIT})
    traded(session)
    assert exits(shaky.sent) == [7, 16]
    whole(session)


def test_an_exit_is_owed_by_whoever_finds_that_it_never_arrived(bench: Bench) -> None:
    """Killed once the ledger says so, and before another exit was written down."""
    [dies] = [n for n in range(24, 40) if dead_before_the_second(bench, n)]
    again = opened(bench, name=f"{dies}")
    shaky = through(again, [], purposes={Purpose.EXIT})
    traded(again)
    assert exits(shaky.sent)[0] == 8
    assert shaky.asked == []
    whole(again)


def dead_before_the_second(bench: Bench, dies: int) -> bool:
    """Whether a session that dies there has lost its first exit, and sent no other."""
    session = opened(bench, name=f"{dies}", dies=dies)
    through(session, [LOST], purposes={Purpose.EXIT})
    with pytest.raises(Killed):
        traded(session)
    state = bench.ledgers[f"{dies}"].state
    orders = (*state.finished.values(), *state.working.values())
    ways_out = [one for one in orders if one.intent.purpose is Purpose.EXIT]
    return [one.reason for one in ways_out] == [NEVER_ARRIVED]


def test_an_exit_that_never_arrived_is_sent_where_the_stack_cannot_be_asked(
    bench: Bench, tmp_path: Path
) -> None:
    """An indicator has no value for hours: where nothing is traded, it divides by 0."""
    spec, body = SCRIPTED["memory"]
    dividing = spec.replace("inputs:", "inputs:\n  volume_ratio_2: {unit: number}")
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "memory": (dividing, body)})
    candles = market(LONG)
    candles.frame.loc[6:20, "volume"] = 0.0
    session = opened(bench, candles=candles)
    shaky = through(session, [LOST], purposes={Purpose.EXIT})
    traded(session)
    trade = session.engine.broker.books.state.trades[0]
    assert len(exits(shaky.sent)) == 2
    assert (trade.reason, hour(trade.closed_at)) == ("the play says so", 9)
    whole(session)


def test_a_flatten_waits_for_the_exit_that_may_be_at_work(bench: Bench) -> None:
    session = opened(bench)
    shaky = through(session, [ARRIVED], silent=2, purposes={Purpose.EXIT})
    session.mark = lambda time: (
        hour(time) == 7
        and leave(bench.home, Mode.PAPER, Word("flatten", "ann", "out", 0))
    )
    traded(session)
    assert exits(shaky.sent) == [7]
    assert len(session.engine.broker.books.state.trades) == 1
    whole(session)


@pytest.mark.parametrize("silent", [0, 2])
@pytest.mark.parametrize("fate", [ARRIVED, LOST])
def test_no_entry_is_sent_while_one_may_be_at_work(
    bench: Bench, tmp_path: Path, fate: str, silent: int
) -> None:
    """The stack asks for an entry at every candle from hour 8 on; a limit, far below."""
    bench.stack = stack_of(tmp_path, eager())
    session = opened(bench)
    shaky = through(session, [fate], silent=silent, purposes={Purpose.ENTRY})
    traded(session)
    state = session.engine.broker.books.state
    sent = [hour(one.decided_at) for one in shaky.sent]
    assert sent[0] == 8
    assert not {*range(9, 9 + silent)} & {*sent}
    first = state.order(shaky.sent[0].id)
    assert first is not None
    assert first.reason == ("expired" if fate == ARRIVED else NEVER_ARRIVED)
    closes = [o for o in state.finished.values() if o.at == first.at and o is not first]
    assert [one.came_to_nothing for one in closes] == [True, True]
    whole(session)


def eager() -> Texts:
    """A limit that is never reached, at every candle from hour 8 on."""
    spec, body = SCRIPTED["script"]
    body = body.replace("step in (8, 11, 17)", "step >= 8")
    body = body.replace("step == 2", "step == -1").replace("step == 14", "step == -2")
    body = body.replace('("market", 3000.0, close)', '("limit", 300.0, close * 0.9)')
    return {**SCRIPTED, "script": (spec, body.replace("close * 0.98", "close * 0.85"))}


def test_an_order_that_the_venue_refused_unheard_is_refused_in_the_ledger(
    bench: Bench,
) -> None:
    session = opened(bench)
    shaky = through(session, [ARRIVED], purposes={Purpose.ENTRY})
    place = shaky.inner.place

    async def refusing(intent: Intent) -> Receipt:
        wrong = len(shaky.sent) == 1
        leverage = intent.leverage * (1000 if wrong else 1)
        return await place(changed(intent, leverage=leverage))

    shaky.inner.place = refusing  # type: ignore[method-assign]
    traded(session)
    state = session.engine.broker.books.state
    first = [o for o in state.finished.values() if hour(o.at) == 3]
    assert sorted(one.status for one in first) == ["ended", "ended", "refused"]
    whole(session)


@pytest.mark.parametrize("silent", [1, 2])
def test_a_start_at_which_the_venue_cannot_be_asked_looks_up_later(
    bench: Bench, silent: int
) -> None:
    """The exit of hour 7 is unresolved when the session ends, and lost."""
    session = opened(bench, candles=market(LONG[:8]))
    through(session, [LOST], purposes={Purpose.EXIT})
    traded(session)
    again = opened(bench)
    shaky = through(again, [], silent=silent, purposes={Purpose.EXIT})
    traded(again)
    assert any("unresolved" in line for line in bench.said)
    assert exits(shaky.sent)[0] == 7 + silent
    whole(again)


def test_an_exit_that_was_lost_before_a_start_is_still_sent_after_it(
    bench: Bench,
) -> None:
    """Another candle was played since: as it was written it is too old to be sent."""
    session = opened(bench, candles=market(LONG[:8]))
    through(session, [LOST], purposes={Purpose.EXIT})
    traded(session)
    ledger = bench.ledgers["main"]
    later = ledger.state.snapshot(BEGIN + 9 * HOUR, {BTC: Decimal(40_400)})
    ledger.append([later])
    again = opened(bench)
    shaky = through(again, [], purposes={Purpose.EXIT})
    traded(again)
    assert any("withdrawn" in line for line in bench.said)
    assert exits(shaky.sent)[0] == 8
    assert again.engine.broker.books.state.trades[0].reason == "the play says so"
    whole(again)


def test_an_order_that_is_sent_at_a_start_may_never_arrive_either(bench: Bench) -> None:
    """It was written down by a process that died before it sent it."""
    dies = next(n for n in range(2, 60) if dead_before_answer(bench, n))
    again = opened(bench, name=f"{dies}")
    shaky = through(again, [LOST], silent=0, purposes={Purpose.EXIT})
    traded(again)
    first, second = shaky.sent[:2]
    assert (hour(first.decided_at), hour(second.decided_at)) == (7, 8)
    lost = again.engine.broker.books.state.finished[first.id]
    assert lost.reason == NEVER_ARRIVED
    whole(again)


def dead_before_answer(bench: Bench, dies: int) -> bool:
    """Whether a session that dies there has its first exit on record and no answer."""
    session = opened(bench, name=f"{dies}", dies=dies)
    with pytest.raises(Killed):
        traded(session)
    events = session.journal.events()
    written = [e.intent for e in events if isinstance(e, Intended)]
    answered = {e.receipt.id for e in events if isinstance(e, Answered)}
    return exits(one for one in written if one.id not in answered) == [7]


def test_what_is_heard_only_after_days_is_booked_when_it_is_heard(
    bench: Bench, tmp_path: Path
) -> None:
    """The ledger lets time go back by a day at most; a silence is told of once."""
    bench.stack = stack_of(tmp_path, eager())
    candles = market([*LONG, *[QUIET] * 12])
    patient = sessions.settings(entry_expires=60)
    session = bench.paper("main", [candles], settings=patient)
    shaky = through(session, [ARRIVED], silent=30, purposes={Purpose.ENTRY})
    traded(session)
    order = session.engine.broker.books.state.working[shaky.sent[0].id]
    assert (order.status, hour(order.updated_at)) == ("confirmed", 40)
    events = session.journal.events()
    heard = [e.receipt for e in events if isinstance(e, Answered)]
    assert [one.outcome for one in heard if one.id == order.intent.id] == [
        Outcome.UNRESOLVED,
        Outcome.CONFIRMED,
    ]


class Deaf(Shaky):
    """Of moved stops the answers get lost."""

    async def amend(self, order: str, **levels: Any) -> Receipt:
        fate = next(iter(self.fates), ANSWERED)
        if fate != LOST:
            receipt = await self.inner.amend(order, **levels)
        return receipt if fate == ANSWERED else self.silence(order)


def test_a_stop_that_is_gone_moves_no_other(bench: Bench) -> None:
    """The one of hour 12 is moved unheard, and hit in hour 13."""
    session = opened(bench)
    broker = session.engine.broker
    fates = [ANSWERED, ANSWERED, ARRIVED]
    deaf = Deaf(broker.venue, fates, purposes=frozenset())  # type: ignore[arg-type]
    session.engine.broker = replace(broker, venue=deaf)
    traded(session)
    told = [e for e in session.journal.everything() if isinstance(e, Signalled)]
    assert [hour(e.at) for e in told if not e.acted] == [12]
    assert session.engine.broker.books.state.trades[2].reason == "stop"
    whole(session)


@pytest.mark.parametrize("lost", [[ARRIVED], [LOST], [LOST, ARRIVED], [LOST] * 3])
def test_a_stop_whose_move_is_not_answered_is_moved_again_at_the_next_candle(
    bench: Bench, tmp_path: Path, lost: list[str]
) -> None:
    """The incident: the ledger said that the venue had refused, and the venue had moved
    the stop. The stack moves it in hour 3 alone."""
    spec, body = SCRIPTED["trail"]
    once = body.replace("(3, 5, 12)", "(3,)")
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "trail": (spec, once)})
    session = opened(bench, candles=market(LONG[:7]))
    broker = session.engine.broker
    deaf = Deaf(broker.venue, lost, purposes=frozenset())  # type: ignore[arg-type]
    session.engine.broker = replace(broker, venue=deaf)
    traded(session)
    events = session.journal.everything()
    [moved] = [e for e in events if isinstance(e, Amended)]
    assert hour(moved.at) == 4 + len(lost)
    stops = [
        {o.intent.id: o.intent.trigger for o in orders if o.intent.purpose is STOP}
        for orders in (
            broker.books.state.open_orders(),
            deaf.inner.matching.open_orders(),
        )
    ]
    assert stops[0] == stops[1] == {moved.order: moved.trigger}
    told = [e for e in events if isinstance(e, Signalled) and e.action == "amend"]
    assert [(e.rejected_by, hour(e.at)) for e in told] == [
        ("no_answer", 3 + at) for at in range(len(lost))
    ]
    assert all(f"or at {moved.trigger}" in e.reason for e in told)


STOP = Purpose.STOP


def test_a_stop_that_may_stand_at_a_tighter_level_is_not_moved_to_a_looser_one(
    bench: Bench, tmp_path: Path
) -> None:
    """In hour 3 to 0.5 % below, which is not answered for; in hour 4 to 1.5 %."""
    spec, body = SCRIPTED["trail"]
    body = body.replace("(3, 5, 12)", "(3, 4)").replace(
        "max(stop_price, highest_since_entry * 0.985)",
        "close * (0.995 if step == 3 else 0.985)",
    )
    bench.stack = stack_of(tmp_path, {**SCRIPTED, "trail": (spec, body)})
    session = opened(bench, candles=market(LONG[:5]))
    broker = session.engine.broker
    deaf = Deaf(broker.venue, [ARRIVED], purposes=frozenset())  # type: ignore[arg-type]
    session.engine.broker = replace(broker, venue=deaf)
    traded(session)
    [moved] = [e for e in session.journal.events() if isinstance(e, Amended)]
    [stop] = [o for o in deaf.inner.matching.open_orders() if o.intent.purpose is STOP]
    assert stop.intent.trigger == moved.trigger
    assert moved.trigger is not None
    assert moved.trigger > Decimal("39800")


def test_nobody_is_asked_where_everything_was_answered(
    bench: Bench, sandbox: Sandbox, scripted: Stack
) -> None:
    session = opened(bench)
    shaky = through(session, [])
    traded(session)
    assert shaky.asked == []
    plain = Backtest(
        run_of(scripted, sandbox),
        Task((market(LONG),), sessions.settings(), loosest(Mode.BACKTEST)),
    ).play()
    assert dealt(session.engine.broker.books.state.trades) == dealt(plain.trades)
