"""What a person reads of a refused value is ours, whatever pydantic calls it."""

from decimal import Decimal
from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from core.requirements import requirement


def even(value: int) -> int:
    """The validator of a person who raises ValueError."""
    if value % 2:
        raise ValueError(f"must be even, and {value} is odd")
    return value


@pytest.mark.parametrize(
    ("kind", "value", "told"),
    [
        (int, "x", "must be a whole number"),
        (int, 1.5, "must be a whole number"),
        (float, "x", "must be a number"),
        (Decimal, "x", "must be a number"),
        (Decimal, "inf", "must be a finite number"),
        (bool, "maybe", "must be true or false"),
        (str, 3, "must be text"),
        (dict[str, int], 3, "must be a table"),
        (tuple[str, ...], 3, "must be a list"),
        (Annotated[float, Field(ge=0)], -1, "must be 0 or more"),
        (Annotated[float, Field(gt=0)], 0, "must be above 0"),
        (Annotated[float, Field(lt=2.5)], 3, "must be below 2.5"),
        (Annotated[Decimal, Field(le=Decimal("0.05"))], 1, "must be 0.05 or less"),
        (Annotated[Decimal, Field(le=10**9)], 10**10, "must be 1000000000 or less"),
        (Annotated[list[int], Field(min_length=1)], [], "must have 1 or more parts"),
        (Literal["paper", "live"], "x", "must be 'paper' or 'live'"),
        (Annotated[str, Field(pattern="^a$")], "b", "has another form than"),
        (Annotated[int, AfterValidator(even)], 3, "must be even, and 3 is odd"),
    ],
)
def test_what_a_value_must_be_is_told_in_plain_words(
    kind: Any, value: object, told: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        TypeAdapter(kind).validate_python(value)
    (problem,) = refused.value.errors()
    assert requirement(problem).startswith(told)
