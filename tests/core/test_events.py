"""Events wake listeners, survive nonsense, and a dead Redis costs nothing but time."""

import threading

import pytest

from core.errors import StoreError
from core.events import Events, events, glob_escaped
from core.store import Store
from core.store.connection import connect

LONG = 100.0  # seconds an event may take, however slow the machine


@pytest.fixture
def bus(store: Store) -> Events:
    return events(store)


@pytest.fixture
def dead() -> Events:
    """A Redis that nobody answers for."""
    return Events(connect("unix:///nowhere/valkey.sock"), "asza:")


def test_what_is_published_after_subscribing_arrives(bus: Events) -> None:
    with bus.subscribe("module.failed") as listener:
        assert bus.publish("module.failed", {"module": "demo.double", "n": [1, 2.5]})
        event = listener.get(timeout=LONG)
    assert event is not None
    assert (event.name, event.payload) == (
        "module.failed",
        {"module": "demo.double", "n": [1, 2.5]},
    )


def test_other_events_are_not_heard(bus: Events) -> None:
    with bus.subscribe("module.swapped") as listener:
        bus.publish("module.failed")
        bus.publish("module.swapped")
        assert [e.name for e in [listener.get(LONG), listener.get(0.0)] if e] == [
            "module.swapped"
        ]


def test_without_a_name_every_event_is_heard(bus: Events) -> None:
    with bus.subscribe() as listener:
        for name in ("a", "b.c"):
            bus.publish(name)
        assert [listener.get(LONG).name for _ in "ab"] == ["a", "b.c"]  # type: ignore[union-attr]
        assert listener.drain() == []


def test_a_listener_is_woken_from_its_wait(bus: Events) -> None:
    with bus.subscribe("tick") as listener:
        later = threading.Timer(0.1, bus.publish, ["tick", {"n": 1}])
        later.start()
        event = listener.get(timeout=LONG)
        later.join()
    assert event is not None
    assert event.payload == {"n": 1}


@pytest.mark.parametrize("noise", ["", "hello", "[]", "{}", '{"payload": 1, "at": 2}'])
def test_what_others_send_on_our_channel_is_no_event(
    store: Store, bus: Events, noise: str
) -> None:
    with bus.subscribe("tick") as listener:
        store.redis().publish(f"{store.settings.redis_prefix}event:tick", noise)
        bus.publish("tick", {"n": 2})
        event = listener.get(timeout=LONG)
    assert event is not None
    assert event.payload == {"n": 2}


def test_another_prefix_is_another_world(store: Store, bus: Events) -> None:
    with bus.subscribe() as listener:
        Events(store.redis(), "other:").publish("tick")
        bus.publish("end")
        event = listener.get(timeout=LONG)
    assert event is not None
    assert event.name == "end"


def test_publishing_into_a_dead_redis_is_only_false(dead: Events) -> None:
    assert dead.publish("tick") is False


def test_listening_to_a_dead_redis_is_an_error(dead: Events) -> None:
    with (
        pytest.raises(StoreError, match="events cannot be received"),
        dead.subscribe("tick"),
    ):
        pytest.fail("nothing was subscribed to")


def test_a_pattern_of_ours_matches_only_itself() -> None:
    assert glob_escaped("a*[b]?\\:") == "a\\*\\[b\\]\\?\\\\:"
