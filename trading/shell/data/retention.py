"""How long candles are kept: fine ones a month, hours for two years, days for seven.

Fine candles give way to coarser ones: before they go, their hours (or days) are built,
and only those go for which the coarser bar is stored. With three symbols that is some
26,000 five-minute candles, 53,000 hours and 8,000 days, well under 50 MB.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from core.store import Statements, Store
from trading.shell.candles import seconds_of
from trading.shell.data.resampling import build_from, build_higher
from trading.shell.ledger.candles import CandleTable, Held

DAY = 86_400
TIERS: Mapping[str, int] = MappingProxyType({"5m": 30, "1h": 730, "1d": 2555})
"""Days that candles are kept, by the timeframe up to which it applies (1d: and above)."""


@dataclass(frozen=True, slots=True)
class Tier:
    """What of one symbol and timeframe is past its time.

    `old` candles opened before `before`; `into` is the timeframe that stands in for
    them, "" when none does. `gone` of them were deleted, or would be, and `kept` are
    those left because their coarser bar is not whole.
    """

    symbol: str
    timeframe: str
    days: int
    before: int
    into: str
    old: int
    gone: int = 0

    @property
    def kept(self) -> int:
        return self.old - self.gone


def plan(store: Store, now: int, tiers: Mapping[str, int] = TIERS) -> list[Tier]:
    """What `prune` would do at the UTC second `now`; nothing is changed."""
    with store.rehearsal("what is past its time was not found") as rehearsal:
        return prune(rehearsal, now, tiers)


def prune(store: Statements, now: int, tiers: Mapping[str, int] = TIERS) -> list[Tier]:
    """Build what stands in for old candles, then delete them: what was done.

    A kill at any moment leaves either candles or what stands in for them.
    """
    table = CandleTable(store)
    for symbol in sorted({one.symbol for one in _past(table, now, tiers)}):
        build_higher(store, symbol, _coarser(tiers))
    for into in _coarser(tiers):  # the finest first: what it builds may be old as well
        for one in _past(table, now, tiers):
            if one.into == into:  # the nearest below may reach less far back
                build_from(table, one.symbol, one.timeframe, into)
    return [_let_go(table, one) for one in _past(table, now, tiers)]


def _past(table: CandleTable, now: int, tiers: Mapping[str, int]) -> list[Tier]:
    """What is past its time, the finest of each symbol first."""
    tiered = [_tier(table, one, now, tiers) for one in table.held()]
    finest_first = sorted(
        tiered, key=lambda one: (one.symbol, seconds_of(one.timeframe))
    )
    return [one for one in finest_first if one.old]


def _let_go(table: CandleTable, tier: Tier) -> Tier:
    coarse = (tier.into, seconds_of(tier.into)) if tier.into else None
    gone = table.delete_old(tier.symbol, tier.timeframe, tier.before, coarse)
    return Tier(
        tier.symbol,
        tier.timeframe,
        tier.days,
        tier.before,
        tier.into,
        tier.old,
        gone,
    )


def _tier(table: CandleTable, held: Held, now: int, tiers: Mapping[str, int]) -> Tier:
    at = _place(held.timeframe, tiers)
    names = sorted(tiers, key=seconds_of)
    days = tiers[names[at]]
    into = names[at + 1] if at + 1 < len(names) else ""
    before = (now - days * DAY) // DAY * DAY  # whole days go together
    old = table.count_old(held.symbol, held.timeframe, before)
    return Tier(held.symbol, held.timeframe, days, before, into, old)


def _place(timeframe: str, tiers: Mapping[str, int]) -> int:
    """The tier of a timeframe: below the second tier's step the first, and so on."""
    steps = sorted(map(seconds_of, tiers))
    return max(sum(step <= seconds_of(timeframe) for step in steps) - 1, 0)


def _coarser(tiers: Mapping[str, int]) -> tuple[str, ...]:
    names: Sequence[str] = sorted(tiers, key=seconds_of)
    return tuple(names[1:])
