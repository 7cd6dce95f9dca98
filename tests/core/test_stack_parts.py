"""A stack taken apart: what a market feeds, and what a caller calls."""

from pathlib import Path

import pytest

from core.errors import StackError
from core.stack.parts import apart, called, fed, part
from tests.core.stack_samples import entry, spec, stack_of

TREND = entry(
    spec("trend", {"close": "number"}, {"gap": "number"}), "return {'gap': close}"
)
FEE = entry(spec("fee", {"a": "number"}, {"cost": "number"}), "return {'cost': a}")
NET = entry(
    spec("net", {"gap": "number", "cost": "number"}, {"gain": "number"}),
    "return {'gain': gap - cost}",
)
ALONE = entry(spec("alone", {"a": "number"}, {"b": "number"}), "return {'b': a}")
GIVEN = '[starting.a]\nunit = "number"\neach = "symbol"\n'


def test_what_the_vocabulary_feeds_is_apart_from_what_waits_for_a_caller(
    tmp_path: Path,
):
    stack = stack_of(tmp_path, TREND, FEE, ALONE, toml=GIVEN)
    assert fed(stack) == {"trend"}
    assert [set(one.entries) for one in called(stack)] == [{"alone"}, {"fee"}]


def test_a_module_that_reads_a_called_one_is_called_with_all_it_reads(tmp_path: Path):
    stack = stack_of(tmp_path, TREND, FEE, NET, toml=GIVEN)
    assert fed(stack) == {"trend"}
    (whole,) = called(stack)
    assert set(whole.entries) == {"fee", "net", "trend"}
    assert set(whole.starting) == {"a", "close"}


def test_a_fixed_value_waits_for_nobody(tmp_path: Path):
    fixed = '[starting.a]\nunit = "number"\nvalue = 3\n'
    stack = stack_of(tmp_path, TREND, FEE, toml=fixed)
    assert fed(stack) == {"fee", "trend"}
    assert called(stack) == []


def test_parts_share_no_module_and_leave_none_out(tmp_path: Path):
    stack = stack_of(tmp_path, TREND, FEE, NET, ALONE, toml=GIVEN)
    parts = [set(one.entries) for one in apart(stack)]
    assert parts == [{"alone"}, {"fee", "net", "trend"}]


def test_a_part_that_reads_what_is_left_out_is_refused(tmp_path: Path):
    stack = stack_of(tmp_path, TREND, FEE, NET, toml=GIVEN)
    with pytest.raises(StackError, match="gap"):
        part(stack, ["net"])
