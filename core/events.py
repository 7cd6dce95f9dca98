"""Events over Redis: they only wake whoever listens. The truth is in the database.

An event that is lost costs time, never correctness: a dead Redis makes `publish` return
False, and everyone who waits also looks at the generation counter now and then.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
from redis.client import PubSub

from core.store.codec import decode, encode
from core.store.connection import Store
from core.store.faults import store_errors


@dataclass(frozen=True, slots=True)
class Event:
    """A name such as `module.failed`, what was said with it, and when (UTC seconds)."""

    name: str
    payload: dict[str, Any]
    at: float


class Events:
    """Publish and listen, under the settings' prefix."""

    def __init__(self, client: redis.Redis, prefix: str) -> None:
        self._client = client
        self._prefix = f"{prefix}event:"

    def publish(self, name: str, payload: Mapping[str, Any] | None = None) -> bool:
        """Wake the listeners; whether Redis took it."""
        message = encode({"payload": dict(payload or {}), "at": time.time()})
        try:
            self._client.publish(self._prefix + name, message)
        except (redis.RedisError, OSError):
            return False
        return True

    @contextmanager
    def subscribe(self, *names: str) -> Iterator["Listener"]:
        """Listen to these events, to all when none is named. StoreError without Redis."""
        listener = self._client.pubsub()  # type: ignore[no-untyped-call]
        channels = [self._prefix + name for name in names]
        with store_errors("events cannot be received"):
            if channels:
                listener.subscribe(*channels)
            else:
                listener.psubscribe(f"{glob_escaped(self._prefix)}*")
            confirm(listener, max(len(channels), 1))
        try:
            yield Listener(listener, self._prefix)
        finally:
            listener.close()


class Listener:
    """One subscription. Not thread-safe."""

    def __init__(self, source: PubSub, prefix: str) -> None:
        self._source = source
        self._prefix = prefix

    def get(self, timeout: float = 0.0) -> Event | None:
        """The next event, None when none came in `timeout` seconds."""
        end = time.monotonic() + timeout
        while True:
            left = max(end - time.monotonic(), 0.0)
            with store_errors("events cannot be received"):
                message = self._source.get_message(timeout=left)
            event = self._event(message) if message else None
            if event or time.monotonic() >= end:
                return event

    def drain(self) -> list[Event]:
        """Everything that has arrived already."""
        return list(iter(self.get, None))

    def _event(self, message: Mapping[str, Any]) -> Event | None:
        """What somebody else may have sent on our channel is not an event."""
        name = str(message["channel"]).removeprefix(self._prefix)
        try:
            said = decode(message["data"])
            return Event(name, dict(said["payload"]), float(said["at"]))
        except (ValueError, TypeError, KeyError):
            return None


def events(store: Store) -> Events:
    """The store's events; starts or reaches Redis. StoreError when there is none."""
    return Events(store.redis(), store.settings.redis_prefix)


def confirm(listener: PubSub, channels: int) -> None:
    """Wait until Redis has subscribed us: what is published afterwards arrives."""
    while channels:
        message = listener.get_message(timeout=10)
        if message is None:
            raise redis.TimeoutError("Redis did not confirm the subscription")
        channels -= message["type"] in ("subscribe", "psubscribe")


def glob_escaped(text: str) -> str:
    """`text` as a Redis pattern that matches only itself."""
    return "".join(f"\\{c}" if c in "*?[]\\" else c for c in text)
