"""What the pages point to is there: files, headings, commands and their options."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer

import asza
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
NAMES = [page.name for page in PAGES]


@cache
def headings(page: Path) -> frozenset[str]:
    """The anchors of a page, as a forge makes them of its headings."""
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.S)
    titles = re.findall(r"^#+ (.+)$", text, re.M)
    return frozenset(
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles
    )


def links(page: Path) -> Iterator[tuple[Path, str]]:
    """(file, anchor) of each link of a page that leads to a file of the project."""
    text = page.read_text(encoding="utf-8")
    for found in LINK.findall(re.sub(r"```.*?```", "", text, flags=re.S)):
        if not re.match(r"[a-z]+:", found):
            name, _, anchor = found.partition("#")
            yield (page.parent / name).resolve() if name else page, anchor


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for target, anchor in links(page):
        assert target.exists(), target
        assert not anchor or anchor in headings(target), f"{target.name}#{anchor}"


def test_every_page_is_reached_from_the_readme() -> None:
    seen, left = set[Path](), [ROOT / "README.md"]
    while left:
        page = left.pop()
        if page.suffix == ".md" and page not in seen and "prompts" not in page.parts:
            seen.add(page)
            left += [target for target, _ in links(page)]
    assert seen >= set(PAGES)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_and_option_that_is_typed_exists(page: Path) -> None:
    for line in typed(page.read_text(encoding="utf-8")):
        words = shlex.split(re.sub(r"[…\[\]]", "", line), comments=True)
        command = command_of(words[1:])
        known = {name for one in command.params for name in (*one.opts, "--help")}
        used = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert used <= known, line


def test_every_command_and_option_of_the_table_exists() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([a-z].+?)` \| ", page, re.MULTILINE)
    assert len(rows) > 40
    for row in rows:
        told = row.replace("\\|", "|")
        given = re.match(r"[a-z |]+(?<! )", told)
        assert given is not None, row
        known = {
            name
            for command in commands_of(given[0].split())
            for one in command.params
            for name in (*one.opts, *one.secondary_opts)
        }
        assert set(re.findall(r"--[a-z-]+", told)) <= known, row


def commands_of(words: list[str]) -> list[Any]:
    """The commands that a row names: `halt|resume` are two; a plain word may be data."""
    whole: list[list[str]] = [[]]
    for word in words:
        whole = [[*before, one] for before in whole for one in word.split("|")]
    return [command_of(one) for one in whole]


def typed(text: str) -> Iterator[str]:
    """The lines of code blocks that run ./asza, each whole."""
    for block in re.findall(r"```\w*\n(.*?)```", text, re.S):
        for line in block.replace("\\\n", " ").splitlines():
            if found := re.match(r"(?:\$ )?(\./asza .+)", line):
                yield found[1]


def command_of(words: list[str]) -> Any:
    """The command that the first words name; it fails where there is none."""
    command: Any = typer.main.get_command(asza.app)
    for word in words:
        if not hasattr(command, "commands"):
            break
        assert word in command.commands, word
        command = command.commands[word]
    return command


def test_the_module_shown_first_is_the_one_that_runs() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.search(r"```python\n(@module\(\"trading\.(\w+)\".+?)```", text, re.S)
    assert shown is not None
    assert shown[1] in (ROOT / "trading" / f"{shown[2]}.py").read_text()
