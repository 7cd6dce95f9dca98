"""Logs: one JSON object a line, a file a day, thirty days, no secrets."""

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from loguru import logger

from core.errors import StoreError
from core.logs import start_logging
from core.settings import Settings, load_settings

SECRET = "correct-horse-battery"


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    yield
    logger.remove()


def lines(folder: Path) -> list[dict[str, Any]]:
    logger.remove()  # closes the file
    return [
        json.loads(line)
        for file in sorted(folder.iterdir())
        for line in file.read_text().splitlines()
    ]


def test_a_line_is_a_json_object(settings: Settings) -> None:
    folder = start_logging(settings)
    logger.bind(module="demo.double").info('a "quoted" line\nand {more}')
    [line] = lines(folder)
    assert line["message"] == 'a "quoted" line\nand {more}'
    assert line["level"] == "INFO"
    assert line["extra"] == {"module": "demo.double"}
    assert datetime.fromisoformat(line["at"]).tzinfo is not None


def test_the_files_are_named_by_the_day(settings: Settings) -> None:
    folder = start_logging(settings)
    logger.info("hello")
    [file] = folder.iterdir()
    datetime.strptime(file.name, "asza-%Y-%m-%d.jsonl").replace(tzinfo=UTC)


def test_no_secret_is_written_wherever_it_stands(
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("KRAKEN_API_SECRET", SECRET)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{SECRET}@127.0.0.1/db")
    folder = start_logging(load_settings(settings.root), stderr="INFO")
    logger.bind(nested={"key": [SECRET]}).info(f"message {SECRET}")
    logger.opt(exception=ValueError(f"exception {SECRET}")).error("failed")
    logger.info("Authorization: Bearer abcdefghijklmnop")
    written = json.dumps(lines(folder)) + capsys.readouterr().err
    assert SECRET not in written
    assert "abcdefghijklmnop" not in written
    assert "ValueError: exception [redacted]" in written


def test_below_the_level_nothing_is_written(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASZA_LOG_LEVEL", "ERROR")
    folder = start_logging(load_settings(settings.root))
    logger.warning("quiet")
    logger.error("loud")
    assert [line["message"] for line in lines(folder)] == ["loud"]


def test_starting_twice_writes_once(settings: Settings) -> None:
    start_logging(settings)
    folder = start_logging(settings)
    logger.info("once")
    assert len(lines(folder)) == 1


def test_files_older_than_thirty_days_go(settings: Settings) -> None:
    folder = settings.home / "logs"
    folder.mkdir(parents=True)
    old, young = folder / "asza-2020-01-01.jsonl", folder / "asza-2020-01-02.jsonl"
    for file in (old, young):
        file.write_text("{}\n")
    month = 31 * 24 * 3600
    past = datetime.now(UTC).timestamp() - month
    os.utime(old, (past, past))
    start_logging(settings)
    logger.info("new")
    logger.remove()
    assert not old.exists()
    assert young.exists()


def test_a_folder_that_cannot_be_written_is_a_store_error(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    wrong = settings.model_copy(update={"asza_home": tmp_path / "file"})
    with pytest.raises(StoreError, match="log cannot be written"):
        start_logging(wrong)
