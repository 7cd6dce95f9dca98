"""Tables that fit: no number, date or name is broken inside a cell."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from cli import views

TRADES = [
    ("az66bbea7b", "BTC/USD", "2021-02-28 00:00", "46,198.6", "-0.80", "the stop hit"),
    ("azcc7fe3e7", "ETH/USD", "2021-02-28 03:00", "1,431.81", "+11.86", "[bold]"),
]
COLUMNS = ("id", "symbol", "opened", "entry", "net", "why it ended")
WIDTHS = (30, 40, 60, 80, 120)


def printed(width: int, **options: Any) -> str:
    console = Console(file=StringIO(), width=width)
    console.print(views.table("trades", COLUMNS, TRADES, **options))
    return console.file.getvalue()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_word_of_a_table_is_whole_at_every_width(width: int):
    words = printed(width).split()
    for row in TRADES:
        for cell in row:
            assert not set(cell.split()) - set(words)


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_is_wider_than_the_terminal(width: int):
    assert max(map(len, printed(width).splitlines())) <= width


def test_a_narrow_table_is_without_what_it_can_spare_and_says_so():
    spare = ("why it ended", "opened")
    assert "too narrow" not in printed(80, spare=spare)
    narrow = printed(44, spare=spare)
    assert "too narrow for why it ended, opened" in narrow.replace("\n", " ")
    assert "46,198.6" in narrow
    assert "2021-02-28" not in narrow


def test_a_field_has_a_line_of_its_own_where_nothing_can_be_spared():
    lines = [line.split() for line in printed(40).splitlines()]
    assert ["entry", "46,198.6"] in lines


def test_a_number_behind_its_name_is_whole_and_long_words_are_not_in_its_way():
    console = Console(file=StringIO(), width=60)
    rows = [
        ("prior_highest_high_20=48350,", "a/path/" * 9, "it_is_a_name_of_many_parts")
    ]
    console.print(views.table("read", ("read", "path", "made"), rows))
    printed_text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "prior_highest_high_20=48350," in printed_text
    assert max(map(len, printed_text.splitlines())) <= 60
