"""A repaired file written back: whole, unless somebody changed it meanwhile."""

from __future__ import annotations

from core.atomic import read_text, write_atomically
from core.errors import FileEdited
from wick.plain.extract import Found
from wick.plain.splice import difference


def write_back(found: Found, text: str) -> None:
    """Put `text` in the file's place, its permissions kept.

    FileEdited when the file is not as it was read; StoreError where it cannot be
    written. In both cases the file is as it was.
    """
    path = found.path.resolve()  # a link stays a link
    now = read_text(path)
    if now != found.text:
        raise FileEdited(
            f"{found.path} was changed while its repair was sought",
            field="target",
            value=difference(found, now or ""),
            where=str(found.path),
            remedy="run the command again; nothing was written",
        )
    write_atomically(path, text)
