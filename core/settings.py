"""Settings: `.env` and the environment, then `asza.toml`, then the defaults below.

Every field is one variable: the field's name in capitals in `.env`, as it stands in
`asza.toml`. Keys and tokens are not fields. They are read from the environment or
`.env` at the moment they are used, are never part of a repr or a log line, and cannot
be read any more once `seal()` was called: from then on this process runs generated
code natively and holds no key.
"""

import os
from collections.abc import Callable, Mapping
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, cast

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from core.errors import ConfigError
from core.redact import redact_value
from core.requirements import requirement
from core.settings_sources import (
    dotenv,
    environment_values,
    find_root,
    password_of,
    toml_values,
    without_password,
)

SECRETS: Mapping[str, str] = {
    "OPENAI_API_KEY": "key for OpenAI's API",
    "ANTHROPIC_API_KEY": "key for Anthropic's API",
    "LLM_API_KEY": "key for the server at LLM_API_URL, where it asks for one",
    "KRAKEN_API_KEY": "Kraken spot key (live trading only)",
    "KRAKEN_API_SECRET": "the secret of KRAKEN_API_KEY",
    "KRAKEN_FUTURES_API_KEY": "Kraken Futures key (live trading only)",
    "KRAKEN_FUTURES_API_SECRET": "the secret of KRAKEN_FUTURES_API_KEY",
}
LOG_LEVELS = Literal["TRACE", "DEBUG", "INFO", "WARNING", "ERROR"]
WRITER = r"^$|^offline$|^(openai|anthropic|url|recorded):\S.*$"
WEB = r"^$|^https?://\S+$"
DOTTED = r"^[a-z_]\w*(\.[a-z_]\w*)*$"
PREFIX = r"^[A-Za-z0-9_.:-]{1,63}:$"
CLUSTER = r"^$|^(tcp|tls)://\S+:\d+$"
FORMS: Mapping[str, str] = {
    WRITER: "must be offline, openai:MODEL, anthropic:MODEL, url:MODEL or "
    "recorded:FOLDER",
    WEB: "must start with http:// or https://",
    DOTTED: "must be a dotted name in small letters",
    PREFIX: "must be letters, digits and _ . : -, 64 at most, and end with a colon",
    CLUSTER: "must be an address with a port, as tcp://host:8786",
}
SERVERS = ("DATABASE_URL", "REDIS_URL")
SEALED = "ASZA_SEALED"  # in the environment: the whole process and its children
# What hides the keys once they cannot be read. Of the process, as SEALED is: the settings
# that sealed it need not be those that something is written with later.
_hiding: list[Callable[[Any], Any]] = []
ROLES = ("architect", "writer", "reviewer", "ask")

T = TypeVar("T")
Dollars = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
Url = Annotated[str, Field(pattern=WEB)]
Model = Annotated[str, Field(pattern=WRITER)]


