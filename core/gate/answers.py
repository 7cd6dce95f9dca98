"""Capabilities in the gate: drawn from their own schemas, or asked to abstain."""

from collections.abc import Mapping
from random import Random
from typing import Any

from core.calls import CapabilityFailed, Host
from core.contract import Capability
from core.sampling import Seeded, sample
from core.strategies import run_strategy
from core.vocabulary import Vocabulary

# Of ten answers one is an error and two are abstentions, where the schema has null.
_ERRORS, _ABSTENTIONS, _OF = 1, 2, 10


def drawn_answers(
    capabilities: Mapping[str, Capability], vocabulary: Vocabulary, seed: int
) -> dict[str, Host]:
    """Host functions whose n-th answer depends on `seed` and n alone."""
    random = Random(seed)  # noqa: S311 a draw has to repeat
    source = Seeded(random, lambda _, factory: run_strategy(factory(), 16, seed))
    return {
        name: _drawing(capability, vocabulary, random, source)
        for name, capability in capabilities.items()
    }


def _drawing(
    capability: Capability, vocabulary: Vocabulary, random: Random, source: Seeded
) -> Host:
    def answer(**_: Any) -> Any:
        roll = random.randrange(_OF)
        if roll < _ERRORS:
            raise CapabilityFailed(f"{capability.name} could not answer")
        if roll < _ERRORS + _ABSTENTIONS and admits_null(capability):
            return None
        return sample(capability.output, source, vocabulary)

    return answer


def abstaining(capabilities: Mapping[str, Capability]) -> dict[str, Host]:
    """Host functions that never know."""
    return {name: lambda **_: None for name in capabilities}


def admits_null(capability: Capability) -> bool:
    kind = capability.output.get("type")
    return kind == "null" or (isinstance(kind, list | tuple) and "null" in kind)
