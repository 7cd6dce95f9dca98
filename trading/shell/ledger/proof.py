"""The proof to the cent: replay the events and find where the identity breaks."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.errors import LedgerError
from trading.shell.ledger.events import LedgerEvent, Snapshot
from trading.shell.ledger.exact import exactly
from trading.shell.ledger.holding import Holding
from trading.shell.ledger.state import LedgerState

PARTS = ("cash", "realised", "fees", "funding", "deposits")


def prove(
    events: Iterable[LedgerEvent], marks: Mapping[str, Decimal] | None = None
) -> LedgerEvent | None:
    """None, or the first event after which equity is not the sum of its parts.

    Positions are valued at `marks`, where one is missing at their entry price. An event
    that cannot have happened, and a snapshot whose figures are not those of the events
    before it, break the identity too.
    """
    state = LedgerState()
    for event in events:
        if not _stands(state, event, marks or {}):
            return event
    return None


def _stands(
    state: LedgerState, event: LedgerEvent, marks: Mapping[str, Decimal]
) -> bool:
    try:
        state.apply(event)
    except LedgerError:
        return False
    if isinstance(event, Snapshot) and not _agrees(state, event):
        return False
    return _balanced(state, marks)


def _balanced(state: LedgerState, marks: Mapping[str, Decimal]) -> bool:
    all_marks = {h.symbol: marks.get(h.symbol) or _entry(h) for h in _held(state)}
    with exactly():
        parts = state.deposits + state.realised + state.unrealised(all_marks)
        return state.equity(all_marks) == parts - state.fees - state.funding


def _held(state: LedgerState) -> Iterable[Holding]:
    return state.holdings.values()


def _entry(held: Holding) -> Decimal:
    return held.cost / held.quantity


def _agrees(state: LedgerState, seen: Snapshot) -> bool:
    """Whether a snapshot's figures are the sum's, and add up by themselves."""
    if any(getattr(seen, part) != getattr(state, part) for part in PARTS):
        return False
    with exactly():
        parts = seen.deposits + seen.realised + seen.unrealised
        return seen.equity == parts - seen.fees - seen.funding
