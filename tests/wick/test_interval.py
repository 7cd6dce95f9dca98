"""Stale inputs are known in a live run only: its run says how long a bar is."""

import pytest

from core.store import Runs, Store
from wick.signature import Signature
from wick.triage import interval_of
from wick.triggers import CallId, Trigger


@pytest.mark.parametrize(
    ("detail", "interval"), [({"interval": 300}, 300.0), ({"account": "paper"}, None)]
)
def test_a_run_that_is_live_says_how_long_a_bar_is(
    store: Store, detail: dict[str, object], interval: float | None
) -> None:
    Runs(store).start("run", "desk", "paper", detail)

    def trigger(run: str) -> Trigger:
        return Trigger(
            "desk.made", 1, Signature("exception", "E"), "", (), (CallId(run, 1),)
        )

    assert interval_of(store, trigger("run")) == interval
    assert interval_of(store, trigger("another")) is None
