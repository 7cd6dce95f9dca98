"""The gate: eight checks, the cheapest first, stop at the first that refuses."""

import hashlib
from collections.abc import Callable, Sequence
from time import perf_counter

from core.body import parse_body
from core.errors import BodyRefused
from core.findings import Finding
from core.gate.cpython import check_cpython
from core.gate.examples import check_examples
from core.gate.fabrication import check_fabrication
from core.gate.form import check_form
from core.gate.fuzz import check_fuzz
from core.gate.purity import check_purity
from core.gate.recordings import check_recordings
from core.gate.report import (
    GATE_VERSION,
    PASSING_MEANS,
    Certificate,
    CheckResult,
)
from core.gate.trial import Check, Recorded, Trial, seed_of
from core.gate.types import check_types
from core.sandbox import Sandbox
from core.sandbox.policy import DEFAULT_POLICY, Policy
from core.spec import Spec
from core.vocabulary import Vocabulary

__all__ = [
    "CHECKS",
    "GATE_CHECKS",
    "GATE_VERSION",
    "PASSING_MEANS",
    "Certificate",
    "CheckResult",
    "Finding",
    "Recorded",
    "Trial",
    "run_gate",
]

OnCheck = Callable[[CheckResult], None]

CHECKS: tuple[tuple[str, Check], ...] = (
    ("form", check_form),
    ("types", check_types),
    ("examples", check_examples),
    ("recordings", check_recordings),
    ("fuzz", check_fuzz),
    ("purity", check_purity),
    ("fabrication", check_fabrication),
    ("cpython", check_cpython),
)
GATE_CHECKS: tuple[str, ...] = tuple(name for name, _ in CHECKS)


def run_gate(
    spec: Spec,
    body_text: str,
    *,
    sandbox: Sandbox,
    vocabulary: Vocabulary,
    recordings: Sequence[Recorded] = (),
    draws: int = 200,
    on_check: OnCheck | None = None,
    policy: Policy = DEFAULT_POLICY,
) -> Certificate:
    """The certificate of `body_text` under `spec`; `on_check` hears of each check.

    It stops at the first check that refuses, so the last one in the certificate
    says why. The same spec and body give the same verdict.
    """
    began = perf_counter()
    tell = on_check or _silent
    try:
        body = parse_body(body_text)
    except BodyRefused as refused:
        return _unparsable(spec, body_text, refused, perf_counter() - began, tell)
    trial = Trial(spec, body, sandbox, vocabulary, recordings, draws, policy)
    checks: list[CheckResult] = []
    for name, check in CHECKS:
        checks.append(_checked(name, check, trial))
        tell(checks[-1])
        if not checks[-1].passed:
            break
    return Certificate(
        module=spec.id,
        spec_digest=spec.digest,
        contract_digest=spec.contract.digest,
        body_hash=body.hash,
        passed=all(check.passed for check in checks),
        checks=tuple(checks),
        seed=trial.seed,
        seconds=perf_counter() - began,
    )


def _checked(name: str, check: Check, trial: Trial) -> CheckResult:
    began = perf_counter()
    verdict = check(trial)
    passed = all(found.severity == "note" for found in verdict.findings)
    took = perf_counter() - began
    return CheckResult(name, passed, took, verdict.figure, tuple(verdict.findings))


def _unparsable(
    spec: Spec, text: str, refused: BodyRefused, seconds: float, tell: OnCheck
) -> Certificate:
    line = refused.where.removeprefix("line ")
    found = Finding(
        "form", refused.message, refused.remedy, int(line) if line.isdigit() else None
    )
    check = CheckResult("form", False, seconds, "not a body", (found,))
    tell(check)
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
    return Certificate(
        module=spec.id,
        spec_digest=spec.digest,
        contract_digest=spec.contract.digest,
        body_hash=digest,
        passed=False,
        checks=(check,),
        seed=seed_of(spec, digest),
        seconds=seconds,
    )


def _silent(_: CheckResult) -> None:
    return None
