"""Reuse before writing: which specs of a plan are modules that exist already.

Taken is a module with the same contract and the same normalised intent, or one on which
at least five examples of the request's own all hold when it is run on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.contract import Example
from core.errors import RequestRefused
from core.llm import LibraryEntry
from core.llm.offline.values import same_values

if TYPE_CHECKING:
    from core.spec import Spec

ENOUGH = 5


def reused_modules(
    request: str, specs: Sequence[Spec], library: Sequence[LibraryEntry]
) -> dict[str, str]:
    """Spec name -> id of the module taken for it."""
    if not library:
        return {}
    shown = shown_examples(request)
    found = ((s.name, _taken(s, shown.get(s.name, ()), library)) for s in specs)
    return {name: entry.spec.id for name, entry in found if entry is not None}


def shown_examples(request: str) -> dict[str, tuple[Example, ...]]:
    """The examples that the request itself gives, by the function they are of."""
    from core.llm.offline.examples import parse_examples

    try:
        drafts = parse_examples(request, settle=False).drafts
    except RequestRefused:
        return {}
    return {
        draft["name"]: tuple(Example(e["in"], e["out"]) for e in draft["examples"])
        for draft in drafts
    }


def _taken(
    spec: Spec, shown: Sequence[Example], library: Sequence[LibraryEntry]
) -> LibraryEntry | None:
    from core.llm.offline.library import says_the_same

    usable = [entry for entry in library if entry.body]
    told = [entry for entry in usable if says_the_same(spec, entry.spec)]
    own = [each for each in shown if _kept(each, spec.contract.examples)]
    if not own:
        return next(iter(told), None)
    # Of a function shown by examples they say more than its prose: they must hold.
    asked = told if len(own) < ENOUGH else [*told, *usable]
    return _proven(spec, own, asked)


def _kept(example: Example, among: Sequence[Example]) -> bool:
    return any(
        same_values(example.inputs, other.inputs)
        and same_values(example.out, other.out)
        for other in among
    )


def _proven(
    spec: Spec, own: Sequence[Example], usable: Sequence[LibraryEntry]
) -> LibraryEntry | None:
    """The first module with the spec's inputs and outputs that gives every example."""
    from core.llm.offline.library import examples_hold
    from core.sandbox import Sandbox

    asked = replace(spec, contract=replace(spec.contract, examples=tuple(own)))
    alike = [entry for entry in usable if _same_door(spec, entry.spec)]
    if not alike:
        return None
    with Sandbox(processes=1) as sandbox:
        return next((e for e in alike if examples_hold(sandbox, asked, e)), None)


def _same_door(spec: Spec, other: Spec) -> bool:
    """The same names and types in and out, and nothing but a pure function."""
    mine, theirs = spec.contract, other.contract
    plain = not (mine.capabilities or theirs.capabilities or mine.state or theirs.state)
    return plain and all(
        {n: s.get("type") for n, s in one.items()}
        == {n: s.get("type") for n, s in two.items()}
        for one, two in (
            (mine.parameter_schemas, theirs.parameter_schemas),
            (mine.result_schemas, theirs.result_schemas),
        )
    )
