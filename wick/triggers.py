"""What becomes a defect: failures, intents refused downstream, and drift.

One trigger for each (module, version, signature): a storm is counted, not repeated, and
of its inputs a few are kept that differ, the smallest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from math import inf, sqrt
from typing import Any, Protocol

from core.recordings import keep_diverse
from core.records import OK, Reflection
from core.sandbox.source import leaves
from wick.signature import DOWNSTREAM, DRIFT, Signature, signature_of
from wick.trigger import CallId, Evidence, Refusal, Replay, Trigger

__all__ = [
    "CallId",
    "Evidence",
    "Refusal",
    "Replay",
    "Trigger",
    "folded",
    "from_drift",
    "from_failures",
    "from_refusals",
    "size",
]

FEW = 5  # inputs kept as evidence
LOOKED_AT = 400  # failures of one storm that are compared with each other
CALL_IDS = 100
CUT = "$cut"  # how core/store/codec.py marks inputs too long to be kept whole
QUARANTINED = "Quarantined"  # the remark of a call that a person has switched off

LEAST_NOW, LEAST_BEFORE = 50, 200  # calls; fewer say nothing
# A sandboxed call takes 0.1 ms, on a busy machine 5: less than 20 says nothing.
SLOWER, SLOWER_NS = 3.0, 20_000_000  # times as slow, and by so many nanoseconds
WORSE, WORSE_BY, FAR = 3.0, 0.05, 4.0  # ratio, share of calls, standard errors


class Calls(Protocol):
    """How often a version was called, and how that went (`core.store` Stats is one)."""

    @property
    def calls(self) -> int: ...
    @property
    def failures(self) -> int: ...
    @property
    def p50_ns(self) -> float: ...


def from_failures(reflections: Iterable[Reflection]) -> list[Trigger]:
    """A trigger for each kind of failure, in the order they first happened.

    A call that was not made, because its module is in quarantine, is no failure.
    """
    storms: defaultdict[tuple[str, int, Signature], list[Reflection]] = defaultdict(
        list
    )
    for one in reflections:
        if one.outcome != OK and not one.remark.startswith(QUARANTINED):
            storms[one.module, one.version, signature_of(one)].append(one)
    found = [_from_storm(*key, calls) for key, calls in storms.items()]
    return sorted(found, key=lambda trigger: trigger.first_at)


def from_refusals(
    refusals: Iterable[Refusal], calls: Mapping[CallId, Reflection] | None = None
) -> list[Trigger]:
    """A trigger for each module whose value was refused; `calls` give its inputs.

    A refusal that no module's value caused (`output` is "") is nobody's defect.
    """
    found = [_from_refusal(one, calls or {}) for one in refusals if one.module]
    return folded(found)


def from_drift(module: str, version: int, now: Calls, before: Calls) -> list[Trigger]:
    """Calls that take several times as long, or fail far more often, than they did.

    Fewer than 50 calls now or 200 before say nothing; neither do differences that
    chance makes once in ten thousand looks, or that are small in themselves.
    """
    if now.calls < LEAST_NOW or before.calls < LEAST_BEFORE:
        return []
    words = {"latency": _slower(now, before), "failures": _fails_more(now, before)}
    return [
        Trigger(module, version, Signature(DRIFT, what), remark, count=now.calls)
        for what, remark in words.items()
        if remark
    ]


def folded(triggers: Iterable[Trigger]) -> list[Trigger]:
    """Triggers of one defect as one: counts added, the evidence of both kept few."""
    found: dict[tuple[str, int, str], Trigger] = {}
    for one in triggers:
        earlier = found.get(one.key)
        found[one.key] = _merged(earlier, one) if earlier else one
    return list(found.values())


def _from_storm(
    module: str, version: int, signature: Signature, calls: Sequence[Reflection]
) -> Trigger:
    told = sorted(calls, key=lambda call: call.at)
    return Trigger(
        module,
        version,
        signature,
        told[-1].remark,
        _few(told),
        tuple(CallId(call.run_id, call.call_id) for call in told[:CALL_IDS]),
        told[0].at,
        told[-1].at,
        len(told),
    )


def _few(calls: Sequence[Reflection]) -> tuple[Evidence, ...]:
    """The smallest inputs, and others as unlike each other as there are."""
    some = calls[:: len(calls) // LOOKED_AT + 1]
    looked_at = [call for call in some if CUT not in call.inputs]
    if not looked_at:
        return ()
    first = min(looked_at, key=lambda call: size(call.inputs))
    chosen = _distinct([first, *keep_diverse(looked_at, FEW)])
    return tuple(sorted(chosen, key=lambda one: size(one.inputs))[:FEW])


def _distinct(calls: Iterable[Reflection]) -> list[Evidence]:
    found = {
        repr((call.inputs, call.calls)): Evidence(call.inputs, tuple(call.calls))
        for call in calls
    }
    return list(found.values())


def size(inputs: Mapping[str, Any]) -> tuple[int, int]:
    """How much there is to read: fewer values first, then shorter ones."""
    return leaves(dict(inputs)), len(repr(inputs))


def _from_refusal(one: Refusal, calls: Mapping[CallId, Reflection]) -> Trigger:
    module = one.module
    call_id = one.call_ids.get(module)
    made = calls.get(call_id) if call_id else None
    shown = ", ".join(f"{name} {value}" for name, value in one.figures.items())
    value = one.intent.get(one.output)
    return Trigger(
        module,
        one.versions.get(module, 0),
        Signature(DOWNSTREAM, f"{one.reason} {one.output}"),
        f"{one.output} = {value} was refused: {one.reason}"
        + (f" ({shown})" if shown else ""),
        (Evidence(made.inputs, tuple(made.calls)),) if made else (),
        (call_id,) if call_id else (),
        one.at,
        one.at,
    )


def _merged(a: Trigger, b: Trigger) -> Trigger:
    evidence = {repr(one): one for one in (*a.evidence, *b.evidence)}
    few = sorted(evidence.values(), key=lambda one: size(one.inputs))[:FEW]
    call_ids = dict.fromkeys((*a.call_ids, *b.call_ids))
    return replace(
        max(a, b, key=lambda one: one.last_at),
        evidence=tuple(few),
        call_ids=tuple(call_ids)[:CALL_IDS],
        first_at=min(a.first_at, b.first_at),
        last_at=max(a.last_at, b.last_at),
        count=a.count + b.count,
    )


def _slower(now: Calls, before: Calls) -> str:
    ratio = now.p50_ns / before.p50_ns if before.p50_ns else inf
    if ratio < SLOWER or now.p50_ns - before.p50_ns < SLOWER_NS:
        return ""
    return f"a call took {before.p50_ns / 1e6:.3g} ms, takes {now.p50_ns / 1e6:.3g} ms"


def _fails_more(now: Calls, before: Calls) -> str:
    rate, earlier = now.failures / now.calls, before.failures / before.calls
    if rate < WORSE * earlier or rate - earlier < WORSE_BY:
        return ""
    # Two shares of two samples: the distance in standard errors of their pool.
    pooled = (now.failures + before.failures) / (now.calls + before.calls)
    spread = sqrt(pooled * (1 - pooled) * (1 / now.calls + 1 / before.calls))
    if rate - earlier < FAR * spread:
        return ""
    return f"{earlier:.1%} of calls failed, {rate:.1%} fail now"
