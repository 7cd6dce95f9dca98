"""What traders ask for that no rule can say, each with why and what to say instead."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.llm.offline.rules.rule import Unmeant
from core.llm.offline.rules.words import Word

_ZONES = (
    r"new york|london|tokyo|frankfurt|chicago|sydney|eastern|pacific|central time|"
    r"local time|time zone|market open|est|edt|et|pst|pdt|cst|cdt|cet|cest|bst|ist|jst"
)
_COUNTED = r"(?:trade|buy|sell|entry|entries|position|order|orders)"
_SPAN = r"(?:day|week|month|hour|session|daily|weekly)s?"
_WAY = (
    r"(?:back |out |up |down )?"
    r"(?:above|below|over|under|up|down|through|upward|upwards|downward|downwards|past)"
)
_SHAPES = (
    r"doji|hammer|hanging man|harami|shooting star|morning star|evening star|pin ?bar|"
    r"marubozu|head and shoulders|double (?:upper|lower)|triangle|wedge|flag pattern|"
    r"trend ?line|support|resistance|fibonacci|fib|elliott|order block|fair value gap|"
    r"liquidity"
)
_WHOLE_ONLY = (
    r"%|percent|dollar|eur|coin|btc|bitcoin|eth|ethereum|ether|sol|solana|xrp|ada|doge|"
    r"ltc|dot|link|avax|bnb|matic|bch|[A-Z]+/[A-Z]+"
)
_CAUSES: tuple[tuple[str, str, str], ...] = (
    (
        r"diverg\w*",
        "a divergence is drawn by eye and has no one meaning",
        "say which bars to compare, as in 'close is below the close 10 bars ago and RSI "
        "is above 40'",
    ),
    (
        rf"\b(?:{_ZONES})\b",
        "hours are understood in UTC only",
        "give the hour in UTC: New York's 9:30 is 14:30 UTC in winter and 13:30 in summer",
    ),
    (
        rf"(?:\d[\d.]* (?:new )?{_COUNTED} (?:per |each |every )?{_SPAN}\b|"
        rf"{_COUNTED} (?:once|twice|only once) (?:per |each )?{_SPAN}\b|"
        rf"once (?:per |each )?{_SPAN}\b)",
        "the number of trades in a time cannot be limited here",
        "leave it out, or limit when to trade, as in 'only trade between 8:00 and 9:00 "
        "UTC'; one position is held at a time anyway",
    ),
    (
        r"\b(?:wait|cooldown|cool down)\b",
        "a pause between trades cannot be kept here",
        "leave it out, or limit when to trade, as in 'only trade on weekdays'",
    ),
    (
        rf"\b(?:{_SHAPES})\b",
        "patterns drawn by eye are not known by name",
        "say it with open, high, low and close, as in 'close is above the 20-bar high'",
    ),
    (
        r"(?<!bullish )(?<!bearish )(?<!golden )(?<!death )"
        rf"\b(?:crosses|crossover)\b(?! {_WAY}\b| into\b)(?!.* from (?:below|above|under|over)\b)",
        "the direction of the crossing is missing",
        "say 'crosses above' or 'crosses below'",
    ),
    (
        r"(?:\d[\d.]* (?:m|h|d|w|min|hours?|days?|minutes?)|daily|weekly|hourly) "
        r"(?:bar |candle )?(?:is|close|trend|ema|sma|ma|rsi|macd|adx|bar|high|low|open)\b",
        "values of another chart than the request's own are not known here",
        "take one chart for all, as in 'on the 4h chart'",
    ),
    (
        r"(?<=and )after \d[\d.]* bar\b|\bheld (?:for )?\d[\d.]* bar\b",
        "how long a position is held is a way out of its own",
        "say 'or after 48 bars' behind another, or 'exit after 48 bars' by itself",
    ),
    (
        r"\b(?:exit|sell|cover) (?:\w+ )?at (?!\d\d:)",
        "how the price meets that level is missing",
        "say 'exit when price touches ...' or 'exit when close is above ...'",
    ),
    (
        r"\d[\d.]* (?:h|month|year|second)s?\b",
        "a stretch of time is not a number of bars",
        "count bars, as in 'over 24 bars'",
    ),
    (
        r"\b(?:buy|enter|long|short) (?:on |only on )?(?:\w+day|weekend)s?\b",
        "it is open whether this is an entry or a limit to other entries",
        "say 'buy every Monday', or 'only trade on Mondays'",
    ),
)
_SIZED = "give it in coins, money or percent, as '0.5 BTC', '$500', '10 % of equity'"
_AMOUNTS: tuple[tuple[str, str, str], ...] = (
    (
        r"\d[\d.]* (?:contract|lot|share|unit|sat|satoshi|ounce|piece)s?\b",
        "a size is counted in coins or money, not in contracts, lots or shares",
        _SIZED,
    ),
    (
        r"\b(?:sell|exit|cover|close) (?:half|quarter|third|part|some|"
        rf"\$ \d|\d[\d.]* (?:{_WHOLE_ONLY})|\d[\d.]* (?:when|if|once)\b)",
        "a position is closed as a whole, never in part",
        "leave the amount out, as in 'sell when RSI is above 70'",
    ),
    (
        r"\brisk (?:\$|\d[\d.]*(?! ?(?:%|percent|:|to\b|/|[\d.])))",
        "a risk per trade is percent of equity",
        "say 'risk 1 % of equity per trade'",
    ),
    (
        r"\b(?:buy|long|short|enter|invest|spend|allocate|commit|stake|bet|size|"
        r"at most|use|with)"
        r"(?: is| of| :| =)? \d[\d.]*(?= (?:when|if|once|whenever|per|each|every|"
        r"on|for|,|and)\b| ,|$)",
        "the number has no unit",
        _SIZED,
    ),
    (
        r"\b(?:buy|short|invest|spend) \d[\d.]* (?!(?:bar|x|m|h|d|%|percent|atr|minutes?"
        rf"|hours?|days?|weeks?|{_WHOLE_ONLY})\b)[a-z]+",
        "it is not known what the number counts",
        f"{_SIZED}; any market can be named as a pair, as in '100 SHIB/USD'",
    ),
    (
        r"(?<![\d(] )(?<!bar )(?<!simple )(?<!weighted )(?<!exponential )"
        r"\b(?:(?:simple|weighted|exponential) )?(?:ema|sma|wma|ma|moving average)\b"
        r"(?! ?[\d(]| line \d| of \d)",
        "a moving average needs its number of bars",
        "give it, as in 'EMA 9'",
    ),
)
CAUSES = tuple(
    (re.compile(found), why, remedy) for found, why, remedy in (*_AMOUNTS, *_CAUSES)
)


def known_cause(words: Sequence[Word]) -> Unmeant | None:
    """The first known reason why the words are no rule, and where it stands."""
    said = " ".join(word.text for word in words)
    for pattern, why, remedy in CAUSES:
        found = pattern.search(said)
        if found:
            return Unmeant(said[: found.start()].count(" "), why, remedy)
    return None
