"""The stack is asked what to do about failures, after the candle they happened in."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from core.errors import DataError
from core.records import Memory, Reflection
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.stack import Stack
from core.stack.fused import FusedRun
from core.wrapper import Runtime
from tests.conftest import ROOT
from tests.trading import flagship
from tests.trading.engine.sessions import PLAY, Bench, market, settings, traded
from tests.trading.engine.stacks import BEGIN, SCRIPTED, Texts, broken, stack_of
from trading.shell.candles import Candles
from trading.shell.engine.failing import Failures
from trading.shell.engine.feeds import LiveFeed
from trading.shell.engine.pause import Stopped
from trading.shell.engine.trouble import Troubles, error_class
from trading.shell.fetch import KrakenLockedOut, KrakenUnavailable
from trading.shell.ledger.events import Decided

HOUR = 3600
LOCKED_OUT = KrakenLockedOut("kraken EGeneral:Temporary lockout")
BUSY = KrakenUnavailable("kraken EService:Busy")
PHASES = """
[[phases]]
name = "see"
each = "symbol"
roles = ["scan"]
[[phases]]
name = "exit"
each = "symbol"
roles = ["exit", "stop"]
[[phases]]
name = "act"
each = "symbol"
roles = ["order"]
[[phases]]
name = "trouble"
each = "portfolio"
asked = true
roles = ["trouble"]
"""


@dataclass
class Wick:
    """Counts how often it was started; `lasts` says whether it stays at work."""

    lasts: bool = True
    started: int = 0

    @property
    def at_work(self) -> bool:
        return self.lasts and self.started > 0

    def start(self, clones: int) -> None:
        assert clones > 0
        self.started += 1


def launcher() -> tuple[str, str]:
    """The shipped module: its spec and its body."""
    spec = (ROOT / "prompts" / "trading" / "wick_launcher.md").read_text()
    return spec, flagship.body_of("wick_launcher").text


def stack(folder: Path, **texts: tuple[str, str]) -> Stack:
    whole: Texts = {**broken(SCRIPTED, "script", 8, 11), "wick_launcher": launcher()}
    return stack_of(folder, {**whole, **texts}, toml=PHASES)


def run_of(whole: Stack, failures: Failures) -> FusedRun:
    runtime = Runtime(Memory(999), engine="native", notice=failures.notice)
    return FusedRun(whole, runtime)


def launches(
    whole: Stack,
    sandbox: Sandbox,
    folder: Path,
    failures: Failures,
    patch: pytest.MonkeyPatch,
) -> list[Decided]:
    """What a session of the play wrote of its failures."""
    made = "tests.trading.engine.sessions.run_of"
    patch.setattr(made, lambda *_, **__: run_of(whole, failures))
    bench = Bench(sandbox, whole, folder)
    session = bench.paper("one", [market()], settings=settings(), failures=failures)
    traded(session)
    events = bench.ledgers["one"].everything()
    return [e for e in events if isinstance(e, Decided) and e.action == "wick"]


@pytest.mark.parametrize(("lasts", "hours"), [(True, [8]), (False, [8, 11])])
def test_wick_is_started_after_the_candle_and_not_twice_while_it_works(
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lasts: bool,
    hours: Sequence[int],
) -> None:
    wick = Wick(lasts)
    failures = Failures(wick, lambda: 5.0)
    whole = stack(tmp_path / "s")
    told = launches(whole, sandbox, tmp_path, failures, monkeypatch)
    assert [(one.at - BEGIN) // HOUR for one in told] == hours
    assert wick.started == len(hours)
    assert {(one.symbol, one.proceed, one.values["clone_count"]) for one in told} == {
        ("", True, 3)
    }
    assert told[0].reason == (
        "script failed, Wick started with 3 clones: a module of role order failed"
    )
    assert "division by zero" in told[0].faults["script"]


def test_without_money_one_clone_works(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = Failures(Wick(), lambda: 0.0)
    whole = stack(tmp_path / "s")
    told = launches(whole, sandbox, tmp_path, failures, monkeypatch)
    assert [one.values["clone_count"] for one in told] == [1]


def test_a_launcher_that_fails_keeps_wick_from_nobody(
    sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec, _ = launcher()
    failures = Failures(wick := Wick(), lambda: 5.0)
    whole = stack(tmp_path / "s", wick_launcher=(spec, "return {'launch': 1 / 0}"))
    told = launches(whole, sandbox, tmp_path, failures, monkeypatch)
    assert wick.started >= 1
    assert told[0].reason.endswith("wick_launcher failed and cannot say")
    assert {"script", "wick_launcher"} == {one.values["module"] for one in told}


def test_a_module_that_fails_all_the_time_is_a_persons_matter(tmp_path: Path) -> None:
    failures = Failures(wick := Wick(), lambda: 5.0)
    troubles = Troubles(run_of(stack(tmp_path), failures))
    call = Reflection(
        1, "r", "bench.script", 1, 0, 0, {}, None, (), "failed", "ValueError"
    )
    for _ in range(21):
        failures.notice(call)
    (told,) = failures.settle(troubles, BEGIN)
    assert (told.proceed, wick.started) == (False, 0)
    assert told.reason == "script failed, Wick not started: ask a person"
    failures.notice(call)
    assert failures.settle(troubles, BEGIN + HOUR)[0].proceed
    assert failures.settle(troubles, BEGIN + HOUR) == []


@pytest.mark.parametrize("attempt", [1, 2, 3, 6])
def test_a_lockout_is_waited_out_whatever_the_stack_says(
    sandbox: Sandbox, attempt: int
) -> None:
    """Who asks while Kraken locks him out is locked out for longer."""
    asks = {"ask_model": lambda **_: None}
    runtime = Runtime(Memory(10), prepare=prepare_in(sandbox), capabilities=asks)
    troubles = Troubles(FusedRun(flagship.stack_with(), runtime))
    locked = "kraken EGeneral:Temporary lockout"
    assert troubles.retry_after(locked, attempt, 100.0 * attempt) >= 15 * 60
    assert troubles.retry_after("kraken timed out", 1, 0.0) == 1.0


def test_kraken_is_asked_again_with_the_seconds_since_the_first_failure() -> None:
    now, told, candles = [1000.0], [], market()
    answers: list[Any] = [KrakenUnavailable("no answer")] * 3 + [[candles]]

    def fetch() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, DataError):
            raise answer
        return answer

    async def sleep(seconds: float) -> None:
        now[0] += seconds

    def retry(error: DataError, attempt: int, since: float) -> float:
        told.append((error.message, attempt, since))
        return 30.0

    feed = LiveFeed(fetch, (), HOUR, retry, now=lambda: now[0], sleep=sleep)
    asyncio.run(feed.prepare())
    assert told == [("no answer", 1, 0), ("no answer", 2, 30), ("no answer", 3, 60)]
    assert (feed.failures, feed.answered) == (0, 1090.0)


@pytest.mark.parametrize(
    ("errors", "least", "most"),
    [
        ([LOCKED_OUT], 2.5 * HOUR, 3 * HOUR),
        ([BUSY, LOCKED_OUT], 2.5 * HOUR, 3 * HOUR),
        ([BUSY], 0.0, HOUR + 60),
    ],
)
def test_a_lockout_told_for_one_market_is_waited_out_for_all(
    errors: list[DataError], least: float, most: float
) -> None:
    now, asked = [float(BEGIN + 9 * HOUR)], list[float]()

    def fetch() -> list[Candles | DataError]:
        asked.append(now[0])
        return [market(), *errors]

    async def sleep(seconds: float) -> None:
        now[0] += seconds
        if now[0] > BEGIN + 20 * HOUR:
            raise Stopped

    feed = LiveFeed(
        fetch, (), HOUR, lambda *_: 2.5 * HOUR, now=lambda: now[0], sleep=sleep
    )

    async def follow() -> None:
        await feed.prepare()
        async for _ in feed.closed({}):
            pass

    with pytest.raises(Stopped):
        asyncio.run(follow())
    apart = [after - before for before, after in pairwise(asked)]
    assert apart
    assert all(least <= one <= most for one in apart)


@pytest.mark.parametrize(("later", "asked"), [(HOUR - 1, 0), (HOUR, 1)])
def test_candles_just_found_are_asked_for_again_only_once_there_is_a_newer_one(
    later: int, asked: int
) -> None:
    candles, answers = market(PLAY[:3]), list[list[Candles]]()
    closed = BEGIN + 3 * HOUR

    def fetch() -> list[Candles]:
        answers.append([market(PLAY[:4])])
        return answers[-1]

    feed = LiveFeed(
        fetch,
        (),
        HOUR,
        lambda *_: 1.0,
        now=lambda: float(closed + later),
        found=[candles],
    )
    asyncio.run(feed.prepare())
    assert len(answers) == asked
    assert [len(one) for one in feed.columns] == [3 + asked]


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ("Kraken cannot be reached: no connection within 2.5 s", "network"),
        ("Kraken cannot be reached: Connection refused", "network"),
        ("kraken GET https://api.kraken.com/0/public/OHLC timed out", "timeout"),
        ('kraken {"error":["EAPI:Rate limit exceeded"]}', "rate_limit"),
        ('kraken {"error":["EGeneral:Temporary lockout"]}', "lockout"),
        ('kraken {"error":["EService:Unavailable"]}', "busy"),
        ('kraken {"error":["EOrder:Insufficient funds"]}', "funds"),
        ("something nobody ever saw", "unknown"),
    ],
)
def test_every_error_has_the_class_that_the_stack_knows(
    message: str, kind: str
) -> None:
    assert error_class(message) == kind