class Settings(BaseSettings):
    """What a person may set; `load_settings` is the way to get one."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_ignore_empty=True,
        hide_input_in_errors=True,
        validate_default=True,
    )

    asza_root: Path = Field(
        Path(),
        description="The project's folder, the one that holds `prompts/`. "
        "Default: the working directory or its nearest parent that has one. "
        "From the environment only.",
    )
    asza_home: Path = Field(
        Path(".asza"),
        description="Where state lives: embedded servers, logs, backups. "
        "A relative path starts at the project's folder.",
    )
    asza_log_level: LOG_LEVELS = Field(
        "INFO", description="The least level that is written to the log."
    )
    asza_vocabulary: str = Field(
        "trading.shell.vocabulary",
        pattern=DOTTED,
        description="The vocabulary that requests are read with, by dotted name.",
    )
    asza_redis_prefix: str = Field(
        "asza:",
        pattern=PREFIX,
        description="Begins every Redis key and channel, ends with a colon; "
        "purge deletes only these.",
    )
    asza_wick: Literal["on", "off"] = Field(
        "on",
        description="Whether `asza run` and `asza trade paper` start Wick when a module "
        "fails. "
        "`asza wick watch` does its work in either case.",
    )
    asza_cluster: str = Field(
        "",
        pattern=CLUSTER,
        description="A Dask scheduler that Wick's free clones run on, "
        "`tcp://host:8786`. Unset: processes of this machine.",
    )
    database_url: SecretStr | None = Field(
        None,
        description="An external Postgres (13 or newer), "
        "`postgresql://user:password@host:5432/database`. "
        "Unset: an embedded one is started.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="An external Redis or Valkey, `redis://host:6379/0`. "
        "Unset: an embedded Valkey is started.",
    )
    llm_api_url: Url = Field(
        "",
        description="Any OpenAI-compatible server (Ollama, vLLM, llama.cpp), "
        "for instance `http://127.0.0.1:11434/v1`.",
    )
    llm_architect: Model = Field(
        "", description="Who turns a request into a plan (see 'Who writes')."
    )
    llm_writer: Model = Field("", description="Who writes bodies.")
    llm_reviewer: Model = Field("", description="Who reviews bodies.")
    llm_ask: Model = Field("", description="Who answers `ask_model` capabilities.")
    llm_timeout: float = Field(
        120, gt=0, le=3600, description="Seconds a model may take for one answer."
    )
    llm_api_free: bool = Field(
        False,
        description="The server at LLM_API_URL costs nothing. Believed of this machine "
        "and its private network only.",
    )
    llm_price_input: Dollars | None = Field(
        None,
        description="USD a million input tokens, for models whose price is not known.",
    )
    llm_price_output: Dollars | None = Field(
        None,
        description="USD a million output tokens; goes with LLM_PRICE_INPUT.",
    )
    llm_record: Path | None = Field(
        None,
        description="A folder: every model's answer is recorded there, to be replayed "
        "with `recorded:<folder>`.",
    )
    kraken_api_url: Url = Field(
        "",
        description="Another address for Kraken's public API, for a gateway or a test.",
    )
    openai_base_url: Url = Field(
        "",
        description="Another address for OpenAI's API, for a gateway.",
    )
    anthropic_base_url: Url = Field(
        "",
        description="Another address for Anthropic's API, for a gateway.",
    )
    budget_per_call: Dollars = Field(
        Decimal("0.50"), description="USD one model call may cost at worst."
    )
    budget_per_request: Dollars = Field(
        Decimal(2), description="USD one request may cost, all its calls together."
    )
    budget_per_day: Dollars = Field(
        Decimal(5), description="USD a day (UTC), all processes together."
    )
    budget_per_month: Dollars = Field(
        Decimal(50), description="USD a calendar month (UTC)."
    )
    reflection_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="Days a reflection is kept whole; older ones become one row "
        "a module, version and day.",
    )
    recordings_per_module: int = Field(
        200, ge=1, le=100_000, description="Most recordings one module keeps."
    )
    store_gb: float = Field(
        10,
        gt=0,
        le=100_000,
        description="GB that all tables together may take before the doctor says that "
        "something must go.",
    )

    @field_validator("database_url")
    @classmethod
    def _postgres(cls, url: SecretStr | None) -> SecretStr | None:
        return _with_scheme(url, "postgresql://", "postgres://")

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: SecretStr | None) -> SecretStr | None:
        return _with_scheme(url, "redis://", "rediss://", "unix://")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003  pydantic names them
        init_settings: PydanticBaseSettingsSource,
        *_: PydanticBaseSettingsSource,
        **__: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load_settings` hands over: it has read the files itself."""
        return (init_settings,)

    @property
    def root(self) -> Path:
        """The project's folder, absolute."""
        return self.asza_root

    @property
    def home(self) -> Path:
        """The state folder, absolute; not necessarily there yet."""
        return self.asza_root / self.asza_home.expanduser()

    @property
    def redis_prefix(self) -> str:
        """What every key and channel of ours begins with."""
        return self.asza_redis_prefix

    @property
    def sealed(self) -> bool:
        """Whether this process, or the one that started it, has given up its keys."""
        return SEALED in os.environ

    def model_of(self, role: str) -> str:
        """What LLM_<ROLE> says, "" when it says nothing."""
        if role not in ROLES:
            raise ConfigError(
                f"{role!r} is no model role",
                field="role",
                value=role,
                remedy=f"use one of {', '.join(ROLES)}",
            )
        return str(getattr(self, f"llm_{role}"))

    def secret(self, name: str) -> str | None:
        """A key, read now; None where it is not set. ConfigError once sealed."""
        if self.sealed:
            raise ConfigError(
                f"{name} cannot be read: this process runs generated code natively",
                field=name,
                remedy="ask for the key in another process, or use the sandbox engine",
            )
        return self._read(_known(name))

    def has_secret(self, name: str) -> bool:
        """Whether a key is set, for a display that never shows it."""
        return not self.sealed and bool(self._read(_known(name)))

    def secrets(self) -> tuple[str, ...]:
        """Every value that must not be shown: for redaction, nothing else."""
        urls = [u.get_secret_value() for u in (self.database_url, self.redis_url) if u]
        urls += [self.llm_api_url, self.openai_base_url, self.anthropic_base_url]
        passwords = [password_of(url) for url in urls]
        keys = [] if self.sealed else [self._read(name) for name in SECRETS]
        return tuple(value for value in (*keys, *passwords) if value)

    def redacted(self, value: T) -> T:
        """A JSON value or a text without our secrets: sealed, it still hides the keys."""
        hidden = redact_value(value, self.secrets())
        for hide in _hiding:
            hidden = hide(hidden)
        return cast("T", hidden)

    def seal(self) -> None:
        """Give the keys up for good: also out of this process's environment.

        The servers' addresses stay there without their passwords, so that who reads the
        settings again is refused there, and does not end up at the embedded ones.
        """
        if not self.sealed:
            _hiding.append(_hider(self.secrets()))
        os.environ[SEALED] = "1"
        for name in SECRETS:
            os.environ.pop(name, None)
        for name in SERVERS:
            if url := os.environ.get(name):
                os.environ[name] = without_password(url)

    def _read(self, name: str) -> str | None:
        value = os.environ.get(name) or dotenv(self.root).get(name)
        return value.strip() or None if value else None


