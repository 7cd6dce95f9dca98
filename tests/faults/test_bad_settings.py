"""Settings that cannot be: the variable is named, nothing is started, nothing guessed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.store import Store
from tests.faults.conftest import RULE, SUM, Asza, begin, finish

Refused = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUDGET_PER_DAY", "abc"),
        ("BUDGET_PER_DAY", "-1"),
        ("BUDGET_PER_CALL", "NaN"),
        ("LLM_TIMEOUT", "0"),
        ("LLM_WRITER", "gpt"),
        ("LLM_ARCHITECT", "openai:"),
        ("LLM_API_URL", "localhost:11434"),
        ("DATABASE_URL", "mysql://here"),
        ("REDIS_URL", "http://here"),
        ("ASZA_LOG_LEVEL", "LOUD"),
        ("ASZA_REDIS_PREFIX", "*"),
        ("ASZA_VOCABULARY", "../x"),
        ("REFLECTION_DAYS", "0"),
        ("RECORDINGS_PER_MODULE", "many"),
    ],
)
@pytest.mark.parametrize("place", ["environment", ".env"])
def test_a_wrong_value_names_its_variable(
    refused: Refused,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: str,
    place: str,
) -> None:
    if place == ".env":
        (store.settings.root / ".env").write_text(f"{name}={value}\n")
    else:
        monkeypatch.setenv(name, value)
    error = refused(3, "list", says=name)
    assert error["field"] == name
    for foreign in ("Value error", "Input should", "String should", "unable to parse"):
        assert foreign not in error["message"]
    assert ("environment" in error["remedy"]) is (place == "environment")


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("BUDGET_PER_DAY", "abc", "BUDGET_PER_DAY must be a number"),
        ("LLM_TIMEOUT", "0", "LLM_TIMEOUT must be above 0"),
        ("LLM_WRITER", "gpt", "LLM_WRITER must be offline, openai:MODEL"),
        ("LLM_API_URL", "localhost", "LLM_API_URL must start with http://"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL must start with postgresql://"),
        ("ASZA_LOG_LEVEL", "LOUD", "must be 'TRACE', 'DEBUG'"),
        ("ASZA_CLUSTER", "here", "as tcp://host:8786"),
        ("ASZA_REDIS_PREFIX", "*", "end with a colon"),
        ("ASZA_VOCABULARY", "../x", "a dotted name"),
    ],
)
def test_a_refused_setting_says_what_it_must_be(
    refused: Refused, monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    assert told in refused(3, "list", says=name)["message"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("thoughts", "--limit", "x"), "--limit must be a whole number"),
        (("thoughts", "--limit", "0"), "--limit must be 1 or more"),
        (("trade", "paper", "--speed", "x"), "--speed must be a number"),
        (
            ("trade", "resume", "--mode", "x"),
            "--mode: 'x' is not one of 'paper', 'live'",
        ),
    ],
)
def test_a_refused_option_says_what_it_must_be(
    refused: Refused, arguments: tuple[str, ...], told: str
) -> None:
    error = refused(2, *arguments, says="--help")
    assert error["message"] == told


@pytest.mark.parametrize("text", [b"\xff\xfe=\x00", b"LLM_WRITER=\xe9\n"], ids=repr)
def test_an_unreadable_env_file_is_named(
    refused: Refused, store: Store, text: bytes
) -> None:
    (store.settings.root / ".env").write_bytes(text)
    refused(3, "plan", RULE, says=".env")


def test_an_unknown_name_in_env_is_shown_by_the_doctor(
    asza: Asza, store: Store
) -> None:
    (store.settings.root / ".env").write_text("LLM_WRTER=offline\n")
    asza("plan", RULE).went()
    assert "did you mean LLM_WRITER?" in " ".join(asza("doctor").out.split())


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("x = [", "asza.toml"),
        ("budget_pr_day = 3", "BUDGET_PER_DAY"),
        ('openai_api_key = "sk-1"', ".env"),
        ("llm_timeout = [1]", "LLM_TIMEOUT"),
    ],
)
def test_a_wrong_asza_toml_is_refused(
    refused: Refused, store: Store, text: str, says: str
) -> None:
    (store.settings.root / "asza.toml").write_text(text)
    error = refused(3, "list", says=says)
    assert "Extra inputs" not in error["message"]


def test_a_key_is_never_repeated_in_an_error(
    asza: Asza, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-hunter2hunter2hunter2"
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://me:{secret}@127.0.0.1:1/db")
    done = asza("plan", RULE).refused(9)
    assert secret not in done.err
    assert secret not in asza("doctor").out


def test_a_vocabulary_that_does_not_exist_is_refused(
    refused: Refused, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASZA_VOCABULARY", "trading.shell.vocabulaire")
    refused(3, "plan", RULE, says="vocabulaire")


def test_a_root_that_is_not_there_is_refused_and_not_created(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASZA_ROOT", str(tmp_path / "nowhere"))
    refused(3, "list", says="ASZA_ROOT")
    assert not (tmp_path / "nowhere").exists()


def test_a_home_that_cannot_be_a_folder_is_refused(
    refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("ASZA_HOME", str(tmp_path / "file" / "home"))
    refused(9, "plan", RULE)


def test_asza_works_from_any_folder(store: Store) -> None:
    """`begin` starts it in the root of the file system."""
    finish(begin(("plan", SUM))).went()


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",), ("list", "--nonsense"), ("show",), ("rollback", "a.b", "x"),
        ("rollback", "a.b", "0"), ("thoughts", "--limit", "0"), ("store", "nonsense"),
        ("run", "x", "--engine", "gpu"), ("run", "x", "--symbol", " , "),
    ],
)  # fmt: skip
def test_a_wrong_command_line_says_where_help_is(
    refused: Refused, arguments: tuple[str, ...]
) -> None:
    refused(2, *arguments, says="--help")
