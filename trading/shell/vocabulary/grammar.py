"""The words of trading rules, on top of core's grammar of conditions.

Statements say what to do (enter, exit, stop, target, size, leverage); series name what
the shell computes; facts are conditions traders have words for.
"""

from trading.shell.vocabulary.value_grammar import VALUE_GRAMMAR

STATEMENT_GRAMMAR = r"""
statement: "to"? (entry | exit) | stop | target | size | leverage | only | never | setting
         | defined | _heading

_heading: ("rules" | "strategy" | "setup" | "conditions" | "plan" | "management") ":"

// what to do -----------------------------------------------------------------------
entry: _to_long _what? timing? _when truth                    -> long_entry
     | _to_short _what? timing? _when truth                   -> short_entry
     | _when truth ","? _to_long _what?                       -> long_entry
     | _when truth ","? _to_short _what?                      -> short_entry
     | market? timing? ","? _when truth ","? _to_long         -> long_entry
     | _to_long _what? timing? (event | schedule)             -> long_entry
     | _to_short _what? timing? (event | schedule)            -> short_entry
     | _to_long market? on_days _when truth                   -> long_entry
     | _to_short market? on_days _when truth                  -> short_entry
on_days: "on" days
event: _event fact (("and" | "when" | "if" | "while" | "with") item)*
_what: market | _bought | market? _staking stake market?
_bought: coins timing? | money _worth? market?
_worth: "of" | "worth" "of"? | "in" | "into"
_staking: "with" | "using" | "for"
stake: money | coins | portion
money: currency amount | amount currency
!currency: "$" | "dollar" | "€" | "eur" | "£" | "gbp" | "¥" | "jpy" | "chf" | "cad" | "aud"
coins: amount (symbol | "coin")
portion: _share
_event: "on" | "after" | "upon"
schedule: _each_day days ("at" moment)?                       -> schedule
        | "on" days "at" moment                               -> schedule
        | ("daily" | _each_day "day") "at" moment              -> schedule
        | "at" moment (("on" | _each_day) days | _each_day "day" | "daily")? -> schedule
_each_day: ("on" | "only")? ("every" | "each")
_when: ("when" | "if" | "once" | "whenever" | "as" "soon" "as" | "only" "when" | "only" "if"
     | "every" "time" | "each" "time" | "on" "condition" "that" | "provided" "that"?) ":"?
     | ":"
_to_long: "buy" | "enter" _trade? | "enter"? "long" _trade? | "go" "long" | "open" "long" _trade?
        | "open" _trade | "take" "long" _trade? | "entry" | "long" "entry" | "entry" "long"
        | "get" "long" | "buy" "long" | "start" "long" _trade? | "enter" "into" "long" _trade?
_to_short: "short" _trade? | "go" "short" | "open" "short" _trade? | "enter" "short" _trade?
         | "sell" "short" | "take" "short" _trade? | "short" "entry" | "short" "sell"
         | "entry" "short" | "get" "short" | "enter" "into" "short" _trade?
_trade: "position" | "trade" | "market" | "positions"

exit: _to_exit market? _ways_out                              -> exit
    | _to_exit_long market? _ways_out                         -> long_exit
    | _to_exit_short market? _ways_out                        -> short_exit
    | _when truth (_or aged)? ","? _to_exit market?           -> exit
    | _when truth (_or aged)? ","? _to_exit_long market?      -> long_exit
    | _when truth (_or aged)? ","? _to_exit_short market?     -> short_exit
    | (_to_exit | "time" "stop") "after" bars                 -> exit_after
    | _to_exit_long "after" bars                              -> long_exit_after
    | _to_exit_short "after" bars                             -> short_exit_after
    | "hold" _trade? "for" ("at" "most")? bars                -> exit_after
_ways_out: _when truth (_or aged)? | leaving (_or aged)? | aged _or _when? truth
_or: ","? "or"
aged: "after" bars                                            -> after_bars
?leaving: event | schedule | at_extreme
        | "on" days                                           -> on_days
at_extreme: ("at" | "on" | "below" | "above") derived
_to_exit: "exit" _trade? | "close" _trade? | "get" "out" | "close" "everything" | "close" "all" _trade
        | "leave" _trade? | "exits" | "exit" "all"
_to_exit_long: "sell" _trade? | "exit" "long" _trade? | "close" "long" _trade? | "long" "exit"
             | "exit" "longs" | "close" "longs" | "sell" "everything" | "exit" "from"? "long"
_to_exit_short: "cover" _trade? | "exit" "short" _trade? | "close" "short" _trade? | "short" "exit"
              | "buy" "to" "cover" | "cover" "short" _trade? | "exit" "shorts" | "close" "shorts"
              | "buy" "back"

stop: _put? _stop_word sides? (at | _of)? distance away? sides? -> stop
    | _put? distance _stop_word sides? away?                  -> stop
    | _put? _trailing sides? _at? distance away? sides?       -> trailing
    | _put? distance _trailing sides?                         -> trailing
    | _trail _stop_word? "by" distance away?                  -> trailing
_stop_word: "stop" "loss"? | "sl" | "stoploss" | "protective" "stop"
_trailing: "trailing" "stop"? "loss"?
_trail: "trail"
_put: "use" | "set" | "place" | "put" | "with" | "add" | "have" | "keep" | "using" | "apply" | "take"
at: "at" | "is" "at"? | "to" | ":" | "=" | "will" "be" | "should" "be"
_of: "of" | "by"
_at: "at" | "is" | "of" | "to" | ":" | "=" | "will" "be" | "should" "be" | "by" | "is" "at"
away: _below _entry                                           -> below
    | _above _entry                                           -> above
    | ("from" | "away" "from" | "of" | "off") _entry          -> from_entry
    | "below"                                                 -> below
    | "above"                                                 -> above
_below: "below" | "under" | "beneath" | "less" "than"
_above: "above" | "over" | "more" "than"
_entry: "entry" "price"? | "close" "price"? | "buy" "price" | "price" | "fill" "price"?
      | "purchase" "price" | "cost"
sides: "for" ("long" | "longs")                               -> longs
     | "for" ("short" | "shorts")                             -> shorts
     | "for" "long" "and" "short" | "for" "longs" "and" "shorts" | "for" "both" "sides"?
distance: percent                                             -> percent_away
        | NUMBER ("x" | "*" | "times")? "of"? atr             -> atr_away
        | atr                                                 -> one_atr_away
        | atr ("x" | "*" | "times") NUMBER                    -> atr_times_away
        | money                                               -> money_away
        | "price" "of"? NUMBER                                -> price_level
        | (_below | _above) level                             -> beside_level
        | level                                               -> level
level: sum

target: _put? _target_word sides? (at | _of)? goal away? sides?      -> target
      | _put? goal _target_word sides? away?                  -> target
      | _put? _reward "ratio"? _at? ratio                     -> reward_target
      | _put? ratio _reward "ratio"?                          -> reward_target
_target_word: "take" "profit" "target"? | "profit" "target" | "target" "price"? | "tp"
            | "target" "profit" | "price" "target" | "profit"
?goal: distance | multiple
multiple: NUMBER ("r" | "x" "risk" | "times" "risk")
_reward: "reward" ("to" | "/" | ":")? "risk" | "risk" ("to" | "/" | ":")? "reward"
ratio: NUMBER (":" | "to") NUMBER | NUMBER

size: _put? "risk" sides? _share _for_each sides? cap?         -> risk_size
    | _put? percent "risk" _for_each                          -> risk_size
    | (_invest | _size_word _at?) _share _for_each cap?       -> share_size
    | (_invest "all" "of"? _purse | "all" "in") _for_each     -> full_size
    | (_invest | _size_word _at?) money (_worth market)? _for_each cap? -> money_size
    | (_invest | _size_word _at?) coins _for_each cap?        -> coin_size
    | half_of _for_each cap?                                  -> share_size
    | size "times" "leverage" cap?                              -> levered_size
_share: percent "of"? _purse? | half_of
half_of: "half" "of"? _purse                                   -> half_of
       | "quarter" "of"? _purse                                -> quarter_of
_for_each: _per?
_invest: "invest" | "use" | "put" | "commit" | "allocate" | "spend" | "stake" | "trade" "with" | "bet" | "buy"? "with"
       | "size"
_size_word: _put? ("position" | "trade" | "order")? ("size" | "sizes")
_purse: "equity" | "account" "equity"? | "capital" | "balance" | "portfolio" | "account" "balance" | "money" | "cash"
      | "account" "value"? | "total" "equity"
_per: ("per" | "on" | "for" | "in" | "into" | "every") ("each" | "every")? _trade | "each" "time" | "each" _trade | _trade
    | "per" "position" | "to" "each"? _trade | "at" "time"
cap: ","? ("at" "most" | "max" | "maximum" | "up" "to" | "but" "no" "more" "than" | "no" "more" "than" | "capped" "at") money
amount: NUMBER

leverage: _levered _when truth ","? _else _levered_else       -> leverage_either
        | _levered                                            -> leverage
        | _put? _lever_word _at? "from"? "between"? times ("to" | "and" | "-") times _with_what driver -> leverage_between
        | _put? _lever_word _at? "from" times "at" driver "of"? sum "to" times "at" driver? "of"? sum -> leverage_ramp
        | _put? _limit _lever_word _at? times                   -> most_leverage
        | _put? _lever_word _at? _limit times                   -> most_leverage
        | _put? _limit times _lever_word                        -> most_leverage
        | ("no" _lever_word | "without" _lever_word)            -> no_leverage
_levered: _lever times | _put? times _lever_word
_levered_else: _levered | times
_lever_word: "leverage"
_limit: "max" | "maximum" | "at" "most" | "up" "to" | "no" "more" "than" | "limited" "to" | "capped" "at"
_lever: _put? _lever_word _at?
_else: "else" | "otherwise" | "and" "otherwise" | "or" "else"
_with_what: "with" | "by" | "depending" "on" | "according" "to" | "based" "on" | "on" | "as" | "scaled" "by" | "from"
driver: sum ("falls" | "rises")?
times: NUMBER "x"? | "x" NUMBER | NUMBER "times"

only: _only_trade _when? truth                                -> only
    | "only" "buy" _when? truth                              -> only_long
_only_trade: "trading" "hours" ":"? | "only"? "trade" "only"? | "only" ("enter" | "open" _trade)
           | "trade" "allowed"? "only" | "enter" "only"
never: _never _when? truth                                    -> never
     | (_never_on | _pause) truth                             -> never
     | (_no ("buy" | "buying" | "go" "long") _when? | "stop" "buying") truth -> never_long
_no: "never" | "not" | "no" | "avoid"
_never: _no ("trade" | "enter" | "trading" | "new"? "entries" | "new"? _trade | "entering" | "open" _trade)
_never_on: "avoid" | "skip"
_pause: "wait" | "pause" "trading"? | "stop" ("trading" | "entering") | "cooldown"

setting: ("trade" | "for" | "on" | "market" ":"? | "symbols" ":"? | "symbol" ":"? | "using"? "use"?) market timing? -> setting
       | timing                                               -> setting
       | "timeframe" ":"? timeframe                           -> setting
       | "trade" timing                                       -> setting
market: symbol (("," | "and" | "," "and" | "or" | "/") symbol)* timing?
!symbol: PAIR | "btc" | "bitcoin" | "xbt" | "eth" | "ethereum" | "ether" | "sol" | "solana" | "xrp" | "ada" | "doge" | "ltc" | "dot" | "link" | "avax" | "bnb" | "matic" | "bch"
timing: ("on" | "using" | "at" | "with" | "in")? timeframe _chart
      | ("on" | "using" | "in")  timeframe _chart?
_chart: "chart" | "bar" | "timeframe" | "data"
timeframe: NUMBER ("m" | "min" | "minute" | "minutes")      -> minutes
         | NUMBER ("h" | "hour" | "hours" | "hr")             -> hours
         | NUMBER ("d" | "day" | "days")                      -> days
         | NUMBER ("w" | "week" | "weeks")                    -> weeks
         | ("hourly" | "h")                                   -> hours
         | ("daily" | "d")                                    -> days
         | "weekly"                                           -> weeks
defined: NAME "is" "true" _when truth                         -> condition
"""
GRAMMAR = STATEMENT_GRAMMAR + VALUE_GRAMMAR