def load_settings(root: Path | None = None) -> Settings:
    """Read the settings of the project at `root` (default: where we stand).

    Raises ConfigError naming the variable, where it came from, and what it may be.
    """
    folder = (root or find_root()).expanduser().resolve()
    try:
        values = {
            **toml_values(Settings, folder),
            **environment_values(Settings, folder),
            "asza_root": folder,
        }
        return Settings(**values)
    except ValidationError as error:
        raise _config_error(error) from None


def variables() -> dict[str, str]:
    """Every variable ASZA reads and what it means, keys included."""
    fields = Settings.model_fields.items()
    return {n.upper(): f.description or "" for n, f in fields} | dict(SECRETS)


def unknown_variables(root: Path) -> dict[str, str]:
    """Names in `.env` that mean nothing to ASZA, each with the nearest that does."""
    known = list(variables())
    strangers = [name for name in dotenv(root) if name.upper() not in known]
    return {n: "".join(get_close_matches(n.upper(), known, n=1)) for n in strangers}


def _hider(secrets: tuple[str, ...]) -> Callable[[Any], Any]:
    """Takes these secrets out of a value; does not give them back."""

    def hide(value: Any) -> Any:
        return redact_value(value, secrets)

    return hide


def _with_scheme(url: SecretStr | None, *schemes: str) -> SecretStr | None:
    if url and not url.get_secret_value().startswith(schemes):
        raise ValueError(f"must start with {' or '.join(schemes)}")
    return url


def _known(name: str) -> str:
    if name in SECRETS:
        return name
    near = get_close_matches(name, SECRETS, n=1)
    raise ConfigError(
        f"{name} is no key ASZA knows",
        field=name,
        remedy=f"did you mean {near[0]}?" if near else f"one of {', '.join(SECRETS)}",
    )


def _config_error(error: ValidationError) -> ConfigError:
    first = error.errors(include_input=False, include_url=False)[0]
    name = str(first["loc"][0]).upper()
    near = get_close_matches(name, variables(), n=1, cutoff=0.6)
    form = first.get("ctx", {}).get("pattern", "")
    why = FORMS.get(form) or requirement(first)
    if first["type"] != "extra_forbidden":
        where = "the environment" if os.environ.get(name) else ".env or asza.toml"
        remedy = f"correct {name} in {where}: {variables().get(name, '')}"
    elif name in SECRETS:
        remedy = f"put {name} in .env: asza.toml holds no keys"
    else:
        remedy = f"did you mean {near[0]}?" if near else f"delete {name}"
    if first["type"] == "extra_forbidden":
        why = "may not stand in asza.toml" if name in SECRETS else "means nothing here"
    return ConfigError(f"{name} {why}", field=name, remedy=remedy)
