"""A stack's catalogue: units, roles, phases, starting values and rule words.

Core knows them only as data. A stack names its vocabulary in `stack.toml`; the
base vocabulary here holds what every stack has.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from core.contract import Capability
from core.errors import AszaError, ConfigError, SpecError
from core.names import suggest

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from core.sampling import Source

Schema = Mapping[str, Any]
BASE = "base"
KNOWN = (BASE, "trading.shell.vocabulary")
_GENERATED = ("generated", "prompts")
_BROKEN = (
    *(ImportError, SyntaxError, SystemExit, OSError, AssertionError, RuntimeError),
    *(NameError, AttributeError, TypeError, ValueError, LookupError, ArithmeticError),
    AszaError,
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A named JSON Schema with a finite range, and how to draw sensible values.

    `sample` draws from a seeded or a Hypothesis-backed source (see core/sampling);
    `strategy` gives a ready Hypothesis strategy instead. With neither, values are
    drawn from the schema.
    """

    name: str
    schema: Schema
    description: str
    strategy: "Callable[[], SearchStrategy[Any]] | None" = None
    sample: "Callable[[Source], Any] | None" = None


@dataclass(frozen=True, slots=True)
class StartingValue:
    """A value the shell computes before any module runs.

    `name` may be a family such as ``ema_{n}``: `ranges` gives each parameter's
    first and last integer, `warm_up_of` the bars needed for given parameters.
    """

    name: str
    unit: str
    description: str
    warm_up: int = 0
    each: str = "symbol"
    ranges: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    warm_up_of: Callable[[Mapping[str, int]], int] | None = None

    @property
    def is_family(self) -> bool:
        """True when the name has parameters."""
        return "{" in self.name

    def parameters(self, name: str) -> dict[str, int] | None:
        """The parameters that make this family `name`, or None."""
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[1-9]\\d*)", re.escape(self.name))
        found = re.fullmatch(pattern, name)
        if not found:
            return None
        values = {key: int(text) for key, text in found.groupdict().items()}
        inside = all(low <= values[key] <= high for key, (low, high) in self._ranges())
        return values if inside else None

    def match(self, name: str) -> "StartingValue | None":
        """The concrete starting value called `name`, if this is it or its family."""
        values = self.parameters(name)
        if values is None:
            return None
        bars = self.warm_up_of(values) if self.warm_up_of else self.warm_up
        return replace(self, name=name, warm_up=bars, ranges={}, warm_up_of=None)

    def _ranges(self) -> Iterable[tuple[str, tuple[int, int]]]:
        return self.ranges.items()


class Starting(Protocol):
    """Where a stack looks its starting values up."""

    def lookup(self, name: str) -> StartingValue | None:
        """The starting value called `name`."""

    def catalogue(self) -> Sequence[StartingValue]:
        """All of them, families shown once."""


@dataclass(frozen=True)
class Catalogue:
    """Starting values from a plain sequence of values and families."""

    values: tuple[StartingValue, ...] = ()

    @cached_property
    def _concrete(self) -> dict[str, StartingValue]:
        return {value.name: value for value in self.values if not value.is_family}

    def lookup(self, name: str) -> StartingValue | None:
        """The starting value called `name`; a concrete one wins over a family."""
        if name in self._concrete:
            return self._concrete[name]
        found = (value.match(name) for value in self.values if value.is_family)
        return next((value for value in found if value), None)

    def catalogue(self) -> Sequence[StartingValue]:
        """All values in the order they were declared."""
        return self.values


@dataclass(frozen=True, slots=True)
class Role:
    """What a module is for: its phase, and the outputs its role expects.

    `outputs` maps an output name to a unit's name or a schema; `safer` gives the
    safe direction of an output whose spec does not state one.
    """

    name: str
    phase: str
    description: str
    outputs: Mapping[str, str | Schema] = field(default_factory=dict)
    safer: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Phase:
    """A step of a tick, run for each symbol or once for the portfolio.

    `needs` and `asked` are what `core.stack.phases.PhasePlan` says of them.
    """

    name: str
    each: str = "symbol"
    needs: str = ""
    asked: bool = False


