"""Check 6: the same inputs give the same outputs, and stay as they were."""

from datetime import UTC, datetime

from core.findings import Finding
from core.gate.compare import shortened, told
from core.gate.trial import Case, Trial, Verdict
from core.outcome import Outcome

_CASES = 40
_OTHER_CLOCK = datetime(2031, 7, 9, 13, 14, 15, tzinfo=UTC)
_OTHER_SEED = 20_310_709


def check_purity(trial: Trial) -> Verdict:
    """Two clocks, two seeds and two orders, given the recorded answers."""
    cases = [case for case, _ in trial.tried[:_CASES]]
    first = trial.run(cases, watch_inputs=True)
    backwards = trial.run(cases[::-1], clock=_OTHER_CLOCK, seed=_OTHER_SEED)
    found = None
    for case, one, other in zip(cases, first, backwards[::-1], strict=True):
        found = found or _difference(case, one, other)
    figure = f"{len(cases)} draws twice: two clocks, two seeds, two orders"
    return Verdict(figure, (found,) if found else ())


def _difference(case: Case, one: Outcome, other: Outcome) -> Finding | None:
    given = dict(case.inputs)
    if one.changed_inputs:
        message = f"it changes its arguments, for {shortened(given)}"
        remedy = "copy before changing: rows = list(rows)"
        return Finding("purity", message, remedy, None, given)
    # Exactly: within one engine nothing may differ in any bit.
    if (one.ok, one.error, repr(one.outputs)) == (
        other.ok,
        other.error,
        repr(other.outputs),
    ):
        return None
    message = f"it {told(one)}, then {told(other)}, for {shortened(given)}"
    remedy = "depend on the inputs alone: no clock, no chance, no memory"
    return Finding("purity", message, remedy, None, given)
