"""The engine: bars a second beside a bare loop, and the memory of a million bars."""

import gc
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from bench.markets import made_up, real
from bench.measure import Figure
from bench.reference import reference_run, reference_stack, reference_task
from core.sandbox import Sandbox
from trading.shell.candles import Candles
from trading.shell.engine.backtest import Backtest
from trading.shell.engine.columns import columns_of

SERIES = (
    *("ema_9", "prior_ema_9", "ema_21", "prior_ema_21", "rsi_14"),
    *("average_volume_20",),
)
REPEATS = 3


def figures() -> Iterator[Figure]:
    """Bars a second of the reference strategy, and the memory of a million bars."""
    with TemporaryDirectory() as folder, Sandbox() as sandbox:
        stack = reference_stack(Path(folder), sandbox)
        speed = partial(_speed, stack, sandbox)
        for candles in (*real(), made_up(100_000), made_up(1_000_000)):
            taken, busy, trades = speed([candles])
            bare = _bare(candles)
            yield Figure(
                f"engine: reference strategy, {len(candles):,} bars of {candles.symbol}",
                taken,
                "bars/s",
                200_000,
                f"{trades} trades; {busy:,.0f} a second of processor time; a bare loop "
                f"without costs or ledger {bare:,.0f}",
                more_is_better=True,
            )
    yield from _memory()


def _speed(
    stack: object, sandbox: Sandbox, candles: Sequence[Candles]
) -> tuple[float, float, int]:
    """The best of a few runs, indicators and all: bars a second by the clock and of
    processor time; how many trades."""
    found, busy, trades = 0.0, 0.0, 0
    for _ in range(REPEATS):
        gc.collect()  # what the run before left lies between what this one makes
        run = reference_run(stack, sandbox)  # type: ignore[arg-type]
        began, used = perf_counter(), process_time()
        result = Backtest(run, reference_task(candles)).play()
        found = max(found, result.bars / (perf_counter() - began))
        busy = max(busy, result.bars / (process_time() - used))
        trades = len(result.trades)
    return found, busy, trades


def _bare(candles: Candles) -> float:
    """Bars a second of the same rules in a plain loop over the same indicators."""
    began = perf_counter()
    columns = columns_of(candles, SERIES)
    place = {name: 7 + at for at, name in enumerate(columns.names)}
    fast, slow = place["ema_9"], place["ema_21"]
    was_fast, was_slow = place["prior_ema_9"], place["prior_ema_21"]
    rsi, mean = place["rsi_14"], place["average_volume_20"]
    cash, held, stop, target, pending = 10_000.0, 0.0, 0.0, 0.0, 0
    for row in columns.rows():
        if pending == 1:
            held = 0.95 * cash / row[1]
            cash -= held * row[1] * 1.004
        elif pending == -1 and held:
            cash, held = cash + held * row[1] * 0.996, 0.0
        pending = 0
        if held and row[3] <= stop:
            cash, held = cash + held * stop * 0.996, 0.0
        elif held and row[2] >= target:
            cash, held = cash + held * target * 0.996, 0.0
        if not row[6]:
            continue
        crossed_up = row[was_fast] <= row[was_slow] and row[fast] > row[slow]
        if not held and crossed_up and row[rsi] < 70 and row[5] > 1.2 * row[mean]:
            pending, stop, target = 1, row[4] * 0.98, row[4] * 1.04
        elif held and row[was_fast] >= row[was_slow] and row[fast] < row[slow]:
            pending = -1
    return len(candles) / (perf_counter() - began)


def _memory() -> Iterator[Figure]:
    """Peak memory of a million bars over what the imports take, in a process of its own."""
    told = subprocess.run(
        [sys.executable, "-m", "bench.engine", "memory", "1000000"],
        capture_output=True,
        text=True,
        check=True,
    )
    seen = json.loads(told.stdout.splitlines()[-1])
    yield Figure(
        "engine: memory at 1 M bars, over the candles' own",
        seen["ratio"],
        "×",
        2.0,
        f"peak; candles {seen['candles_mb']:.0f} MB, {seen['first_result_s']:.1f} s in all",
    )
    yield Figure(
        "engine: memory held after 1 M bars",
        seen["held_ratio"],
        "×",
        inf,
        "candles' own size, candles included",
    )


def _peak() -> int:
    """The most bytes of real memory this process ever held: Linux counts that of the
    process that started it in `ru_maxrss`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = (one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024


def _measure_memory(bars: int) -> None:
    """Run the reference strategy once and print what it took."""
    import psutil

    began = perf_counter()
    with TemporaryDirectory() as folder, Sandbox() as sandbox:
        stack = reference_stack(Path(folder), sandbox)
        warm = reference_run(stack, sandbox)
        Backtest(warm, reference_task([made_up(5_000)])).play()
        before = psutil.Process().memory_info().rss
        candles = made_up(bars)
        own = int(candles.frame.memory_usage(index=False).sum())
        Backtest(reference_run(stack, sandbox), reference_task([candles])).play()
        held = psutil.Process().memory_info().rss - before
    peak = _peak() - before
    print(
        json.dumps(
            {
                "ratio": peak / own,
                "held_ratio": held / own,
                "candles_mb": own / 2**20,
                "first_result_s": perf_counter() - began,
            }
        )
    )


if __name__ == "__main__" and sys.argv[1:2] == ["memory"]:
    _measure_memory(int(sys.argv[2]))
