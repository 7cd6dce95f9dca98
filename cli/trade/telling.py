"""Sentences about a decision: what it saw, what let it pass, what the law said, what it
became. Pure: what they are made of is given."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.counting import counted
from core.stack.draft import PROCEED
from trading.shell.candles import stamp
from trading.shell.reporting.stories import Story, grounds

if TYPE_CHECKING:
    from trading.shell.ledger.events import Decided, Halted, Signalled
    from trading.shell.ledger.told import OrderRow
    from trading.shell.ledger.trades import Trade
    from trading.shell.venue.orders import Fill

ACTIONS = {
    "enter": "asked to enter",
    "exit": "asked to leave",
    "amend": "moved the stop",
    "none": "asked for nothing",
}
Does = Mapping[str, str]


@dataclass(frozen=True)
class Made:
    """A decision, its signals and orders, and the fills of those; `does` says of a
    module what it is for, `halts` who had everything sold, where somebody had."""

    decided: "Decided"
    signals: "Sequence[Signalled]" = ()
    orders: "Sequence[OrderRow]" = ()
    fills: "Sequence[Fill]" = ()
    does: Does = field(default_factory=dict)
    halts: "Sequence[Halted]" = ()


def gates(decided: "Decided") -> Iterator[tuple[str, bool, str]]:
    """Every gate that was asked, in order: its module, whether it let pass, its reason."""
    for link in decided.trace:
        outputs = link["outputs"]
        if PROCEED in outputs:
            passed = outputs[PROCEED] is not False
            yield link["module"], passed, str(outputs.get("reason", ""))


def decision_words(made: Made) -> Iterator[str]:
    """The story of a decision, in the order in which it happened."""
    if sold_all(made.orders):
        yield _flattened(made)
        yield from map(_order, _with_fills(made))
        return
    yield _seen(made.decided)
    yield from _grounds(made.decided)
    yield from _gate_words(made)
    yield from _faults(made.decided)
    yield from _law(made)
    yield from map(_order, _with_fills(made))


def sold_all(orders: "Iterable[OrderRow]") -> bool:
    """Whether it was not the stack that closed the position."""
    return any(order.purpose == "flatten" for order in orders)


def _flattened(made: Made) -> str:
    decided = made.decided
    who = "; ".join(map(_asked, made.halts)) or decided.reason
    return (
        f"{decided.symbol} (candle of {stamp(decided.at)} UTC): everything was sold, "
        f"whatever the stack said. {who}."
    )


def _asked(halt: "Halted") -> str:
    """Who had everything sold, and why."""
    why = f": {halt.detail}" if halt.detail else ""
    if halt.cause == "flatten":
        return f"{halt.by} asked to flatten{why}"
    return f"{halt.by} halted trading, {halt.cause.replace('_', ' ')}{why}"


def _seen(decided: "Decided") -> str:
    close = _read(decided, "close")
    price = "" if close is None else f" at {close:,.8g}"
    regime = f", a {decided.regime} market" if decided.regime else ""
    said = f": {decided.reason}" if decided.reason and not decided.ended_by else ""
    return (
        f"{decided.symbol} closed{price} (candle of {stamp(decided.at)} UTC{regime}). "
        f"The stack {ACTIONS.get(decided.action, decided.action)}{said}."
    )


def _read(decided: "Decided", name: str) -> Any:
    found = (link["inputs"][name] for link in decided.trace if name in link["inputs"])
    return next(found, None)


def _grounds(decided: "Decided") -> Iterator[str]:
    """What spoke for it and against it: for a way in, or one that was stopped."""
    if decided.action in ("exit", "amend"):
        return
    side = str(decided.values.get("signal") or "")
    wants_in = decided.action == "enter" or side in ("long", "short")
    if wants_in:
        yield f"It rested on: {grounds(decided, side or 'long')}."


def _gate_words(made: Made) -> Iterator[str]:
    asked = list(gates(made.decided))
    passed = [module for module, went, _ in asked if went]
    if passed and made.decided.action == "enter":
        yield f"It passed {counted(len(passed), 'gate')}: {', '.join(passed)}."
    for module, went, reason in asked:
        if not went:
            why = f": {reason}" if reason else ""
            yield f"{_stopped(made.decided, module)}{why}.{_does(made.does, module)}"


def _stopped(decided: "Decided", module: str) -> str:
    """What a gate ended that did not let pass: an entry, or the search for one."""
    if decided.values.get("signal") in ("long", "short"):
        return f"{module} stopped the entry"
    return f"No entry: {module} ended the search for one"


def _does(does: Does, module: str) -> str:
    return f" ({does[module]}.)" if module in does else ""


def _faults(decided: "Decided") -> Iterator[str]:
    for module, why in decided.faults.items():
        yield f"{module} failed: {why}."


def _law(made: Made) -> Iterator[str]:
    for one in made.signals:
        if not one.acted:
            yield f"Rejected by {one.rejected_by}: {one.reason}.{_figures(one.figures)}"
        elif one.reason:
            yield f"The risk law allowed it, {one.reason}."
        else:
            yield "The risk law allowed it as it was asked."


def _figures(figures: Mapping[str, Any]) -> str:
    """A refusal's figures: what was weighed, and against what."""
    told = ", ".join(f"{name} {value}" for name, value in figures.items())
    return f" ({told})" if told else ""


def _with_fills(made: Made) -> "Iterable[tuple[OrderRow, list[Fill]]]":
    return (
        (order, [fill for fill in made.fills if fill.order == order.id])
        for order in reversed(made.orders)
    )


def _order(pair: "tuple[OrderRow, list[Fill]]") -> str:
    order, fills = pair
    head = f"{order.purpose}: {order.side} {order.quantity:f} ({_kind(order)})"
    if not fills:
        ended = f", {order.ended}" if order.ended else ""
        return f"{head}, {order.status}{ended}."
    done = ", ".join(
        f"{fill.quantity:f} at {fill.price:,.8g} on {stamp(fill.at)} (fee {fill.fee:,.4f})"
        for fill in fills
    )
    return f"{head} filled {done}."


def _kind(order: "OrderRow") -> str:
    level = order.trigger if order.trigger is not None else order.price
    kind = order.kind.replace("_", " ")
    return kind if level is None else f"{kind} at {level:,.8g}"


def trade_words(
    trade: "Trade", opened: Made | None, closed: Made | None
) -> Iterator[str]:
    """The story of a trade, from the decision that opened it to what closed it."""
    story = Story(
        trade,
        opened.decided if opened else None,
        closed.decided if closed else None,
    )
    yield (
        f"{trade.side} {trade.quantity:f} {trade.symbol} at {trade.entry_price:,.8g} on "
        f"{stamp(trade.opened_at)}, out at {trade.exit_price:,.8g} on "
        f"{stamp(trade.closed_at)}: {trade.net:+,.2f} after {trade.fees:,.2f} of fees."
    )
    if opened is None:
        yield "The decision that opened it was not kept."
    else:
        yield f"Opened by decision {opened.decided.id}."
        yield from decision_words(opened)
    if closed is None:
        yield f"Closed by an order at the venue: {story.ending}."
    else:
        yield f"Closed by decision {closed.decided.id}: {story.ending}."
        yield from decision_words(closed)
