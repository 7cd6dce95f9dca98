"""Trading's catalogue: units that look like markets, starting values from one table."""

from itertools import pairwise
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strategies import schema_strategy
from core.vocabulary import load_vocabulary
from trading.shell import series
from trading.shell.vocabulary import VOCABULARY


def test_it_is_loaded_by_its_dotted_name() -> None:
    assert load_vocabulary("trading.shell.vocabulary") is VOCABULARY


def test_every_starting_value_has_a_unit_of_the_vocabulary() -> None:
    for value in VOCABULARY.starting.catalogue():
        assert value.unit == "same" or value.unit in VOCABULARY.units


@pytest.mark.parametrize(
    "family", series.catalogue(), ids=lambda family: family.pattern
)
def test_every_row_of_the_series_table_can_be_looked_up(family: series.Family) -> None:
    found = VOCABULARY.starting_value(family.example)
    known = series.require(family.example)
    assert found is not None
    assert (found.unit, found.warm_up) == (known.unit, known.warm_up)


@pytest.mark.parametrize("name", ["moon", "ema_0", "ema_9999", "prior_hour", "ema_{n}"])
def test_a_name_the_table_lacks_is_no_starting_value(name: str) -> None:
    assert VOCABULARY.starting_value(name) is None


@given(data=st.data(), name=st.sampled_from(sorted(VOCABULARY.units)))
def test_a_unit_draws_only_values_of_its_schema(data: Any, name: str) -> None:
    schema = {**VOCABULARY.unit(name).schema, "x-unit": name}
    value = data.draw(schema_strategy(schema, VOCABULARY))
    assert jsonschema_rs.is_valid(
        {k: v for k, v in schema.items() if k != "x-unit"}, value
    )


@given(data=st.data())
def test_candles_are_possible_bars_an_hour_apart(data: Any) -> None:
    schema = {**VOCABULARY.unit("candles").schema, "x-unit": "candles"}
    bars = data.draw(schema_strategy(schema, VOCABULARY))
    for bar in bars:
        assert bar["low"] <= min(bar["open"], bar["close"])
        assert max(bar["open"], bar["close"]) <= bar["high"]
    steps = {later["time"] - bar["time"] for bar, later in pairwise(bars)}
    assert steps <= {3600}


def test_every_role_s_outputs_have_units() -> None:
    for role in VOCABULARY.roles.values():
        assert role.phase in {phase.name for phase in VOCABULARY.phases}
        assert set(role.outputs.values()) <= set(VOCABULARY.units)
        assert set(role.safer) <= set(role.outputs)
