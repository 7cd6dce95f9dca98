"""Evidence: what spoke for a trade at its entry, and how that trade ended."""

from tests.trading.made_result import made_result
from tests.trading.made_trades import trade
from trading.shell.changed import changed
from trading.shell.ledger.events import Decided
from trading.shell.statistics.evidence import evidence, scores
from trading.shell.synthetic import generate


def decided(name: str, **values: object) -> Decided:
    return Decided(name, "A", 0, "enter", True, "", "", "", values, {}, {})


def test_evidence_is_counted_for_the_side_that_was_traded():
    cases = [
        ("a", "long", 5, 0.5),  # for it, won
        ("b", "long", -5, 0.1),  # for it, lost
        ("c", "short", 5, -0.5),  # for it, won
        ("d", "short", -5, 0.5),  # against it, lost
        ("e", "long", 5, 0),  # silent
    ]
    result = changed(
        made_result([generate(bars=70)]),
        trades=[
            trade(gross, side=side, decision=name) for name, side, gross, _ in cases
        ]
        + [trade(1, decision="not kept")],
        decisions=[decided(name, rsi_score=score) for name, _, _, score in cases],
    )
    (found,) = evidence(result)
    assert (found.name, found.silent) == ("rsi_score", 1)
    assert (found.for_won, found.for_lost) == (2, 1)
    assert (found.against_won, found.against_lost) == (0, 1)
    assert found.lift == 2 / 3


def test_only_numbers_named_as_scores_are_evidence():
    values = {"trend_score": 1, "evidence": 0.2, "x_score": None, "price": 3.0}
    assert scores(values | {"y_score": True}) == {"trend_score": 1, "evidence": 0.2}


def test_evidence_that_only_ever_spoke_one_way_has_no_lift():
    result = changed(
        made_result([generate(bars=70)]),
        trades=[trade(1, decision="a")],
        decisions=[decided("a", rsi_score=1)],
    )
    (found,) = evidence(result)
    assert (found.win_rate_for, found.win_rate_against, found.lift) == (1, None, None)


def test_how_much_a_market_moves_is_no_evidence_for_either_side():
    assert scores({"scan_score": 3.19, "rsi_score": -1.0}) == {"rsi_score": -1.0}