@dataclass(frozen=True, slots=True)
class RuleWords:
    """The rule sentences a stack understands, for the offline writer.

    `grammar` is a lark grammar fragment; `transformer` builds, for a vocabulary,
    the object that turns its trees into specs and bodies; `examples` are sentences
    shown to a person whose request was not understood, `joining` those for a request
    that joins a stack which stands.
    """

    grammar: str
    transformer: "Callable[[Vocabulary], Any]"
    examples: tuple[str, ...] = ()
    joining: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """Everything a stack's specs may name."""

    name: str
    units: Mapping[str, Unit]
    roles: Mapping[str, Role]
    phases: tuple[Phase, ...]
    starting: Starting = field(default_factory=Catalogue)
    rules: RuleWords | None = None
    capabilities: Mapping[str, Capability] = field(default_factory=dict)

    def unit(self, name: str) -> Unit:
        """The unit called `name`; SpecError with the nearest known one if none is."""
        if name not in self.units:
            raise SpecError(
                f"unknown unit '{name}'",
                remedy=suggest(name, self.units),
                field="unit",
                value=name,
            )
        return self.units[name]

    def starting_value(self, name: str) -> StartingValue | None:
        """The starting value called `name`, if the stack declares it."""
        return self.starting.lookup(name)


def _number(low: float, high: float) -> dict[str, Any]:
    return {"type": "number", "minimum": low, "maximum": high}


def _integer(low: int, high: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": low, "maximum": high}


def base_units() -> dict[str, Unit]:
    """The units every stack has, by name."""
    numbers = {"type": "array", "items": _number(-1e9, 1e9), "maxItems": 500}
    units = (
        Unit("ratio", _number(0, 1), "a share from 0 to 1"),
        Unit("percent", _number(-1000, 1000), "a percentage; 5 means 5 %"),
        Unit("number", _number(-1e9, 1e9), "any finite number"),
        Unit("count", _integer(0, 1_000_000), "how many, from 0"),
        Unit("integer", _integer(-(10**9), 10**9), "a whole number"),
        Unit("flag", {"type": "boolean"}, "true or false"),
        Unit("text", {"type": "string", "maxLength": 10_000}, "text"),
        Unit("seconds", _integer(0, 4_102_444_800), "seconds since 1970, UTC"),
        Unit("numbers", numbers, "a list of finite numbers"),
    )
    return {unit.name: unit for unit in units}


def base_vocabulary() -> Vocabulary:
    """Core's own vocabulary: base units, the role `function`, no starting values."""
    ask = Capability(
        name="ask_model",
        inputs={"question": {"type": "string", "maxLength": 10_000, "x-unit": "text"}},
        output={"type": ["string", "null"], "maxLength": 10_000, "x-unit": "text"},
        description="asks a model one question; null when it abstains",
    )
    return Vocabulary(
        name=BASE,
        units=base_units(),
        roles={"function": Role("function", "run", "a pure function of its inputs")},
        phases=(Phase("run"),),
        capabilities={"ask_model": ask},
    )


def load_vocabulary(dotted: str, chosen: str = "") -> Vocabulary:
    """The vocabulary at a dotted module name: its VOCABULARY or its vocabulary().

    Loading one runs its code, and the name may come from a stack's file. So only
    those of `KNOWN` and the one `chosen` in the settings are loaded; ConfigError for
    any other, before anything is imported, and for one that fails while it loads.
    """
    if dotted == BASE:
        return base_vocabulary()
    if not re.fullmatch(r"[a-z_]\w*(\.[a-z_]\w*)*", dotted):
        raise _no_vocabulary(dotted, "is not a dotted module name")
    if dotted.partition(".")[0] in _GENERATED:
        raise _no_vocabulary(dotted, "stands where ASZA writes, and is never loaded")
    if dotted not in (*KNOWN, chosen):
        raise _no_vocabulary(dotted, "is not one that may be loaded here")
    try:
        found = _vocabulary_in(dotted)
    except _BROKEN as error:
        why = f"cannot be imported ({type(error).__name__}: {error})"
        raise _no_vocabulary(dotted, why) from error
    if not isinstance(found, Vocabulary):
        raise _no_vocabulary(dotted, "has neither VOCABULARY nor vocabulary()")
    return found


def _vocabulary_in(dotted: str) -> Any:
    module = importlib.import_module(dotted)
    found = getattr(module, "VOCABULARY", None)
    if found is None and callable(factory := getattr(module, "vocabulary", None)):
        return factory()
    return found


def _no_vocabulary(dotted: str, why: str) -> ConfigError:
    return ConfigError(
        f"the vocabulary '{dotted}' {why}",
        remedy=f"name one of {', '.join(KNOWN)}; a module of your own that defines "
        "VOCABULARY must be named in the setting ASZA_VOCABULARY first",
        field="vocabulary",
        value=dotted,
    )
