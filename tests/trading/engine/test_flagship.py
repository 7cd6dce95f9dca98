"""The flagship stack's behaviour, pinned."""

from pathlib import Path

from core.sandbox import Sandbox
from tests.trading.engine.pinned import GOLDEN, told, traded


def test_the_flagship_stack_trades_as_it_did(
    shared_data: Path, sandbox: Sandbox
) -> None:
    """A change that is meant: `.venv/bin/python -m tests.trading.engine.pinned`."""
    result = traded(shared_data, sandbox)
    assert not result.failures
    assert told(result) == GOLDEN.read_text()


def test_entries_too_small_for_their_market_are_rejected_in_figures(
    shared_data: Path, sandbox: Sandbox
) -> None:
    result = traded(shared_data, sandbox, deposit=20)
    small = [one for one in result.signals if one.rejected_by == "size_minimum"]
    assert small
    assert all(one.reason.startswith("too small: worth ") for one in small)
    assert not result.failures
