"""The nine checks, one function each: its docstring is the rule and why.

A check takes the case and the quantity that is left of the order. It lets it pass, cuts
it down, or refuses it. Orders that only reduce a position meet the first check alone:
no halt, limit or loss ever keeps the account from getting out.
"""

from decimal import Decimal, localcontext

from trading.shell.law import CHECKS, Standing, Verdict
from trading.shell.law.case import (
    EXACT,
    Case,
    Check,
    allowed,
    capped,
    known,
    not_negative,
    positive,
    refused,
)
from trading.shell.law.limits import Limits
from trading.shell.law.liquidation import why_liquidated
from trading.shell.venue import Instrument
from trading.shell.venue.orders import ZERO, Intent

__all__ = ["judge"]


def judge(
    limits: Limits,
    standing: Standing,
    intent: Intent,
    instrument: Instrument,
    price: Decimal,
    round_trip: Decimal = ZERO,
) -> Verdict:
    """The law's word on an intent, at the market's `price`; never an exception.

    `round_trip` is the cost of in and out as a share of the price. What was allowed of
    one intent must be in the standing (journalled) before the next is judged.
    """
    case = Case(limits, standing, intent, instrument, price, round_trip)
    with localcontext(EXACT):
        return _judged(case)


def _judged(case: Case) -> Verdict:
    intent = case.intent
    quantity = intent.quantity
    said: list[str] = []
    for name in CHECKS[:1] if intent.reduce_only else CHECKS:
        verdict = _ruled(name, case, quantity)
        if not verdict.allowed:
            return verdict
        quantity = verdict.quantity
        said += [verdict.reason] if verdict.reason else []
    if said:  # what was cut down must still be worth sending
        verdict = _ruled("size_minimum", case, quantity)
        if not verdict.allowed:
            return verdict
    leverage = intent.leverage if intent.reduce_only else case.leverage
    if leverage != intent.leverage:
        said.append(f"leverage brought down to {leverage:f}")
    return Verdict(True, quantity, leverage, reason="; ".join(said))


def _ruled(name: str, case: Case, quantity: Decimal) -> Verdict:
    """One check's word under its name; what it cannot compute it refuses."""
    try:
        verdict = RULES[name](case, quantity)
    except (ArithmeticError, TypeError, ValueError) as error:
        verdict = refused(f"cannot be computed: {error}")
    if verdict.allowed:
        return verdict
    return Verdict(
        False, ZERO, check=name, reason=verdict.reason, figures=verdict.figures
    )


def mode_and_permission(case: Case, quantity: Decimal) -> Verdict:
    """The mode may trade this, this way: else a module chose the market, not a person.

    An order that says it reduces must reduce what is held, and is cut down to that: a
    "stop" that opens a position would pass no other check. An entry is not a way out
    either: it is refused against what is held, unless an exit closes all of that first.
    """
    if not case.standing.permitted:
        return refused(f"the mode {case.limits.profile} is not permitted")
    if case.intent.symbol != case.instrument.symbol:
        return refused("the instrument is another market's")
    if case.intent.reduce_only:
        positive(quantity, "the quantity")
        return _reducing(case, quantity)
    not_negative(quantity, "the quantity")  # none at all is too small, and told so
    return _entering(case)


def _reducing(case: Case, quantity: Decimal) -> Verdict:
    held = known(case.standing.held, "what is held")
    if held * case.intent.side.sign >= 0:
        return refused("there is nothing that it would reduce", held=held)
    most = min(quantity, abs(held))
    return allowed(
        case.in_lots(most) or most
    )  # less than a lot is the venue's to judge


def _entering(case: Case) -> Verdict:
    if case.standing.reduce_only:
        return refused("only orders that reduce a position are permitted now")
    if not case.instrument.trading:
        return refused(f"{case.intent.symbol} takes no orders now")
    if not case.futures and not case.long:
        return refused("spot is not sold short")
    if case.leverage < 1:
        return refused("leverage is below 1", value=case.leverage, limit=1)
    if why := _why_against(case):
        return refused(why, held=case.standing.held)
    return allowed(case.in_lots(case.intent.quantity))


def _why_against(case: Case) -> str:
    """An entry never closes: what is held the other way must be on its way out, whole."""
    standing, sign = case.standing, case.intent.side.sign
    held = known(standing.held, "what is held")
    leaving = not_negative(standing.leaving, "what is being closed")
    if held * sign < 0 and leaving < abs(held):
        return "it is against what is held, and no exit closes that"
    if any(part.quantity * sign < 0 for part in standing.parts):
        return "an entry of the other side may still fill"
    return ""


def halted(case: Case, quantity: Decimal) -> Verdict:
    """No entry while trading is halted: whatever halted it is not over."""
    if case.standing.halted != "":
        return refused(f"trading is halted: {case.standing.halted}")
    return allowed(quantity)


