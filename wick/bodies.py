"""A module as what is repaired: its subject, its judge, and the way back to a body."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from core.body import check_canonical, parse_body
from core.body.tree import allowed_for
from core.contract import Contract, Doors, compile_contract
from core.errors import BodyRefused
from core.gate.compare import same
from wick.subject import UNKNOWN, Case, Ran, Subject

if TYPE_CHECKING:
    from core.spec import Spec


@dataclass(frozen=True)
class ContractJudge:
    """Right is what keeps the contract and, where that is known, is what it must be.

    It carries the resolved contract, not its text, so that judging in another process
    needs no vocabulary.
    """

    contract: Contract

    def __call__(self, case: Case, ran: Ran) -> bool:
        """Whether what came of the case is right."""
        if not ran.ok or not self._keeps(case.kwargs, ran.value):
            return False
        if case.expected is UNKNOWN:
            return True
        # An example may name some of the outputs only.
        wanted: Mapping[str, Any] = case.expected
        return all(same(ran.value.get(name), wanted[name]) for name in wanted)

    @cached_property
    def _doors(self) -> Doors:
        return compile_contract(self.contract)

    def _keeps(self, inputs: Mapping[str, Any], outputs: Any) -> bool:
        doors = self._doors
        if not doors.outputs_valid(outputs):
            return False
        return doors.broken_invariant(dict(inputs), outputs) is None

    def __getstate__(self) -> dict[str, Contract]:
        return {"contract": self.contract}


def subject_of(spec: Spec, body: str) -> Subject:
    """The module's function, without annotations; BodyRefused when it does not parse."""
    contract = spec.contract
    given = [*contract.parameters]
    if contract.capabilities:
        given += ["*", *contract.capabilities]
    text = parse_body(body).text
    rows = "".join(f"    {row}\n" for row in text.splitlines())
    source = ast.unparse(ast.parse(f"def {spec.name}({', '.join(given)}):\n{rows}"))
    return Subject(
        name=spec.name,
        source=source,
        parameters=contract.parameters,
        preamble="import math",
        module=True,
        results=contract.results,
    )


def body_of(survivor_source: str, spec: Spec) -> str | None:
    """The canonical body of a whole function; None when it breaks a body rule."""
    try:
        function = ast.parse(survivor_source).body[0]
    except (SyntaxError, ValueError, IndexError):
        return None
    if not isinstance(function, ast.FunctionDef):
        return None
    try:
        body = parse_body("\n".join(map(ast.unparse, function.body)))
    except BodyRefused:
        return None
    return None if check_canonical(body, allowed_for(spec)) else body.text


def admits(spec: Spec, inputs: Mapping[str, Any]) -> bool:
    """Whether the contract lets these inputs in, `assumes` included."""
    doors = compile_contract(spec.contract)
    given = dict(inputs)
    return doors.inputs_valid(given) and doors.broken_assumption(given) is None
