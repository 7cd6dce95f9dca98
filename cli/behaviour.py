"""What a new body would change: beside the live version, on recorded and drawn inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.body import parse_body
from core.errors import SpecError
from core.gate.compare import shortened
from core.gate.trial import seed_of
from core.spec import parse_spec
from core.strategies import draws
from wick.court import Court
from wick.difference import difference

if TYPE_CHECKING:
    from cli.builder import Builder, Drafted
    from core.spec import Spec
    from core.store import VersionRow
    from wick.subject import Ran
    from wick.verdict import Difference

DRAWN = 500


@dataclass(frozen=True)
class Behaviour:
    """How a drafted body stands to the live version.

    `kind` is "new" (nothing is live), "unchanged" (body and spec are those that run),
    "same" (another text, no output differs), "changed", or "other door" (the live
    version's spec has other inputs or outputs, so that nothing can be compared).
    """

    kind: str
    words: str
    live: int | None = None
    difference: Difference | None = None

    @property
    def changes(self) -> bool:
        """Whether what runs now would answer differently."""
        return self.kind in ("changed", "other door")


def behaviour(builder: Builder, drafted: Drafted) -> Behaviour:
    """The drafted body beside the live version; nothing is written."""
    from core.store import Modules

    live = Modules(builder.context.store).live(drafted.spec.id)
    if live is None:
        return Behaviour("new", "new")
    body = parse_body(drafted.made.body)
    if (live.body_hash, live.spec_digest) == (body.hash, drafted.spec.digest):
        return Behaviour("unchanged", "unchanged", live.version)
    if not _same_door(builder, drafted.spec, live):
        words = f"version {live.version} has other inputs or outputs"
        return Behaviour("other door", words, live.version)
    found = _difference(builder, drafted, live)
    differs = found.recorded_changed or found.drawn_changed
    kind = "changed" if differs else "same"
    return Behaviour(kind, in_words(found), live.version, found)


def _same_door(builder: Builder, spec: Spec, live: VersionRow) -> bool:
    """Whether the two specs name the same inputs, state, capabilities and outputs."""
    if live.spec_digest == spec.digest:
        return True
    words = builder.vocabulary
    try:
        old = parse_spec(live.spec_text, stack=spec.stack, vocabulary=words)
    except SpecError:  # its vocabulary was another one
        return False
    return _door(old) == _door(spec)


def _door(spec: Spec) -> tuple[Any, ...]:
    contract = spec.contract
    asked = set(contract.capabilities)
    return set(contract.parameters), set(contract.results), asked


def _difference(builder: Builder, drafted: Drafted, live: VersionRow) -> Difference:
    """Both bodies over the same inputs: those recorded, then those drawn for this."""
    from core.store import Recordings

    spec, context = drafted.spec, builder.context
    court = Court(spec, context.sandbox, builder.vocabulary)
    lived = court.lived(Recordings(context.store).list(spec.id))
    # Not the gate's own draws: both bodies have been judged by theirs already.
    seed = seed_of(spec, f"{live.body_hash} {drafted.made.certificate.body_hash}")
    drawn = court.cases(draws(spec.contract, builder.vocabulary, DRAWN, seed))
    cases = [*lived, *drawn]
    before, after = (court.ran(body, cases) for body in (live.body, drafted.made.body))
    return difference(f"version {live.version}", cases, before, after, len(lived))


def in_words(found: Difference) -> str:
    """ "0 of 500 outputs differ", or how many, and the first that does."""
    parts = []
    if found.recorded:
        parts.append(f"{found.recorded_changed} of {found.recorded} recorded")
    parts.append(f"{found.drawn_changed} of {found.drawn}")
    counted = f"{' and '.join(parts)} outputs differ"
    if not found.shown:
        return counted
    first = found.shown[0]
    inputs = shortened(dict(first.inputs))
    before, after = _only_different(first.before, first.after)
    return f"{counted}, first: {inputs} → {before} → {after}"


def _only_different(before: Ran, after: Ran) -> tuple[str, str]:
    """Both outcomes without the outputs that they share."""
    if not (before.ok and after.ok):
        return _told(before), _told(after)
    old, new = before.value, after.value
    names = [name for name in old if old[name] != new.get(name)]
    return tuple(shortened({n: each.get(n) for n in names}) for each in (old, new))  # type: ignore[return-value]


def _told(ran: Ran) -> str:
    return shortened(ran.value) if ran.ok else f"raises {ran.error}"
