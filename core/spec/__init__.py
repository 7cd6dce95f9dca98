"""A spec: one module's intent and contract, read from Markdown with front matter.

The prose is the request, the front matter the law. Whatever breaks the law is
refused with `file:line`, the field, the value and a remedy.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from core.contract import Contract
from core.errors import NotFound, SpecError
from core.names import name_fault, suggest
from core.spec.contract import ContractReader
from core.spec.front_matter import FrontMatter, read_front_matter, write_front_matter
from core.spec.schemas import Resolver
from core.spec.text import describe as describe
from core.spec.text import signature as signature
from core.spec.text import type_stubs as type_stubs
from core.vocabulary import Vocabulary

KEYS = (
    "name",
    "role",
    "inputs",
    "outputs",
    "assumes",
    "invariants",
    "examples",
    "capabilities",
    "state",
    "fallback",
    "series",
    "gate_strength",
    "samples",
)
REQUIRED = ("name", "role", "inputs", "outputs")
DEFAULT_STRENGTH = 0.5
DEFAULT_SAMPLES = 4
MAX_INTENT = 20_000
MOST_KEPT = 500  # specs of a process
_PUNCTUATION = re.compile(r"""[,;:?"'`_#@$\\{}]|\.(?!\d)|!(?!=)""")


@dataclass(frozen=True)
class Spec:
    """One module, asked for: its intent in prose and its contract.

    `gate_strength` is the share of mutants (0 to 1) the gate must kill before a body
    may be swapped in without a person; `samples` how many bodies a writer may try.
    """

    stack: str
    name: str
    role: str
    intent: str
    contract: Contract
    gate_strength: float = DEFAULT_STRENGTH
    samples: int = DEFAULT_SAMPLES
    text: str = ""
    path: Path | None = None

    @property
    def id(self) -> str:
        """The module's name in the whole project: ``stack.name``."""
        return f"{self.stack}.{self.name}"

    @cached_property
    def description(self) -> str:
        """The intent's first sentence, on one line."""
        line = " ".join(self.intent.split())
        found = re.match(r".+?[.!?;](?=\s|$)", line)
        return (found[0] if found else line).rstrip(".;")

    @cached_property
    def digest(self) -> str:
        """12 hex of the canonical text: layout and comments do not change it."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    def __hash__(self) -> int:
        return hash((self.stack, self.digest))


def parse_spec(
    text: str, *, stack: str, vocabulary: Vocabulary, path: Path | None = None
) -> Spec:
    """Read a spec's Markdown; SpecError with file:line, field, value and remedy."""
    document = read_front_matter(text, str(path) if path else "spec")
    resolver = Resolver(document, vocabulary)
    _known_keys(resolver)
    data = document.data
    name = _name(resolver)
    role = _role(resolver)
    if path and path.stem != name:
        why = f"is '{name}' but the file is '{path.name}'"
        raise resolver.refuse(("name",), why, f"rename one to '{name}.md'", name)
    return Spec(
        stack=stack,
        name=name,
        role=role,
        intent=_intent(resolver),
        contract=ContractReader(resolver, vocabulary.roles[role]).read(),
        gate_strength=_share(resolver),
        samples=_samples(resolver),
        text=render_spec({**data, "intent": document.prose}),
        path=path,
    )


