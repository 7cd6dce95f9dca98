"""One project for each file of tests, on the session's servers."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.settings import Settings
from core.store import open_store
from tests.conftest import empty
from tests.e2e.project import Commands, Project, commands, project_in
from trading.shell.synthetic import generate


@pytest.fixture(scope="session")
def forked() -> Iterator[Commands]:
    """Where commands come from."""
    with commands() as door:
        yield door


@pytest.fixture(scope="module")
def project(
    home: Path, forked: Commands, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A project whose database is empty when the file's first test begins."""
    with open_store(Settings(asza_home=home)) as store:
        empty(store)
    yield project_in(tmp_path_factory.mktemp("e2e") / "project", home, forked)
    with open_store(Settings(asza_home=home)) as store:
        empty(store)


@pytest.fixture(scope="session")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """300 generated hours, as a file somebody has."""
    path = tmp_path_factory.mktemp("candles") / "market_BTCUSD_1h.csv"
    generate(bars=300).frame.to_csv(path, index=False)
    return path
