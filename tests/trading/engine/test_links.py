"""A chain that is kept in little room reads as the links it was made of."""

import pickle
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from trading.shell.engine.links import Chain, planned

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


def chained(links: list[dict[str, Any]]) -> Chain:
    """The chain of links, each value from a source of its own."""
    values: list[Any] = []

    def source(value: Any) -> tuple[int, int]:
        values.append(value)
        return len(values) % 2, len(values) - 1

    def sources(link: dict[str, Any]) -> dict[str, Any]:
        both = {
            k: {n: source(v) for n, v in link[k].items()} for k in ("inputs", "outputs")
        }
        return {**link, **both}

    plan, wanted = planned([sources(one) for one in links])
    return Chain(plan, tuple(values[at] for _, at in wanted))


@given(st.lists(LINK, max_size=5))
def test_a_chain_reads_as_its_links(links: list[dict[str, Any]]) -> None:
    chain = chained(links)
    assert list(chain) == links
    assert chain == tuple(links)
    assert [chain[at] for at in range(len(links))] == links
    assert chain[1:] == tuple(links[1:])
    assert bool(chain) == bool(links)
    assert [list(one["inputs"]) for one in chain] == [list(o["inputs"]) for o in links]


@given(st.lists(LINK, max_size=5))
def test_a_chain_goes_to_another_process_as_it_is(links: list[dict[str, Any]]) -> None:
    assert pickle.loads(pickle.dumps(chained(links))) == chained(links)


@given(st.lists(LINK, min_size=1, max_size=5))
def test_a_link_that_is_changed_changes_no_chain(links: list[dict[str, Any]]) -> None:
    chain = chained(links)
    for link in chain:
        link["inputs"].clear()
    assert list(chain) == links


def test_chains_of_the_same_modules_hold_their_values_and_no_names() -> None:
    read = {"close": (0, 0), "ema_9": (0, 1)}
    links = [
        {"module": one, "inputs": {**read}, "outputs": {one: (1, at)}}
        for at, one in enumerate(("first", "second"))
    ]
    plan, sources = planned(links)
    assert len(sources) == 4

    def made(value: float) -> Chain:
        return Chain(plan, (value, value + 1, value - 1, value - 2))

    few, many = (len(pickle.dumps([made(n / 3) for n in range(m)])) for m in (10, 110))
    assert (many - few) / 100 < 70  # four numbers of 9 bytes, and what holds them
