"""One body on trial: what every check needs, computed once."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from core.body import Body, function_source
from core.calls import CapabilityCall, Host, as_call, replayed
from core.contract import Contract, Doors, compile_contract
from core.gate.answers import abstaining, drawn_answers
from core.outcome import Outcome
from core.sandbox import Sandbox
from core.sandbox.policy import DEFAULT_POLICY, Policy
from core.spec import Spec
from core.strategies import draws
from core.vocabulary import Vocabulary

Row = Mapping[str, Any]


class Recorded(Protocol):
    """A recording as the gate reads it.

    `outputs` is what the caller received: None or the fallback where the body failed,
    which `outcome` says.
    """

    @property
    def inputs(self) -> Row: ...
    @property
    def outputs(self) -> Row | None: ...
    @property
    def calls(self) -> Sequence[Any]: ...
    @property
    def outcome(self) -> str: ...
    @property
    def approved(self) -> bool: ...


class Case(NamedTuple):
    """Inputs, and the capability answers that go with them (None: drawn by seed)."""

    inputs: Row
    calls: tuple[CapabilityCall, ...] | None = None
    seed: int = 0


class Fault(NamedTuple):
    """Why an outcome breaks the contract, and what to do."""

    kind: str
    message: str
    remedy: str


@dataclass
class Trial:
    """A spec, a body that keeps its form, and everything to try it with."""

    spec: Spec
    body: Body
    sandbox: Sandbox
    vocabulary: Vocabulary
    recordings: Sequence[Recorded] = ()
    count: int = 200
    policy: Policy = DEFAULT_POLICY
    fuzzed: list[Outcome] = field(default_factory=list)

    @property
    def contract(self) -> Contract:
        return self.spec.contract

    @cached_property
    def doors(self) -> Doors:
        return compile_contract(self.contract)

    @cached_property
    def source(self) -> str:
        return function_source(self.spec, self.body)

    @cached_property
    def seed(self) -> int:
        """Of the draws: it depends on the spec and the body alone."""
        return seed_of(self.spec, self.body.hash)

    @cached_property
    def drawn(self) -> list[Case]:
        """The fuzz's cases, in the order they are tried."""
        rows = draws(self.contract, self.vocabulary, self.count, self.seed)
        return [Case(row, seed=self.seed + n) for n, row in enumerate(rows)]

    @property
    def tried(self) -> list[tuple[Case, Outcome]]:
        """Fuzzed cases with the answers they were given, and what came of them."""
        return [
            (case._replace(calls=outcome.calls), outcome)
            for case, outcome in zip(self.drawn, self.fuzzed, strict=False)
        ]

    def run(
        self, cases: Sequence[Case], *, source: str = "", **policy: Any
    ) -> list[Outcome]:
        """One outcome a case, in the sandbox."""
        used = replace(self.policy, **policy)
        text = source or self.source
        if not self.contract.capabilities:
            rows = [case.inputs for case in cases]
            return self.sandbox.batch(text, self.spec.name, rows, policy=used)
        # One feed a case: each has answers of its own.
        return [
            self.sandbox.call(
                text,
                self.spec.name,
                case.inputs,
                capabilities=self.answers(case),
                policy=used,
            )
            for case in cases
        ]

    def answers(self, case: Case) -> dict[str, Host]:
        """The capabilities as this case answers them."""
        asked = self.contract.capabilities
        if case.calls is None:
            return drawn_answers(asked, self.vocabulary, case.seed)
        return replayed(case.calls, tuple(asked))

    def abstained(self, inputs: Row) -> Outcome:
        """The outcome where every capability abstains."""
        hosts = abstaining(self.contract.capabilities)
        return self.sandbox.call(
            self.source, self.spec.name, inputs, capabilities=hosts, policy=self.policy
        )

    def again(self, case: Case) -> Outcome:
        """One case alone, for the line on which it fails."""
        return self.sandbox.call(
            self.source,
            self.spec.name,
            case.inputs,
            capabilities=self.answers(case),
            policy=self.policy,
        )

    def valid(self, inputs: Row) -> bool:
        """Does the contract admit these inputs, `assumes` included?"""
        doors = self.doors
        return doors.inputs_valid(inputs) and doors.broken_assumption(inputs) is None

    def fault(self, inputs: Row, outcome: Outcome) -> Fault | None:
        """How an outcome breaks the contract; None when it keeps it."""
        if not outcome.ok:
            return None if outcome.injected else _raised(outcome)
        if not self.doors.outputs_valid(outcome.outputs):
            return self._misshapen(outcome.outputs)
        broken = self.doors.broken_invariant(inputs, outcome.outputs)
        if broken is None:
            return None
        remedy = "make the result keep it on every valid input"
        return Fault("invariant", f"breaks the invariant '{broken}'", remedy)

    def _misshapen(self, outputs: Any) -> Fault:
        found = self.doors.explain_outputs(outputs)
        if found is None:
            return Fault("schema", "returns what is no JSON", "return plain values")
        return Fault(f"schema {found.field}", f"returns {found}", found.remedy)


def _raised(outcome: Outcome) -> Fault:
    kind = f"raises {outcome.error}"
    message = f"{kind}: {outcome.message}" if outcome.message else kind
    remedy = "handle this input: the contract admits it"
    if outcome.crashed:
        remedy = "do less: time and memory are bounded"
    return Fault(kind, message, remedy)


def seed_of(spec: Spec, body_hash: str) -> int:
    text = f"{spec.digest} {body_hash}".encode()
    return int(hashlib.sha256(text).hexdigest()[:8], 16)


def recorded_case(recording: Recorded) -> Case:
    return Case(dict(recording.inputs), tuple(map(as_call, recording.calls or ())))


Check = Callable[[Trial], "Verdict"]


class Verdict(NamedTuple):
    """What a check tried, in words, and what it found."""

    figure: str
    findings: tuple[Any, ...] = ()
