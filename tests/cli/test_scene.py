"""An act that was killed leaves no fault behind; one that is playing is left alone."""

from pathlib import Path

import pytest

from cli.context import Context
from cli.scene import ACT, clear_up
from core.sandbox import Sandbox
from core.store import Modules, Store
from core.store.claims import sole_owner
from tests.wick.broken_stack import MODULE, lay_out
from wick.breaking import inject


@pytest.fixture
def context(store: Store, sandbox: Sandbox) -> Context:
    """A command's context in the project of the store, its module broken by an act."""
    lay_out(store, sandbox)
    inject(store, store.settings, sandbox, MODULE, 1, why=ACT)
    return Context(Path(store.settings.root))


def live(store: Store) -> int:
    row = Modules(store).live(MODULE)
    assert row is not None
    return row.version


def test_the_fault_of_a_killed_act_is_taken_back_by_the_next_command(
    context: Context, store: Store
) -> None:
    said: list[str] = []
    assert live(store) == 2
    with context:
        clear_up(context, said.append)
        clear_up(context, said.append)
    assert live(store) == 1
    assert len(said) == 1
    assert "cut short" in said[0]


def test_the_fault_of_an_act_that_plays_is_left_alone(
    context: Context, store: Store
) -> None:
    with sole_owner(store, ACT) as alone, context:
        assert alone is not None
        clear_up(context, lambda _: None)
    assert live(store) == 2


def test_a_fault_that_a_person_asked_for_stays(store: Store, sandbox: Sandbox) -> None:
    lay_out(store, sandbox)
    inject(store, store.settings, sandbox, MODULE, 1)
    with Context(Path(store.settings.root)) as context:
        clear_up(context, lambda _: None)
    assert live(store) == 2
