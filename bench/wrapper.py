"""The wrapper on the native engine, over the bare call, beside a conventional stack."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.conventional import conventional
from bench.measure import Figure, side_by_side
from bench.subjects import INPUTS, SCALAR_BODY, SCALAR_SPEC, certified, spec
from core.native import compile_native
from core.records import Memory
from core.sandbox import Sandbox
from core.stack import runnable
from core.wrapper import Runtime, bind

CALLS = 20_000


def figures() -> Iterator[Figure]:
    """Microseconds over the bare call, and how many times cheaper than convention."""
    with Sandbox() as sandbox, TemporaryDirectory() as folder:
        entry = certified(spec(SCALAR_SPEC), SCALAR_BODY, sandbox)
        target = runnable(entry)
        bare = compile_native(target.source, target.name)
        wrapped = bind(target, Runtime(Memory(10_000), engine="native"))
        usual = conventional(bare, Path(folder) / "calls.log")
        taken = side_by_side(
            {
                "bare": lambda: bare(**INPUTS),
                "wrapped": lambda: wrapped(**INPUTS),
                "usual": lambda: usual(**INPUTS),
            },
            calls=CALLS,
        )
    over = taken["wrapped"] - taken["bare"]
    usual_over = taken["usual"] - taken["bare"]
    yield Figure("wrapper over the bare call", over * 1e6, "µs", 2.0, "bare call")
    yield Figure(
        "cheaper than pydantic + loguru + OpenTelemetry",
        usual_over / over,
        "×",
        8.0,
        f"{usual_over * 1e6:.1f} µs",
        more_is_better=True,
    )
