"""The trader with its whole stack: a live candle, a backtest, memory, a first result.

The shipped stack, three markets. In paper every module runs in the sandbox, every call is
recorded and the ledger is an embedded Postgres; only Kraken is played (`bench.live`).
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from math import inf
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.live import BARS_A_DAY, HISTORY, ROOT, live
from bench.markets import sources, three_hourly
from bench.measure import Figure
from core.records import Memory
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.settings import load_settings
from core.stack.fused import FusedRun
from core.store import open_store
from core.wrapper import Runtime
from tests.trading.engine.stacks import flagship
from trading.shell.candles import Candles
from trading.shell.config import read_settings
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.engine.tape import Asking, EmptyTape
from trading.shell.law.limits import loosest
from trading.shell.venue.orders import Mode

CANDLES = 400
FIRST = CANDLES // 10  # candles that are not counted
BARS, YEARS = 1_440, 17_000  # hours of each market, in a backtest
FULL, DAYS = 5, 7
"""By the first day a session remembers as much of the past as it ever does."""
NOISE = 3.0  # MB
YEAR = 8_760  # hours
COLD_RUNS = 3


def figures() -> Iterator[Figure]:
    """Latency, speed, memory and the first result of the whole stack."""
    yield from _latency()
    yield from _speed()
    yield from _memory()
    yield from _first_result()


def _latency() -> Iterator[Figure]:
    """From Kraken's answer until the candle is on record, its intents first."""
    candles = three_hourly(HISTORY + CANDLES + 1)
    with (
        TemporaryDirectory() as home,
        live(Path(home), candles, CANDLES, rests=True) as one,
    ):
        one.play()
        taken, orders = sorted(one.taken[FIRST:]), one.orders
    told = f"{len(taken)} candles, {orders} orders; {sources(candles)}; at most 200 ms"
    for share, name in ((0.5, "p50"), (0.99, "p99")):
        value = taken[int(len(taken) * share)] * 1e3
        yield Figure(f"trader: live candle to ledger, {name}", value, "ms", 50.0, told)


def _speed() -> Iterator[Figure]:
    """Bars a second of a backtest, with every module in the sandbox and natively."""
    short, long = three_hourly(BARS), three_hourly(YEARS)
    for engine, candles, span, aim in (
        ("sandbox", short, "60 days", inf),
        ("native", short, "60 days", inf),
        ("native", long, "two years", 20_000.0),
    ):
        speed, told = _played(candles, engine)
        yield Figure(
            f"trader: whole stack in a backtest, {engine}, {span}",
            speed,
            "bars/s",
            aim,
            f"{told}; {sources(candles)}",
            more_is_better=aim < inf,
        )


def _played(candles: Sequence[Candles], engine: str) -> tuple[float, str]:
    with Sandbox() as sandbox:
        runtime = Runtime(
            Memory(1000),
            engine=engine,
            prepare=prepare_in(sandbox),
            capabilities={"ask_model": Asking(EmptyTape())},
        )
        run = FusedRun(flagship(), runtime)
        task = Task(tuple(candles), read_settings(), loosest(Mode.BACKTEST))
        began = perf_counter()
        result = Backtest(run, task).play()
        taken = perf_counter() - began
    return result.bars / taken, f"{result.bars:,} bars, {len(result.trades)} trades"


def _memory() -> Iterator[Figure]:
    """What a trader's own process holds after a day's candles, and by how much it grows
    once it remembers as much of the past as it ever does."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.live", str(DAYS)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    seen = json.loads(told.stdout.splitlines()[-1])
    held: list[float] = seen["held"]
    first, last = (
        median(held[(d - 1) * BARS_A_DAY : d * BARS_A_DAY]) for d in (FULL, DAYS)
    )
    yield Figure(
        "trader: memory after a day",
        held[BARS_A_DAY - 1],
        "MB",
        200.0,
        f"resident; {seen['before']:.0f} MB before the first candle; 5-minute candles of "
        f"three markets, made up, at full speed; {seen['orders']} orders",
    )
    yield Figure(
        f"trader: memory growth from day {FULL} to day {DAYS}",
        last - first,
        "MB",
        NOISE,
        f"medians {first:.1f} and {last:.1f} MB; up to {NOISE:g} MB are noise",
    )


def _first_result() -> Iterator[Figure]:
    """From a new process until its report is printed, over a year of hourly candles."""
    year = three_hourly(YEAR)[0]
    with TemporaryDirectory() as folder:
        file = Path(folder) / "BTC_USD_1h.csv"
        _write(year, file)
        home = Path(folder) / "home"
        new = _backtest(file, home)
        alone = median(_backtest(file, home) for _ in range(COLD_RUNS))
        with _database(home):
            beside = median(_backtest(file, home) for _ in range(COLD_RUNS))
    told = (
        f"`asza trade backtest`, {YEAR:,} hourly candles, {sources([year])}; "
        f"{beside:.1f} s where the database runs already, {new:.1f} s where there is none; "
        "not measured here: backtesting.py 0.7 s, vectorbt 3 s"
    )
    yield Figure("trader: first result of a cold process", alone, "s", inf, told)


def _write(candles: Candles, file: Path) -> None:
    """As a file that says its symbol."""
    candles.frame.rename(columns={"time": "timestamp"}).to_csv(file, index=False)


@contextmanager
def _database(home: Path) -> Iterator[None]:
    """Its server runs as long as this lasts."""
    with open_store(load_settings(ROOT).model_copy(update={"asza_home": home})):
        yield


def _backtest(file: Path, home: Path) -> float:
    """Seconds until the last line of its report."""
    began = ended = perf_counter()
    process = subprocess.Popen(
        [sys.executable, "asza.py", "trade", "backtest", "--csv", str(file)],
        cwd=ROOT,
        env={**os.environ, "ASZA_HOME": str(home), "ASZA_WICK": "off"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    for _ in process.stdout or ():
        ended = perf_counter()
    if code := process.wait():
        raise subprocess.CalledProcessError(code, process.args)
    return ended - began
