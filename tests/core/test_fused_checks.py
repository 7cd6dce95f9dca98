"""What a fast tick tests or takes as proven is what the contract's own door accepts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.contract import door
from core.stack.fused.checks import Schema, checker, defined, implies, quick_test

BOUNDS = st.integers(-3, 3) | st.sampled_from([0.5, -1.5])
WORDS = st.lists(st.sampled_from(["", "a", "bb", "ä"]), min_size=1, unique=True)


@st.composite
def numbers(draw: st.DrawFn, *, null: bool = True) -> dict[str, Any]:
    kind: Any = draw(st.sampled_from(["number", "integer"]))
    if null and draw(st.booleans()):
        kind = [kind, "null"]
    low = draw(st.sampled_from(["minimum", "exclusiveMinimum"]))
    high = draw(st.sampled_from(["maximum", "exclusiveMaximum"]))
    found = {"type": kind, low: draw(BOUNDS), high: draw(BOUNDS)}
    extra: list[dict[str, Any]] = [{}, {}, {"multipleOf": 2}, {"enum": [1, 2.5]}]
    more = draw(st.sampled_from(extra))
    return {**found, **more, "x-unit": "made"}


TEXTS: st.SearchStrategy[Schema] = st.one_of(
    st.builds(lambda low, high: {"type": "string", "minLength": low, "maxLength": high},
              st.integers(0, 2), st.integers(0, 3)),
    st.builds(lambda words: {"type": "string", "enum": words}, WORDS),
    st.just({"type": "string", "pattern": "^a"}),
)  # fmt: skip
SCALARS: st.SearchStrategy[Schema] = st.one_of(
    numbers(), TEXTS, st.just({"type": "boolean"}), st.just({"const": 1})
)


def rows_of(fields: dict[str, Schema], most: int) -> Schema:
    closed = {"required": list(fields), "additionalProperties": False}
    items = {"type": "object", "properties": fields, **closed}
    return {"type": "array", "items": items, "maxItems": most}


SCHEMAS: st.SearchStrategy[Schema] = SCALARS | st.one_of(
    st.builds(
        lambda items, low, high: {
            "type": "array",
            "items": items,
            "minItems": low,
            "maxItems": high,
        },
        SCALARS,
        st.integers(0, 2),
        st.integers(0, 3),
    ),
    st.builds(
        rows_of,
        st.dictionaries(st.sampled_from(["a", "b"]), SCALARS, min_size=1),
        st.integers(0, 3),
    ),
)
PARTS = st.one_of(
    st.integers(-4, 4),
    st.floats(-4, 4),
    st.sampled_from([float("nan"), float("inf"), True, False, None, 10**400]),
    st.sampled_from(["", "a", "bb", "ccc", "ä", "\ud800", "😀"]),
)
VALUES: st.SearchStrategy[Any] = st.one_of(
    PARTS,
    st.lists(PARTS, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(["a", "b"]), PARTS), max_size=2),
    st.tuples(PARTS),
)


@given(schema=SCHEMAS, values=st.lists(VALUES, min_size=1, max_size=8))
def test_a_quick_yes_is_a_yes_of_the_door_and_the_whole_test_is_the_door(
    schema: Schema, values: list[Any]
) -> None:
    space: dict[str, Any] = {}
    quick = quick_test(schema, "v", space) or "False"
    says = defined(f"def says(v): return {quick}", "says", space)
    law, whole = door(schema), checker([schema])
    for value in values:
        assert bool(whole(value)) is law(value)
        assert not says(value) or law(value)


@given(made=SCHEMAS, wanted=SCHEMAS, values=st.lists(VALUES, min_size=1, max_size=8))
def test_what_one_schema_implies_another_accepts(
    made: Schema, wanted: Schema, values: list[Any]
) -> None:
    assert implies(made, made)
    if implies(made, wanted):
        for value in values:
            assert not door(made)(value) or door(wanted)(value)


@given(low=BOUNDS, high=BOUNDS, less=BOUNDS, more=BOUNDS)
def test_narrower_bounds_imply_wider_ones(
    low: float, high: float, less: float, more: float
) -> None:
    inner = {"type": "integer", "minimum": low, "maximum": high}
    outer = {"type": "number", "minimum": min(low, less), "maximum": max(high, more)}
    assert implies(inner, outer)
    assert not implies(outer, inner)
