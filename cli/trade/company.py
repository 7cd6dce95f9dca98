"""What works beside a paper session: the process that asks a model, and Wick."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cli.context import Context
from cli.healing import NOT_OURS, Healer
from cli.trade.weight import WEIGHT
from core.errors import StoreError

if TYPE_CHECKING:
    from cli.keeping import Say
    from cli.trade.settings import Chosen
    from core.records import Reflection
    from core.stack.tick import Tick
    from trading.shell.engine.failing import Failures
    from trading.shell.engine.tape import Asking

PATIENCE = 10.0  # seconds that a session which is over waits for a repair


@dataclass
class Company:
    """Asked and told by a session's modules: `asking` serves `ask_model`."""

    asking: "Asking"
    failures: "Failures"

    def notice(self, failure: "Reflection") -> None:
        """A module failed; broken inputs and a quarantine are not its fault."""
        if not failure.remark.startswith(NOT_OURS):
            self.failures.notice(failure)


@contextmanager
def company(context: Context, chosen: "Chosen", say: "Say") -> Iterator[Company]:
    """Started where it is wanted, and ended with the session."""
    from cli.trade.answering import answering
    from trading.shell.engine.failing import Failures

    settings, seconds = context.settings, chosen.settings.session.ask_seconds
    healer = Healer(settings, chosen.stack.name, say)
    failures = Failures(healer, budget_left(context))
    with answering(settings, seconds, say):
        try:
            yield Company(_asking(context, chosen, say), failures)
        finally:
            healer.close(PATIENCE)


def _asking(context: Context, chosen: "Chosen", say: "Say") -> "Asking":
    """The decision tape, and behind it the model of LLM_ASK where there is one."""
    from cli.trade.answering import is_configured
    from core.llm.routing import choice_of
    from core.questions import questions
    from core.stack.parameters import parameters
    from trading.shell.engine.asking import RedisAsk
    from trading.shell.engine.tape import Asking
    from trading.shell.ledger.tape import PostgresTape

    store, settings = context.store, context.settings
    if is_configured(settings):
        choice = choice_of("ask", settings)
        ask = RedisAsk(lambda: questions(store), chosen.settings.session.ask_seconds)
        return Asking(PostgresTape(store, f"{choice.provider}:{choice.model}"), ask)
    if parameters(chosen.stack).get(WEIGHT):
        say(
            f"{WEIGHT} is above 0 and no model is set: nothing is asked, what is on the "
            "tape counts. Set LLM_ASK, as openai:gpt-5 with OPENAI_API_KEY",
            "yellow",
        )
    return Asking(PostgresTape(store))


@dataclass
class Remarks:
    """What a run has to say of its ticks: its notes, and the versions it takes up."""

    say: "Say"
    _versions: dict[str, int] = field(default_factory=dict)
    _seen: Mapping[str, int] | None = None

    def __call__(self, tick: "Tick") -> None:
        """Hear a tick before its state is kept."""
        for note in tick.notes:
            self.say(note, "yellow")
        for decision in (*tick.values(), tick.portfolio):
            if decision is not None and decision.versions is not self._seen:
                self._seen = decision.versions
                self._take_up(decision.versions)

    def _take_up(self, versions: Mapping[str, int]) -> None:
        for module, version in versions.items():
            before = self._versions.get(module, version)
            if before != version:
                named = f"version {version}" if version else "the file as it was edited"
                self.say(f"{module}: {named} taken up after {before}", "green")
        self._versions.update(versions)


def budget_left(context: Context) -> Callable[[], float]:
    """USD of today's budget that are neither spent nor reserved; 0 if nobody knows."""
    from core.store import BudgetLedger

    def left() -> float:
        limit = context.settings.budget_per_day
        try:
            used = BudgetLedger(context.store).totals().day
        except StoreError:
            return 0.0
        return max(0.0, float(limit - used))

    return left
