"""Find a body by search: the smallest typed expression that gives every example.

Enumeration first, then exact fits, the last step from the target's side, min/max and
if/elif/else. Sizes are tried in order, everything is deterministic, and a rule that
says as much as its examples do is refused: it would be a table of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Protocol

from core.contract import Contract
from core.llm.offline.search.budget import OutOfTime, Steps
from core.llm.offline.search.domain import draw_rows, failing_row, only
from core.llm.offline.search.explanations import broken, note, reason
from core.llm.offline.search.hunt import Hunt
from core.llm.offline.search.printing import body_of
from core.llm.offline.search.problem import problems
from core.llm.offline.search.strategies import solve
from core.llm.offline.search.terms import Row, Term

STEPS = 400_000
SECONDS = 30.0


class SpecLike(Protocol):
    """What the search reads of a spec."""

    @property
    def name(self) -> str: ...
    @property
    def intent(self) -> str: ...
    @property
    def contract(self) -> Contract: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A body, what a reader should know about it, and what finding it took."""

    body: str
    note: str
    steps: int
    terms: Mapping[str, Term] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class NotFound:
    """Why there is no body, in one sentence that says what to add."""

    sentence: str
    steps: int = 0


def search(
    spec: SpecLike,
    *,
    steps: int = STEPS,
    seconds: float = SECONDS,
    refused: Sequence[str] = (),
) -> Found | None:
    """A body for `spec`, or None; `refused` are bodies the gate has turned down.

    The answer depends on `steps` alone: `seconds` can only turn it into None.
    """
    answer = attempt(spec, steps=steps, seconds=seconds, refused=refused)
    return answer if isinstance(answer, Found) else None


def why_not(
    spec: SpecLike, *, steps: int = STEPS, seconds: float = SECONDS
) -> str | None:
    """Why `search` finds nothing for `spec`, and what to add; None when it does."""
    answer = attempt(spec, steps=steps, seconds=seconds)
    return answer.sentence if isinstance(answer, NotFound) else None


def attempt(
    spec: SpecLike,
    *,
    steps: int = STEPS,
    seconds: float = SECONDS,
    refused: Sequence[str] = (),
) -> Found | NotFound:
    """Search once: the body, or the reason there is none."""
    contract = spec.contract
    missing = _unsearchable(contract)
    if missing:
        return NotFound(missing)
    prose = f"{spec.name}\n{spec.intent}"
    try:
        return _once(
            contract, prose, steps, seconds, frozenset(map(str.strip, refused))
        )
    except OutOfTime:
        return NotFound(
            f"The search was stopped after {seconds:g} seconds: give it more time, or"
            " an example that is simpler."
        )


@lru_cache(maxsize=64)
def _once(
    contract: Contract, prose: str, steps: int, seconds: float, refused: frozenset[str]
) -> Found | NotFound:
    """Asking why not costs no second search; a search stopped in time is not kept."""
    return _attempt(contract, prose, Steps(steps, seconds), refused)


def _unsearchable(contract: Contract) -> str:
    if not contract.examples:
        return "There is no example to search from: add some, such as f(2, 3) is 5."
    if contract.capabilities:
        asked = ", ".join(contract.capabilities)
        return f"Search cannot call capabilities ({asked}): this needs a model's key."
    for name in contract.results:
        if any(name not in example.out for example in contract.examples):
            return f"Not every example gives '{name}': add it to each example."
    for name in contract.parameters:
        if any(name not in example.inputs for example in contract.examples):
            return f"Not every example gives the input '{name}': add it to each."
    return ""


def _attempt(
    contract: Contract, prose: str, budget: Steps, refused: frozenset[str]
) -> Found | NotFound:
    hunts: dict[str, Hunt] = {}
    rows = draw_rows(contract)
    for name, problem in problems(contract, prose).items():
        checked = replace(problem, accepts=_judge(contract, name, rows))
        hunts[name] = Hunt(checked, budget, banned=_banned(contract, name, refused))
        if not (problem.kind and solve(hunts[name])) or hunts[name].evaded:
            sentence = reason(hunts[name], contract, name, rows)
            return NotFound(sentence, budget.used)
    chosen = {name: hunt.ranked()[0] for name, hunt in hunts.items()}
    if failing_row(contract, chosen, rows) is not None:
        return NotFound(broken(contract, chosen, rows), budget.used)
    body = body_of(chosen, contract.parameters)
    if body is None:
        return NotFound(
            "The rule found does not fit ten lines: split it into several functions.",
            budget.used,
        )
    notes = (note(one, rows) for one in hunts.values())
    return Found(body, " ".join(filter(None, notes)), budget.used, chosen)


def _judge(
    contract: Contract, name: str, rows: Sequence[Row]
) -> Callable[[Term], bool]:
    alone = only(contract, name)
    return lambda term: failing_row(alone, {name: term}, rows) is None


def _banned(
    contract: Contract, name: str, refused: frozenset[str]
) -> Callable[[Term], bool]:
    """Terms whose body does not fit or was turned down before."""

    def banned(term: Term) -> bool:
        body = body_of({name: term}, contract.parameters)
        return body is None or body in refused

    return banned


def rule_for(
    contract: Contract, prose: str, *, steps: int = STEPS, seconds: float = SECONDS
) -> dict[str, Term] | None:
    """The cheapest rule behind the examples, wherever else it may fail."""
    if _unsearchable(contract):
        return None
    budget = Steps(steps, seconds)
    found: dict[str, Term] = {}
    try:
        for name, problem in problems(contract, prose).items():
            one = Hunt(problem, budget)
            if not (problem.kind and solve(one)):
                return None
            found[name] = one.ranked()[0]
    except OutOfTime:
        return None
    return found
