"""One door to whatever writes: models over an API, recordings, the offline writer.

A stage builds an `Exchange` and gets an `Answer`. It never learns who answered, except
by name: `Answer.writer` and `Answer.means` are what the file header shows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from core.existing import ExistingStack
    from core.findings import Finding
    from core.gate import Certificate
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store
    from core.vocabulary import Vocabulary

Role = Literal["architect", "writer", "reviewer", "ask"]
Means = Literal["model", "library", "rules", "search", "recorded"]
OnText = Callable[[str], None]

ROLES: tuple[Role, ...] = ("architect", "writer", "reviewer", "ask")


@dataclass(frozen=True)
class LibraryEntry:
    """A module that exists already: its spec, its body, and the proof that it passed.

    `quarantined` says why it must not run; "" where it may.
    """

    spec: Spec
    body: str
    certificate: Certificate | None = None
    module: str = ""
    version: int = 0
    quarantined: str = ""


@dataclass(frozen=True)
class PlanTask:
    """What the architect is asked, as data: for writers that do not read prompts.

    `joins` is the stack that stands already and the plan adds to; `previous_answer` and `errors` are set in the repair round only.
    """

    request: str
    stack: str
    vocabulary: Vocabulary
    library: Sequence[LibraryEntry] = ()
    previous_answer: str = ""
    errors: Sequence[str] = ()
    joins: ExistingStack | None = None


@dataclass(frozen=True)
class WriteTask:
    """What a body's writer is asked, as data. `steps` bounds a search, 0 as always.

    `shipped` is the body that came along with the spec, "" where none did. `refused` are the
    bodies turned down so far; `previous_body` is the last of them, set
    with its `findings` in the repair round only.
    """

    spec: Spec
    vocabulary: Vocabulary
    library: Sequence[LibraryEntry] = ()
    findings: Sequence[Finding] = ()
    previous_body: str = ""
    steps: int = 0
    refused: Sequence[str] = ()
    shipped: str = ""


@dataclass(frozen=True)
class Exchange:
    """One question to a writer: the rendered prompt, and the same task as data.

    `schema` is a JSON Schema the answer should satisfy (None: plain text). `cycle` names
    the request or repair the exchange belongs to, `step` its place in it, `attempt` counts
    fresh samples of one step: they are what the thought spool is searched by.
    """

    role: Role
    system: str
    user: str
    schema: Mapping[str, Any] | None = None
    max_output_tokens: int = 2_000
    task: PlanTask | WriteTask | None = None
    cycle: str = ""
    step: str = ""
    attempt: int = 0


@dataclass(frozen=True)
class Answer:
    """What came back, and what it cost. Costs are US dollars, times are seconds.

    `note` is what a reader should know of it, such as an input that would decide
    between two rules the examples allow.
    """

    text: str
    writer: str
    means: Means
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = field(default_factory=Decimal)
    seconds: float = 0.0
    stop: str = "end"
    billed: bool = False
    note: str = ""


@runtime_checkable
class Writer(Protocol):
    """Whatever answers an exchange.

    Raises `RequestRefused` when it does not understand what is asked (the offline writer),
    `ModelError` when an endpoint gives no usable answer, `BudgetError` when the money is
    not there. `on_text` is given the answer's pieces as they arrive.
    """

    @property
    def name(self) -> str:
        """As it stands in a module's header: `offline`, `openai gpt-5`…"""
        ...

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        """The answer to one exchange."""
        ...


def writer_for(role: Role, settings: Settings, store: Store | None = None) -> Writer:
    """The writer that `.env` names for a role, with budget, retries and spool around it.

    `LLM_<ROLE>` is `offline`, `openai:<model>`, `anthropic:<model>`, `url:<model>` or
    `recorded:<folder>`. Raises `ConfigError` for anything else.
    """
    from core.llm.routing import build_writer

    return build_writer(role, settings, store)
