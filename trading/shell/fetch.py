"""Kraken's public candles through ccxt: the newest 720 a market, no key, no order.

The first thing done is one TCP connection with a short deadline, in a thread that a
hanging name server cannot hold up, so that a machine without a network knows within
three seconds and before anything of ccxt is loaded.
"""

import socket
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

from core.errors import DataError
from trading.shell.candles import Candles, build
from trading.shell.exchanges import kraken

KRAKEN = "https://api.kraken.com"
CONNECT_SECONDS = 2.5
READ_SECONDS = 10.0
MOST = 720  # what Kraken keeps at any timeframe, the forming bar included
LOCKED_OUT = "temporary lockout"
OFFLINE = "check the network, or use candles of your own from a file"


class KrakenUnavailable(DataError):
    """Kraken cannot be reached or does not answer with candles just now."""


class KrakenLockedOut(KrakenUnavailable):
    """Kraken answers nothing for a while, and for longer with every question."""


def gravest(errors: Sequence[KrakenUnavailable]) -> KrakenUnavailable:
    """The one to be heeded: that Kraken locks out, whatever another market said before."""
    locked_out = (one for one in errors if isinstance(one, KrakenLockedOut))
    return next(locked_out, errors[0])


def fetch(
    symbols: Sequence[str],
    timeframe: str = "1h",
    *,
    url: str = KRAKEN,
    read_seconds: float = READ_SECONDS,
    polite: bool = True,
) -> list[Candles]:
    """The newest closed candles of each symbol (like BTC/USD), at most 719 each.

    `polite` keeps to Kraken's one public request a second. Raises KrakenUnavailable
    when Kraken cannot be reached or its answer holds no candles; DataError when it
    has no such market or timeframe, or gives candles that are not whole.
    """
    require_reachable(url)
    client = _client(url, read_seconds, polite=polite)
    return [_candles(client, symbol, timeframe) for symbol in symbols]


def fetch_each(
    symbols: Sequence[str],
    timeframe: str = "1h",
    *,
    url: str = KRAKEN,
    read_seconds: float = READ_SECONDS,
    polite: bool = True,
) -> list[Candles | DataError]:
    """The same market by market: where one has no candles, the error that says why.

    Raises KrakenUnavailable where Kraken answered for none of them.
    """
    return EachAgain(symbols, timeframe, url, read_seconds, polite)()


@dataclass
class EachAgain:
    """`fetch_each` of the same markets, again and again by one client.

    Kraken's lists of assets and of markets are asked for once: a second each that a
    closed candle would wait for. After an error all is asked for anew.
    """

    symbols: Sequence[str]
    timeframe: str = "1h"
    url: str = KRAKEN
    read_seconds: float = READ_SECONDS
    polite: bool = True
    _kept: Any = None

    def __call__(self) -> list[Candles | DataError]:
        """What `fetch_each` returns and raises."""
        require_reachable(self.url)
        client = self._kept or _client(self.url, self.read_seconds, polite=self.polite)
        found = list(self._answers(client))
        whole = all(isinstance(one, Candles) for one in found)
        self._kept = _lean(client, self.symbols) if whole else None
        silent = [one for one in found if isinstance(one, KrakenUnavailable)]
        if silent and len(silent) == len(found):
            raise gravest(silent)
        return found

    def _answers(self, client: Any) -> Iterator[Candles | DataError]:
        """Of each market what Kraken says; once it locks out it is asked no more."""
        locked_out = None
        for symbol in self.symbols:
            answer = locked_out or _candles_or_error(client, symbol, self.timeframe)
            locked_out = answer if isinstance(answer, KrakenLockedOut) else None
            yield answer


def _lean(client: Any, symbols: Sequence[str]) -> Any:
    """The client without the thousands of assets and markets that nobody asks for, and
    without its connection: one that idled for an hour may be dead and not know it."""
    client.session.close()
    if len(client.markets) > len({*symbols}):
        client.currencies = {}
        client.options.pop("cachedCurrencies", None)
        client.set_markets([client.markets[one] for one in symbols])
    return client


