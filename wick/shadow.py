"""A candidate in the shadow: it answers what was asked lately, and nobody listens.

Modules are pure, so the shadow may run afterwards, on the reflections of the calls that
were made: nothing takes effect twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from core.calls import as_call
from core.gate.trial import Case
from wick.bodies import admits
from wick.court import Court
from wick.difference import difference
from wick.quorum import same_outcome

if TYPE_CHECKING:
    from core.records import Reflection
    from core.sandbox import Sandbox
    from core.spec import Spec
    from core.vocabulary import Vocabulary
    from wick.verdict import Change

LIVE = "the live version"


@dataclass(frozen=True, slots=True)
class Shadowed:
    """What came of the comparison.

    `broken`: the live version answers lawfully and the candidate does not; `mended`
    the other way round; `changed`: both do, and differently. `shown` are a few.
    """

    compared: int
    broken: int
    changed: int
    mended: int
    shown: tuple[Change, ...] = ()


def shadow(
    spec: Spec,
    live: str,
    candidate: str,
    recent: Sequence[Reflection],
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
) -> Shadowed:
    """Both bodies on recent calls, capabilities answering as they did then."""
    court = Court(spec, sandbox, vocabulary)
    cases = [_case(one) for one in recent if admits(spec, one.inputs)]
    old, new = court.tried(live, cases), court.tried(candidate, cases)
    was, now = ([one.ran for one in tried] for tried in (old, new))
    kept = [(not a.fault, not b.fault) for a, b in zip(old, new, strict=True)]
    other = [not same_outcome(a, b) for a, b in zip(was, now, strict=True)]
    return Shadowed(
        compared=len(cases),
        broken=kept.count((True, False)),
        changed=sum(a and b and c for (a, b), c in zip(kept, other, strict=True)),
        mended=kept.count((False, True)),
        shown=difference(LIVE, cases, was, now, len(cases)).shown,
    )


def _case(one: Reflection) -> Case:
    return Case(dict(one.inputs), tuple(map(as_call, one.calls)))
