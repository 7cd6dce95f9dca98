"""`asza trade halt|resume|flatten`: what a person says to a running trader."""

import getpass
from collections import ChainMap
from collections.abc import Iterator
from time import time
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.context import Context
from cli.output import Json, Output
from cli.trade.looking import shown_owner

if TYPE_CHECKING:
    from trading.shell.law.switch import Word
    from trading.shell.ledger.events import Halted
    from trading.shell.venue.orders import Mode

Why = Annotated[str, typer.Argument(help="Why, in a few words; it is kept.")]
ModeName = Annotated[
    Literal["paper", "live"], typer.Option("--mode", help="Which trader.")
]


def register(app: typer.Typer) -> None:
    """Add these commands."""
    for command in (halt, resume, flatten):
        app.command()(command)


def halt(remark: Why = "", mode: ModeName = "paper", as_json: Json = False) -> None:
    """Open nothing more: exits and stops go on."""
    _leave("halt", remark, mode, as_json=as_json)


def resume(remark: Why = "", mode: ModeName = "paper", as_json: Json = False) -> None:
    """Go on after a halt; a remark is needed, and the day's loss limit stays."""
    _leave("resume", remark, mode, as_json=as_json)


def flatten(remark: Why = "", mode: ModeName = "paper", as_json: Json = False) -> None:
    """Sell everything at the next candle, and open nothing more."""
    _leave("flatten", remark, mode, as_json=as_json)


def _leave(
    action: Literal["halt", "resume", "flatten"],
    remark: str,
    mode: str,
    *,
    as_json: bool,
) -> None:
    """Leave the word where the trader finds it; it carries it out at its next candle."""
    from trading.shell.law.lock import trader
    from trading.shell.law.switch import Word, leave
    from trading.shell.venue.orders import Mode

    with Context() as context:
        word = Word(action, getpass.getuser(), remark, int(time()))
        if action == "resume":
            _require_halted(context, Mode(mode), word)
        leave(context.settings.home, Mode(mode), word)
        owner = trader(context.store, Mode(mode))
    running = shown_owner(owner)
    data = {"action": action, "mode": mode, "trader": running, "remark": remark}
    heard = "at its next candle" if owner else "when a trader of this mode starts"
    Output(as_json).answer(
        data,
        lambda console, _: console.print(
            f"{action}: carried out {heard}", markup=False
        ),
    )


def _require_halted(context: Context, mode: "Mode", word: "Word") -> None:
    """Refuse to resume where nothing is halted, or only the day's loss: RequestRefused.

    A kill switch is refused with its own words, by whoever leaves the word.
    """
    from trading.shell.law.halts import halts_of, resume
    from trading.shell.law.switch import kill_switch

    if not kill_switch(context.settings.home, mode):
        found = [halts_of(events) for events in _halted(context, mode)]
        resume(ChainMap(*found), word.at, word.by, word.remark)


def _halted(context: Context, mode: "Mode") -> "Iterator[list[Halted]]":
    """What halted each account of a mode, and what is left for its trader to hear."""
    from trading.shell.law.switch import heard
    from trading.shell.ledger.reading import Reading, accounts

    for account, _ in accounts(context.store):
        if account.mode is mode:
            yield Reading(context.store, account).halts()
    words = (word for _, word in heard(context.settings.home, mode))
    yield [word.event({}, word.at) for word in words if word.action != "resume"]
