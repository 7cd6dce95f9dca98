"""Break a module on purpose, so that anyone can watch Wick work.

One realistic fault goes into the live body, past the gate and without a certificate: it
runs in the sandbox only, stands in the history as what it is, and `asza rollback` takes
it back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.body import Body, parse_body
from core.errors import NotFound
from core.gate.trial import Trial
from core.library import library, vocabulary_of
from core.module_file import render_module
from core.module_writer import ModuleWriter, NewFile, refuse_superseded, unified
from core.names import suggest
from core.places import module_path, split_id
from core.recordings import keep_diverse
from core.store import LIVE, Recordings, VersionRow
from core.template_header import VersionInfo
from file_creator import version_row
from wick.faults import Kind
from wick.showing import DRAWS, Broken, choose, keeps_form, showing

if TYPE_CHECKING:
    from core.sandbox import Sandbox
    from core.settings import Settings
    from core.spec import Spec
    from core.store import Store

WRITER, MEANS = "wick", "fault"
INJECTED = "fault injected"
_LIVED = 40


@dataclass(frozen=True, slots=True)
class Injected:
    """The faulty version that runs now, what is wrong in it, and where it shows.

    On `inputs` it `happens` (a sentence without its subject); `diff` is of the bodies.
    """

    module: str
    version: int
    before: int
    kind: str
    words: str
    line: int
    inputs: Mapping[str, Any]
    happens: str
    diff: str
    path: Path


def inject(
    store: Store,
    settings: Settings,
    sandbox: Sandbox,
    module: str,
    seed: int = 0,
    kind: Kind | None = None,
    why: str = INJECTED,
) -> Injected:
    """Make a faulty version of a module live; one seed, one fault. `why` begins its cause.

    Raises NotFound for a module that is not there, RequestRefused when no fault shows,
    FileEdited when a person has edited its file, Superseded when another version became
    live meanwhile. Nothing has changed then.
    """
    trial, live = _on_stage(store, settings, sandbox, module)
    fault, shown = choose(trial, seed, kind)
    body = parse_body(fault.text)
    cause = f"{why}: {fault.kind} in line {fault.line}, {fault.words}"
    row, path = _written(store, settings, trial.spec, body, live, cause)
    names = f"{module}@{live.version}", f"{module}@{row.version} (broken)"
    return Injected(
        module=module,
        version=row.version,
        before=live.version,
        kind=str(fault.kind),
        words=fault.words,
        line=fault.line,
        inputs=shown.inputs,
        happens=shown.happens,
        diff=unified(live.body, body.text, *names),
        path=path,
    )


def injectable(
    store: Store,
    settings: Settings,
    sandbox: Sandbox,
    module: str,
    kind: Kind | None = None,
) -> list[Broken]:
    """Every fault that could be injected, those that show most clearly first."""
    trial, _live = _on_stage(store, settings, sandbox, module)
    return [each for each in showing(trial, kind) if keeps_form(trial, each.fault)]


def _on_stage(
    store: Store, settings: Settings, sandbox: Sandbox, module: str
) -> tuple[Trial, VersionRow]:
    """The live body with what it has lived through, and its row."""
    spec, live = _known(store, settings, module)
    lived = keep_diverse(Recordings(store).list(module), _LIVED)
    words = vocabulary_of(settings, spec.stack)
    body = parse_body(live.body)
    return Trial(spec, body, sandbox, words, lived, DRAWS), live


def _known(store: Store, settings: Settings, module: str) -> tuple[Spec, VersionRow]:
    entries = library(settings, store, split_id(module)[0])
    entry = next((one for one in entries if one.module == module), None)
    if entry is None:
        raise NotFound(
            f"there is no module {module}",
            field="module",
            value=module,
            remedy=suggest(module, [one.module for one in entries]),
        )
    if entry.row is None:
        raise NotFound(
            f"{module} is on disk, and the database does not know it",
            field="module",
            value=module,
            remedy=f"`asza build {module}` gates and adopts it",
        )
    return entry.spec, entry.row


def _written(
    store: Store,
    settings: Settings,
    spec: Spec,
    body: Body,
    live: VersionRow,
    cause: str,
) -> tuple[VersionRow, Path]:
    """The body as a version without a certificate, journalled like every other."""
    desk, path = ModuleWriter(store, settings), module_path(settings, spec.id)
    with desk.turn():
        rows = desk.modules.history(spec.id)
        now = next((row for row in rows if row.state == LIVE), None)
        refuse_superseded(spec.id, now, live.version)
        number = max(row.version for row in rows) + 1
        info = VersionInfo(number, WRITER, MEANS, live.version, cause)
        text = render_module(spec, body, info)
        old = desk.check_unedited(path, {row.file_hash for row in rows}, text)
        row = version_row(settings, spec, body, None, info, text)
        desk.write(row, [NewFile(path, text, old)])
    return row, path
