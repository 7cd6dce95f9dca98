"""One is no plural."""

import pytest

from core.counting import counted


@pytest.mark.parametrize(
    ("count", "words", "told"),
    [
        (0, ("trade",), "0 trades"),
        (1, ("trade",), "1 trade"),
        (2, ("trade",), "2 trades"),
        (12_345, ("trade",), "12,345 trades"),
        (1, ("repair was", "repairs were"), "1 repair was"),
        (3, ("repair was", "repairs were"), "3 repairs were"),
    ],
)
def test_only_one_is_told_in_the_singular(
    count: int, words: tuple[str, ...], told: str
) -> None:
    assert counted(count, *words) == told
