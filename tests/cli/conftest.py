"""What the tests of commands share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.trading_desk import TradingDesk, opened


@pytest.fixture
def trade(home: Path, tmp_path: Path) -> Iterator[TradingDesk]:
    """A project with a small built stack, and an empty ledger."""
    with opened(tmp_path / "project", home) as desk:
        yield desk
