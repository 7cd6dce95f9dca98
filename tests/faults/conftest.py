"""The whole program under faults: a scratch project, its command line, and its state.

`asza(...)` runs a command in this process; `start(...)` runs one as a process of its own,
to be killed. `check_whole` is what must hold whatever happened before.
"""

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from asza import main
from core.module_file import read_module
from core.settings import Settings, load_settings
from core.store import Journal, Modules, Store
from tests.conftest import HOME, bury_the_dead, stop_servers

HERE = Path(__file__).resolve().parents[2]
SUM = "f(2, 3) is 5, f(10, 4) is 14, f(0, 0) is 0, f(7, 1) is 8"
PRODUCT = "f(2, 3) is 6, f(10, 4) is 40, f(0, 0) is 0, f(7, 1) is 7"
RULE = "Buy when RSI 14 is below 30."


@dataclass(frozen=True)
class Done:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout, which must be one JSON document."""
        return json.loads(self.out)

    def refused(self, code: int, *words: str) -> "Done":
        """It failed with this exit code, in clear words, and without a traceback."""
        assert self.code == code, (self.code, self.err)
        assert "Traceback" not in self.err + self.out
        assert self.err.strip(), "nothing was said on stderr"
        said = " ".join(self.err.split())
        for word in words:
            assert word in said, (word, said)
        return self

    def went(self) -> "Done":
        """It did what it was asked to."""
        assert self.code == 0, (self.code, self.err)
        return self


Asza = Callable[..., Done]


@pytest.fixture
def asza(store: Store, capsys: pytest.CaptureFixture[str]) -> Asza:
    """A command in this process; a refused one is run again for its JSON object."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run


@pytest.fixture
def refused(asza: Asza) -> Callable[..., dict[str, Any]]:
    """A command that must fail, for a person and for a machine; its error object."""

    def run(code: int, *arguments: str, says: str = "") -> dict[str, Any]:
        asza(*arguments).refused(code, *filter(None, [says]))
        told = asza(*arguments, "--json").refused(code)
        error: dict[str, Any] = told.json
        assert error["exit_code"] == code
        assert error["message"]
        assert error["remedy"]
        return error

    return run


@pytest.fixture
def start(store: Store) -> Iterator[Callable[..., "subprocess.Popen[str]"]]:
    """A command as a process of its own; whatever still runs at the end is killed."""
    begun: list[subprocess.Popen[str]] = []

    def run(*arguments: str, **variables: str) -> "subprocess.Popen[str]":
        process = begin(arguments, variables)
        begun.append(process)
        return process

    yield run
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


def begin(
    arguments: tuple[str, ...],
    variables: dict[str, str] | None = None,
    *,
    pipe: int = -1,
) -> "subprocess.Popen[str]":
    """`asza …` in a process; its environment is this one's and `variables`.

    `pipe` bytes fit between it and its reader, by default as many as usual.
    """
    slow = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED")
    env = {n: v for n, v in os.environ.items() if n not in slow}
    return subprocess.Popen(
        [sys.executable, str(HERE / "asza.py"), *arguments],
        env={**env, **(variables or {})},
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pipesize=pipe,
        text=True,
        preexec_fn=_as_in_a_terminal,
    )


def _as_in_a_terminal() -> None:
    """Ctrl-C ends it, also where these tests run in a shell's background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def finish(process: "subprocess.Popen[str]", within: float = 300) -> Done:
    """Wait for a process; how it ended."""
    out, err = process.communicate(timeout=within)
    return Done(process.returncode, out, err)


def check_whole(store: Store, *edited: str) -> None:
    """Modules are whole, live versions have their files, and nothing is half-made.

    `edited` names modules that a person changed, whose files are theirs.
    """
    settings = store.settings
    assert Journal(store).pending() == []
    assert list(settings.root.rglob(".asza-*.new")) == []
    for path in modules_on_disk(settings):
        if f"{path.parent.name}.{path.stem}" not in edited:
            read_module(path).canonical()
    for row in Modules(store).all_live():
        if row.module not in edited:
            assert read_module(settings.root / row.path).hash == row.file_hash


def modules_on_disk(settings: Settings) -> list[Path]:
    """Every module's file in the project."""
    return sorted((settings.root / "generated").glob("*/*.py"))


def tree(root: Path) -> dict[str, bytes]:
    """Every file under the project, by its path: to show that nothing changed."""
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


def rows(count: int = 120, *, volume: bool = True) -> list[str]:
    """A CSV's lines: hourly candles that swing."""
    lines = ["time,open,high,low,close" + (",volume" if volume else "")]
    for bar in range(count):
        price = 100 + 10 * math.sin(bar / 9)
        values = [
            1_700_000_400 // 3600 * 3600 + 3600 * bar,
            price,
            price + 1,
            price - 1,
        ]
        values += [price + 0.5, *([10 + bar % 5] if volume else [])]
        lines.append(",".join(map(str, values)))
    return lines


@pytest.fixture
def candles(tmp_path: Path) -> Path:
    """A file of candles that is good."""
    path = tmp_path / "good.csv"
    path.write_text("\n".join(rows()) + "\n")
    return path


@pytest.fixture
def alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Settings]:
    """A project whose servers are its own, to be killed; all are stopped at the end."""
    bury_the_dead()
    home = Path(tempfile.mkdtemp(prefix=f"{HOME}{os.getpid()}-"))
    monkeypatch.setenv("ASZA_HOME", str(home))
    yield load_settings(settings.root)
    stop_servers(home)
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def here(alone: Settings, capsys: pytest.CaptureFixture[str]) -> Asza:
    """A command in this process, on the servers of `alone`."""

    def run(*arguments: str) -> Done:
        capsys.readouterr()
        code = main(list(arguments))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return run
