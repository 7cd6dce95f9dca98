"""Which market a name speaks of: a file's, or one that was typed."""

import re

QUOTES = (
    *("USDT", "USDC", "PYUSD", "RLUSD", "USD", "DAI"),
    *("EUR", "GBP", "JPY", "CHF", "CAD", "AUD"),
    *("XBT", "BTC", "ETH"),
)
"""What markets are traded in; one that ends like another stands before it."""
DOLLARS = ("USDT", "USDC", "PYUSD", "RLUSD", "DAI", "BUSD", "FDUSD")
FUTURES, INVERSE = "PF", "PI"  # how Kraken Futures begins the names of perpetuals
PADDED = re.compile(r"X([A-Z]{3})[XZ]([A-Z]{3})")  # Kraken's oldest pairs: XXBTZUSD
ALIASES = {"XBT": "BTC", "XXBT": "BTC", "XETH": "ETH", "XDG": "DOGE"}


def symbol_in(name: str) -> str:
    """The market a file name speaks of: kraken_XBTUSD_1h.csv is BTC/USD, a name with
    `PERP` in it the linear perpetual BTC/USD:USD."""
    words = re.split(r"[_\s.]+", name)
    pairs = map(_pair, (w for w in words if re.fullmatch(r"[A-Z0-9-]+", w)))
    pair = next((pair for pair in pairs if pair), "")
    perpetual = any(w.upper() == "PERP" or w.endswith("-PERP") for w in words)
    return f"{pair}:{pair.partition('/')[2]}" if pair and perpetual else pair or name


def market_typed(text: str) -> str:
    """A market as typed, XBT and XDG as everybody but Kraken calls them: BTC and DOGE."""
    return re.sub(
        r"[A-Z0-9]+", lambda part: ALIASES.get(part[0], part[0]), text.upper()
    )


def market_meant(text: str) -> str:
    """The market that other software writes so: XBTUSD, BTC-USD, PF_XBTUSD; else "", as
    for a perpetual that is not settled in what its prices are in."""
    kind, _, rest = text.upper().rpartition("_")
    pair = "" if kind == INVERSE else _pair(re.sub(r"[^A-Z0-9]", "", rest))
    perpetual = pair and kind == FUTURES
    return f"{pair}:{pair.partition('/')[2]}" if perpetual else pair


def in_dollars(symbol: str) -> str:
    """The same market in dollars, where it is in a coin that stands for one."""
    base, _, rest = symbol.partition("/")
    quote, colon, settle = rest.partition(":")
    if quote not in DOLLARS:
        return symbol
    return f"{base}/USD" + (":USD" if colon and settle == quote else colon + settle)


def money_of(symbol: str) -> str:
    """The currency that a market's prices are in: USD for coins that stand for a dollar,
    and for what names no market."""
    return in_dollars(symbol).partition(":")[0].partition("/")[2] or "USD"


def _pair(word: str) -> str:
    word = word.removesuffix("-PERP") + "USD" if word.endswith("-PERP") else word
    word = word.replace("-", "")
    if (padded := PADDED.fullmatch(word)) and padded[2] in QUOTES:
        word = padded[1] + padded[2]
    quote = next((q for q in QUOTES if word.endswith(q) and len(word) > len(q) + 1), "")
    base = word[: -len(quote)] if quote else ""
    if not (base.isalnum() and quote):
        return ""
    return f"{ALIASES.get(base, base)}/{ALIASES.get(quote, quote)}"
