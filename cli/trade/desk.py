"""A paper session at work: its market, its modules in the sandbox, and who hears of it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from cli.context import Context
from cli.output import Output
from cli.trade.beginning import DEPOSIT
from cli.trade.history import after_known
from cli.trade.sessions import session_name
from cli.trade.settings import Chosen
from cli.trade.traders import place_of
from trading.shell.engine.pause import Pause

if TYPE_CHECKING:
    from cli.trade.company import Remarks
    from core.errors import DataError
    from core.stack import Stack
    from core.stack.fused import FusedRun
    from core.store.runs import RunRow
    from trading.shell.engine.feeds import Feed
    from trading.shell.engine.kinds import Kind
    from trading.shell.engine.paper import Paper
    from trading.shell.engine.trouble import Troubles
    from trading.shell.ledger import Account
    from trading.shell.market import Market

SYNTHETIC_SPEED = 300.0  # a 5-minute candle a second, where the market is made up


class StackGrown(Exception):
    """A new version of the stack reads what the session is not fed with: raised where it
    would be taken up, between candles. `market` has the candles that are known by then,
    `generation` is the store's before the stack was read."""

    market: "Market"

    def __init__(
        self, stack: "Stack", names: Collection[str], generation: int = 0
    ) -> None:
        super().__init__(
            f"the stack reads {', '.join(sorted(names))} from now on: the session begins "
            "anew with it, where its ledger stands"
        )
        self.stack, self.generation = stack, generation


@dataclass(frozen=True)
class Asked:
    """How a session was asked for; `alone` raises where another trades by now, `pause` is
    where it waits and can be ended; `again` where the stack grew and it begins anew, and
    `generation` the store's before the stack was read."""

    account: str
    speed: float | None
    begin: int | None
    given: bool
    alone: Callable[[], None]
    pause: Pause = field(default_factory=Pause)
    again: bool = False
    generation: int | None = None

    def is_live(self, market: "Market") -> bool:
        """Whether candles come as they close, and are not of the past or made up."""
        return self.kind(market) == "kraken"

    def kind(self, market: "Market") -> "Kind":
        """What kind of market it is."""
        if market.synthetic:
            return "synthetic"
        return "csv" if self.given else "kraken"


@contextmanager
def at_work(
    context: Context,
    output: Output,
    chosen: Chosen,
    market: "Market",
    asked: Asked,
) -> Iterator["Paper"]:
    """The paper account at its feed, its modules sandboxed and every call reflected."""
    from cli.trade.company import Remarks, company
    from core.reflections import Reflector
    from core.runtimes import make_runtime
    from core.store import Runs
    from trading.shell.engine.assembly import require_session, rules_of
    from trading.shell.engine.paper import Paper
    from trading.shell.law.lock import signature
    from trading.shell.ledger import Account
    from trading.shell.ledger.postgres import PostgresJournal
    from trading.shell.ledger.reading import Reading, accounts
    from trading.shell.venue.orders import Mode

    store, settings, stack = context.store, context.settings, chosen.stack
    account = Account(Mode.PAPER, asked.account, require_session(market.candles))
    _require_currency(account, (one for one, _ in accounts(store)))
    run_id = session_name("paper")
    runs = Runs(store)
    detail: dict[str, Any] = {
        "account": account.name,
        "trader": signature(),
        **place_of(settings),
        "set": {name: str(value) for name, value in chosen.shown.items()},
    }
    before = runs.newest(Mode.PAPER.value, "account", account.name)
    for line in _anew(before, stack.name, detail):
        output.say(line, "yellow")
    if asked.is_live(market):
        detail["interval"] = market.candles[0].step
    runs.start(run_id, stack.name, Mode.PAPER.value, detail)
    finished = False
    with (
        company(context, chosen, output.say) as beside,
        Reflector(store, settings, "all") as sink,
    ):
        runtime = make_runtime(
            settings,
            sink,
            context.sandbox,
            run_id=run_id,
            notice=beside.notice,
            capabilities={"ask_model": beside.asking},
        )
        state = runs.state(stack.name, account.keeps)
        remarks = Remarks(output.say)
        run = _run(context, chosen, runtime, state, market, remarks, asked.generation)
        journal = PostgresJournal(store, account, stack=stack.name)
        door = Reading(store, account)
        session = Paper(
            run=run,
            journal=journal,
            feed=_feed(context, chosen, market, run, asked),
            rules=rules_of(market.candles, chosen.settings),
            settings=chosen.settings,
            limits=chosen.limits,
            home=settings.home,
            decided=door.newest_scans(),
            say=output.say,
            asking=beside.asking,
            failures=beside.failures,
            kind=asked.kind(market),
            alone=asked.alone,
        )
        try:
            yield session
            finished = True
        except StackGrown as grown:
            finished = True
            grown.market = _known_of(market, session.feed)
            raise
        finally:
            runs.finish(run_id, {"account": account.name}, failed=not finished)


def _known_of(market: "Market", feed: "Feed") -> "Market":
    """A market with what a feed knows of it by now: nothing of a market that it has not
    heard of yet."""
    newer = {one.symbol: one.candles for one in feed.columns}
    candles = tuple(newer.get(one.symbol, one) for one in market.candles)
    return replace(market, candles=candles)


