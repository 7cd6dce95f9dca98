"""Requests into plans without a model: examples into functions, rule sentences into rules.

What is neither is quoted. A rule whose body would not fit its ten lines is split into
conditions and a rule over them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.contract import Contract, compile_contract
from core.errors import RequestRefused
from core.llm.offline.rules import PREVIOUS, PlainRule, Reading, plain_rule, read_rules
from core.llm.offline.rules.cases import Case, balanced, cases_of
from core.llm.offline.rules.logic import contradictions
from core.llm.offline.rules.rule import Problem, Rule
from core.llm.offline.rules.splitting import split
from core.llm.offline.rules.tree import Node, names_in
from core.spec import spec_from_draft

if TYPE_CHECKING:
    from core.existing import ExistingStack
    from core.llm import PlanTask
    from core.vocabulary import Vocabulary

LONGEST_REQUEST = 10_000
WAYS_ON = (
    "rephrase it as a rule{}, add examples such as 'f(2, 3) is 5', or set a model's key "
    "in .env"
)
WAYS_TO_JOIN = (
    "say when not to trade{}, edit the spec it concerns, or set a model's key in .env"
)
Draft = dict[str, Any]


def plan_offline(task: PlanTask) -> dict[str, Any]:
    """The plan's JSON for a request; RequestRefused when nothing of it is a plan."""
    request = _readable(task.request)
    drafts, rest = _functions(request)
    reading = _rules(rest, task)
    _refuse_contradictions(reading, task.vocabulary)
    _refuse_unmeant(reading)
    if not drafts and not reading.rules:
        raise _nothing(reading, task)
    rules = [part for rule in reading.rules for part in split(rule, task.vocabulary)]
    if task.joins is not None:
        _refuse_idle(rules, task.joins, _ways_on(task))
    specs = [*drafts, *(_drafts(rules, task.vocabulary))]
    missed = [problem.quote for problem in reading.problems]
    return {
        "specs": specs,
        "not_understood": list(dict.fromkeys(missed)),
        "notes": list(_notes(reading)),
        "settings": dict(reading.settings),
    }


def plan_json(task: PlanTask) -> str:
    """`plan_offline` as the text of an answer, the same byte for byte each time."""
    return json.dumps(plan_offline(task), indent=1, ensure_ascii=False)


def _readable(request: str) -> str:
    text = request.replace("\r\n", "\n").replace("\r", "\n").lstrip("\ufeff")
    if not text.strip():
        raise RequestRefused(
            "The request is empty.",
            field="request",
            remedy="Say what to build, as in 'Buy when RSI is below 30', or give "
            "examples, as in 'f(2, 3) is 5'.",
        )
    if len(text) > LONGEST_REQUEST:
        raise RequestRefused(
            f"The request has {len(text):,} characters, beginning with "
            f"“{' '.join(text[:60].split())}…”; at most {LONGEST_REQUEST:,} are read.",
            field="request",
            remedy="Say it in fewer words, or split it into several requests.",
        )
    return text


def _functions(request: str) -> tuple[list[Draft], str]:
    from core.llm.offline.examples import parse_examples

    found = parse_examples(request)
    return list(found.drafts), found.rest if found.drafts else request


def _rules(text: str, task: PlanTask) -> Reading:
    vocabulary = task.vocabulary
    if not text.strip():
        return Reading()
    if vocabulary.rules is None:
        quote = " ".join(text.split())[:100]
        why = "this stack has no rule sentences"
        return Reading(problems=(Problem(quote, why, "give examples"),))
    return read_rules(text, vocabulary, standing=task.joins is not None)


def _refuse_contradictions(reading: Reading, vocabulary: Vocabulary) -> None:
    found = next(contradictions(reading, vocabulary), None)
    if found is not None:
        raise _refused(found)


def _refuse_unmeant(reading: Reading) -> None:
    """A part that is understood and cannot be: a stop on the wrong side, say."""
    meant = [p for p in reading.problems if not p.why.startswith("these words")]
    if meant:
        raise _refused(meant[0])


def _refused(problem: Problem) -> RequestRefused:
    return RequestRefused(
        f"In “{problem.quote}”, {_clause(problem.why)}.",
        field="request",
        value=problem.quote,
        remedy=_sentence(f"{problem.remedy}."),
    )


def _clause(text: str) -> str:
    """The text as it goes on after a comma: "RSI" keeps its capital."""
    return text if text[1:2].isupper() else f"{text[:1].lower()}{text[1:]}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _nothing(reading: Reading, task: PlanTask) -> RequestRefused:
    quote = reading.problems[0].quote if reading.problems else ""
    asked = next((p.remedy for p in reading.problems if p.remedy.endswith("?")), "")
    other = _ways_on(task)
    return RequestRefused(
        f"“{quote}” was not understood.",
        field="request",
        value=quote,
        remedy=_sentence(f"{asked} Otherwise {other}." if asked else f"{other}."),
    )


