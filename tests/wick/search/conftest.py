"""One warm worker for every test of the search."""

from collections.abc import Iterator

import pytest

from wick.runners.monty import MontyRunner


@pytest.fixture(scope="session")
def monty() -> Iterator[MontyRunner]:
    running = MontyRunner()
    yield running
    running.close()
