"""Kraken's public candles, against a server that speaks Kraken's wire format."""

import ast
import socket
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

import pytest

from core.errors import DataError
from tests.fake_kraken import FakeKraken, serving
from trading.shell import fetch as fetch_file
from trading.shell.candles import Candles
from trading.shell.fetch import (
    READ_SECONDS,
    EachAgain,
    KrakenLockedOut,
    KrakenUnavailable,
    fetch,
    fetch_each,
    require_reachable,
)
from trading.shell.synthetic import generate


def rows(
    bars: int, seed: int = 1
) -> list[tuple[int, float, float, float, float, float]]:
    frame = generate(bars=bars, seed=seed).frame
    return [tuple(row) for row in frame.itertuples(index=False)]


@pytest.fixture
def kraken() -> Iterator[FakeKraken]:
    pairs = {"XXBTZUSD": rows(900), "XETHZUSD": rows(30, seed=2)}
    with serving(FakeKraken(candles=pairs)) as served:
        yield served


def get(
    kraken: FakeKraken,
    symbol: str = "BTC/USD",
    timeframe: str = "1h",
    patience: float = READ_SECONDS,
):
    (candles,) = fetch(
        [symbol], timeframe, url=kraken.url, polite=False, read_seconds=patience
    )
    return candles


def test_the_newest_719_closed_candles_come_and_the_forming_one_does_not(kraken):
    candles = get(kraken)
    served = kraken.candles["XXBTZUSD"]
    assert len(candles) == 719
    assert candles.frame["time"].iloc[-1] == served[-2][0]
    assert candles.frame["close"].tolist() == [row[4] for row in served[-720:-1]]
    assert (candles.symbol, candles.timeframe) == ("BTC/USD", "1h")
    assert not candles.synthetic
    assert "Kraken" in candles.describe()


def test_only_public_endpoints_are_called_and_no_key_is_sent(kraken):
    get(kraken)
    assert all(m == "GET" and "/public/" in path for m, path, _ in kraken.requests)
    assert kraken.requests[-1][2] == {"pair": "XXBTZUSD", "interval": "60"}
    names = {name.lower() for headers in kraken.headers for name in headers}
    assert not names & {"api-key", "api-sign", "authorization"}


def test_several_symbols_share_one_client_and_its_list_of_markets(kraken):
    both = fetch(["BTC/USD", "ETH/USD"], url=kraken.url, polite=False)
    assert [one.symbol for one in both] == ["BTC/USD", "ETH/USD"]
    assert [p for _, p, _ in kraken.requests].count("/0/public/AssetPairs") == 1


@pytest.mark.parametrize("at", ["OHLC", "AssetPairs"])
@pytest.mark.parametrize(
    "fault",
    [
        "error EAPI:Rate limit exceeded",
        "error EGeneral:Temporary lockout",
        "error EService:Unavailable",
        "error EService:Throttled: 1741500000",
        "error EGeneral:Internal error",
        "status 429",
        "status 500",
        "status 503",
        "status 520",
        "html",
        "list",
        "truncated",
        "hang",
    ],
)
def test_a_kraken_in_trouble_is_unavailable_in_one_sentence(kraken, fault, at):
    kraken.fault, kraken.fault_at = fault, at
    patience = 0.4 if fault == "hang" else READ_SECONDS
    with pytest.raises(KrakenUnavailable) as refused:
        get(kraken, patience=patience)
    assert len(refused.value.message) < 300
    assert "from a file" in refused.value.remedy


def test_a_market_or_timeframe_kraken_lacks_is_refused_not_unavailable(kraken):
    for symbol, timeframe in (("NOPE/USD", "1h"), ("BTC/USD", "7m")):
        with pytest.raises(DataError) as refused:
            get(kraken, symbol, timeframe)
        assert not isinstance(refused.value, KrakenUnavailable)
        assert refused.value.remedy


def test_a_market_with_only_its_forming_candle_is_refused(kraken):
    kraken.candles["SOLUSD"] = rows(2)[:1]
    with pytest.raises(DataError, match="no candles"):
        get(kraken, "SOL/USD")


def test_candles_that_cannot_be_are_refused_by_number(kraken):
    time, open_, high, low, close, volume = kraken.candles["XETHZUSD"][3]
    kraken.candles["XETHZUSD"][3] = (time, open_, low / 2, low, close, volume)
    with pytest.raises(DataError) as refused:
        get(kraken, "ETH/USD")
    assert "candle 4" in refused.value.where
    assert high > low


