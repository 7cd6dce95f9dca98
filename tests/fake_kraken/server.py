"""Kraken's public REST endpoints, as ccxt reads them: Assets, AssetPairs, OHLC, Time.

Wire formats as documented by Kraken: HTTP 200 with {"error": [...], "result": {...}},
prices as strings, rows [time, open, high, low, close, vwap, volume, count], the last
row the forming one, `last` the time of the last closed one, at most 720 rows.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

ASSETS = {
    "XXBT": ("XBT", 10),
    "XETH": ("ETH", 10),
    "SOL": ("SOL", 10),
    "ZUSD": ("USD", 4),
}
PAIRS = {
    "XXBTZUSD": ("XBTUSD", "XBT/USD", "XXBT", "ZUSD", 1),
    "XETHZUSD": ("ETHUSD", "ETH/USD", "XETH", "ZUSD", 2),
    "SOLUSD": ("SOLUSD", "SOL/USD", "SOL", "ZUSD", 2),
}
MOST = 720

Row = tuple[int, float, float, float, float, float]


@dataclass
class FakeKraken:
    """What the server answers with. `candles[pair id]`: rows, the last one forming.

    `fault` is "" or: "error <Kraken's text>", "status <code>", "html", "truncated",
    "hang" (until `released` is set), "list" (a result of the wrong shape).
    """

    candles: dict[str, list[Row]] = field(default_factory=dict)
    fault: str = ""
    fault_at: str = "OHLC"
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, endpoint: str, query: dict[str, str]) -> dict[str, Any]:
        answers = {
            "Assets": lambda: self._assets(),
            "AssetPairs": lambda: self._pairs(),
            "OHLC": lambda: self._candles(query),
            "Time": lambda: {"unixtime": 1_700_000_000, "rfc1123": ""},
            "SystemStatus": lambda: {"status": "online", "timestamp": ""},
        }
        if endpoint not in answers:
            return {"error": ["EGeneral:Unknown method"]}
        result = answers[endpoint]()
        return (
            {"error": ["EQuery:Unknown asset pair"]}
            if result is None
            else {
                "error": [],
                "result": result,
            }
        )

    def _assets(self) -> dict[str, Any]:
        return {
            key: {
                "aclass": "currency",
                "altname": name,
                "decimals": decimals,
                "display_decimals": 5,
                "status": "enabled",
            }
            for key, (name, decimals) in ASSETS.items()
        }

    def _pairs(self) -> dict[str, Any]:
        return {
            key: {
                "altname": altname,
                "wsname": wsname,
                "aclass_base": "currency",
                "base": base,
                "aclass_quote": "currency",
                "quote": quote,
                "lot": "unit",
                "cost_decimals": 5,
                "pair_decimals": decimals,
                "lot_decimals": 8,
                "lot_multiplier": 1,
                "leverage_buy": [2, 3],
                "leverage_sell": [2, 3],
                "fees": [[0, 0.4]],
                "fees_maker": [[0, 0.25]],
                "fee_volume_currency": "ZUSD",
                "margin_call": 80,
                "margin_stop": 40,
                "ordermin": "0.00005",
                "costmin": "0.5",
                "tick_size": "0.1",
                "status": "online",
            }
            for key, (altname, wsname, base, quote, decimals) in PAIRS.items()
        }

    def _candles(self, query: dict[str, str]) -> dict[str, Any] | None:
        names = {alt: key for key, (alt, *_) in PAIRS.items()}
        pair = names.get(query.get("pair", ""), query.get("pair", ""))
        if pair not in self.candles:
            return None
        rows = [self._row(row) for row in self.candles[pair][-MOST:]]
        return {pair: rows, "last": rows[-2][0] if len(rows) > 1 else 0}

    @staticmethod
    def _row(row: Row) -> list[Any]:
        time, open_, high, low, close, volume = row
        prices = [f"{value:.2f}" for value in (open_, high, low, close)]
        return [time, *prices, f"{(high + low) / 2:.2f}", f"{volume:.8f}", 7]


@contextmanager
def serving(kraken: FakeKraken) -> Iterator[FakeKraken]:
    """`kraken` served on a free loopback port; its `url` is set meanwhile."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(kraken))
    kraken.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield kraken
    finally:
        kraken.released.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(kraken: FakeKraken) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._serve("GET")

        def do_POST(self) -> None:
            self._serve("POST")

        def _serve(self, method: str) -> None:
            parts = urlsplit(self.path)
            query = dict(parse_qsl(parts.query))
            endpoint = parts.path.rsplit("/", 1)[-1]
            kraken.requests.append((method, parts.path, query))
            kraken.headers.append(dict(self.headers))
            fault = kraken.fault if endpoint == kraken.fault_at else ""
            kind, _, rest = fault.partition(" ")
            if kind == "hang":
                kraken.released.wait(30)
            body = json.dumps(kraken.answer(endpoint, query)).encode()
            self._reply(kind, rest, body)

        def _reply(self, kind: str, rest: str, body: bytes) -> None:
            bodies = {
                "error": json.dumps({"error": [rest]}).encode(),
                "html": b"<html><body>Bad gateway</body></html>",
                "list": b'{"error": [], "result": [1, 2, 3]}',
                "truncated": body[: len(body) // 2],
            }
            body = bodies.get(kind, body)
            self.send_response(int(rest) if kind == "status" else 200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(ConnectionError):  # the client may have given up
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """A test's output is its own."""

    return Handler
