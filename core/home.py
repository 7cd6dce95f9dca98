"""The state folder: private to who runs ASZA."""

from __future__ import annotations

import os
from pathlib import Path

PRIVATE = 0o600  # what is written there in words: prompts, logs, backups, tracebacks


def make_home(home: Path) -> Path:
    """Create the state folder unless it is there; a folder that is there stays as it is.

    As root the embedded Postgres is another user, who must pass through it to its data.
    """
    home.parent.mkdir(parents=True, exist_ok=True)
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    return home


def state_folder(home: Path, name: str) -> Path:
    """A folder in the state folder, for nobody else; created with it."""
    folder = make_home(home) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def open_private(path: str, flags: int) -> int:
    """An `opener` for `open`: a new file is nobody else's to read."""
    return os.open(path, flags, PRIVATE)
