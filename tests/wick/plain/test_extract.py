"""A function is found in its file with what it may use, or refused with the reason."""

from pathlib import Path
from textwrap import dedent

import pytest

from core.errors import AszaError, NotFound, RequestRefused
from wick.plain.extract import Found, find

SHOP = '''
    from __future__ import annotations
    import math, sys
    from dataclasses import dataclass
    print("never run")
    RATE = 3
    CACHE = {}
    for n in range(3):
        CACHE[n] = n * n
    log = sys.stderr.fileno()

    def helper(x: int) -> int:
        return x + RATE

    def unused(x):
        return -x

    @dataclass
    class Point:
        x: int

    def price(amount: int, *, rate: Point = 2) -> int:
        """What it costs."""
        return helper(amount) * math.floor(rate)

    def squared(n):
        return CACHE[n]

    async def later(): ...

    class Till:
        @staticmethod
        def sum(a, b):
            return a - b
        def open(self): ...

    @route("/x")
    def page(): ...

    if __name__ == "__main__":
        price(1)
'''


def found(tmp_path: Path, name: str, text: str = SHOP) -> Found:
    path = tmp_path / "shop.py"
    path.write_text(dedent(text), encoding="utf-8")
    return find(f"{path}::{name}")


def test_the_subject_is_the_bare_function(tmp_path: Path):
    subject = found(tmp_path, "price").subject
    assert subject.source == (
        "def price(amount, *, rate=2):\n    return helper(amount) * math.floor(rate)"
    )
    assert subject.parameters == ("amount", "rate")


def test_it_gets_what_it_needs_and_what_might_help_but_no_action(tmp_path: Path):
    price = found(tmp_path, "price")
    for text in (price.subject.preamble, price.plainer.preamble):
        assert "def helper" in text
        assert "RATE = 3" in text
        assert "import math" in text
        assert "print" not in text
        assert "__main__" not in text
        assert "fileno" not in text
    assert "def unused" in price.subject.preamble
    assert "def unused" not in price.plainer.preamble


def test_a_table_that_is_filled_at_the_top_level_comes_with_its_filling(tmp_path: Path):
    text = found(tmp_path, "squared").plainer.preamble
    assert (
        text
        == "from __future__ import annotations\nCACHE = {}\nfor n in range(3):\n    CACHE[n] = n * n"
    )


def test_an_action_it_needs_is_told(tmp_path: Path):
    text = "import os\nhome = os.getcwd()\ndef f():\n    return home\n"
    assert found(tmp_path, "f", text).notes == (
        "runs `home = os.getcwd()` of its file, which it needs",
    )


def test_a_static_method_is_a_function(tmp_path: Path):
    till = found(tmp_path, "Till.sum")
    assert till.subject.source == "def sum(a, b):\n    return a - b"


def test_of_two_with_one_name_the_last_counts(tmp_path: Path):
    text = "def f():\n    return 1\ndef f():\n    return 2\n"
    assert found(tmp_path, "f", text).subject.source.endswith("return 2")


def test_a_cache_is_left_out_and_told(tmp_path: Path):
    text = "import functools\n@functools.cache\ndef f(n):\n    return n\n"
    assert found(tmp_path, "f", text).notes == ("@cache is left out while it is tried",)


def test_a_byte_order_mark_is_no_hindrance(tmp_path: Path):
    path = tmp_path / "bom.py"
    path.write_bytes(b"\xef\xbb\xbfdef f(a):\n    return a\n")
    assert find(f"{path}::f").subject.name == "f"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("later", "is async"),
        ("Till.open", "is a method"),
        ("page", "@route"),
    ],
)
def test_what_cannot_be_repaired_is_refused_with_the_reason(
    tmp_path: Path, name: str, says: str
):
    with pytest.raises(RequestRefused, match=says) as caught:
        found(tmp_path, name)
    assert caught.value.field == "function"
    assert caught.value.value == name
    assert caught.value.remedy


def test_too_long_a_function_is_refused_docstring_not_counted(tmp_path: Path):
    doc = '"""' + "word\n" * 90 + '"""'
    fits = f"def f(a):\n    {doc}\n" + "    a += 1\n" * 59
    assert found(tmp_path, "f", fits).name == "f"
    with pytest.raises(RequestRefused, match="61 lines"):
        found(tmp_path, "f", fits + "    a += 1\n")


def test_a_missing_function_names_those_there_are(tmp_path: Path):
    with pytest.raises(NotFound) as caught:
        found(tmp_path, "pric")
    assert caught.value.exit_code == 13
    assert "did you mean price?" in caught.value.remedy
    assert "Till.sum" in caught.value.remedy


def test_a_file_that_does_not_parse_says_where(tmp_path: Path):
    with pytest.raises(RequestRefused) as caught:
        found(tmp_path, "f", "x = 1\ndef f(:\n    pass\n")
    assert caught.value.where.endswith("shop.py:2")


@pytest.mark.parametrize(
    ("target", "kind"),
    [
        ("shop.py", RequestRefused),
        ("shop.py::", RequestRefused),
        ("::f", RequestRefused),
        ("nowhere/shop.py::f", NotFound),
        ("/::f", NotFound),
    ],
)
def test_a_target_that_names_nothing_says_so(target: str, kind: type[AszaError]):
    with pytest.raises(kind) as caught:
        find(target)
    assert caught.value.field == "target"
    assert caught.value.remedy


def test_bytes_that_are_no_text_are_refused(tmp_path: Path):
    path = tmp_path / "latin.py"
    path.write_bytes(b"def f():\n    return '\xe9'\n")
    with pytest.raises(RequestRefused, match="cannot be read"):
        find(f"{path}::f")
