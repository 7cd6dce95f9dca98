"""A module's file: golden headers and footers, and a body that survives the round trip."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.body import parse_body
from core.errors import BodyRefused, NotFound
from core.module_file import parse_module_text, read_module, render_module
from core.spec import Spec, parse_spec
from core.template_footer import render_footer
from core.template_header import VersionInfo, render_header
from core.vocabulary import base_vocabulary
from tests.core.stack_samples import spec

GOLDEN = Path(__file__).parent.parent / "golden"
LEVERAGE = parse_spec(
    """\
---
name: leverage_manager
role: function
inputs:
  confidence: {unit: ratio}
  volatility: {unit: ratio, description: ATR / close}
  max_leverage: {type: number, minimum: 1, maximum: 50}
outputs:
  leverage: {type: number, minimum: 1, maximum: 50, safer: lower}
---
From 1 at confidence 0.5 rise linearly to max_leverage at confidence 1; divide the rise by
1 + 10 × volatility. At confidence 0.5 or less, use 1.
""",
    stack="trading",
    vocabulary=base_vocabulary(),
)
LEVERAGE_BODY = """\
if confidence <= 0.5:
    return {"leverage": 1.0}
raw = 1 + (confidence - 0.5) * 2 * (max_leverage - 1) / (1 + 10 * volatility)
return {"leverage": min(max_leverage, max(1.0, raw))}
"""
ASKING = spec(
    "opinion",
    {"closes": {"unit": "numbers"}, "volume": "number"},
    {"mood": "number"},
    capabilities=["ask_model"],
    state={"calm": {"type": "integer", "minimum": 0, "maximum": 9, "initial": 0}},
)
ASKING_BODY = """\
answer = ask_model(question="up?")
return {"mood": math.sqrt(len(closes)), "calm": 0 if answer is None else 1}
"""
CASES = {
    "searched": (
        LEVERAGE,
        LEVERAGE_BODY,
        VersionInfo(4, "offline", "search", 3, "repair: ValueError"),
    ),
    "asking": (ASKING, ASKING_BODY, VersionInfo(1, "openai gpt-5", "model")),
}


@pytest.mark.parametrize("name", CASES)
def test_headers_footers_and_files_are_as_they_were(name: str) -> None:
    made, text, info = CASES[name]
    body = parse_body(text)
    rendered = {
        "header": render_header(made, body, info),
        "footer": render_footer(made),
        "module": render_module(made, body, info),
    }
    for part, found in rendered.items():
        assert found == (GOLDEN / f"{name}.{part}.txt").read_text()


@pytest.mark.parametrize("name", CASES)
def test_a_file_gives_back_the_body_that_was_put_in(name: str) -> None:
    made, text, info = CASES[name]
    body = parse_body(text)
    file = parse_module_text(render_module(made, body, info))
    assert file.canonical() == body
    assert (file.module, file.version) == (made.id, body.hash[:6])


@given(
    prose=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
)
def test_no_intent_and_no_writer_can_leave_the_docstring(prose: str) -> None:
    hostile = Spec("desk", "half", "function", f'a""" {prose} \\', ASKING.contract)
    body = parse_body("return {'mood': 1.0, 'calm': 0}")
    text = render_module(hostile, body, VersionInfo(1, f'"""{prose}\\', prose))
    docstring, *_imports, function = ast.parse(text).body
    assert isinstance(docstring, ast.Expr)
    assert isinstance(function, ast.FunctionDef)
    assert parse_module_text(text).canonical() == body


@pytest.mark.parametrize(
    "text, word",
    [
        ("", "0 functions"),
        ("def f(:\n", "does not parse"),
        ("def f():\n    return 1\n", "not marked with @module"),
        ("@module('a.f')\ndef f():\n    return 1\n", "a version as plain text"),
        ("@module(x, version='1')\ndef f():\n    return 1\n", "plain text"),
        ("@module('a.f', version='1')\ndef f(): return 1\n", "line of its def"),
        ("@module('a.f', version='1')\ndef f():\n    'only words'\n", "no body"),
        ("def f():\n    return 1\ndef g():\n    return 1\n", "2 functions"),
        ("\x00", "does not parse"),
    ],
)
def test_what_is_no_generated_module_is_refused_with_its_reason(
    tmp_path: Path, text: str, word: str
) -> None:
    path = tmp_path / "f.py"
    path.write_text(text)
    with pytest.raises(BodyRefused, match=word) as refused:
        read_module(path)
    assert refused.value.where == str(path)


def test_a_file_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_module(tmp_path / "nothing.py")


def test_a_docstring_a_person_added_and_windows_lines_do_not_change_the_body() -> None:
    made, text, info = CASES["searched"]
    file = render_module(made, parse_body(text), info)
    edited = file.replace("-> dict:\n", '-> dict:\n    """Mine."""\n\n    # why\n')
    assert parse_module_text(edited).canonical() == parse_body(text)
    assert parse_module_text(file.replace("\n", "\r\n")).canonical() == parse_body(text)
