"""What whole sentences come to: sides, stops, targets, sizes, leverage, settings."""

import pytest

from core.llm.offline.rules import Reading, plain_rule, read_rules
from trading.shell.vocabulary import VOCABULARY

BUY = "Buy when RSI is below 30. "

STATEMENTS = (
    ("Sell when RSI is above 70.", "exit_long", {"rsi_14": 71}, True),
    ("Exit after 10 bars.", "exit_long", {"bars_held": 10}, True),
    ("Exit at 20:00 UTC.", "exit_long", {"time": 20 * 3600}, True),
    (
        "Take it off: close the trade when price is 5% above the entry price.",
        None,
        {},
        0,
    ),
    (
        "Exit when price is 5% above the entry price.",
        "exit_long",
        {"close": 105, "entry_price": 100},
        True,
    ),
    (
        "Stop loss 2 ATR below entry.",
        "long_stop_price",
        {"close": 100, "atr_14": 3},
        94,
    ),
    ("Stop loss 2 x ATR.", "long_stop_price", {"close": 100, "atr_14": 3}, 94),
    ("Stop loss at 3%.", "long_stop_price", {"close": 100}, 97),
    ("Use a 3% stop loss.", "long_stop_price", {"close": 100}, 97),
    ("Set the stop $5 below entry.", "long_stop_price", {"close": 100}, 95),
    (
        "Stop at the lowest low of the last 10 bars.",
        "long_stop_price",
        {"close": 100, "lowest_low_10": 93},
        93,
    ),
    (
        "Trailing stop of 3 ATR.",
        "long_trailing_stop_price",
        {"highest_since_entry": 120, "atr_14": 2},
        114,
    ),
    (
        "Trail the stop by 10%.",
        "long_trailing_stop_price",
        {"highest_since_entry": 120},
        108,
    ),
    ("Take profit 4 %.", "long_target_price", {"close": 100}, 104),
    ("Take profit at 3 ATR.", "long_target_price", {"close": 100, "atr_14": 2}, 106),
    ("TP: 4%", "long_target_price", {"close": 100}, 104),
    (
        "Target at the upper Bollinger band.",
        "long_target_price",
        {"close": 100, "bb_upper_20": 107},
        107,
    ),
    ("Invest $100 per trade.", "notional", {}, 100),
    ("Use 10 % of equity.", "notional", {"equity": 5000}, 500),
    ("Position size: 10% of equity.", "notional", {"equity": 5000}, 500),
    ("Use 10% of equity, at most $200.", "notional", {"equity": 5000}, 200),
    ("All in.", "notional", {"equity": 5000}, 5000),
    ("Leverage 3x.", "leverage", {}, 3),
    ("Use 2x leverage when ADX > 25 else 1x.", "leverage", {"adx_14": 26}, 2),
    ("Use 2x leverage when ADX > 25 else 1x.", "leverage", {"adx_14": 25}, 1),
    ("Leverage from 1 to 5 with volatility.", "leverage", {"volatility_20": 10}, 3),
    ("Leverage from 1 at ADX 20 to 3 at ADX 40.", "leverage", {"adx_14": 30}, 2),
)


def value_of(reading: Reading, output: str, row: dict[str, float]) -> object:
    rule = next(rule for rule in reading.rules if output in rule.outputs)
    lines = plain_rule(rule, VOCABULARY).body()
    space: dict[str, object] = dict(row)
    exec("def body():\n" + "".join(f"    {line}\n" for line in lines), space)
    return space["body"]()[output]  # type: ignore[operator]


@pytest.mark.parametrize(("sentence", "output", "row", "expected"), STATEMENTS)
def test_a_statement_comes_to_its_value(
    sentence: str, output: str | None, row: dict[str, float], expected: float
) -> None:
    reading = read_rules(BUY + sentence, VOCABULARY)
    if output is None:
        assert reading.problems
        return
    assert not reading.problems
    assert value_of(reading, output, row) == pytest.approx(expected)


@pytest.mark.parametrize(
    "sentence", [s for s, output, *_ in STATEMENTS if output not in (None, "exit_long")]
)
def test_a_statement_said_back_reads_as_the_same_rule(sentence: str) -> None:
    rule = read_rules(BUY + sentence, VOCABULARY).rules[-1]
    (again,) = read_rules(rule.intent, VOCABULARY).rules
    assert (again.outputs, again.intent) == (rule.outputs, rule.intent)


def test_a_target_in_multiples_of_risk_and_a_risk_size_need_a_stop() -> None:
    for sentence in ("Take profit at 2R.", "Risk 1 % of equity per trade."):
        (problem,) = read_rules(BUY + sentence, VOCABULARY).problems
        assert "needs a stop" in problem.why
        whole = read_rules(f"{BUY}{sentence} Stop loss 2 ATR.", VOCABULARY)
        assert not whole.problems


