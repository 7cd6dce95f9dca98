"""The state folder is private, and what is written there names no secret."""

import os
import stat
from pathlib import Path

import pytest
from loguru import logger

from asza import report_bug
from cli.pipeline import FINAL_PROMPT, _KeepsPrompt
from core.atomic import write_atomically
from core.home import make_home, state_folder
from core.llm import Answer, Exchange, OnText
from core.logs import start_logging
from core.redact import HIDDEN
from core.settings import Settings, load_settings
from core.store import Plans, Store
from core.store.backup import backup

SECRET = "correct horse battery staple"


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def keyed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with a key of no known shape, so that only its value gives it away."""
    monkeypatch.setenv("LLM_API_KEY", SECRET)
    return load_settings(settings.root)


@pytest.mark.parametrize(("uid", "expected"), [(0, 0o711), (1000, 0o700)])
def test_a_new_state_folder_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: int, expected: int
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: uid)
    home = tmp_path / "deep" / "home"
    assert mode(state_folder(home, "logs")) == 0o700
    assert mode(home) == expected


def test_a_state_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert mode(make_home(tmp_path)) == 0o755


def test_a_file_may_be_written_for_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_text("old")
    path.chmod(0o644)
    write_atomically(path, "new", mode=0o600)
    assert (path.read_text(), mode(path)) == ("new", 0o600)


class Silent:
    """A writer that answers nothing."""

    name = "silent"

    def answer(self, exchange: Exchange, on_text: OnText | None = None) -> Answer:
        return Answer("", self.name, "search")


def test_the_kept_prompt_names_no_secret_and_is_private(keyed: Settings) -> None:
    _KeepsPrompt(Silent(), keyed).answer(Exchange("architect", "s", f"u {SECRET}"))
    path = keyed.home / FINAL_PROMPT
    assert path.read_text() == f"s\n\nu {HIDDEN}\n"
    assert mode(path) == 0o600


@pytest.mark.usefixtures("keyed")
def test_the_report_of_a_bug_names_no_secret_and_is_private(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    report_bug(ValueError, ValueError(SECRET), None)
    path = settings.home / "logs" / "bug.txt"
    assert HIDDEN in path.read_text()
    assert mode(path) == 0o600
    assert SECRET not in path.read_text() + "".join(capsys.readouterr())


def test_a_log_is_private(settings: Settings) -> None:
    folder = start_logging(settings)
    logger.info("said")
    logger.remove()
    assert [mode(path) for path in folder.glob("*.jsonl")] == [0o600]


def test_a_plan_is_kept_without_secrets_and_a_backup_is_private(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_API_KEY", SECRET)
    plans = Plans(store)
    plans.save("demo", f"ask {SECRET}", {"request": f"ask {SECRET}"}, "offline")
    kept = plans.latest("demo")
    assert kept is not None
    assert (kept.request, kept.plan) == (f"ask {HIDDEN}", {"request": f"ask {HIDDEN}"})
    path, _ = backup(store, tmp_path / "b.tar.gz")
    assert mode(path) == 0o600
