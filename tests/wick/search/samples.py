"""Functions to search: whole ones of the benchmark's corpus, and slips with their cases."""

import ast
from typing import NamedTuple

from bench.repair.corpus import Function, functions
from wick.runners.monty import MontyRunner
from wick.search.court import Court
from wick.search.judging import ByValue
from wick.search.lode import view_of
from wick.search.view import View
from wick.subject import Case, Subject, function_named

NAMES = (
    "is_prime", "merge_sorted", "first_unique", "shift_letters", "apply_changes",
    "power", "leverage", "round_order", "crossing",
)  # fmt: skip


class Broken(NamedTuple):
    """A wrong function, cases that show it, and inputs nobody has said anything of."""

    subject: Subject
    visible: tuple[Case, ...]
    others: tuple[Case, ...] = ()


def corpus() -> list[Function]:
    return [function for function in functions() if function.name in NAMES]


def plain(function: Function) -> str:
    """Its text without docstring and annotations."""
    tree = function_named(function.source, function.name)
    tree.body = tree.body[1:] if ast.get_docstring(tree) else tree.body
    tree.returns = None
    for argument in tree.args.args:
        argument.annotation = None
    return ast.unparse(tree)


def subject(source: str, *, module: bool = False) -> Subject:
    tree = ast.parse(source).body[0]
    names = tuple(argument.arg for argument in tree.args.args)
    return Subject(tree.name, ast.unparse(tree), names, module=module)


def viewed(of: Subject, cases: tuple[Case, ...], runner: MontyRunner) -> View:
    """The function as the edit families see it."""
    court = Court(of.preamble, cases, ByValue(), runner)
    court.open(of.source)
    return view_of(of.source, of, court)


LEVERAGE = Broken(
    subject(
        """def leverage(confidence, volatility, most):
    if confidence <= 0.5:
        return {'leverage': 1.0}
    raw = 1 + (confidence - 0.5) * 3 * (most - 1) / (1 + 10 * volatility)
    return {'leverage': min(most, max(1.0, raw))}""",
        module=True,
    ),
    (
        Case((0.9, 0.0, 5.0), expected={"leverage": 4.2}),
        Case((0.75, 0.1, 9.0), expected={"leverage": 3.0}),
        Case((0.4, 0.1, 9.0), expected={"leverage": 1.0}),
    ),
    tuple(
        Case((n / 10, n / 50, 4.0 + n % 3), expected={"leverage": 0}) for n in range(9)
    ),
)
UNIQUE = Broken(
    subject(
        """def first_unique(values, limit):
    kept = []
    for value in values:
        if len(kept) > limit:
            break
        if value not in kept:
            kept.append(value)
    return kept"""
    ),
    (
        Case(([3, 1, 3, 2], 2), expected=[3, 1]),
        Case(([], 2), expected=[]),
        Case(([5, 5, 4], 0), expected=[]),
        Case(([1, 2, 1], 3), expected=[1, 2]),
    ),
    tuple(Case(([n % 3, n % 2, 4, n], n % 4)) for n in range(8)),
)
MERGED = Broken(
    subject(
        """def merged(left, right):
    both = []
    i = j = 0
    while i < len(left) and j < len(right):
        if left[i] <= right[j]:
            both.append(left[i])
            i += 1
        else:
            both.append(left[j])
            j += 1
    return both + left[i:] + right[j:]"""
    ),
    (
        Case(([1, 4], [2, 3]), expected=[1, 2, 3, 4]),
        Case(([2], [1]), expected=[1, 2]),
        Case(([1], [2]), expected=[1, 2]),
    ),
)
SHIFTED = Broken(
    subject(
        """def shifted(text, step):
    out = []
    for letter in text:
        if letter.isalpha():
            place = (ord(letter) - ord('a') - step) % 26
            out.append(chr(place + ord('a')))
        else:
            out.append(letter)
    return ''.join(out)"""
    ),
    (
        Case(("abc", 1), expected="bcd"),
        Case(("xyz!", 3), expected="abc!"),
        Case(("a b", 0), expected="a b"),
    ),
)
