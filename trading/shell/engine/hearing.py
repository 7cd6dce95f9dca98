"""What a person says to a running session: heard in order, carried out once."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import RequestRefused, StoreError
from trading.shell.candles import stamp
from trading.shell.engine.engine import Engine
from trading.shell.engine.settling import WAYS_OUT
from trading.shell.law import Cause, switch
from trading.shell.law.halts import halts_of
from trading.shell.ledger import Account

MOST = 3


@dataclass
class Hearing:
    """The words for one account in the state folder `home`; `say` is told of each.

    What was said after a flatten waits until all that is held is on its way out, or for
    `MOST` candles where it cannot be sold.
    """

    home: Path
    account: Account
    engine: Engine
    step: int
    say: Callable[[str], None]
    _carried: set[str] = field(default_factory=set)

    def hear(self, now: int) -> None:
        """Carry out what a person asked for since the last candle, in order.

        A word that cannot be written down is left for the next candle, with those after.
        """
        mode, name = self.account.mode, self.account.name
        try:
            for path, word in switch.heard(self.home, mode, name):
                if self._is_selling():
                    return
                if path.name not in self._carried:
                    self._carry_out(word, now)
                self._put_away(path)
        except StoreError as error:
            self.say(f"a word for the trader waits: {error.message}")

    def _is_selling(self) -> bool:
        """Whether a flatten is in force and not carried out yet, as the ledger says."""
        state = self.engine.broker.books.state
        halt = halts_of(state.halts.values()).get(Cause.FLATTEN)
        if halt is None or state.curve.at > halt.since + MOST * self.step:
            return False
        orders = state.working.values()
        leaving = {o.intent.symbol for o in orders if o.intent.purpose in WAYS_OUT}
        return any(o.is_entry for o in orders) or not leaving.issuperset(state.holdings)

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
            if Cause.RISK_VIOLATION in event.ended:
                self.engine.forgive()
            self.say(f"{candle} {word}")
        except RequestRefused as refused:
            self.say(f"{candle} {word.action} was refused: {refused.message}")
