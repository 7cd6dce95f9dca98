"""What a run keeps: decisions, state, new versions; and which engine it really used."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from cli.keeping import EVERY, RETRY, Generation, Keeper, Policy, engine_of
from core.errors import StoreError
from core.library import open_stack
from core.records import Memory
from core.runtimes import make_runtime
from core.sandbox import Sandbox
from core.settings import Settings
from core.spec import load_spec
from core.store import Journal, Modules, Runs, Store
from core.vocabulary import base_vocabulary
from file_creator import create
from tests.conftest import empty
from tests.faults.conftest import RULE, SUM, Asza, asza, candles
from tests.module_samples import (
    FIRST,
    MODULE,
    SECOND,
    in_a_process,
    lay_out,
    make,
    module_file,
    proof,
)

__all__ = ["asza", "candles"]  # fixtures

TALLY = """\
---
name: tally
role: function
inputs:
  a: {unit: number}
outputs:
  seen: {unit: number}
state:
  total: {unit: number, initial: 0}
examples:
  - {in: {a: 4, previous_total: 3}, out: {seen: 7, total: 7}}
  - {in: {a: 1, previous_total: 0}, out: {seen: 1, total: 1}}
---
Add a to what was seen before.
"""
ADD = 'total = previous_total + a\nreturn {"seen": total, "total": total}'
FULL = (
    "ALTER TABLE system_logs.reflections ADD CONSTRAINT no_room CHECK (false) NOT VALID"
)
ROOM = "ALTER TABLE system_logs.reflections DROP CONSTRAINT no_room"
TWICE = """\
---
name: twice
role: function
inputs:
  a: {unit: number}
  c: {unit: number}
outputs:
  d: {unit: number}
examples:
  - {in: {a: 4, c: 1}, out: {d: 9}}
