"""The page of a session: what it says, what it hides, and that text stays text."""

import html
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import StoreError
from tests.browser import dom_of
from tests.trading.made_result import made_result
from tests.trading.made_trades import trade
from tests.trading.reporting.conftest import EVIL
from trading.shell.candles import Candles
from trading.shell.changed import changed
from trading.shell.reporting.figures import NEUTRAL
from trading.shell.reporting.page import render_page, write_page
from trading.shell.reporting.studies import Studies
from trading.shell.statistics.measure import measure
from trading.shell.statistics.monte_carlo import monte_carlo


class Elements(HTMLParser):
    """The page's elements outside its scripts, and its visible text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = [("", {})]
        self.text = ""
        self.scripts = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        if self.tags[-1][0] == "script":
            self.scripts += data
        elif self.tags[-1][0] != "style":
            self.text += data


def page_of(result, studied=None) -> str:
    return render_page(result, None, studied, plotly_js="directory")


@pytest.fixture(scope="module")
def text(session) -> str:
    return page_of(session)


@pytest.fixture(scope="module")
def page(text) -> Elements:
    return Elements(text)


@pytest.fixture(scope="module")
def dry_text(dry) -> str:
    return page_of(dry)


@pytest.fixture(scope="module")
def loud(evil) -> Elements:
    return Elements(page_of(evil))


def figures(page: Elements) -> dict[str, dict]:
    """Each chart's figure, out of the script that draws it."""
    decode = json.JSONDecoder().raw_decode
    found = re.finditer(r'newPlot\("(\w+)", Object.assign\(', page.scripts)
    return {one[1]: decode(page.scripts, one.end())[0] for one in found}


def test_it_says_every_figure_with_its_formula(page, session):
    metrics = measure(session)
    for one in (*metrics.truths, *metrics.usual):
        assert one.formula in page.text
        assert one.reason in page.text
    assert "Net P&L" in page.text


def test_it_says_that_a_backtest_is_not_profit(page):
    assert "A backtest is not profit." in page.text


def test_it_says_what_was_assumed_which_versions_and_which_settings(page, session):
    said = [*session.assumptions, *session.notes, *session.versions, "costs.taker"]
    assert all(text in page.text for text in said)


def test_it_says_what_each_check_rejected_and_each_rule_ended(page, session):
    for one in measure(session).rejections:
        assert one.check in page.text
        assert one.reason in page.text
    assert all(rule in page.text for rule in session.near)


def test_each_entry_is_drawn_with_why_it_was_taken_and_by_which_modules(page, session):
    drawn = {one["name"]: one for one in figures(page)["market0"]["data"]}
    trades = [one for one in session.trades if one.symbol == "BTC/USD"]
    texts = drawn["long entry"]["text"]
    assert len(texts) == len(trades) > 0
    assert all("long signal, confidence 0.71" in text for text in texts)
    assert all("volume_spike" in text for text in texts)
    assert len(drawn["exit"]["text"]) == len(trades)


def test_a_real_market_is_not_called_synthetic(page):
    assert "SYNTHETIC" not in page.text + page.scripts


def test_a_generated_market_is_called_synthetic_everywhere(dry_text):
    page = Elements(dry_text)
    assert page.text.count("SYNTHETIC") >= 4  # title, banner, header, chart, candles
    drawn = figures(page)
    assert drawn
    for one in drawn.values():
        assert one["layout"]["annotations"][-1]["text"] == "SYNTHETIC"


def test_a_drought_is_the_first_thing_said(dry_text, text):
    assert dry_text.index('id="drought"') < dry_text.index('id="equity-line"')
    assert "No trade was closed" in dry_text
    assert 'id="drought"' not in text


def test_studies_are_shown_where_there_are_some(dry):
    drawn = monte_carlo([0.02, -0.01], start=10_000, runs=50)
    page = Elements(page_of(dry, Studies(drawn)))
    assert "50 runs of" in page.text
    assert "fan" in figures(page)


