"""Refusals of a candle file as a whole: which file it is, and by which option it came."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import DataError

FILE = "file"  # the field, where no option is named


def unusable(path: Path, why: str, remedy: str) -> DataError:
    """The refusal of a file or folder: `why` in a sentence, and what to do."""
    return DataError(why, field=FILE, value=str(path), where=str(path), remedy=remedy)


@contextmanager
def given_by(option: str) -> Iterator[None]:
    """Within, a refused file is the value of `option`, such as --csv."""
    try:
        yield
    except DataError as error:
        if error.field == FILE:
            error.field = option
        raise
