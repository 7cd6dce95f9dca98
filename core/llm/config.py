"""The part of the settings that writers read, as one plain value."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from core.budget import FREE, CataloguePrice, FlatPrice, Limits, Price
from core.errors import ConfigError

if TYPE_CHECKING:
    from core.settings import Settings

PROVIDERS = ("offline", "openai", "anthropic", "url", "recorded")


@dataclass(frozen=True)
class Choice:
    """Which provider, and its model (or, for `recorded`, its folder)."""

    provider: str
    model: str = ""


@dataclass(frozen=True)
class LlmConfig:
    """Where models are, what they may cost, how long to wait. Prices: $ per 10^6 tokens."""

    secret: Callable[[str], str | None]
    root: Path = Path()
    api_url: str = ""
    openai_base_url: str = ""
    anthropic_base_url: str = ""
    price_input: Decimal | None = None
    price_output: Decimal | None = None
    free: bool = False
    timeout: float = 120.0
    record: Path | None = None
    limits: Limits = field(default_factory=Limits)

    def price(self, choice: Choice) -> Price:
        """What a choice costs: free by its nature, the catalogue's, else as `.env` says.

        Raises ConfigError when a server elsewhere is said to be free.
        """
        if choice.provider in ("offline", "recorded"):
            return FREE
        if choice.provider == "url" and self.free:
            return _free_if_local(self.api_url)
        return CataloguePrice(choice.provider, choice.model, self._told())

    def _told(self) -> Price | None:
        if self.price_input is None or self.price_output is None:
            return None
        return FlatPrice(self.price_input, self.price_output)


def config_from(settings: Settings) -> LlmConfig:
    """What the settings say about models; relative folders start at the project's."""
    record = settings.llm_record
    return LlmConfig(
        secret=settings.secret,
        root=settings.root,
        api_url=settings.llm_api_url,
        openai_base_url=settings.openai_base_url,
        anthropic_base_url=settings.anthropic_base_url,
        price_input=settings.llm_price_input,
        price_output=settings.llm_price_output,
        free=settings.llm_api_free,
        timeout=settings.llm_timeout,
        record=settings.root / record if record else None,
        limits=Limits(
            call=settings.budget_per_call,
            request=settings.budget_per_request,
            day=settings.budget_per_day,
            month=settings.budget_per_month,
        ),
    )


def _free_if_local(url: str) -> Price:
    if is_local(url):
        return FREE
    raise ConfigError(
        f"LLM_API_FREE is set, but {url} is not on this machine or its network",
        field="LLM_API_FREE",
        value=url,
        remedy="set LLM_PRICE_INPUT and LLM_PRICE_OUTPUT instead (0 is allowed)",
    )


def is_local(url: str) -> bool:
    """Whether an address is this machine or a private network: a name without dots too."""
    host = urlsplit(url).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return bool(host) and (
            "." not in host or host.endswith((".local", ".internal"))
        )
    return address.is_private or address.is_loopback


def parse_choice(text: str, *, setting: str) -> Choice:
    """`openai:gpt-5` -> Choice("openai", "gpt-5"); `ConfigError` for what is neither."""
    provider, _, model = text.strip().partition(":")
    provider = provider.lower()
    if provider not in PROVIDERS:
        raise _bad_choice(setting, text, f"{provider!r} is not a provider")
    if provider != "offline" and not model:
        raise _bad_choice(setting, text, f"{provider} needs a name after the colon")
    return Choice(provider, model)


def _bad_choice(setting: str, text: str, why: str) -> ConfigError:
    return ConfigError(
        f"{setting}={text}: {why}",
        field=setting,
        value=text,
        remedy="write offline, openai:<model>, anthropic:<model>, url:<model> "
        "or recorded:<folder>",
    )
