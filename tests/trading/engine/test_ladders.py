"""A decision's entries that are left when its position closes buy nothing later."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.sandbox import Sandbox
from tests.trading.engine.sessions import (
    Bench,
    Prices,
    dealt,
    fills_of,
    market,
    settings,
    traded,
)
from tests.trading.engine.stacks import SCRIPTED, run_of, stack_of
from trading.shell.engine.backtest import Backtest, Task
from trading.shell.law.limits import loosest
from trading.shell.ledger.events import Ended, LedgerEvent
from trading.shell.ledger.proof import prove
from trading.shell.venue.following import AFTER_POSITION
from trading.shell.venue.orders import Mode

LADDER = """rows = [
    ("entry", "buy", "market", 2000.0, close),
    ("entry", "buy", "limit", 2000.0, close * 0.99),
    ("stop", "sell", "stop", 0.0, close * 0.98),
    ("target", "sell", "take_profit", 0.0, close * 1.04),
]
return {
    "intents": [
        {"purpose": p, "side": s, "kind": k, "notional": n, "price": x}
        for p, s, k, n, x in (rows if (time // 3600) % 24 == 2 else [])
    ]
}
"""

FLAT = [(100, 101, 99.5, 100)] * 3
CASES: dict[str, tuple[Prices, list[str], int]] = {
    "its target": (
        [*FLAT, (100, 105, 99.5, 104.5), (104.5, 105, 98.5, 98.9)],
        ["target"],
        1,
    ),
    "its target, then the stop's price": (
        [*FLAT, (100, 105, 99.5, 104.5), (104.5, 105, 96, 97), (97, 98, 96, 97)],
        ["target"],
        1,
    ),
    "its stop, which the price met last": (
        [*FLAT, (100, 100.5, 97, 97.5), (97.5, 99.5, 97, 98)],
        ["stop", "stop"],
        0,
    ),
}


def withdrawn(events: Sequence[LedgerEvent]) -> int:
    ends = [one.closed for one in events if isinstance(one, Ended)]
    return sum(one.reason == AFTER_POSITION for one in ends)


@pytest.fixture
def ladder(bench: Bench, tmp_path: Path) -> Bench:
    spec, _ = SCRIPTED["script"]
    return replace(bench, stack=stack_of(tmp_path, {"script": (spec, LADDER)}))


@pytest.mark.parametrize("case", CASES)
def test_a_ladder_ends_with_its_position_in_backtest_and_paper_alike(
    case: str, ladder: Bench, sandbox: Sandbox
) -> None:
    prices, reasons, ended = CASES[case]
    candles = market(prices, volume=50)
    task = Task((candles,), settings(), loosest(Mode.BACKTEST))
    test = Backtest(run_of(ladder.stack, sandbox), task)
    result = test.play()
    paper = traded(ladder.paper("main", [candles], settings=settings()))
    wanted = fills_of(test.journal.everything())
    assert [one.reason for one in result.trades] == reasons
    assert dealt(paper.journal.state.trades) == dealt(result.trades)
    assert fills_of(paper.journal.events()) == wanted
    assert withdrawn(test.journal.everything()) == ended
    whole = ladder.ledgers["main"]
    for number in range(len(whole.appends)):
        left = ladder.ledgers["main"] = whole.until(number)
        traded(ladder.paper("main", [candles], settings=settings()))
        assert prove(left.events()) is None
        assert (fills_of(left.events()), withdrawn(left.events())) == (wanted, ended)
