"""An order that was refused for a value in it is the defect of the module that made it."""

from pathlib import Path

import pytest

from cli.refused import Refused
from core.records import Memory
from core.sandbox import Sandbox
from core.stack.fused import FusedRun
from core.store import Defects, Runs, Store
from core.wrapper import Runtime
from tests.trading.engine.sessions import Desk, market, settings, traded
from tests.trading.engine.stacks import BEGIN, SCRIPTED, stack_of
from tests.trading.engine.test_trouble import Wick
from trading.shell.engine.failing import Failures
from trading.shell.ledger import Account
from trading.shell.ledger.reading import Reading
from trading.shell.venue.orders import Mode
from wick.intake import Intake

NOTHING = f"""step = (time - {BEGIN}) // 3600
rows = [("entry", 0.0, 1.0)] * 2 if step == 3 else [("entry", 100.0, 1.0)]
rows.append(("stop", 0.0, close * 0.98))
return {{
    "intents": [
        {{
            "purpose": p,
            "side": "buy" if p == "entry" else "sell",
            "kind": "market" if p == "entry" else "stop",
            "notional": n,
            "price": x,
        }}
        for p, n, x in (rows if step in (2, 3) else [])
    ]
}}
"""


def test_wick_is_told_once_of_an_intent_that_is_no_order(
    store: Store, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = Failures(wick := Wick(), lambda: 5.0)
    spec, _ = SCRIPTED["script"]
    stack = stack_of(tmp_path, {**SCRIPTED, "script": (spec, NOTHING)})
    runtime = Runtime(Memory(99), engine="native", notice=failures.notice)
    monkeypatch.setattr(
        "tests.trading.engine.sessions.run_of",
        lambda *_, **__: FusedRun(stack, runtime),
    )
    desk = Desk(store, sandbox, stack, tmp_path)
    Runs(store).start("r", "bench", "paper", {"account": "one"})
    session = traded(
        desk.paper("one", [market()], settings=settings(), failures=failures)
    )
    refused = [one for one in session.engine.signals if not one.acted]
    assert [one.rejected_by for one in refused] == ["proposal"]
    assert wick.started == 1

    door = Refused(store, "bench", Intake(store, store.settings, sandbox))
    assert [door.take(), door.take()] == [1, 0]
    (defect,) = Defects(store).list()
    assert (defect.module, defect.trigger, defect.times) == (
        "bench.script",
        "downstream",
        1,
    )
    assert defect.signature == "downstream proposal intents"
    shown = defect.evidence["shown"][0]["inputs"]
    assert shown["time"] == refused[0].at + session.rules.step
    account = Account(Mode.PAPER, "one")
    both = Reading(store, account).signals(acted=False)
    assert {one.action for one in both} == {"enter", "enter 2"}
    (told,) = Reading(store, account).launches()
    assert told.reason.startswith("script failed, Wick started with 1 clone")


def test_a_project_that_never_traded_has_nothing_refused(
    store: Store, sandbox: Sandbox
) -> None:
    assert Refused(store, "desk", Intake(store, store.settings, sandbox)).take() == 0
