"""The live board of a session: account, positions, decisions with reasons, health, Wick."""

from collections import deque
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape

from cli import views
from cli.fitting import Fitted
from cli.output import Output
from core.counting import counted

if TYPE_CHECKING:
    from core.stack import Stack
    from trading.shell.engine.account import Holder
    from trading.shell.engine.paper import Paper
    from trading.shell.ledger.events import Decided
    from trading.shell.ledger.holding import Holding
    from trading.shell.ledger.state import LedgerState
    from trading.shell.ledger.trades import Trade
    from trading.shell.market import Market
    from trading.shell.venue.orders import Position

RECENT = 8
LONGEST = 160  # characters of a reason
WICK = "wick"  # the action of a row that says whether Wick was started
SYNTHETIC = "SYNTHETIC MARKET: these candles are made up"


class Board:
    """Drawn after each candle on a terminal; a line for what happened elsewhere."""

    def __init__(
        self,
        session: "Paper",
        stack: "Stack",
        output: Output,
        market: "Market",
        *,
        plain: bool,
        before: "Board | None" = None,
    ) -> None:
        self._session, self._stack, self._output = session, stack, output
        self._synthetic = market.synthetic
        self._live: Live | None = None
        if not (plain or output.json) and output.err.is_terminal:
            self._live = Live(console=output.err, auto_refresh=False, transient=True)
        self._recent: deque[Decided] = deque(maxlen=RECENT)
        self._said: deque[str] = deque(maxlen=4)
        self._candles = self._time = 0
        state = session.engine.broker.books.state
        self._trades, self._held = len(state.trades), {*_ids(state)}
        if before is not None:  # what it has not told yet is still to be told
            self._candles = before._candles
            self._trades, self._held = before._trades, before._held
        session.mark = self._mark
        session.engine.heard = self._heard
        if self._live:
            session.say = self._said.append

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def _heard(self, _: int, made: Sequence["Decided"]) -> None:
        for one in made:
            if one.action != "none" or one.faults:
                self._recent.append(one)
                if not self._live:
                    self._output.say(_line(one))
            elif self._live:
                self._recent.append(one)

    def _mark(self, time: int) -> None:
        self._candles += 1
        self._time = time + self._session.rules.step  # the close, as `status` has it
        self._tell_fills()
        if self._live:
            self._live.update(self._drawn(), refresh=True)

    def _tell_fills(self) -> None:
        """A line for each position that was opened or closed since the last candle."""
        state = self._session.engine.broker.books.state
        opened = [one for one in state.holdings.values() if one.id not in self._held]
        closed = state.trades[self._trades :]
        for line in (*map(_closed, closed), *map(_opened, opened)):
            self._session.say(line)
        self._trades, self._held = len(state.trades), {*_ids(state)}

    def _drawn(self) -> Group:
        parts: list[Any] = []
        if self._synthetic:
            parts.append(f"[bold white on red] {SYNTHETIC} [/]")
        parts += [self._account(), self._positions(), self._decisions(), self._health()]
        parts += [f"[dim]{escape(line)}[/]" for line in self._said]
        return Group(*parts)

    def _account(self) -> Fitted:
        books = self._session.engine.broker.books
        state, view = books.state, books.view
        row = (
            f"{view.equity:,.2f}",
            f"{state.available:,.2f}",
            f"{state.realised:,.2f}",
            f"{state.fees:,.2f}",
            f"{state.drawdown:.2%}",
            len(state.trades),
            ", ".join(state.halts) or "none",
        )
        title = f"paper · {self._session.account.name} · {_when(self._time)}"
        columns = ("equity", "cash", "realised", "fees", "drawdown", "trades", "halts")
        return views.table(title, columns, [row])

    def _positions(self) -> Fitted:
        books = self._session.engine.broker.books
        rows = [
            tuple(_position(held, books.view.holders[held.symbol]))
            for held in books.state.positions()
        ]
        columns = ("symbol", "quantity", "entry", "now", "stop", "result")
        flat = [("flat", "", "", "", "", "")]
        return views.table("positions", columns, rows or flat, spare=("quantity",))

    def _decisions(self) -> Fitted:
        rows = [
            (_when(one.at), one.symbol, one.action, _why(one), one.regime)
            for one in self._recent
        ]
        columns = ("candle", "symbol", "action", "why", "regime")
        return views.table("last decisions", columns, rows, spare=("regime",))

    def _health(self) -> Fitted:
        tally = self._session.engine.tally
        failing = ", ".join(f"{name} ×{n}" for name, n in tally.failures.most_common(4))
        barred = [
            n for n, e in self._session.run.stack.entries.items() if e.quarantined
        ]
        row = (
            len(self._stack.entries),
            failing or "none",
            ", ".join(barred) or "none",
            f"{self._candles:,}",
        )
        columns = ("in the stack", "failing", "in quarantine", "candles")
        return views.table("modules", columns, [row])

    def summary(self) -> dict[str, Any]:
        """What the session came to, for a machine."""
        books = self._session.engine.broker.books
        state, tally = books.state, self._session.engine.tally
        return {
            "account": self._session.account.name,
            "mode": self._session.account.mode.value,
            "candles": self._candles,
            "until": _when(self._time) if self._candles else None,
            "equity": round(books.view.equity, 2),
            "realised": state.realised,
            "fees": state.fees,
            "trades": len(state.trades),
            "positions": [
                {"symbol": one.symbol, "quantity": one.quantity}
                for one in state.positions()
            ],
            "failures": dict(tally.failures),
            "halts": list(state.halts),
            "broken": self._session.engine.accountant.broken or None,
        }

    def farewell(self, console: Console, data: dict[str, Any]) -> None:
        """The same in words."""
        if self._candles:
            console.print(Group(self._account(), self._positions()))
        console.print(
            f"{counted(data['candles'], 'candle')} in this session, "
            f"{counted(data['trades'], 'trade')} in the account's whole life; equity "
            "and ledger "
            + (f"DISAGREE: {escape(data['broken'])}" if data["broken"] else "agree")
        )
        console.print("[dim]asza trade status · trades · why <trade>[/]")


