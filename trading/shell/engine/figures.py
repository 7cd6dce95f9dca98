"""The figures of an account that modules read, by name, at a candle's close.

What each name means stands in the account table.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from core.errors import DataError
from trading.shell.engine.account import RECENT, AccountView, Holder
from trading.shell.venue.orders import is_futures

NEVER_BARS, NEVER_SECONDS = 1_000_000, 1_000_000_000

SymbolFigure = Callable[[AccountView, Holder], Any]
SharedFigure = Callable[[AccountView, int], Any]


def symbol_figures(names: Collection[str]) -> list[SymbolFigure]:
    """How to read each name for one symbol, in the order of `names`."""
    return [_known(name, SYMBOL_FIGURES) for name in names]


def shared_figures(names: Collection[str]) -> list[SharedFigure]:
    """How to read each name for the whole account, in the order of `names`."""
    return [_known(name, SHARED_FIGURES) for name in names]


def _known(name: str, figures: Mapping[str, Any]) -> Any:
    if name not in figures:
        raise DataError(
            f"the account has no figure called {name}",
            field=name,
            remedy=f"use one of {', '.join(sorted(figures))}",
        )
    return figures[name]


def _closed_trade(_: AccountView, one: Holder) -> bool:
    return one.news is not None


def _closed_result(_: AccountView, one: Holder) -> float:
    trade = one.news
    if trade is None:
        return 0.0
    return max(-1000.0, 100 * float(trade.net / (trade.quantity * trade.entry_price)))


def _closed_hour(view: AccountView, one: Holder) -> int:
    """What `hour` was when the candle began in which the entry filled: at its decision."""
    trade = one.news
    if trade is None:
        return 0
    return (trade.opened_at - trade.opened_at % view.step) // 3600 % 24


def _bars_since_trade(view: AccountView, one: Holder) -> int:
    if one.last is None:
        return NEVER_BARS
    return max(0, (one.time - one.last.closed_at) // view.step)


def _seconds_since_loss(view: AccountView, one: Holder) -> int:
    if view.last_loss is None:
        return NEVER_SECONDS
    return max(0, one.time + view.step - view.last_loss)


def _symbol_trades_today(view: AccountView, one: Holder) -> int:
    return view.state.symbol_trades_today(one.symbol, one.time + view.step)


def _bars_held(view: AccountView, one: Holder) -> int:
    return (one.time - one.entry_bar) // view.step if one.quantity else 0


def _market(_: AccountView, one: Holder) -> str:
    return "futures" if is_futures(one.symbol) else "spot"


SYMBOL_FIGURES: Mapping[str, SymbolFigure] = {
    "position": lambda _, one: one.quantity,
    "entry_price": lambda _, one: (
        one.cost / one.quantity if one.quantity else one.close
    ),
    "bars_held": _bars_held,
    "highest_since_entry": lambda _, one: one.highest if one.quantity else one.high,
    "lowest_since_entry": lambda _, one: one.lowest if one.quantity else one.low,
    "stop_price": lambda _, one: one.stop or one.close,
    "entry_regime": lambda _, one: one.regime,
    "closed_trade": _closed_trade,
    "closed_result": _closed_result,
    "closed_hour": _closed_hour,
    "bars_since_trade": _bars_since_trade,
    "seconds_since_loss": _seconds_since_loss,
    "symbol_trades_today": _symbol_trades_today,
    "taker_fee": lambda view, one: view.rates.taker(one.symbol, one.time),
    "maker_fee": lambda view, one: view.rates.maker(one.symbol, one.time),
    "slippage": lambda view, one: view.rates.slippage(one.symbol),
    "spread": lambda view, one: view.rates.spread(one.symbol),
    "funding_rate": lambda view, one: view.rates.funding(one.symbol, one.time),
    "most_leverage": lambda view, one: view.rates.most_leverage(one.symbol),
    "least_notional": lambda view, one: view.rates.least_notional(
        one.symbol, one.close
    ),
    "market": _market,
}
"""Figures of one symbol, by name."""


def _exposure(view: AccountView, _: int) -> float:
    return sum(abs(one.quantity) * one.close for one in view.holders.values())


def _margin_used(view: AccountView, _: int) -> float:
    spot = (one for one in view.holders.values() if not is_futures(one.symbol))
    return float(view.state.margin) + sum(one.cost for one in spot)


def _open_risk(view: AccountView, _: int) -> float:
    """What is lost from the newest closes if every stop is hit, as a share of equity."""
    lost = sum(max(0.0, _at_risk(one)) for one in view.holders.values() if one.quantity)
    return min(1.0, lost / view.equity) if view.equity > 0 else 1.0


def _at_risk(one: Holder) -> float:
    if one.stop is None:
        return abs(one.quantity) * one.close
    return one.quantity * (one.close - one.stop)


def _drawdown(view: AccountView, _: int) -> float:
    peak = max(float(view.state.peak_equity), view.equity)
    return min(1.0, max(0.0, 1 - view.equity / peak)) if peak > 0 else 0.0


def _day_result(view: AccountView, now: int) -> float:
    start = float(view.state.day_start_equity(now))
    return 100 * (view.equity / start - 1) if start > 0 else 0.0


def _recent_win_rate(view: AccountView, _: int) -> float:
    return view.recent_win_rate


SHARED_FIGURES: Mapping[str, SharedFigure] = {
    "equity": lambda view, _: view.equity,
    "cash": lambda view, _: float(view.state.available),
    "exposure": _exposure,
    "margin_used": _margin_used,
    "open_risk": _open_risk,
    "drawdown": _drawdown,
    "day_result": _day_result,
    "trades_today": lambda view, now: view.state.trades_today(now),
    "win_streak": lambda view, _: view.state.consecutive_wins,
    "loss_streak": lambda view, _: view.state.consecutive_losses,
    "recent_trades": lambda view, _: min(RECENT, len(view.state.trades)),
    "recent_win_rate": _recent_win_rate,
    "open_positions": lambda view, _: len(view.state.holdings),
}
"""Figures of the whole account, by name, at the UTC second of a candle's close."""
