"""The third stage: a body that passed the gate becomes a module on disk.

    python file_creator.py prompts/trading/leverage_manager.md body.txt

Header, body and footer go into one file, the version goes into the database, and a
journal keeps the two in step: killed at any moment, the next start finds every module
whole and every version with its file.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.atomic import OnStep, nothing, read_text
from core.body import Body, parse_body
from core.errors import AszaError, BodyRefused
from core.library import vocabulary_of
from core.listing import UNKNOWN, ListedModule, list_modules
from core.module_file import parse_module_text, read_module, render_module, text_hash
from core.module_writer import (
    ModuleWriter,
    NewFile,
    Recovered,
    refuse_superseded,
    unified,
)
from core.places import module_path, relative, spec_path
from core.store import LIVE, Modules, VersionRow
from core.template_header import VersionInfo

if TYPE_CHECKING:
    from core.gate import Certificate
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store

ADOPTED = "adopted"


@dataclass(frozen=True, slots=True)
class Created:
    """The module's file and version; `unchanged` if both were there already.

    `diff` is the unified diff of the file against the one it replaced; `kept` is where
    that one is if a person had edited it.
    """

    module: str
    path: Path
    version: int
    unchanged: bool = False
    diff: str = ""
    kept: Path | None = None


@dataclass(frozen=True, slots=True)
class Adopted:
    """A module found on disk: adopted as version 1, or why it was not."""

    module: str
    path: Path
    certificate: Certificate | None = None
    refused: str = ""


def create(
    spec: Spec,
    body: Body | str,
    certificate: Certificate,
    *,
    store: Store,
    settings: Settings,
    writer: str,
    means: str = "",
    parent: int | None = None,
    cause: str = "build",
    cost_usd: Decimal = Decimal(0),
    force: bool = False,
    replaces: int | None = None,
    on_step: OnStep = nothing,
) -> Created:
    """Write the module and make it live.

    With `replaces` it is written only while that version is the live one. Raises
    BodyRefused when the certificate is not this body's, Superseded when another version
    is live by now, FileEdited (its `value` is the diff) when a person has edited the
    file and `force` is not said, StoreError when the disk or the database cannot be
    used; nothing has changed then.
    """
    body = body if isinstance(body, Body) else parse_body(body)
    _prove(spec, body, certificate)
    desk = ModuleWriter(store, settings, on_step)
    with desk.turn():
        history = desk.modules.history(spec.id)
        live = next((row for row in history if row.state == LIVE), None)
        refuse_superseded(spec.id, live, replaces)
        if live and _same(settings, spec, body, live):
            desk.modules.set_certificate(spec.id, live.version, certificate.as_dict())
            return Created(spec.id, module_path(settings, spec.id), live.version, True)
        number = max((row.version for row in history), default=0) + 1
        origin = parent if parent is not None else (live.version if live else None)
        info = VersionInfo(number, writer, means, origin, cause)
        text = render_module(spec, body, info)
        path = module_path(settings, spec.id)
        ours = {row.file_hash for row in history}
        old = desk.check_unedited(path, ours, text, force=force)
        row = version_row(settings, spec, body, certificate, info, text, cost_usd)
        desk.write(row, [*_missing_spec(settings, spec), NewFile(path, text, old)])
    diff = unified(old or "", text, "before", "after")
    kept = desk.kept[-1] if desk.kept else None
    return Created(spec.id, path, number, diff=diff, kept=kept)


def recover(store: Store, settings: Settings) -> list[Recovered]:
    """Complete or take back whatever a killed writer left half-made."""
    with ModuleWriter(store, settings).turn() as recovered:
        return recovered


def unadopted(
    settings: Settings, store: Store, stack: str | None = None
) -> list[ListedModule]:
    """Modules on disk that the database has never heard of, as on a fresh clone."""
    listed = list_modules(settings, store, stack)
    known = Modules(store)
    return [m for m in listed if m.state == UNKNOWN and not known.history(m.module)]


def adopt(
    *,
    store: Store,
    settings: Settings,
    sandbox: Sandbox,
    stack: str | None = None,
    on_module: Callable[[Adopted], None] | None = None,
) -> list[Adopted]:
    """Gate every module the database does not know and record it as version 1.

    The files stay as they are. One that does not pass is reported and not recorded:
    it runs in the sandbox only.
    """
    found: list[Adopted] = []
    for listed in unadopted(settings, store, stack):
        found.append(_adopt(listed, store, settings, sandbox))
        if on_module:
            on_module(found[-1])
    return found


def _prove(spec: Spec, body: Body, certificate: Certificate) -> None:
    if certificate.holds_for(spec, body.hash):
        return
    theirs = (certificate.body_hash, certificate.spec_digest)
    why = "is of another body, spec or gate" if certificate.passed else "did not pass"
    found = next(iter(certificate.refusals), None)
    raise BodyRefused(
        f"{spec.id} is not written: its certificate {why}"
        + (f" at {found.check}: {found.message}" if found else ""),
        field="certificate",
        value=theirs,
        remedy=found.remedy
        if found
        else "put this very body through the gate with this very spec",
    )


def version_row(
    settings: Settings,
    spec: Spec,
    body: Body,
    certificate: Certificate | None,
    info: VersionInfo,
    text: str,
    cost_usd: Decimal = Decimal(0),
) -> VersionRow:
    """The version as the database keeps it; `text` is its whole file."""
    return VersionRow(
        module=spec.id,
        version=info.version,
        body=body.text,
        body_hash=body.hash,
        spec_text=spec.text,
        spec_digest=spec.digest,
        writer=info.writer,
        means=info.means,
        parent=info.parent,
        cause=info.cause,
        cost_usd=cost_usd,
        certificate=certificate.as_dict() if certificate else None,
        path=relative(settings, module_path(settings, spec.id)),
        file_hash=text_hash(text),
    )


def _same(settings: Settings, spec: Spec, body: Body, live: VersionRow) -> bool:
    """Whether the live version is this body for this spec, and its file is there."""
    text = read_text(module_path(settings, spec.id))
    return (
        (live.body_hash, live.spec_digest) == (body.hash, spec.digest)
        and text is not None
        and text_hash(text) == live.file_hash
    )


def _missing_spec(settings: Settings, spec: Spec) -> list[NewFile]:
    """The spec's own file, where it is not on disk yet."""
    path = spec_path(settings, spec.id)
    return [] if path.exists() else [NewFile(path, spec.text, None)]


