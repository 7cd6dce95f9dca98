"""A small project on disk and writers that die at a chosen step."""

import multiprocessing
import os
import signal
from pathlib import Path

from core.body import parse_body
from core.gate.report import Certificate
from core.lineage import RolledBack, rollback
from core.settings import Settings
from core.spec import Spec, load_spec
from core.store import Store, open_store
from core.vocabulary import base_vocabulary
from file_creator import Created, create

MODULE = "desk.half"
SPEC = """\
---
name: half
role: function
inputs:
  a: {unit: number}
outputs:
  b: {unit: number}
examples:
  - {in: {a: 4}, out: {b: 2}}
---
Half of a.
"""
FIRST = 'return {"b": a / 2}'
SECOND = "b = a * 0.5\nreturn {'b': b}"
THIRD = "b = a - a / 2\nreturn {'b': b}"
STEPS = (
    *("journalled", "prepared", "written", "synced", "renamed", "settled"),
    *("live", "completed"),
)


def lay_out(settings: Settings) -> Spec:
    """The stack `desk` with one spec; its input is given by the caller."""
    folder = settings.root / "generated" / "desk"
    folder.mkdir(parents=True)
    (folder / "stack.toml").write_text('[starting.a]\nunit = "number"\n')
    prompts = settings.root / "prompts" / "desk"
    prompts.mkdir(parents=True)
    (prompts / "half.md").write_text(SPEC)
    return spec_in(settings)


def spec_in(settings: Settings) -> Spec:
    return load_spec(settings.root / "prompts" / "desk" / "half.md", base_vocabulary())


def proof(spec: Spec, body: str) -> Certificate:
    """The certificate of a body that passed."""
    law = {"contract_digest": spec.contract.digest}
    return Certificate(spec.id, spec.digest, parse_body(body).hash, True, (), **law)


def make(store: Store, body: str, **more: object) -> Created:
    """Write a body as the next version of desk.half."""
    spec = spec_in(store.settings)
    values = {"writer": "offline", "means": "search", **more}
    return create(  # type: ignore[arg-type]
        spec, body, proof(spec, body), store=store, settings=store.settings, **values
    )


def module_file(settings: Settings) -> Path:
    return settings.root / "generated" / "desk" / "half.py"


def in_a_process(*arguments: object) -> "multiprocessing.process.BaseProcess":
    """`_work` in a process of its own, started but not waited for."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.module_samples"])
    process = context.Process(target=_work, args=arguments)
    process.start()
    return process


def _work(root: Path, home: Path, body: str, die_at: str) -> None:
    """Write `body` ("" to roll back) and die, as by kill -9, after the step."""

    def on_step(step: str) -> None:
        if step == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with open_store(Settings(asza_root=root, asza_home=home)) as store:
        if body:
            make(store, body, on_step=on_step)
        else:
            go_back(store, on_step)


def go_back(store: Store, on_step: object = None) -> RolledBack:
    """Roll desk.half back to the version before."""
    more = {"on_step": on_step} if on_step else {}
    return rollback(store, store.settings, MODULE, **more)  # type: ignore[arg-type]