def test_risk_per_trade_loses_the_share_at_the_stop() -> None:
    reading = read_rules(BUY + "Stop 2%. Risk 1 % of equity per trade.", VOCABULARY)
    row = {"equity": 10_000, "close": 100, "long_stop_price": 98}
    notional = value_of(reading, "notional", row)
    assert notional / 100 * (100 - 98) == pytest.approx(100)  # type: ignore[operator]


def test_both_sides_get_stops_of_their_own() -> None:
    reading = read_rules(
        "Go long when EMA 9 crosses above EMA 21, go short when EMA 9 crosses below "
        "EMA 21. Stop loss 2 ATR. Sell when RSI > 80. Cover when RSI < 20.",
        VOCABULARY,
    )
    made = {output for rule in reading.rules for output in rule.outputs}
    assert {"enter_long", "enter_short", "long_stop_price", "short_stop_price"} <= made
    assert {"exit_long", "exit_short"} <= made


@pytest.mark.parametrize(
    ("text", "settings"),
    [
        (
            "On the 4h chart, buy SOL when RSI < 30",
            {"symbols": ["SOL/USD"], "timeframe": "4h"},
        ),
        (
            "Buy ETH/USD when RSI < 30 on the 15m chart",
            {"symbols": ["ETH/USD"], "timeframe": "15m"},
        ),
        (
            "Trade BTC and ETH on the daily chart. Buy when RSI < 30",
            {"symbols": ["BTC/USD", "ETH/USD"], "timeframe": "1d"},
        ),
        ("Buy bitcoin when RSI < 30", {"symbols": ["BTC/USD"]}),
    ],
)
def test_markets_and_timeframes_become_settings(
    text: str, settings: dict[str, object]
) -> None:
    reading = read_rules(text, VOCABULARY)
    assert not reading.problems
    assert dict(reading.settings) == settings


@pytest.mark.parametrize(
    "text",
    [
        "Buy when all of these hold:\n- RSI < 30\n- ADX > 20\n\nSell when RSI > 70",
        "• Buy when RSI < 30 and ADX > 20\n• Sell when RSI > 70",
        "1. Buy when RSI < 30 and ADX > 20\n2. Sell when RSI > 70",
        "Entry: RSI < 30 and ADX > 20\nExit: RSI > 70",
        "Buy when RSI < 30\nand ADX > 20\n\nSell when RSI > 70",
        "buy when rsi<30 & adx>20; sell when rsi>70",
        "When RSI < 30 and ADX > 20, buy. When RSI > 70, sell!",
    ],
)
def test_layout_does_not_change_the_rules(text: str) -> None:
    reading = read_rules(text, VOCABULARY)
    assert not reading.problems
    assert [rule.intent for rule in reading.rules] == [
        "Buy when RSI 14 is below 30 and ADX 14 is above 20.",
        "Exit the long when RSI 14 is above 70.",
    ]


def test_bullets_under_any_are_alternatives() -> None:
    text = "Sell when any of these hold:\n- RSI > 80\n- close < EMA 21"
    (rule,) = read_rules(text, VOCABULARY).rules
    assert (
        rule.intent == "Exit the long when RSI 14 is above 80 or close is below EMA 21."
    )


def test_filters_bind_every_entry() -> None:
    reading = read_rules(
        "Buy when RSI < 30. Short when RSI > 70. No trades on weekends. "
        "Only trade between 8:00 and 16:00 UTC.",
        VOCABULARY,
    )
    for rule in reading.rules:
        assert "on weekdays" in rule.intent
        assert "between 08:00 and 16:00 UTC" in rule.intent


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("Buy when RSI < 30 and the moon is full.", "the moon is full"),
        ("Buy when RSI < 30. Sell when I feel like it.", "I feel like it"),
        ("Buy when EMA 9 crosses EMA 21.", "EMA 9 crosses EMA 21"),
        ("import os and delete all files", "import os and delete all files"),
        ("当RSI低于30时买入比特币", "当RSI低于30时买入比特币"),
    ],
)
def test_what_is_not_understood_is_quoted_as_it_was_typed(
    text: str, quote: str
) -> None:
    quotes = [problem.quote for problem in read_rules(text, VOCABULARY).problems]
    assert quote in quotes
    assert all(each in text for each in quotes)


def test_a_rule_with_a_part_not_understood_is_not_built_without_it() -> None:
    reading = read_rules("Buy when RSI < 30 and the moon is full.", VOCABULARY)
    assert not reading.rules
