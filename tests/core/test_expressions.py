import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.contract.expressions import compile_rules, parse_expression
from core.errors import SpecError

RATIO = {"type": "number", "minimum": 0, "maximum": 1}
SCHEMAS = {
    "a": RATIO,
    "b": RATIO,
    "n": {"type": "integer", "minimum": 0, "maximum": 9},
    "word": {"type": "string"},
    "xs": {"type": "array", "items": RATIO},
    "words": {"type": "array", "items": {"type": "string"}},
    "bar": {"type": "object", "properties": {"low": RATIO, "tag": {"type": "string"}}},
}

ALLOWED = [
    "a <= b",
    "0 <= a < b <= 1",
    "not (a > b) and (a or b)",
    "a if n > 2 else b",
    "len(xs) == n",
    "xs[0] <= xs[-1]",
    "sum(xs[1:]) / len(xs) * 2 >= 0",
    "all(x <= y for x, y in zip(xs, xs[1:]))",
    "max([x for x in xs if x > 0.5], default=0) < 1",
    "isclose(a, b, rel_tol=1e-9)",
    "all(round(x * y, 12) * z < 2 for x, (y, z) in zip(xs, zip(xs, xs)))",
    "round(a, 2) * 3 % 2 // 1 == 0",
    "sorted(xs)[0] * 2 < 3",
    "word in ('x', 'y') or n is None",
    "bar['low'] * n >= -1.5",
    "~n < 0",
    "min(a, b) * max(xs) + abs(-a) <= 3",
]

REFUSED = [
    ("", "is not a rule"),
    ("round(n, -99999999) < 1", "rounds to digits"),
    ("round(n, n) < 1", "rounds to digits"),
    ("round(n, 13) < 1", "rounds to digits"),
    ("all(len(x * 999999999999) > 1 for x in zip(xs, xs))", "may not be a number"),
    ("len(max(zip(xs, xs)) * 999999999999) > 1", "may not be a number"),
    ("len(max(xs, default='a') * 999999999999) > 1", "may not be a number"),
    ("-" * 200 + "a < 1", "nests deeper"),
    ("a <=", "is not a Python expression"),
    ("a = b", "is not a Python expression"),
    ("c < 1", "unknown name 'c'"),
    ("a ** 99", "not allowed to hold"),
    ("n << 99", "not allowed to hold"),
    ("a.real > 0", "not allowed to hold"),
    ("().__class__", "not allowed to hold"),
    ("open('x')", "calls open"),
    ("__import__('os')", "calls __import__"),
    ("(lambda: 1)()", "calls"),
    ("lambda: a", "not allowed to hold"),
    ("(x := a)", "not allowed to hold"),
    ("f'{a}'", "not allowed to hold"),
    ("{1: 2}", "not allowed to hold"),
    ("[x for x in xs for y in xs]", "nests loops"),
    ("[[y for y in xs] for x in xs]", "nests loops"),
    ("{x for x in xs}", "not allowed to hold"),
    ("[a for a in xs]", "binds a"),
    ("[_ for _ in xs]", "binds _"),
    ("[len for len in xs]", "binds len"),
    ("word * n", "multiplies or formats"),
    ("words[0] * n", "multiplies or formats"),
    ("'%99999d' % n", "multiplies or formats"),
    ("xs * n", "multiplies or formats"),
    ("[a] * n", "multiplies or formats"),
    ("(xs + xs) * n", "multiplies or formats"),
    ("(word or 1) * n", "multiplies or formats"),
    ("min(words) * n", "multiplies or formats"),
    ("bar['tag'] * n", "multiplies or formats"),
    ("[w * n for w in words]", "multiplies or formats"),
    ("sum([xs], []) ", "gives sum a start"),
    ("sorted(xs, key=len)", "not allowed to hold"),
    ("max(*xs)", "not allowed to hold"),
    ("a < 1e19", "beyond 1e18"),
    ("a < 10" + "0" * 40, "beyond 1e18"),
    ("b'x' == a", "not allowed to hold"),
    ("1j < a", "not allowed to hold"),
    ("a" + " + a" * 100, "longer than"),
    ("await a", "not allowed to hold"),
    ("a; b", "is not a Python expression"),
    ("a\x00", "is not a Python expression"),
    (7, "is not a rule"),
    (None, "is not a rule"),
]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_a_contract_needs_to_say_is_allowed(text):
    row = {
        "a": 0.2,
        "b": 0.9,
        "n": 3,
        "word": "x",
        "xs": [0.1, 0.5, 0.7],
        "words": ["p"],
        "bar": {"low": 0.5, "tag": "t"},
    }
    rules = compile_rules([parse_expression(text, SCHEMAS)])
    expected = eval(text, {"isclose": lambda a, b, rel_tol: abs(a - b) < rel_tol}, row)
    assert (rules.broken(row, {}) is None) == bool(expected)


@pytest.mark.parametrize(("text", "why"), REFUSED)
def test_anything_else_is_refused_and_says_why(text, why):
    with pytest.raises(SpecError) as caught:
        parse_expression(text, SCHEMAS)
    assert why in caught.value.message
    assert caught.value.remedy
    assert caught.value.value == text


def test_an_unknown_name_is_refused_with_the_nearest_known_one():
    with pytest.raises(SpecError) as caught:
        parse_expression("wrod == 'x'", SCHEMAS)
    assert caught.value.remedy == "did you mean 'word'?"


@given(st.text(max_size=60))
def test_any_text_is_either_a_rule_or_refused(text):
    try:
        rules = compile_rules([parse_expression(text, SCHEMAS)])
    except SpecError:
        return
    row = {"a": 0, "b": 1, "n": 1, "word": "", "xs": [], "words": [], "bar": {}}
    assert rules.broken(row, {}) in (None, text)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_first_rule_that_does_not_hold_is_named(a, b):
    texts = ["a <= b", "a <= 0.5", "b > 0.1"]
    rules = compile_rules([parse_expression(text, SCHEMAS) for text in texts])
    holds = [a <= b, a <= 0.5, b > 0.1]
    expected = texts[holds.index(False)] if not all(holds) else None
    assert rules.broken({"a": a, "b": b}, {}) == expected


def test_a_rule_that_cannot_be_evaluated_does_not_hold():
    texts = ["a >= 0", "1 / a > 0", "xs[5] > 0"]
    rules = compile_rules([parse_expression(text, SCHEMAS) for text in texts])
    assert rules.broken({"a": 0, "xs": []}, {}) == "1 / a > 0"
    assert rules.broken({"a": 1, "xs": []}, {}) == "xs[5] > 0"


def test_outputs_are_read_from_the_outputs_and_inputs_from_the_inputs():
    rule = parse_expression("b <= a", SCHEMAS)
    assert compile_rules([rule], ("b",)).broken({"a": 1}, {"b": 0}) is None
    assert compile_rules([rule], ("b",)).broken({"a": 0}, {"b": 1}) == "b <= a"


def test_a_rule_over_the_largest_values_is_still_quick():
    text = "sum(x for x in xs if x <= max(xs)) >= 0"
    rules = compile_rules([parse_expression(text, SCHEMAS)])
    start = time.process_time()
    assert rules.broken({"xs": [0.5] * 500}, {}) is None
    assert time.process_time() - start < 3
