"""Check 3: the spec's own examples, its invariants on them, and no table of answers."""

from collections.abc import Iterator

from core.contract import Example
from core.findings import Finding
from core.gate.compare import same, shortened
from core.gate.lookup import lookup_findings
from core.gate.trial import Case, Trial, Verdict
from core.outcome import Outcome


def check_examples(trial: Trial) -> Verdict:
    """Every example gives what it says, where every capability abstains.

    A body that remembers the results of known cases gives them, and is refused.
    """
    examples = trial.contract.examples
    outcomes = _outcomes(trial, examples)
    found: list[Finding] = []
    for example, outcome in zip(examples, outcomes, strict=True):
        found += _faults(trial, example, outcome)
    found += lookup_findings(trial)
    figure = f"{len(examples)} examples" if examples else "the spec has no examples"
    return Verdict(figure, tuple(found))


def _outcomes(trial: Trial, examples: tuple[Example, ...]) -> list[Outcome]:
    if trial.contract.capabilities:
        return [trial.abstained(example.inputs) for example in examples]
    return trial.run([Case(example.inputs) for example in examples])


def _faults(trial: Trial, example: Example, outcome: Outcome) -> Iterator[Finding]:
    given = dict(example.inputs)
    fault = trial.fault(given, outcome)
    if fault:
        line = outcome.line or (None if outcome.ok else _line(trial, given))
        yield Finding("examples", fault.message, fault.remedy, line, given)
    elif outcome.ok and (wrong := _differences(example, outcome)):
        message = f"{wrong} for {shortened(given)}"
        yield Finding("examples", message, "the examples are the law", None, given)


def _line(trial: Trial, inputs: dict[str, object]) -> int | None:
    return trial.abstained(inputs).line


def _differences(example: Example, outcome: Outcome) -> str:
    """`leverage is 3.9, not 4.2`, for every output an example names and misses."""
    return ", ".join(
        f"{name} is {shortened(outcome.outputs.get(name))}, not {shortened(wanted)}"
        for name, wanted in example.out.items()
        if not same(outcome.outputs.get(name), wanted)
    )