def size_minimum(case: Case, quantity: Decimal) -> Verdict:
    """Large enough to be taken, and to be worth its costs.

    The venue has its own least quantity and cost; below `least_notional` an order is
    noise; and a round trip that costs more than `cost_of_move` of the move it is after
    loses even when it is right.
    """
    worth = quantity * min(case.prices)
    least = not_negative(case.instrument.minimum, "the least quantity")
    cost = not_negative(case.instrument.least_cost, "the least cost")
    floor = max(cost, case.limits.least_notional)
    if quantity <= 0 or quantity < least:
        return refused(
            f"too small: {quantity:f}, worth {worth:.2f}; the market takes {least:f}, "
            f"worth {least * min(case.prices):.2f}",
            value=quantity,
            limit=least,
        )
    if worth < floor:
        return refused(
            f"too small: worth {worth:.2f}, less than {floor:f}",
            value=worth,
            limit=floor,
        )
    return _worth_its_costs(case, quantity)


def _worth_its_costs(case: Case, quantity: Decimal) -> Verdict:
    costs = not_negative(case.round_trip, "the cost of a round trip") * case.price
    move = case.move
    if move is None:  # neither stop nor target: nothing to measure the costs by
        return allowed(quantity)
    most = case.limits.cost_of_move * move
    if costs > most:
        return refused(
            f"in and out costs {costs / case.price:.2%}, the move is"
            f" {move / case.price:.2%}",
            value=costs,
            limit=most,
        )
    return allowed(quantity)


def size_maximum(case: Case, quantity: Decimal) -> Verdict:
    """Cut down to the most one position may be, and to the cash there is.

    One wrong trade must be survivable, and money that is not there cannot be spent.
    """
    limits, price = case.limits, case.dearest
    most = min(limits.position_money, limits.position_share * case.equity)
    room = most - not_negative(case.standing.symbol_exposure, "the symbol's exposure")
    verdict = capped(case, quantity, room, price, "{} is left of this position")
    if not verdict.allowed:
        return verdict
    unit = price * (1 / case.leverage + case.round_trip / 2)
    cash = known(case.standing.cash, "the cash")
    paid = capped(case, verdict.quantity, cash, unit, "{} of cash is free")
    return verdict if paid.quantity == verdict.quantity else paid


def position_count(case: Case, quantity: Decimal) -> Verdict:
    """No more positions at once than can be watched; adding to one is not another."""
    count = not_negative(case.standing.positions, "the count of positions")
    if not case.standing.holds_symbol and count >= case.limits.positions:
        return refused(
            f"{count} positions are open", value=count, limit=case.limits.positions
        )
    return allowed(quantity)


def exposure_and_open_risk(case: Case, quantity: Decimal) -> Verdict:
    """Cut down to what all positions may be, and to what all stops may lose, together.

    Symbols fall together: every stop is taken as hit at once. A perpetual's stop must
    come before its liquidation, else it would never be hit: its own, and every stop of
    what shares its margin.
    """
    limits, standing = case.limits, case.standing
    if why := why_liquidated(case):
        return refused(why)
    most = min(limits.exposure_money, limits.exposure_share * case.equity)
    room = most - not_negative(standing.exposure, "the exposure")
    why = "{} is left of all positions"
    verdict = capped(case, quantity, room, case.dearest, why)
    if not verdict.allowed:
        return verdict
    lost = limits.open_risk_share * case.equity
    left = lost - not_negative(standing.open_risk, "the open risk")
    why = "{} is left for all stops to lose"
    risked = capped(case, verdict.quantity, left, case.risk, why)
    return verdict if risked.quantity == verdict.quantity else risked


def trades_a_day(case: Case, quantity: Decimal) -> Verdict:
    """So many entries a UTC day, a symbol and in all: more is a module running wild."""
    counts = (
        ("of this symbol", "symbol_trades_today", case.limits.trades_symbol_day),
        ("in all", "trades_today", case.limits.trades_day),
    )
    for what, name, limit in counts:
        count = not_negative(getattr(case.standing, name), name)
        if count >= limit:
            return refused(f"{count} entries today {what}", value=count, limit=limit)
    return allowed(quantity)


def daily_loss(case: Case, quantity: Decimal) -> Verdict:
    """After so much lost since midnight UTC nothing is opened: the day is against us."""
    start = positive(case.standing.day_start_equity, "the day's first equity")
    lost = start - case.equity
    most = case.limits.daily_loss_share * start
    if lost >= most:
        return refused(f"{lost / start:.2%} is lost today", value=lost, limit=most)
    return allowed(quantity)


def losses_and_drawdown(case: Case, quantity: Decimal) -> Verdict:
    """After so many losses in a row, or so far below the peak, a person looks first."""
    standing = case.standing
    streak = not_negative(standing.consecutive_losses, "the losses in a row")
    trades = not_negative(standing.trades, "the count of trades")
    most = case.limits.losses_allowed(int(trades))
    if streak >= most:
        return refused(f"{streak} losses in a row", value=streak, limit=most)
    peak = max(positive(standing.peak_equity, "the peak"), case.equity)
    below = peak - case.equity
    deepest = case.limits.drawdown_share * peak
    if below >= deepest:
        return refused(f"{below / peak:.2%} below the peak", value=below, limit=deepest)
    return allowed(quantity)


RULES: dict[str, Check] = {
    "mode_and_permission": mode_and_permission,
    "halted": halted,
    "size_minimum": size_minimum,
    "size_maximum": size_maximum,
    "position_count": position_count,
    "exposure_and_open_risk": exposure_and_open_risk,
    "trades_a_day": trades_a_day,
    "daily_loss": daily_loss,
    "losses_and_drawdown": losses_and_drawdown,
}
