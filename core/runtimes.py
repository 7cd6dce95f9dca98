"""Runtimes ready to use: a run's, and that of a module called by hand."""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

from core.calls import Host
from core.engines import Prepared
from core.errors import NotFound
from core.records import Reflection, Sink
from core.wrapper import Call, Runnable, Runtime, bind

if TYPE_CHECKING:
    from core.sandbox import Policy, Sandbox
    from core.settings import Settings


def new_run_id() -> str:
    """A name for a run that no other run has."""
    return uuid4().hex


def prepare_in(
    sandbox: Sandbox, policy: Policy | None = None
) -> Callable[[Runnable, Mapping[str, Host]], Prepared]:
    """What `Runtime.prepare` wants: a module kept defined in one of these workers."""
    from core.sandbox import DEFAULT_POLICY

    chosen = policy or DEFAULT_POLICY

    def prepare(target: Runnable, hosts: Mapping[str, Host]) -> Prepared:
        return sandbox.prepared(
            target.source, target.name, policy=chosen, capabilities=hosts
        )

    return prepare


def make_runtime(
    settings: Settings,
    sink: Sink,
    sandbox: Sandbox,
    *,
    engine: str = "sandbox",
    run_id: str = "",
    capabilities: Mapping[str, Host] | None = None,
    notice: Callable[[Reflection], None] | None = None,
) -> Runtime:
    """A run's runtime. "native" seals the settings as soon as it binds a native body.

    Modules without a certificate of their own run in the sandbox in either case.
    """
    return Runtime(
        sink=sink,
        engine=engine,
        run_id=run_id or new_run_id(),
        prepare=prepare_in(sandbox),
        seal=settings.seal,
        capabilities=capabilities or {},
        notice=notice,
    )


def open_alone(module: str, path: Path) -> Call:
    """The module in the file at `path`, bound to a sandbox of its own.

    Calls are spooled to the state folder, and reach the database with the next run.
    Raises NotFound when the project has no such module with a spec.
    """
    from core.library import library
    from core.places import split_id
    from core.reflections import Reflector
    from core.sandbox import Sandbox
    from core.settings import load_settings
    from core.stack import runnable

    settings = load_settings()
    stack, name = split_id(module)
    found = [e for e in library(settings, stack=stack) if e.spec.name == name]
    if not found or found[0].path is None or not found[0].path.samefile(path):
        raise NotFound(
            f"{path} is not {module} of the project at {settings.root}",
            field="module",
            value=module,
            remedy="set ASZA_ROOT to the project's folder; its spec must be there too",
        )
    sandbox, reflector = Sandbox(), Reflector(None, settings)
    atexit.register(sandbox.close)
    atexit.register(reflector.flush)
    return bind(runnable(found[0]), make_runtime(settings, reflector, sandbox))
