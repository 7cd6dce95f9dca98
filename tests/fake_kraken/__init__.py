"""A Kraken of our own for tests: a real HTTP server on a loopback port."""

from tests.fake_kraken.server import FakeKraken, serving

__all__ = ["FakeKraken", "serving"]