def test_a_closed_port_is_known_at_once():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))  # held, so that no other test listens there
        port = free.getsockname()[1]
        started = perf_counter()
        with pytest.raises(KrakenUnavailable, match="cannot be reached"):
            fetch(["BTC/USD"], url=f"http://127.0.0.1:{port}")
    assert perf_counter() - started < 30


def test_a_network_that_swallows_packets_is_known_within_the_deadline():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        address = deaf.getsockname()
        url = f"http://{address[0]}:{address[1]}"
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)  # the backlog is full now
            started = perf_counter()
            with pytest.raises(KrakenUnavailable):
                require_reachable(url, 0.3)
    assert perf_counter() - started < 30


def test_no_call_passes_none_for_params():
    tree = ast.parse(Path(fetch_file.__file__).read_text())
    names = [
        k.arg
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for k in node.keywords
    ]
    assert "params" not in names


def test_one_market_that_is_gone_leaves_the_others(kraken):
    asked = ["BTC/USD", "NOT/HERE", "ETH/USD"]
    first, gone, last = fetch_each(asked, url=kraken.url, polite=False)
    assert isinstance(gone, DataError)
    assert "Kraken has no market NOT/HERE" in gone.message
    assert not isinstance(gone, KrakenUnavailable)
    assert [one.symbol for one in (first, last)] == ["BTC/USD", "ETH/USD"]


def test_who_is_locked_out_of_one_market_asks_for_no_other(kraken: FakeKraken) -> None:
    """Each question makes a lockout longer, and Kraken locks out an address, not a pair."""
    kraken.fault, kraken.fault_at = "error EGeneral:Temporary lockout", "OHLC"
    with pytest.raises(KrakenLockedOut):
        fetch_each(["BTC/USD", "ETH/USD"], url=kraken.url, polite=False)
    asked = [path for _, path, _ in kraken.requests]
    assert asked.count("/0/public/OHLC") == 1


def test_a_lockout_is_heeded_whatever_another_market_said_before_it(
    kraken: FakeKraken, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The incident: Kraken was busy for one market, and asked at once, locked out, again."""
    told = {"BTC/USD": KrakenUnavailable("busy"), "ETH/USD": KrakenLockedOut("lockout")}
    monkeypatch.setattr(
        "trading.shell.fetch._candles_or_error", lambda _, symbol, __: told[symbol]
    )
    with pytest.raises(KrakenLockedOut):
        fetch_each(["BTC/USD", "ETH/USD"], url=kraken.url, polite=False)


def again(kraken: FakeKraken, *symbols: str) -> EachAgain:
    return EachAgain(symbols, url=kraken.url, polite=False)


def paths(kraken: FakeKraken) -> list[str]:
    asked = [path.rpartition("/")[2] for _, path, _ in kraken.requests]
    kraken.requests.clear()
    return asked


def test_asked_again_kraken_gives_candles_and_no_second_list_of_markets(kraken):
    each = again(kraken, "ETH/USD", "BTC/USD")
    first = each()
    assert paths(kraken) == ["Assets", "AssetPairs", "OHLC", "OHLC"]
    kraken.candles["XETHZUSD"] += [rows(31, seed=2)[-1]]
    then = each()
    assert paths(kraken) == ["OHLC", "OHLC"]
    assert [one.symbol for one in then] == ["ETH/USD", "BTC/USD"]
    assert [len(one) for one in first] == [29, 719]
    assert [len(one) for one in then] == [30, 719]
    assert then[1].frame.equals(first[1].frame)


def test_after_an_error_the_markets_are_asked_for_anew(kraken):
    each = again(kraken, "BTC/USD")
    each()
    kraken.fault = "error EService:Unavailable"
    with pytest.raises(KrakenUnavailable):
        each()
    kraken.fault = ""
    paths(kraken)
    assert isinstance(each()[0], Candles)
    assert paths(kraken) == ["Assets", "AssetPairs", "OHLC"]


def test_a_market_that_kraken_lacks_may_be_there_the_next_time(kraken):
    each = again(kraken, "BTC/USD", "NOT/HERE")
    for _ in range(2):
        found, missing = each()
        assert isinstance(found, Candles)
        assert isinstance(missing, DataError)
        assert "AssetPairs" in paths(kraken)
