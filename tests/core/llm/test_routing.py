"""From `.env` to a writer: what may be named, what it needs, what it may cost."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.budget import FREE, CataloguePrice, FlatPrice
from core.errors import BudgetError, ConfigError
from core.llm import ROLES, Exchange, writer_for
from core.llm.config import Choice, LlmConfig, is_local, parse_choice
from core.llm.routing import choice_of
from core.settings import Settings, load_settings
from tests.model_endpoint import ModelEndpoint

KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "LLM_API_KEY", "LLM_API_URL")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*KEYS, *(f"LLM_{role.upper()}" for role in ROLES)):
        monkeypatch.delenv(name, raising=False)


def settings(folder: Path, *lines: str) -> Settings:
    (folder / ".env").write_text("\n".join(lines), encoding="utf-8")
    return load_settings(folder)


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("offline", Choice("offline")),
        ("openai:gpt-5", Choice("openai", "gpt-5")),
        ("anthropic:claude-sonnet-5", Choice("anthropic", "claude-sonnet-5")),
        ("url:qwen2.5-coder:7b", Choice("url", "qwen2.5-coder:7b")),
        ("recorded:tests/rec", Choice("recorded", "tests/rec")),
    ],
)
def test_a_choice_is_a_provider_and_a_model(text: str, choice: Choice) -> None:
    assert parse_choice(text, setting="LLM_WRITER") == choice


@given(st.text(max_size=30))
def test_any_other_text_is_refused_with_its_setting(text: str) -> None:
    try:
        choice = parse_choice(text, setting="LLM_WRITER")
    except ConfigError as error:
        assert error.field == "LLM_WRITER"  # noqa: PT017
    else:
        assert choice.model or choice.provider == "offline"


def test_without_a_key_everything_is_offline(tmp_path: Path) -> None:
    assert {choice_of(role, settings(tmp_path)) for role in ROLES} == {
        Choice("offline")
    }


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_a_key_alone_chooses_its_providers_model(tmp_path: Path, provider: str) -> None:
    found = choice_of(
        "writer", settings(tmp_path, f"{provider.upper()}_API_KEY=k123456")
    )
    assert found.provider == provider


def test_a_role_that_is_named_outweighs_a_key(tmp_path: Path) -> None:
    given_ = settings(tmp_path, "OPENAI_API_KEY=k123456", "LLM_WRITER=offline")
    assert choice_of("writer", given_) == Choice("offline")
    assert choice_of("architect", given_).provider == "openai"


@pytest.mark.parametrize(
    ("named", "missing"),
    [
        ("openai:gpt-5", "OPENAI_API_KEY"),
        ("anthropic:claude-sonnet-5", "ANTHROPIC_API_KEY"),
        ("url:llama3", "LLM_API_URL"),
    ],
)
def test_what_a_writer_needs_is_asked_for_by_name(
    tmp_path: Path, named: str, missing: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        writer_for("writer", settings(tmp_path, f"LLM_WRITER={named}"))
    assert caught.value.field == missing


def test_money_is_not_spent_without_a_ledger(tmp_path: Path) -> None:
    with ModelEndpoint(["return {}"]) as endpoint:
        given_ = settings(
            tmp_path,
            "LLM_WRITER=openai:gpt-5",
            "OPENAI_API_KEY=k123456",
            f"OPENAI_BASE_URL={endpoint.openai_url}",
        )
        with pytest.raises(BudgetError, match="store"):
            writer_for("writer", given_).answer(Exchange("writer", "s", "u"))
        assert endpoint.asked == []


def test_a_local_server_marked_free_needs_no_ledger_and_records(tmp_path: Path) -> None:
    with ModelEndpoint(["return {}"]) as endpoint:
        given_ = settings(
            tmp_path,
            "LLM_WRITER=url:llama3",
            f"LLM_API_URL={endpoint.openai_url}",
            "LLM_API_FREE=true",
            "LLM_RECORD=recordings",
        )
        asked = Exchange("writer", "s", "u")
        answer = writer_for("writer", given_).answer(asked)
    assert (answer.text, answer.cost_usd) == ("return {}", 0)
    replayed = settings(tmp_path, "LLM_WRITER=recorded:recordings")
    assert writer_for("writer", replayed).answer(asked).text == "return {}"


def test_a_server_of_unknown_price_is_refused(tmp_path: Path) -> None:
    given_ = settings(
        tmp_path, "LLM_WRITER=url:llama3", "LLM_API_URL=http://127.0.0.1:9/v1"
    )
    with pytest.raises(BudgetError) as caught:
        writer_for("writer", given_).answer(Exchange("writer", "s", "u"))
    assert "LLM_PRICE_INPUT" in caught.value.remedy


def config(**values: object) -> LlmConfig:
    return LlmConfig(secret=lambda _: None, **values)


@pytest.mark.parametrize("usd", [0, 1000])
def test_a_price_that_is_told_is_not_believed_of_a_model_that_is_known(
    usd: int,
) -> None:
    told = config(price_input=Decimal(usd), price_output=Decimal(usd))
    known = CataloguePrice("openai", "gpt-5").cost(1000, 1000)
    assert known > 0
    assert told.price(Choice("openai", "gpt-5")).cost(1000, 1000) == known


def test_a_price_that_is_told_counts_where_the_catalogue_has_none() -> None:
    told = config(price_input=Decimal(1), price_output=Decimal(2))
    flat = FlatPrice(Decimal(1), Decimal(2)).cost(1000, 1000)
    for choice in (Choice("url", "llama3"), Choice("openai", "no-such-model")):
        assert told.price(choice).cost(1000, 1000) == flat
        with pytest.raises(BudgetError, match="not known"):
            config().price(choice).cost(1000, 1000)


def test_what_is_free_stays_free_whatever_price_is_told() -> None:
    told = config(
        price_input=Decimal(1),
        price_output=Decimal(2),
        api_url="http://127.0.0.1:9/v1",
        free=True,
    )
    for choice in (Choice("offline"), Choice("recorded", "x"), Choice("url", "llama3")):
        assert told.price(choice) == FREE


def test_free_is_not_believed_of_a_server_elsewhere() -> None:
    far = config(api_url="https://api.example.com/v1", free=True)
    with pytest.raises(ConfigError) as caught:
        far.price(Choice("url", "llama3"))
    assert caught.value.field == "LLM_API_FREE"


@pytest.mark.parametrize(
    ("url", "local"),
    [
        ("http://127.0.0.1:11434/v1", True),
        ("http://localhost:8000/v1", True),
        ("http://[::1]:8000/v1", True),
        ("http://192.168.1.5/v1", True),
        ("http://ollama:11434/v1", True),
        ("http://gpu.local/v1", True),
        ("http://host.docker.internal:1/v1", True),
        ("https://8.8.8.8/v1", False),
        ("https://api.example.com/v1", False),
        ("https://localhost.example.com/v1", False),
        ("", False),
    ],
)
def test_local_is_this_machine_and_its_private_network(url: str, local: bool) -> None:
    assert is_local(url) is local
