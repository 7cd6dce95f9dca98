"""Margin is pooled: every entry of a perpetual moves where all of it is liquidated.

A pool ends at the average of where its parts would end, weighted by their quantities.
So whatever of them fills, and however little, it is never liquidated before a stop if
no part ends before the furthest stop of all.
"""

from decimal import Decimal

from trading.shell.law import Part
from trading.shell.law.case import Case, known, not_negative, positive


def why_liquidated(case: Case) -> str:
    """Why an entry would be liquidated before a stop, or bring what is held to it; ""."""
    if not case.futures:
        return ""
    share = not_negative(case.instrument.maintenance, "the maintenance margin")
    alone = f"liquidated at leverage {case.leverage:f} before the stop"
    if share * case.leverage >= 1:
        return alone
    sign = case.intent.side.sign
    own = _entry_end(case, share)
    if case.stop is None or sign * (case.stop - own) <= 0:
        return alone
    parts = [one for one in case.standing.parts if one.quantity * sign > 0]
    stops = [
        case.stop,
        *(positive(one.stop, "a stop of what is held") for one in parts),
    ]
    ends = [own, *(_part_end(case, one, share) for one in parts)]
    if min(sign * stop for stop in stops) > max(sign * end for end in ends):
        return ""
    return "liquidated, with what is held, before the furthest stop"


def _entry_end(case: Case, share: Decimal) -> Decimal:
    """Where even the worst fill of the entry would be liquidated by itself.

    That fill is half a round trip and a tick worse than the price. As the venue counts,
    a long of it ends at fill × (1 − 1/leverage) / (1 − maintenance), a short at
    fill × (1 + 1/leverage) / (1 + maintenance).
    """
    sign = case.intent.side.sign
    worse = not_negative(case.round_trip, "the cost of a round trip") / 2
    entry = case.dearest if case.long else min(case.prices)
    fill = entry * (1 + sign * worse) + sign * _tick(case)
    return fill * (1 - sign / case.leverage) / (1 - sign * share)


def _part_end(case: Case, part: Part, share: Decimal) -> Decimal:
    """The same of what is held or waits; two ticks are more than its fill can add."""
    sign = case.intent.side.sign
    broke = known(part.broke, "where the margin is gone") + sign * 2 * _tick(case)
    return broke / (1 - sign * share)


def _tick(case: Case) -> Decimal:
    return not_negative(case.instrument.tick, "the tick")
