"""`asza trade halt|resume|flatten|kill`: what a person says to a running trader."""

import getpass
from collections import ChainMap
from collections.abc import Iterator
from dataclasses import replace
from time import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.context import Context
from cli.output import Json, Output
from cli.trade.accounts import account_of
from cli.trade.traders import Trader, require_near, shown_trader, traded_by

if TYPE_CHECKING:
    from trading.shell.law.switch import Action, Word
    from trading.shell.ledger.events import Halted
    from trading.shell.venue.orders import Mode

Why = Annotated[str, typer.Argument(help="Why, in a few words; it is kept.")]
Whose = Annotated[
    str | None,
    typer.Option(
        "--account",
        help="The account it is about. Default: the one that is traded now, else paper, "
        "else the only one.",
    ),
]
ModeName = Annotated[
    Literal["paper", "live"], typer.Option("--mode", help="Which trader.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (halt, resume, flatten, kill):
        app.command()(command)


def halt(
    remark: Why = "",
    mode: ModeName = "paper",
    account: Whose = None,
    as_json: Json = False,
) -> None:
    """Open nothing more: exits and stops go on."""
    _leave("halt", remark, mode, account, as_json=as_json)


def resume(
    remark: Why = "",
    mode: ModeName = "paper",
    account: Whose = None,
    as_json: Json = False,
) -> None:
    """Go on after a halt; a remark is needed, and the day's loss limit stays."""
    _leave("resume", remark, mode, account, as_json=as_json)


def flatten(
    remark: Why = "",
    mode: ModeName = "paper",
    account: Whose = None,
    as_json: Json = False,
) -> None:
    """Sell everything at the next candle, and open nothing more."""
    _leave("flatten", remark, mode, account, as_json=as_json)


def kill(
    remark: Why = "",
    mode: Annotated[
        Literal["paper", "live"] | None,
        typer.Option("--mode", help="Only traders of this mode. Default: all."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Throw the kill switch, a file: no trader takes an entry; no database is needed."""
    from trading.shell.law.switch import throw_kill_switch
    from trading.shell.venue.orders import Mode

    why = remark or f"thrown by {getpass.getuser()}"
    with Context() as context:
        home = context.settings.home
        path = throw_kill_switch(home, why, Mode(mode) if mode else None)
    data = {"kill_switch": str(path), "mode": mode, "remark": why}
    Output(as_json).answer(
        data,
        lambda console, _: console.print(
            f"the kill switch is thrown: {why}\nto go on: rm {path}, then "
            '`asza trade resume "why it is over"`',
            markup=False,
            soft_wrap=True,
        ),
    )


def _leave(
    action: "Action", remark: str, mode: str, account: str | None, *, as_json: bool
) -> None:
    """Leave the word where the trader finds it; it carries it out at its next candle."""
    from trading.shell.law.switch import Word, leave
    from trading.shell.venue.orders import Mode

    with Context() as context:
        trader = traded_by(context, Mode(mode))
        if trader is not None:
            require_near(trader, context.settings)
        whose = _whose(context, Mode(mode), account, trader)
        word = Word(action, getpass.getuser(), remark, int(time()), whose)
        if action == "resume":
            word = replace(word, causes=_halted_by(context, Mode(mode), word))
        leave(context.settings.home, Mode(mode), word)
    data = {
        "action": action,
        "mode": mode,
        "account": whose,
        "trader": shown_trader(trader),
        "remark": remark,
    }
    heard = _heard(mode, whose, trader)
    Output(as_json).answer(
        data,
        lambda console, _: console.print(
            f"{action}{_of(whose)}: carried out {heard}", markup=False
        ),
    )


def _whose(
    context: Context, mode: "Mode", named: str | None, trader: "Trader | None"
) -> str:
    """The account a word is for: the one that was named, is traded, or is the usual one.

    "" where there is none yet; NotFound names those there are.
    """
    from trading.shell.ledger.reading import accounts

    if named is None and trader is not None:
        return trader.account
    known = [one for one, _ in accounts(context.store) if one.mode is mode]
    if not known and named is None:
        return ""
    return account_of(known, named).name


def _of(whose: str) -> str:
    return f" of account {whose}" if whose else ""


def _heard(mode: str, whose: str, trader: "Trader | None") -> str:
    """When a word is carried out, for a person."""
    if trader is not None and whose in ("", trader.account):
        return "at its next candle"
    return "when it is traded again" if whose else f"when a {mode} trader starts"


def _halted_by(context: Context, mode: "Mode", word: "Word") -> tuple[str, ...]:
    """The causes a resume is about. RequestRefused where nothing is halted, or only by
    the day's loss; a kill switch is refused with its own words, by whoever leaves it.
    """
    from trading.shell.law.halts import halts_of, resume
    from trading.shell.law.switch import kill_switch

    found = [halts_of(events) for events in _halted(context, mode, word.account)]
    halts = ChainMap(*found)
    if not kill_switch(context.settings.home, mode):
        resume(halts, word.at, word.by, word.remark)
    return tuple(cause.value for cause in halts)


def _halted(context: Context, mode: "Mode", name: str) -> "Iterator[list[Halted]]":
    """What halted the account, and what is left for its trader to hear."""
    from trading.shell.law.switch import heard
    from trading.shell.ledger import Account
    from trading.shell.ledger.reading import Reading

    if name:
        yield Reading(context.store, Account(mode, name)).halts()
    words = (word for _, word in heard(context.settings.home, mode, name))
    yield [word.event({}, word.at) for word in words if word.action != "resume"]
