"""Whole requests as traders type them: what each output must mean, what is taken.

A meaning is an expression over named values; `{output: meaning}` names every output of
the request. A refusal is a part of what the request's problem quotes, and of its remedy.
"""

CROSS_UP = "sma_50 > sma_200 and prior_sma_50 <= prior_sma_200"
CROSS_DOWN = "sma_50 < sma_200 and prior_sma_50 >= prior_sma_200"
MACD_UP = "macd > macd_signal and prior_macd <= prior_macd_signal"
MACD_DOWN = "macd < macd_signal and prior_macd >= prior_macd_signal"
ENTER, LEAVE = "enter_long", "exit_long"
LOW = {ENTER: "rsi_14 < 30"}
ZONES = {ENTER: "rsi_14 < 30", LEAVE: "rsi_14 > 70"}
OUT_LOW = LOW | {LEAVE: "close < prior_lowest_low_20"}
OFFICE = "rsi_14 < 30 and weekday <= 4 and 8 <= hour < 16"

REQUESTS = (
    # days are bars of a daily chart
    ("Buy when price is above the 50 day moving average on the 1d chart", {ENTER: "close > sma_50"}, "a day is a bar"),
    ("On the daily chart, buy when price is above the 50d MA", {ENTER: "close > sma_50"}, "a day is a bar"),
    ("Buy when the 50-day MA crosses above the 200-day MA. Trade on the daily chart", {ENTER: CROSS_UP}, "a day is a bar"),
    ("Buy when price makes a new 20-day high on the daily chart", {ENTER: "high > prior_highest_high_20"}, "a day is a bar"),
    ("Buy when price drops 5% in 24 hours on the 1h chart", {ENTER: "change_close_24 <= -5"}, "an hour is a bar"),
    ("Buy when RSI < 30 on the 1d chart. Sell after 3 days", LOW | {LEAVE: "bars_held >= 3"}, "a day is a bar"),
    # "it" is what was compared before
    ("buy when SMA 50 crosses above SMA 200, sell when it crosses below", {ENTER: CROSS_UP, LEAVE: CROSS_DOWN}, ""),
    ("Buy when SMA 50 crosses above SMA 200. Sell when they cross back", {ENTER: CROSS_UP, LEAVE: CROSS_DOWN}, ""),
    ("buy when RSI is below 30, sell when it is above 70", ZONES, ""),
    ("buy when RSI < 30, sell when > 70", ZONES, ""),
    ("Buy when RSI is above 50 and it is rising", {ENTER: "rsi_14 > 50 and rsi_14 > prior_rsi_14"}, ""),
    ("Buy if price is above the 20 EMA. Sell if it falls below", {ENTER: "close > ema_20", LEAVE: "close < ema_20 and prior_close >= prior_ema_20"}, ""),
    # titles and moods say nothing
    ("Golden cross strategy: buy when SMA 50 crosses above SMA 200", {ENTER: CROSS_UP}, "taken as a title"),
    ("My system: buy when RSI is below 30", LOW, "taken as a title"),
    ("RSI mean reversion: buy when RSI is below 30", LOW, "taken as a title"),
    ("Golden cross strategy\nBuy when SMA 50 crosses above SMA 200", {ENTER: CROSS_UP}, "taken as a title"),
    ("My strategy:\n- Buy when RSI < 30\n- Sell when RSI > 70", ZONES, ""),
    ("Strategy - buy when RSI is below 30", LOW, ""),
    ("Buy the dip when RSI is below 30", LOW, "no more than"),
    # leaving
    ("Buy when RSI < 30. Exit at the lowest low of 20 bars", OUT_LOW, "a close below"),
    ("Buy when RSI < 30. Exit at the 20-bar low", OUT_LOW, "a close below"),
    ("Buy when RSI < 30. Exit at 20:30 UTC", LOW | {LEAVE: "time % 86400 == 73800"}, "closes then"),
    ("Buy when RSI < 30. Sell when RSI > 70 or after 48 bars", LOW | {LEAVE: "rsi_14 > 70 or bars_held >= 48"}, ""),
    ("Buy when RSI < 30. Sell after 48 bars, or if RSI > 70 and ADX > 20", LOW | {LEAVE: "bars_held >= 48 or (rsi_14 > 70 and adx_14 > 20)"}, ""),
    ("Buy when RSI < 30. When RSI > 70 or ADX > 20, or after 48 bars, exit", LOW | {LEAVE: "rsi_14 > 70 or adx_14 > 20 or bars_held >= 48"}, ""),
    ("Buy when RSI < 30. Exit on Friday or after 48 bars", LOW | {LEAVE: "weekday == 4 or bars_held >= 48"}, ""),
    ("Short when RSI > 70. Cover when RSI < 30 or after 5 bars", {"enter_short": "rsi_14 > 70", "exit_short": "rsi_14 < 30 or bars_held >= 5"}, ""),
    ("Buy when RSI < 30 on the 1h chart. Sell when RSI > 70 or after 48 hours", LOW | {LEAVE: "rsi_14 > 70 or bars_held >= 48"}, "an hour is a bar"),
    ("Buy when RSI < 30. Sell when bars held is at least 48", LOW | {LEAVE: "bars_held >= 48"}, ""),
    # hours and days
    ("Buy every Monday at 9:00 UTC, sell on Friday", {ENTER: "weekday == 0 and time % 86400 == 32400", LEAVE: "weekday == 4"}, "closes then"),
    ("Buy every weekday at 9 am, sell at 4 pm", {ENTER: "weekday <= 4 and time % 86400 == 32400", LEAVE: "time % 86400 == 57600"}, "taken as UTC"),
    ("Buy on weekdays when RSI < 30", {ENTER: "rsi_14 < 30 and weekday <= 4"}, ""),
    ("Buy when RSI < 30. Trade only Mon-Fri 8-16h", {ENTER: OFFICE}, "taken as UTC"),
    ("Buy when RSI < 30. Trading hours 8:00-16:00 UTC, Mon - Fri", {ENTER: OFFICE}, ""),
    ("Buy when RSI < 30 between 8am and 4pm UTC", {ENTER: "rsi_14 < 30 and 8 <= hour < 16"}, ""),
    # zones
    ("when RSI is oversold buy, when overbought sell", ZONES, "below 30"),
    ("buy when RSI oversold, sell when RSI overbought", ZONES, "above 70"),
    ("Buy when the stochastic is oversold, sell when overbought", {ENTER: "stoch_14 < 20", LEAVE: "stoch_14 > 80"}, "below 20"),
    ("Buy when RSI enters oversold territory", {ENTER: "rsi_14 < 30 and prior_rsi_14 >= 30"}, "below 30"),
    # events
    ("Buy on a golden cross, sell on a death cross", {ENTER: CROSS_UP, LEAVE: CROSS_DOWN}, "SMA 50"),
    ("Buy on MACD bullish crossover, sell on bearish MACD crossover", {ENTER: MACD_UP, LEAVE: MACD_DOWN}, "signal line"),
    ("Buy on a bullish candle", {ENTER: "close > open"}, ""),
    ("Buy on a bullish engulfing candle when RSI < 40", {ENTER: "prior_close < prior_open and open <= prior_close and close > prior_open and rsi_14 < 40"}, "engulfing"),
    ("Sell on a bearish engulfing", {LEAVE: "prior_close > prior_open and open >= prior_close and close < prior_open"}, "engulfing"),
    # money
    ("Buy when RSI < 30. Max leverage 3x", LOW | {"leverage": "3"}, "at most 3x"),
    ("Buy when RSI < 30. Leverage at most 3x", LOW | {"leverage": "3"}, "at most 3x"),
    ("Buy when RSI < 30 with 2x leverage", LOW | {"leverage": "2"}, ""),
    ("Buy when RSI < 30. Use half of my equity", LOW | {"notional": "equity * 50 / 100"}, ""),
    ("Buy with half of my equity when RSI < 30", LOW | {"notional": "equity * 50 / 100"}, ""),
    ("Buy with $100 when RSI < 30", LOW | {"notional": "100"}, ""),
    ("Buy 0.5 BTC when RSI is below 30", LOW | {"notional": "0.5 * close"}, ""),
    ("buy 2 ETH when RSI < 30", LOW | {"notional": "2 * close"}, ""),
    ("buy 100 XRP when RSI < 30", LOW | {"notional": "100 * close"}, ""),
    ("Buy 100 SHIB/USD when RSI < 30", LOW | {"notional": "100 * close"}, ""),
    ("Buy with 0.1 BTC when RSI < 30", LOW | {"notional": "0.1 * close"}, ""),
    ("Buy 0.5 bitcoins when RSI < 30", LOW | {"notional": "0.5 * close"}, ""),
    ("When RSI < 30, buy 0.5 BTC", LOW | {"notional": "0.5 * close"}, ""),
    ("Short 0.5 BTC when RSI > 70", {"enter_short": "rsi_14 > 70", "notional": "0.5 * close"}, ""),
    ("Buy BTC when RSI < 30. Position size: 0.5 BTC", LOW | {"notional": "0.5 * close"}, ""),
    ("Buy BTC and ETH when RSI < 30. Use 2 coins, at most $500", LOW | {"notional": "min(2 * close, 500)"}, ""),
    ("Buy when RSI < 30. Use 0.5 BTC per trade. Leverage 3x", LOW | {"notional": "0.5 * close", "leverage": "3"}, "does not multiply"),
    ("buy $500 of BTC when RSI < 30", LOW | {"notional": "500"}, ""),
    ("buy 500 USD worth of BTC when RSI < 30", LOW | {"notional": "500"}, ""),
    ("buy BTC for 500 dollars when RSI < 30", LOW | {"notional": "500"}, ""),
    ("Buy BTC/EUR when RSI < 30. Invest 500 EUR", LOW | {"notional": "500"}, ""),
    ("Buy BTC/USDT when RSI < 30. Invest 500 USDT", LOW | {"notional": "500"}, ""),
    ("Buy when RSI < 30. Stop at 50000", LOW | {"long_stop_price": "min(50000, close)"}, "taken as a price"),
    ("Buy when RSI < 30. Stop at a price of 2", LOW | {"long_stop_price": "min(2, close)"}, ""),
    ("Buy when RSI < 30. Take profit at 70000", LOW | {"long_target_price": "max(70000, close)"}, "taken as a price"),
    ("Buy when RSI < 30. TP 5% SL 2%", LOW | {"long_stop_price": "close * (1 - 2 / 100)", "long_target_price": "close * (1 + 5 / 100)"}, ""),
)  # fmt: skip

