"""What a page of documentation says of a stack, as Markdown between markers."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from core.errors import ConfigError
from trading.shell import series
from trading.shell.reporting.graph.model import Node
from trading.shell.reporting.graph.opening import Opened
from trading.shell.reporting.graph.text import heading

NO_FALLBACK = "nothing: what reads it is not run"
KINDS = (
    ("candle", "candle"),
    ("clock", "candle"),
    ("indicator", "indicator"),
    ("derived", "indicator"),
    ("account", "account"),
)


def modules_part(whole: Opened) -> str:
    """A table a phase, a row a module."""
    return "\n\n".join(_phases(whole))


def parameters_part(whole: Opened) -> str:
    """The fixed values of the stack: what they are, and who reads them."""
    rows = (
        (f"`{name}`", _value(own.value), own.unit, own.description, readers)
        for name, own in whole.file.own.items()
        if own.fixed and (readers := _readers(whole, name))
    )
    return _table(("parameter", "value", "unit", "meaning", "read by"), rows)


def starting_part(whole: Opened) -> str:
    """What the shell gives: from the candle, the indicators, the account."""
    given = {name for node in whole.graph.nodes for name in node.given}
    rows = sorted(_starting(whole, name) for name in given)
    return _table(
        ("kind", "name", "unit", "meaning", "read by"),
        ((kind, f"`{name}`", *rest) for _, kind, name, *rest in rows),
    )


PARTS: Mapping[str, Callable[[Opened], str]] = {
    "modules": modules_part,
    "parameters": parameters_part,
    "starting values": starting_part,
}


def renewed(page: Path, whole: Opened) -> str:
    """The page with every part between its markers made anew; ConfigError without them."""
    text = page.read_text(encoding="utf-8") if page.is_file() else ""
    for name, make in PARTS.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        found = re.search(re.escape(begin) + ".*?" + re.escape(end), text, re.S)
        if found is None:
            raise ConfigError(
                f"{page} has no {begin} before an {end}",
                field="--page",
                value=str(page),
                remedy="write both lines where the table shall stand",
            )
        made = f"{begin}\n{make(whole)}\n{end}"
        text = text[: found.start()] + made + text[found.end() :]
    return text


# -- modules --------------------------------------------------------------------------------


def _phases(whole: Opened) -> Iterator[str]:
    columns = ("module", "what it says", "reads", "makes", "if it fails", "offline")
    for phase in whole.graph.phases:
        rows = [_row(whole, node) for node in whole.graph.of(phase)]
        yield f"### {phase.name}\n\nRuns {heading(phase)}.\n\n{_table(columns, rows)}"


def _row(whole: Opened, node: Node) -> Sequence[str]:
    link = f"[`{node.name}`](../prompts/{whole.graph.stack}/{node.name}.md)"
    role = f"{node.role}, can end the phase" if node.ends else node.role
    return (
        f"{link}<br>{role}",
        f"{node.says}.",
        "<br>".join(_reads(whole, node)),
        "<br>".join(_makes(whole, node)),
        _fallback(whole.specs[node.name].contract.fallback),
        whole.means.get(node.name) or "–",
    )


def _reads(whole: Opened, node: Node) -> Iterator[str]:
    for edge in whole.graph.into(node.name):
        yield f"{_named(edge.names)} of {edge.source}"
    for word, names in (
        ("given", node.given),
        ("parameters", node.parameters),
        ("may ask", node.asks),
    ):
        if names:
            yield f"{word}: {_named(names)}"


def _makes(whole: Opened, node: Node) -> Iterator[str]:
    safer = whole.specs[node.name].contract.safer
    for name in (*node.makes, *(["proceed"] if node.ends else [])):
        said = safer.get(name)
        yield f"`{name}`" + (f" ({_safer(said)})" if said else "")
    if node.state:
        yield f"remembers {_named(node.state)}"


def _safer(said: str) -> str:
    return "no other is safer" if said == "equal" else f"{said} is safer"


def _fallback(values: Mapping[str, Any] | None) -> str:
    if values is None:
        return NO_FALLBACK
    return "<br>".join(f"`{name}`: {_value(value)}" for name, value in values.items())


# -- values ---------------------------------------------------------------------------------


def _starting(whole: Opened, name: str) -> tuple[int, str, str, str, str, str]:
    """Sorted by kind, then by name."""
    value = whole.file.vocabulary.starting_value(name)
    own = whole.file.own.get(name)
    kinds = list(dict(KINDS))
    found = series.lookup(name)
    kind = found.family.kind if found else "account"
    unit = value.unit if value else own.unit if own else ""
    says = value.description if value else own.description if own else ""
    at = kinds.index(kind)
    return at, dict(KINDS)[kind], name, unit, says, _readers(whole, name)


def _readers(whole: Opened, name: str) -> str:
    return ", ".join(
        node.name
        for node in whole.graph.nodes
        if name in node.given or name in node.parameters
    )


def _named(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _value(value: Any) -> str:
    """A value on one line, as a spec would write it."""
    dumped = yaml.safe_dump(value, default_flow_style=True, width=10_000)
    return str(dumped).removesuffix("\n...\n").strip() if value != "" else '""'


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
        *(
            f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
            for row in rows
        ),
    ]
    return "\n".join(lines)
