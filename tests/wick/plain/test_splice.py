"""A repair changes the function's text, and of it as little as it can."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

from wick.plain.extract import Found, find
from wick.plain.splice import difference, spliced

SHOP = '''\
"""A shop."""
import math   # kept


def price(amount: int, rate=2):  # the head
    """What it
    costs."""
    # first the small ones
    if amount < 10:      # small
        # nothing off
        return amount

    total = 0
    for n in range(amount):
        total += n   # each
    return (total
            * rate)  # done


class Till:
  @staticmethod
  def sum(a, b): return a - b


other = {  'odd' :   1 }
'''


def found(tmp_path: Path, name: str, text: str = SHOP) -> Found:
    path = tmp_path / "shop.py"
    path.write_bytes(text.encode())
    return find(f"{path}::{name}")


def changed(there: Found, old: str, new: str) -> list[str]:
    """The lines taken away and put in where the repair is `new` for `old`."""
    source = there.subject.source
    assert old in source
    text = spliced(there, source.replace(old, new))
    rows = difference(there, text).splitlines()
    return [row for row in rows if row[0] in "+-" and row[:3] not in ("+++", "---")]


@pytest.mark.parametrize(
    ("old", "new", "rows"),
    [
        (
            "amount < 10",
            "amount <= 10",
            ["-    if amount < 10:      # small", "+    if amount <= 10:      # small"],
        ),
        (
            "total += n",
            "total += n + 1",
            ["-        total += n   # each", "+        total += n + 1   # each"],
        ),
        (
            "total += n",
            "total += n\n        total -= 1",
            ["+        total -= 1"],
        ),
        ("total = 0\n", "total = 0\n    rate += 1\n", ["+    rate += 1"]),
    ],
)
def test_only_what_changed_is_written_anew(
    tmp_path: Path, old: str, new: str, rows: list[str]
):
    assert changed(found(tmp_path, "price"), old, new) == rows


def test_brackets_are_added_where_the_meaning_needs_them(tmp_path: Path):
    there = found(tmp_path, "f", "def f(a, b):\n    return a * b  # product\n")
    rows = changed(there, "return a * b", "return (a + 1) * b")
    assert rows[1] == "+    return (a + 1) * b  # product"


def test_a_method_on_one_line_is_repaired_where_it_stands(tmp_path: Path):
    rows = changed(found(tmp_path, "Till.sum"), "a - b", "a + b")
    assert rows == ["-  def sum(a, b): return a - b", "+  def sum(a, b): return a + b"]


WHOLES = [
    "if amount > 5:\n        return rate\n    return [amount for _ in 'ab']",
    "while amount:\n        amount -= 1\n    else:\n        return 3",
    "pass",
    "return (amount, {'a': f'{amount!r}'})",
]


@pytest.mark.parametrize("body", WHOLES)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("name", ["price", "Till.sum"])
def test_whatever_the_repair_is_the_file_means_just_that(
    tmp_path: Path, body: str, ending: str, name: str
):
    there = found(tmp_path, name, SHOP.replace("\n", ending))
    head = there.subject.source.partition("\n")[0]
    text = spliced(there, f"{head}\n    {body}")
    wanted = dedent(f"    {body}")
    node = find_again(tmp_path, text, name).node
    kept = [each for each in node.body if not isinstance(each, ast.Expr)]
    assert ast.dump(ast.Module(kept, [])) == ast.dump(
        ast.Module(ast.parse(wanted).body, [])
    )
    assert "other = {  'odd' :   1 }" in text
    assert "import math   # kept" in text
    assert ast.get_docstring(node) == ast.get_docstring(there.node)


def find_again(tmp_path: Path, text: str, name: str) -> Found:
    return found(tmp_path, name, text)


@pytest.mark.parametrize(
    "text",
    [
        "def f(a):\n\treturn a\n",
        "def f(a):\n  x = 1; return a",
        "def f(a):\n    é = 'ü'; return (é, a)\n",
        "\ufeffdef f(a):\n    return a\n",
        "x = 1\n\x0c\ndef f(a):\n    return a\n",
        "def f(a): return a",
        "def f(a):\n    if a: return a\n    elif a == 0: return a\n    else: return a\n",
    ],
)
def test_unusual_layouts_are_kept_or_written_whole(tmp_path: Path, text: str):
    there = found(tmp_path, "f", text)
    source = there.subject.source.replace("return", "a += 1\n    return", 1)
    if "if a" in text:
        source = there.subject.source.replace("return a", "return -a", 1)
    made = spliced(there, source)
    assert find_again(tmp_path, made, "f").subject.source == ast.unparse(
        ast.parse(source)
    )
    assert made.endswith("\n") == text.endswith("\n")
