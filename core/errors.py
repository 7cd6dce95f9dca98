"""Every error a user can meet: one sentence of what is wrong, one of what to do.

The command line turns an `AszaError` into its exit code; nothing else does.
"""

from typing import Any, ClassVar
from unicodedata import category


def visible(text: str) -> str:
    """Text that a terminal only shows: what would steer it stands as �."""
    if text.isprintable():
        return text
    return "".join(c if c in "\n\t" or not _steers(c) else "�" for c in text)


def _steers(character: str) -> bool:
    """Control characters, and those that turn the direction of writing."""
    return category(character) in ("Cc", "Cs") or character in BIDI


BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class AszaError(Exception):
    """What went wrong, with the field and value at fault and the remedy, if known."""

    exit_code: ClassVar[int] = 1
    told: bool = False
    """Has another process said it on stderr already?"""

    def __init__(
        self,
        message: str,
        *,
        remedy: str = "",
        field: str = "",
        value: Any = None,
        where: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.field = field
        self.value = value
        self.where = where

    def __str__(self) -> str:
        at = f"{self.where}: " if self.where else ""
        return visible(f"{at}{self.message}")

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON, the same keys for every kind."""
        return {
            "error": type(self).__name__,
            "message": self.message,
            "field": self.field,
            "value": repr(self.value)[:200] if self.value is not None else None,
            "where": self.where,
            "remedy": self.remedy,
            "exit_code": self.exit_code,
        }


class ConfigError(AszaError):
    """A setting is missing or wrong."""

    exit_code = 3


class RequestRefused(AszaError):
    """The request is empty, too long, unsafe or not understood."""

    exit_code = 4


class SpecError(AszaError):
    """A spec breaks the law of DESIGN §3; `where` is file:line."""

    exit_code = 5


class PlanError(AszaError):
    """A plan is not whole: it breaks its schema or its names do not connect."""

    exit_code = 5


class StackError(AszaError):
    """A stack cannot be wired: a clash, a missing name or a cycle."""

    exit_code = 5


class BodyRefused(AszaError):
    """No body passed the gate, or an answer holds no usable body."""

    exit_code = 6


class ModelError(AszaError):
    """A model endpoint did not give a usable answer."""

    exit_code = 7


class BudgetError(AszaError):
    """The money is not there, or the price is unknown."""

    exit_code = 8


class StoreError(AszaError):
    """The database, Redis or the disk cannot be used."""

    exit_code = 9


class DataError(AszaError):
    """Candles or another data file are not usable."""

    exit_code = 10


class ModuleFailed(AszaError):
    """A module failed at run time and its spec names no fallback."""

    exit_code = 11


class FileEdited(AszaError):
    """A generated file was edited by hand since ASZA wrote it; `value` is the diff."""

    exit_code = 12

    def as_dict(self) -> dict[str, Any]:
        """With the whole diff: whoever decides about it must have read it."""
        return {**super().as_dict(), "value": self.value}


class NotFound(AszaError):
    """No such module, stack or version."""

    exit_code = 13


class Ambiguous(AszaError):
    """Repairs that give every case disagree elsewhere: an example has to decide."""

    exit_code = 14


class NotRepaired(AszaError):
    """No repair was found that gives every case."""

    exit_code = 15


class LedgerError(AszaError):
    """A ledger was told what cannot have happened; `value` is the event."""

    exit_code = 16


class NotConfirmed(AszaError):
    """A change that only a person may make was not said yes to."""

    exit_code = 17


class VenueError(AszaError):
    """An exchange cannot be asked: what was sent to it may have arrived or not."""

    exit_code = 18
