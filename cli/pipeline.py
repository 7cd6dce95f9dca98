"""From a plan to modules on disk, told as it happens.

The specs and the stack file are written once the plan is whole; each module as soon
as it has passed, so that what was paid for is kept if a later one fails.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.builder import Builder, Built, OnProgress, kept
from cli.context import Context
from core.atomic import write_atomically
from core.errors import BodyRefused, RequestRefused
from core.home import PRIVATE, make_home
from core.places import STACK_FILE, stack_folder

# The stages bring libcst and the gate: a second that `asza list` need not wait for.
if TYPE_CHECKING:
    from core.llm import Answer, Exchange, OnText, Writer
    from core.plan import Plan
    from core.settings import Settings
    from core.spec import Spec


FINAL_PROMPT = "final_prompt_to_architect.txt"


@dataclass(frozen=True)
class _KeepsPrompt:
    """The architect, the last prompt it was given kept in a file a person can read."""

    inner: "Writer"
    settings: "Settings"

    @property
    def name(self) -> str:
        """Who answers."""
        return self.inner.name

    def answer(self, exchange: "Exchange", on_text: "OnText | None" = None) -> "Answer":
        """The architect's own answer."""
        path = make_home(self.settings.home) / FINAL_PROMPT
        text = f"{exchange.system}\n\n{exchange.user}\n"
        write_atomically(path, self.settings.redacted(text), mode=PRIVATE)
        return self.inner.answer(exchange, on_text)


def make_plan(context: Context, request: str, stack: str | None) -> "Plan":
    """The architect's plan; nothing is written."""
    import ask_architect
    from core.library import library
    from core.llm import writer_for
    from core.vocabulary import load_vocabulary

    settings, store = context.settings, context.store
    return ask_architect.plan(
        request,
        settings=settings,
        writer=_KeepsPrompt(writer_for("architect", settings, store), settings),
        vocabulary=load_vocabulary(settings.asza_vocabulary, settings.asza_vocabulary),
        library=library(settings, store),
        stack=stack,
    )


def plan_data(plan: "Plan") -> dict[str, Any]:
    """A plan as a person and a machine are shown it."""
    data = plan.as_dict()
    data["specs"] = [
        {
            "name": spec.name,
            "role": spec.role,
            "intent": _what(plan, spec),
            "inputs": list(spec.contract.parameters),
            "outputs": list(spec.contract.results),
            "reused": plan.reused.get(spec.name),
        }
        for spec in plan.specs
    ]
    return data


def _what(plan: "Plan", spec: "Spec") -> str:
    """The whole intent of what is new; of what stands already its first sentence."""
    stands = plan.joins and spec.name in plan.reused
    return f"{spec.description}." if stands else spec.intent


def build_plan(
    context: Context, plan: "Plan", tell: OnProgress, *, force: bool = False
) -> list[Built]:
    """Write the plan's stack file and specs, then its modules one by one.

    Of a plan that joins a stack only the modules that are not there yet are written,
    each with its spec.
    """
    from core.plan_files import write_plan
    from core.store import Plans

    settle(context, lambda _text: None, plan.stack)
    if plan.joins:
        return _join(context, plan, tell, force)
    new = not (stack_folder(context.settings, plan.stack) / STACK_FILE).exists()
    written = write_plan(
        plan,
        context.settings,
        context.store,
        force=force,
        on_kept=lambda path, there: tell(kept(plan.stack, path, there)),
    )
    Plans(context.store).save(
        plan.stack, plan.request, plan.as_dict(), plan.architect, plan.cost_usd
    )
    builder = Builder(context, plan.vocabulary, tell, plan.cycle, force, plan.reused)
    built: list[Built] = []
    try:
        built += map(builder.build, plan.specs)
    except (BodyRefused, RequestRefused):
        if new and not built:
            _take_away(written)
        raise
    return built


def _join(context: Context, plan: "Plan", tell: OnProgress, force: bool) -> list[Built]:
    from core.store import Plans

    missing = [spec for spec in plan.specs if spec.name not in plan.reused]
    builder = Builder(context, plan.vocabulary, tell, plan.cycle, force)
    built = [builder.build(spec, cause="added") for spec in missing]
    if built:
        Plans(context.store).save(
            plan.stack, plan.request, plan.as_dict(), plan.architect, plan.cost_usd
        )
    return built


def _take_away(written: Sequence[Path]) -> None:
    """A request of which nothing came leaves nothing behind."""
    for path in written:
        path.unlink(missing_ok=True)
    for folder in {path.parent for path in written}:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def settle(
    context: Context, say: Callable[[str], None], stack: str | None = None
) -> None:
    """Finish or undo what a crash left half-made; adopt what a clone brought.

    With `stack` nothing of another stack is adopted.
    """
    import file_creator
    from cli.scene import clear_up

    store, settings = context.store, context.settings
    for done in file_creator.recover(store, settings):
        say(f"recovered {done.module}: {done.outcome}, {done.remark}")
    clear_up(context, say)
    for each in file_creator.adopt(
        store=store, settings=settings, sandbox=context.sandbox, stack=stack
    ):
        if each.refused:
            say(f"{each.module} was not adopted: {each.refused}")
        else:
            say(f"adopted {each.module}: it passed the gate")
