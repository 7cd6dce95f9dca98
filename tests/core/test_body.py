"""The body rules: what a body may be, and what the writer is told of it."""

import ast
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import allowed
from core.body import (
    BODY_RULES,
    body_rules_text,
    check_body,
    function_source,
    parse_body,
    uses_math,
)
from core.errors import BodyRefused
from tests.core.gate_samples import ASK, JUDGE, LEVERAGE, LEVERAGE_BODY, read

SPEC = read(JUDGE)


def broken(text: str, spec=SPEC) -> str:
    return " | ".join(found.message for found in check_body(spec, text))


def test_a_plain_body_breaks_no_rule():
    assert check_body(read(LEVERAGE), LEVERAGE_BODY) == []


def test_layout_quotes_comments_and_docstring_do_not_change_the_hash():
    messy = (
        '\r\n    """Says what."""\r\n    # remark\r\n'
        "    if confidence <= 0.5: return {'leverage': 1.0,}  # why\r\n\r\n"
        "    raw = (1 + (confidence-0.5)*2*(max_leverage - 1)/(1+10*volatility))\r\n"
        "    return {'leverage': min(max_leverage, max(1.0, raw))}\r\n"
    )
    assert parse_body(messy).text == parse_body(LEVERAGE_BODY).text
    assert parse_body(messy).hash == parse_body(LEVERAGE_BODY).hash


def test_the_canonical_text_is_its_own_canonical_text():
    once = parse_body("x=1;y=2\nreturn {'out':x+y}").text
    assert parse_body(once).text == once
    assert once.splitlines()[:2] == ["x = 1", "y = 2"]


@given(st.integers(1, 14))
def test_ten_lines_are_allowed_and_an_eleventh_is_not(count: int):
    rows = [f"a{n} = x" for n in range(count - 1)]
    text = "\n".join([*rows, 'return {"out": x}'])
    assert bool(broken(text)) == (count > 10)


def test_lines_are_counted_after_formatting():
    packed = "; ".join(f"a{n} = x" for n in range(10)) + '\nreturn {"out": x}'
    assert "11 lines" in broken(packed)


def test_a_line_the_formatter_cannot_shorten_is_refused():
    assert "columns wide" in broken(f'y = "{"x" * 90}"\nreturn {{"out": x}}')


@given(st.sampled_from(sorted(allowed.BUILTINS)))
def test_no_listed_builtin_may_be_assigned(name: str):
    assert f"'{name}' may not be assigned" in broken(f'{name} = x\nreturn {{"out": x}}')


@given(
    st.sampled_from([n for n in dir(__builtins__) if n.islower()] + ["eval", "open"])
)
def test_no_unlisted_builtin_may_be_named(name: str):
    found = broken(f'return {{"out": {name}(x)}}')
    assert (name in allowed.BUILTINS) == ("is not allowed" not in found)


@given(st.sampled_from([name for name in dir(math) if not name.startswith("_")]))
def test_math_gives_what_is_listed_and_no_more(name: str):
    found = broken(f'return {{"out": math.{name}}}')
    assert (name in allowed.MATH) == (found == "")


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("import os", "import is not allowed"),
        ("from os import *", "import is not allowed"),
        ("while x: x = 0", "while is not allowed"),
        ("with x: x = 0", "with is not allowed"),
        ("try: x = 0\nexcept ValueError: x = 1", "try is not allowed"),
        ("raise ValueError(x)", "raise is not allowed"),
        ("assert x", "assert is not allowed"),
        ("del x", "del is not allowed"),
        ("global x", "global is not allowed"),
        ("class A: pass", "class is not allowed"),
        ("def f(): return 1", "def is not allowed"),
        ("x", "an expression on its own is not allowed"),
        ("y = (z := x)", "a walrus (:=) is not allowed"),
        ("y = yield", "yield is not allowed"),
        ("y = 1 << 3", "<< is not allowed"),
        ("y = x @ x", "@ is not allowed"),
        ("y = 2 ** 3 ** 4", "** inside an exponent"),
        ("y = 2 ** (1 + 3 ** 4)", "** inside an exponent"),
        ("y = 1j", "a complex number is not allowed"),
        ("y = b'a'", "only plain text"),
        ("y = [[b for b in rows] for a in rows]", "a comprehension inside another"),
        ("y = [b for a in rows for b in a]", "two for clauses"),
        ("y = round(x, 2)", "round is called with a number of digits"),
        ("y = round(x, ndigits=1)", "round is called with a number of digits"),
        ("y = lambda v: v", "a lambda that is no sort key"),
        ("y = sorted(rows, key=lambda v=[]: v)", "a lambda that is no sort key"),
        ("y = {x, 1.0}", "a set used for more than `in`"),
        ("y = '%s' % x", "% formatting is not allowed"),
        ("y = f'{x!r}'", "this f-string format is not allowed"),
        ("y = f'{x:>9999}'", "this f-string format is not allowed"),
        ("y = rows.append", "the attribute .append is not allowed"),
        ("y = name.format(x)", "the attribute .format is not allowed"),
        ("y = rows[0](x)", "the result of an expression is called"),
        ("y = name(x)", "'name' may not be called"),
        ("y = rows[0].get('close')", ".get hides a missing field"),
        ("y = dict(rows[0]).pop('close', 0)", ".pop with a default"),
        ("y = 'close' in rows[0]", "asks whether a field is there"),
        ("rows[0]['close'] = 1.0", "'rows' is changed in place"),
        ("rows.append(x)", "'rows' is changed in place"),
        ("for rows[0] in [1]: x = 1", "'rows' is changed in place"),
        ("a__b = x", "'a__b' has a double underscore"),
        ("y = x.__class__", "the attribute .__class__ is not allowed"),
        ("y = other", "the name 'other' is not allowed"),
        ("y = judge(x, name, rows)", "the name 'judge' is not allowed"),
    ],
)
def test_each_forbidden_thing_is_refused_by_name(statement: str, said: str):
    assert said in broken(f'{statement}\nreturn {{"out": x}}')


