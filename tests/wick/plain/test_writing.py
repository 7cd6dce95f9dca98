"""A repair is written whole, or the file is as somebody left it; time ends a search."""

import stat
from pathlib import Path
from time import monotonic

import pytest

from core.errors import FileEdited, StoreError
from wick.plain.extract import find
from wick.plain.timed import Timed
from wick.plain.writing import write_back
from wick.runners.cpython import CPythonRunner
from wick.subject import Case

TEXT = "def f(a):\n    return a\n"


def test_a_file_that_was_changed_meanwhile_is_left_alone(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_text(TEXT)
    found = find(f"{path}::f")
    path.write_text(TEXT + "# mine\n")
    with pytest.raises(FileEdited) as caught:
        write_back(found, "def f(a):\n    return -a\n")
    assert "+# mine" in caught.value.value
    assert path.read_text() == TEXT + "# mine\n"


def test_a_file_that_is_gone_is_not_made_again(tmp_path: Path):
    path = tmp_path / "a.py"
    path.write_text(TEXT)
    found = find(f"{path}::f")
    path.unlink()
    with pytest.raises(FileEdited):
        write_back(found, TEXT)
    assert not path.exists()


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path):
    path, link = tmp_path / "a.py", tmp_path / "link.py"
    path.write_bytes(b"# \xc3\xa9\r\ndef f(a):\r\n    return a\r\n")
    path.chmod(0o755)
    link.symlink_to(path)
    found = find(f"{link}::f")
    write_back(found, found.text.replace("return a", "return -a"))
    assert link.is_symlink()
    assert path.read_bytes() == b"# \xc3\xa9\r\ndef f(a):\r\n    return -a\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o755


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path):
    folder = tmp_path / "full"
    folder.mkdir()
    path = folder / "a.py"
    path.write_text(TEXT)
    found = find(f"{path}::f")
    path.unlink()
    folder.rmdir()
    folder.write_text("no folder")
    with pytest.raises(StoreError):
        write_back(found, TEXT)


def test_when_the_time_is_up_nothing_more_is_run():
    inner = CPythonRunner(seconds=0.05)
    runner = Timed(inner, monotonic() + 0.5)
    endless = "def f(a):\n    while True: pass"
    began = monotonic()
    found = runner.each("", [endless] * 5_000, Case((1,)))
    inner.close()
    assert len(found) == 5_000
    assert all(ran.crashed for ran in found)
    assert "time is up" in found[-1].message
    assert monotonic() - began < 60


def test_while_there_is_time_everything_is_run_in_its_order():
    inner = CPythonRunner()
    runner = Timed(inner, monotonic() + 60)
    sources = [f"def f(a):\n    return a + {n}" for n in range(200)]
    found = runner.each("", sources, Case((1,)))
    assert [ran.value for ran in found] == [n + 1 for n in range(200)]
    rows = runner.rows("", sources[1], [Case((n,)) for n in range(200)])
    inner.close()
    assert [ran.value for ran in rows] == [n + 1 for n in range(200)]
