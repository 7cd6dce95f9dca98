"""A stack that a person declared at the top of a project, and commands in this process."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asza import main

NAME = "careful"
REQUEST = "A careful trader.\n\nIt buys dips of the RSI, each explained to nobody.\n"
STACK = """name = "careful"
vocabulary = "trading.shell.vocabulary"
request_file = "../prompts/careful_request.txt"

[[phases]]
name = "decide"
each = "symbol"
roles = ["gate", "entry", "function"]

[starting.rsi_limit]
unit = "oscillator"
value = 30

[starting.code]
unit = "count"
value = 1234
"""
ENTRY = """---
name: long_entry
role: entry
inputs:
  rsi_14: {unit: oscillator}
  rsi_limit: {unit: oscillator}
outputs:
  enter_long: {unit: flag}
fallback: {enter_long: false}
---
Buy when RSI 14 is below rsi_limit.
"""
ODD = """---
name: last_digits
role: function
inputs:
  code: {unit: count}
outputs:
  digits: {unit: count}
fallback: {digits: 0}
---
The last four digits of code in reverse order, read as a number.
"""
ODD_BODY = 'text = str(code)[-4:]\nreturn {"digits": int(text[::-1])}\n'


@dataclass(frozen=True)
class Command:
    """`asza …` typed in a project."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        """The one JSON document of a command that ends with `code`."""
        return json.loads(self.shown(*arguments, "--json", code=code))

    def shown(self, *arguments: str, code: int = 0) -> str:
        """What stdout shows."""
        self.capsys.readouterr()
        ended = main(list(arguments))
        said = self.capsys.readouterr()
        assert ended == code, (ended, said.err)
        return said.out

    def files(self) -> dict[str, str]:
        """Every file of the stack and its specs."""
        stack = self.root.glob(f"{NAME}/*")
        specs = self.root.glob(f"prompts/{NAME}/**/*")
        return {p.name: p.read_text("utf-8") for p in (*stack, *specs) if p.is_file()}

    def write(self, path: str, text: str) -> None:
        """A file of the project, as a person would write it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def standing(root: Path, capsys: pytest.CaptureFixture[str]) -> Command:
    """The stack, declared and built."""
    command = Command(root, capsys)
    command.write(f"{NAME}/stack.toml", STACK)
    command.write("prompts/careful_request.txt", REQUEST)
    command.write(f"prompts/{NAME}/long_entry.md", ENTRY)
    command("build", NAME)
    return command