def _candles_or_error(client: Any, symbol: str, timeframe: str) -> Candles | DataError:
    try:
        return _candles(client, symbol, timeframe)
    except DataError as error:
        return error


def server_time(*, url: str = KRAKEN, read_seconds: float = READ_SECONDS) -> float:
    """Kraken's clock, in UTC seconds; KrakenUnavailable when it does not answer."""
    require_reachable(url)
    client = _client(url, read_seconds, polite=False)
    try:
        return float(client.fetch_time()) / 1000
    except (
        kraken().errors.BaseError,
        ArithmeticError,
        LookupError,
        TypeError,
    ) as error:
        raise KrakenUnavailable(
            f"Kraken does not tell the time: {_words(error)}",
            where="Kraken",
            remedy=OFFLINE,
        ) from error


def require_reachable(url: str, seconds: float = CONNECT_SECONDS) -> None:
    """One TCP connection within `seconds`, name look-up included: KrakenUnavailable."""
    outcome: SimpleQueue[str] = SimpleQueue()
    threading.Thread(target=_connect, args=(url, seconds, outcome), daemon=True).start()
    try:
        trouble = outcome.get(timeout=seconds)
    except Empty:
        trouble = f"no connection within {seconds:g} s"
    if trouble:
        raise KrakenUnavailable(
            f"Kraken cannot be reached: {trouble}",
            field="url",
            value=url,
            where=urlsplit(url).netloc,
            remedy=OFFLINE,
        )


def _connect(url: str, seconds: float, outcome: SimpleQueue[str]) -> None:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), seconds).close()
        outcome.put("")
    except OSError as error:
        outcome.put(error.strerror or str(error))


def _client(url: str, read_seconds: float, *, polite: bool) -> Any:
    return kraken().client(
        {
            "timeout": int(read_seconds * 1000),
            "enableRateLimit": polite,
            "urls": {"api": {"public": url, "private": url}},
        }
    )


def _candles(client: Any, symbol: str, timeframe: str) -> Candles:
    if timeframe not in client.timeframes:
        raise DataError(
            f"Kraken has no {timeframe} candles",
            field="timeframe",
            value=timeframe,
            remedy=f"use one of {', '.join(client.timeframes)}",
        )
    closed = _rows(client, symbol, timeframe)[:-1]  # Kraken always adds the forming bar
    names = ("time", "open", "high", "low", "close", "volume")
    columns = dict(zip(names, map(list, zip(*closed, strict=True)), strict=False))
    columns["time"] = [time // 1000 for time in columns.get("time", [])]
    return build(
        columns,
        symbol=symbol,
        source="Kraken public candles",
        where=lambda row: f"Kraken {symbol} {timeframe}, candle {row + 1}",
        timeframe=timeframe,
    )


def _rows(client: Any, symbol: str, timeframe: str) -> list[list[Any]]:
    errors = kraken().errors
    try:
        markets = client.load_markets()
        rows = client.fetch_ohlcv(symbol, timeframe, limit=MOST) if markets else []
    except errors.BadSymbol as error:
        raise DataError(
            f"Kraken has no market {symbol}",
            field="symbol",
            value=symbol,
            remedy="use one like BTC/USD, ETH/USD or SOL/USD",
        ) from error
    except (errors.BaseError, ArithmeticError, LookupError, TypeError) as error:
        # ccxt raises bare ones where an answer has a shape it does not expect
        locked_out = LOCKED_OUT in str(error).lower()
        raise (KrakenLockedOut if locked_out else KrakenUnavailable)(
            f"Kraken did not give candles of {symbol}: {_words(error)}",
            field="symbol",
            value=symbol,
            where="Kraken",
            remedy=OFFLINE,
        ) from error
    if not rows:
        raise KrakenUnavailable(
            f"Kraken's answer holds no {'candles' if markets else 'markets'}",
            field="symbol",
            value=symbol,
            where="Kraken",
            remedy=OFFLINE,
        )
    return list(rows)


def _words(error: Exception) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:120]}"
