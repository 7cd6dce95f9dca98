"""What kind of market an account trades, and how long its candles are: fixed when money
is first put in.

Prices of one kind are no prices of another: a position opened in a made-up market has no
worth in a real one.
"""

from collections.abc import Iterable
from typing import Literal

from core.errors import DataError
from trading.shell.ledger.events import Deposited, LedgerEvent

Kind = Literal["kraken", "csv", "synthetic"]
START = "start"
SAID: dict[str, str] = {
    "kraken": "Kraken's candles",
    "csv": "candles of files",
    "synthetic": "a SYNTHETIC market",
    "": "a market that is not made up",
}
WAYS = {
    "kraken": "start again without --csv when Kraken answers",
    "csv": "give its files with --csv",
    "synthetic": "leave --account out",
}


def first_remark(kind: Kind, step: int) -> str:
    """The remark of an account's first deposit; `step` is a candle's seconds."""
    return f"{START}: {kind}, candles of {step} s"


def kind_of(events: Iterable[LedgerEvent]) -> str | None:
    """The kind an account was opened on; None without a deposit, "" where none was said."""
    remark = _remark(events)
    return None if remark is None else remark.partition(f"{START}: ")[2].split(",")[0]


def require_step(events: Iterable[LedgerEvent], step: int, account: str) -> None:
    """Refuse to go on with longer or shorter candles: DataError. An account that does
    not say which it was opened on goes on."""
    kept = (_remark(events) or "").partition(", candles of ")[2]
    if kept in ("", f"{step} s"):
        return
    raise DataError(
        f"account {account} trades candles of {kept}, and this session has"
        f" candles of {step} s",
        field="timeframe",
        value=f"{step} s",
        remedy="give the timeframe it was opened on with --timeframe, or use another"
        " account: `--account other`",
    )


def _remark(events: Iterable[LedgerEvent]) -> str | None:
    """The remark of the first deposit."""
    return next((e.remark for e in events if isinstance(e, Deposited)), None)


def require_kind(events: Iterable[LedgerEvent], kind: Kind, account: str) -> None:
    """Refuse to go on in a market of another kind: DataError."""
    kept = kind_of(events)
    fits = kind != "synthetic" if kept == "" else kept in (None, kind)
    if fits:
        return
    raise DataError(
        f"account {account} trades {SAID.get(kept or '', kept)}, and this session has"
        f" {SAID[kind]}",
        field="account",
        value=account,
        remedy=f"{WAYS.get(kept or 'kraken', WAYS['kraken'])}, or use another account:"
        " `--account other`",
    )
