"""Where settings come from: the project's folder, its `.env` and its `asza.toml`."""

import os
import re
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    TomlConfigSettingsSource,
)

from core.errors import ConfigError


def find_root() -> Path:
    """ASZA_ROOT, or the nearest folder upwards with `prompts/`, or this checkout."""
    if named := os.environ.get("ASZA_ROOT"):
        return _folder(Path(named).expanduser())
    here = Path.cwd()
    checkout = Path(__file__).resolve().parent.parent
    found = (f for f in (here, *here.parents, checkout) if (f / "prompts").is_dir())
    return next(found, here)


def _folder(named: Path) -> Path:
    """A folder that is there: a slip of the pen must not become a new project."""
    if not named.is_dir():
        raise ConfigError(
            f"ASZA_ROOT: there is no folder {named}",
            field="ASZA_ROOT",
            value=str(named),
            remedy="name the project's folder, the one that holds prompts/, or unset it",
        )
    return named


def password_of(url: str) -> str | None:
    """The password in a URL, as it is written there; None where there is none."""
    authority = url.partition("://")[2].rpartition("@")[0]
    return authority.partition(":")[2] or None


def without_password(url: str) -> str:
    """The URL, its password left out: before the host and among the parameters."""
    scheme, mark, rest = url.partition("://")
    authority, at, place = rest.rpartition("@")
    user = authority.partition(":")[0]
    whole = f"{scheme}{mark}{user}{at}{place}"
    return re.sub(r"(?i)([?&])password=[^&]*&?", r"\1", whole).rstrip("?&")


def dotenv(root: Path) -> dict[str, str]:
    """The names `.env` gives a value. ConfigError when it cannot be read."""
    try:
        values = dotenv_values(root / ".env", interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f".env cannot be read: {error}",
            where=str(root / ".env"),
            remedy="make it a readable UTF-8 text file of NAME=value lines",
        ) from error
    return {name: value for name, value in values.items() if value}


def environment_values(fields: type[BaseSettings], root: Path) -> dict[str, Any]:
    """What `.env` and, before it, the environment say about the fields."""
    dotenv(root)  # an unreadable file is told as such
    file = DotEnvSettingsSource(
        fields, env_file=root / ".env", env_ignore_empty=True, env_parse_none_str=None
    )
    values = {**file(), **EnvSettingsSource(fields, env_ignore_empty=True)()}
    return {n: v for n, v in values.items() if n in fields.model_fields}


def toml_values(fields: type[BaseSettings], root: Path) -> dict[str, Any]:
    """What `asza.toml` says. ConfigError naming the line when it is broken."""
    try:
        values = TomlConfigSettingsSource(fields, toml_file=root / "asza.toml")()
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"asza.toml cannot be read: {error}",
            where=str(root / "asza.toml"),
            remedy="correct the line, or delete the file",
        ) from error
    return {name.lower(): value for name, value in values.items()}
