"""One normal form for texts that behave alike, and never for two that do not."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wick.search.normal import normal_form

ALIKE = {
    "locals": ("t = a\n    return t", "s = a\n    return s"),
    "sides": ("return a > b", "return b < a"),
    "equality": ("return a == b", "return b == a"),
    "negation": ("if not not a:\n        return b", "if a:\n        return b"),
    "opposite": ("return not a == b", "return a != b"),
    "product": ("return a * b", "return b * a"),
    "sum with a number": ("return a + 1", "return 1 + a"),
    "brackets": ("return (a + b)", "return a + b"),
    "turned branches": (
        "if not a:\n        b = 1\n    else:\n        b = 2\n    return b",
        "if a:\n        b = 2\n    else:\n        b = 1\n    return b",
    ),
    "update": ("a += 1\n    return a", "a = a + 1\n    return a"),
    "docstring": ("'''Says so.'''\n    return a", "return a"),
}
UNLIKE = {
    "sums of texts": ("return a + b", "return b + a"),
    "sides of a difference": ("return a - b", "return b - a"),
    "order that may raise": ("return a and b[0]", "return b[0] and a"),
    "parameters": ("return a", "return b"),
    "signs": ("return a < b", "return a <= b"),
    "not of a value": ("return not not a", "return a"),
}


def form(body: str) -> str:
    return normal_form(f"def f(a, b):\n    {body}")


@pytest.mark.parametrize("pair", ALIKE.values(), ids=ALIKE)
def test_what_behaves_alike_has_one_form(pair) -> None:
    assert form(pair[0]) == form(pair[1])


@pytest.mark.parametrize("pair", UNLIKE.values(), ids=UNLIKE)
def test_what_behaves_otherwise_has_another(pair) -> None:
    assert form(pair[0]) != form(pair[1])


LEAVES = st.sampled_from(["a", "b", "0", "1", "2.5"])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*<>"), inner),
        st.builds("(not {})".format, inner),
        st.builds("(-{})".format, inner),
        st.builds("({} == {})".format, inner, inner),
    ),
    max_leaves=8,
)


@given(EXPRESSIONS, st.integers(-3, 3), st.floats(-3, 3))
def test_the_form_gives_what_the_text_gives(expression, a, b) -> None:
    text = f"def f(a, b):\n    return {expression}"
    results = []
    for source in (text, normal_form(text)):
        space: dict[str, object] = {}
        exec(source, space)
        results.append(space["f"](a, b))  # type: ignore[operator]
    assert results[0] == results[1]


@given(EXPRESSIONS)
def test_the_form_of_a_form_is_itself(expression) -> None:
    once = normal_form(f"def f(a, b):\n    return {expression}")
    assert normal_form(once) == once
    assert ast.parse(once)
