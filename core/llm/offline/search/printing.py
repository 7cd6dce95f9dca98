"""From found terms to the lines of a body: early returns, named intermediates."""

from collections.abc import Mapping, Sequence

from core.llm.offline.search import operators as ops
from core.llm.offline.search.terms import Term

WIDTH = 84  # 88 columns less the body's indentation
LINES = 10
NAMES = ("part", "rest", "base", "first_part", "second_part", "third_part")


def body_of(results: Mapping[str, Term], taken: Sequence[str]) -> str | None:
    """Statements that return the results; None when ten lines do not hold them."""
    lines = _branching(results, taken) if len(results) == 1 else None
    if lines is None or len(lines) > LINES:
        lines = _flat(results, taken)
    return "\n".join(lines) if len(lines) <= LINES else None


def _branching(results: Mapping[str, Term], taken: Sequence[str]) -> list[str] | None:
    ((name, term),) = results.items()
    lines = []
    while term.op is ops.CHOOSE:
        condition, result, term = term.args
        lines.append(f"if {condition.text()}:")
        lines += [f"    {line}" for line in _return({name: result.text()})]
    if any(len(line) > WIDTH for line in lines):
        return None
    return [*lines, *_flat({name: term}, taken)]


def _flat(results: Mapping[str, Term], taken: Sequence[str]) -> list[str]:
    named: list[str] = []
    free = [name for name in NAMES if name not in {*taken, *results}]
    current = dict(results)
    for name in free:
        if len(_return(_texts(current))) == 1:
            break
        split = _widest(current)
        if split is None:
            break
        text = split.text()
        if len(f"{name} = {text}") > WIDTH:
            break
        named.append(f"{name} = {text}")
        current = {key: swap(term, text, name) for key, term in current.items()}
    return [*named, *_return(_texts(current))]


def _texts(results: Mapping[str, Term]) -> dict[str, str]:
    return {name: term.text() for name, term in results.items()}


def _return(texts: Mapping[str, str]) -> list[str]:
    pairs = [f'"{name}": {text}' for name, text in texts.items()]
    line = f"return {{{', '.join(pairs)}}}"
    if len(line) <= WIDTH:
        return [line]
    return ["return {", *(f"    {pair}," for pair in pairs), "}"]


def _widest(results: Mapping[str, Term]) -> Term | None:
    """The largest part worth a name: at most half of the longest result."""
    longest = max(results.values(), key=lambda term: len(term.text()))
    room = max(WIDTH // 2, len(longest.text()) // 2)
    parts = [
        part for part in longest.walk() if part.op and 8 < len(part.text()) <= room
    ]
    return max(parts, key=lambda part: len(part.text()), default=None)


def swap(term: Term, text: str, name: str) -> Term:
    """The term with every part that reads `text` replaced by a name."""
    if term.text() == text:
        return Term(term.kind, 1, term.values, term.used, name=name)
    if term.op is None:
        return term
    args = tuple(swap(arg, text, name) for arg in term.args)
    return Term(term.kind, term.size, term.values, term.used, term.op, args)
