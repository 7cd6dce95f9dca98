"""Grown expressions: what they are said to give is what Python gives."""

import ast
from collections import Counter

import pytest

from tests.wick.search.samples import LEVERAGE, MERGED, SHIFTED, UNIQUE, subject, viewed
from wick.search.pool import Pool, pool_at
from wick.search.terms import FAILED
from wick.subject import Case

WORDS = subject(
    """def words(table, text, parts):
    found = sorted(parts)
    rest = text.split()
    return table.get(text, len(found)) + len(rest)"""
)
WORDS_CASES = (
    Case(({"a": 3}, "a", {1, 2}), expected=9),
    Case(({"a": 3, "b": 1}, "a b", {5}), expected=9),
    Case(({}, "", set()), expected=9),
)

RAISED = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


@pytest.fixture(scope="module")
def pools(monty) -> list[Pool]:
    views = [viewed(one.subject, one.visible, monty) for one in (LEVERAGE, MERGED)]
    views += [viewed(one.subject, one.visible, monty) for one in (SHIFTED, UNIQUE)]
    views.append(viewed(WORDS, WORDS_CASES, monty))
    return [pool_at(view, place.line) for view in views for place in view.text.places]


def python_gives(text: str, names: dict[str, object]) -> object:
    try:
        return eval(compile(text, "term", "eval"), {}, dict(names))
    except RAISED:
        return FAILED


def agree(said: object, given: object) -> bool:
    if said is FAILED:
        # Work of a term may be bounded where Python's is not.
        return given is FAILED or (isinstance(given, int) and abs(given) > 10**18)
    return repr(said) == repr(list(given) if type(said) is list else given)


def test_a_terms_values_are_those_of_its_text(pools) -> None:
    count = 0
    for pool in pools:
        for term in pool.terms[::3]:
            for value, visit in zip(term.values, pool.visits, strict=True):
                given = python_gives(term.text, visit.names)
                assert agree(value, given), (term.text, value, given, visit.names)
                count += 1
    assert count > 1_000


def test_a_condition_holds_where_its_text_does(pools) -> None:
    count = 0
    for pool in pools:
        for condition in pool.conditions[::3]:
            for holds, visit in zip(condition.truth, pool.visits, strict=True):
                given = python_gives(condition.text, visit.names)
                told = given if given is FAILED else bool(given)
                assert holds is told, (condition.text, holds, visit.names)
                count += 1
    assert count > 1_000


def test_no_two_terms_give_the_same_everywhere(pools) -> None:
    for pool in pools:
        if pool.visits:
            keys = Counter(repr(term.values) for term in pool.terms)
            assert max(keys.values()) == 1


def test_the_smaller_of_two_alike_is_kept_and_small_ones_come_first(pools) -> None:
    for pool in pools:
        sizes = [term.size for term in pool.terms]
        assert not pool.visits or sizes == sorted(sizes)


def test_a_condition_tells_arrivals_apart_and_few_are_twins(pools) -> None:
    for pool in pools:
        twins = Counter(condition.truth for condition in pool.conditions)
        assert all(True in truth for truth in twins)
        assert all(len(truth) == 1 or False in truth for truth in twins)
        assert max(twins.values(), default=0) <= 3


def test_every_text_is_one_expression(pools) -> None:
    for pool in pools:
        for one in (*pool.terms[::5], *pool.conditions[::5]):
            assert isinstance(ast.parse(one.text, mode="eval"), ast.Expression)
