"""The wrapper on the native engine, over the bare call, beside a conventional stack."""

from collections.abc import Iterator
from math import inf
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import jsonschema_rs

from bench.conventional import conventional
from bench.measure import Figure, side_by_side
from bench.subjects import INPUTS, SCALAR_BODY, SCALAR_SPEC, certified, spec
from core.contract import compile_contract
from core.native import compile_native
from core.records import Memory
from core.reflections import Policy, Reflector
from core.sandbox import Sandbox
from core.settings import load_settings
from core.stack import runnable
from core.store import Store, open_store
from core.wrapper import Runnable, Runtime, bind

CALLS = 20_000


def figures() -> Iterator[Figure]:
    """Microseconds over the bare call, and how many times cheaper than convention."""
    with Sandbox() as sandbox, TemporaryDirectory() as folder:
        entry = certified(spec(SCALAR_SPEC), SCALAR_BODY, sandbox)
        target = runnable(entry)
        bare = compile_native(target.source, target.name)
        wrapped = bind(target, Runtime(Memory(10_000), engine="native"))
        usual = conventional(bare, Path(folder) / "calls.log")
        taken = side_by_side(
            {
                "bare": lambda: bare(**INPUTS),
                "wrapped": lambda: wrapped(**INPUTS),
                "usual": lambda: usual(**INPUTS),
            },
            calls=CALLS,
        )
        cost = {policy: _cpu(target, policy) for policy in ("sample", "all")}
    over = taken["wrapped"] - taken["bare"]
    usual_over = taken["usual"] - taken["bare"]
    yield Figure("wrapper over the bare call", over * 1e6, "µs", 2.0, "bare call")
    yield Figure(
        "cheaper than pydantic + loguru + OpenTelemetry",
        usual_over / over,
        "×",
        8.0,
        f"{usual_over * 1e6:.1f} µs",
        more_is_better=True,
    )
    yield Figure("both doors of a scalar contract", _doors(), "×", 1.5, "jsonschema-rs")
    # The caller waits for the first figure only; these say what a call costs in all,
    # the reflector's thread and the database's client side included.
    for policy, seconds in cost.items():
        yield Figure(
            f"CPU of a call, reflecting {policy}",
            (seconds - taken["bare"]) * 1e6,
            "µs",
            inf,
            "bare call",
        )


def _doors() -> float:
    """What checking inputs and outputs costs, over the schema library on the inputs."""
    contract = spec(SCALAR_SPEC).contract
    doors = compile_contract(contract)
    library = jsonschema_rs.validator_for(contract.input_schema())
    taken = side_by_side(
        {
            "inputs": lambda: doors.inputs_valid(INPUTS),
            "outputs": lambda: doors.outputs_valid({"leverage": 4.2}),
            "library": lambda: library.is_valid(INPUTS),
        },
        calls=CALLS,
    )
    return (taken["inputs"] + taken["outputs"]) / taken["library"]


def _cpu(target: Runnable, policy: Policy) -> float:
    """Processor seconds a call, until its reflections are in the database."""
    with TemporaryDirectory() as folder, _store(Path(folder)) as store:
        began = process_time()
        with Reflector(store, store.settings, policy) as sink:
            wrapped = bind(target, Runtime(sink, engine="native"))
            for _ in range(CALLS):
                wrapped(**INPUTS)
        return (process_time() - began) / CALLS


def _store(folder: Path) -> Store:
    (folder / "prompts").mkdir()
    return open_store(load_settings(folder))
