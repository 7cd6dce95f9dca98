"""Whatever modules return and whatever the account is: no exception, no limit broken."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from hypothesis import assume, event, example, given, settings
from hypothesis import strategies as st

from tests.trading.law.orders_before_the_law import ENTRY, FUTURES, SPOT, STANDING, D
from trading.shell.changed import changed
from trading.shell.config import Costs
from trading.shell.law import CHECKS, Standing, Verdict
from trading.shell.law.checks import judge
from trading.shell.law.limits import Limits, loosest, read_limits
from trading.shell.law.proposals import ASKED, Proposal, Refusal, from_module
from trading.shell.venue import Instrument
from trading.shell.venue.fees import FeeTable
from trading.shell.venue.mirror import margin_of
from trading.shell.venue.orders import Intent, Kind, Mode, Position, Purpose, Side
from trading.shell.venue.rules import Rules

WORDS = [*Purpose, *Side, *Kind, "", "hold", "ENTRY", "\ud800", "buy "]
ODD_NUMBERS = [0, -0.0, -1, 1e308, 5e-324, 10**400, float("nan"), float("inf"), True]
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(WORDS),
    st.sampled_from(ODD_NUMBERS),
    st.floats(),
    st.integers(),
    st.text(max_size=5),
)
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
    ),
    max_leaves=5,
)
FIELDS = ("purpose", "side", "kind", "notional", "price", "leverage")
SOUND = st.fixed_dictionaries(
    {
        "purpose": st.sampled_from([*sorted(ASKED), *[Purpose.ENTRY] * 8]),
        "side": st.sampled_from(list(Side)),
        "kind": st.sampled_from(list(Kind)),
        "notional": st.floats(0.01, 1e9) | st.floats(5, 500),
        "price": st.floats(1, 1e6),
        "leverage": st.sampled_from([1, 1.0, 2, 3.5, 100]),
    }
)
RAW = st.one_of(
    ANYTHING,
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING),
    SOUND,
    st.tuples(SOUND, st.sampled_from(FIELDS), ANYTHING).map(
        lambda drawn: {**drawn[0], drawn[1]: drawn[2]}
    ),
)
MONEY = st.decimals(-100, 10**6, places=4)
SHARE = st.decimals(0, 2, places=4)
AMOUNT = st.one_of(
    MONEY, st.sampled_from([D("NaN"), D("sNaN"), D("Infinity"), D("1E+999999"), D(0)])
)
COUNT = st.integers(0, 40)
ACCOUNT = st.fixed_dictionaries(
    {
        name: COUNT if isinstance(value, int) else AMOUNT
        for name in STANDING.__slots__
        if not isinstance(value := getattr(STANDING, name), bool | str | tuple)
    }
)
HEALTHY = st.fixed_dictionaries(
    {
        "equity": st.decimals(980, 10**5, places=4),
        "cash": st.decimals(100, 10**5, places=4),
        "exposure": st.decimals(0, 500, places=4),
        "symbol_exposure": st.decimals(0, 100, places=4),
        "open_risk": st.decimals(0, 50, places=4),
        "held": st.just(D(0)) | st.decimals(-5, 5, places=3),
    }
)
LIMITS = st.builds(
    lambda mode, changes: changed(loosest(mode), **changes),
    st.sampled_from(list(Mode)),
    st.fixed_dictionaries(
        {},
        optional={
            "position_money": st.decimals(0, 10**4, places=2),
            "position_share": SHARE,
            "least_notional": st.decimals(0, 50, places=2),
            "cost_of_move": SHARE,
            "exposure_money": st.decimals(0, 10**4, places=2),
            "exposure_share": SHARE,
            "open_risk_share": SHARE,
            "stop_required": st.booleans(),
            "leverage": st.decimals(0, 20, places=1),
        },
    ),
) | st.sampled_from([read_limits(mode) for mode in Mode])
LEVEL = st.sampled_from([D("0.001"), D("0.02"), D("0.04"), D("0.3")])
LEVELS = st.tuples(LEVEL, LEVEL) | st.tuples(
    st.none() | LEVEL | LEVEL.map(lambda one: -one) | st.just(D("NaN")),
    st.none() | LEVEL,
)
NEAR = st.decimals("0.9", "1.1", places=3)
MARKETS = st.tuples(st.sampled_from([SPOT, FUTURES]), st.decimals(1, 500, places=2))


def exact(value: Decimal) -> Fraction:
    return Fraction(value)


@given(ANYTHING | RAW)
@example({"purpose": "entry", "side": "buy", "kind": "market", "notional": 10**5000})
@example({"purpose": ["entry"], "side": {}, "kind": None})
def test_any_value_becomes_a_clean_proposal_or_a_refusal(raw: Any) -> None:
    found = from_module(raw)
    if isinstance(found, Refusal):
        assert str(found)
        return
    event("a proposal")
    assert found.purpose in ASKED
    assert all(number.is_finite() for number in (found.notional, found.price or D(1)))
    assert found.leverage >= 1
    assert found.notional > 0 or found.purpose is not Purpose.ENTRY
    assert (found.price is None) == (found.kind is Kind.MARKET)


def intent_of(
    proposal: Proposal, instrument: Instrument, price: Decimal, levels: Any, near: Any
) -> Intent:
    """The order of a proposal: stop and target so far from the price, and a limit."""
    down, up = levels
    sign = proposal.side.sign
    limit = (price * near).quantize(D("0.01"))
    return changed(
        ENTRY,
        symbol=instrument.symbol,
        purpose=proposal.purpose,
        side=proposal.side,
        kind=proposal.kind,
        quantity=proposal.quantity(price),
        price=limit if proposal.kind is Kind.LIMIT else None,
        leverage=proposal.leverage,
        stop=None if down is None else price * (1 - sign * down),
        target=None if up is None else price * (1 + sign * up),
    )


@given(raw=SOUND, account=ACCOUNT, market=MARKETS, round_trip=AMOUNT, price=AMOUNT)
def test_an_account_that_cannot_be_judged_is_refused_and_nothing_raises(
    raw: Any, account: Any, market: Any, round_trip: Any, price: Any
) -> None:
    proposal = from_module(raw)
    assert isinstance(proposal, Proposal)
    intent = intent_of(proposal, *market, (D("0.02"), D("0.04")), D(1))
    standing = changed(STANDING, **account)
    verdict = judge(loosest(Mode.PAPER), standing, intent, market[0], price, round_trip)
    if verdict.allowed and not intent.reduce_only:
        figures = [round_trip, price, *account.values()]
        assert all(D(figure).is_finite() for figure in figures)


@given(
    raw=SOUND,
    account=HEALTHY,
    limits=LIMITS,
    market=MARKETS,
    levels=LEVELS,
    near=NEAR,
    round_trip=st.sampled_from([D(0), D("0.001"), D("0.009")]),
)
@settings(max_examples=100)
def test_every_order_that_is_allowed_obeys_every_limit(
    raw: Any,
    account: Any,
    limits: Limits,
    market: tuple[Instrument, Decimal],
    levels: Any,
    near: Decimal,
    round_trip: Decimal,
) -> None:
    proposal = from_module(raw)
    assert isinstance(proposal, Proposal)
    standing = changed(STANDING, **account)
    intent = intent_of(proposal, *market, levels, near)
    verdict = judge(limits, standing, intent, *market, round_trip)
    if not verdict.allowed:
        assert verdict.check in CHECKS
        assert verdict.reason
        event(verdict.check)
        return
    assert 0 < verdict.quantity <= intent.quantity
    if intent.reduce_only:
        event("a way out")
        assert verdict.quantity <= abs(standing.held)
        assert intent.side.sign * standing.held < 0
        return
    event("an entry")
    obeys(limits, standing, verdict, verdict.applied(intent), *market)
    assert costs(round_trip, intent, market[1]) <= exact(limits.cost_of_move)


def obeys(
    limits: Limits,
    standing: Standing,
    verdict: Verdict,
    intent: Intent,
    instrument: Instrument,
    price: Decimal,
) -> None:
    """The limits once more, in fractions and in the plainest words."""
    dearest = max(exact(price), exact(intent.price or price))
    cheapest = min(exact(price), exact(intent.price or price))
    equity, worth = exact(standing.equity), exact(verdict.quantity) * dearest
    stop = exact(intent.stop) if intent.stop is not None else Fraction(0)
    long = intent.side is Side.BUY
    risk = exact(verdict.quantity) * (dearest - stop if long else stop - cheapest)
    symbol = exact(standing.symbol_exposure) + worth
    total = exact(standing.exposure) + worth
    lost = exact(standing.open_risk) + risk
    leverage = exact(verdict.leverage)
    assert exact(verdict.quantity) % exact(instrument.lot) == 0
    assert verdict.quantity >= instrument.minimum
    assert exact(verdict.quantity) * cheapest >= exact(limits.least_notional)
    assert symbol <= min(
        exact(limits.position_money), exact(limits.position_share) * equity
    )
    assert total <= min(
        exact(limits.exposure_money), exact(limits.exposure_share) * equity
    )
    assert lost <= exact(limits.open_risk_share) * equity
    assert 1 <= leverage <= min(exact(limits.leverage), exact(instrument.most_leverage))
    assert worth / leverage <= exact(standing.cash)
    assert long or instrument is FUTURES
    assert intent.side.sign * standing.held >= 0
    assert intent.stop is not None or not limits.stop_required
    assert standing.positions < limits.positions or standing.holds_symbol
    assert standing.symbol_trades_today < limits.trades_symbol_day
    assert standing.trades_today < limits.trades_day
    fallen = exact(standing.day_start_equity) - equity
    assert fallen < exact(limits.daily_loss_share) * exact(standing.day_start_equity)
    below = exact(standing.peak_equity) - equity
    assert below < exact(limits.drawdown_share) * exact(standing.peak_equity)
    assert standing.consecutive_losses < limits.losses_allowed(standing.trades)


@given(
    side=st.sampled_from(list(Side)),
    price=st.decimals(50, 500, places=1),
    leverage=st.decimals(1, 50, places=1),
    maintenance=st.sampled_from([D("0.005"), D("0.01"), D("0.2")]),
    slippage=st.sampled_from([D(0), D("0.001"), D("0.01")]),
    near=st.decimals("-0.06", "0.03", places=4),
)
@example(
    side=Side.SELL,
    price=D(100),
    leverage=D(10),
    maintenance=D("0.01"),
    slippage=D(0),
    near=D("-0.0005"),
)
@settings(max_examples=100)
def test_no_fill_of_an_allowed_entry_is_liquidated_before_its_stop(
    side: Side,
    price: Decimal,
    leverage: Decimal,
    maintenance: Decimal,
    slippage: Decimal,
    near: Decimal,
) -> None:
    market = changed(FUTURES, maintenance=maintenance, most_leverage=D(50))
    away = 1 / leverage - maintenance + near
    assume(0 < away < 1)
    stop = price * (1 - side.sign * away)
    intent = changed(
        ENTRY,
        symbol=market.symbol,
        side=side,
        leverage=leverage,
        stop=stop,
        target=None,
    )
    limits = changed(loosest(Mode.PAPER), leverage=D(50), cost_of_move=D(100))
    verdict = judge(limits, STANDING, intent, market, price, 2 * slippage)
    event(f"{side} {'allowed' if verdict.allowed else verdict.check}")
    if not verdict.allowed:
        return
    costs = Costs(slippage=slippage, spread=D(0))
    rules = Rules(3600, FeeTable({}), {market.symbol: market}, costs)
    fill = rules.executed(market.symbol, side, float(price))
    quantity, leverage = verdict.quantity, verdict.leverage
    cost = quantity * fill
    margin, signed = margin_of(cost, leverage), side.sign * quantity
    held = Position(market.symbol, signed, side.sign * cost, 0, leverage, margin)
    end = rules.liquidation_price(held)
    assert end is not None
    assert side.sign * (stop - end) > 0


def costs(round_trip: Decimal, intent: Intent, price: Decimal) -> Fraction:
    """What in and out costs, as a share of the move; 0 where there is no level."""
    level = intent.target or intent.stop
    if level is None:
        return Fraction(0)
    return exact(round_trip) * exact(price) / abs(exact(level) - exact(price))
