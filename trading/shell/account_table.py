"""What the shell knows of the account when a candle closes: rows of the series table.

`now` is the close of the decided bar. Rows of `EVERYONE` are the same for every symbol;
those of `ASKED` are given only when the phase that reads them is asked for.
"""

# name | unit | description
_SYMBOL = """
position | number | signed quantity held; short below 0
entry_price | price | price the open position was entered at; while flat, this bar's close
bars_held | count | bars since the entry, 0 while flat and on the entry's bar
highest_since_entry | price | highest high since the entry; while flat, this bar's high
lowest_since_entry | price | lowest low since the entry; while flat, this bar's low
stop_price | price | trigger of the resting stop; without one, this bar's close
entry_regime | text | the regime in which the open position was decided; none while flat
closed_trade | flag | whether a trade of this symbol closed since its last decision; of several the newest counts
closed_result | percent | net result of that trade in percent of its cost; 0 without one
closed_hour | hour | what hour was when that trade's entry was decided; 0 without one
bars_since_trade | count | bars since the symbol's last trade closed; 1000000 before the first
seconds_since_loss | seconds | now minus the close of the bar of the last losing exit of any market; 1000000000 before one
symbol_trades_today | count | entries of the symbol in this UTC day
taker_fee | ratio | fee of a market order, a share of its cost
maker_fee | ratio | fee of a resting order, a share of its cost
slippage | ratio | how far a market order fills from the price seen, one side
spread | ratio | (ask - bid) / middle
market | text | spot or futures
most_leverage | leverage | the most the market allows; 1 on spot
least_notional | money | the smallest order value the market takes now
funding_rate | number | newest known hourly funding rate; positive is paid by longs; 0 on spot
"""

_EVERYONE = """
equity | money | cash plus every open position at its newest close
cash | money | cash in no position
exposure | money | value of all open positions, either side counted positive
margin_used | money | margin of perpetuals plus cost of spot positions
open_risk | ratio | what is lost if every stop is hit, a share of equity
drawdown | ratio | 1 - equity / highest equity
day_result | percent | change of equity since 00:00 UTC
trades_today | count | entries of all symbols in this UTC day
win_streak | count | winning trades in a row up to now
loss_streak | count | losing trades in a row up to now
recent_trades | count | how many closed trades recent_win_rate is over, 20 at most
recent_win_rate | ratio | winners among them; 0 when there are none
open_positions | count | symbols with a position
"""

_ASKED = """
deposits_cents | cents | put in minus taken out
realised_cents | cents | gross result of all closed quantity, before costs
unrealised_cents | cents | open positions at their mark minus their cost
fees_cents | cents | fees paid
funding_cents | cents | funding paid; received is negative
equity_cents | cents | equity as the venue's balances give it
peak_equity_cents | cents | highest equity so far
day_start_cents | cents | equity at 00:00 UTC
equity_before_cents | cents | equity before the first of ledger_steps
ledger_steps | ledger_steps | events since last asked, oldest first
holdings | holdings | open positions
closed_trades | closed_trades | trades closed since last asked
error_class | text | family of a failed call's error; none where no call failed
attempt | count | tries made so far
idempotent | flag | whether asking again cannot act twice
seconds_since_first | number | seconds since the first try
failed_role | text | role of a failing module; none where no module failed
failures_in_hour | count | its failures in the last hour
clones_running | count | repair attempts at work now
budget_left | money | US dollars left for repairs
"""


def _rows(text: str) -> tuple[tuple[str, str, str], ...]:
    lines = (line.split(" | ") for line in text.strip().splitlines())
    return tuple((name, unit, description) for name, unit, description in lines)


ACCOUNT = (*_rows(_SYMBOL), *_rows(_EVERYONE), *_rows(_ASKED))
"""(name, unit, description) of every account value."""
EVERYONE = frozenset(name for name, *_ in (*_rows(_EVERYONE), *_rows(_ASKED)))
"""Those that are the portfolio's: one value, whatever the symbol."""
ASKED = frozenset(name for name, *_ in _rows(_ASKED))
"""Those that are given only to a phase that is asked."""
