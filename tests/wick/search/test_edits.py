"""Edits: valid Python, within the law, and nothing that eats the machine."""

import ast
import re
import warnings

import pytest

from tests.wick.search.samples import (
    LEVERAGE,
    MERGED,
    SHIFTED,
    UNIQUE,
    subject,
    viewed,
)
from wick.search.candidates import lawful
from wick.search.edits import grown, small
from wick.search.order import ordered
from wick.search.text import Edit
from wick.search.view import View
from wick.subject import Case

DEFECTS = (UNIQUE, MERGED, SHIFTED, LEVERAGE)


@pytest.fixture(scope="module")
def views(monty) -> list[View]:
    return [viewed(one.subject, one.visible, monty) for one in DEFECTS]


@pytest.fixture(scope="module")
def offered(views) -> list[tuple[View, Edit]]:
    return [(view, edit) for view in views for edit in (*small(view), *grown(view))]


def valid(text: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "candidate", "exec")
    except SyntaxError:
        return False
    return True


def test_edits_keep_valid_python(offered) -> None:
    some = offered[::17]
    wrong = [edit for view, edit in some if not valid(edit.apply(view.text.source))]
    assert len(some) > 1_500
    assert len(wrong) <= 0.01 * len(some), wrong[:9]


def test_edits_leave_one_function_of_the_same_signature(offered) -> None:
    for view, edit in offered[::97]:
        text = edit.apply(view.text.source)
        if valid(text):
            tree = ast.parse(text)
            assert len(tree.body) == 1
            assert ast.dump(tree.body[0].args) == ast.dump(view.text.function.args)


@pytest.mark.parametrize("sign", ["**", "<<"])
def test_what_eats_time_and_memory_is_never_offered(offered, sign) -> None:
    assert not [edit for _, edit in offered if sign in edit.text]


def test_a_power_that_stands_there_is_not_multiplied(monty) -> None:
    of = subject("def f(a, b):\n    c = a ** 2 + b % 3\n    return c - 1")
    view = viewed(of, (Case((2, 3), expected=0), Case((3, 5), expected=9)), monty)
    found = [e for e in (*small(view), *grown(view)) if e.text.count("**") > 1]
    assert all(edit.words.startswith("repeat ") for edit in found), found


def test_every_edit_says_where_it_is_and_why_it_may_be(offered) -> None:
    for view, edit in offered:
        assert 1 <= edit.line <= 2 + view.text.source.count("\n")
        assert 0 < edit.prior <= 1
        assert edit.words
        assert edit.family


def test_order_drops_nothing_and_no_family_waits_for_another_to_end(views) -> None:
    for view in views:
        edits = list(small(view))
        queue = ordered(edits, view)
        assert sorted(queue) == sorted(edits)
        first = {edit.family for edit in queue[: len(queue) // 3]}
        assert len(first) >= 0.7 * len({edit.family for edit in edits})


def test_a_modules_body_stays_within_its_law(offered) -> None:
    module = DEFECTS[-1].subject
    assert module.module
    rows = [
        (view, edit) for view, edit in offered if view.text.function.name == "leverage"
    ]
    kept = [
        edit
        for view, edit in rows
        if lawful(edit, edit.apply(view.text.source), module)
    ]
    assert 0 < len(kept) < len(rows)
    assert not [e for e in kept if re.search(r"\b(while|raise)\b", e.text)]


def test_text_in_other_alphabets_is_cut_where_it_ends(monty) -> None:
    of = subject("def f(x):\n    y = 'ä→ö' + x\n    return y + 'ß' * (len(x) - 1)")
    view = viewed(of, (Case(("é",), expected="ä→öéß"),), monty)
    texts = [edit.apply(of.source) for edit in small(view)]
    assert sum(map(valid, texts)) >= 0.99 * len(texts)
    assert "len(x) + 1" in "\n".join(texts)
