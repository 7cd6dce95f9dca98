"""A candidate in the shadow is compared on what was lived through, without effects."""

from core.records import Reflection
from core.sandbox import Sandbox
from core.spec import Spec
from tests.core.gate_samples import (
    ASK,
    ASK_BODY,
    LEVERAGE,
    LEVERAGE_BODY,
    VOCABULARY,
    read,
)
from tests.wick.evidence_samples import lived
from wick.shadow import Shadowed, shadow

SPEC = read(LEVERAGE)
NAMES = Reflection._fields
RECENT = [
    Reflection(**{n: getattr(one, n) for n in NAMES})
    for one in map(lived, range(1, 31))
]


def compared(
    sandbox: Sandbox, live: str, candidate: str, spec: Spec = SPEC, recent=RECENT
) -> Shadowed:
    return shadow(spec, live, candidate, recent, sandbox=sandbox, vocabulary=VOCABULARY)


def test_the_same_behaviour_differs_nowhere(sandbox: Sandbox) -> None:
    other = LEVERAGE_BODY.replace("max(1.0, raw)", "max(raw, 1.0)")
    assert compared(sandbox, LEVERAGE_BODY, other) == Shadowed(30, 0, 0, 0)


def test_what_changes_breaks_and_is_mended_is_told_apart(sandbox: Sandbox) -> None:
    other = LEVERAGE_BODY.replace("10 * volatility", "20 * volatility")
    fails = LEVERAGE_BODY.replace("raw = 1", "raw = 1 / volatility")
    changed = compared(sandbox, LEVERAGE_BODY, other)
    assert changed.changed > 0
    assert (changed.broken, changed.mended) == (0, 0)
    assert len(changed.shown) == min(changed.changed, 20)
    broken = compared(sandbox, LEVERAGE_BODY, fails)
    mended = compared(sandbox, fails, LEVERAGE_BODY)
    assert broken.broken == mended.mended > 0


def test_an_unlawful_answer_of_the_candidate_is_broken(sandbox: Sandbox) -> None:
    found = compared(sandbox, LEVERAGE_BODY, 'return {"leverage": max_leverage}')
    assert found.broken > 0  # at a low confidence it must be 1


def test_capabilities_answer_as_they_did_then(sandbox: Sandbox) -> None:
    asked = ["ask_model", {"question": "is 0.50 good?"}, "yes", ""]
    values = (1, "run", "t.asker", 1, 1, 10, {"x": 0.5}, {"verdict": "yes"}, [asked])
    recent = [Reflection(*values, "ok", "")]
    shouting = ASK_BODY.replace("else answer", "else answer.upper()")
    found = compared(sandbox, ASK_BODY, shouting, read(ASK), recent)
    assert (found.compared, found.changed) == (1, 1)
    assert found.shown[0].after.value == {"verdict": "YES"}