def test_markup_from_elsewhere_makes_no_element_and_ends_no_script(loud, page):
    allowed = {tag for tag, _ in page.tags}
    assert {tag for tag, _ in loud.tags} <= allowed | {"em"}
    assert not any(name.startswith("on") for _, given in loud.tags for name in given)
    assert "{{ 7*7 }}" in loud.text
    assert all(tag != "img" and "javascript" not in str(a) for tag, a in loud.tags)


def test_markup_is_not_read_by_a_chart_either(loud):
    def strings(value):
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            inner = value.values() if isinstance(value, dict) else value
            for one in inner:
                yield from strings(one)

    drawn = figures(loud)
    said = [text for one in drawn.values() for text in strings(one["data"])]
    told = [text for text in said if "7*7" in text]
    assert told
    assert not any(re.search(r"<(?!br>|b>|/b>)", text) for text in told)


@pytest.mark.parametrize("won", [0, 1, 5, 10])
def test_the_heat_map_runs_over_rates_that_there_are(dry, won):
    """Its middle colour is the overall rate, of ten trades."""
    made = [trade(5 if n < won else -5, (n, n + 1)) for n in range(10)]
    (heat,) = figures(Elements(page_of(changed(dry, trades=made))))["heat"]["data"]
    least, most = heat["zmin"], heat["zmax"]
    assert 0 <= least <= won / 10 <= most <= 1
    assert 0.2 <= most - least <= 0.5
    ((place, _),) = (one for one in heat["colorscale"] if one[1] == NEUTRAL)
    assert least + place * (most - least) == pytest.approx(won / 10)


def test_on_a_narrow_screen_no_tool_bar_lies_over_a_chart_s_buttons(text):
    (narrow,) = re.findall(r"@media \(max-width: 760px\) \{(.*)\}$", text, re.MULTILINE)
    assert ".modebar-container { display: none; }" in narrow


def test_a_browser_draws_a_hostile_page_and_runs_none_of_it(evil, tmp_path):
    path = write_page(tmp_path / "page.html", evil)
    whole = dom_of(path, tmp_path / "profile")
    dom = re.sub(r"<(script|style)\b.*?</\1>", "", whole, flags=re.DOTALL)
    assert 'class="main-svg"' in dom
    assert html.escape(EVIL[:30], quote=False) in dom
    assert "owned</title>" not in dom
    assert "<img" not in dom


def test_nothing_is_loaded_from_anywhere(dry):
    page = Elements(render_page(dry))
    policy = next(given for tag, given in page.tags if "http-equiv" in given)
    assert policy["content"].startswith("default-src 'none'; script-src 'sha256-")
    sources = [given for _, given in page.tags if "src" in given]
    links = [str(given["href"]) for _, given in page.tags if "href" in given]
    assert not sources
    assert all(link.startswith("#") for link in links)


def test_every_link_within_the_page_leads_somewhere(page):
    ids = {given.get("id") for _, given in page.tags}
    links = {str(given["href"])[1:] for _, given in page.tags if "href" in given}
    assert links <= ids


def test_the_same_result_gives_the_same_page(dry, dry_text):
    assert page_of(dry) == dry_text


def test_many_bars_make_no_large_page():
    bars = 30_000
    close = 100 + np.sin(np.arange(bars) / 30)
    frame = pd.DataFrame({"time": 1_600_000_200 + 300 * np.arange(bars), "open": close})
    frame = frame.assign(high=close + 0.1, low=close - 0.1, close=close)
    result = made_result([Candles(frame, "A/USD", "5m", "made", False)])
    assert len(result.trades) > 100
    assert len(page_of(result)) < 1_300_000


def test_an_empty_session_has_a_page(session):
    nothing = changed(
        session,
        **dict.fromkeys(("trades", "decisions", "signals", "candles"), ()),
        **{key: {} for key in ("near", "contributions", "versions", "settings")},
        times=np.empty(0, np.int64),
        equity=np.empty(0),
        bars=0,
        scans=0,
    )
    assert "No bar was played" in page_of(nothing)


def test_a_disk_that_refuses_is_a_store_error(dry, tmp_path):
    taken = tmp_path / "taken"
    taken.write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        write_page(taken / "page.html", dry, plotly_js="directory")
    assert [path.name for path in Path(tmp_path).iterdir()] == ["taken"]
