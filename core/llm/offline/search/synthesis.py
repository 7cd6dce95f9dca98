"""Find a body by search: the smallest typed expression that gives every example.

Enumeration first, then exact fits, the last step from the target's side, min/max and
if/elif/else. Sizes are tried in order, everything is deterministic, and a rule that
says as much as its examples do is refused: it would be a table of them.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

from core.contract import Contract
from core.llm.offline.search import operators as ops
from core.llm.offline.search.branches import decisions, extremes, leaves, results_of
from core.llm.offline.search.budget import OutOfSteps, OutOfTime, Steps
from core.llm.offline.search.domain import (
    draw_rows,
    failing_row,
    frozen,
    simplest_first,
)
from core.llm.offline.search.fits import features, fits
from core.llm.offline.search.mappings import filtered, kept, list_terms, mapped, spread
from core.llm.offline.search.meet import Index, numbers, one_step, two_steps
from core.llm.offline.search.pool import Pool
from core.llm.offline.search.predicates import Gap, Test, combined, nested, tests
from core.llm.offline.search.printing import body_of
from core.llm.offline.search.problem import Problem, price, problems, unused
from core.llm.offline.search.terms import LIST_OF, NUMBERS, Row, Term, build, same

STEPS = 400_000
SECONDS = 30.0
DEEPEST = 5


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


@dataclass(slots=True)
class Hunt:
    """What one search has met so far."""

    problem: Problem
    steps: Steps
    accepted: list[tuple[float, int, Term]] = field(default_factory=list)
    rejected: list[Term] = field(default_factory=list)
    gaps: dict[int, Gap] = field(default_factory=dict)
    too_long: Term | None = None
    banned: Callable[[Term], bool] | None = None

    def offer(self, term: Term) -> None:
        """Judge a term that gives every example."""
        final = _finished(self.problem, term)
        if final is None or (self.banned and self.banned(final)):
            return
        if len(self.accepted) + len(self.rejected) > 400:
            return
        if self.problem.accepts(final):
            entry = (price(self.problem, final), len(self.accepted), final)
            self.accepted.append(entry)
        else:
            self.rejected.append(final)

    def offer_long(self, term: Term, slack: float = 0) -> None:
        """Judge a term from beyond enumeration: its examples must carry its size."""
        if term.size - spoken_for(self.problem, term) - slack > evidence(self.problem):
            if self.too_long is None or term.size < self.too_long.size:
                self.too_long = term
            return
        self.offer(term)

    @property
    def best(self) -> float:
        """The price of the cheapest accepted term."""
        return min((entry[0] for entry in self.accepted), default=math.inf)

    @property
    def evaded(self) -> bool:
        """True when a clearly simpler rule gives the examples but breaks the contract:
        what is accepted then only invents a way around."""
        simpler = (price(self.problem, term) for term in self.rejected)
        return min(simpler, default=math.inf) + 1 < self.best

    def ranked(self) -> list[Term]:
        """Accepted terms, the cheapest first, in the order found among equals."""
        return [term for _, _, term in sorted(self.accepted, key=lambda e: e[:2])]


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
        return _once(contract, prose, steps, seconds, frozenset(refused))
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
        if not (problem.kind and hunt(hunts[name])) or hunts[name].evaded:
            sentence = _reason(hunts[name], contract, name, rows)
            return NotFound(sentence, budget.used)
    chosen = {name: hunt.ranked()[0] for name, hunt in hunts.items()}
    if failing_row(contract, chosen, rows) is not None:
        return NotFound(_broken(contract, chosen, rows), budget.used)
    body = body_of(chosen, contract.parameters)
    if body is None:
        return NotFound(
            "The rule found does not fit ten lines: split it into several functions.",
            budget.used,
        )
    notes = (_note(one, rows) for one in hunts.values())
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
            if not (problem.kind and hunt(one)):
                return None
            found[name] = one.ranked()[0]
    except OutOfTime:
        return None
    return found


def only(contract: Contract, name: str) -> Contract:
    """The contract with one result; rules about several are checked at the end."""
    single = len(contract.results) == 1
    return Contract(
        inputs=contract.parameter_schemas,
        outputs={name: contract.result_schemas[name]},
        assumes=contract.assumes,
        invariants=contract.invariants if single else (),
    )


def hunt(hunt: Hunt) -> bool:
    """Look for terms in order of effort; True when one was accepted."""
    problem = hunt.problem
    pool = Pool(problem, hunt.steps, hunt.offer)
    if problem.count == 0:
        return False
    try:
        _search(hunt, pool)
    except OutOfSteps:
        return bool(hunt.accepted)
    return bool(hunt.accepted)


def _search(hunt: Hunt, pool: Pool) -> None:
    _enumerate(hunt, pool)
    if hunt.best <= pool.size + 0.5:
        return
    if hunt.problem.kind in LIST_OF.values():
        _element_wise(hunt)
    elif hunt.problem.kind == "bool":
        _conditions(hunt, pool)
    else:
        _composed(hunt, pool)


def _enumerate(hunt: Hunt, pool: Pool) -> None:
    deepest = 3 if hunt.problem.kind == "bool" else DEEPEST
    extra = list_terms(hunt.problem, hunt.steps)
    try:
        while pool.size < deepest and pool.size + 1 <= hunt.best and not pool.full:
            pool.grow(extra)
    except OutOfSteps:
        if not hunt.accepted:
            raise


def _conditions(hunt: Hunt, pool: Pool) -> None:
    problem = hunt.problem
    wanted = sum(1 << n for n, value in enumerate(problem.target) if value is True)
    if wanted in (0, problem.everything):
        return
    terms = _usable(pool, 3, ("bool", "str", *LIST_OF.values(), *NUMBERS))
    found = tests(problem, terms, hunt.steps)
    _offer_tests(hunt, (t for t in found if t.mask == wanted))
    if not hunt.accepted:
        pairs = sorted(combined(found, wanted, hunt.steps), key=lambda t: t.cost)
        hunt.gaps.update({id(t.term): t.gap for t in found if t.gap})
        _offer_tests(hunt, pairs[:20])
    if not hunt.accepted:
        _offer_tests(hunt, nested(found, wanted, hunt.steps))
    if not hunt.accepted:
        _decide(hunt, terms, [], found)


def _offer_tests(hunt: Hunt, found: Iterator[Test] | Sequence[Test]) -> None:
    for test in found:
        if test.gap:
            hunt.gaps[id(test.term)] = test.gap
        hunt.offer_long(test.term)


def _usable(pool: Pool, size: int, kinds: Sequence[str]) -> list[Term]:
    count = pool.problem.count
    return [t for t in pool.up_to(size, kinds) if None not in t.values[:count]]


def _composed(hunt: Hunt, pool: Pool) -> None:
    problem, steps = hunt.problem, hunt.steps
    basis: list[Term] = []
    if problem.kind in NUMBERS:
        basis = features(pool.up_to(3, NUMBERS), problem.count)
        for term, surplus in fits(problem, basis, problem.everything, steps):
            if problem.matches(term):
                hunt.offer_long(term, slack=2 if surplus < 4 else term.size)
        index = Index(problem, numbers(pool.up_to(DEEPEST, NUMBERS)))
        for term in one_step(problem, index, steps, roomiest(problem)):
            hunt.offer_long(term)
            if len(hunt.accepted) > 40:
                break
    kinds = (problem.kind, *(NUMBERS if problem.kind in NUMBERS else ()))
    covering = leaves(
        problem, list(pool.up_to(DEEPEST, tuple(dict.fromkeys(kinds)))), basis, steps
    )
    if problem.kind in NUMBERS:
        for term in extremes(problem, covering, steps):
            hunt.offer_long(term, slack=4)
    if hunt.best > 6:
        terms = _usable(pool, 3, ("bool", "str", *LIST_OF.values(), *NUMBERS))
        found = tests(problem, terms, steps)
        _decide(hunt, terms, covering, found)
    if not hunt.accepted and problem.kind in NUMBERS:
        small = _usable(pool, 3, NUMBERS)[:150]
        for term in two_steps(problem, index, small, steps, roomiest(problem)):
            hunt.offer_long(term)
            if len(hunt.accepted) > 3:
                return


def _decide(
    hunt: Hunt, terms: Sequence[Term], covering: Sequence[Any], found: Sequence[Test]
) -> None:
    problem = hunt.problem
    if not covering:
        covering = leaves(problem, terms, [], hunt.steps)
    hunt.gaps.update({id(test.term): test.gap for test in found if test.gap})
    for count in range(2, DEEPEST + 1):
        term = decisions(problem, covering, found, count, hunt.steps)
        if term is None:
            continue
        if 2 * count > problem.count or not _supported(problem, term):
            hunt.too_long = hunt.too_long or term
            return
        hunt.offer_long(term, slack=_plain_cases(term) + 2 * count)
        if hunt.accepted:
            return


def _plain_cases(term: Term) -> int:
    """The size of cases that are a constant: they say one output each."""
    return sum(result.size for result in results_of(term) if result.constant)


def _supported(problem: Problem, term: Term) -> bool:
    """Most branches must be seen more than once, or the rule is a table."""
    places = list(range(problem.count))
    lonely = 0
    while term.op is ops.CHOOSE:
        test, _, term = term.args
        here = [place for place in places if test.values[place]]
        places = [place for place in places if not test.values[place]]
        lonely += len(here) == 1
    lonely += len(places) == 1
    return lonely <= max(1, problem.count // 4)


def _element_wise(hunt: Hunt) -> None:
    problem = hunt.problem
    lists = [leaf for leaf in problem.leaves if leaf.kind in LIST_OF.values()]
    groups = [[one] for one in lists]
    groups += [[a, b] for n, b in enumerate(lists) for a in lists[:n]]
    for group in groups:
        for term in _maps(hunt, group):
            if problem.matches(term):
                hunt.offer(term)
        if hunt.accepted:
            return
    for items in lists:
        for term in _keeps(hunt, items):
            if problem.matches(term):
                hunt.offer(term)


def _maps(hunt: Hunt, group: Sequence[Term]) -> list[Term]:
    problem = hunt.problem
    for place, wanted in enumerate(problem.target):
        if any(len(term.values[place]) != len(wanted) for term in group):
            return []
    element = spread(problem, group, problem.target)
    kind = problem.kind
    return [mapped(problem, t, group, kind) for t in _inner(hunt, element)]


def _keeps(hunt: Hunt, items: Term) -> list[Term]:
    problem = hunt.problem
    pairs = zip(items.values, problem.target, strict=False)
    flags = [kept(values, result) for values, result in pairs]
    if None in flags:
        return []
    targets = [flag for flag in flags if flag is not None]
    element = spread(problem, [items], targets)
    chosen = element and replace(element, kind="bool")
    return [filtered(problem, t, items) for t in _inner(hunt, chosen)]


def _inner(outer: Hunt, element: Problem | None) -> list[Term]:
    if element is None or not element.target:
        return []
    inner = Hunt(element, outer.steps)
    hunt(inner)
    outer.gaps.update(inner.gaps)
    return inner.ranked()[:5]


def evidence(problem: Problem) -> float:
    """The largest rule the examples can carry, in nodes.

    A rule of n nodes says about 2.8 bits a node; examples must say clearly more.
    """
    bits = sum(_bits(value) for value in problem.target)
    spoken = 2 if problem.words else 0
    if problem.kind == "bool":
        return 4 + problem.count / 2 + spoken
    return max(5.0, (bits - 4) / 2.8) + spoken


def spoken_for(problem: Problem, term: Term) -> int:
    """Nodes that need no evidence: each input once, and numbers the prose states."""
    stated = {(type(value), value) for value in problem.stated}
    parts = [part.literal for part in term.walk() if not part.op and not part.name]
    known = sum((type(value), value) in stated for value in parts)
    return max(0, term.used.bit_count() - 1) + 2 * known


def roomiest(problem: Problem) -> int:
    """The largest term worth looking for."""
    free = len(problem.names) - 1 + 2 * min(3, len(problem.stated))
    return int(evidence(problem) + free)


def _bits(value: Any) -> float:
    if isinstance(value, str):
        return 3.0 * len(value)
    if isinstance(value, tuple):
        return sum(map(_bits, value), 1.0)
    digits = len(repr(value).partition(".")[2].rstrip("0")) if _plain(value) else 6
    bits = 1 + math.log2(1 + abs(value) * 10 ** min(6, digits))
    return bits if value == int(value) else max(6.0, bits)


def _plain(value: Any) -> bool:
    return "e" not in repr(value)


def _finished(problem: Problem, term: Term) -> Term | None:
    """The term as it is returned: rounded, when the prose says so."""
    if not problem.rounds or (term.op and term.op.name == "round"):
        return term
    digits = problem.digits or 0
    kind = "float" if digits else "int"
    final = build(ops.rounded(digits), kind, term)
    pairs = zip(final.values, problem.target, strict=False)
    return final if all(same(value, wanted) for value, wanted in pairs) else None


def _reason(hunt: Hunt, contract: Contract, name: str, rows: Sequence[Row]) -> str:
    problem = hunt.problem
    if not problem.kind:
        return f"Search cannot make values such as '{name}': it needs a model's key."
    if hunt.rejected:
        simplest = min(hunt.rejected, key=lambda term: price(problem, term))
        return _broken(contract, {name: simplest}, rows)
    if hunt.too_long is not None or problem.count < 4:
        return _too_few(hunt)
    return (
        f"No rule of the size searched gives all {problem.count} examples of '{name}'"
        f" ({hunt.steps.used:,} tried): say the rule in words with its numbers, add"
        " an input it depends on, or split it into smaller functions."
    )


def _too_few(hunt: Hunt) -> str:
    count = hunt.problem.count
    term = hunt.too_long
    shape = f" with {len(results_of(term))} cases" if term and _many(term) else ""
    asked = max(2 * len(results_of(term)) if term else 0, count + 2)
    return (
        f"There are too few examples ({count}) for what the rule would need{shape}:"
        f" add examples until there are {asked}, two or more for each case."
    )


def _many(term: Term) -> bool:
    return len(results_of(term)) > 1


def _broken(contract: Contract, terms: Mapping[str, Term], rows: Sequence[Row]) -> str:
    (text, *_) = [term.text() for term in terms.values()]
    names = tuple(terms)
    judged = (
        only(contract, names[0]) if len(names) < len(contract.results) else contract
    )
    row = failing_row(judged, terms, rows) or {}
    at = ", ".join(f"{key} = {_short(value)}" for key, value in row.items())
    return (
        f"'{text}' gives the examples but breaks the contract at {at}: narrow the"
        " inputs (bounds or assumes), or add an example there."
    )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


def _note(hunt: Hunt, rows: Sequence[Row]) -> str:
    best, *others = hunt.ranked()
    notes = [_ignored(hunt.problem, best), *_open_boundaries(hunt, best)]
    limit = price(hunt.problem, best) + 1
    for other in others:
        if price(hunt.problem, other) > limit:
            break
        row = _apart(best, other, rows)
        if row is not None:
            notes.append(_ambiguous(best, other, row))
            break
    return " ".join(filter(None, notes))


def _ignored(problem: Problem, term: Term) -> str:
    names = " and ".join(f"'{name}'" for name in unused(problem, term))
    return f"The rule found does not use {names}." if names else ""


def _open_boundaries(hunt: Hunt, term: Term) -> Iterator[str]:
    stated = {value for value, size in hunt.problem.constants if size == 1}
    for part in term.walk():
        gap = hunt.gaps.get(id(part))
        if gap is None or gap.taken in stated:
            continue
        whole = gap.subject.kind == "int"
        if not (whole and gap.high - gap.low == 1):
            yield (
                f"No example has {gap.subject.text()} between {gap.low} and"
                f" {gap.high}: {part.text()} is taken as the boundary."
            )


def _apart(best: Term, other: Term, rows: Sequence[Row]) -> Row | None:
    for row in simplest_first(rows):
        (given,) = frozen([row])
        if not same(best.at(given), other.at(given)):
            return row
    return None


def _ambiguous(best: Term, other: Term, row: Row) -> str:
    at = ", ".join(f"{key} = {_short(value)}" for key, value in row.items())
    (given,) = frozen([row])
    return (
        f"'{best.text()}' is taken; '{other.text()}' gives the examples as well: an"
        f" example at {at} would decide ({_short(best.at(given))} or"
        f" {_short(other.at(given))})."
    )
