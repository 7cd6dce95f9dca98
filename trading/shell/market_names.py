"""Which market a file name speaks of."""

import re

QUOTES = ("USDT", "USDC", "USD", "EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "BTC", "ETH")
ALIASES = {"XBT": "BTC", "XXBT": "BTC", "XETH": "ETH", "XDG": "DOGE"}


def symbol_in(name: str) -> str:
    """The market a file name speaks of: kraken_XBTUSD_1h.csv is BTC/USD, a name with
    `PERP` in it the linear perpetual BTC/USD:USD."""
    words = re.split(r"[_\s.]+", name)
    pairs = map(_pair, (w for w in words if re.fullmatch(r"[A-Z0-9-]+", w)))
    pair = next((pair for pair in pairs if pair), "")
    perpetual = any(w.upper() == "PERP" or w.endswith("-PERP") for w in words)
    return f"{pair}:{pair.partition('/')[2]}" if pair and perpetual else pair or name


def _pair(word: str) -> str:
    word = word.removesuffix("-PERP") + "USD" if word.endswith("-PERP") else word
    word = word.replace("-", "")
    quote = next((q for q in QUOTES if word.endswith(q) and len(word) > len(q) + 1), "")
    base = word[: -len(quote)] if quote else ""
    return f"{ALIASES.get(base, base)}/{quote}" if base.isalnum() and quote else ""
