"""Runs that keep what they make: rubbish is looked for rarely."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 20, 20)
"""After how many new objects, and younger looks, Python looks for cycles; usually 700."""


@contextmanager
def keeping() -> Iterator[None]:
    """A ledger only grows: to look through it for rubbish is a fifth of a run's time."""
    usual = gc.get_threshold()
    gc.set_threshold(*SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*usual)
