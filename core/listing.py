"""What modules there are, quickly: file headers, and the database where it is up.

Nothing is parsed or proven here, so it is for showing, not for running.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.atomic import read_text
from core.places import relative, spec_folder, stack_folders

if TYPE_CHECKING:
    from core.settings import Settings
    from core.store import Store
    from core.store.quarantine import LiveModule

_MODULE = re.compile(r'^@module\("([\w.]+)", version="([0-9a-f]+)"\)$', re.M)
_DOCSTRING = re.compile(r'\A"""(.*?)"""', re.S)
_VERSION = re.compile(r"· version (\d+) · writer (.+?)(?: \((\w+)\))?(?: · parent|$)")
WRITTEN, EDITED, UNKNOWN, MISSING = "written", "edited", "not adopted", "not written"
TAKEN, LIBRARY = "taken", "library"


@dataclass(frozen=True, slots=True)
class ListedModule:
    """One module as `asza list` shows it.

    `state` is "written", "taken" (from the library), "edited" (by hand since), "not adopted" (the database does
    not know the file) or "not written" (there is only a spec, or the file is gone).
    `strength` is the gate's, 0 to 1; `quarantined` says why it must not run. That,
    and `certified`, needs the database.
    """

    module: str
    stack: str
    name: str
    path: str
    description: str = ""
    version: int = 0
    hash: str = ""
    writer: str = ""
    means: str = ""
    state: str = UNKNOWN
    certified: bool = False
    strength: float | None = None
    quarantined: str = ""


def list_modules(
    settings: Settings, store: Store | None = None, stack: str | None = None
) -> list[ListedModule]:
    """Every module and every spec without one, by stack and name."""
    folders = [f for f in stack_folders(settings) if stack in (None, f.name)]
    found = [each for folder in folders for each in _in_folder(settings, folder)]
    if store is None:
        return found
    from core.store.quarantine import live_modules

    live = {known.row.module: known for known in live_modules(store, stack)}
    return [_known(settings, each, live.get(each.module)) for each in found]


def _in_folder(settings: Settings, folder: Path) -> list[ListedModule]:
    listed = {each.name: each for each in _written(settings, folder)}
    for path in spec_folder(settings, folder.name).glob("*.md"):
        if path.stem not in listed:
            listed[path.stem] = _unwritten(settings, folder, path.stem)
    return [listed[name] for name in sorted(listed)]


def _written(settings: Settings, folder: Path) -> Iterator[ListedModule]:
    for path in sorted(folder.glob("*.py")):
        found = _MODULE.search(text := read_text(path) or "")
        if found and found[1] == f"{folder.name}.{path.stem}":
            yield _from_header(settings, path, found[2], text)


def _from_header(
    settings: Settings, path: Path, version_hash: str, text: str
) -> ListedModule:
    docstring = _DOCSTRING.search(text)
    title, _, origin = (docstring[1] if docstring else "").partition("\n\n")
    made = _VERSION.search(" ".join(origin.split()))
    return ListedModule(
        module=f"{path.parent.name}.{path.stem}",
        stack=path.parent.name,
        name=path.stem,
        path=relative(settings, path),
        description=" ".join(title.split()).partition(": ")[2],
        version=int(made[1]) if made else 0,
        hash=version_hash,
        writer=made[2] if made else "",
        means=(made[3] or "") if made else "",
    )


def _unwritten(settings: Settings, folder: Path, name: str) -> ListedModule:
    path = relative(settings, folder / f"{name}.py")
    module = f"{folder.name}.{name}"
    return ListedModule(module, folder.name, name, path, state=MISSING)


def _known(
    settings: Settings, listed: ListedModule, live: LiveModule | None
) -> ListedModule:
    """What the database adds: whose version it is, is it certified, may it run."""
    if live is None:
        return listed
    row = live.row
    known = replace(
        listed,
        quarantined=live.module_barred,
        version=row.version,
        writer=row.writer,
        means=row.means,
        hash=row.body_hash,
    )
    if listed.state == MISSING:
        return known
    text = read_text(settings.root / listed.path) or ""
    if _hash(text) != row.file_hash:
        return replace(known, state=EDITED)
    proof: dict[str, Any] = row.certificate or {}
    certified = bool(proof.get("passed")) and proof.get("body_hash") == row.body_hash
    strength = proof.get("strength")
    barred = live.barred(edited=False)
    known = replace(known, quarantined=barred, certified=certified, strength=strength)
    return replace(known, state=TAKEN if row.means == LIBRARY else WRITTEN)


def _hash(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode(errors="surrogateescape")).hexdigest()
