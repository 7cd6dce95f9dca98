"""A small vocabulary and bodies that the tests of the runtime share."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.body import function_source, parse_body
from core.contract import Contract
from core.gate.report import Certificate
from core.library import Module
from core.runtimes import prepare_in
from core.sandbox import Sandbox
from core.spec import Spec, spec_from_draft
from core.stack import Stack, load_stack
from core.vocabulary import (
    Capability,
    Catalogue,
    Phase,
    Role,
    StartingValue,
    Vocabulary,
    base_vocabulary,
)
from core.wrapper import Memory, Runnable, Runtime

BASE = base_vocabulary()
DESK = replace(
    BASE,
    name="desk",
    roles={
        "filter": Role("filter", "scan", "whether to go on"),
        "signal": Role("signal", "decide", "what to do"),
        "allocation": Role("allocation", "allocate", "how much for each"),
        "note": Role("note", "record", "what to write down"),
    },
    phases=(
        Phase("scan"),
        Phase("decide"),
        Phase("allocate", "portfolio"),
        Phase("record"),
    ),
    starting=Catalogue(
        (
            StartingValue("close", "number", "the last close"),
            StartingValue("volume", "number", "the last volume"),
            StartingValue("cash", "number", "money at hand", each="portfolio"),
            StartingValue(
                "ema_{n}",
                "number",
                "average",
                ranges={"n": (2, 50)},
                warm_up_of=lambda values: values["n"],
            ),
        )
    ),
    capabilities={
        "ask_model": Capability(
            "ask_model",
            {"question": {"type": "string", "maxLength": 100}},
            {"type": ["string", "null"], "maxLength": 10},
        )
    },
)
NUMBER = {"unit": "number"}
FLAG = {"unit": "flag"}


def rows(name: str) -> dict[str, Any]:
    """The schema of one row a symbol."""
    fields = {"symbol": {"type": "string", "maxLength": 20}, name: {"unit": "number"}}
    return {
        "type": "array",
        "maxItems": 50,
        "items": {"type": "object", "properties": fields},
    }


def spec(
    name: str,
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any],
    role: str = "signal",
    vocabulary: Vocabulary = DESK,
    **more: Any,
) -> Spec:
    """A spec of the stack `desk`; a unit's name stands for {unit: name}."""
    draft = {
        "name": name,
        "role": role,
        "inputs": {key: _unit(value) for key, value in inputs.items()},
        "outputs": {key: _unit(value) for key, value in outputs.items()},
        "intent": f"What {name} does.",
        **more,
    }
    return spec_from_draft(draft, stack="desk", vocabulary=vocabulary)


def _unit(value: Any) -> Any:
    return {"unit": value} if isinstance(value, str) else value


def certificate_for(made: Spec, body: str) -> Certificate:
    """What the gate would say of a body that passed."""
    law = {"contract_digest": made.contract.digest}
    return Certificate(made.id, made.digest, parse_body(body).hash, True, (), **law)


def entry(made: Spec, body: str, version: int = 1, certified: bool = True) -> Module:
    """A library entry as the store would give it."""
    proof = certificate_for(made, body) if certified else None
    return Module(made, parse_body(body).text, proof, made.id, version)


def target(contract: Contract, body: str, certified: bool = True) -> Runnable:
    """A runnable of a bare contract, its parameters as the signature."""
    text = parse_body(body).text
    names = ", ".join(
        [
            *contract.parameters,
            *(["*", *contract.capabilities] * bool(contract.capabilities)),
        ]
    )
    rows = "".join(f"    {row}\n" for row in text.splitlines())
    return Runnable(
        "desk.made", 3, contract, f"def made({names}):\n{rows}", 1, certified
    )


def runtime(engine: str, sandbox: Sandbox, **more: Any) -> Runtime:
    """A runtime that remembers in memory."""
    values: dict[str, Any] = {
        "sink": Memory(),
        "engine": engine,
        "run_id": "run",
        **more,
    }
    return Runtime(prepare=prepare_in(sandbox), **values)


def stack_of(
    folder: Path, *entries: Module, toml: str = "", vocabulary: Vocabulary = DESK
) -> Stack:
    """A stack `desk` on disk made of these entries."""
    home = folder / "desk"
    home.mkdir(parents=True, exist_ok=True)
    (home / "stack.toml").write_text(f'name = "desk"\n{toml}')
    return load_stack(home, entries, vocabulary)


def source_of(made: Spec, body: str) -> str:
    """The whole function."""
    return function_source(made, body)


Notice = Callable[[Any], None]
