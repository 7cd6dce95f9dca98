"""Short stories for a ledger: orders that are intended, confirmed and filled."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from trading.shell.ledger.events import (
    Answered,
    Decided,
    Deposited,
    Ended,
    Filled,
    FundingPaid,
    Intended,
    LedgerEvent,
    Scanned,
    Signalled,
)
from trading.shell.venue.orders import (
    Closed,
    Fill,
    Funding,
    Intent,
    Kind,
    Outcome,
    Purpose,
    Receipt,
    Side,
)

D = Decimal
SPOT, PERP = "BTC/USD", "BTC/USD:USD"
START = 86_400 * 20_000  # a midnight
DEPOSIT = Deposited(D(1000), START)


def intent(name: str, side: str = "buy", quantity: Any = 1, **more: Any) -> Intent:
    """A market order: an entry unless it says what else."""
    values: dict[str, Any] = {
        "symbol": SPOT,
        "kind": Kind.MARKET,
        "purpose": Purpose.ENTRY,
        "decided_at": START,
    }
    return Intent(
        id=name, side=Side(side), quantity=D(str(quantity)), **(values | more)
    )


def fill(order: Intent, price: Any, at: int = 60, **more: Any) -> Filled:
    """All of an order, `at` seconds after START, unless it says what else."""
    values: dict[str, Any] = {
        "id": f"{order.id}-{at}",
        "quantity": order.quantity,
        "fee": D(1),
    }
    values |= {k: D(str(v)) if k in ("quantity", "fee") else v for k, v in more.items()}
    return Filled(
        Fill(
            order=order.id,
            symbol=order.symbol,
            side=order.side,
            price=D(str(price)),
            at=START + at,
            **values,
        )
    )


def answer(order: str, outcome: str = "confirmed", at: int = 30) -> Answered:
    return Answered(Receipt(order, Outcome(outcome), START + at, "V1", "said so"))


def ended(order: str, at: int = 90) -> Ended:
    return Ended(Closed(order, START + at, "cancelled"))


def funding(amount: Any, at: int = 3600, symbol: str = PERP) -> FundingPaid:
    return FundingPaid(Funding(symbol, D(str(amount)), D("0.0001"), START + at))


def sent(order: Intent, at: int = 0) -> list[LedgerEvent]:
    """Written down and confirmed."""
    return [Intended(order, START + at), answer(order.id, at=at + 1)]


def bought(name: str, price: Any, at: int = 60, **more: Any) -> list[LedgerEvent]:
    """An entry, from intended to filled whole."""
    order = intent(name, **more)
    return [*sent(order, at - 2), fill(order, price, at)]


def sold(name: str, price: Any, at: int = 120, **more: Any) -> list[LedgerEvent]:
    """An exit, from intended to filled whole."""
    order = intent(name, **({"side": "sell", "purpose": Purpose.EXIT} | more))
    return [*sent(order, at - 2), fill(order, price, at)]


def decided(name: str, action: str = "enter", at: int = 0, **more: Any) -> Decided:
    values: dict[str, Any] = {
        "symbol": SPOT,
        "proceed": action != "none",
        "reason": "because\x00" if action == "none" else "ema crossed",
        "ended_by": "",
        "regime": "trend",
        "values": {"rsi_14": 30.5, "ema_9": 2.0, "ema_21": 1.0},
        "versions": {"trading.scan": 3},
        "faults": {},
        "trace": ({"module": "trading.scan", "inputs": {"x": 1.5}},),
    }
    return Decided(id=name, at=START + at, action=action, **(values | more))


def scanned(at: int = 0, symbol: str = SPOT, **more: Any) -> Scanned:
    values: dict[str, Any] = {
        "price": 100.5,
        "regime": "trend",
        "signal": True,
        "action": "long",
        "confidence": 0.7,
        "values": {"ema_9": 2.0, "ema_21": 1.0, "rsi_14": 30.5, "spread": 0.01},
    }
    return Scanned(symbol=symbol, at=START + at, **(values | more))


def signalled(decision: str, at: int = 0, **more: Any) -> Signalled:
    values: dict[str, Any] = {
        "symbol": SPOT,
        "action": "enter",
        "acted": True,
        "rejected_by": "",
        "reason": "",
        "regime": "trend",
        "confidence": 0.7,
        "figures": {"rsi": 30.5},
    }
    return Signalled(decision=decision, at=START + at, **(values | more))


def plain_story() -> list[LedgerEvent]:
    """A winning trade, a losing one, an order that was refused, one that rests."""
    resting = intent(
        "stop", "sell", 2, kind=Kind.STOP, purpose=Purpose.STOP, trigger=D(90)
    )
    return [
        DEPOSIT,
        scanned(),
        decided("d1"),
        signalled("d1"),
        *bought("in1", 100, decision="d1"),
        *sold("out1", 110, decision="d2", reason="target"),
        Intended(intent("no", quantity=50), START + 130),
        answer("no", "refused", 131),
        *bought("in2", 110, 200, quantity=2, decision="d1"),
        *sent(resting, 210),
    ]


def numbered(prefix: str = "x") -> Iterator[str]:
    """Names, each once."""
    number = 0
    while True:
        number += 1
        yield f"{prefix}{number}"
