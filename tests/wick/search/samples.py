"""Functions to search: some of the benchmark's, which are whole, and what runs them."""

from bench.repair.corpus import Function, functions
from bench.repair.defects import Defect, defects
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


def corpus() -> list[Function]:
    return [function for function in functions() if function.name in NAMES]


def broken(names: tuple[str, ...]) -> list[Defect]:
    return [defect for defect in defects() if defect.name in names]


def plain(function: Function) -> str:
    """Its text without docstring and annotations."""
    import ast

    tree = function_named(function.source, function.name)
    tree.body = tree.body[1:] if ast.get_docstring(tree) else tree.body
    tree.returns = None
    for argument in tree.args.args:
        argument.annotation = None
    return ast.unparse(tree)


def subject(source: str) -> Subject:
    import ast

    tree = ast.parse(source).body[0]
    names = tuple(argument.arg for argument in tree.args.args)
    return Subject(tree.name, ast.unparse(tree), names)


def viewed(of: Subject, cases: tuple[Case, ...], runner: MontyRunner) -> View:
    """The function as the edit families see it."""
    court = Court(of.preamble, cases, ByValue(), runner)
    court.open(of.source)
    return view_of(of.source, of, court)