@pytest.mark.parametrize(
    "statement",
    [
        "x += 1",
        "y: float = x",
        "y = sorted(rows, key=lambda row: row['close'])",
        "y = max(rows, key=lambda row: row['close'], default=None)",
        "y = name in {'a', 'b'}",
        "y = f'{name} at {x:.2f}, {x:,.0f} or {x:.1%}'",
        "y = [row['close'] ** 2 for row in rows if row['close'] > 0]",
        "y = {**rows[0], 'close': 1.0} if rows else None",
        "rows = list(rows)\nrows.append(x)",
        "for _, (a, b) in enumerate(zip(rows, rows)): x = 1.0",
        "y = math.sqrt(x) if x is not None and not x < 0 else -math.inf",
        "y = name.lower().split(',')[0].strip()",
    ],
)
def test_what_ten_lines_need_is_allowed(statement: str):
    assert broken(f'{statement}\nreturn {{"out": 1.0}}') == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("y = x", "the body returns nothing"),
        ("return", "a bare return"),
        ('return {"oat": x}', "the outputs miss out"),
        ('return {"out": x, "more": x}', "no output is called more"),
    ],
)
def test_a_body_returns_a_dict_of_exactly_the_outputs(text: str, said: str):
    assert said in broken(text)


def test_a_capability_is_called_with_keywords_and_never_kept():
    asker = read(ASK)
    assert "keyword arguments only" in broken(
        'return {"verdict": ask_model("a")}', asker
    )
    assert "may only be called" in broken(
        'y = ask_model\nreturn {"verdict": "a"}', asker
    )
    assert broken('return {"verdict": ask_model(question="a") or ""}', asker) == ""


def test_a_finding_names_the_line_of_the_canonical_body():
    (found,) = check_body(SPEC, '# remark\n\ny = 1\nimport os\nreturn {"out": x}')
    assert (found.check, found.line) == ("form", 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "# only a remark",
        '"""Only a docstring."""',
        "return (",
        "Sure! Here is the body:",
        "```python\nreturn {}\n```",
        "return {}\x00",
        "    return {}\n  x = 1",
        "x" * 5_000,
        "return " + "[" * 900 + "]" * 900,
        "return " + "(" * 900 + "1" + ")" * 900,
        "return " + "not " * 900 + "1",
        "return " + "-" * 3_000 + "1",
        "return x" + ".a" * 1_900,
        "return " + "+".join("1" * 900),
        "return " + "lambda:" * 500 + "1",
    ],
)
def test_what_is_not_a_body_is_refused_with_a_remedy(text: str):
    with pytest.raises(BodyRefused) as refused:
        parse_body(text)
    assert refused.value.remedy
    assert check_body(SPEC, text)[0].message == refused.value.message


@given(st.text(max_size=200))
def test_any_text_is_a_body_or_refused(text: str):
    try:
        body = parse_body(text)
    except BodyRefused:
        return
    assert parse_body(body.text) == body


def test_the_prompt_names_every_rule_and_what_the_spec_gives():
    text = body_rules_text(read(ASK))
    assert all(rule.sentence in text for rule in BODY_RULES)
    assert "Parameters: x." in text
    assert "Return a dict with exactly: verdict." in text
    assert "Capabilities: ask_model." in text


def test_the_source_is_one_function_and_imports_math_when_it_is_used():
    plain = function_source(read(LEVERAGE), LEVERAGE_BODY)
    assert plain.startswith("def leverage_manager(confidence: float")
    with_math = function_source(SPEC, 'return {"out": math.sqrt(x)}')
    assert with_math.startswith("import math\n\n\ndef judge(")
    assert len(ast.parse(with_math).body) == 2
    assert not uses_math(parse_body('y = "math.pi"\nreturn {"out": x}'))
