"""`asza wick watch` as a person sees it: a table that lives, and a panel a verdict."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from rich import box
from rich.columns import Columns
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.panel import Panel
from rich.table import Table

from cli import views
from core.counting import counted
from wick.telling import Told

Data = Mapping[str, Any]
COLUMNS = ("#", "module", "what failed", "diagnosis", "clones: survivors", "verdict")
STYLES = {"repaired": "green", "ambiguous": "yellow", "not repaired": "red"}


@dataclass
class Row:
    """One defect as the table shows it."""

    module: str = ""
    signature: str = ""
    diagnosis: str = ""
    clones: dict[str, str] = field(default_factory=dict)
    verdict: str = ""

    def cells(self, number: int) -> tuple[str, ...]:
        """The row as texts, one a column."""
        clones = "\n".join(f"{rung}: {told}" for rung, told in self.clones.items())
        parts = (self.module, self.signature, self.diagnosis, clones, self.verdict)
        return str(number), *map(escape, parts)


class Board:
    """What Wick has told so far, as a table; verdicts scroll by above it."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._rows: dict[int, Row] = {}
        self._foot = ""
        self._live: Live | None = None

    @contextmanager
    def shown(self) -> Iterator[None]:
        """Keep the table on screen; without a terminal only what is told is printed."""
        if not self._console.is_terminal:
            yield
            return
        with Live(self, console=self._console, refresh_per_second=8) as live:
            self._live = live
            yield
            live.update(self)
        self._live = None

    def __rich__(self) -> RenderableType:
        """The table as it is now."""
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for column in COLUMNS:
            table.add_column(column, overflow="fold")
        for number, row in self._rows.items():
            table.add_row(*row.cells(number))
        return Group(*([table] if self._rows else []), f"[dim]{escape(self._foot)}[/]")

    def tell(self, told: Told) -> None:
        """Take one event in."""
        self._take(told)
        if told.kind == "verdict":
            self._console.print(verdict_panel(told.data))
        elif self._live is None and told.kind != "idle":
            self._console.print(escape(told.text), soft_wrap=True)

    def _take(self, told: Told) -> None:
        if not told.defect:
            self._foot = told.text
            return
        row = self._rows.setdefault(told.defect, Row(told.module))
        if told.kind == "defect":
            row.signature = str(told.data.get("signature", ""))
        elif told.kind == "diagnosis":
            row.diagnosis = str(told.data.get("kind", ""))
        elif told.kind == "rung":
            row.clones[str(told.data["rung"])] = _clone(told.data)
        else:
            row.verdict = str(told.data.get("state", told.kind))


def _clone(data: Data) -> str:
    survivors, tried = data.get("survivors", 0), data.get("tried", 0)
    mark = "" if data.get("state") == "ended" else " …"
    return f"{survivors} of {tried:,}{mark}"


def verdict_panel(data: Data) -> Panel:
    """A verdict whole: the lines before and after, what changes, what it took."""
    state = str(data["state"])
    parts: list[RenderableType] = []
    if data.get("after"):
        parts.append(
            Columns(
                [
                    views.code(str(data["before"]), "before"),
                    views.code(str(data["after"]), "after"),
                ]
            )
        )
    if data.get("changed"):
        parts.append(_changed(data["changed"]))
    parts += [escape(line) for line in _lines(data)]
    title = f"{state} · {data['module']} · defect #{data['defect']}"
    return Panel(
        Group(*parts),
        title=escape(title),
        title_align="left",
        border_style=STYLES.get(state, "dim"),
    )


def _changed(rows: Any) -> Table:
    """What was and what is, beside inputs that may be long."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, title_justify="left")
    table.title, table.title_style = "inputs whose outputs change", "bold"
    for column, ratio in (("inputs", 3), ("was", 2), ("is", 2)):
        table.add_column(column, overflow="fold", ratio=ratio)
    for each in rows:
        cells = each["inputs"], each["before"], each["after"]
        table.add_row(*(escape(views.shown(cell)) for cell in cells))
    return table


def _lines(data: Data) -> Iterator[str]:
    """What a verdict says in words, the empty ones left out."""
    told = (
        ("why", data.get("why")),
        ("blast radius", data.get("blast")),
        ("safer", data.get("safer")),
        ("look at", data.get("look_at")),
        ("next", data.get("next")),
    )
    yield from (f"{name}: {text}" for name, text in told if text)
    cost = views.dollars(Decimal(str(data.get("cost_usd", 0))))
    found = f"rung: {data['rung']} · " if data.get("rung") else ""
    yield (
        f"{found}{counted(data.get('tried', 0), 'candidate')} · "
        f"{counted(data.get('survivors', 0), 'survivor')} · {data.get('seconds', 0):.2f} s · {cost}"
    )
