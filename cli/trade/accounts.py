"""Which account a person asks about: paper by default, or a backtest by its name."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from cli.context import Context
from cli.output import Output
from cli.trade.traders import traded_by
from core.errors import NotFound

if TYPE_CHECKING:
    from trading.shell.ledger import Account
    from trading.shell.ledger.events import Decided
    from trading.shell.ledger.reading import Reading

AccountName = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="A paper account's name, a backtest's name, or `last` for the newest "
        "backtest. Default: the one that is traded now, else paper, else the only one.",
    ),
]
Examined = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="Ledger and halts of this account only: a name, or `last` for the newest "
        "backtest. Default: every account.",
    ),
]
T = TypeVar("T")
PAPER, LAST = "paper", "last"
MANY = 10_000
NAMED = re.compile(r"(?!backtest-)[A-Za-z0-9][A-Za-z0-9_-]{0,39}")
SHOWN = 8  # backtests in a remedy, the newest
DEBUG = "`asza trade debug SYMBOL` lists decisions"
TRADES = "`asza trade trades` lists trades"
LISTED = {
    "trade": TRADES,
    "decision": DEBUG,
    "trade or decision": f"{TRADES}, {DEBUG}",
}


def require_account_name(name: str | None) -> None:
    """Refuse a name that no other command could say: typer.BadParameter."""
    if name is None or (NAMED.fullmatch(name) and name != LAST):
        return
    raise typer.BadParameter(
        f"'{name}' cannot be an account's name: use letters, digits, - and _, not "
        f"'{LAST}' and no name of a backtest",
        param_hint="--account",
    )


def reading(context: Context, name: str | None) -> "Reading":
    """The door to an account; NotFound names those there are.

    Where none is named it is the one that is traded now, else paper, else the only other
    one; which is said on stderr where it is not paper.
    """
    from trading.shell.ledger.reading import Reading, accounts

    known = [account for account, _ in accounts(context.store)]
    backtests = [one for one in known if one.mode == "backtest"]
    if name == LAST and backtests:
        return Reading(context.store, backtests[-1])
    return Reading(context.store, account_of(known, name or _traded(context)))


def _traded(context: Context) -> str | None:
    """The paper account that is traded now, which is said on stderr."""
    from trading.shell.venue.orders import Mode

    trader = traded_by(context, Mode.PAPER)
    if trader is None or trader.account in ("", PAPER):
        return None
    Output().say(f"account {trader.account} is traded now, and is meant")
    return trader.account


def account_of(known: "Sequence[Account]", name: str | None) -> "Account":
    """The account of that name, the usual one where none is given; NotFound."""
    if name is None:
        return _unnamed(known)
    found = [one for one in known if one.name == name]
    if found:
        return found[0]
    raise _unknown(name, known)


def _unnamed(known: "Sequence[Account]") -> "Account":
    """Paper, else the only paper account, else the only account; NotFound."""
    usual = [one for one in known if one.name == PAPER]
    if usual:
        return usual[0]
    sessions = [one for one in known if one.mode != "backtest"]
    found = sessions or known
    if len(found) != 1:
        raise _unknown(PAPER, found)
    Output().say(
        f"there is no account '{PAPER}': {found[0].name} is the only one, and is meant"
    )
    return found[0]


def _unknown(name: str, known: "Sequence[Account]") -> NotFound:
    sessions = [one.name for one in known if one.mode != "backtest"]
    backtests = [one.name for one in known if one.mode == "backtest"]
    shown = ", ".join([*sessions, *backtests[-SHOWN:]])
    return NotFound(
        f"there is no account '{name}' yet",
        field="account",
        value=name,
        remedy=f"name one with --account: {shown}"
        if known
        else "`asza trade paper` opens one, `asza trade backtest` another",
    )


def decision_of(door: "Reading", asked: str, what: str = "decision") -> "Decided":
    """The decision whose id is, or begins with, what was asked; NotFound."""
    from trading.shell.ledger.told import Which

    exact = door.decision(asked)
    if exact is not None:
        return exact
    rows = door.decisions(Which(limit=MANY))
    return one_of(rows, [one.id for one in rows], asked, what)


def one_of(rows: list[T], ids: list[str], asked: str, what: str) -> T:
    """The row whose id begins with what was asked; NotFound where it is none or many."""
    found = [row for row, name in zip(rows, ids, strict=True) if name.startswith(asked)]
    if len(found) == 1:
        return found[0]
    raise NotFound(
        f"{len(found)} {what}s begin with '{asked}'"
        if found
        else f"no {what} '{asked}'",
        field=what,
        value=asked,
        remedy="give more of its id" if found else LISTED[what],
    )
