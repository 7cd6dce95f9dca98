"""Is a repair at least as safe as what it replaces, on every input that was tried?

Outputs declare which way is safe: lower, higher, or equal. Modules that guard money
swap by themselves only if no input was found on which they are less safe than the last
good version, or than the fallback where that version has no answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from core.gate.compare import TOLERANCE, same
from core.names import STATE_PREFIX
from wick.court import Court
from wick.inputs import fresh_inputs

if TYPE_CHECKING:
    from core.contract import Contract
    from core.gate.trial import Recorded
    from core.sandbox import Sandbox
    from core.spec import Spec
    from core.vocabulary import Vocabulary
    from wick.subject import Ran

# Roles that limit a loss whatever their outputs declare. A vocabulary may have others.
GUARDED_ROLES = frozenset({"risk", "exit", "account", "stop"})
LOWER, HIGHER, EQUAL = "lower", "higher", "equal"
Values = Mapping[str, Any]


class Counterexample(NamedTuple):
    """An input on which an output is less safe than before."""

    inputs: Values
    output: str
    safer: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Safety:
    """Whether a swap may happen without a person, as far as safety goes.

    `guarded`: the module is one whose safety counts. `tried` inputs were compared.
    """

    guarded: bool
    safe: bool
    why: str
    tried: int = 0
    counterexample: Counterexample | None = None


def is_guarded(spec: Spec) -> bool:
    """Whether a module limits a loss: by its role, or since an output has a safe side."""
    return spec.role in GUARDED_ROLES or bool(spec.contract.safer)


def directions(spec: Spec) -> dict[str, str]:
    """The safe side of each output that is compared.

    In a guarded role an output that declares none must not change at all, since nobody
    can tell which change is safe; only `reason` is words.
    """
    declared = dict(spec.contract.safer)
    if spec.role not in GUARDED_ROLES:
        return declared
    outputs = (name for name in spec.contract.outputs if name != "reason")
    return {**dict.fromkeys(outputs, EQUAL), **declared}


def compare(
    spec: Spec,
    inputs: Sequence[Values],
    after: Sequence[Ran],
    last_good: Sequence[Ran] | None = None,
) -> Safety:
    """Pure: the same inputs, what the repair gives, and what the last good version does.

    Where there is neither a last good answer nor a fallback, nothing is proven.
    """
    if not is_guarded(spec):
        return Safety(False, True, "no output has a safe side", len(inputs))
    wanted = directions(spec)
    for place, given in enumerate(inputs):
        before = last_good[place] if last_good else None
        base = _baseline(spec.contract, given, before)
        if base is None:
            why = "there is neither a last good version nor a fallback to compare with"
            return Safety(True, False, why, place)
        found = _less_safe(wanted, given, base, after[place])
        if found is not None:
            return Safety(True, False, _told(found), place + 1, found)
    return _proven(len(inputs), last_good is not None)


def _proven(tried: int, against_version: bool) -> Safety:
    if not tried:
        return Safety(True, False, "no input was compared")
    whom = "the last good version" if against_version else "the fallback"
    return Safety(True, True, f"as safe as {whom} on {tried} inputs", tried)


def safety_of(
    spec: Spec,
    body: str,
    last_good: str = "",
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    recordings: Sequence[Recorded] = (),
    failing: Sequence[Values] = (),
    seed: int = 0,
) -> Safety:
    """Compare a repair with the last good body ("": with the fallback alone).

    On every recorded input the contract admits, on fresh draws and around `failing`.
    """
    court = Court(spec, sandbox, vocabulary)
    drawn = fresh_inputs(spec, vocabulary, failing, seed=seed)
    rows = [*failing, *drawn]
    cases = [*court.lived(recordings), *court.cases(rows)]
    before = court.ran(last_good, cases) if last_good else None
    return compare(spec, [c.inputs for c in cases], court.ran(body, cases), before)


def _baseline(contract: Contract, inputs: Values, before: Ran | None) -> Values | None:
    if before is not None and before.ok:
        found: Values = before.value
        return found
    if contract.fallback is None:
        return None
    kept = {name: inputs[STATE_PREFIX + name] for name in contract.state}
    return {**kept, **contract.fallback}


def _less_safe(
    wanted: Mapping[str, str], inputs: Values, base: Values, after: Ran
) -> Counterexample | None:
    """The first output that is on the wrong side; a failure falls back and is not."""
    if not after.ok:
        return None
    for name, safer in wanted.items():
        old, new = base[name], after.value[name]
        if not _as_safe(safer, old, new):
            return Counterexample(dict(inputs), name, safer, old, new)
    return None


def _as_safe(safer: str, old: Any, new: Any) -> bool:
    if same(old, new):
        return True
    numbers = isinstance(old, int | float) and isinstance(new, int | float)
    if safer == EQUAL or not numbers:
        return False
    rise = float(new) - float(old)
    return rise <= TOLERANCE if safer == LOWER else rise >= -TOLERANCE


def _told(found: Counterexample) -> str:
    side = "must stay equal" if found.safer == EQUAL else f"is safer {found.safer}"
    return f"{found.output} {side}, but goes from {found.before!r} to {found.after!r}"