def _ids(state: "LedgerState") -> Iterator[str]:
    return (one.id for one in state.holdings.values())


def _opened(one: "Holding") -> str:
    held = one.position()
    side = "long" if held.quantity > 0 else "short"
    levels = (("stop", one.stop), ("target", one.target))
    rest = "".join(f", {name} {level:,.7g}" for name, level in levels if level)
    return (
        f"{_when(one.opened_at)} {one.symbol} {side} {abs(held.quantity):f} "
        f"at {held.entry_price:,.7g}{rest}"
    )


def _closed(one: "Trade") -> str:
    return (
        f"{_when(one.closed_at)} {one.symbol} {one.side} closed at "
        f"{one.exit_price:,.7g}: {one.reason}, {one.net:+,.2f} after costs"
    )


def _position(held: "Position", one: "Holder") -> Iterator[Any]:
    """A row of the positions: what is held, its levels, its result at the last price."""
    yield held.symbol
    yield f"{held.quantity:f}"
    yield from (f"{price:,.6g}" for price in (held.entry_price, one.close))
    yield None if one.stop is None else f"{one.stop:,.6g}"
    yield f"{one.quantity * one.close - one.cost:+,.2f}"


def _when(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M}"


def _why(one: "Decided") -> str:
    """A reason; where a module failed, that it did, and what stood in for it."""
    ended = f"{one.ended_by}: " if one.ended_by and one.action == "none" else ""
    told = f"{ended}{one.reason}"
    if not one.faults or one.action == WICK:
        return told[:LONGEST]
    failed = "; ".join(f"{name}: {why}" for name, why in one.faults.items())
    return f"{told} [failed: {failed}]"[:LONGEST].strip()


def _line(one: "Decided") -> str:
    parts = (_when(one.at), one.symbol, one.action, _why(one))
    return " ".join(part for part in parts if part)
