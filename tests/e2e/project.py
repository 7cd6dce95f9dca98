"""A scratch project and the command line run in it, as a person or a script would."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.settings import SEALED, variables

CHECKOUT = Path(__file__).parents[2]
NOBODY = "http://127.0.0.1:9"  # the discard port: a Kraken that cannot be reached
SECONDS = 60


@dataclass(frozen=True)
class Ran:
    """What a process left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Project:
    """A project's folder, and the environment its commands are given."""

    root: Path
    env: Mapping[str, str] = field(repr=False)

    def python(self, script: str, *arguments: str, typed: str = "", **env: str) -> Ran:
        """Run one of the checkout's scripts in this project, whatever its exit code."""
        done = subprocess.run(
            [sys.executable, str(CHECKOUT / script), *map(str, arguments)],
            cwd=self.root,
            env={**self.env, **env},
            input=typed,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def asza(
        self, *arguments: str | Path, code: int = 0, typed: str = "", **env: str
    ) -> Ran:
        """`asza …` as a person types it; it must end with `code`."""
        ran = self.python("asza.py", *map(str, arguments), typed=typed, **env)
        assert ran.code == code, f"exit code {ran.code}\n{ran.out}\n{ran.err}"
        return ran

    def data(self, *arguments: str | Path, code: int = 0, **env: str) -> Any:
        """`asza … --json`: the one document on stdout; an error stands on stderr too."""
        ran = self.asza(*arguments, "--json", code=code, **env)
        answer = json.loads(ran.out)
        if code:
            assert answer["exit_code"] == code
            assert answer["message"].split()[0] in ran.err
        return answer

    def read(self, path: str) -> str:
        """A file of the project."""
        return (self.root / path).read_text(encoding="utf-8")

    def files(self) -> dict[str, str]:
        """Every spec and generated file, by its path."""
        found = [*self.root.glob("prompts/*/*"), *self.root.glob("generated/*/*")]
        return {
            p.relative_to(self.root).as_posix(): p.read_text(encoding="utf-8")
            for p in found
            if p.is_file()
        }


def project_in(root: Path, home: Path) -> Project:
    """An empty project: no `.env`, no variable of yours, no network."""
    (root / "prompts").mkdir(parents=True)
    # Without compiled files every command would pay for its imports anew.
    foreign = {*variables(), SEALED, "ASK", "DATA", "PYTHONDONTWRITEBYTECODE"}
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    ours = {
        "ASZA_ROOT": str(root),
        "ASZA_HOME": str(home),
        "KRAKEN_API_URL": NOBODY,
        "ASZA_WICK": "off",  # where it is not what a test is about, it only costs time
        "COLUMNS": "160",
    }
    return Project(root, {**kept, **ours})
