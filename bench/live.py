"""A paper session as `asza trade paper` puts it together, on a Kraken that is played.

Time goes on as the session sleeps. `python -m bench.live DAYS` trades so many days of
5-minute candles and prints what the process holds after each: nothing is imported here
that the live trader does not hold as well.
"""

import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.markets import STEP, SYMBOLS
from core.library import open_stack
from core.reflections import Reflector
from core.runtimes import make_runtime
from core.sandbox import Sandbox
from core.settings import load_settings
from core.stack.fused import FusedRun
from core.store import Store, open_store
from trading.shell import exchanges
from trading.shell.candles import Candles
from trading.shell.config import read_settings
from trading.shell.engine.assembly import rules_of
from trading.shell.engine.deciding import names_of
from trading.shell.engine.failing import Failures
from trading.shell.engine.feeds import LiveFeed
from trading.shell.engine.paper import Paper, memory_in_use
from trading.shell.engine.pause import Stopped
from trading.shell.engine.tape import Asking
from trading.shell.fetch import MOST
from trading.shell.law.limits import read_limits
from trading.shell.ledger import Account
from trading.shell.ledger.postgres import PostgresJournal
from trading.shell.ledger.tape import PostgresTape
from trading.shell.synthetic import generate
from trading.shell.venue.orders import Mode

ROOT = Path(__file__).resolve().parents[1]
BARS_A_DAY = 288
HISTORY = MOST - 1  # closed candles that Kraken has of a market


@dataclass
class Kraken:
    """What Kraken would answer at `moment`; `answered` is when it did, by our clock."""

    candles: Sequence[Candles]
    moment: float
    ends: float
    pause: Callable[[], None]
    answered: float = 0.0

    def fetch(self) -> list[Candles]:
        """The newest closed candles of every market."""
        found = [self._newest(one) for one in self.candles]
        self.answered = perf_counter()
        return found

    def _newest(self, one: Candles) -> Candles:
        closed = int(one.frame["time"].searchsorted(self.moment - one.step, "right"))
        frame = one.frame.iloc[max(0, closed - HISTORY) : closed]
        return replace(one, frame=frame.reset_index(drop=True))

    async def sleep(self, seconds: float) -> None:
        """Nothing waits; a pause ends where the session is to end."""
        self.pause()
        self.moment += seconds
        if self.moment >= self.ends:
            raise Stopped


@dataclass
class Live:
    """A session; `taken` are seconds from Kraken's answer until a candle is on record.

    `seen` is called after each candle that was decided on.
    """

    session: Paper
    kraken: Kraken
    seen: Callable[[], None] = lambda: None
    taken: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.session.mark = self._mark

    def _mark(self, time: int) -> None:
        if time + 2 * self.session.rules.step <= self.kraken.moment:
            return  # history: nothing is decided
        self.taken.append(perf_counter() - self.kraken.answered)
        self.seen()

    def play(self) -> None:
        """Trade to the end."""
        asyncio.run(self.session.trade())

    @property
    def orders(self) -> int:
        """How many orders were written down."""
        state = self.session.engine.broker.books.state
        return len(state.working) + len(state.finished)


class Nobody:
    """Who repairs nothing."""

    at_work = False

    def start(self, clones: int) -> None:
        """Nobody starts."""


@contextmanager
def live(
    home: Path, candles: Sequence[Candles], number: int, *, rests: bool = False
) -> Iterator[Live]:
    """A session over `number` candles after the history; where it `rests`, calls are
    written to the database between candles, as in life."""
    settings = load_settings(home)
    with (
        open_store(settings) as store,
        Sandbox() as sandbox,
        Reflector(store, settings, "all") as sink,
    ):
        step, times = candles[0].step, candles[0].frame["time"]
        begin = float(times.iloc[HISTORY]) + 1
        pause = sink.flush if rests else lambda: None
        kraken = Kraken(candles, begin, begin + number * step, pause)
        yield Live(_session(store, sandbox, sink, kraken), kraken)


def _session(store: Store, sandbox: Sandbox, sink: Reflector, kraken: Kraken) -> Paper:
    asking = Asking(PostgresTape(store))
    failures = Failures(Nobody(), lambda: 0.0)
    runtime = make_runtime(
        store.settings,
        sink,
        sandbox,
        notice=failures.notice,
        capabilities={"ask_model": asking},
    )
    run = FusedRun(open_stack(load_settings(ROOT), "trading"), runtime, trace=True)
    settings = read_settings()
    account = Account(Mode.PAPER, "bench")
    return Paper(
        run=run,
        journal=PostgresJournal(store, account, stack=run.stack.name),
        feed=_feed(run, kraken),
        rules=rules_of(kraken.candles, settings),
        settings=settings,
        limits=read_limits(Mode.PAPER),
        home=store.settings.home,
        decided={},
        say=lambda _: None,
        clock=lambda: kraken.moment,
        asking=asking,
        failures=failures,
        kind="kraken",
    )


def _feed(run: FusedRun, kraken: Kraken) -> LiveFeed:
    return LiveFeed(
        fetch=kraken.fetch,
        names=names_of(run.symbol_names).series,
        step=kraken.candles[0].step,
        retry=lambda *_: 1.0,
        now=lambda: kraken.moment,
        sleep=kraken.sleep,
    )


def _measure_memory(days: int) -> None:
    """Trade and print, in MB, what is held before the first candle and after each."""
    import cli.trade.paper  # noqa: F401

    exchanges.kraken()  # what a fetch loads
    number, held = days * BARS_A_DAY, list[float]()
    candles = [
        generate(bars=HISTORY + number + 1, symbol=symbol, step=STEP)
        for symbol in SYMBOLS
    ]
    with TemporaryDirectory() as home, live(Path(home), candles, number) as one:
        before = memory_in_use()
        one.seen = lambda: held.append(memory_in_use())
        one.play()
    print(json.dumps({"before": before, "held": held, "orders": one.orders}))


if __name__ == "__main__":
    _measure_memory(int(sys.argv[1]))
