"""Every indicator is blind to the future and warms up as declared; cheats are refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import DataError
from tests.trading.shell.cheating_indicators import CHEATS, N
from trading.shell import series
from trading.shell.candles import Candles
from trading.shell.certificates import admit, certify, certify_formula
from trading.shell.run_in import KEPT, forgetting, run_in_of
from trading.shell.synthetic import generate

EXAMPLES = [f.example for f in series.TABLE if f.kind in ("indicator", "derived")]


def run_in(name: str) -> int:
    return run_in_of(series.require(name))


@pytest.fixture(scope="module")
def hours() -> Candles:
    return generate(bars=1000)


@pytest.mark.parametrize("name", [*EXAMPLES, "highest_rsi_14_3", "change_ema_20_5"])
def test_every_kind_of_series_that_the_shell_computes_earns_its_certificate(
    name, hours: Candles
):
    certificate = admit(certify(name, hours))
    assert certificate.prefixes >= 4
    assert certificate.first == certificate.declared_first == series.warm_up([name])
    assert certificate.run_in is not None
    assert certificate.first <= certificate.run_in <= certificate.declared_run_in
    assert certificate.declared_run_in == run_in(name)


@pytest.mark.parametrize("cheat", CHEATS)
def test_an_indicator_that_looks_ahead_is_refused(cheat, hours: Candles):
    certificate = certify_formula(cheat, CHEATS[cheat], hours, N - 1, N - 1)
    assert any("depends on later bars" in fault for fault in certificate.faults)
    with pytest.raises(DataError, match="not admitted") as refused:
        admit(certificate)
    assert refused.value.remedy


@pytest.mark.parametrize(
    "first, start, words",
    [
        (18, 400, "first value comes after 19 bars, declared are 18"),
        (20, 400, "first value comes after 19 bars, declared are 20"),
        (19, 100, "start matters for"),
    ],
)
def test_a_wrong_declaration_is_refused(first, start, words, hours: Candles):
    certificate = certify_formula(
        "mean",
        lambda bars: bars["close"].ewm(span=20, min_periods=20, adjust=False).mean(),
        hours,
        first,
        start,
    )
    assert [fault for fault in certificate.faults if words in fault]


def test_an_indicator_without_a_value_is_refused(hours: Candles):
    certificate = certify_formula(
        "nothing", lambda bars: bars["close"] * float("nan"), hours, 0, 0
    )
    assert certificate.faults == ("it has no value at all",)


def test_a_run_in_longer_than_the_candles_is_said_to_be_unknown(hours: Candles):
    assert certify("ema_400", hours).run_in is None


def test_too_few_candles_certify_nothing():
    with pytest.raises(DataError, match="too few to certify"):
        certify("sma_200", generate(bars=300))
    with pytest.raises(DataError, match="is not computed from candles"):
        certify("equity", generate(bars=300))


@settings(max_examples=30)
@given(st.floats(0.001, 0.9), st.integers(1, 2))
def test_what_is_left_after_the_run_in_is_nothing(alpha, passes):
    bars = forgetting(alpha, passes)
    left = (1 - alpha) ** bars * (1 + alpha * bars) ** (passes - 1)
    assert left <= KEPT * 1.0001


def test_a_run_in_adds_up_through_derivations():
    assert run_in("prior_ema_20") == run_in("ema_20") + 1
    assert run_in("highest_high_20") == 19
    assert run_in("close") == 0
