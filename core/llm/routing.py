"""From what `.env` says about a role to a writer, metered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.budget import Budget, Ledger, Limits
from core.errors import BudgetError, ConfigError
from core.llm import Role, Writer
from core.llm.config import Choice, LlmConfig, config_from, parse_choice
from core.llm.metered import MeteredWriter

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store
    from core.thoughts import Spool

# What a key alone chooses, when LLM_<ROLE> says nothing.
DEFAULT_MODELS: Mapping[str, Choice] = {
    "ANTHROPIC_API_KEY": Choice("anthropic", "claude-sonnet-5"),
    "OPENAI_API_KEY": Choice("openai", "gpt-5"),
}


def build_writer(role: Role, settings: Settings, store: Store | None) -> Writer:
    """The metered writer of a role; see `core.llm.writer_for`."""
    config = config_from(settings)
    choice = choice_of(role, settings)
    return MeteredWriter(
        inner=_recording(bare_writer(choice, config), choice, config, settings),
        price=config.price(choice),
        budget=Budget(config.limits, _ledger(store)),
        spool=_spool(store),
    )


def choice_of(role: Role, settings: Settings) -> Choice:
    """What LLM_<ROLE> names; without it the model of a key that is set, else offline."""
    if text := settings.model_of(role):
        return parse_choice(text, setting=f"LLM_{role.upper()}")
    keys = (key for key in DEFAULT_MODELS if settings.has_secret(key))
    return DEFAULT_MODELS.get(next(keys, ""), Choice("offline"))


def bare_writer(choice: Choice, config: LlmConfig) -> Writer:
    """The writer itself, without budget and spool. Its SDK is imported at the first call."""
    return _BUILDERS[choice.provider](choice, config)


def _offline(choice: Choice, config: LlmConfig) -> Writer:  # noqa: ARG001
    from core.llm.offline import OfflineWriter

    return OfflineWriter()


def _recorded(choice: Choice, config: LlmConfig) -> Writer:
    from core.llm.recorded import RecordedWriter

    return RecordedWriter(config.root / Path(choice.model).expanduser())


def _openai(choice: Choice, config: LlmConfig) -> Writer:
    from core.llm.openai import OpenAIWriter

    key = _key("OPENAI_API_KEY", choice, config)
    return OpenAIWriter(choice.model, key, config.openai_base_url, config.timeout)


def _anthropic(choice: Choice, config: LlmConfig) -> Writer:
    from core.llm.anthropic import AnthropicWriter

    key = _key("ANTHROPIC_API_KEY", choice, config)
    return AnthropicWriter(choice.model, key, config.anthropic_base_url, config.timeout)


def _url(choice: Choice, config: LlmConfig) -> Writer:
    from core.llm.compatible import CompatibleWriter

    if not config.api_url:
        raise ConfigError(
            f"url:{choice.model} needs the address of a server",
            field="LLM_API_URL",
            remedy="set LLM_API_URL, for instance http://127.0.0.1:11434/v1",
        )
    key = config.secret("LLM_API_KEY") or ""
    return CompatibleWriter(choice.model, key, config.api_url, config.timeout)


_BUILDERS: Mapping[str, Callable[[Choice, LlmConfig], Writer]] = {
    "offline": _offline,
    "recorded": _recorded,
    "openai": _openai,
    "anthropic": _anthropic,
    "url": _url,
}


def _key(name: str, choice: Choice, config: LlmConfig) -> str:
    key = config.secret(name)
    if not key:
        raise ConfigError(
            f"{choice.provider}:{choice.model} needs a key",
            field=name,
            remedy=f"put {name} in .env, or use offline",
        )
    return key


def _recording(
    writer: Writer, choice: Choice, config: LlmConfig, settings: Settings
) -> Writer:
    if config.record is None or choice.provider == "recorded":
        return writer
    from core.llm.recorded import RecordingWriter

    return RecordingWriter(writer, config.record, settings.secrets())


@dataclass(frozen=True)
class _NoLedger:
    """Without a store nobody knows what the day has cost: nothing is spent."""

    def reserve(
        self,
        cycle: str,  # noqa: ARG002
        amount: Decimal,
        limits: Limits,  # noqa: ARG002
        at: datetime,  # noqa: ARG002
    ) -> NoReturn:
        raise BudgetError(
            "a model that costs money is not called while the store cannot be reached",
            field="store",
            value=amount,
            remedy="run `asza doctor`, or use offline",
        )

    def settle(self, reservation: int, spent: Decimal) -> None:
        """There is no reservation to settle."""


def _ledger(store: Store | None) -> Ledger:
    if store is None:
        return _NoLedger()
    from core.store import BudgetLedger

    return BudgetLedger(store)


def _spool(store: Store | None) -> Spool | None:
    if store is None:
        return None
    from core.store import Thoughts

    return Thoughts(store)
