"""The limits file: checked once, never looser than the hard law, told in words."""

from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ConfigError
from trading.shell.law import Cause, Policy
from trading.shell.law.ceilings import CEILINGS, Ceiling
from trading.shell.law.examined import limit_checks
from trading.shell.law.limits import FILE, Limits, limits_of, loosest, read_limits
from trading.shell.venue.orders import Mode

D = Decimal
PAGE = FILE.parents[1] / "docs" / "risk-law.md"


def own(folder: Path, text: str) -> Path:
    path = folder / "own.toml"
    path.write_text(text)
    return path


def test_the_shipped_file_is_within_the_law_and_live_is_the_least() -> None:
    paper, live = read_limits(Mode.PAPER), read_limits(Mode.LIVE)
    assert not any(read_limits(mode).clamped for mode in Mode)
    assert (live.position_money, live.exposure_money) == (10, 10)
    assert (paper.trades_symbol_day, paper.trades_day) == (10, 30)
    assert (paper.drawdown_share, live.drawdown_share) == (D("0.40"), D("0.25"))
    assert (paper.losses_allowed(0), paper.losses_allowed(50)) == (20, 10)
    for key, ceiling in CEILINGS.items():
        if ceiling.kind in ("amount", "count"):
            loose, tight = getattr(paper, key), getattr(live, key)
            assert tight >= loose if ceiling.least else tight <= loose, key


def test_every_key_is_a_limit_and_is_explained_in_the_file_and_on_the_page() -> None:
    assert {f.name for f in fields(Limits)} == {"profile", "clamped", *CEILINGS}
    paper = FILE.read_text().partition("[paper]")[2].partition("[backtest]")[0]
    told = [line.split("=")[0].strip() for line in paper.splitlines() if " # " in line]
    assert set(told) == set(CEILINGS)
    assert not [key for key in CEILINGS if f"`{key}`" not in PAGE.read_text()]


def test_an_own_file_tightens_what_it_names_and_leaves_the_rest(tmp_path: Path) -> None:
    path = own(tmp_path, "[live]\nposition_money = 5\nflatten = ['drawdown']\n")
    limits = read_limits(Mode.LIVE, path)
    assert (limits.position_money, limits.exposure_money) == (5, 10)
    assert limits.policy(Cause.DRAWDOWN) is Policy.FLATTEN
    assert limits.policy(Cause.MEMORY) is Policy.FREEZE
    assert limits.policy(Cause.FLATTEN) is Policy.FLATTEN
    assert not limits.clamped
    assert read_limits(Mode.PAPER, path) == read_limits(Mode.PAPER)


def test_what_lies_beyond_the_law_is_brought_back_and_told(tmp_path: Path) -> None:
    path = own(
        tmp_path,
        "[live]\nposition_money = 25.5\nstop_required = false\nbreaker_seconds = 1\n"
        'flatten = ["api_lost"]\nends_itself = ["stale_data"]\n',
    )
    limits = read_limits(Mode.LIVE, path)
    assert limits.position_money == 10
    assert limits.stop_required
    assert limits.breaker_seconds == 300
    assert not limits.flatten
    assert not limits.ends_itself
    assert len(limits.clamped) == 5
    assert "live.position_money: 25.5 is held at 10" in limits.clamped[0]
    told = [check for check in limit_checks(path) if not check.ok]
    assert [check.name for check in told] == ["risk limits, live"]
    assert "25.5 is held at 10" in told[0].detail


@pytest.mark.parametrize(
    ("text", "field", "remedy"),
    [
        ("[live]\npositon_money = 1", "live.positon_money", "'position_money'"),
        ("[lve]\npositions = 1", "lve", "'live'"),
        ("[live]\nflatten = ['drawdwn']", "live.flatten", "'drawdown'"),
        ("[live]\nflatten = [1]", "live.flatten", "example"),
        ("[live]\nleverage = nan", "live.leverage", ""),
        ("[live]\nleverage = inf", "live.leverage", ""),
        ("[live]\nleverage = -1", "live.leverage", ""),
        ("[live]\nleverage = 1e400", "live.leverage", ""),
        ("[live]\nleverage = '3'", "live.leverage", ""),
        ("[live]\nleverage = true", "live.leverage", ""),
        ("[live]\npositions = 1.0", "live.positions", ""),
        ("[live]\nstop_required = 1", "live.stop_required", ""),
        ("live = 3", "live", ""),
        ("[live", "", "valid TOML"),
        (f"[live]\npositions = {'9' * 5000}", "", "valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_by_its_field_whatever_mode_is_asked(
    tmp_path: Path, text: str, field: str, remedy: str
) -> None:
    path = own(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        read_limits(Mode.BACKTEST, path)
    assert caught.value.field == field
    assert caught.value.where == str(path)
    assert remedy in caught.value.remedy or remedy == "example"
    assert not all(check.ok for check in limit_checks(path))


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no file"):
        read_limits(Mode.PAPER, tmp_path / "none.toml")


def values_of(ceiling: Ceiling) -> st.SearchStrategy[Any]:
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "amount": st.decimals(0, 10**9, places=3),
        "count": st.integers(0, 10**7),
        "flag": st.booleans(),
        "causes": st.lists(st.sampled_from(list(Cause)), max_size=4),
    }
    return kinds[ceiling.kind]


@given(
    st.sampled_from(list(Mode)),
    st.fixed_dictionaries({k: values_of(c) for k, c in CEILINGS.items()}),
)
def test_no_value_is_ever_looser_than_the_law_and_a_lawful_one_stays(
    mode: Mode, values: dict[str, Any]
) -> None:
    limits, law = limits_of(mode, values), loosest(mode)
    told = "\n".join(limits.clamped)
    for key, ceiling in CEILINGS.items():
        got: Any = getattr(limits, key)
        bound: Any = getattr(law, key)
        asked = frozenset(values[key]) if ceiling.kind == "causes" else values[key]
        assert got >= bound if ceiling.least else got <= bound
        assert (got == asked) != (f"{mode}.{key}: " in told)


@pytest.mark.parametrize(("mode", "column"), [(Mode.PAPER, 2), (Mode.LIVE, 3)])
def test_the_page_s_table_says_what_the_file_says(mode: Mode, column: int) -> None:
    limits = read_limits(mode)
    rows = [line.split("|") for line in PAGE.read_text().splitlines()]
    told = {row[1].strip(" `"): row[column].strip() for row in rows if len(row) == 7}
    amounts = {k: getattr(limits, k) for k in told.keys() & CEILINGS.keys()}
    shown = {
        k: f"{v:,}" for k, v in amounts.items() if not isinstance(v, bool | frozenset)
    }
    assert len(shown) > 15
    assert {key: told[key] for key in shown} == shown
