"""Which markets an account knows, and the refusal of one that it does not."""

from typing import TYPE_CHECKING

from core.errors import NotFound
from core.names import nearest

if TYPE_CHECKING:
    from trading.shell.ledger.reading import Reading

MANY = 10_000  # rows; of decisions, which hold whole chains, the newest hundred do


def seen(door: "Reading", asked: str) -> str:
    """A market as the account spells it, whatever case was typed; NotFound."""
    known = _known(door)
    if asked in known:
        return asked
    alike = [one for one in known if one.lower() == asked.lower()]
    if not alike:
        raise _never_seen(door, asked, known)
    return alike[0]


def _known(door: "Reading") -> list[str]:
    """Every market of which the account has a row; those of no market are left out."""
    from trading.shell.ledger.told import Which

    many = Which(limit=MANY)
    rows = (
        door.trades(many),
        door.signals(many),
        door.decisions(),
        door.positions(),
        door.open_orders(),
    )
    names = {*door.newest_scans(), *(one.symbol for row in rows for one in row)}
    return sorted(names - {""})


def _never_seen(door: "Reading", symbol: str, known: list[str]) -> NotFound:
    """What there is to say of a symbol that an account knows nothing of."""
    near = {_bare(one): one for one in known}
    close = nearest(_bare(symbol), near)
    return NotFound(
        f"{door.account.name} never looked at {symbol}",
        field="symbol",
        value=symbol,
        remedy=f"did you mean '{near[close]}'?"
        if close
        else f"it looked at {', '.join(known) or 'nothing yet'}",
    )


def _bare(symbol: str) -> str:
    """A symbol's letters and digits only: btc-usd is btcusd."""
    return "".join(filter(str.isalnum, symbol.lower()))
