"""The second opinion from CPython: it agrees, and nothing gets out of it."""

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.body import function_source
from core.calls import CapabilityCall
from core.errors import BodyRefused
from core.gate.cross_check import cross_check
from core.native import compile_native
from core.sandbox import Sandbox
from core.sandbox.policy import Policy
from tests.core.gate_samples import LEVERAGE, LEVERAGE_BODY, read

SHORT = Policy(seconds=0.3, row_seconds=0.0)
LEVERAGE_SOURCE = function_source(read(LEVERAGE), LEVERAGE_BODY)
ROW = st.fixed_dictionaries(
    {
        "confidence": st.floats(0, 1),
        "volatility": st.floats(-0.2, 1),
        "max_leverage": st.floats(1, 50),
    }
)


def run(body: str, row: dict | None = None, **options):
    text = f"def f(x) -> dict:\n    {body}\n"
    return cross_check(text, "f", [row or {"x": [1]}], **options)[0]


@settings(max_examples=8)
@given(st.lists(ROW, min_size=1, max_size=40))
def test_cpython_native_and_sandbox_agree(sandbox: Sandbox, rows):
    theirs = cross_check(LEVERAGE_SOURCE, "leverage_manager", rows)
    ours = sandbox.batch(LEVERAGE_SOURCE, "leverage_manager", rows)
    native = compile_native(LEVERAGE_SOURCE, "leverage_manager")
    for row, a, b in zip(rows, theirs, ours, strict=True):
        assert (a.ok, a.error) == (b.ok, b.error)
        if a.ok:
            assert a.outputs == b.outputs == native(**row)


def test_an_error_has_its_name_and_the_line_of_the_body():
    outcome = run("y = 1\n    return {'y': y / 0}")
    assert (outcome.error, outcome.line) == ("ZeroDivisionError", 2)


def test_changed_arguments_are_seen():
    assert run("x.append(2)\n    return {'y': 1}").changed_inputs
    assert not run("return {'y': x}").changed_inputs


def test_recorded_answers_are_given_again():
    text = 'def f(x, *, ask) -> dict:\n    return {"y": ask(question=x)}\n'
    calls = [[CapabilityCall("ask", {"question": q}, q * 2)] for q in "ab"]
    rows = [{"x": "a"}, {"x": "c"}]
    found = cross_check(text, "f", rows, calls=calls)
    assert found[0].outputs == {"y": "aa"}
    assert "was not asked this" in found[1].message


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("return [0] * 10**10", "MemoryError"),
        ("return 'a' * 10**10", "MemoryError"),
        ("return f(x)", "RecursionError"),
        ("while True: pass", "TimeoutError"),
        ("return open('/etc/passwd')", "NameError"),
        ("return __import__('os')", "NameError"),
        ("import os", "ImportError"),
        ("return ().__class__.__base__.__subclasses__()", "TypeError"),
        ("return f.__globals__['math'].__loader__.load_module('os')", None),
        (
            "return [c for c in ().__class__.__base__.__subclasses__()"
            " if c.__name__ == '_wrap_close'][0].__init__.__globals__",
            None,
        ),
    ],
)
def test_nothing_gets_out(body: str, error: str | None):
    outcome = run(body, policy=SHORT)
    assert not outcome.ok
    assert error in (None, outcome.error)


def test_the_environment_is_empty_and_no_file_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("ASZA_CANARY", "sing")
    target = tmp_path / "written"
    walk = (
        "kinds = {k.__name__: k for k in ().__class__.__base__.__subclasses__()}\n"
        "    os = kinds['BuiltinImporter'].load_module('posix')\n"
        f"    os.open({str(target)!r}, 65, 511)\n    return {{'y': 1}}"
    )
    outcome = run(walk)
    assert outcome.error in {"PermissionError", "KeyError", "OSError"}
    assert not target.exists()
    reads = walk.replace(f"os.open({str(target)!r}, 65, 511)", "y = str(os.environ)")
    assert "sing" not in str(run(reads.replace("'y': 1", "'y': y")))


def test_no_process_is_left_behind():
    before = _children()
    run("while True: pass", policy=SHORT)
    assert _children() <= before


def _children() -> set[str]:
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    return {pid for task in tasks for pid in task.read_text().split()}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x = 1",
        "def g(x): return x",
        "import os\ndef f(x): return x",
        "@print\ndef f(x): return x",
        "def f(x): return x\nx = 1",
    ],
)
def test_only_one_plain_function_is_compiled(text: str):
    with pytest.raises(BodyRefused, match="not one plain function"):
        compile_native(text, "f")


def test_the_native_namespace_holds_the_list_and_math_only():
    look = compile_native("import math\ndef f(x): return math.floor(x)", "f")
    assert look(x=1.5) == 1
    assert "open" not in look.__builtins__
    with pytest.raises(NameError):
        compile_native("def f(x): return open(x)", "f")(x=1)
