"""The one table of series: names parse, bad names are refused, the import is light."""

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import DataError
from trading.shell import series

PARAMETRIC = [family for family in series.TABLE if family.ranges]


@st.composite
def concrete_names(draw: st.DrawFn) -> tuple[series.Family, dict[str, int], str]:
    """A family, parameters in its ranges, and the name they make."""
    family = draw(st.sampled_from([f for f in PARAMETRIC if f.kind == "indicator"]))
    values = {
        name: draw(st.integers(low, high))
        for name, (low, high) in family.ranges.items()
    }
    for first, second in zip(family.ordered, family.ordered[1:], strict=False):
        values[second] = draw(st.integers(values[first] + 1, series.LONGEST + 1))
        if values[second] > series.LONGEST:
            values[first], values[second] = 2, 3
    return family, values, family.pattern.format(**values)


@pytest.mark.parametrize("family", series.TABLE, ids=lambda family: family.pattern)
def test_the_example_of_every_family_is_one_of_its_names(family):
    found = series.require(family.example)
    assert found.family is family
    assert found.description
    assert "{" not in found.description


@given(concrete_names())
def test_a_name_made_from_a_family_parses_back_to_it(made):
    family, values, name = made
    found = series.require(name)
    assert (found.family, dict(found.parameters)) == (family, values)
    assert found.warm_up == family.warm_up(**values)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz_0123456789", max_size=40))
def test_any_text_is_a_series_or_is_refused_with_a_remedy(text):
    found = series.lookup(text)
    if found is None:
        with pytest.raises(DataError) as refused:
            series.require(text)
        assert refused.value.remedy
    else:
        assert found.name == text


@pytest.mark.parametrize(
    "name, base, warm_up, unit",
    [
        ("prior_close", "close", 1, "price"),
        ("highest_high_20", "high", 19, "price"),
        ("prior_highest_high_20", "highest_high_20", 20, "price"),
        ("prior_lowest_low_55", "lowest_low_55", 55, "price"),
        ("highest_rsi_14_3", "rsi_14", 16, "oscillator"),
        ("average_volume_20", "volume", 19, "volume"),
        ("change_ema_20_5", "ema_20", 24, "percent"),
        ("prior_macd_8_21_5", "macd_8_21_5", 21, "indicator"),
    ],
)
def test_a_derived_series_adds_its_warm_up_to_its_base(name, base, warm_up, unit):
    found = series.require(name)
    assert found.base is not None
    assert (found.base.name, found.warm_up, found.unit) == (base, warm_up, unit)


@pytest.mark.parametrize(
    "name, words",
    [
        ("ema_1", "2..1000"),
        ("ema_1001", "2..1000"),
        ("adx_201", "2..200"),
        ("macd_26_12_9", "fast < slow"),
        ("prior_equity", "equity"),
        ("prior_hour", "hour"),
        ("highest_ema_20", "highest_high_20"),
        ("ema", "ema_20"),
        ("rsi_014", "rsi_14"),
        ("", "open"),
    ],
)
def test_a_name_that_is_not_a_series_is_refused_with_what_is_near(name, words):
    with pytest.raises(DataError) as refused:
        series.require(name)
    assert words in refused.value.remedy


def test_derivations_stack_to_a_limit():
    assert series.lookup("prior_" * series.DEEPEST + "close")
    assert series.lookup("prior_" * (series.DEEPEST + 1) + "close") is None


def test_a_run_of_names_warms_up_with_its_slowest():
    assert series.warm_up(["close", "ema_9", "prior_ema_200"]) == 200
    assert series.warm_up([]) == 0


def test_volume_is_found_through_derivations():
    names = ["prior_average_volume_20", "vwap_20", "close", "equity"]
    assert series.needs_volume(names) == ["prior_average_volume_20", "vwap_20"]


def test_no_two_families_claim_one_name():
    for family in series.TABLE:
        claims = [
            other.pattern
            for other in series.TABLE
            if other.kind != "derived" and _fits(other, family.example)
        ]
        assert len(claims) <= 1, (family.example, claims)


def _fits(family: series.Family, name: str) -> bool:
    return bool(re.fullmatch(re.sub(r"\{\w+\}", r"\\d+", family.pattern), name))


def test_importing_the_table_loads_no_pandas():
    code = "import sys, trading.shell.series; print('pandas' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