def _require_currency(asked: "Account", known: "Iterable[Account]") -> None:
    """Refuse markets in another currency than the account's money is of: DataError."""
    from core.errors import DataError

    for one in known:
        ours = (one.mode, one.name) == (asked.mode, asked.name)
        if ours and one.quote != asked.quote:
            raise DataError(
                f"account {one.name} is of {one.quote}, and these markets are in "
                f"{asked.quote}: nothing is converted",
                field="symbols",
                value=asked.quote,
                remedy="use another --account for them",
            )


def _anew(before: "RunRow | None", stack: str, now: Mapping[str, Any]) -> Iterator[str]:
    """What is otherwise than in the account's session before: its stack, or what is set."""
    if before is None:
        return
    if before.stack != stack:
        yield (
            f"the stack of this account is {stack} now, and was {before.stack} in the "
            "session before: what is held goes by the exits of the new one"
        )
        return
    old, new = before.detail.get("set", now["set"]), now["set"]
    changed = {name for name in {**old, **new} if old.get(name) != new.get(name)}
    for name in sorted(changed - {DEPOSIT}):  # an account that is there keeps its money
        was, found = (one.get(name, "as in the files") for one in (old, new))
        yield f"{name} is {found} now, and was {was} in the session before"


def _run(
    context: Context,
    chosen: Chosen,
    runtime: Any,
    state: Any,
    market: "Market",
    remarks: "Remarks",
    loaded_at: int | None,
) -> "FusedRun":
    """The stack in the sandbox, taking up new versions between candles."""
    from cli.keeping import Generation
    from cli.trade.settings import with_same_parameters
    from core.library import open_stack
    from core.stack.fused import FusedRun
    from core.store import Modules

    name, generation = chosen.stack.name, Generation(Modules(context.store).generation)

    def reload() -> "Stack":
        before = generation()
        found = open_stack(context.settings, name, context.store)
        stack = with_same_parameters(found, chosen.stack)
        if grown := _unfed(stack, run):
            _require_fed(stack, market)
            raise StackGrown(stack, grown, before)
        return stack

    run = FusedRun(
        chosen.stack,
        runtime,
        state=state,
        trace=True,
        generation=generation,
        reload=reload,
        commit=remarks,
        loaded_at=loaded_at,
    )
    return run


def _unfed(stack: "Stack", run: "FusedRun") -> frozenset[str]:
    """What a stack reads at a candle and a run is not given."""
    of_symbol = stack.starts_for("symbol").difference(run.symbol_names)
    return of_symbol | stack.starts_for("portfolio").difference(run.portfolio_names)


def _require_fed(stack: "Stack", market: "Market") -> None:
    """DataError where market and account cannot give what a stack reads at a candle."""
    from trading.shell.engine.columns import columns_of
    from trading.shell.engine.deciding import names_of
    from trading.shell.engine.figures import shared_figures, symbol_figures

    names = names_of(stack.starts_for("symbol"))
    symbol_figures(names.figures)
    shared_figures(stack.starts_for("portfolio"))
    for one in market.candles:
        columns_of(one, names.series)


def _feed(
    context: Context,
    chosen: Chosen,
    market: "Market",
    run: "FusedRun",
    asked: Asked,
) -> "Feed":
    """Recorded or made-up candles at a pace, or Kraken's as they close."""
    from trading.shell.engine.columns import columns_of
    from trading.shell.engine.deciding import names_of
    from trading.shell.engine.feeds import LiveFeed, PacedFeed
    from trading.shell.engine.trouble import Troubles
    from trading.shell.fetch import KRAKEN, EachAgain

    names, step = names_of(run.symbol_names).series, market.candles[0].step
    pause = asked.pause.sleep
    if not asked.is_live(market):
        columns = [columns_of(one, names) for one in market.candles]
        pace = SYNTHETIC_SPEED if market.synthetic else 0.0
        speed = pace if asked.speed is None else asked.speed
        return PacedFeed(columns, step, speed, pause, first=asked.begin or 0)
    session, troubles = chosen.settings.session, Troubles(run)
    url = context.settings.kraken_api_url or KRAKEN
    known = {one.symbol: one for one in market.candles}
    ask = EachAgain(market.symbols, session.timeframe, url)
    return LiveFeed(
        fetch=lambda: after_known(known, ask()),
        names=names,
        step=step,
        retry=partial(_retry_after, troubles),
        sleep=pause,
        first=market.first,
        found=market.candles,
    )


def _retry_after(
    troubles: "Troubles", error: "DataError", attempt: int, since: float
) -> float:
    """How long the stack says to wait; it is for the next candle to find that it grew.

    A session that begins anew asks at once, and Kraken may have locked it out.
    """
    from trading.shell.engine.trouble import LOCKOUT
    from trading.shell.fetch import KrakenLockedOut

    try:
        return troubles.retry_after(error.message, attempt, since)
    except StackGrown:
        locked_out = isinstance(error, KrakenLockedOut)
        return LOCKOUT if locked_out else troubles.wait
