"""A series at time t knows nothing of what comes after t."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.findings import Finding
from core.gate.compare import same, shortened
from core.gate.trial import Case, Trial
from core.outcome import Outcome

Tried = tuple[Case, Outcome]


def causality_findings(
    trial: Trial, tried: Sequence[Tried]
) -> tuple[list[Finding], int]:
    """f(x[:t]) is the prefix of f(x), within 1e-9; also how many prefixes were tried.

    A prefix that raises is passed over while it is shorter than half: it may lie
    within the warm-up.
    """
    whole = [one for one in tried if common_length(one[0].inputs)]
    cuts = [(one, t) for one in whole for t in _ends(common_length(one[0].inputs))]
    cases = [case._replace(inputs=cut(case.inputs, t)) for (case, _), t in cuts]
    kept = [n for n, case in enumerate(cases) if trial.valid(case.inputs)]
    outcomes = trial.run([cases[n] for n in kept])
    found = [
        finding
        for n, outcome in zip(kept, outcomes, strict=True)
        for finding in _faults(*cuts[n], outcome)
    ]
    return found[:1], len(kept)


def common_length(inputs: Any) -> int:
    """The length the list inputs share; 0 when they share none."""
    lengths = {len(value) for value in inputs.values() if isinstance(value, list)}
    return lengths.pop() if len(lengths) == 1 else 0


def _ends(length: int) -> list[int]:
    return sorted({length - 1, length * 3 // 4, length // 2, 1} - {0, length})


def cut(inputs: Any, t: int) -> dict[str, Any]:
    """The first t items of every list."""
    return {k: v[:t] if isinstance(v, list) else v for k, v in inputs.items()}


def _faults(one: Tried, t: int, outcome: Outcome) -> Iterator[Finding]:
    case, whole = one
    length = common_length(case.inputs)
    if not outcome.ok:
        if t * 2 >= length and not outcome.injected:
            yield _finding(case, t, f"raises {outcome.error} on the first {t} bars")
        return
    for name, value in whole.outputs.items():
        if not isinstance(value, list):
            continue
        if len(value) != length:
            yield _finding(case, t, f"{name} has {len(value)} items for {length} bars")
        elif not same(value[:t], outcome.outputs.get(name)):
            place = _first_difference(value[:t], outcome.outputs.get(name))
            yield _finding(case, t, f"{name}[{place}] depends on bars after {t - 1}")


def _first_difference(a: list[Any], b: Any) -> int:
    if not isinstance(b, list):
        return 0
    places = (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if not same(x, y))
    return next(places, min(len(a), len(b)))


def _finding(case: Case, t: int, message: str) -> Finding:
    return Finding(
        "fabrication",
        f"{message} (first {t} of {shortened(dict(case.inputs), 80)})",
        "compute each value from the bars up to its own",
        None,
        dict(case.inputs),
    )
