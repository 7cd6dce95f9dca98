"""One way to answer: a table for a person, one JSON document for a machine.

Data goes to stdout, everything said along the way to stderr. With `--json` stdout
holds exactly one JSON document, the error object included when a command fails.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NoReturn, Self

import typer
from pydantic import ValidationError
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.segment import Segment

from core.errors import AszaError, FileEdited, StoreError, visible
from core.requirements import requirement

Json = Annotated[
    bool, typer.Option("--json", help="One JSON document on stdout instead of a table.")
]


PIPED_WIDTH = 120  # a pipe has no width; 80 would break every path


class SafeConsole(Console):
    """A console whose texts cannot steer the terminal, whoever wrote them."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """As rich renders it, every control character in a text made visible."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else _seen(segment)

    def on_broken_pipe(self) -> NoReturn:
        """Not rich's way, which is exit code 1."""
        leave_quietly()


def _seen(segment: Segment) -> Segment:
    return Segment(visible(segment.text), segment.style)


def _stdout() -> Console:
    return _wide(SafeConsole(highlight=False, emoji=False))


def _stderr() -> Console:
    return _wide(SafeConsole(stderr=True, highlight=False, emoji=False))


def _wide(console: Console) -> Console:
    """A terminal's own width, or COLUMNS; a pipe gets room for whole lines."""
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPED_WIDTH
    return console


class UsageError(AszaError):
    """The command line itself is wrong."""

    exit_code = 2

    @classmethod
    def of(cls, error: typer.TyperException) -> Self:
        """What typer says is wrong, in our form."""
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "asza"
        value, told = _refused(error), f"`{command} --help`"
        return cls(
            _plain_words(error),
            field=_option(error),
            value=value,
            remedy=f"see {told}"
            if value is None
            else f"leave it out, or give a value as {told} shows",
        )


def _option(error: typer.TyperException) -> str:
    """The option or argument whose value was refused; "" where none was."""
    hint = getattr(error, "param_hint", None)
    names = getattr(getattr(error, "param", None), "opts", ())
    return str(hint or next(iter(names), ""))


def _plain_words(error: typer.TyperException) -> str:
    """What is wrong, in our words where typer only passes pydantic's on."""
    cause = error.__cause__
    if not isinstance(cause, ValidationError):
        return error.format_message()
    problem = cause.errors()[0]
    told = requirement(problem).removesuffix(".")
    colon = ":" if problem["type"] == "value_error" else ""  # a sentence of typer's own
    return f"{_option(error)}{colon} {told}"


def _refused(error: typer.TyperException) -> Any:
    """The value that typer did not take; None where it was not a value's fault."""
    cause = error.__cause__
    return cause.errors()[0]["input"] if isinstance(cause, ValidationError) else None


@dataclass
class Output:
    """Where a command's answer and its remarks go."""

    json: bool = False
    out: Console = field(default_factory=_stdout)
    err: Console = field(default_factory=_stderr)

    def answer(self, data: Any, view: Callable[[Console, Any], None]) -> None:
        """Print `data`: as JSON for a machine, through `view` for a person."""
        with _written():
            if self.json:
                sys.stdout.write(json.dumps(data, default=_plain, indent=2) + "\n")
            else:
                view(self.out, data)

    def conclude(
        self,
        data: dict[str, Any],
        view: Callable[[Console, Any], None],
        failed: AszaError | None,
    ) -> int:
        """Answer, and say what failed beside it: one document; the exit code."""
        self.answer({**data, **failed.as_dict()} if failed else data, view)
        if failed is None:
            return 0
        report_error(failed, as_json=False)
        return failed.exit_code

    def say(self, text: str, style: str = "dim") -> None:
        """Remark on stderr; never data. The text is shown as it is, markup and all."""
        self.err.print(escape(text), style=style, soft_wrap=True)

    def show(self, renderable: Any) -> None:
        """Show a person something on stdout; a machine gets it in the answer."""
        if not self.json:
            self.out.print(renderable)


@contextmanager
def _written() -> Iterator[None]:
    """Stdout took it all, or StoreError; a quiet end when nobody reads any more."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        leave_quietly()
    except OSError as error:
        abandon_stdout()
        raise StoreError(
            f"the answer cannot be written to stdout: {error.strerror}",
            remedy="free disk space where it goes, or send it elsewhere",
        ) from error


def leave_quietly() -> NoReturn:
    """Whoever read has enough, as in `asza list | head`: that is no error."""
    abandon_stdout()
    raise typer.Exit(0)


def abandon_stdout() -> None:
    """Let what stdout did not take go: Python would try again, and complain, at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if hasattr(value, "as_dict"):
        return value.as_dict()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def report_error(error: AszaError, *, as_json: bool) -> None:
    """Say what is wrong and what to do about it; on stdout too for a machine."""
    if not error.told:
        _say_error(error)
    if as_json:
        sys.stdout.write(json.dumps(error.as_dict()) + "\n")


def _say_error(error: AszaError) -> None:
    console = _stderr()
    say = partial(console.print, soft_wrap=True)  # a path stays whole, to be copied
    say(f"[bold red]error[/] {escape(str(error))}")
    if isinstance(error, FileEdited):
        say(escape(str(error.value).rstrip()))
    elif error.field:
        value = "" if error.value is None else f" = {_in_words(error.value)[:200]!r}"
        say(f"[dim]  field[/] {escape(error.field + value)}")
    if error.remedy:
        say(f"[green]  to do[/] {escape(error.remedy)}")


def _in_words(value: Any) -> str:
    """A value as it could be typed: of several, commas between."""
    several = isinstance(value, (list, tuple, set, frozenset))
    return ", ".join(map(str, value)) if several else str(value)
