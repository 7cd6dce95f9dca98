import subprocess
import sys
import time
from dataclasses import replace
from random import Random

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.contract import Contract, compile_contract
from core.errors import SpecError
from core.ordering import read_ordering
from core.sampling import Seeded, bounds, sample
from core.strategies import InputSampler, draws, input_strategy, schema_strategy
from core.vocabulary import Unit
from tests.core.spec_samples import DESK, PRICE, leverage

RATIO = {"type": "number", "minimum": 0, "maximum": 1}
NUMBER = {"type": "number", "minimum": -1e9, "maximum": 1e9, "x-unit": "number"}
COUNT = {"type": "integer", "minimum": 1, "maximum": 50}
FLAG = {"type": "boolean"}
LIST = {"type": "array", "items": NUMBER, "maxItems": 500, "x-unit": "numbers"}
SCHEMAS = {
    "ratio": RATIO,
    "price": PRICE,
    "number": NUMBER,
    "count": COUNT,
    "open ends": {"type": "integer", "exclusiveMinimum": 1, "exclusiveMaximum": 3},
    "both ends": {**PRICE, "minimum": 5, "exclusiveMaximum": 7},
    "step": {"type": "number", "minimum": 0, "maximum": 10, "multipleOf": 0.5},
    "even": {"type": "integer", "minimum": -9, "maximum": 9, "multipleOf": 2},
    "one": {"type": "number", "minimum": 3, "maximum": 3},
    "flag": FLAG,
    "text": {"type": "string", "minLength": 2, "maxLength": 5},
    "long text": {"type": "string", "maxLength": 10_000},
    "pattern": {"type": "string", "pattern": "^[A-Z]{3}$"},
    "word": {"type": "string", "enum": ["long", "short"]},
    "const": {"type": "integer", "const": 4},
    "maybe": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
    "list": LIST,
    "unique": {"type": "array", "items": COUNT, "maxItems": 9, "uniqueItems": True},
    "words": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "rows": {
        "type": "array",
        "maxItems": 5,
        "items": {
            "type": "object",
            "properties": {"n": COUNT, "x": PRICE},
            "required": ["n", "x"],
            "additionalProperties": False,
        },
    },
    "open": {"type": "object", "additionalProperties": RATIO, "maxProperties": 3},
}


def contract(assumes=(), **inputs):
    return Contract(inputs=inputs, outputs={"ok": FLAG}, assumes=tuple(assumes))


def holds(one, row):
    doors = compile_contract(one)
    return doors.inputs_valid(row) and doors.broken_assumption(row) is None


ORDERS = {
    "a bar": contract(
        ["low <= open <= high", "low <= close <= high"],
        low=PRICE,
        open=PRICE,
        close=PRICE,
        high=PRICE,
    ),
    "strictly": contract(["a < b < c", "c <= 40"], a=COUNT, b=COUNT, c=COUNT),
    "other ends": contract(["a <= b", "b < c"], a=RATIO, b=PRICE, c=NUMBER),
    "downward": contract(["a >= b > 3"], a=COUNT, b=COUNT),
    "a window": contract(["n <= len(xs)", "n > 3"], n=COUNT, xs=LIST),
    "equal lists": contract(
        ["len(xs) == len(ys) == len(zs) and len(xs) >= 2"], xs=LIST, ys=LIST, zs=LIST
    ),
    "equal values": contract(["a == b", "b <= 0.5"], a=RATIO, b=RATIO),
    "a circle": contract(["a <= b", "b <= a + 0.5"], a=RATIO, b=RATIO),
    "filtered": contract(["a + b <= 1"], a=RATIO, b=RATIO),
    "not all": contract(["len(xs) > 0 and xs[0] > 0"], xs=LIST),
}


@pytest.mark.parametrize("name", SCHEMAS)
def test_every_drawn_value_fits_its_schema(name):
    one = contract(x=SCHEMAS[name])
    valid = compile_contract(one).inputs_valid
    assert all(valid(row) for row in draws(one, DESK, 200, 1))


@given(st.data())
@settings(max_examples=40)
def test_every_hypothesis_value_fits_its_schema(data):
    name = data.draw(st.sampled_from(sorted(SCHEMAS)))
    value = data.draw(schema_strategy(SCHEMAS[name], DESK))
    assert compile_contract(contract(x=SCHEMAS[name])).inputs_valid({"x": value})


@pytest.mark.parametrize("name", ORDERS)
def test_every_draw_obeys_the_assumes(name):
    one = ORDERS[name]
    assert all(holds(one, row) for row in draws(one, DESK, 120, 3))


