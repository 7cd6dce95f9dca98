"""An entry that modules sized to nothing says in the ledger which of them did."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.trading.engine.sessions import Bench, market, settings, traded
from tests.trading.engine.stacks import BEGIN, SCRIPTED, stack_of
from trading.shell.engine.sizing import unsized
from trading.shell.ledger.events import Decided

HOURS = f"(time - {BEGIN}) // 3600"
TEXTS = {
    "worth": (
        """---
name: worth
role: size
inputs: {time: {unit: seconds}, position: {unit: number}}
outputs: {room: {unit: ratio}, notional: {unit: money}}
fallback: {room: 0, notional: 0}
---
What an entry may cost.
""",
        f"""step = {HOURS}
return {{"room": 0.5 if step > 9 else 0.0, "notional": 500.0 if step < 5 else 0.0}}
""",
    ),
    "share": (
        """---
name: share
role: function
inputs: {room: {unit: ratio}, close: {unit: price}}
outputs: {part: {unit: ratio}}
---
Half of the room.
""",
        "return {'part': room / 2}\n",
    ),
    "script": (
        SCRIPTED["script"][0].replace(
            "  close: {unit: price}\n",
            "  close: {unit: price}\n  notional: {unit: money}\n  part: {unit: ratio}\n",
        ),
        """money = notional * part
row = {"purpose": "entry", "side": "buy", "kind": "market", "price": close}
stop = {"purpose": "stop", "side": "sell", "kind": "stop", "price": close * 0.9}
rows = [{**row, "notional": money}, {**stop, "notional": 0.0}]
return {"intents": rows if money > 0 else []}
""",
    ),
}


def reasons(bench: Bench, folder: Path, texts: Mapping[str, Any]) -> dict[int, str]:
    """The reason of every decision of a session, by its hour."""
    bench.stack = stack_of(folder, texts)
    session = traded(bench.paper("main", [market()], settings=settings()))
    made = bench.ledgers[session.account.name].everything()
    return {
        (one.at - BEGIN) // 3600: one.reason
        for one in made
        if isinstance(one, Decided) and one.symbol
    }


def test_the_first_module_that_made_a_0_is_named(bench: Bench, tmp_path: Path):
    found = reasons(bench, tmp_path, TEXTS)
    assert found[2] == "no size: worth made room 0, as position is 0"
    assert found[7] == "no size: worth made notional 0, as position is 0"
    assert found[12] == "no size: worth made notional 0, as position is 0"


def test_an_empty_play_gives_no_reason(bench: Bench, tmp_path: Path):
    """The play orders nothing at most hours: no module made a 0 of it."""
    found = reasons(bench, tmp_path, SCRIPTED)
    assert found[0] == found[1] == found[9] == ""


def test_a_module_that_failed_is_no_size(bench: Bench, tmp_path: Path):
    spec, body = TEXTS["worth"]
    failing = {**TEXTS, "worth": (spec, f"oops = 1 / (time - time)\n{body}")}
    assert not any(reasons(bench, tmp_path, failing).values())


def link(module: str, inputs: dict[str, Any], **outputs: Any) -> dict[str, Any]:
    return {"module": module, "inputs": inputs, "outputs": outputs}


@pytest.mark.parametrize(
    ("values", "chain", "words"),
    [
        ({}, [], ""),
        ({"intents": []}, [], ""),
        ({"intents": [{}]}, [link("a", {"n": 0}, intents=[{}])], ""),
        ({"intents": []}, [link("a", {"n": 0}, intents=[])], ""),
        (
            {"intents": []},
            [link("a", {"x": 1, "n": False}, n=0), link("b", {"n": 0}, intents=[])],
            "no size: a made n 0",
        ),
        (
            {"intents": []},
            [
                link("a", {"p": 0, "q": 0.0}, rows=[]),
                link("b", {"rows": []}, intents=[]),
            ],
            "no size: a made rows nothing, as p and q are 0",
        ),
    ],
)
def test_what_was_given_is_told_apart_from_what_was_made(
    values: dict[str, Any], chain: list[dict[str, Any]], words: str
):
    assert unsized(values, chain) == words
