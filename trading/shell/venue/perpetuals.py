"""What happens to a perpetual position by itself: liquidation and funding."""

from decimal import ROUND_HALF_EVEN, Decimal

from trading.shell.venue.execution import Execution
from trading.shell.venue.live import Book
from trading.shell.venue.mirror import LEAST_MONEY, worth_closing
from trading.shell.venue.orders import Fill, Funding, Position


def liquidate(
    execution: Execution, book: Book, position: Position, base: float, at: int
) -> None:
    """Close a perpetual for the venue at `base`, or where the margin is gone.

    The whole margin is lost: what the price leaves of it is the liquidation's fee.
    """
    rules, symbol = execution.rules, position.symbol
    quantity, side = abs(position.quantity), position.side.opposite
    price = rules.executed(symbol, side, base)
    price = rules.no_worse_than_margin(position, quantity, price)
    order = f"liquidation-{symbol}-{at}"
    fill = Fill(
        id=f"{order}-{quantity}",
        order=order,
        symbol=symbol,
        side=side,
        quantity=quantity,
        price=price,
        fee=worth_closing(position, quantity, price),
        at=at,
        reason="liquidation",
    )
    execution.move(book, fill, position.leverage)
    execution.sweep(book, fill, base)


def fund(execution: Execution, book: Book, start: int, end: int, mark: float) -> None:
    """Pay the funding of the hours that ended in a candle, at its close, from the margin.

    No more than the margin is taken.
    """
    held = book.position
    if held is None:
        return
    rate = execution.rules.funding_rate(held.symbol, start, end)
    value = held.quantity * Decimal(repr(mark))
    amount = (value * rate).quantize(LEAST_MONEY, ROUND_HALF_EVEN)
    if amount:
        paid = Funding(held.symbol, min(amount, held.margin), rate, end)
        execution.events.append(paid)
        execution.hold(book, execution.mirror.fund(paid))
