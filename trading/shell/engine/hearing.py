"""What a person says to a running session: heard in order, carried out once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import RequestRefused, StoreError
from trading.shell.candles import stamp
from trading.shell.engine.engine import Engine
from trading.shell.law import Cause, switch
from trading.shell.law.halts import halts_of
from trading.shell.ledger import Account


@dataclass
class Hearing:
    """The words for one account in the state folder `home`; `say` is told of each.

    `selling` is whether a flatten was heard and what is held is not on its way out yet:
    what was said after it waits until then.
    """

    home: Path
    account: Account
    engine: Engine
    step: int
    say: Callable[[str], None]
    selling: bool = False
    _carried: set[str] = field(default_factory=set)

    def hear(self, now: int) -> None:
        """Carry out what a person asked for since the last candle, in order.

        A word that cannot be written down is left for the next candle, with those after.
        """
        mode, name = self.account.mode, self.account.name
        try:
            for path, word in switch.heard(self.home, mode, name):
                if self.selling:
                    return
                if path.name not in self._carried:
                    self._carry_out(word, now)
                self._put_away(path)
        except StoreError as error:
            self.say(f"a word for the trader waits: {error.message}")

    def _put_away(self, path: Path) -> None:
        """A word is carried out once, whether or not its file can be removed."""
        new = path.name not in self._carried
        self._carried.add(path.name)
        try:
            switch.done(path)
        except StoreError as error:
            if new:
                self.say(f"a word was carried out, and its file stays: {error.message}")

    def _carry_out(self, word: switch.Word, now: int) -> None:
        books, candle = self.engine.broker.books, stamp(now - self.step)
        try:
            event = word.event(halts_of(books.state.halts.values()), now)
            books.write([event])
            self.selling = event.cause == Cause.FLATTEN
            if Cause.RISK_VIOLATION in event.ended:
                self.engine.forgive()
            by = word.by or "a person"
            self.say(f"{candle} {word.action} by {by}: {word.remark}")
        except RequestRefused as refused:
            self.say(f"{candle} {word.action} was refused: {refused.message}")
