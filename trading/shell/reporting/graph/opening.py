"""A stack as its files say: specs, wiring, parameters. No database, and nothing is run."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.errors import NotFound
from core.library import vocabulary_of
from core.listing import list_modules
from core.places import spec_folder, stack_folder
from core.spec import Spec, load_specs
from core.stack.file import StackFile, read_stack_file
from trading.shell.reporting.graph.model import Graph, graph_of

if TYPE_CHECKING:
    from core.settings import Settings


@dataclass(frozen=True)
class Opened:
    """A stack's graph with what it was made from; `means` says how each body came."""

    graph: Graph
    file: StackFile
    specs: Mapping[str, Spec]
    means: Mapping[str, str]


def opened(settings: "Settings", stack: str) -> Opened:
    """The stack's graph; NotFound without the stack or its specs, StackError where its
    names do not connect."""
    folder = stack_folder(settings, stack)
    words = vocabulary_of(settings, stack)
    file = read_stack_file(folder, words)
    specs = load_specs(spec_folder(settings, stack), words)
    if not specs:
        raise NotFound(
            f"stack {stack} has no specs",
            field="stack",
            value=stack,
            remedy=f"write one in prompts/{stack}/, or make the stack with `asza ask`",
        )
    means = {each.name: each.means for each in list_modules(settings, stack=stack)}
    return Opened(
        graph_of(file, specs), file, {spec.name: spec for spec in specs}, means
    )
