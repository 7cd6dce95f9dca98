"""A chain that is kept in little room reads as the links it was made of."""

import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trading.shell.engine.links import Chain

NAMES = st.sampled_from(["close", "ema_9", "gap", "proceed", "reason", "prev_count"])
VALUES = (
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.lists(st.integers())
)
NAMED = st.dictionaries(NAMES, VALUES, max_size=4)
LINK = st.fixed_dictionaries(
    {
        "phase": st.sampled_from(["decide", "scan"]),
        "module": st.sampled_from(["one", "other"]),
        "symbol": st.sampled_from(["BTC/USD", ""]),
        "version": st.integers(1, 9),
        "inputs": NAMED,
        "outputs": NAMED,
    }
)


@given(st.lists(LINK, max_size=5))
def test_a_chain_reads_as_its_links(links: list[dict[str, Any]]) -> None:
    chain = Chain(links)
    assert list(chain) == links
    assert chain == tuple(links)
    assert [chain[at] for at in range(len(links))] == links
    assert chain[1:] == tuple(links[1:])
    assert bool(chain) == bool(links)
    assert [list(one["inputs"]) for one in chain] == [list(o["inputs"]) for o in links]


@given(st.lists(LINK, max_size=5))
def test_a_chain_goes_to_another_process_as_it_is(links: list[dict[str, Any]]) -> None:
    assert pickle.loads(pickle.dumps(Chain(links))) == Chain(links)


@given(st.lists(LINK, min_size=1, max_size=5))
def test_a_link_that_is_changed_changes_no_chain(links: list[dict[str, Any]]) -> None:
    chain = Chain(links)
    for link in chain:
        link["inputs"].clear()
    assert list(chain) == links


def test_chains_of_the_same_modules_hold_their_values_and_no_names() -> None:
    def made(value: float) -> Chain:
        read = {"close": value, "ema_9": value + 1}
        links = [
            {"module": one, "inputs": {**read}, "outputs": {one: value - 1}}
            for one in ("first", "second")
        ]
        return Chain(links)

    few, many = (len(pickle.dumps([made(n / 3) for n in range(m)])) for m in (10, 110))
    assert (many - few) / 100 < 70  # four numbers of 9 bytes, and what holds them