def _adopt(
    listed: ListedModule, store: Store, settings: Settings, sandbox: Sandbox
) -> Adopted:
    path = settings.root / listed.path
    try:
        certificate = _gate(listed, settings, sandbox)
    except AszaError as error:
        return Adopted(listed.module, path, refused=str(error))
    if not certificate.passed:
        return Adopted(listed.module, path, certificate, _first_finding(certificate))
    return _record(listed, path, certificate, store, settings)


def _gate(listed: ListedModule, settings: Settings, sandbox: Sandbox) -> Certificate:
    from core.gate import run_gate
    from core.spec import load_spec

    words = vocabulary_of(settings, listed.stack)
    spec = load_spec(spec_path(settings, listed.module), words)
    body = read_module(settings.root / listed.path).canonical()
    return run_gate(spec, body.text, sandbox=sandbox, vocabulary=words)


def _first_finding(certificate: Certificate) -> str:
    found = [f for check in certificate.checks for f in check.findings]
    return str(found[0]) if found else "it did not pass the gate"


def _record(
    listed: ListedModule,
    path: Path,
    certificate: Certificate,
    store: Store,
    settings: Settings,
) -> Adopted:
    """Version 1, live at once: the file is already where it belongs."""
    from core.spec import load_spec

    words = vocabulary_of(settings, listed.stack)
    spec = load_spec(spec_path(settings, listed.module), words)
    desk = ModuleWriter(store, settings)
    with desk.turn():
        text = read_text(path) or ""
        body = parse_module_text(text).canonical()
        if body.hash != certificate.body_hash:
            return Adopted(listed.module, path, refused="it changed while it was gated")
        if desk.modules.history(listed.module):
            return Adopted(listed.module, path, certificate)
        info = VersionInfo(1, listed.writer or "unknown", listed.means, cause=ADOPTED)
        row = version_row(settings, spec, body, certificate, info, text)
        desk.modules.add_version(replace(row, state=LIVE))
    return Adopted(listed.module, path, certificate)


def main(
    spec_file: Annotated[Path, typer.Argument(help="the spec, prompts/<stack>/x.md")],
    body_file: Annotated[Path, typer.Argument(help="the body's text, - for stdin")],
    force: Annotated[bool, typer.Option(help="overwrite an edited file")] = False,
) -> None:
    """Gate a body and write its module."""
    from core.gate import run_gate
    from core.sandbox import Sandbox
    from core.settings import load_settings
    from core.spec import load_spec
    from core.store import open_store

    settings = load_settings()
    text = sys.stdin.read() if str(body_file) == "-" else read_text(body_file) or ""
    words = vocabulary_of(settings, spec_file.resolve().parent.name)
    spec = load_spec(spec_file.resolve(), words)
    with Sandbox() as sandbox, open_store(settings) as store:
        certificate = run_gate(spec, text, sandbox=sandbox, vocabulary=words)
        made = create(
            spec, text, certificate,
            store=store, settings=settings, writer="hand", force=force,
        )  # fmt: skip
    said = "is as it was" if made.unchanged else "written"
    typer.echo(f"{made.path}: version {made.version} {said}")
    if made.kept:
        typer.echo(f"the text that was edited by hand is kept in {made.kept}")


if __name__ == "__main__":
    try:
        typer.run(main)
    except AszaError as error:
        typer.echo(f"{error}\n{error.remedy}", err=True)
        if isinstance(error.value, str) and "\n" in error.value:
            typer.echo(error.value, err=True)
        raise SystemExit(error.exit_code) from error
