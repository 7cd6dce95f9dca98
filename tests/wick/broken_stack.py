"""A stack with one module that divides by what may be zero, and its repair's evidence."""

from core.body import parse_body
from core.gate import run_gate
from core.library import vocabulary_of
from core.module_file import render_module, text_hash
from core.module_writer import ModuleWriter, NewFile
from core.places import module_path, relative
from core.recordings import choose_diverse
from core.records import OK, Reflection
from core.sandbox import Sandbox
from core.settings import Settings
from core.spec import Spec, load_spec
from core.store import Modules, Recordings, Store, VersionRow
from core.template_header import VersionInfo
from file_creator import create

MODULE = "desk.share"
SPEC = """\
---
name: share
role: function
inputs:
  part: {type: number, minimum: 0, maximum: 1000}
  whole: {type: number, minimum: 0, maximum: 1000}
outputs:
  share: {type: number, minimum: 0, maximum: 1}
examples:
  - {in: {part: 1, whole: 4}, out: {share: 0.25}}
  - {in: {part: 0, whole: 7}, out: {share: 0}}
  - {in: {part: 9, whole: 3}, out: {share: 1}}
  - {in: {part: 3, whole: 0}, out: {share: 0}}
fallback: {share: 0}
---
Part over whole, at most 1; 0 where the whole is 0.
"""
GOOD = """\
if whole == 0:
    return {"share": 0.0}
return {"share": min(part / whole, 1.0)}
"""
CAREFUL = """\
if whole == 0 or whole > 900:
    return {"share": 0.0}
return {"share": min(part / whole, 1.0)}
"""
LOWER_IS_SAFER = SPEC.replace(
    "maximum: 1}\nexamples", "maximum: 1, safer: lower}\nexamples"
)
UNGUARDED = 'return {"share": min(part / whole, 1.0)}\n'
WRONG_SIDE = """\
if whole == 0:
    return {"share": 0.0}
return {"share": max(part / whole, 1.0)}
"""
TOML = """\
[starting.part]
unit = "number"

[starting.whole]
unit = "number"
"""


def lay_out(store: Store, sandbox: Sandbox, body: str = GOOD, law: str = SPEC) -> Spec:
    """The stack `desk` with `share` certified and live, and some of its past."""
    settings = store.settings
    folder = settings.root / "generated" / "desk"
    folder.mkdir(parents=True)
    (folder / "stack.toml").write_text(TOML)
    prompts = settings.root / "prompts" / "desk"
    prompts.mkdir(parents=True)
    (prompts / "share.md").write_text(law)
    spec = spec_in(settings)
    words = vocabulary_of(settings, "desk")
    certificate = run_gate(spec, body, sandbox=sandbox, vocabulary=words)
    create(
        spec, body, certificate, store=store, settings=settings, writer="hand",
    )  # fmt: skip
    remember(store, spec)
    return spec


def spec_in(settings: Settings) -> Spec:
    words = vocabulary_of(settings, "desk")
    return load_spec(settings.root / "prompts" / "desk" / "share.md", words)


def remember(store: Store, spec: Spec) -> None:
    """Forty calls of version 1 that went well, some with a whole that is nearly 0."""
    rows = [(float(n % 7), float(n)) for n in range(1, 31)]
    rows += [(float(n % 3), 0.5**n) for n in range(1, 11)]
    past = [
        Reflection(
            number, "past", spec.id, 1, number * 10**9, 1000,
            {"part": part, "whole": whole}, {"share": min(part / whole, 1.0)},
            (), OK, "",
        )
        for number, (part, whole) in enumerate(rows)
    ]  # fmt: skip
    Recordings(store).offer(spec.id, past, choose_diverse(200))


def put(store: Store, spec: Spec, text: str) -> VersionRow:
    """A body as the next live version, past the gate, without a certificate."""
    settings, body = store.settings, parse_body(text)
    desk, path = ModuleWriter(store, settings), module_path(settings, spec.id)
    with desk.turn():
        live = Modules(store).live(spec.id)
        assert live is not None
        number = max(row.version for row in Modules(store).history(spec.id)) + 1
        info = VersionInfo(number, "hand", "", live.version, "a fault")
        written = render_module(spec, body, info)
        row = VersionRow(
            spec.id, number, body.text, body.hash, spec.text, spec.digest, "hand", "",
            live.version, "a fault", live.cost_usd, None, relative(settings, path),
            text_hash(written),
        )  # fmt: skip
        desk.write(row, [NewFile(path, written, path.read_text())])
    return row