@pytest.mark.parametrize("name", ORDERS)
def test_every_hypothesis_row_obeys_the_assumes(name):
    one = ORDERS[name]

    @given(input_strategy(one, DESK))
    @settings(max_examples=15, suppress_health_check=list(HealthCheck))
    def check(row):
        assert holds(one, row)
        assert tuple(row) == one.parameters

    check()


@pytest.mark.parametrize("name", ["a bar", "strictly", "a window", "equal lists"])
def test_orders_are_built_not_searched_for(name):
    sampler = InputSampler(ORDERS[name], DESK)
    source = Seeded(Random(5), lambda key, factory: [])
    kept = sum(sampler.accepts(sampler.draw(source)) for _ in range(200))
    assert kept >= 150


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_both_ends_of_every_range_are_drawn(one, other):
    assume(one != other)
    low, high = sorted((one, other))
    schema = {"type": "number", "minimum": low, "maximum": high}
    rows = draws(contract(x=schema, n=COUNT), DESK, 40, 0)
    seen = {row["x"] for row in rows}
    assert {low, high} <= seen
    assert (0 in seen) or not low < 0 < high
    assert {1, 50} <= {row["n"] for row in rows}


def test_open_ends_are_approached_and_never_reached():
    rows = draws(contract(x=PRICE), DESK, 60, 0)
    assert 0 < min(row["x"] for row in rows) < 1e-7
    assert bounds(SCHEMAS["both ends"])[0] == 5


def test_dividing_by_the_smallest_drawn_price_stays_finite():
    assert 1e7 / bounds(PRICE)[0] < 1e16


def test_numbers_the_contract_mentions_are_tried_on_both_sides():
    one = replace(leverage().contract, fallback=None)
    seen = {row["confidence"] for row in draws(one, DESK, 200, 2)}
    assert 0.5 in seen
    assert any(0.49 <= value < 0.5 for value in seen)
    assert any(0.5 < value <= 0.51 for value in seen)


def test_values_of_one_kind_are_at_times_equal_and_at_times_close():
    rows = draws(contract(a=PRICE, b=PRICE), DESK, 200, 4)
    assert sum(row["a"] == row["b"] for row in rows) >= 5
    near = (abs(row["a"] / row["b"] - 1) < 0.06 for row in rows)
    assert sum(near) >= 20


@given(st.integers(0, 2**64))
@settings(max_examples=10)
def test_draws_repeat_by_seed(seed):
    one = ORDERS["a window"]
    assert draws(one, DESK, 15, seed) == draws(one, DESK, 15, seed)
    assert draws(one, DESK, 15, seed) != draws(one, DESK, 15, seed + 1)


def test_draws_are_the_same_in_another_process():
    code = (
        "from tests.core.test_strategies import *\n"
        "print([draws(ORDERS[n], DESK, 5, 9) for n in ('a bar', 'a window')])\n"
        "print(draws(contract(x=SCHEMAS['pattern']), DESK, 5, 9))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1


def test_assumes_that_nothing_satisfies_are_refused_with_a_remedy():
    one = contract(["a > 2"], a=RATIO)
    with pytest.raises(SpecError) as caught:
        draws(one, DESK, 10, 0)
    assert caught.value.field == "assumes"
    assert "order" in caught.value.remedy


def test_a_units_own_sampler_and_strategy_are_used():
    tick = Unit(
        "tick", RATIO, "a tick", sample=lambda source: source.pick([0.25, 0.75])
    )
    coin = Unit("coin", RATIO, "a coin", strategy=lambda: st.sampled_from([0.1, 0.9]))
    words = replace(DESK, units={**DESK.units, "tick": tick, "coin": coin})
    one = contract(
        t={**RATIO, "x-unit": "tick"},
        c={**RATIO, "x-unit": "coin"},
        n={**RATIO, "maximum": 0.05, "x-unit": "coin"},
    )
    rows = draws(one, words, 100, 1)[8:]
    drawn = [row for row in rows if row["t"] not in (row["c"], row["n"])]
    assert {row["t"] for row in drawn} >= {0.25, 0.75}
    assert {row["c"] for row in drawn} >= {0.1, 0.9}
    assert max(row["n"] for row in rows) <= 0.05
    source = Seeded(Random(0), lambda key, factory: [])
    assert sample(one.inputs["t"], source, words) in (0.25, 0.75)


def test_an_order_that_runs_in_a_circle_is_left_to_filtering():
    found = read_ordering({"a": RATIO, "b": RATIO}, ["a <= b", "b <= a"])
    assert found.edges == []


def _seconds(one):
    found = []
    for _ in range(3):
        start = time.process_time()
        assert len(draws(one, DESK, 200, 7)) == 200
        found.append(time.process_time() - start)
    return min(found)


def test_draws_are_fast_enough_for_the_gate():
    assert _seconds(leverage().contract) < 0.15
    assert _seconds(ORDERS["equal lists"]) < 1.8
