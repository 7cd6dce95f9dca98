"""What a reader is told of a search: why it failed, what it left undecided."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.contract import Contract
from core.llm.offline.search.branches import results_of
from core.llm.offline.search.domain import failing_row, frozen, only, simplest_first
from core.llm.offline.search.hunt import Hunt
from core.llm.offline.search.price import price, unused
from core.llm.offline.search.problem import Problem
from core.llm.offline.search.terms import Row, Term
from core.llm.offline.values import same


def reason(hunt: Hunt, contract: Contract, name: str, rows: Sequence[Row]) -> str:
    """Why a search found nothing, and what to add."""
    problem = hunt.problem
    if not problem.kind:
        return f"Search cannot make values such as '{name}': it needs a model's key."
    if hunt.rejected:
        simplest = min(hunt.rejected, key=lambda term: price(problem, term))
        return broken(contract, {name: simplest}, rows)
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


def broken(contract: Contract, terms: Mapping[str, Term], rows: Sequence[Row]) -> str:
    """Where terms that give the examples break the contract."""
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


def note(hunt: Hunt, rows: Sequence[Row]) -> str:
    """What a reader should know of the term found; empty when there is nothing."""
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