def load_spec(path: Path | str, vocabulary: Vocabulary) -> Spec:
    """The spec in a file; its folder is its stack."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise SpecError(
            "the spec is not UTF-8 text",
            remedy="save it as UTF-8",
            where=f"{path}:1",
        ) from error
    except OSError as error:
        raise NotFound(
            f"the spec {path} cannot be read ({error.strerror})",
            remedy="`asza list` shows the specs there are",
            value=str(path),
        ) from error
    return _parsed(text, path, _Same(vocabulary))


@dataclass(frozen=True, eq=False)
class _Same:
    """A vocabulary that is told from others by being the very same."""

    vocabulary: Vocabulary

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.vocabulary is self.vocabulary

    def __hash__(self) -> int:
        return id(self.vocabulary)


@lru_cache(MOST_KEPT)
def _parsed(text: str, path: Path, words: _Same) -> Spec:
    """A command reads the specs of a stack more than once; what it says is read once."""
    return parse_spec(
        text, stack=path.parent.name, vocabulary=words.vocabulary, path=path
    )


def load_specs(folder: Path | str, vocabulary: Vocabulary) -> list[Spec]:
    """Every spec of a stack's folder, by name."""
    return [load_spec(path, vocabulary) for path in sorted(Path(folder).glob("*.md"))]


def render_spec(draft: Mapping[str, Any]) -> str:
    """The canonical Markdown of a draft: the front matter's keys and `intent`.

    Keys come in the order of the reference; unknown ones last, for the parser to
    refuse. Reading the text back gives a spec equal to the draft.
    """
    known = {key: draft[key] for key in KEYS if key in draft}
    unknown = {k: v for k, v in draft.items() if k not in KEYS and k != "intent"}
    return write_front_matter({**known, **unknown}, str(draft.get("intent", "")))


def spec_from_draft(
    draft: Mapping[str, Any], *, stack: str, vocabulary: Vocabulary
) -> Spec:
    """One entry of a plan as a spec, under the same law as a file."""
    return parse_spec(render_spec(draft), stack=stack, vocabulary=vocabulary)


def normalised_intent(text: str) -> str:
    """The intent with case, spaces and punctuation folded, to tell reuse by.

    Whatever can carry meaning in a formula stays: operators, brackets and the points
    of decimals.
    """
    return " ".join(_PUNCTUATION.sub(" ", text.casefold()).split())


def _known_keys(resolver: Resolver) -> None:
    data = resolver.document.data
    for key in data:
        if key not in KEYS:
            why = "is not a key of a spec"
            raise resolver.refuse((key,), why, suggest(key, KEYS), data[key])
    for key in REQUIRED:
        if key not in data:
            raise resolver.refuse((), f"the key '{key}' is missing", f"add '{key}:'")


def _name(resolver: Resolver) -> str:
    name = resolver.document.data["name"]
    if fault := name_fault(name):
        remedy = "use a name such as leverage_manager"
        raise resolver.refuse(("name",), f"is no name: {fault}", remedy, name)
    return str(name)


def _role(resolver: Resolver) -> str:
    role, known = resolver.document.data["role"], resolver.vocabulary.roles
    if not isinstance(role, str) or role not in known:
        why = f"is {role!r}, which the stack does not declare"
        raise resolver.refuse(("role",), why, suggest(str(role), known), role)
    return role


def _intent(resolver: Resolver) -> str:
    document: FrontMatter = resolver.document
    end = f"{document.source}:{max(document.lines.values(), default=1) + 2}"
    if not document.prose:
        why, remedy = "the intent is empty", "say under the front matter what to do"
    elif len(document.prose) > MAX_INTENT:
        why = f"the intent is longer than {MAX_INTENT} characters"
        remedy = "a module is ten lines: say less, or split it"
    else:
        return document.prose
    raise SpecError(why, remedy=remedy, field="intent", where=end)


def _share(resolver: Resolver) -> float:
    value = resolver.document.data.get("gate_strength", DEFAULT_STRENGTH)
    if type(value) not in (int, float) or not 0 <= value <= 1:
        why = f"is {value!r}, not a share of mutants"
        raise resolver.refuse(("gate_strength",), why, "give 0 to 1", value)
    return float(value)


def _samples(resolver: Resolver) -> int:
    value = resolver.document.data.get("samples", DEFAULT_SAMPLES)
    if type(value) is not int or not 1 <= value <= 32:
        why = f"is {value!r}, not a number of tries"
        raise resolver.refuse(("samples",), why, "give an integer, 1 to 32", value)
    return value
