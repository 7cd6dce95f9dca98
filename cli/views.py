"""How answers look to a person: tables and panels from the same data `--json` prints."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.text import Text

from cli.fitting import Fitted

Data = Mapping[str, Any]
Rows = Sequence[Data]


def table(
    title: str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    spare: Sequence[str] = (),
    show_header: bool = True,
) -> Fitted:
    """A table that fits its terminal; `spare` are the columns it can be without there,
    the least important first."""
    cells = [[shown(cell) for cell in row] for row in rows]
    known = [name for name in spare if name in columns]
    return Fitted(title, columns, cells, known, show_header)


def shown(value: Any) -> str:
    """A cell's text: short floats, a dash for nothing."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(each) for each in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={shown(each)}" for name, each in value.items())
    return str(value)


def code(text: str, title: str = "") -> Panel:
    """Python source in a frame."""
    from rich.syntax import Syntax  # brings pygments, which a listing does not need

    return Panel(
        Syntax(text.rstrip(), "python", background_color="default", word_wrap=True),
        title=escape(title),
        title_align="left",
        border_style="dim",
    )


def difference(text: str) -> Text:
    """A unified diff in colours, its lines whole: print it with `soft_wrap`."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    made = Text()
    for line in (text or "no difference").splitlines():
        made.append(f"{line}\n", style=colours.get(line[:1], ""))
    return made


def plan(console: Console, data: Data) -> None:
    """The plan: modules, what each does, where its inputs come from."""
    head = f"plan for stack {data['stack']} · by {data['architect']}"
    sources = {(w["consumer"], w["name"]): w["source"] for w in data["wires"]}
    new = [each for each in data["specs"] if not each["reused"]]
    added = new if data["joins"] and new else []
    rows = (
        (
            each["name"],
            each["intent"],
            [_from(name, each["name"], sources) for name in each["inputs"]],
            each["outputs"],
            f"reused: {each['reused']}" if each["reused"] else "new",
        )
        for each in added or data["specs"]
    )
    columns = ("module", "what it does", "reads", "gives", "")
    console.print(table(head, columns, rows))
    if added:
        others = len(data["specs"]) - len(added)
        console.print(f"the {others} other modules of {data['stack']} stay as they are")
    for note in data.get("notes", ()):
        console.print(f"[dim]note[/] {escape(note)}")
    for part in data["not_understood"]:
        console.print(f"[bold red]not understood[/] “{escape(part)}”")


def _from(name: str, consumer: str, sources: Mapping[tuple[str, str], str]) -> str:
    """An input, and the module that makes it where one does."""
    source = sources.get((consumer, name), "starting")
    return name if source in ("starting", "state") else f"{name} (from {source})"


def checks(data: Data) -> Fitted:
    """A certificate's eight checks, each with its figure and time."""
    rows = (
        (
            "passed" if each["passed"] else "FAILED",
            each["name"],
            each["figure"],
            f"{each['seconds'] * 1000:.1f} ms",
        )
        for each in data["checks"]
    )
    return table("gate", ("", "check", "figure", "time"), rows)


def grouped(*parts: Any) -> Group:
    """Several things under each other."""
    return Group(*parts)


NOT_PROOF = (
    "Passing the gate means: the contract held on everything that was tried. "
    "It does not mean that the contract is what you meant."
)


def frame(text: str, title: str) -> Panel:
    """Plain text in a frame, shown as it is."""
    return Panel(
        escape(text.rstrip()), title=escape(title), title_align="left", style="dim"
    )


def dollars(amount: Decimal) -> str:
    """An amount to a hundredth of a cent, without needless zeros."""
    return f"${amount:.4f}".rstrip("0").rstrip(".")
