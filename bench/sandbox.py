"""Sandboxed calls beside bare Monty feeds of the same body."""

from collections.abc import Iterator

import pydantic_monty as monty

from bench.measure import Figure, side_by_side
from bench.subjects import INPUTS, SCALAR_BODY, SCALAR_SPEC, source, spec
from core.sandbox import Sandbox

ROWS = [INPUTS] * 200
BATCH = "[leverage_manager(**row) for row in rows]"


def figures() -> Iterator[Figure]:
    """One prepared call, and one batch of 200 rows, as ratios to bare feeds."""
    subject = spec(SCALAR_SPEC)
    text = source(subject, SCALAR_BODY)
    with Sandbox() as sandbox, monty.Monty() as pool, pool.checkout() as bare:
        bare.feed_run(text)
        prepared = sandbox.prepared(text, subject.name)
        taken = side_by_side(
            {
                "bare": lambda: bare.feed_run(
                    "leverage_manager(**row)", inputs={"row": INPUTS}
                ),
                "call": lambda: prepared.call(INPUTS),
            },
            calls=400,
        )
        batches = side_by_side(
            {
                "bare": lambda: bare.feed_run(BATCH, inputs={"rows": ROWS}),
                "batch": lambda: sandbox.batch(text, subject.name, ROWS),
            },
            calls=10,
        )
    bare_call = f"{taken['bare'] * 1e6:.0f} µs a bare feed"
    yield Figure("sandboxed call", taken["call"] / taken["bare"], "×", 2.5, bare_call)
    bare_batch = f"{batches['bare'] * 1e3:.2f} ms a bare feed"
    yield Figure(
        "batch of 200 rows", batches["batch"] / batches["bare"], "×", 1.2, bare_batch
    )
