"""Where the modules of a decision are called again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from cli.context import Context
from core.errors import ModuleFailed, NotFound

if TYPE_CHECKING:
    from core.llm import LibraryEntry
    from core.stack import Stack
    from core.vocabulary import Vocabulary
    from core.wrapper import Call
    from trading.shell.engine.replaying import Answer
    from trading.shell.ledger.events import Decided


@dataclass
class Bench:
    """Where the modules of a decision are called again: sandboxed, in any version.

    A question to a model is answered from the decision tape; `lost` counts those it does
    not know.
    """

    context: Context
    name: str
    decided: "Decided"
    calls: "dict[tuple[str, int], Call]" = field(default_factory=dict)

    @cached_property
    def live(self) -> "Stack":
        """The stack as it stands now."""
        from core.library import open_stack

        return open_stack(self.context.settings, self.name, self.context.store)

    @cached_property
    def vocabulary(self) -> "Vocabulary":
        """The stack's words."""
        return self.live.file.vocabulary

    @cached_property
    def asking(self) -> Any:
        """The tape, at the decision's candle."""
        from trading.shell.engine.tape import Asking
        from trading.shell.ledger.tape import PostgresTape

        return Asking(PostgresTape(self.context.store), at=self.decided.at)

    @cached_property
    def runtime(self) -> Any:
        """The sandbox, with nothing of it kept."""
        from core.records import Memory
        from core.runtimes import make_runtime

        context = self.context
        hosts = {"ask_model": self.asking}
        return make_runtime(
            context.settings, Memory(), context.sandbox, capabilities=hosts
        )

    def entry(self, module: str, version: int) -> "LibraryEntry":
        """A version of a module, as it ran; NotFound names those there are."""
        from core.lineage import entry_at

        name = f"{self.name}.{module}"
        found = entry_at(self.context.store, name, version, self.vocabulary)
        why = self.decided.faults.get(module, "")
        barred = why.removeprefix("Quarantined: ") if why.startswith("Quar") else ""
        return replace(found, quarantined=barred)

    def stack_with(self, asked: Mapping[str, int]) -> "Stack":
        """The stack of the versions that decided, but for those asked for."""
        from core.places import stack_folder
        from core.stack import load_stack

        ran = {link["module"]: link["version"] for link in self.decided.trace}
        wanted = {**{m: v for m, v in ran.items() if v}, **asked}
        entries = {**self.live.entries}
        entries |= {module: self.entry(module, n) for module, n in wanted.items()}
        folder = stack_folder(self.context.settings, self.name)
        return load_stack(folder, entries.values(), self.vocabulary)

    def call(self, module: str, version: int, inputs: Mapping[str, Any]) -> "Answer":
        """What a version of a module makes of inputs."""
        from trading.shell.engine.replaying import Answer

        if not version:
            return Answer(None, "it ran from a file edited by hand, which was not kept")
        failures = len(self.runtime.sink.failures)
        try:
            outputs = self._bound(module, version)(**inputs)
        except NotFound as error:
            return Answer(None, error.message)
        except ModuleFailed as error:
            return Answer(None, error.message)
        failed = len(self.runtime.sink.failures) > failures
        return Answer(outputs, self._why() if failed else "")

    def _why(self) -> str:
        return f"its fallback answered: {self.runtime.sink.failures[-1].remark}"

    def _bound(self, module: str, version: int) -> "Call":
        from core.stack import runnable
        from core.wrapper import bind

        key = (module, version)
        if key not in self.calls:
            self.calls[key] = bind(runnable(self.entry(module, version)), self.runtime)
        return self.calls[key]
