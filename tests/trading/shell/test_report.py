"""The report: whole, offline, honest about its market, and text in it is only text."""

import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.errors import StoreError
from core.stack.tick import Decision, Tick
from tests.browser import dom_of
from trading.shell.candles import Candles
from trading.shell.report import ReportModule, render, write_report
from trading.shell.synthetic import generate
from trading.shell.walk import ASSUMPTIONS, ModuleShape, Shape, Walk, follow

EVIL = (
    "<script>document.title='owned'</script>"
    "<img src=x onerror=\"document.title='owned'\">"
    "</blockquote></script><svg onload=\"document.title='owned'\">"
    "{{ 7*7 }} javascript:alert(1) \u2028 buy when ema 9 > ema 21"
)


def crossing(starting, _portfolio) -> Tick:
    made = {}
    for symbol, values in starting.items():
        rising = values["ema_9"] > values["ema_21"]
        out = {
            "enter_long": rising,
            "exit_long": not rising,
            "long_stop_price": values["close"] * 0.98,
            "long_target_price": values["close"] * 1.03,
        }
        made[symbol] = Decision(symbol, out, True, "", "", {"rule": EVIL}, {}, {}, {})
    return Tick(1, 0, made)


def walked(*candles: Candles) -> Walk:
    outputs = ("enter_long", "exit_long", "long_stop_price", "long_target_price")
    module = ModuleShape("rule", "entry", 2, outputs)
    names = frozenset({"close", "ema_9", "ema_21", "prior_ema_9", "rsi_14"})
    return follow(crossing, Shape("cross", names, frozenset(), (module,)), candles)


@pytest.fixture(scope="module")
def a_walk() -> Walk:
    return walked(generate(bars=300))


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Path], str]:
    """The page as a browser makes it: its DOM after the scripts have run."""
    profile = tmp_path_factory.mktemp("chromium")
    return lambda page: dom_of(page, profile)


def visible(dom: str) -> str:
    """The DOM without its scripts and styles."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", dom, flags=re.DOTALL)


def test_a_browser_shows_the_plots_and_the_tables(a_walk, tmp_path, browser):
    path = write_report(
        tmp_path / "walk.html",
        a_walk,
        request="buy when ema 9 crosses above ema 21",
        reason="no candles were given",
        plan=["rule: entry, reads ema_9 and ema_21"],
        modules=[
            ReportModule("rule", "entry", 2, "return {'enter_long': ema_9 > ema_21}")
        ],
    )
    page = visible(browser(path))
    assert page.count('class="main-svg"') >= 2
    assert "candlestick" in page or "boxlayer" in page
    for name in ("ema_9", "ema_21", "rsi_14", "long entry", "exit", "stop", "target"):
        assert f">{name}<" in page
    assert "buy when ema 9 crosses above ema 21" in page
    assert "reads ema_9 and ema_21" in page
    assert "return {'enter_long': ema_9 &gt; ema_21}" in page
    assert "true on" in page
    assert page.count("SYNTHETIC") >= 3
    assert "Share chart" not in page


def test_a_browser_shows_a_report_whose_library_lies_beside_it(
    a_walk, tmp_path, browser
):
    path = write_report(tmp_path / "walk.html", a_walk, plotly_js="directory")
    assert path.stat().st_size < 1_000_000
    assert (tmp_path / "plotly.min.js").is_file()
    assert 'class="main-svg"' in visible(browser(path))


def test_markup_in_a_request_does_not_run(a_walk, tmp_path, browser):
    module = ReportModule(EVIL, EVIL, 1, EVIL, EVIL, EVIL)
    path = write_report(
        tmp_path / "walk.html",
        a_walk,
        request=EVIL,
        reason=EVIL,
        plan=[EVIL],
        modules=[module],
    )
    dom = browser(path)
    assert "owned</title>" not in dom
    assert "<img" not in visible(dom)
    assert "onload=" not in re.sub(r"&lt;.*?&gt;", "", visible(dom))
    assert "{{ 7*7 }}" in dom
    assert 'class="main-svg"' in visible(dom)


def test_a_market_named_by_its_enemy_does_not_run(tmp_path, browser):
    walk = walked(generate(bars=60, symbol=EVIL))
    dom = browser(write_report(tmp_path / "walk.html", walk))
    assert "owned</title>" not in dom
    assert "<img" not in visible(dom)


@hypothesis_settings(max_examples=12)
@given(text=st.text(max_size=200))
def test_any_text_appears_escaped_and_adds_no_element(a_walk, text):
    quiet = render(a_walk, plotly_js="directory")
    loud = render(a_walk, request=f"<b>{text}</b>", plotly_js="directory")
    assert loud.count("<b>") == 0
    assert len(re.findall(r"<\w", loud)) == len(re.findall(r"<\w", quiet))


def test_a_synthetic_market_is_labelled_loudly_and_a_real_one_is_not(a_walk, bitcoin):
    page = render(a_walk, plotly_js="directory")
    assert "<title>SYNTHETIC" in page
    assert 'class="synthetic" role="alert"' in page
    real = render(walked(bitcoin.since(17_000)), plotly_js="directory")
    assert "SYNTHETIC" not in real


def test_the_report_states_its_assumptions_and_never_speaks_of_profit(a_walk):
    page = html.unescape(render(a_walk, plotly_js="directory"))
    assert all(line in page for line in ASSUMPTIONS)
    assert "profit" not in page.lower()


def test_nothing_is_loaded_from_anywhere(a_walk):
    page = render(a_walk)
    head = page[: page.index("<style>")]
    assert "default-src 'none'" in head.replace("&#39;", "'")
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=", visible(page))


def test_a_long_walk_draws_its_newest_bars_and_says_so(bitcoin):
    page = render(walked(bitcoin), plotly_js="directory")
    assert "The newest 1,500 of 17,537 bars" in page
    assert "the newest 500 shown" in page
    assert len(page) < 2_000_000


def test_the_same_walk_gives_the_same_report(a_walk):
    assert render(a_walk) == render(a_walk)


def test_a_disk_that_refuses_is_a_store_error_and_leaves_no_half_report(
    a_walk, tmp_path
):
    file = tmp_path / "taken"
    file.write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        write_report(file / "walk.html", a_walk)
    path = write_report(tmp_path / "walk.html", a_walk, plotly_js="directory")
    assert {one.name for one in path.parent.iterdir()} == {
        "plotly.min.js",
        "taken",
        "walk.html",
    }
