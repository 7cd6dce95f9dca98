"""A run on the books: its calls and decisions are kept, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from cli.context import Context
from cli.healing import Healer
from cli.keeping import Keeper, Policy, Say, engine_of
from core.errors import StoreError

if TYPE_CHECKING:
    from cli.running import RunOptions
    from core.events import Events
    from core.records import Reflection
    from core.reflections import Policy as Written
    from core.reflections import Reflector
    from core.stack import Stack

Data = dict[str, Any]


@dataclass
class Recorded:
    """A run in the making: what it keeps, and the summary that is kept of it."""

    keeper: Keeper
    healer: Healer
    sink: "Reflector"
    summary: Data = field(default_factory=dict)

    def told(self, options: "RunOptions") -> Data:
        """What every kind of run says of itself."""
        keeper = self.keeper
        return {
            "run": keeper.run_id,
            "engine": engine_of(keeper.engines, options.engine),
            "engines": dict(keeper.engines),
            "notes": list(keeper.notes),
            "state": keeper.state,
            "wick": self.healer.told,
            "lost": self.sink.lost,
        }


@contextmanager
def recorded(
    context: Context, stack: "Stack", options: "RunOptions", policy: Policy, say: Say
) -> Iterator[Recorded]:
    """The stack at work; its run and its reflections are kept, however it ends."""
    from core.reflections import Reflector
    from core.runtimes import make_runtime
    from core.store import Runs
    from core.store.retention import retain

    run_id = f"{stack.name}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{uuid4().hex[:6]}"
    runs, settings, sandbox = Runs(context.store), context.settings, context.sandbox
    runs.start(run_id, stack.name, policy.mode, {"engine": options.engine})
    finished = False
    healer, announce = Healer(settings, stack.name, say), _announce(context)

    def notice(failure: "Reflection") -> None:
        announce(failure)
        healer.notice(failure)

    with Reflector(context.store, settings, _reflected(options)) as sink:
        runtime = make_runtime(
            settings,
            sink,
            sandbox,
            engine=options.engine,
            run_id=run_id,
            notice=notice,
        )
        keeper = Keeper(
            settings,
            context.store,
            stack.name,
            run_id,
            runtime,
            policy,
            say,
            trace=options.trace,
            loaded_at=options.loaded_at,
        )
        made = Recorded(keeper, healer, sink)
        if any(entry.certificate is None for entry in stack.entries.values()):
            healer.start()  # what nothing vouches for is checked, failed or not
        try:
            try:
                yield made
            finally:  # what was decided before an interruption is kept
                keeper.flush()
            finished = True
        finally:
            summary = {**made.summary, "state": keeper.state, "notes": keeper.notes}
            runs.finish(run_id, summary, failed=not finished)
    healer.close()
    retain(context.store)


def _reflected(options: "RunOptions") -> "Written":
    return "all" if options.record else "sample"


def _announce(context: Context) -> Callable[["Reflection"], None]:
    """Wake whoever listens when a module fails; the failure itself is in the database.

    Redis is opened by the first failure. Without it nobody is woken, and the run goes on.
    """

    @cache
    def events() -> "Events | None":
        from core.events import Events

        try:
            return Events(context.store.redis(), context.settings.redis_prefix)
        except StoreError:
            return None

    def announce(failure: "Reflection") -> None:
        said = {"module": failure.module, "version": failure.version}
        if opened := events():
            opened.publish("module.failed", {**said, "remark": failure.remark})

    return announce
