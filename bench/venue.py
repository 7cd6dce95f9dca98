"""The simulated venue: what a bar costs in it, idle, resting and traded."""

from decimal import Decimal

from bench.measure import Figure, seconds_per_call
from trading.shell.venue import Candle
from trading.shell.venue.fees import read_fees
from trading.shell.venue.instruments import instruments_of
from trading.shell.venue.orders import Intent, Kind, Purpose, Side
from trading.shell.venue.rules import Rules
from trading.shell.venue.simulated import BacktestVenue

SYMBOL = "BTC/USD"
STEP = 300
OPEN = 30_000.0
QUIET = Candle(SYMBOL, STEP, OPEN, 30_050.0, 29_950.0, 30_010.0, 5.0)
WINS = Candle(SYMBOL, STEP, OPEN, 31_010.0, 29_950.0, 30_010.0, 5.0)


def figures() -> list[Figure]:
    """Microseconds of an idle bar, of one with a stop and a target, of a round trip."""
    return [
        Figure("venue: idle bar", _idle() * 1e6, "µs", 1.0, "busy() alone"),
        Figure(
            "venue: bar with stop and target", _resting() * 1e6, "µs", 3.0, "no fill"
        ),
        Figure(
            "venue: entry and target filled",
            _round_trip() * 1e6,
            "µs",
            400.0,
            "2 fills",
        ),
    ]


def _venue() -> BacktestVenue:
    rules = Rules(STEP, read_fees(), instruments_of({SYMBOL: OPEN}))
    return BacktestVenue(rules, Decimal(10_000))


def _entry(number: int) -> Intent:
    return Intent(
        id=f"entry{number}",
        symbol=SYMBOL,
        side=Side.BUY,
        kind=Kind.MARKET,
        purpose=Purpose.ENTRY,
        quantity=Decimal("0.01"),
        decided_at=0,
        stop=Decimal(29_000),
        target=Decimal(31_000),
    )


def _idle() -> float:
    busy = _venue().busy
    return seconds_per_call(lambda: busy(SYMBOL), 200_000)


def _resting() -> float:
    venue = _venue()
    venue.matching.place(_entry(0))
    venue.begin(SYMBOL, STEP, OPEN)

    def bar() -> None:
        venue.begin(SYMBOL, STEP, OPEN)
        venue.finish(QUIET)

    return seconds_per_call(bar, 100_000)


def _round_trip() -> float:
    venue, numbers = _venue(), iter(range(10**9))

    def trade() -> None:
        venue.matching.place(_entry(next(numbers)))
        venue.begin(SYMBOL, STEP, OPEN)
        venue.finish(WINS)
        venue.take_events()

    return seconds_per_call(trade, 3_000)
