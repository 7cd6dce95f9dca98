"""A decision made again from what was kept of it: every call, compared bit for bit.

Modules are pure, so the same version on the same inputs must give the same. With another
version of one module, everything that reads what it changed runs again, and nothing else.
"""

import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from core.names import RESERVED_OUTPUTS
from core.stack import Stack
from core.stack.tick import PORTFOLIO
from core.stack.wiring import PROCEED, STARTING, STATE, PhasePlan
from trading.shell.ledger.events import Decided

Values = Mapping[str, Any]
Link = Mapping[str, Any]


class Answer(NamedTuple):
    """What a call gave: None and the reason where it gave nothing, `remark` else."""

    outputs: Values | None
    remark: str = ""


Call = Callable[[str, int, Values], Answer]
"""A module by its name, its version and its inputs."""


@dataclass(frozen=True)
class Again:
    """One call made again: `inputs` and `made` are what it was given and gave now.

    `recorded` is None for a module that the recorded decision did not reach, `made` is
    None for one that is not reached any more, or cannot be called: `remark` says why.
    """

    phase: str
    module: str
    version: int
    inputs: Values
    recorded: Values | None
    made: Values | None
    remark: str = ""

    @property
    def same(self) -> bool:
        """Whether it gave exactly what it gave then."""
        return identical(self.recorded, self.made)

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """The outputs that differ: then, and now."""
        then, now = self.recorded or {}, self.made or {}
        names = dict.fromkeys((*then, *now))
        pairs = {name: (then.get(name), now.get(name)) for name in names}
        return {name: pair for name, pair in pairs.items() if not identical(*pair)}


def again(decided: Decided, call: Call) -> list[Again]:
    """Every call of a decision, with its recorded inputs and in its recorded version."""
    return [_again(link, call) for link in decided.trace]


def _again(link: Link, call: Call) -> Again:
    answer = call(link["module"], link["version"], link["inputs"])
    who = link["phase"], link["module"], link["version"]
    return Again(*who, link["inputs"], link["outputs"], *answer)


