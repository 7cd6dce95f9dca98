"""From a module's failure to its repair running: seconds, for one-edit faults."""

from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from bench.measure import Figure
from core.gate import run_gate
from core.library import open_stack
from core.lineage import rollback
from core.recordings import choose_diverse
from core.records import OK, Memory, Reflection
from core.runtimes import make_runtime
from core.sandbox import Sandbox
from core.settings import load_settings
from core.spec import Spec, load_spec
from core.stack import StackRun
from core.store import Modules, Recordings, Reflections, Store, open_store
from core.strategies import draws
from core.vocabulary import Vocabulary, base_vocabulary
from file_creator import create
from wick.bench import Bench, Limits
from wick.breaking import Injected, inject
from wick.clones import SEARCH
from wick.executors import executor
from wick.launcher import Wick

SPEC = """\
---
name: order_size
role: function
inputs:
  equity: {type: number, minimum: 0, maximum: 100000}
  risk: {type: number, minimum: 0, maximum: 0.1}
  entry: {type: number, minimum: 1, maximum: 1000}
  stop: {type: number, minimum: 1, maximum: 1000}
  lot: {type: number, minimum: 0.001, maximum: 1}
  most: {type: number, minimum: 0, maximum: 500}
outputs:
  size: {type: number, minimum: 0, maximum: 500}
invariants: ["size <= most"]
examples:
  - {in: {equity: 1000, risk: 0.01, entry: 100, stop: 95, lot: 0.5, most: 10}, out: {size: 2}}
  - {in: {equity: 1000, risk: 0.01, entry: 100, stop: 100, lot: 0.5, most: 10}, out: {size: 0}}
  - {in: {equity: 5000, risk: 0.02, entry: 50, stop: 52, lot: 0.25, most: 20}, out: {size: 20}}
  - {in: {equity: 100, risk: 0.01, entry: 90, stop: 70, lot: 0.5, most: 20}, out: {size: 0}}
fallback: {size: 0}
---
Risk a share of equity between entry and stop, in whole lots, at most `most`.
"""
BODY = """\
distance = abs(entry - stop)
if distance == 0:
    return {"size": 0.0}
size = equity * risk / distance
if size > most:
    size = most
if size < lot:
    return {"size": 0.0}
lots = size // lot
return {"size": min(lots * lot, most)}
"""
FAULTS = range(15)
PAST = 60


def figures() -> Iterator[Figure]:
    """The median over faults of seeds 0 to 14, and how many of them were repaired."""
    with TemporaryDirectory() as folder, Sandbox() as sandbox:
        settings = load_settings(_project(Path(folder)))
        with open_store(settings) as store, executor(settings) as running:
            taken = [
                _healed(store, sandbox, running, seed)
                for seed in _built(store, sandbox)
            ]
    done = [seconds for seconds in taken if seconds is not None]
    told = f"{len(done)} of {len(taken)} repaired, none remembered"
    yield Figure("failure to hot swap, ten lines", median(done), "s", 2.0, told)


def _project(root: Path) -> Path:
    (root / "prompts" / "desk").mkdir(parents=True)
    (root / "prompts" / "desk" / "order_size.md").write_text(SPEC)
    folder = root / "generated" / "desk"
    folder.mkdir(parents=True)
    names = "equity risk entry stop lot most".split()
    tables = (f'[starting.{name}]\nunit = "number"\n' for name in names)
    (folder / "stack.toml").write_text("\n".join(tables))
    return root


def _built(store: Store, sandbox: Sandbox) -> range:
    """The module, certified and live, with calls that went well behind it."""
    words, spec = base_vocabulary(), _spec(store)
    proof = run_gate(spec, BODY, sandbox=sandbox, vocabulary=words)
    create(spec, BODY, proof, store=store, settings=store.settings, writer="hand")
    Recordings(store).offer(spec.id, _past(spec, sandbox, words), choose_diverse(200))
    return FAULTS


def _spec(store: Store) -> Spec:
    path = store.settings.root / "prompts" / "desk" / "order_size.md"
    return load_spec(path, base_vocabulary())


def _past(spec: Spec, sandbox: Sandbox, words: Vocabulary) -> list[Reflection]:
    from core.body import function_source

    rows = draws(spec.contract, words, PAST, 1)
    outcomes = sandbox.batch(function_source(spec, BODY), spec.name, rows)
    return [
        Reflection(n, "past", spec.id, 1, n, 1000, row, each.outputs, (), OK, "")
        for n, (row, each) in enumerate(zip(rows, outcomes, strict=True))
    ]


def _healed(
    store: Store, sandbox: Sandbox, running: Executor, seed: int
) -> float | None:
    """Seconds from the failure's record to the repair's version; None without one."""
    settings = store.settings
    bench = Bench(
        store, settings, sandbox, running, lambda _: None, Limits((SEARCH,), 20.0)
    )
    wick = Wick(bench, "desk")
    wick.round()
    fault = inject(store, settings, sandbox, "desk.order_size", seed)
    _fail(store, sandbox, fault)
    wick.check_now()
    began = perf_counter()
    wick.round()
    took = perf_counter() - began
    live = Modules(store).live(fault.module)
    rollback(store, settings, fault.module, 1)
    return took if live is not None and live.version != fault.version else None


def _fail(store: Store, sandbox: Sandbox, fault: Injected) -> None:
    """Call the faulty version where its fault shows: what fails is recorded."""
    settings, memory = store.settings, Memory()
    stack = open_stack(settings, "desk", store)
    run = StackRun(stack, make_runtime(settings, memory, sandbox))
    run.tick({"call": fault.inputs}, fault.inputs)
    for failure in memory.failures:
        Reflections(store).append_failure(failure)
