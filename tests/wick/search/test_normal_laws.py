"""The normal form: blind to layout, names and redundant signs, and to nothing else."""

import ast
from collections import defaultdict
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wick.search.samples import LEVERAGE, UNIQUE, corpus, plain, viewed
from wick.quorum import same_outcome
from wick.search.candidates import canonical
from wick.search.edits import small
from wick.search.normal import normal_form

SOURCES = [plain(function) for function in corpus()]
MIRRORED = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}


class Signs(ast.NodeTransformer):
    """Writes the same in another way, as a seed says where."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if type(node.value) is not int or self.random.random() < 0.5:
            return node
        minus = ast.UnaryOp(ast.USub(), ast.UnaryOp(ast.USub(), node))
        return self.random.choice([minus, ast.UnaryOp(ast.UAdd(), node)])

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        kind = type(node.ops[0])
        if len(node.ops) > 1 or kind not in MIRRORED or self.random.random() < 0.5:
            return node
        return ast.Compare(node.comparators[0], [MIRRORED[kind]()], [node.left])

    def visit_If(self, node: ast.If) -> ast.stmt:
        self.generic_visit(node)
        if self.random.random() < 0.5:
            node.test = ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), node.test))
        return node


class Renamed(ast.NodeTransformer):
    """Other names for the locals."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def written(tree: ast.AST) -> str:
    return ast.unparse(ast.fix_missing_locations(tree))


def locals_of(tree: ast.Module) -> list[str]:
    given = {argument.arg for argument in tree.body[0].args.args}
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    return sorted({n.id for n in nodes if isinstance(n.ctx, ast.Store)} - given)


def renamed(source: str, random: Random) -> str:
    tree = ast.parse(source)
    names = locals_of(tree)
    fresh = [f"name_{n}" for n in range(len(names))]
    random.shuffle(fresh)
    return written(Renamed(dict(zip(names, fresh, strict=True))).visit(tree))


@given(st.sampled_from(SOURCES), st.integers(0, 999))
def test_names_of_locals_do_not_change_it(source, seed) -> None:
    assert normal_form(renamed(source, Random(seed))) == normal_form(source)


@given(st.sampled_from(SOURCES), st.integers(0, 999))
def test_redundant_signs_do_not_change_it(source, seed) -> None:
    signed = written(Signs(seed).visit(ast.parse(source)))
    assert normal_form(signed) == normal_form(source)


@given(st.sampled_from(SOURCES), st.integers(1, 3), st.text("abc ", max_size=9))
def test_layout_comments_and_docstrings_do_not_change_it(source, blank, words) -> None:
    header, *rows = source.split("\n")
    gap = "\n" * blank
    loose = gap.join([header, f"    {words!r}", *(f"{row}  # {words}" for row in rows)])
    assert normal_form(loose) == normal_form(source)


def test_parameters_keep_their_names() -> None:
    one, other = "def f(a, b):\n    return a", "def f(b, a):\n    return a"
    assert normal_form(one) != normal_form(other)


@pytest.mark.parametrize("sign", ["+", "-", "and", "or", "in", "<", "if 0 else"])
def test_what_cares_for_its_order_keeps_it(sign) -> None:
    turned = [f"def f(a, b):\n    return {x} {sign} {y}" for x, y in ("ab", "ba")]
    assert len(set(map(normal_form, turned))) == 2


@pytest.mark.parametrize("defect", [LEVERAGE, UNIQUE], ids=["leverage", "unique"])
def test_functions_of_one_form_do_the_same_on_every_input(defect, monty) -> None:
    """Of hundreds of neighbours, those that are taken for one are one."""
    view = viewed(defect.subject, defect.visible, monty)
    texts = {edit.apply(defect.subject.source) for edit in small(view)}
    alike = defaultdict(list)
    for text in filter(canonical, sorted(texts)[::2]):
        alike[normal_form(text)].append(text)
    groups = [texts for texts in alike.values() if len(texts) > 1]
    assert groups
    flat = [text for group in groups for text in group]
    for case in (*defect.visible, *defect.others):
        rans = iter(monty.each("", flat, case))
        for group in groups:
            first, *others = [next(rans) for _ in group]
            assert all(same_outcome(first, one) for one in others), group
