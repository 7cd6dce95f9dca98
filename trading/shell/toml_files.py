"""The shell's own TOML files, read in one way and refused in one."""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import ConfigError


def read_toml(
    path: Path, what: str, remedy: str, *, number: Callable[[str], Any] = float
) -> dict[str, Any]:
    """The plain values of a TOML file, its decimals made by `number`.

    ConfigError where it is not there or cannot be read, with the remedy; `what` names the file's content.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=number)
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no file {path} for {what}",
            field="file",
            value=str(path),
            remedy=f"check its name and folder{remedy}",
        ) from error
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"{what} cannot be read: {error}",
            where=str(path),
            remedy=f"make it valid TOML{remedy}",
        ) from error
