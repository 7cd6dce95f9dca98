"""A model's answer is reduced to one function; a table of answers is no repair."""

import json

import pytest

from core.errors import BodyRefused
from wick.plain.model import function_in
from wick.plain.unfit import why_unfit
from wick.subject import Case, Subject

SUBJECT = Subject("f", "def f(a, b=2):\n    return a - b", ("a", "b"))
WHOLE = "def f(a, b=2):\n    return a + b"


@pytest.mark.parametrize(
    "answer",
    [
        WHOLE,
        json.dumps({"function": WHOLE}),
        f"Here it is:\n```python\n{WHOLE}\n```\nThat mends it.",
        "```json\n" + json.dumps({"function": WHOLE}) + "\n```",
        f"<think>a, b… so plus</think>\n{WHOLE}",
        f'"""Mended."""\n@cache\n{WHOLE}\nprint(f(1, 2))',
        "def f(a: int, b: int = 3) -> int:\n    return a + b",
    ],
)
def test_the_function_is_taken_out_of_what_stands_around_it(answer: str):
    assert function_in(answer, SUBJECT) == WHOLE


def test_what_it_imports_and_its_helpers_are_put_into_it():
    made = function_in(
        "import math\ndef g(x):\n    return x\n" + WHOLE.replace("a + b", "g(a)"),
        SUBJECT,
    )
    assert made.startswith("def f(a, b=2):\n    import math\n\n    def g(x):")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("I am sorry, I cannot help with that.", "parse"),
        ("def g(a, b=2):\n    return a + b", "no function f"),
        ("def f(a):\n    return a", "other parameters"),
        ('{"function": "def f(a', "JSON"),
        ("", "empty"),
        (f"{WHOLE}\n{WHOLE}", "no function f"),
    ],
)
def test_what_holds_no_such_function_is_refused_with_the_reason(answer: str, says: str):
    with pytest.raises(BodyRefused, match=says):
        function_in(answer, SUBJECT)


CASES = [Case((12, 30)), Case((47, 5)), Case((8, 99)), Case((61, 7))]


@pytest.mark.parametrize(
    "body",
    [
        "if a == 12:\n        return 42\n    if a == 47:\n        return 52\n    return 0",
        "return {(12, 30): 42, (47, 5): 52, (8, 99): 107}[a, b]",
        "return {12: 42, 47: 52, 8: 107, 61: 68}[a]",
        "return 42 if (a, b) == (12, 30) else 52 if b in (5, 6) else 0",
        "match a:\n        case 12:\n            return 42\n        case 47:\n            return 52",
    ],
)
def test_a_table_of_the_cases_answers_is_told(body: str):
    assert "remembers" in why_unfit(f"def f(a, b=2):\n    {body}", SUBJECT, CASES)


@pytest.mark.parametrize(
    "body",
    [
        "return a + b",
        "return 0 if a == 12 else a + b",
        "return sum((a, b)) if a != 0 else b",
        "return {1: 'one', 2: 'two'}.get(a, a + b)",
        "return a + 12 + 47 + 8 - 67 + b",
    ],
)
def test_a_rule_is_no_table(body: str):
    assert why_unfit(f"def f(a, b=2):\n    {body}", SUBJECT, CASES) == ""


def test_what_the_function_compared_with_before_it_may_go_on_comparing_with():
    before = "def f(a, b=2):\n    return 1 if a == 12 else 2 if a == 47 else b"
    after = before.replace("else b", "else a")
    assert why_unfit(after, Subject("f", before, ("a", "b")), CASES) == ""


def test_another_signature_is_no_repair():
    assert why_unfit("def f(a, b=3):\n    return a", SUBJECT, CASES)
