"""Stacks made once a session."""

from pathlib import Path

import pytest

from core.sandbox import Sandbox
from core.stack import Stack
from core.store import Store
from tests.trading.engine import stacks
from tests.trading.engine.sessions import Bench, Desk
from tests.trading.shell.conftest import bitcoin

__all__ = ["bitcoin"]


@pytest.fixture(scope="session")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The reference strategy."""
    return stacks.reference(tmp_path_factory.mktemp("reference"))


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Stack:
    """The stack that plays the play."""
    return stacks.stack_of(tmp_path_factory.mktemp("scripted"), stacks.SCRIPTED)


@pytest.fixture
def bench(sandbox: Sandbox, scripted: Stack, tmp_path: Path) -> Bench:
    """Paper accounts of the scripted stack, in memory."""
    return Bench(sandbox, scripted, tmp_path)


@pytest.fixture
def desk(store: Store, sandbox: Sandbox, scripted: Stack, tmp_path: Path) -> Desk:
    """The same in the database."""
    return Desk(store, sandbox, scripted, tmp_path)