def identical(a: Any, b: Any) -> bool:
    """Equal to the last bit: 1 is not 1.0, 0.0 not -0.0; a tuple is like a list."""
    if isinstance(a, float) and isinstance(b, float):
        return struct.pack("<d", a) == struct.pack("<d", b)
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(identical(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple) and isinstance(b, list | tuple):
        return len(a) == len(b) and all(map(identical, a, b))
    return type(a) is type(b) and bool(a == b)


def otherwise(
    stack: Stack, decided: Decided, call: Call, versions: Mapping[str, int]
) -> list[Again]:
    """The decision with other `versions` of some modules: each call that was made again.

    `stack` holds the recorded versions, but for those. A module runs again where one of
    its inputs is another now, or where a gate that ended its phase no longer does.
    """
    walk = _Walk(stack, decided, call, versions)
    return [one for phase in stack.wiring.phases for one in walk.phase(phase)]


def values_after(decided: Decided, made: Sequence[Again]) -> dict[str, Any]:
    """Everything the decision's modules made, with what they made now in its place."""
    now = {(one.phase, one.module): one.made for one in made}
    found: dict[str, Any] = {}
    for link in decided.trace:
        outputs = now.pop((link["phase"], link["module"]), link["outputs"])
        found.update(_named(link["module"], outputs or {}))
    for (_, module), outputs in now.items():
        found.update(_named(module, outputs or {}))
    return found


def _named(module: str, outputs: Values) -> dict[str, Any]:
    """Outputs as the rest of the stack knows them."""
    return {
        f"{module}.{name}" if name in RESERVED_OUTPUTS else name: value
        for name, value in outputs.items()
    }


class Lack(Enum):
    """Why there is no value: its maker makes nothing, or it is not on record."""

    NOT_MADE = 1
    NOT_RECORDED = 2


NOT_MADE, NOT_RECORDED = Lack.NOT_MADE, Lack.NOT_RECORDED


@dataclass
class _Walk:
    """A decision walked through again, phase by phase.

    `made` is what each module gave now, `given` what was recorded of starting values and
    state, by the module that read them; `ended` are the phases that a gate ends now.
    """

    stack: Stack
    decided: Decided
    call: Call
    versions: Mapping[str, int]
    made: dict[str, Values] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.links = {link["module"]: link for link in self.decided.trace}
        self.given: dict[tuple[str, str], Any] = {}
        for link in self.decided.trace:
            scope = link["symbol"]
            read = link["inputs"].items()
            self.given.update(((scope, name), value) for name, value in read)
        self.symbolic = {
            module
            for phase in self.stack.wiring.phases
            if phase.each == "symbol"
            for module in phase.modules
        }

    def phase(self, phase: PhasePlan) -> Iterator[Again]:
        """The calls of a phase that were made again, or are not made any more."""
        if phase.asked:
            return
        cut = phase.needs in self.ended and not self._for_others(phase)
        for module in phase.modules:
            if cut:
                yield from self._not_reached(phase, module)
                continue
            yield from self._turn(phase, module)
            outputs = self.made.get(module, {})
            if outputs.get(PROCEED, True) is False:
                self.ended.add(phase.name)
                cut = True

    def _for_others(self, phase: PhasePlan) -> bool:
        """Whether a portfolio phase runs for other symbols, as recorded."""
        links = [self.links[m] for m in phase.modules if m in self.links]
        read = [value for link in links for value in link["inputs"].values()]
        rows = [row for value in read if isinstance(value, list) for row in value]
        named = {row.get("symbol") for row in rows if isinstance(row, Mapping)}
        return phase.each != "symbol" and bool(named - {None, self.decided.symbol})

    def _not_reached(self, phase: PhasePlan, module: str) -> Iterator[Again]:
        link = self.links.get(module)
        if link is not None:
            who = phase.name, module, link["version"]
            yield Again(*who, {}, link["outputs"], None, "not reached any more")

    def _turn(self, phase: PhasePlan, module: str) -> Iterator[Again]:
        """A module's turn: as recorded where nothing is different for it."""
        link = self.links.get(module)
        inputs = {
            name: self._input(phase, module, name) for name in self._reads(module)
        }
        lacking = [n for n, v in inputs.items() if isinstance(v, Lack)]
        if lacking:
            unknown = [n for n in lacking if inputs[n] is NOT_RECORDED]
            failed = module in self.decided.faults
            if link or (unknown == lacking and not failed):
                yield self._unable(phase, module, lacking)
            return
        if link and module not in self.versions and identical(inputs, link["inputs"]):
            self.made[module] = link["outputs"]
            return
        version = self.stack.entries[module].version
        answer = self.call(module, version, inputs)
        if answer.outputs is not None:
            self.made[module] = answer.outputs
        recorded = link["outputs"] if link else None
        yield Again(phase.name, module, version, inputs, recorded, *answer)

    def _reads(self, module: str) -> Sequence[str]:
        return list(self.stack.entries[module].spec.contract.parameters)

    def _unable(self, phase: PhasePlan, module: str, lacking: Sequence[str]) -> Again:
        link = self.links.get(module)
        version = self.stack.entries[module].version
        remark = f"cannot be called: it lacks {', '.join(lacking)}"
        recorded = link["outputs"] if link else None
        return Again(phase.name, module, version, {}, recorded, None, remark)

    def _input(self, phase: PhasePlan, module: str, name: str) -> Any:
        """An input as it is now; NOT_MADE where its maker makes nothing, NOT_RECORDED
        where nobody can say."""
        source = self.stack.wiring.sources(module).get(name, "")
        if source not in (STARTING, STATE):
            if phase.each == "symbol" or source not in self.symbolic:
                return self.made.get(source, {}).get(name, NOT_MADE)
            return self._rows(phase, module, name, source)
        scope = self.decided.symbol if phase.each == "symbol" else PORTFOLIO
        for place in (scope, PORTFOLIO):
            if (place, name) in self.given and (scope == place or self._shared(name)):
                return self.given[place, name]
        own = self.stack.file.own.get(name)
        return own.value if own and own.fixed else NOT_RECORDED

    def _shared(self, name: str) -> bool:
        """Whether a starting value is the same for every symbol."""
        return name not in self.stack.starts_for("symbol")

    def _rows(self, phase: PhasePlan, module: str, name: str, source: str) -> Any:
        """The rows of all symbols as recorded, this symbol's with what it made now."""
        link = self.links.get(module)
        if link is None or name not in link["inputs"]:
            return NOT_RECORDED
        mine = self.made.get(source, {})
        symbol = self.decided.symbol
        rows = [row for row in link["inputs"][name] if row["symbol"] != symbol]
        if name in mine and phase.needs not in self.ended:
            rows.append({"symbol": symbol, name: mine[name]})
        return sorted(rows, key=lambda row: str(row["symbol"]))
