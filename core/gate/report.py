"""What the gate found, in a form that is kept with the body's hash."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from core.findings import Finding, finding_from_dict

if TYPE_CHECKING:
    from core.spec import Spec

# Raised with every check that refuses more: older certificates then say nothing.
GATE_VERSION = 3
PASSING_MEANS = (
    "Passing is not correctness: the body keeps its contract on what was tried, and "
    "nothing more is known."
)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check: its verdict, its figure (what was tried) and what it found."""

    name: str
    passed: bool
    seconds: float
    figure: str
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Certificate:
    """The verdict on one body under one spec. Never read from a module's file.

    `strength` is the share of mutants (0 to 1) the gate kills, None until measured;
    `seed` makes the draws repeat.
    """

    module: str
    spec_digest: str
    body_hash: str
    passed: bool
    checks: tuple[CheckResult, ...]
    strength: float | None = None
    seed: int = 0
    seconds: float = 0.0
    gate_version: int = GATE_VERSION
    contract_digest: str = ""

    def holds_for(self, spec: "Spec", body_hash: str) -> bool:
        """Whether it says that this very body passed, under this very law, today.

        The law is the spec's text, the contract the text resolves to (units may
        change under it) and the gate's version. The one test of a certificate.
        """
        law = (self.module, self.spec_digest, self.contract_digest, self.gate_version)
        now = (spec.id, spec.digest, spec.contract.digest, GATE_VERSION)
        return self.passed and self.body_hash == body_hash and law == now

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every finding, in the order of the checks."""
        return tuple(found for check in self.checks for found in check.findings)

    @property
    def refusals(self) -> tuple[Finding, ...]:
        """The findings that stopped the gate."""
        return tuple(found for found in self.findings if found.severity == "refusal")

    def with_strength(self, strength: float) -> "Certificate":
        return replace(self, strength=strength)

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, with the sentence that says what passing does not mean."""
        return {**asdict(self), "means": PASSING_MEANS}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Certificate":
        """The certificate that `as_dict` gave."""
        plain = {key: value for key, value in data.items() if key != "means"}
        checks = tuple(_check_from_dict(check) for check in plain["checks"])
        return cls(**{**plain, "checks": checks})


def _check_from_dict(data: Mapping[str, Any]) -> CheckResult:
    findings = tuple(finding_from_dict(found) for found in data["findings"])
    return CheckResult(**{**data, "findings": findings})