---
Twice a and c.
"""


@pytest.fixture(autouse=True)
def unhealed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """No run here is about repair; after `settings`, which clears what is yours."""
    monkeypatch.setenv("ASZA_WICK", "off")


def put(store: Store, name: str, text: str, body: str) -> None:
    """A module of the stack `desk`, as if the gate had passed it."""
    path = store.settings.root / "prompts" / "desk" / f"{name}.md"
    path.write_text(text)
    spec = load_spec(path, base_vocabulary())
    how = {"writer": "offline", "means": "search"}
    create(spec, body, proof(spec, body), store=store, settings=store.settings, **how)


@pytest.fixture
def tally(store: Store) -> Store:
    """The stack `desk` with one module that remembers a total."""
    lay_out(store.settings)
    (store.settings.root / "prompts" / "desk" / "half.md").unlink()
    put(store, "tally", TALLY, ADD)
    return store


def seen(asza: Asza, *arguments: str) -> list[float]:
    done = asza("run", "desk", *arguments, "--json").went().json
    return [call["outputs"]["seen"] for call in done["calls"]]


def test_a_remembered_value_survives_from_one_command_to_the_next(
    asza: Asza, tally: Store
) -> None:
    assert seen(asza, "--in", '{"a": 2}') == [2]
    assert seen(asza, "--in", '[{"a": 3}, {"a": 5}]') == [5, 10]
    assert Runs(tally).state("desk", "calls") == {"call": {"total": 10}}


def test_examples_begin_as_they_say_and_touch_nothing_remembered(
    asza: Asza, tally: Store
) -> None:
    seen(asza, "--in", '{"a": 2}')
    done = asza("run", "desk", "--json").went().json
    assert [c["outputs"] for c in done["calls"]] == [
        {"seen": 7, "total": 7},
        {"seen": 1, "total": 1},
    ]
    assert Runs(tally).state("desk", "calls") == {"call": {"total": 2}}
    assert Runs(tally).decisions(done["run"]) == []


def test_every_call_is_a_decision_with_the_versions_that_made_it(
    asza: Asza, tally: Store
) -> None:
    done = asza("run", "desk", "--in", '[{"a": 3}, {"a": 5}]', "--json").went().json
    kept = Runs(tally).decisions(done["run"])
    assert [row.outputs["seen"] for row in kept] == [3, 8]
    assert {row.key for row in kept} == {"call"}
    assert {row.phase for row in kept} == {"run"}
    assert kept[0].versions == {"tally": 1}
    (run,) = Runs(tally).list("desk")
    assert run.summary == {"calls": 2, "state": {"call": {"total": 8}}, "notes": []}


def test_calls_of_different_parts_remember_one_value(asza: Asza, tally: Store) -> None:
    toml = tally.settings.root / "generated" / "desk" / "stack.toml"
    toml.write_text(toml.read_text() + '[starting.c]\nunit = "number"\n')
    put(tally, "twice", TWICE, 'return {"d": 2 * a + c}')
    rows = '[{"a": 1}, {"a": 1, "c": 2}, {"a": 1}, {"a": 1, "c": 0}]'
    assert seen(asza, "--in", rows) == [1, 2, 3, 4]


def ask(asza: Asza, store: Store) -> Path:
    """The stack `dips` of rules over candles; its folder."""
    asza("ask", RULE, "--stack", "dips", "--no-run").went()
    return store.settings.root / "generated" / "dips"


def test_a_walk_writes_its_decisions_only_when_asked_to(
    asza: Asza, store: Store, candles: Path
) -> None:
    ask(asza, store)
    run = ("run", "dips", "--data", str(candles), "--json")
    done, door = asza(*run).went().json, Runs(store)
    assert door.decisions(done["run"]) == []
    done = asza(*run, "--record").went().json
    kept = door.decisions(done["run"])
    assert len(kept) == done["totals"]["decisions"] > 50
    assert [row.at for row in kept] == sorted({row.at for row in kept})
    assert f"{kept[-1].at:%Y-%m-%d %H:%M}" in done["totals"]["to"]
    assert kept[0].versions == done["versions"]
    (calls,) = store.row(
        "SELECT count(*) FROM system_logs.reflections WHERE run_id = %s",
        (done["run"],),
    ) or (0,)
    assert calls == len(kept) * len(done["versions"])


def test_the_generation_is_looked_up_once_a_quarter_second() -> None:
    now, asked = [0.0], []

    def read() -> int:
        asked.append(now[0])
        if now[0] == EVERY:
            raise StoreError("away", remedy="wait")
        return len(asked)

    generation = Generation(read, lambda: now[0])
    assert [generation(), generation()] == [1, 1]
    now[0] = EVERY
    assert [generation(), generation()] == [1, 1]
    now[0] = RETRY
    assert generation() == 1
    now[0] = RETRY + EVERY
    assert generation() == 3
    assert asked == [0, EVERY, RETRY + EVERY]


Kept = tuple[Keeper, Callable[[float], Any], list[str]]


@pytest.fixture
def kept(store: Store, sandbox: Sandbox) -> Kept:
    """The stack `desk` at work on a clock of ours: (keeper, tick at, what was said)."""
    lay_out(store.settings)
    make(store, FIRST)
    now, said = [0.0], []
    settings = store.settings
    runtime = make_runtime(settings, Memory(), sandbox, engine="native")

    def say(text: str, style: str = "dim") -> None:
        said.append(text)

    keeper = Keeper(
        settings,
        store,
        *("desk", "r1", runtime, Policy("walk"), say),
        clock=lambda: now[0],
    )
    run = keeper.run_of(open_stack(settings, "desk", store))

    def tick(at: float) -> Any:
        now[0] = at
        return run.tick({"call": {"a": 4}}, {"a": 4})["call"]

    return keeper, tick, said


def test_a_version_made_live_meanwhile_is_taken_up_and_told(
    store: Store, kept: Kept
) -> None:
    keeper, tick, said = kept
    assert tick(0).versions == {"half": 1}
    make(store, SECOND)
    assert tick(EVERY / 2).versions == {"half": 1}
    assert tick(EVERY).versions == {"half": 2}
    assert said == keeper.notes == ["half: version 2 taken up after 1"]
    assert keeper.engines == {"half": "native"}


def test_new_versions_that_cannot_run_are_refused_and_told(
    store: Store, kept: Kept
) -> None:
    keeper, tick, _said = kept
    tick(0)
    module_file(store.settings).write_text("def half(:\n")
    Modules(store).bump()
    assert tick(EVERY).versions == {"half": 1}
    assert "not taken up" in keeper.notes[0]
    assert tick(2 * EVERY).values == {"b": 2}
    assert len(keeper.notes) == 1


def test_a_version_that_reads_what_the_run_is_not_given_is_refused(
    store: Store, kept: Kept
) -> None:
    keeper, tick, _said = kept
    tick(0)
    toml = store.settings.root / "generated" / "desk" / "stack.toml"
    toml.write_text(toml.read_text() + '[starting.c]\nunit = "number"\n')
    spec = store.settings.root / "prompts" / "desk" / "half.md"
    put(
        store,
        "half",
        spec.read_text()
        .replace("  a: {unit: number}\n", "  a: {unit: number}\n  c: {unit: number}\n")
        .replace("{a: 4}", "{a: 4, c: 1}"),
        FIRST,
    )
    assert tick(EVERY).versions == {"half": 1}
    assert "it reads c now" in keeper.notes[0]


@pytest.mark.parametrize(
    ("engines", "says"),
    [
        ({"a": "native", "b": "native"}, "native"),
        ({"a": "sandbox", "b": "sandbox"}, "sandbox"),
        (
            {"a": "sandbox", "b": "native", "c": "native"},
            "mixed: 1 of 3 sandboxed (no certificate for: a)",
        ),
    ],
)
def test_the_engine_is_the_one_that_ran(engines: dict[str, str], says: str) -> None:
    assert engine_of(engines, "native") == says


def edit(path: Path) -> None:
    path.write_text(path.read_text().replace("return", "# mine\n    return", 1))


def test_a_module_that_nothing_vouches_for_is_said_to_run_in_the_sandbox(
    asza: Asza, store: Store
) -> None:
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    given = ("run", "sums", "--in", '{"a": 2, "b": 3}')
    done = asza(*given, "--json").went()
    assert (done.json["engine"], done.json["engines"]) == ("native", {"f": "native"})
    assert "certificate" not in done.err
    edit(store.settings.root / "generated" / "sums" / "f.py")
    done = asza(*given).went()
    assert "sums.f was edited by hand, so it runs in the sandbox" in " ".join(
        done.err.split()
    )
    assert "asza build sums.f" in done.err
    assert "engine: sandbox" in done.out
    assert asza(*given, "--json").went().json["engines"] == {"f": "sandbox"}


def test_a_walk_says_which_modules_were_sandboxed(
    asza: Asza, store: Store, candles: Path
) -> None:
    request = "Buy when RSI 14 is below 30. Sell when RSI 14 is above 70."
    asza("ask", request, "--stack", "dips", "--no-run").went()
    first, *others = sorted(
        path
        for path in (store.settings.root / "generated" / "dips").glob("*.py")
        if "return" in path.read_text() and path.stem != "__init__"
    )
    assert others
    edit(first)
    done = asza("run", "dips", "--data", str(candles)).went()
    says = f"mixed: 1 of {len(others) + 1} sandboxed (no certificate for: {first.stem})"
    assert says in " ".join(done.out.split())


def test_a_run_adopts_what_a_clone_brought_and_finishes_what_a_kill_left(
    asza: Asza, store: Store
) -> None:
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    empty(store)
    done = asza("run", "sums", "--json").went()
    assert "adopted sums.f: it passed the gate" in done.err
    assert done.json["engine"] == "native"
    assert "adopted" not in asza("run", "sums").went().err
    lay_out(store.settings)
    settings = store.settings
    killed = in_a_process(settings.root, settings.home, FIRST, "renamed")
    killed.join()
    assert Journal(store).pending()
    assert "recovered desk.half" in asza("run", "desk").went().err
    assert Journal(store).pending() == []
    assert Modules(store).live(MODULE) is not None


def test_a_clone_that_does_not_pass_the_gate_runs_sandboxed(
    asza: Asza, store: Store
) -> None:
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    path = store.settings.root / "generated" / "sums" / "f.py"
    path.write_text(path.read_text().replace("a + b", "a + b + 1"))
    empty(store)
    done = asza("run", "sums", "--json").went()
    assert "sums.f was not adopted" in done.err
    assert done.json["engine"] == "sandbox"


@contextmanager
def no_spool(path: Path) -> Iterator[None]:
    """A file stands where the spool's folder would."""
    rmtree(path, ignore_errors=True)
    path.write_text("no folder")
    yield
    path.unlink()


