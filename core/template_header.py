"""What stands above a body in a module's file: who wrote it from which spec, and `def`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from core.formatting import COLUMNS
from core.spec import signature

if TYPE_CHECKING:
    from core.body import Body
    from core.spec import Spec

SHORT = 6  # hex digits of a hash that a person reads
_IMPORTS: Mapping[str, str] = {
    r"\bmath\.": "import math",
    r"\bCallable\b": "from collections.abc import Callable",
    r"\bAny\b": "from typing import Any",
}


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """What the header says of a version: its number, its writer, where it came from."""

    version: int
    writer: str
    means: str = ""
    parent: int | None = None
    cause: str = "build"


def render_header(spec: Spec, body: Body, info: VersionInfo) -> str:
    """Docstring, imports, decorator and the annotated signature, up to its colon."""
    return template("module_header.py.j2").render(
        title=_prose(f"{spec.name}: {spec.description}."),
        origin=_prose(_origin(spec, info)),
        imports=_imports(spec, body),
        module=spec.id,
        short_hash=body.hash[:SHORT],
        signature=signature(spec),
    )


@cache
def template(name: str) -> jinja2.Template:
    """A template of this folder; a name it misses is an error, not an empty text."""
    loader = jinja2.FileSystemLoader(Path(__file__).parent / "templates")
    return jinja2.Environment(  # noqa: S701  the output is Python, not HTML
        loader=loader, undefined=jinja2.StrictUndefined, keep_trailing_newline=True
    ).get_template(name)


def spec_place(spec: Spec) -> str:
    """Where the spec stands, as a person would type it."""
    return f"prompts/{spec.stack}/{spec.name}.md"


def _origin(spec: Spec, info: VersionInfo) -> str:
    means = f" ({info.means})" if info.means else ""
    parent = f" · parent {info.parent} ({info.cause})" if info.parent else ""
    return (
        f"spec {spec_place(spec)}@{spec.digest[:SHORT]} · version {info.version} · "
        f"writer {info.writer}{means}{parent}"
    )


def _imports(spec: Spec, body: Body) -> list[str]:
    """Imports that the body or the annotations use, a blank line above them."""
    names = f"{signature(spec)}\n{body.text}"
    found = [line for pattern, line in _IMPORTS.items() if re.search(pattern, names)]
    return ["", *found] if found else []


def _prose(text: str) -> str:
    """Text that can stand in a docstring and not leave it, in lines that fit."""
    plain = " ".join(re.sub(r"[^\x20-\x7e\xa0-\U0010ffff]", " ", text).split())
    safe = plain.replace("\\", "\\\\").replace('"', "'")
    return "\n".join(textwrap.wrap(safe, COLUMNS - 4, break_on_hyphens=False))
