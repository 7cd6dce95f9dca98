"""A scratch project and the command line run in it, as a person or a script would."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.settings import SEALED, variables
from tests.e2e import forking

NOBODY = "http://127.0.0.1:9"  # the discard port: a Kraken that cannot be reached
SECONDS = 300  # a command that hangs, however slow the machine


@dataclass(frozen=True)
class Ran:
    """What a process left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True)
class Commands:
    """The door of a process that commands are forked from."""

    path: str

    def run(self, asked: forking.Asked) -> int:
        """The exit code of a command; TimeoutError when it does not end."""
        with socket.socket(socket.AF_UNIX) as door:
            door.connect(self.path)
            with door.makefile("rw", encoding="utf-8") as line:
                print(json.dumps(asked), file=line, flush=True)
                pid = int(line.readline())
                door.settimeout(SECONDS)
                try:
                    return int(line.readline())
                except TimeoutError:
                    os.killpg(pid, signal.SIGKILL)
                    raise


@contextmanager
def commands() -> Iterator[Commands]:
    """A process that has imported the program, for as long as commands are to come."""
    with tempfile.TemporaryDirectory(prefix="asza-fork-") as folder:
        path = f"{folder}/door"
        with subprocess.Popen(
            [sys.executable, forking.__file__, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as server:
            assert server.stdout is not None
            assert server.stdout.readline() == "ready\n"
            yield Commands(path)
            server.communicate()


@dataclass(frozen=True)
class Project:
    """A project's folder, and the environment its commands are given."""

    root: Path
    env: Mapping[str, str] = field(repr=False)
    commands: Commands

    def python(self, script: str, *arguments: str, typed: str = "", **env: str) -> Ran:
        """Run one of the checkout's scripts in this project, whatever its exit code."""
        with tempfile.TemporaryDirectory() as folder:
            given, out, err = (Path(folder, name) for name in ("in", "out", "err"))
            for path, text in ((given, typed), (out, ""), (err, "")):
                path.write_text(text, encoding="utf-8")
            code = self.commands.run(
                {
                    "script": script,
                    "arguments": [str(each) for each in arguments],
                    "cwd": str(self.root),
                    "env": {**self.env, **env},
                    "streams": [str(given), str(out), str(err)],
                }
            )
            return Ran(code, out.read_text("utf-8"), err.read_text("utf-8"))

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


def project_in(root: Path, home: Path, commands: Commands) -> Project:
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
    return Project(root, {**kept, **ours}, commands)