REFUSALS = (
    ("Buy when price is above the 50 day moving average", "50 day moving average", "50-bar"),
    ("Buy when price is above the 50 day moving average on the 1h chart", "50 day moving average", "1d chart"),
    ("Sell when it is above 70", "it is above 70", "name the value"),
    ("Buy when RSI < 30 and ADX > 20. Sell when it is above 70", "it is above 70", "name the value"),
    ("Buy when RSI < 30. Only trade when above EMA 200", "above EMA 200", "name the value"),
    ("Buy when RSI < 30. Sell when it is between 8 and 16", "it is between 8 and 16", "name the value"),
    ("Buy when the moon is full. Sell when it is above 70", "it is above 70", "name the value"),
    ("buy when oversold", "oversold", "name the value"),
    ("Buy when the average is above 50", "average", "name the value"),
    ("Buy when RSI < 30. Stop at the average", "Stop at the average", "SMA 20"),
    ("Buy when EMA 9 crosses EMA 21", "EMA 9 crosses EMA 21", "'crosses above'"),
    ("Buy when MACD crosses", "MACD crosses", "'crosses above'"),
    ("Buy on RSI divergence", "RSI divergence", "which bars to compare"),
    ("Buy at 9:30am New York time", "New York", "UTC"),
    ("Buy when RSI < 30 between 9:30 and 16:00 EST", "EST", "UTC"),
    ("Buy when RSI < 30. No more than one trade a day", "one trade a day", "limit when to trade"),
    ("Buy when RSI < 30. Buy on weekdays", "Buy on weekdays", "only trade on Mondays"),
    ("Sell when the 4h candle is red", "4h candle is red", "one chart"),
    ("Buy when RSI < 30. Exit at the upper Bollinger band", "upper Bollinger band", "touches"),
    ("Buy when there is a hammer", "hammer", "open, high, low and close"),
    ("Buy every Monday at 9:00 UTC on the 4h chart", "09:00", "8:00"),
    ("Sell when RSI > 70 and after 48 bars", "after 48 bars", "'or after 48 bars'"),
    ("Sell when RSI > 70 or held for 48 bars", "held for 48 bars", "'exit after 48 bars'"),
    # numbers without a unit, and units that are none here
    ("Buy 1 contract when RSI < 30", "1 contract", "coins, money or percent"),
    ("Buy 0.5 when RSI < 30", "Buy 0.5", "coins, money or percent"),
    ("Buy 100 when RSI < 30", "Buy 100", "coins, money or percent"),
    ("Buy 100 SHIB when RSI < 30", "100 SHIB", "100 SHIB/USD"),
    ("Buy when RSI < 30. Invest 100", "Invest 100", "coins, money or percent"),
    ("Buy when RSI < 30. Use 100 per trade", "Use 100", "coins, money or percent"),
    ("Buy when RSI < 30. Position size 100", "Position size 100", "coins, money"),
    ("Buy when RSI < 30. Use 10% of equity, at most 500", "at most 500", "coins, money"),
    ("Buy BTC when RSI < 30. Invest 500 EUR", "500 EUR", "USD"),
    ("Buy BTC/EUR when RSI < 30. Invest $500", "$500", "EUR"),
    ("Buy BTC/EUR when RSI < 30. Stop loss $50 below entry", "$50", "EUR"),
    ("Trade BTC and ETH. Buy when RSI < 30. Invest 0.5 BTC", "0.5 BTC", "money"),
    ("Buy BTC when RSI < 30. Invest $500. Use 0.5 BTC", "$500 / 0.5 BTC", "keep one"),
    ("Sell 0.5 BTC when RSI > 70", "Sell 0.5 BTC", "leave the amount out"),
    ("Buy when RSI < 30. Sell half when RSI > 70", "Sell half", "leave the amount out"),
    ("Buy when RSI < 30. Sell 50% when RSI > 70", "Sell 50%", "leave the amount out"),
    ("Buy when RSI < 30. Stop loss 2", "Stop loss 2", "'stop 2%'"),
    ("Buy when RSI < 30. Stop at 2", "Stop at 2", "'stop at a price of 2'"),
    ("Buy when RSI < 30. Stop loss 500", "Stop loss 500", "'stop at a price of 500'"),
    ("Buy when RSI < 30. Stop 500 below entry", "Stop 500 below", "'stop $500'"),
    ("Buy when RSI < 30. Trailing stop 3", "Trailing stop 3", "'trailing stop 3%'"),
    ("Buy when RSI < 30. Take profit 5", "Take profit 5", "'take profit 5%'"),
    ("Buy when RSI < 30. Stop 2%. Risk 1", "Risk 1", "1 %"),
    ("Buy when RSI < 30. Stop 2%. Risk $50 per trade", "Risk $50 per trade", "1 %"),
    # slips, gaps, other languages, two charts
    ("Buy when RSSI is blow 30", "RSSI is blow 30", "did you mean RSI, below?"),
    ("Buy when EMA crosses above EMA 21", "EMA crosses above EMA 21", "EMA 9"),
    ("Buy when the price is above the moving average", "price is above the moving average", "EMA 9"),
    ("Kaufe wenn RSI unter 30 ist", "Kaufe wenn RSI unter 30 ist", "read in English"),
    ("当RSI低于30时买入比特币", "当RSI低于30时买入比特币", "read in English"),
    ("On the 1h chart, buy when RSI < 30. Sell when RSI > 70 on the 4h chart", "1h / 4h", "keep one"),
)  # fmt: skip

NO_TITLES = (
    "Short strategy: enter when RSI > 70",
    "Weekend strategy: buy when RSI < 30",
    "No-leverage system: buy when RSI < 30",
    "Golden cross: go long",
)
