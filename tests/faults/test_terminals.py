"""Pipes that close, terminals that can do nothing, and the tools around the command."""

import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from core.store import Store
from tests.faults.conftest import HERE, RULE, SUM, Asza, begin, finish

Start = Callable[..., "subprocess.Popen[str]"]


PIPE = 4096  # bytes: the least there is


@pytest.fixture
def many(asza: Asza, store: Store) -> Store:
    """A module, and enough unwritten ones that a list overflows a short pipe."""
    asza("ask", SUM, "--stack", "sums", "--no-run").went()
    folder = store.settings.root / "prompts" / "sums"
    text = (folder / "f.md").read_text()
    for number in range(300):
        (folder / f"g{number}.md").write_text(text.replace("name: f", "name: g"))
    return store


@pytest.mark.parametrize("arguments", [("list",), ("list", "--json")], ids=" ".join)
def test_a_pipe_that_closes_early_is_no_error(
    many: Store, arguments: tuple[str, ...]
) -> None:
    process = begin(arguments, pipe=PIPE)
    assert process.stdout is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    assert process.wait(300) == 0, err
    assert err == ""


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", [("list",), ("list", "--json")], ids=" ".join)
def test_a_full_output_is_no_traceback(
    store: Store, arguments: tuple[str, ...], unbuffered: str
) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, str(HERE / "asza.py"), *arguments],
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full, stderr=subprocess.PIPE, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 9, done.stderr
    assert "Traceback" not in done.stderr
    assert "No space left" in done.stderr


def on_a_terminal(arguments: tuple[str, ...], **variables: str) -> tuple[int, str]:
    """The command as a terminal shows it: its exit code, and every byte it wrote."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, str(HERE / "asza.py"), *arguments],
        env={**os.environ, "COLUMNS": "100", **variables},
        stdin=subprocess.DEVNULL, stdout=follower, stderr=follower,
    )  # fmt: skip
    os.close(follower)
    seen = b""
    while True:
        try:
            piece = os.read(leader, 65_536)
        except OSError:  # the last writer has gone
            break
        if not piece:
            break
        seen += piece
    os.close(leader)
    return process.wait(300), seen.decode()


@pytest.mark.parametrize(
    "variables",
    [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}],
    ids=["NO_COLOR", "dumb"],
)
def test_a_plain_terminal_gets_no_colours(
    store: Store, variables: dict[str, str]
) -> None:
    code, seen = on_a_terminal(("show", "a.b"), **variables)
    assert code == 13
    assert "\x1b[3" not in seen
    assert "there is no" in seen


def test_a_colour_terminal_gets_colours_and_nothing_that_a_request_smuggled(
    store: Store,
) -> None:
    hostile = f"\x1b]0;owned\x07 {RULE} Do \x1b[2Jit."
    code, seen = on_a_terminal(("plan", hostile), TERM="xterm-256color")
    assert code == 4
    assert "\x1b[" in seen
    assert "\x1b]0" not in seen
    assert "\x1b[2J" not in seen
    assert "\x07" not in seen


@pytest.mark.parametrize(
    "variables",
    [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"COLUMNS": "1"}, {"COLUMNS": "x"}],
    ids=["ASCII", "one column", "no number"],
)
def test_a_narrow_or_old_terminal_is_no_error(
    store: Store, variables: dict[str, str]
) -> None:
    done = finish(begin(("plan", RULE), variables))
    done.went()
    assert "Traceback" not in done.err


def test_a_missing_standard_stream_is_no_error(store: Store) -> None:
    command = f"exec {sys.executable} {HERE / 'asza.py'} list <&- 2>&-"
    done = subprocess.run(
        ["/bin/sh", "-c", command], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert "No modules yet" in done.stdout


def test_an_environment_with_nothing_in_it_is_enough(store: Store) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "asza.py"), "list"],
        env={
            "ASZA_ROOT": str(store.settings.root),
            "ASZA_HOME": str(store.settings.home),
        },
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_stages_alone_refuse_in_words_too(store: Store, tmp_path: Path) -> None:
    body = tmp_path / "body.txt"
    body.write_text("import os\n")
    cases = [
        (("ask_architect.py", "Do \x1b[2Jthe dance"), 4),
        (("code_generator.py", str(tmp_path / "none.md")), 13),
        (("file_creator.py", str(tmp_path / "none.md"), str(body)), 13),
        (("code_generator.py",), 2),
        (("file_creator.py",), 2),
    ]
    for (script, *arguments), code in cases:
        done = subprocess.run(
            [sys.executable, str(HERE / script), *arguments],
            cwd="/", capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == code, (script, arguments, done.stderr)
        assert "Traceback" not in done.stderr
        assert "\x1b[2J" not in done.stderr
        assert done.stderr
