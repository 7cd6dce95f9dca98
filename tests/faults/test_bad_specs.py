"""Specs and stack files that break the law: file, line, field, remedy, and no harm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.store import Store
from tests.faults.conftest import SUM, Asza, check_whole, tree

Refused = Callable[..., dict[str, Any]]

STACK = """name = "desk"
vocabulary = "trading.shell.vocabulary"
request = "by hand"
[[phases]]
name = "decide"
each = "symbol"
roles = ["function"]
"""
GOOD = """---
name: half
role: function
inputs: {close: {unit: price}}
outputs: {half: {type: number, minimum: 0, maximum: 1.0e+7}}
examples: [{in: {close: 4.0}, out: {half: 2.0}}, {in: {close: 10.0}, out: {half: 5.0}}]
---
Half of close.
"""


def put(root: Path, stack: str = STACK, **specs: str) -> None:
    """A stack of these specs."""
    for folder in ("generated/desk", "prompts/desk"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "generated/desk/stack.toml").write_text(stack)
    for name, text in specs.items():
        (root / f"prompts/desk/{name}.md").write_text(text)


BAD = {
    "an unknown unit": ("unit: price", "unit: prise", "price"),
    "an unknown type": ("type: number", "type: nubmer", "nubmer"),
    "an unknown role": ("role: function", "role: oracle", "role"),
    "an unknown key": ("examples:", "exmaples:", "examples"),
    "no bounds": (", minimum: 0, maximum: 1.0e+7", "", "half"),
    "another name": ("name: half", "name: third", "name"),
    "a builtin's name": ("name: half", "name: print", "name"),
    "broken YAML": ("inputs: {close:", "inputs: {close: [", "half.md:"),
    "a tab": ("role: function", "\trole: function", "half.md:"),
    "a YAML tag": (
        "role: function",
        "role: !!python/object/apply:os.system [id]",
        "half.md:",
    ),
    "an alias bomb": ("role: function", "role: &a [*a, *a]", "half.md:"),
    "no front matter": ("---\n", "", "half.md"),
    "no prose": ("Half of close.\n", "", "half.md"),
    "an example that is not allowed": ("half: 2.0", "half: -2.0", "half"),
    "an example without an input": ("{in: {close: 4.0}", "{in: {}", "close"),
    "NaN": ("minimum: 0", "minimum: .nan", "minimum"),
    "turned bounds": ("minimum: 0", "minimum: 2.0e+7", "m"),
    "a key twice": ("role: function", "role: function\nrole: function", "role"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_broken_spec_is_refused_with_file_and_remedy(
    refused: Refused, store: Store, what: str
) -> None:
    old, new, word = BAD[what]
    assert old in GOOD
    put(store.settings.root, half=GOOD.replace(old, new))
    before = tree(store.settings.root)
    error = refused(5, "build", "desk", says=word)
    assert "half.md" in str(error["where"]) + str(error["message"])
    assert tree(store.settings.root) == before


def test_bytes_that_are_no_text_are_refused(refused: Refused, store: Store) -> None:
    put(store.settings.root, half=GOOD)
    (store.settings.root / "prompts/desk/half.md").write_bytes(b"---\n\xff\xfe\x00")
    refused(5, "build", "desk", says="half.md")


def test_two_modules_that_produce_one_name_are_both_named(
    refused: Refused, store: Store, asza: Asza
) -> None:
    put(store.settings.root, half=GOOD, twin=GOOD.replace("name: half", "name: twin"))
    asza("build", "desk")
    error = refused(5, "run", "desk", "--in", '{"close": 4.0}')
    assert "half" in str(error["message"])
    assert "twin" in str(error["message"])


def test_a_cycle_is_shown_as_a_cycle(
    refused: Refused, store: Store, asza: Asza
) -> None:
    first = GOOD.replace("close", "other")
    first = first.replace("{type: number, minimum: 0, maximum: 1.0e+7}", "price")
    second = first.replace("half", "third").replace("other", "half")
    second = second.replace("third:", "other:").replace("name: other", "name: third")
    put(store.settings.root, half=first, third=second)
    asza("build", "desk").went()
    error = refused(5, "run", "desk", says="half")
    assert "third" in str(error["message"])


def test_a_name_that_nothing_produces_is_refused(
    refused: Refused, store: Store, asza: Asza
) -> None:
    put(store.settings.root, half=GOOD.replace("close", "clsoe"))
    asza("build", "desk")
    refused(5, "run", "desk", says="clsoe")


STACKS = {
    "broken TOML": STACK.replace('"desk"', '"desk'),
    "another name": STACK.replace('"desk"', '"dusk"'),
    "an unknown vocabulary": STACK.replace("shell.vocabulary", "shell.vocabulaire"),
    "a vocabulary that is code": STACK.replace("trading.shell.vocabulary", "os.system"),
    "a vocabulary that is a path": STACK.replace("trading.shell", "../../tmp"),
    "a phase that is no name": STACK.replace('"decide"', '"../x"'),
    "an unknown role": STACK.replace('"function"', '"oracle"'),
    "an unknown key": STACK + "[nonsense]\nx = 1\n",
    "a number for a text": STACK.replace('"by hand"', "7"),
}


@pytest.mark.parametrize("what", STACKS)
@pytest.mark.parametrize("command", [("build", "desk"), ("run", "desk")], ids=" ".join)
def test_a_broken_stack_file_is_refused_with_its_path(
    refused: Refused, store: Store, what: str, command: tuple[str, ...]
) -> None:
    put(store.settings.root, STACKS[what], half=GOOD)
    before = tree(store.settings.root)
    error = refused(5, *command)
    assert "stack.toml" in str(error["where"]) + str(error["message"])
    assert tree(store.settings.root) == before


def test_a_broken_stack_does_not_stand_in_the_way_of_others(
    asza: Asza, store: Store
) -> None:
    put(store.settings.root, STACKS["broken TOML"], half=GOOD.replace("price", "prise"))
    asza("list").went()
    asza("ask", SUM, "--stack", "sums").went()
    asza("build", "sums").went()
    check_whole(store)


def test_a_mended_spec_builds(asza: Asza, store: Store) -> None:
    put(store.settings.root, half=GOOD.replace("price", "prise"))
    asza("build", "desk").refused(5)
    put(store.settings.root, half=GOOD)
    asza("build", "desk").went()
    check_whole(store)
