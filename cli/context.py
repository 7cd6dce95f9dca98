"""What a command works with, opened when first needed and closed in order."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from cli.naming import suggested
from core.errors import NotFound
from core.settings import Settings, load_settings

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.stack import Stack
    from core.store import Store


class Context:
    """One command's settings, database and sandbox.

    Opening nothing costs nothing: `asza plan` never starts a server. Whatever command
    was given a name that nobody knows, its refusal names the nearest.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._exits = ExitStack()
        self._root = root

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._exits.__exit__(kind, error, trace)
        if isinstance(error, NotFound):
            error.remedy = suggested(self.settings, error)

    @cached_property
    def settings(self) -> Settings:
        """The project's settings; ConfigError names what is wrong in them."""
        return load_settings(self._root)

    @cached_property
    def store(self) -> Store:
        """The database, embedded or external, migrated; StoreError if it is dead."""
        from core.logs import start_logging
        from core.store import open_store

        start_logging(self.settings)
        return self._exits.enter_context(open_store(self.settings))

    def stack(self, name: str) -> Stack:
        """A stack that can be run; NotFound where it has no module."""
        from core.library import open_stack

        found = open_stack(self.settings, name, self.store)
        if not found.entries:
            raise NotFound(
                f"stack {name} has no module yet",
                field="stack",
                value=name,
                remedy=f"`asza build {name}` writes them from its specs",
            )
        return found

    @cached_property
    def sandbox(self) -> Sandbox:
        """The workers that run untrusted bodies."""
        from core.sandbox import Sandbox

        return self._exits.enter_context(Sandbox())
