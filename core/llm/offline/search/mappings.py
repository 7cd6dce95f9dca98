"""Comprehensions: small element-wise rules, as list terms the search can go on with."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from core.llm.offline.search import operators as ops
from core.llm.offline.search.budget import Steps
from core.llm.offline.search.pool import Pool
from core.llm.offline.search.problem import Problem, make_leaf
from core.llm.offline.search.terms import (
    ELEMENT,
    LIST_OF,
    NUMBERS,
    Op,
    Row,
    Term,
    build,
)

MOST_MAPS = 80


def element_names(problem: Problem, count: int = 1) -> list[str]:
    """Names for elements that no parameter has."""
    free = [n for n in ("x", "y", "item", "other", "part") if n not in problem.names]
    return free[:count]


def spread(
    problem: Problem, lists: Sequence[Term], targets: Sequence[Sequence[Any]] | None
) -> Problem | None:
    """The problem of one element: lists walked in step, the other inputs kept."""
    names = element_names(problem, len(lists))
    rows: list[Row] = []
    wanted: list[Any] = []
    for place, row in enumerate(problem.rows):
        columns = [term.values[place] for term in lists]
        known = targets is not None and place < len(targets)
        if None in columns or (targets is not None and not known):
            continue
        for index, items in enumerate(zip(*columns, strict=False)):
            rows.append({**row, **dict(zip(names, items, strict=True))})
            if targets is not None:
                wanted.append(targets[place][index])
    return _element_problem(problem, lists, names, rows, tuple(wanted))


def _element_problem(
    problem: Problem,
    lists: Sequence[Term],
    names: Sequence[str],
    rows: Sequence[Row],
    wanted: tuple[Any, ...],
) -> Problem | None:
    if not rows:
        return None
    scalars = [leaf for leaf in problem.leaves if not leaf.path and _scalar(leaf)]
    leaves = []
    for place, (name, term) in enumerate(zip(names, lists, strict=True)):
        leaf = make_leaf(name, (), place, rows)
        leaves.append(replace(leaf, kind=ELEMENT[term.kind]))
    for place, scalar in enumerate(scalars, len(names)):
        leaf = make_leaf(scalar.name, (), place, rows)
        leaves.append(replace(leaf, kind=scalar.kind))
    return Problem(
        leaves=tuple(leaves),
        rows=tuple(rows),
        target=wanted,
        kind=ELEMENT.get(problem.kind, problem.kind),
        constants=problem.constants,
        words=problem.words,
        stated=problem.stated,
        names=(*names, *(scalar.name for scalar in scalars)),
    )


def _scalar(leaf: Term) -> bool:
    return leaf.kind in (*NUMBERS, "str", "bool")


def mapped(problem: Problem, inner: Term, lists: Sequence[Term], kind: str) -> Term:
    """`[inner for x in xs]` as a term."""
    return _comprehension(problem, inner, None, lists, kind)


def filtered(problem: Problem, condition: Term, items: Term) -> Term:
    """`[x for x in xs if condition]` as a term."""
    return _comprehension(problem, None, condition, [items], items.kind)


def _comprehension(
    problem: Problem,
    inner: Term | None,
    condition: Term | None,
    lists: Sequence[Term],
    kind: str,
) -> Term:
    names = element_names(problem, len(lists))
    parts = [part for part in (inner, condition) if part is not None]
    read = {leaf.name for part in parts for leaf in part.walk() if leaf.name}
    scalars = [leaf for leaf in problem.leaves if leaf.name in read - set(names)]
    given = [leaf.name for leaf in scalars]
    count = len(lists)

    def apply(*values: Any) -> tuple[Any, ...]:
        known = dict(zip(given, values[count:], strict=True))
        found = []
        for items in zip(*values[:count], strict=False):
            row = {**known, **dict(zip(names, items, strict=True))}
            if condition is None or condition.at(row):
                found.append(items[0] if inner is None else inner.at(row))
        return tuple(found)

    op = Op(
        "comprehension",
        _form(inner, condition, names),
        apply,
        needs=(0,) * (count + len(scalars)),
        cost=max(1, sum(part.size for part in parts) - len(scalars) - count),
    )
    return build(op, kind, *lists, *scalars)


def _form(inner: Term | None, condition: Term | None, names: Sequence[str]) -> str:
    head = _plain(inner.text()) if inner is not None else names[0]
    source = "zip({}, {})" if len(names) == 2 else "{}"
    test = f" if {_plain(condition.text(1))}" if condition is not None else ""
    return f"[{head} for {', '.join(names)} in {source}{test}]"


def _plain(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def list_terms(problem: Problem, steps: Steps) -> list[Term]:
    """List terms by small element-wise rules, for sums and counts of them."""
    lists = [leaf for leaf in problem.leaves if leaf.kind in LIST_OF.values()]
    found: list[Term] = []
    for items in lists:
        found += _over(problem, [items], steps)
        found += list(_filters(problem, items))
    for place, first in enumerate(lists):
        for second in lists[:place]:
            found += _over(problem, [second, first], steps)
    return found


def _over(problem: Problem, lists: Sequence[Term], steps: Steps) -> list[Term]:
    element = spread(problem, lists, None)
    if element is None or any(term.kind == "strs" for term in lists):
        return []
    pool = Pool(replace(element, kind="int"), steps, _ignore)
    for _ in range(3):
        pool.grow()
    every = (1 << len(lists)) - 1
    inner = [term for term in pool.up_to(3, NUMBERS) if term.used & every == every]
    return [
        mapped(problem, term, lists, LIST_OF[term.kind])
        for term in inner[1 if len(lists) == 1 else 0 : MOST_MAPS]
    ]


def _ignore(term: Term) -> None:
    """Nothing is looked for among element-wise terms; they are only listed."""
    del term


def _filters(problem: Problem, items: Term) -> Iterator[Term]:
    element = spread(problem, [items], None)
    if element is None:
        return
    one, *others = element.leaves
    if items.kind in ("ints", "floats"):
        bars = [element.literal(v, s) for v, s in problem.constants if _number(v)]
        bars += [leaf for leaf in others if leaf.kind in NUMBERS]
        for bar in bars[:12]:
            for op in (ops.MORE, ops.LESS, ops.AT_LEAST, ops.AT_MOST, ops.UNEQUAL):
                yield filtered(problem, build(op, "bool", one, bar), items)
    if items.kind == "ints":
        for part in (2, 3):
            rest = build(ops.REMAINDER, "int", one, element.literal(part))
            for op in (ops.EQUAL, ops.UNEQUAL):
                even = build(op, "bool", rest, element.literal(0))
                yield filtered(problem, even, items)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def kept(items: Sequence[Any], result: Sequence[Any]) -> tuple[bool, ...] | None:
    """Which items a filter kept, if `result` is what it left of `items` in order."""
    flags, place = [], 0
    for item in items:
        hit = place < len(result) and result[place] == item
        flags.append(hit)
        place += hit
    return tuple(flags) if place == len(result) else None
