"""A body that stands inline gives what its call gives, or is left to be called."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.native import compile_native, restricted_namespace
from core.stack.fused.inline import gives_only, inlined

GIVEN = {"a": "v_a", "b": "v_b"}
INLINE = (
    "return {'x': a + b, 'y': a / b}",
    "if a > b:\n    return {'x': 1, 'y': a}\nreturn {'y': b, 'x': max(a, b, 2)}",
    "if a > b:\n    if a > 5:\n        return {'x': 1, 'y': 1}\n    c = 2\n"
    "else:\n    c = 3\nreturn {'x': c, 'y': c * b}",
    "c = 0\nfor n in range(3):\n    if n > a:\n        break\n    c += n\n"
    "return {'x': c, 'y': n}",
    "if a > 0:\n    c = b\nreturn {'x': c, 'y': 0}",
    "c, (d, e) = a, (b, 1)\nreturn {'x': c - e, 'y': math.sqrt(d)}",
    "while a > 99:\n    pass\nc = [a]\nc[0] = b\nreturn {'x': c[0], 'y': [a][int(b)]}",
    "if a > b:\n    return {'x': 0, 'y': 0}\nelif a == b:\n    return {'x': 1, 'y': 1}\n"
    "else:\n    return {'x': 2, 'y': 2}",
)
CALLED = (
    "return {'x': a}",
    "return {'x': a, 'y': b, 'z': 0}",
    "return {'x': a, 'x': b}",
    "return {'x': 1, **{'y': 2}}",
    "c = {'x': a, 'y': b}\nreturn c",
    "a = a + 1\nreturn {'x': a, 'y': b}",
    "a += 1\nreturn {'x': a, 'y': b}",
    "for a in range(3):\n    pass\nreturn {'x': a, 'y': b}",
    "for n in range(3):\n    if n > a:\n        return {'x': n, 'y': b}\n"
    "return {'x': a, 'y': b}",
    "return {'x': sum([n for n in [a, b]]), 'y': b}",
    "return {'x': sorted([a, b], key=lambda n: -n), 'y': b}",
    "if a > 0:\n    return {'x': a, 'y': b}",
    "return {'x': symbol, 'y': odd}",
    "return {'x': a, 'y': open}",
)
NUMBERS = st.floats(-9, 9, allow_nan=False) | st.integers(-9, 9)


def function_of(body: str) -> str:
    rows = "".join(f"    {row}\n" for row in body.splitlines())
    return f"import math\ndef made(a, b):\n{rows}"


def lines_of(body: str, space: dict[str, Any]) -> list[str] | None:
    results = {"x": "v_x", "y": "v_y"}
    return inlined(function_of(body), GIVEN, results, "b0_", space)


def answer(call: Any) -> Any:
    try:
        return call()
    except (ArithmeticError, LookupError, NameError, TypeError, ValueError) as error:
        return type(error)


def told(value: Any) -> str:
    """The value with the types of its parts, whatever the order of its names."""
    return repr(sorted(value.items()) if isinstance(value, dict) else value)


@pytest.mark.parametrize("body", INLINE)
@given(a=NUMBERS, b=NUMBERS)
def test_an_inlined_body_gives_what_its_call_gives(
    body: str, a: float, b: float
) -> None:
    space: dict[str, Any] = {}
    lines = lines_of(body, space)
    assert lines is not None
    rows = "".join(f"    {line}\n" for line in lines)
    source = f"def phase(v_a, v_b):\n{rows}    return {{'x': v_x, 'y': v_y}}\n"
    exec(source, space := {"__builtins__": {}, **space})
    called = compile_native(function_of(body), "made")
    mine, theirs = answer(lambda: space["phase"](a, b)), answer(lambda: called(a, b))
    assert told(mine) == told(theirs)


@pytest.mark.parametrize("body", CALLED)
def test_a_body_that_does_more_is_left_to_be_called(body: str) -> None:
    assert lines_of(body, {}) is None


def test_only_what_a_body_may_name_is_given_to_it() -> None:
    space: dict[str, Any] = {}
    lines_of(INLINE[1], space)
    assert space == {"max": restricted_namespace()["__builtins__"]["max"]}


@pytest.mark.parametrize(
    "body, plain", [(INLINE[0], True), (INLINE[1], True), (CALLED[0], False)]
)
def test_which_bodies_plainly_give_their_results(body: str, plain: bool) -> None:
    assert gives_only(function_of(body), {"x", "y"}) is plain
