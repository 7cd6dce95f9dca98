"""Tables that fit their terminal: no number, date or name is broken inside a cell."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.markup import escape
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

LONGEST_WORD, LONGEST_NUMBER = 16, 32
"""What is longer is a path or an expression, which may be broken."""
Padding = tuple[int, int, int, int]
WIDE: Padding = (0, 1, 0, 1)
TIGHT: Padding = (0, 1, 0, 0)
EDGES = 2
BETWEEN = {WIDE: 3, TIGHT: 2}  # a divider, and the padding beside it


@dataclass(frozen=True)
class Fitted:
    """A table of plain texts, none of which is read as markup.

    Where it is too wide its long texts are wrapped; where that is not enough it is without
    the columns that `spare` names, in that order; and where that is not enough every field
    has a line of its own.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    spare: Sequence[str] = ()
    show_header: bool = True

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        """As narrow as it has to be, as wide as it would like."""
        whole = _total([self._whole(at) for at in self._places()], WIDE)
        return Measurement(1, min(whole, options.max_width))

    def __rich_console__(
        self, _: Console, options: ConsoleOptions
    ) -> Iterator[RenderableType]:
        """The table that fits, and the names of the columns that it is without."""
        room = options.max_width
        if self.title:
            yield Text(self.title, style="bold")
        for without in range(len(self.spare) + 1):
            kept = [at for at in self._places() if self._is_kept(at, without)]
            if _total(map(self._least, kept), TIGHT) <= room:
                yield self._table(kept, room)
                yield from _left_out(self.spare[:without])
                return
        yield from self._fields()

    def _places(self) -> range:
        return range(len(self.columns))

    def _is_kept(self, at: int, without: int) -> bool:
        return self.columns[at] not in self.spare[:without]

    def _cells(self, at: int) -> Iterator[str]:
        if self.show_header:
            yield self.columns[at]
        for row in self.rows:
            yield row[at]

    def _whole(self, at: int) -> int:
        """The width in which no cell of a column is wrapped."""
        lines = (line for cell in self._cells(at) for line in cell.splitlines())
        return max(map(cell_len, lines), default=1)

    def _least(self, at: int) -> int:
        """The width in which no word of a column is broken; the first column is whole."""
        if at == 0:
            return self._whole(0)
        words = (word for cell in self._cells(at) for word in cell.split())
        return max(map(_unbroken, words), default=1)

    def _table(self, kept: Sequence[int], room: int) -> Table:
        least, whole = [[f(at) for at in kept] for f in (self._least, self._whole)]
        padding = WIDE if _total(whole, WIDE) <= room else TIGHT
        made = _empty(padding, show_header=self.show_header)
        widths = _shared(least, whole, room - _total([0] * len(kept), padding))
        for at, width in zip(kept, widths, strict=True):
            name = escape(self.columns[at])
            made.add_column(name, overflow="fold", no_wrap=at == 0, width=width)
        for row in self.rows:
            made.add_row(*(escape(row[at]) for at in kept))
        return made

    def _fields(self) -> Iterator[RenderableType]:
        """Every row as a table of its own, of names and values."""
        for row in self.rows:
            made = _empty(TIGHT, show_header=False)
            made.add_column(style="dim", no_wrap=True)
            made.add_column(overflow="fold")
            for name, cell in zip(self.columns, row, strict=True):
                made.add_row(escape(name), escape(cell))
            yield made


def _unbroken(word: str) -> int:
    """The width that a word needs."""
    longest = LONGEST_NUMBER if any(map(str.isdigit, word)) else LONGEST_WORD
    return min(cell_len(word), longest)


def _empty(padding: Padding, *, show_header: bool) -> Table:
    return Table(
        box=box.SIMPLE_HEAD, pad_edge=False, show_header=show_header, padding=padding
    )


def _total(widths: Iterable[int], padding: Padding) -> int:
    """What columns of these widths take, dividers and edges included."""
    each = list(widths)
    return sum(each) + BETWEEN[padding] * max(len(each) - 1, 0) + EDGES


def _shared(least: Sequence[int], whole: Sequence[int], room: int) -> list[int]:
    """Widths that fill the room at most: who lacks least for being whole is whole first."""
    widths, left = list(least), room - sum(least)
    places = sorted(range(len(least)), key=lambda at: whole[at] - least[at])
    for done, at in enumerate(places):
        given = min(max(whole[at] - least[at], 0), left // (len(places) - done))
        widths[at] += given
        left -= given
    return widths


def _left_out(names: Sequence[str]) -> Iterator[RenderableType]:
    if names:
        told = ", ".join(names)
        yield f"[dim]too narrow for {escape(told)}: widen the terminal, or --json[/]"