@contextmanager
def no_room(store: Store) -> Iterator[None]:
    """The table of calls takes no row; others use the database after us."""
    with store.connection("the test") as connection:
        connection.execute(FULL)
    try:
        yield
    finally:
        with store.connection("the test") as connection:
            connection.execute(ROOM)


def test_calls_that_are_recorded_nowhere_are_counted(asza: Asza, tally: Store) -> None:
    told = asza("run", "desk", "--json").went().json
    assert told["lost"] == 0
    assert "recorded nowhere" not in asza("run", "desk").went().out
    with no_room(tally), no_spool(tally.settings.home / "spool"):
        assert asza("run", "desk", "--json").went().json["lost"] == 2
        assert "2 calls are recorded nowhere" in asza("run", "desk").went().out


def test_a_walk_with_a_module_that_never_answers_is_no_success(
    asza: Asza, store: Store, candles: Path
) -> None:
    folder = ask(asza, store)
    path = next(p for p in folder.glob("*.py") if "RSI" in p.read_text())
    path.write_text(re.sub(r"return .*", "return {}", path.read_text(), count=1))
    asza("run", "dips", "--data", str(candles)).went()  # its fallback answers
    spec = store.settings.root / "prompts" / "dips" / f"{path.stem}.md"
    without = re.sub(r"^fallback:.*\n(?: .*\n)*", "", spec.read_text(), flags=re.M)
    assert without != spec.read_text()
    spec.write_text(without)
    done = asza("run", "dips", "--data", str(candles)).refused(11, "never answered")
    assert "what dips decided" in done.out
    told = asza("run", "dips", "--data", str(candles), "--json").refused(11).json
    assert told["exit_code"] == 11
    (silent,) = told["silent"]
    assert silent["module"] == path.stem
    assert silent["failures"] == told["totals"]["decisions"]
