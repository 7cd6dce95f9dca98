"""Files as they are to be and as they were, and where a person's text is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.atomic import OnStep, nothing, read_text, remove_durably, write_atomically
from core.places import relative

if TYPE_CHECKING:
    from core.settings import Settings

KEPT = "replaced"


@dataclass(frozen=True, slots=True)
class Change:
    """A file's text as it is to be and as it was; None where there is no file."""

    path: Path
    text: str | None
    replaces: str | None

    def apply(self, on_step: OnStep = nothing) -> None:
        """Make it so; StoreError where the disk refuses."""
        put(self.path, self.text, on_step)

    def take_back(self) -> None:
        """As it was, unless somebody has changed it since."""
        if read_text(self.path) == self.text:
            put(self.path, self.replaces)

    def as_dict(self, settings: Settings) -> dict[str, Any]:
        """As the journal keeps it."""
        path = relative(settings, self.path)
        return {"path": path, "text": self.text, "replaces": self.replaces}


def change_from(data: Mapping[str, Any], settings: Settings) -> Change:
    """A change that the journal kept."""
    return Change(settings.root / data["path"], data["text"], data["replaces"])


def put(path: Path, text: str | None, on_step: OnStep = nothing) -> None:
    """Write the file, or remove it."""
    if text is not None:
        write_atomically(path, text, on_step)
    elif path.exists():
        remove_durably(path)
        on_step("removed")


def keep(settings: Settings, path: Path, text: str) -> Path:
    """Put a person's text aside before it is replaced; where it is now."""
    now = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")
    there = settings.home / KEPT / path.parent.name / now / relative(settings, path)
    write_atomically(there, text)
    return there
