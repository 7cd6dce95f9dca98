"""One HTML page that opens offline, in which text is only text.

Two guards against text that carries markup: Jinja2 escapes every value, and the page's
content security policy runs only the scripts whose hashes it names and loads nothing
from anywhere.
"""

import base64
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup
from plotly.offline import get_plotlyjs

from core.atomic import write_atomically

PlotlyJs = Literal["inline", "directory"]

LIBRARY = "plotly.min.js"
CONFIG = (  # plotly offers to upload a chart unless it is told not to
    '{"config": {"responsive": true, "displaylogo": false, "showSendToCloud": false, '
    '"plotlyServerURL": ""}}'
)


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure with its heading; `id` is the element plotly draws into."""

    id: str
    title: str
    caption: str
    figure: Any


def template(path: Path, filters: Mapping[str, Callable[..., Any]]) -> Template:
    """The Jinja2 template at `path`: it escapes all, and refuses an unknown name."""
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    environment.filters.update(filters)
    return environment.get_template(path.name)


def scripts(
    drawn: Iterable[Chart], plotly_js: PlotlyJs, own: Sequence[str] = ()
) -> tuple[Markup, str]:
    """The page's scripts, and the policy that lets these and no others run.

    `own` are scripts of ours that run once the charts are drawn.
    """
    draw = "\n".join(
        f'Plotly.newPlot("{chart.id}", Object.assign({_figure_json(chart)}, {CONFIG}));'
        for chart in drawn
    )
    if plotly_js == "inline":
        head, sources, inline = "", [], [get_plotlyjs(), draw, *own]
    else:
        head = f'<script src="{LIBRARY}"></script>'
        sources, inline = ["file:", "'self'"], [draw, *own]
    allowed = " ".join([*sources, *map(_hash, inline)])
    policy = (
        f"default-src 'none'; script-src {allowed}; "
        "style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
    )
    elements = head + "".join(f"<script>{script}</script>" for script in inline)
    return Markup(elements), policy  # noqa: S704  plotly's code and escaped JSON


def save(path: Path, page: str, plotly_js: PlotlyJs) -> Path:
    """Write a page, and beside it the library it loads; StoreError when it cannot be."""
    if plotly_js == "directory":
        write_atomically(path.with_name(LIBRARY), get_plotlyjs())
    write_atomically(path, page)
    return path


def _hash(script: str) -> str:
    digest = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _figure_json(chart: Chart) -> str:
    """The figure as JSON that cannot end the script element it stands in."""
    text: str = chart.figure.to_json()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text
