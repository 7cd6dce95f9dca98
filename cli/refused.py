"""Intents that the risk law refused because of a value in them, brought to Wick.

The ledger has each refusal and the calls behind it. What was refused for the account's
sake (a halt, a day's trades, too much exposure) is no module's fault and is left out.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import StoreError
from core.records import OK, Reflection
from wick.triggers import CallId, Refusal

if TYPE_CHECKING:
    from core.store import Store
    from trading.shell.ledger.events import Decided, Signalled
    from trading.shell.ledger.reading import Reading
    from wick.intake import Intake
    from wick.launcher import Waiting

MOST = 1_000  # refusals read at once
Call = tuple[Refusal, CallId, Reflection]


@dataclass
class Refused:
    """Reads what one stack's paper accounts were refused since anybody looked."""

    store: "Store"
    stack: str
    intake: "Intake"

    def take(self) -> int:
        """Report what is new; how many refusals that were, 0 without a database."""
        try:
            return self._take()
        except StoreError:
            return 0

    def _take(self) -> int:
        found = [call for door in self._doors() for call in self._new(door)]
        if found:
            calls = {call_id: made for _, call_id, made in found}
            self.intake.refusals([refusal for refusal, _, _ in found], calls)
        return len(found)

    def around(self, wait: "Waiting") -> "Waiting":
        """The same wait, with a look at the ledger before it."""

        def looked(seconds: float) -> None:
            if not self.take():
                wait(seconds)

        return looked

    def _doors(self) -> "Iterator[Reading]":
        from core.store import Runs
        from trading.shell.ledger.reading import Reading, accounts
        from trading.shell.venue.orders import Mode

        runs = Runs(self.store).list(self.stack, MOST)
        ours = {(one.mode, one.detail.get("account")) for one in runs}
        if not any(name for mode, name in ours if mode != Mode.BACKTEST):
            return
        for account, _ in accounts(self.store):
            whose = (account.mode.value, account.name)
            if account.mode is not Mode.BACKTEST and whose in ours:
                yield Reading(self.store, account)

    def _new(self, door: "Reading") -> Iterator[Call]:
        from core.store.intake import Mark
        from trading.shell.engine.failing import VALUES_REFUSED
        from trading.shell.ledger.told import Which

        mark = Mark(
            self.store, f"refusals read {door.account.mode} {door.account.name}"
        )
        since = Which(since=mark.last() + 1, limit=MOST)
        rows = door.signals(since, acted=False)
        refused = [one for one in reversed(rows) if one.rejected_by in VALUES_REFUSED]
        for one in {one.decision: one for one in refused}.values():  # one call made all
            decided = door.decision(one.decision)
            if decided is not None:
                yield from called(self.stack, one, decided)
        if rows:
            mark.advance(rows[0].at)


def called(stack: str, refused: "Signalled", decided: "Decided") -> Iterator[Call]:
    """A refusal, and the call that made the intent; nothing where no trace was kept."""
    from trading.shell.engine.failing import INTENTS

    for link in decided.trace:
        if INTENTS in link["outputs"]:
            module = f"{stack}.{link['module']}"
            call_id = CallId(refused.decision, len(decided.trace))
            made = _call(module, call_id, link, refused.at)
            yield _refusal(module, call_id, made, refused), call_id, made


def _call(module: str, call_id: CallId, link: Mapping[str, Any], at: int) -> Reflection:
    return Reflection(
        call_id=call_id.call_id,
        run_id=call_id.run_id,
        module=module,
        version=int(link["version"]),
        at=at * 10**9,
        elapsed_ns=0,
        inputs=link["inputs"],
        outputs=link["outputs"],
        calls=(),
        outcome=OK,
        remark="",
    )


def _refusal(
    module: str, call_id: CallId, made: Reflection, refused: "Signalled"
) -> Refusal:
    from trading.shell.engine.failing import INTENTS

    return Refusal(
        intent=made.outputs or {},
        makers={INTENTS: module},
        versions={module: made.version},
        call_ids={module: call_id},
        reason=refused.rejected_by,
        output=INTENTS,
        figures={"why": refused.reason, **refused.figures},
        at=made.at,
    )