def _ways_on(task: PlanTask) -> str:
    """What to say instead, where it will be read: as a stack, or by one that stands."""
    words = task.vocabulary.rules
    if task.joins is not None:
        shown = " or ".join(f"“{each}”" for each in words.joining[:2]) if words else ""
        return WAYS_TO_JOIN.format(f", as in {shown}" if shown else "")
    shown = f" like “{words.examples[0]}”" if words and words.examples else ""
    return WAYS_ON.format(shown)


def _refuse_idle(rules: Sequence[Rule], stack: ExistingStack, instead: str) -> None:
    """A stack that stands takes what ends a decision, and what such a rule reads."""
    known = {spec.name for spec in stack.specs}
    read = {name for rule in rules for node in _trees(rule) for name in names_in(node)}
    for rule in rules:
        if "proceed" not in rule.outputs and read.isdisjoint(rule.outputs):
            why = f"nothing in the stack {stack.name} would read it"
            raise _refused(Problem(rule.intent.rstrip("."), why, instead))
        if rule.name in known:
            why = f"{stack.name} has this rule already, as {stack.name}.{rule.name}"
            remedy = f"remove {stack.name}.{rule.name} first, or leave it out"
            raise _refused(Problem(rule.intent.rstrip("."), why, remedy))


def _trees(rule: Rule) -> Iterator[Node]:
    yield from (*rule.lets.values(), *rule.outputs.values())


def _notes(reading: Reading) -> Iterator[str]:
    symbols, frame = reading.settings.get("symbols"), reading.settings.get("timeframe")
    if symbols:
        yield f"for {', '.join(symbols)}"
    if frame:
        yield f"on {frame} bars"
    yield from reading.notes


# specs ---------------------------------------------------------------------------------
def _drafts(rules: Sequence[Rule], vocabulary: Vocabulary) -> Iterator[Draft]:
    made = {name: schema for rule in rules for name, schema in rule.schemas.items()}
    for rule in rules:
        yield draft_of(rule, made, vocabulary)


def draft_of(
    rule: Rule, made: Mapping[str, Mapping[str, Any]], vocabulary: Vocabulary
) -> Draft:
    """A rule as a plan's spec, its worked examples computed.

    `made` has the schemas of values that other modules of the plan make.
    """
    plain = plain_rule(rule, vocabulary)
    draft: Draft = {
        "name": rule.name,
        "role": rule.role,
        "inputs": {n: _input(n, rule, made, vocabulary) for n in plain.inputs},
        "outputs": {name: dict(rule.schemas[name]) for name in plain.outputs},
        "assumes": list(rule.assumes),
        "invariants": list(rule.invariants),
        "state": {name: _counter(steps) for name, (_, steps) in plain.counters.items()},
        "fallback": None if rule.fallback is None else dict(rule.fallback),
        "intent": rule.intent,
    }
    contract = spec_from_draft(
        {k: v for k, v in draft.items() if v or k == "inputs"},
        stack="draft",
        vocabulary=vocabulary,
    ).contract
    cases = examples_for(plain, contract)
    return {**draft, "examples": [{"in": c.inputs, "out": c.out} for c in cases]}


def _counter(steps: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": steps, "initial": 0}


def _input(
    name: str,
    rule: Rule,
    made: Mapping[str, Mapping[str, Any]],
    vocabulary: Vocabulary,
) -> dict[str, Any]:
    value = vocabulary.starting_value(name)
    schema = {"unit": value.unit} if value else dict(made.get(name, {"unit": "flag"}))
    return {**schema, **rule.inputs.get(name, {})}


def examples_for(plain: PlainRule, contract: Contract) -> list[Case]:
    """Worked examples that the contract admits, drawn ones where none was found."""
    schemas = contract.parameter_schemas
    typical = {name: _typical(name, schema) for name, schema in schemas.items()}
    doors = compile_contract(contract)

    def admitted(case: Case) -> bool:
        return (
            doors.inputs_valid(case.inputs)
            and doors.broken_assumption(case.inputs) is None
            and doors.outputs_valid(case.out)
            and doors.broken_invariant(case.inputs, case.out) is None
        )

    return balanced([c for c in cases_of(plain, schemas, typical) if admitted(c)])


_TYPICAL: Mapping[str, Any] = {
    "price": 100, "oscillator": 50, "money": 10_000, "volume": 1000, "leverage": 2,
    "percent": 1, "hour": 12, "weekday": 2, "count": 1, "flag": True, "ratio": 0.5,
}  # fmt: skip


def _typical(name: str, schema: Mapping[str, Any]) -> Any:
    """A value to start a search for examples from."""
    if schema.get("type") == "boolean":
        return True
    if name.startswith(PREVIOUS):
        return 0
    low, high = schema.get("minimum", -1e9), schema.get("maximum", 1e9)
    return min(max(_TYPICAL.get(schema.get("x-unit", ""), 1), low), high)
