"""Settings: four sources in order, wrong values named, keys never shown."""

import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from core.redact import HIDDEN
from core.settings import (
    SEALED,
    SECRETS,
    Settings,
    find_root,
    load_settings,
    password_of,
    unknown_variables,
    variables,
)
from tests.core.settings_tables import keys_table, variables_table

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-proj-abcdefghijklmnop"


@pytest.fixture(autouse=True)
def _unsealed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test may seal; the next one is open again."""
    monkeypatch.setenv(SEALED, "")
    monkeypatch.delenv(SEALED)


def written(settings: Settings, name: str, text: str) -> Settings:
    (settings.root / name).write_text(text)
    return load_settings(settings.root)


def test_nothing_has_to_be_set(settings: Settings) -> None:
    assert settings.home == settings.root / ".asza"
    assert settings.database_url is None
    assert settings.budget_per_day == Decimal(5)
    assert settings.model_of("writer") == ""


def test_the_environment_beats_the_file_beats_toml(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    (settings.root / "asza.toml").write_text(
        'budget_per_call = 0.1\nbudget_per_day = 1\nbudget_per_month = "10"\n'
    )
    monkeypatch.setenv("BUDGET_PER_CALL", "0.3")
    read = written(settings, ".env", "BUDGET_PER_CALL=0.2\nBUDGET_PER_DAY=2\n")
    assert read.budget_per_call == Decimal("0.3")
    assert read.budget_per_day == Decimal(2)
    assert read.budget_per_month == Decimal(10)


def test_an_empty_value_counts_as_not_set(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BUDGET_PER_DAY", "")
    read = written(settings, ".env", "DATABASE_URL=\nBUDGET_PER_DAY=\nLLM_TIMEOUT=\n")
    assert read == settings


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("BUDGET_PER_DAY=-1", "BUDGET_PER_DAY"),
        ("BUDGET_PER_DAY=lots", "BUDGET_PER_DAY"),
        ("BUDGET_PER_CALL=nan", "BUDGET_PER_CALL"),
        ("DATABASE_URL=mysql://me@here/db", "DATABASE_URL"),
        ("REDIS_URL=127.0.0.1:6379", "REDIS_URL"),
        ("LLM_WRITER=gpt-5", "LLM_WRITER"),
        ("LLM_API_URL=localhost:11434", "LLM_API_URL"),
        ("ASZA_LOG_LEVEL=LOUD", "ASZA_LOG_LEVEL"),
        ("ASZA_REDIS_PREFIX=*", "ASZA_REDIS_PREFIX"),
        ("ASZA_REDIS_PREFIX=a", "ASZA_REDIS_PREFIX"),
        ("REFLECTION_DAYS=0", "REFLECTION_DAYS"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_a_remedy(
    settings: Settings, line: str, name: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        written(settings, ".env", line + "\n")
    assert caught.value.field == name
    assert name in caught.value.remedy
    assert caught.value.exit_code == 3


def test_a_wrong_value_is_not_repeated_in_the_error(settings: Settings) -> None:
    with pytest.raises(ConfigError) as caught:
        written(settings, ".env", "DATABASE_URL=mysql://me:hunter22@here/db\n")
    assert "hunter22" not in str(caught.value.as_dict())


def test_an_unknown_name_in_toml_is_refused_with_the_nearest(
    settings: Settings,
) -> None:
    with pytest.raises(ConfigError) as caught:
        written(settings, "asza.toml", "budget_per_days = 1\n")
    assert "BUDGET_PER_DAY?" in caught.value.remedy


def test_a_key_in_toml_is_refused(settings: Settings) -> None:
    with pytest.raises(ConfigError) as caught:
        written(settings, "asza.toml", f'openai_api_key = "{KEY}"\n')
    assert ".env" in caught.value.remedy
    assert KEY not in str(caught.value.as_dict())


def test_a_broken_toml_names_its_line(settings: Settings) -> None:
    with pytest.raises(ConfigError, match="line 2"):
        written(settings, "asza.toml", "budget_per_day = 1\n= nothing\n")


def test_a_env_file_that_is_no_text_is_named(settings: Settings) -> None:
    (settings.root / ".env").write_bytes(b"A=\xff\xfe\x00")
    with pytest.raises(ConfigError) as caught:
        load_settings(settings.root)
    assert caught.value.where.endswith(".env")


def test_a_misspelt_name_is_known_with_what_was_meant(settings: Settings) -> None:
    written(settings, ".env", "BUGDET_PER_DAY=1\nOPENAI_API_KEY=x\nZZZ=1\n")
    assert unknown_variables(settings.root) == {
        "BUGDET_PER_DAY": "BUDGET_PER_DAY",
        "ZZZ": "",
    }


def test_a_key_is_read_when_it_is_used(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert settings.secret("OPENAI_API_KEY") is None
    (settings.root / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    assert settings.secret("OPENAI_API_KEY") == KEY
    monkeypatch.setenv("OPENAI_API_KEY", "from-the-environment")
    assert settings.secret("OPENAI_API_KEY") == "from-the-environment"


def test_no_key_or_password_is_in_the_repr_or_the_json(settings: Settings) -> None:
    text = (
        f"OPENAI_API_KEY={KEY}\nDATABASE_URL=postgresql://me:hunter22@127.0.0.1/db\n"
        "REDIS_URL=redis://:hunter33@127.0.0.1\n"
    )
    read = written(settings, ".env", text)
    shown = f"{read!r}{read}{read.model_dump()}{read.model_dump_json()}"
    assert not re.search(f"{KEY}|hunter", shown)
    assert set(read.secrets()) == {KEY, "hunter22", "hunter33"}


def test_an_unknown_key_is_refused_with_the_nearest(settings: Settings) -> None:
    with pytest.raises(ConfigError) as caught:
        settings.secret("OPENAI_KEY")
    assert "OPENAI_API_KEY" in caught.value.remedy


def test_once_sealed_no_key_can_be_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    (settings.root / ".env").write_text(f"OPENAI_API_KEY={KEY}\n")
    settings.seal()
    for name in SECRETS:
        with pytest.raises(ConfigError, match="natively"):
            load_settings(settings.root).secret(name)
    assert "ANTHROPIC_API_KEY" not in os.environ
    assert not settings.has_secret("OPENAI_API_KEY")
    assert settings.secrets() == ()


def test_once_sealed_the_keys_are_still_hidden(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shapeless = "correct horse battery staple"
    monkeypatch.setenv("ANTHROPIC_API_KEY", shapeless)
    settings.seal()
    settings.seal()
    for each in (settings, load_settings(settings.root)):
        assert each.redacted(f"it is {shapeless}!") == f"it is {HIDDEN}!"
        assert each.redacted({"a": [shapeless, 1]}) == {"a": [HIDDEN, 1]}


@pytest.mark.parametrize(
    ("name", "url", "kept"),
    [
        ("DATABASE_URL", "postgresql://me:hunter22@h/db", "postgresql://me@h/db"),
        ("DATABASE_URL", "postgresql://h/db?password=hunter22", "postgresql://h/db"),
        (
            "DATABASE_URL",
            "postgresql://h/db?password=hunter22&sslmode=require",
            "postgresql://h/db?sslmode=require",
        ),
        ("REDIS_URL", "redis://:hunter22@h:6379/0", "redis://@h:6379/0"),
        ("REDIS_URL", "redis://h:6379/0", "redis://h:6379/0"),
    ],
)
def test_once_sealed_no_servers_password_is_in_the_environment(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, url: str, kept: str
) -> None:
    monkeypatch.setenv(name, url)
    before = load_settings(settings.root)
    before.seal()
    assert os.environ[name] == kept
    address = getattr(before, name.lower())
    assert address.get_secret_value() == url  # an open pool connects again by it


def test_the_root_is_the_nearest_folder_with_prompts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASZA_ROOT")
    deep = settings.root / "prompts" / "demo"
    deep.mkdir()
    monkeypatch.chdir(deep)
    assert find_root() == settings.root


def test_outside_a_project_the_root_is_this_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASZA_ROOT", raising=False)
    monkeypatch.chdir(tmp_path)
    assert find_root() == ROOT


@given(st.text(st.characters(codec="ascii", exclude_characters=":/@ "), min_size=1))
def test_the_password_of_a_url_is_found(password: str) -> None:
    assert password_of(f"postgresql://me:{password}@127.0.0.1:5432/db") == password
    assert password_of("postgresql://me@127.0.0.1:5432/db") is None


def test_the_example_names_every_variable_and_sets_none() -> None:
    text = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert named == set(variables())
    assert dotenv_values(ROOT / ".env.example") == {}


def test_the_examples_values_are_the_defaults_or_usable(settings: Settings) -> None:
    text = (ROOT / ".env.example").read_text()
    uncommented = re.sub(r"^#(?=[A-Z][A-Z_]+=)", "", text, flags=re.MULTILINE)
    read = written(settings, ".env", uncommented)
    own = {"database_url", "redis_url", "llm_api_url", "llm_api_free"}
    assert read.model_dump(exclude=own) == settings.model_dump(exclude=own)


def test_the_documentation_shows_every_variable_as_it_is() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    assert variables_table() in text
    assert keys_table() in text
